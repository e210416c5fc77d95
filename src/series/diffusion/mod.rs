//! Curves of growth and decline through a whole series: its level is a function of time, not of the last values.
//!
//! All three are least squares with one scale, solved for exactly at each trial of the one or two shape parameters.
//! Forecasts start from the last value: its distance from the curve is carried on and fades as errors faded in the
//! past. Values below 0 are refused, and no distribution reaches below 0.

mod bass;
mod exponential_decline;
mod least_squares;
mod logistic;
mod track;

pub use self::bass::{Bass, FittedBass};
pub use self::exponential_decline::{ExponentialDecline, FittedExponentialDecline};
pub use self::logistic::{FittedLogistic, Logistic};
