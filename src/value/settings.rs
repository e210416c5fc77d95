//! What "holds value" means, printed beside every answer.

use serde::{Deserialize, Serialize};

use crate::error::ParamError;

/// The numbers behind `P(holds value)` and the verdicts.
///
/// A certificate holds value at horizon `h` if
/// `share[t+h] >= (1 - delta) share[t]  and  ln(pay[t+h] / benchmark) >= pi  and  jobs[t+h] >= n_jobs`.
///
/// | Field | Default | Allowed | Meaning |
/// |---|---|---|---|
/// | `delta` | 0.1 | in [0, 1) | loss of share that still counts as holding |
/// | `pi` | 0.1 | finite | log pay above the benchmark that is asked for |
/// | `n_jobs` | 100 | at least 0, finite | jobs in the linked occupations of the region |
/// | `horizons_months` | 12, 24, 36, 48 | 1 to 120, ascending | months ahead |
/// | `decision_months` | 36 | one of the horizons | the horizon that the verdict is taken at |
/// | `hold_at` | 0.6 | in (`phase_out_at`, 1] | probability from which a certificate is held |
/// | `grow_at` | 0.75 | in [0, 1] | probability of a larger share from which a held one grows |
/// | `phase_out_at` | 0.2 | in [0, 1) | probability at or below which it is phased out |
/// | `widest_band` | 4 | above 1 | p90 / p10 of the share beyond which nothing can be told |
/// | `floor_ratio` | 0.73 | above 0, finite | benchmark as a share of all occupations' median, where a market has no earnings of high-school graduates |
///
/// The default floor is 36,082 / 49,500: the Scorecard's national high-school benchmark (release 2026-06-10) over the
/// median of all occupations in OEWS May 2024.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OutlookSettings {
    /// Loss of share that still counts as holding.
    pub delta: f64,
    /// Log pay above the benchmark that is asked for.
    pub pi: f64,
    /// Jobs in the linked occupations of the region.
    pub n_jobs: f64,
    /// Months ahead, ascending.
    pub horizons_months: Vec<u16>,
    /// The horizon that the verdict is taken at.
    pub decision_months: u16,
    /// Probability from which a certificate is held.
    pub hold_at: f64,
    /// Probability of a larger share from which a held one grows.
    pub grow_at: f64,
    /// Probability at or below which it is phased out.
    pub phase_out_at: f64,
    /// p90 / p10 of the share beyond which nothing can be told.
    pub widest_band: f64,
    /// Benchmark as a share of all occupations' median, where earnings of high-school graduates are not in the market.
    pub floor_ratio: f64,
}

impl Default for OutlookSettings {
    fn default() -> Self {
        Self {
            delta: 0.1,
            pi: 0.1,
            n_jobs: 100.0,
            horizons_months: vec![12, 24, 36, 48],
            decision_months: 36,
            hold_at: 0.6,
            grow_at: 0.75,
            phase_out_at: 0.2,
            widest_band: 4.0,
            floor_ratio: 0.73,
        }
    }
}

impl OutlookSettings {
    /// Checks every field against its range.
    ///
    /// # Errors
    /// [`ParamError`] for the first field outside it.
    pub fn check(&self) -> Result<(), ParamError> {
        let Self {
            delta,
            pi,
            n_jobs,
            horizons_months,
            decision_months,
            hold_at,
            grow_at,
            phase_out_at,
            widest_band,
            floor_ratio,
        } = self;
        let rule = |legal: bool, name, value: &dyn ToString, allowed| {
            if legal { Ok(()) } else { Err(ParamError { name, value: value.to_string(), allowed }) }
        };
        rule((0.0..1.0).contains(delta), "delta", delta, "in [0, 1)")?;
        rule(pi.is_finite(), "pi", pi, "finite")?;
        rule(n_jobs.is_finite() && *n_jobs >= 0.0, "n_jobs", n_jobs, "at least 0 and finite")?;
        let legal = !horizons_months.is_empty()
            && horizons_months.iter().all(|h| (1..=120).contains(h))
            && horizons_months.windows(2).all(|w| w[0] < w[1]);
        rule(legal, "horizons", &format!("{horizons_months:?}"), "ascending months from 1 to 120")?;
        rule(horizons_months.contains(decision_months), "decision_months", decision_months, "one of the horizons")?;
        rule((0.0..1.0).contains(phase_out_at), "phase_out_at", phase_out_at, "in [0, 1)")?;
        rule(*hold_at > *phase_out_at && *hold_at <= 1.0, "hold_at", hold_at, "in (phase_out_at, 1]")?;
        rule((0.0..=1.0).contains(grow_at), "grow_at", grow_at, "in [0, 1]")?;
        rule(*widest_band > 1.0, "widest_band", widest_band, "above 1")?;
        rule(*floor_ratio > 0.0 && floor_ratio.is_finite(), "floor_ratio", floor_ratio, "above 0 and finite")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_field_is_checked_at_both_ends_and_for_nan() {
        type Change = fn(&mut OutlookSettings);
        let illegal: [(&str, Change); 10] = [
            ("delta", |s| s.delta = 1.0),
            ("delta", |s| s.delta = f64::NAN),
            ("pi", |s| s.pi = f64::INFINITY),
            ("n_jobs", |s| s.n_jobs = -1.0),
            ("horizons", |s| s.horizons_months = vec![24, 12]),
            ("horizons", |s| s.horizons_months = vec![0, 36]),
            ("decision_months", |s| s.decision_months = 13),
            ("hold_at", |s| s.hold_at = 0.2),
            ("widest_band", |s| s.widest_band = f64::NAN),
            ("floor_ratio", |s| s.floor_ratio = 0.0),
        ];
        for (name, change) in illegal {
            let mut settings = OutlookSettings::default();
            change(&mut settings);
            assert_eq!(settings.check().unwrap_err().name, name);
        }
        assert_eq!(OutlookSettings::default().check(), Ok(()));
    }
}
