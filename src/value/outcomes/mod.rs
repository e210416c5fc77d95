//! What became of those who left a programme: shares, medians and times, each with its interval.
//!
//! [`OutcomeReport::compute`] takes the measures by group and hides small figures with what would give them away. The parts can be
//! had alone: [`wilson`], [`median_interval`], [`KaplanMeier`]. These hide nothing.

mod attack;
mod cells;
mod fields;
mod interval;
mod measure;
mod pay_growth;
mod shrink;
mod suppress;
#[cfg(test)]
mod suppress_tests;
mod survival;
mod trajectories;

pub use self::fields::{FieldPay, FieldReport, FieldSettings, FieldVerdict};
pub use self::interval::{MedianInterval, median_interval, wilson};
pub use self::measure::Measure;
pub use self::pay_growth::{PayGrowth, PayGrowthReport, SpanGrowth, YearGrowth};
pub use self::survival::{KaplanMeier, SurvivalStep};
pub use self::trajectories::{Flag, MeasureNote, Outcome, OutcomeGroup, OutcomeReport, OutcomeSettings};
