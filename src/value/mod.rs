//! From forecasts to a judgement: demand, pay, alignment, the probability of holding value, and a verdict.

mod alignment;
mod demand;
pub mod effect;
pub mod outcomes;
mod outlook;
mod past_check;
mod pay;
pub mod premium;
mod settings;
pub mod statutory;
mod verdict;
mod view;

pub use self::alignment::{Alignment, AlignmentClass};
pub use self::outlook::{Band, Evidence, HorizonOutlook, Outlook, OutlookReport};
pub use self::past_check::{Happened, PastCheck, PastCheckSummary, Said};
pub use self::settings::OutlookSettings;
pub use self::verdict::Verdict;
