//! Time until something happens, when some are watched for too short a time to see it.

use crate::error::FitError;
use crate::numeric::normal;

/// One time at which the curve falls.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SurvivalStep {
    /// The time.
    pub time: f64,
    /// Those still without the event just before.
    pub at_risk: usize,
    /// Events at this time.
    pub events: usize,
    /// The share without the event from this time on.
    pub survival: f64,
    /// Its standard error; `None` where nobody is left.
    pub standard_error: Option<f64>,
    /// Its interval; `None` where nobody is left.
    pub interval: Option<(f64, f64)>,
}

/// The product-limit estimate of the share that an event has not reached yet.
///
/// ```text
/// S(t) = prod (1 - d_i / n_i)     Var S(t) = S(t)^2 sum d_i / (n_i (n_i - d_i))     (Greenwood)
/// interval: S^exp(+-z s),  s = sqrt(sum d_i / (n_i (n_i - d_i))) / ln S             (log-log)
/// ```
///
/// Events at the time of a censoring come before it. Sources: Kaplan & Meier (1958), JASA 53, 457-481; Kalbfleisch & Prentice (2002), *The
/// Statistical Analysis of Failure Time Data*, 2nd ed., 1.4; for the median Brookmeyer & Crowley (1982), Biometrics 38, 29-41.
///
/// # Examples
/// ```
/// use credcast::value::outcomes::KaplanMeier;
/// // Five people: jobs after 10, 30 and 30 days; two were watched for 20 and 40 days in vain.
/// let curve = KaplanMeier::fit(&[10.0, 20.0, 30.0, 30.0, 40.0], &[true, false, true, true, false], 0.95)?;
/// assert_eq!(curve.median(), Some(30.0));
/// assert!((curve.survival_at(30.0) - 0.8 / 3.0).abs() < 1e-12);
/// # Ok::<(), credcast::FitError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct KaplanMeier {
    steps: Vec<SurvivalStep>,
    n: usize,
    events: usize,
}

impl KaplanMeier {
    /// Estimates the curve: `times` until the event where `observed`, until the end of watching where not. Intervals at `level`.
    /// O(n log n).
    ///
    /// # Errors
    /// [`FitError::TooShort`] without any time, or with flags of another number; [`FitError::NotFinite`] for a time that is not finite;
    /// [`FitError::Design`] for a negative time or a level outside (0, 1).
    pub fn fit(times: &[f64], observed: &[bool], level: f64) -> Result<Self, FitError> {
        if times.is_empty() || observed.len() != times.len() {
            return Err(FitError::TooShort { needed: times.len().max(1), found: observed.len().min(times.len()) });
        }
        if let Some(position) = times.iter().position(|time| !time.is_finite()) {
            return Err(FitError::NotFinite { position, value: times[position] });
        }
        if let Some(position) = times.iter().position(|time| *time < 0.0) {
            return Err(FitError::Design {
                detail: format!("the time {} at position {position} is negative", times[position]),
            });
        }
        if !(level > 0.0 && level < 1.0) {
            return Err(FitError::Design { detail: format!("the level {level} is not between 0 and 1") });
        }
        let z = normal::quantile(0.5 + level / 2.0);
        let mut rows: Vec<(f64, bool)> = times.iter().copied().zip(observed.iter().copied()).collect();
        rows.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let mut steps = Vec::new();
        let (mut survival, mut sum, mut at_risk) = (1.0, 0.0, rows.len());
        for tied in rows.chunk_by(|a, b| a.0 >= b.0) {
            let events = tied.iter().filter(|(_, event)| *event).count();
            if events > 0 {
                let left = at_risk - events;
                survival *= left as f64 / at_risk as f64;
                let last = left == 0;
                if !last {
                    sum += events as f64 / (at_risk as f64 * left as f64);
                }
                let power = z * sum.sqrt() / f64::ln(survival);
                steps.push(SurvivalStep {
                    time: tied[0].0,
                    at_risk,
                    events,
                    survival,
                    standard_error: (!last).then(|| survival * sum.sqrt()),
                    // The logarithm is negative: the first power is the larger.
                    interval: (!last).then(|| (survival.powf((-power).exp()), survival.powf(power.exp()))),
                });
            }
            at_risk -= tied.len();
        }
        let events = observed.iter().filter(|event| **event).count();
        Ok(Self { steps, n: rows.len(), events })
    }

