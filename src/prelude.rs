//! The traits and the types that every program names.

pub use crate::forecast::{Fitted, Forecaster};
pub use crate::persist::Persist;
pub use crate::series::{FittedSeries, SeriesModel};
pub use crate::{Frequency, Panel, Period, Predictive, Probability, SeriesKey};
