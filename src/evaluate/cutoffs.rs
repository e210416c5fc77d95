//! Where a back-test stands when it looks ahead.

use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};

use crate::error::{DataError, ParamError, Result};
use crate::panel::Panel;
use crate::time::Period;

/// The origins of a back-test: at each one the past is known and `horizon` periods are forecast.
///
/// Positions count periods from the first of any series in the panel, so every origin leaves the panel's last
/// `horizon` periods or more to score. Series that start late or end early are scored where they have values.
///
/// # Examples
/// ```
/// use std::num::NonZeroUsize;
/// use credcast::evaluate::Cutoffs;
/// use credcast::{Panel, Period, SeriesKey};
/// let n = |n| NonZeroUsize::new(n).unwrap();
/// let start = Period::month(2023, 1).unwrap();
/// let panel = Panel::from_series("postings", [(SeriesKey::national("nurse"), start, vec![80.0; 24])])?;
/// let origins = Cutoffs::rolling(n(6), n(3), n(3)).origins(&panel)?;
/// assert_eq!(origins.iter().map(ToString::to_string).collect::<Vec<_>>(), ["2023-12", "2024-03", "2024-06"]);
/// # Ok::<(), credcast::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cutoffs {
    horizon: NonZeroUsize,
    rule: Rule,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Rule {
    Rolling { n_origins: NonZeroUsize, step: NonZeroUsize },
    Every { first: NonZeroUsize, step: NonZeroUsize },
    Fixed,
}

impl Cutoffs {
    /// The last `n_origins` origins, `step` periods apart; the newest leaves exactly `horizon` periods to score.
    #[must_use]
    pub fn rolling(horizon: NonZeroUsize, n_origins: NonZeroUsize, step: NonZeroUsize) -> Self {
        Self { horizon, rule: Rule::Rolling { n_origins, step } }
    }

    /// An origin every `step` periods from the one at which `first` periods are known, as long as `horizon` periods
    /// are left to score.
    #[must_use]
    pub fn every(horizon: NonZeroUsize, first: NonZeroUsize, step: NonZeroUsize) -> Self {
        Self { horizon, rule: Rule::Every { first, step } }
    }

    /// One origin, as in forecasting competitions: the end of the training panel of
    /// [`Backtest::run_fixed`](super::Backtest::run_fixed), or the newest that leaves `horizon` periods of a whole
    /// panel.
    #[must_use]
    pub fn fixed(horizon: NonZeroUsize) -> Self {
        Self { horizon, rule: Rule::Fixed }
    }

    /// Number of periods that are forecast from each origin.
    #[must_use]
    pub fn horizon(&self) -> NonZeroUsize {
        self.horizon
    }

    pub(super) fn is_fixed(&self) -> bool {
        self.rule == Rule::Fixed
    }

