//! Exponential smoothing in state space form, ETS: every form that R `ets()` admits, one at a time or chosen.

mod auto;
mod candidates;
mod descent;
mod fitted;
mod form;
mod model;
mod paths;
mod prepared;
mod problem;
mod spread;
mod step;
mod weights;

pub use self::auto::{AutoEts, EtsCriterion, FittedAutoEts};
pub use self::fitted::FittedEts;
pub use self::form::{EtsForm, EtsSeason, EtsTrend};
pub use self::model::{Ets, EtsParams};

/// Longest season of a seasonal form, as in R `ets()`.
const LONGEST_SEASON: usize = 24;
/// Missing values at the end beyond these add no more to the spread of forecasts that have to be walked to.
const LONGEST_WALK: usize = 2_000;
