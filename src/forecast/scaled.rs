//! A series as one regression for many sees it, and the way back.

use serde::{Deserialize, Serialize};

/// What the regression learns of each series, before it is divided by the scale of the series.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TargetForm {
    /// The value less the mean of the series: for series that return to their mean.
    Level,
    /// The change from one period to the next.
    #[default]
    Difference,
    /// The change of the logarithm. A series with a value of 0 or below falls back.
    LogDifference,
}

/// A series as the regression sees it, and how to come back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Scaled {
    /// z, one value for each period; its last value belongs to the origin.
    pub(super) z: Vec<f64>,
    /// What is added to `scale * z`: the mean for a level; the value at the origin for differences.
    pub(super) base: f64,
    pub(super) scale: f64,
}

impl Scaled {
    /// `None` with the reason if the form cannot take `y` (present values finite, at least one of them).
    pub(super) fn new(y: &[f64], form: TargetForm) -> Result<Self, &'static str> {
        let logs: Vec<f64>;
        let u = if form == TargetForm::LogDifference {
            if y.iter().any(|&v| v <= 0.0) {
                return Err("a value is not positive, so it has no logarithm");
            }
            logs = y.iter().map(|v| v.ln()).collect();
            &logs
        } else {
            y
        };
        let changes = || u.windows(2).map(|pair| pair[1] - pair[0]);
        let (n, sum) = changes().filter(|c| !c.is_nan()).fold((0_u32, 0.0), |(n, sum), c| (n + 1, sum + c.abs()));
        if n == 0 {
            return Err("no two values follow each other");
        }
        let scale = sum / f64::from(n);
        let size = u.iter().fold(0.0, |size: f64, v| size.max(v.abs()));
        // Changes of the size of rounding errors are none.
        if scale <= 1e-12 * size {
            return Err("it is constant");
        }
        let present = || u.iter().copied().filter(|v| !v.is_nan());
        let base = match form {
            TargetForm::Level => present().sum::<f64>() / present().count() as f64,
            TargetForm::Difference | TargetForm::LogDifference => present().next_back().unwrap_or(f64::NAN),
        };
        let z = match form {
            TargetForm::Level => u.iter().map(|v| (v - base) / scale).collect(),
            TargetForm::Difference | TargetForm::LogDifference => {
                std::iter::once(f64::NAN).chain(changes().map(|change| change / scale)).collect()
            }
        };
        Ok(Self { z, base, scale })
    }

    /// The path for future values of z, on the scale that errors are measured on (logarithms stay logarithms).
    pub(super) fn path(&self, ahead: &[f64], form: TargetForm) -> Vec<f64> {
        let mut level = self.base;
        let step = |z: &f64| {
            let change = self.scale * z;
            match form {
                TargetForm::Level => self.base + change,
                TargetForm::Difference | TargetForm::LogDifference => {
                    level += change;
                    level
                }
            }
        };
        ahead.iter().map(step).collect()
    }
}

impl Scaled {
    /// The same scale (and mean) at a later origin, `y` being the series up to it.
    pub(super) fn extend(&self, y: &[f64], form: TargetForm) -> Option<Self> {
        let now = Self::new(y, form).ok()?;
        let ratio = now.scale / self.scale;
        let (z, base) = match form {
            TargetForm::Level => (y.iter().map(|v| (v - self.base) / self.scale).collect(), self.base),
            TargetForm::Difference | TargetForm::LogDifference => (now.z.iter().map(|z| z * ratio).collect(), now.base),
        };
        Some(Self { z, base, scale: self.scale })
    }
}

impl Scaled {
    /// With the values `new` behind it, on the same scale (and mean), the last `memory` kept; `None` if one of them is missing or has
    /// no logarithm. As [`Scaled::extend`], without the values before.
    pub(super) fn updated(&self, new: &[f64], form: TargetForm, memory: usize) -> Option<Self> {
        let mut next = self.clone();
        for &value in new {
            let u = if form == TargetForm::LogDifference { value.ln() } else { value };
            let z = (u - next.base) / self.scale;
            if !z.is_finite() {
                return None;
            }
            next.z.push(z);
            if form != TargetForm::Level {
                next.base = u;
            }
        }
        next.z.drain(..next.z.len().saturating_sub(memory));
        Some(next)
    }
}

/// Whether the last `reach` values are there.
pub(super) fn ready(z: &[f64], reach: usize) -> bool {
    z.len() >= reach && z[z.len() - reach..].iter().all(|v| v.is_finite())
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    #[test]
    fn new_values_lead_where_the_whole_series_does() {
        let y: Vec<f64> = (0..40).map(|t| 50.0 + f64::from(t) + f64::from(t * t * 7 % 13)).collect();
        for form in [TargetForm::Level, TargetForm::Difference, TargetForm::LogDifference] {
            let fitted = Scaled::new(&y[..30], form).unwrap();
            let (ours, whole) = (fitted.updated(&y[30..], form, 12).unwrap(), fitted.extend(&y, form).unwrap());
            assert_relative_eq!(ours.z[..], whole.z[28..], max_relative = 1e-9, epsilon = 1e-12);
            assert_eq!((ours.base, ours.scale), (whole.base, whole.scale));
            assert!(fitted.updated(&[60.0, f64::NAN], form, 12).is_none());
        }
        let logs = Scaled::new(&y, TargetForm::LogDifference).unwrap();
        assert!(logs.updated(&[0.0], TargetForm::LogDifference, 12).is_none());
    }
}
