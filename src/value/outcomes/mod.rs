//! What became of those who left a programme: shares, medians and times, each with its interval.

mod interval;

pub use self::interval::{MedianInterval, median_interval, wilson};