    /// Every time at which the curve falls, ascending. Each is the time of single persons: suppress small numbers before you print it.
    #[must_use]
    pub fn steps(&self) -> &[SurvivalStep] {
        &self.steps
    }

    /// Persons.
    #[must_use]
    pub fn n(&self) -> usize {
        self.n
    }

    /// Persons whose event was seen.
    #[must_use]
    pub fn events(&self) -> usize {
        self.events
    }

    /// The last step up to `time`; `None` before the first.
    #[must_use]
    pub fn step_at(&self, time: f64) -> Option<&SurvivalStep> {
        self.steps[..self.steps.partition_point(|step| step.time <= time)].last()
    }

    /// The share without the event at `time`. Beyond the last time watched it is what it was there.
    #[must_use]
    pub fn survival_at(&self, time: f64) -> f64 {
        self.step_at(time).map_or(1.0, |step| step.survival)
    }

    /// The first time at which no more than half are without the event; `None` if that is not reached.
    #[must_use]
    pub fn median(&self) -> Option<f64> {
        // Half up to rounding of the product, as 0.5000000000000001 is half.
        self.first(|step| step.survival <= 0.5 * (1.0 + 1e-12))
    }

    /// The interval of the median: the first times at which the lower and the upper limit of the curve are at most a half; an end that
    /// is not reached is `None`.
    #[must_use]
    pub fn median_interval(&self) -> (Option<f64>, Option<f64>) {
        let low = self.first(|step| step.interval.is_none_or(|(low, _)| low <= 0.5));
        let high = self.first(|step| step.interval.is_some_and(|(_, high)| high <= 0.5));
        (low, high)
    }

    fn first(&self, holds: impl Fn(&SurvivalStep) -> bool) -> Option<f64> {
        self.steps.iter().find(|step| holds(step)).map(|step| step.time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_seen_and_everything_seen_at_once() {
        let none = KaplanMeier::fit(&[5.0, 7.0], &[false, false], 0.95).unwrap();
        assert_eq!((none.survival_at(9.0), none.median(), none.median_interval()), (1.0, None, (None, None)));
        let all = KaplanMeier::fit(&[0.0, 0.0, 0.0], &[true; 3], 0.95).unwrap();
        assert_eq!((all.survival_at(0.0), all.median(), all.median_interval()), (0.0, Some(0.0), (Some(0.0), None)));
        assert_eq!((all.steps()[0].standard_error, all.steps()[0].interval), (None, None));
    }

    #[test]
    fn events_come_before_censorings_at_the_same_time() {
        let curve = KaplanMeier::fit(&[1.0, 1.0, 2.0], &[false, true, true], 0.95).unwrap();
        assert_eq!((curve.steps()[0].at_risk, curve.steps()[1].at_risk), (3, 1));
    }

    #[test]
    fn limits_surround_the_curve() {
        let times: Vec<f64> = (0..40).map(|i| f64::from(i * 7 % 23)).collect();
        let observed: Vec<bool> = (0..40).map(|i| i % 3 != 0).collect();
        for step in KaplanMeier::fit(&times, &observed, 0.95).unwrap().steps() {
            if let Some((low, high)) = step.interval {
                assert!(0.0 <= low && low < step.survival && step.survival < high && high <= 1.0, "{step:?}");
            }
        }
    }

    #[test]
    fn bad_input_is_refused() {
        assert!(KaplanMeier::fit(&[], &[], 0.95).is_err());
        assert!(KaplanMeier::fit(&[1.0], &[], 0.95).is_err());
        assert!(KaplanMeier::fit(&[f64::NAN], &[true], 0.95).is_err());
        assert!(KaplanMeier::fit(&[f64::INFINITY], &[true], 0.95).is_err());
        assert!(KaplanMeier::fit(&[-1.0], &[true], 0.95).is_err());
        assert!(KaplanMeier::fit(&[1.0], &[true], 1.0).is_err());
    }
}
