//! The features of a panel, and how far they look back.

use super::seen::Seen;
use super::{OnFeatures, TARGET};
use crate::error::{DataError, ParamError, Result};
use crate::feature::{self, FeaturePipeline, FittedPipeline, Lag, MonthOfYear, QuarterOfYear};
use crate::key::SeriesKey;
use crate::panel::Panel;
use crate::regression::Regressor;
use crate::time::{Frequency, Period};

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
        let panel = Panel::from_series(TARGET, [(first.key.clone(), first.period(0), first.y.to_vec())])?;
        let probe = recipe.fit(&panel)?;
        let allowed = "features of a finite memory: no expanding, ewm, since, intermittency or age";
        let reach =
            probe.memory().ok_or_else(|| ParamError::new("features", format!("{:?}", self.features), allowed))?;
        refuse_present(&probe, first, reach)?;
        ends_together(&probe, seen.iter().map(|series| (series.key, series.end)))?;
        Ok(reach)
    }
}

/// Refuses series that do not all end in the same period where a feature compares them.
pub(super) fn ends_together<'a>(
    pipeline: &FittedPipeline,
    mut ends: impl Iterator<Item = (&'a SeriesKey, Period)>,
) -> Result<(), DataError> {
    let Some((_, first)) = ends.next().filter(|_| pipeline.looks_across()) else { return Ok(()) };
    match ends.find(|(_, end)| *end != first) {
        Some((key, end)) => {
            let detail = format!("it ends in {end} and others in {first}, but a feature compares series");
            Err(DataError::Series { key: key.clone(), detail })
        }
        None => Ok(()),
    }
}

/// Refuses a feature of the period to forecast: one that changes when the last value of a made-up series goes missing.
fn refuse_present(probe: &FittedPipeline, first: &Seen<'_>, reach: usize) -> Result<()> {
    let mut y: Vec<f64> = (0..reach + 2).map(|t| 1.0 + (t * 7919 % 101) as f64).collect();
    let last_row = |y: &[f64]| -> Result<Vec<f64>> {
        let start = first.end.plus(-i32::try_from(y.len()).unwrap_or(i32::MAX));
        let matrix = probe.transform(&Panel::from_series(TARGET, [(first.key.clone(), start, y.to_vec())])?)?;
        Ok(matrix.view().row(y.len() - 1).to_vec())
    };
    let known = last_row(&y)?;
    y[reach + 1] = f64::NAN;
    let unknown = last_row(&y)?;
    let differs = |(a, b): &(&f64, &f64)| a.to_bits() != b.to_bits() && !(a.is_nan() && b.is_nan());
    match known.iter().zip(&unknown).position(|pair| differs(&pair)) {
        Some(column) => {
            let allowed = "features of earlier periods or of the calendar: this one looks at the value to forecast";
            Err(ParamError::new("features", &probe.columns()[column], allowed).into())
        }
        None => Ok(()),
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
