//! Breaks in a series: where it jumped, bent or changed its spread, and models that do not average through them.

mod aware;
mod detector;
mod found;
mod interventions;
mod prepared;
mod scan;
mod segments;
mod treatment;
mod whitening;

pub use self::aware::{BreakAware, BreakAwareParams, BreakTreatment, FittedBreakAware};
pub use self::detector::{BreakDetector, BreakDetectorParams, BreakSearch};
pub use self::found::{Break, BreakKind, Breaks};
