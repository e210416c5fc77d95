//! What is checked of a regression that was read from a file.

use super::fitted::{FittedOnFeatures, State};
use super::learn::Core;
use crate::error::PersistError;
use crate::forecast::checks::{check_fallbacks, check_series, one_each};
use crate::forecast::scaled::Scaled;
use crate::persist::Persist;
use crate::regression::FittedRegressor;
use crate::series::FittedSeries;

impl<F: FittedRegressor + Persist> Persist for FittedOnFeatures<F> {
    const KIND: &'static str = "on_features";
    /// 2: the nodes of a forest know how many rows came by. Format 1 is read.
    const FORMAT: u32 = 2;

    fn revalidate(self) -> Result<Self, PersistError> {
        let invalid = |detail: String| PersistError::Invalid { detail };
        if self.regressor != F::KIND {
            return Err(invalid(format!("the regression is {}, {} was expected", self.regressor, F::KIND)));
        }
        let n = self.keys.len();
        check_series(self.frequency(), &self.keys, &self.origins)?;
        one_each(n, self.counts.len(), "supports")?;
        one_each(n, self.states.len(), "states")?;
        check_fallbacks(&self.keys, &self.fallbacks)?;
        let legal = |state: &State| match state {
            State::Scaled(Scaled { z, base, scale }) => {
                base.is_finite() && *scale > 0.0 && scale.is_finite() && z.iter().all(|v| v.is_finite())
            }
            State::Naive(naive) => naive.check().is_ok(),
        };
        if let Some(place) = self.states.iter().position(|state| !legal(state)) {
            return Err(invalid(format!("series {}: a number that no fit gives", self.keys[place])));
        }
        if !self.widths.legal() {
            return Err(invalid("half-widths that do not ascend".into()));
        }
        let core = match self.core {
            Some(core) if core.range.0 <= core.range.1 && core.drift.is_finite() => {
                Some(Core { fitted: core.fitted.revalidate()?, ..core })
            }
            Some(_) => return Err(invalid("a range of targets that is none".into())),
            None => None,
        };
        let memory = core.as_ref().and_then(|core| core.pipeline.memory()).unwrap_or(0);
        let takes_missing = core.as_ref().is_some_and(|core| core.fitted.takes_missing());
        let needed = if takes_missing { memory.min(1) } else { memory };
        let short = |state: &State| matches!(state, State::Scaled(scaled) if scaled.z.len() < needed);
        if let Some(place) = self.states.iter().position(short) {
            return Err(invalid(format!("series {}: fewer values than the features look back", self.keys[place])));
        }
        if core.is_none() && self.states.iter().any(|state| matches!(state, State::Scaled(_))) {
            return Err(invalid("a series that needs a regression, and none is there".into()));
        }
        Ok(Self { core, ..self })
    }
}
