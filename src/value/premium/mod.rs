//! What certificates go with in pay: premia with and without the effects of occupations, what missing pay, chance and bundles do to
//! them, and where they go over time.

mod bundle;
mod by_period;
mod columns;
mod data;
mod estimate;
mod mixed;
mod path;
mod report;
mod sample;
mod selection;
mod settings;
mod shrinkage;
mod soft_skill;

pub use self::bundle::{Bundle, Bundles};
pub use self::columns::{CertificateColumns, PayColumns, PremiumColumns};
pub use self::data::PremiumData;
pub use self::estimate::PremiumEstimate;
pub use self::path::{PathEstimates, PathLevel, PremiumPath};
pub use self::report::{CertificatePremium, PathAhead, PathPoint, PremiumDiagnostics, PremiumReport};
pub use self::selection::WeightSummary;
pub use self::settings::PremiumSettings;
pub use self::shrinkage::{Heterogeneity, Shrinkage, ShrunkEstimate, false_discovery};
pub use self::soft_skill::SoftSkillPremium;
