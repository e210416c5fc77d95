//! How good forecasts were on the past, and whether a difference between models is more than chance.

mod backtest;
mod calibration;
mod clock;
mod cutoffs;
pub mod metrics;
mod scores;
mod significance;

pub use self::backtest::Backtest;
pub use self::calibration::{Calibration, ReliabilityBin};
pub use self::clock::cpu_seconds_of_stat;
pub use self::cutoffs::Cutoffs;
pub use self::scores::{LeftOut, Measure, ScoreRow, Scores, WindowScores};
pub use self::significance::{Comparison, DieboldMariano, diebold_mariano, paired_bootstrap};
