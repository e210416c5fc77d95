//! The features of a panel, and how far they look back.

use super::seen::Seen;
use super::{OnFeatures, TARGET};
use crate::error::{DataError, ParamError, Result};
use crate::feature::{self, FeaturePipeline, Lag, MonthOfYear, QuarterOfYear};
use crate::panel::Panel;
use crate::regression::Regressor;
use crate::time::Frequency;

impl<R: Regressor> OnFeatures<R> {
    pub(super) fn pipeline(
        &self,
        frequency: Frequency,
        lags: &[usize],
        median_length: usize,
    ) -> Result<FeaturePipeline> {
        let pipeline = FeaturePipeline::new().then(Lag::of(lags.iter().copied())?);
        // With fewer than two years, most months were seen once: what they were like is what happened then.
        let calendar = self.calendar.unwrap_or(median_length >= 2 * frequency.season());
        let mut pipeline = match frequency {
            Frequency::Daily | Frequency::Weekly | Frequency::Monthly if calendar => {
                pipeline.then(MonthOfYear::one_hot())
            }
            Frequency::Quarterly if calendar => pipeline.then(QuarterOfYear::one_hot()),
            _ => pipeline,
        };
        for form in &self.features {
            pipeline = pipeline.then(feature::parse(form)?);
        }
        Ok(pipeline)
    }

    /// How many values of each series the features look back on.
    pub(super) fn reach(&self, recipe: &FeaturePipeline, seen: &[Seen<'_>]) -> Result<usize> {
        let Some(first) = seen.first() else { return Ok(0) };
        let panel = Panel::from_series(TARGET, [(first.key.clone(), first.period(0), first.y.clone())])?;
        let probe = recipe.fit(&panel)?;
        let allowed = "features of a finite memory: no expanding, ewm, since, intermittency or age";
        let reach =
            probe.memory().ok_or_else(|| ParamError::new("features", format!("{:?}", self.features), allowed))?;
        let other = seen.iter().find(|series| probe.looks_across() && series.end != first.end);
        if let Some(other) = other {
            let detail = format!("it ends in {} and others in {}, but a feature compares series", other.end, first.end);
            return Err(DataError::Series { key: other.key.clone(), detail }.into());
        }
        Ok(reach)
    }
}

pub(super) fn default_lags(frequency: Frequency, median_length: usize) -> Vec<usize> {
    let usual: &[usize] = match frequency {
        Frequency::Step | Frequency::Monthly => &[1, 2, 3, 6, 12],
        Frequency::Daily => &[1, 2, 3, 7, 14, 28],
        Frequency::Weekly => &[1, 2, 3, 6, 12, 52],
        Frequency::Quarterly => &[1, 2, 4, 8],
        Frequency::Yearly => &[1, 2],
    };
    usual.iter().copied().filter(|&lag| lag == 1 || lag <= median_length / 3).collect()
}