    /// The last known period of each origin in `panel`, oldest first; at least one.
    ///
    /// # Errors
    /// [`DataError::Empty`] for a panel without series; [`ParamError`] if the panel is too short for what was asked:
    /// it says how many origins are possible.
    pub fn origins(&self, panel: &Panel) -> Result<Vec<Period>> {
        let (Some(start), Some(end)) = (panel.first_period(), panel.last_period()) else {
            return Err(DataError::Empty { what: "the panel to back-test on".into() }.into());
        };
        let n_periods = end.since(start).map_or(0, |distance| usize::try_from(distance).unwrap_or(0) + 1);
        let horizon = self.horizon.get();
        // Number of periods known at the newest origin; at least one must be known.
        let newest = n_periods.saturating_sub(horizon);
        let at = |known: usize| start.plus(i32::try_from(known).unwrap_or(i32::MAX).saturating_sub(1));
        let (first, step, n_origins) = match self.rule {
            Rule::Fixed if newest == 0 => {
                let given = format!("{horizon}, in a panel of {n_periods} periods where 0 origins are possible");
                return Err(ParamError::new("horizon", given, "fewer periods than the panel has").into());
            }
            Rule::Fixed => (newest, 1, 1),
            Rule::Rolling { n_origins, step } => {
                let possible = if newest == 0 { 0 } else { (newest - 1) / step + 1 };
                if n_origins.get() > possible {
                    let given = format!(
                        "{n_origins}, in a panel of {n_periods} periods where {possible} are possible with horizon \
                         {horizon} and step {step}"
                    );
                    return Err(ParamError::new("n_origins", given, "at most the number possible").into());
                }
                (newest - (n_origins.get() - 1) * step.get(), step.get(), n_origins.get())
            }
            Rule::Every { first, step } => {
                let Some(room) = newest.checked_sub(first.get()) else {
                    let given = format!(
                        "{first}, in a panel of {n_periods} periods where 0 origins are possible with horizon {horizon}"
                    );
                    return Err(ParamError::new("first", given, "at most the panel's periods less the horizon").into());
                };
                (first.get(), step.get(), room / step + 1)
            }
        };
        Ok((0..n_origins).map(|i| at(first + i * step)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::SeriesKey;

    fn n(n: usize) -> NonZeroUsize {
        NonZeroUsize::new(n).unwrap()
    }

    /// Steps 0 to 19; the second series ends early and does not decide.
    fn panel() -> Panel {
        let series = [("a", 5, vec![1.0; 15]), ("b", 0, vec![1.0; 10])];
        Panel::from_series("y", series.map(|(k, s, v)| (SeriesKey::national(k), Period::step(s), v))).unwrap()
    }

    fn ordinals(cutoffs: Cutoffs) -> Vec<i32> {
        cutoffs.origins(&panel()).unwrap().iter().map(|p| p.ordinal()).collect()
    }

    #[test]
    fn rolling_origins_end_where_the_horizon_is_left() {
        assert_eq!(ordinals(Cutoffs::rolling(n(6), n(3), n(4))), [5, 9, 13]);
        assert_eq!(ordinals(Cutoffs::rolling(n(19), n(1), n(1))), [0]);
        assert_eq!(ordinals(Cutoffs::fixed(n(6))), [13]);
    }

    #[test]
    fn every_counts_known_periods_as_the_peers_do() {
        // range(12, 20 - 3 + 1, 2) known periods: 12, 14, 16
        assert_eq!(ordinals(Cutoffs::every(n(3), n(12), n(2))), [11, 13, 15]);
        assert_eq!(ordinals(Cutoffs::every(n(3), n(17), n(2))), [16]);
    }

    #[test]
    fn asking_for_too_much_says_what_is_possible() {
        let error = |cutoffs: Cutoffs| cutoffs.origins(&panel()).unwrap_err().to_string();
        assert_eq!(
            error(Cutoffs::rolling(n(6), n(5), n(4))),
            "n_origins = 5, in a panel of 20 periods where 4 are possible with horizon 6 and step 4: \
             allowed is at most the number possible"
        );
        assert_eq!(ordinals(Cutoffs::rolling(n(6), n(4), n(4))).len(), 4);
        assert!(error(Cutoffs::rolling(n(20), n(1), n(1))).contains("where 0 are possible"));
        assert!(error(Cutoffs::every(n(6), n(15), n(1))).contains("0 origins are possible"));
        assert!(error(Cutoffs::fixed(n(20))).contains("0 origins are possible"));
        let none = panel().until(Period::step(-1));
        assert!(Cutoffs::fixed(n(1)).origins(&none).is_err());
    }

    #[test]
    fn absurd_sizes_are_refused_not_overflowed() {
        let huge = NonZeroUsize::MAX;
        for cutoffs in [Cutoffs::rolling(huge, huge, huge), Cutoffs::rolling(n(1), huge, huge)] {
            assert!(cutoffs.origins(&panel()).is_err());
        }
        assert_eq!(ordinals(Cutoffs::every(n(1), n(1), huge)), [0]);
        assert!(Cutoffs::every(huge, huge, huge).origins(&panel()).is_err());
    }
}
