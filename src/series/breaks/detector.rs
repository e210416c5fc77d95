use std::num::NonZeroUsize;

use super::super::{count_present, present};
use super::found::Breaks;
use super::interventions::{Course, Search, course};
use super::prepared::Prepared;
use super::segments::{Changes, segments};
use crate::error::{FitError, ParamError};
use crate::numeric::normal;

/// Fewer values have no breaks.
const NEEDED: usize = 12;
/// Kinds of intervention that are tried at each place.
const TRIED: f64 = 3.0;

/// What a [`BreakDetector`] looks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BreakSearch {
    /// Pulses, transient changes and level shifts, on the errors of a model of the series.
    #[default]
    Interventions,
    /// Segments of another level.
    Level,
    /// Segments of another level or spread.
    LevelAndVariance,
    /// Segments of another slope.
    Slope,
}

/// Finds breaks in one series.
///
/// ```text
/// y[t] = sum over breaks of size * effect[t - position] + season[t] + z[t]
/// (1 - phi B) (1 - B) (z[t] - slope t) = (1 - theta B) e[t]
/// effect of age a >= 0:    level shift 1      transient change decay^a      pulse 1 at a = 0 only
/// ```
/// | Parameter | Default | Allowed | Meaning |
/// |---|---|---|---|
/// | `season` | given | at least 1 | periods per cycle; 1 for no season |
/// | `search` | [`BreakSearch::Interventions`] | | what is looked for |
/// | `log` | no | | look in the logarithm, so that breaks multiply; not for series with a value of 0 or below |
/// | `false_alarms` | 0.01 | in [1e-12, 0.5] | share of unbroken series in which an intervention is found, about |
/// | `decay` | 0.7 | in (0, 1) | what is left of a transient change one period later |
/// | `penalty` | 4; 6 for level and variance | positive | cost of a segment over `ln n` |
/// | `shortest` | 3; 5 for level or slope; 10 for level and variance | at least 2 | values that a level holds for |
///
/// **Interventions.** The season is that of the median differences first, that of the cleaned series by loess from then
/// on (at least 3 cycles, and an autocorrelation of the differences at the season above 1.645 of Bartlett's limit).
/// `phi` and `theta` have least squared errors on differences drawn in to 3 robust standard deviations: the pair spans
/// white noise, stationary and moving levels and random walks with and without momentum, so that what is ordinary for a
/// random walk is no break in it. Candidates enter one by one while the clearest size over its standard error exceeds
/// `z(1 - false_alarms / (6 n))`, sizes then are joint least squares estimates, and those below the limit leave again;
/// all of it up to 4 times. The spread of the errors is robust: a median size, then a cut at 2.5 of it. Changes of
/// level have at least 6 values before them and `shortest` from them on, pulses 1 on either side: at the end of a
/// series a pulse and a shift are one and the same. At most one break for 8 values, and 40.
///
/// **Segments.** Least sum of cost and penalties over all segmentations, found exactly by PELT: squares over a robust
/// variance of the noise, or `n ln v + n`. The errors may be an AR(1), whose weight comes from median changes over one
/// and two periods and is taken out first; for slopes the series is that of the differences. Cuts stand only if they
/// explain the series better, by likelihood and penalty, than the line with ARIMA(1,1,1) errors above: a random walk, a
/// trend or a moving level is not cut into pieces.
///
/// Share of 1,000 simulated series in which anything is found, at the defaults (the command is `cargo test --release
/// --test series -- --ignored --nocapture false_alarms`):
///
/// | per cent of series, interventions | n = 36 | 60 | 120 | 300 | most of level, level and variance, slope |
/// |---|---|---|---|---|---|
/// | white noise | 2.6 | 1.9 | 0.7 | 0.7 | 0.2, 0.1, 0.0 |
/// | white noise, t(5) | 23.3 | 33.2 | 50.4 | 75.7 | 0.6, 2.6, 0.0 |
/// | AR(1) 0.7 | 2.5 | 2.6 | 1.4 | 0.9 | 0.9, 0.2, 0.1 |
/// | AR(1) 0.95 | 3.3 | 2.0 | 0.9 | 0.9 | 2.1, 0.3, 0.4 |
/// | random walk | 3.1 | 2.3 | 1.6 | 1.1 | 2.0, 0.3, 0.8 |
/// | random walk with drift | 3.1 | 2.2 | 1.6 | 1.1 | 0.8, 0.2, 0.8 |
/// | random walk with momentum 0.6 | 0.8 | 0.7 | 0.7 | 1.0 | 2.9, 0.4, 2.0 |
/// | level moving by 0.3 | 2.2 | 1.4 | 1.0 | 1.1 | 3.6, 0.4, 0.0 |
/// | season + line | 1.8 | 3.7 | 1.2 | 1.0 | 0.1, 0.2, 0.0 |
/// | season + AR(1) 0.7 | 1.6 | 5.0 | 2.4 | 1.4 | 0.2, 0.3, 0.0 |
/// | season + random walk | 3.2 | 6.5 | 3.4 | 1.9 | 1.2, 0.5, 0.6 |
///
/// With few cycles the season takes part of the noise with it, so that 60 values give more alarms than asked for. The
/// outliers of heavy tails are found, as they are outliers.
/// Missing values: bridged by lines; nothing starts at one, their errors do not count, and a shift across a gap of `g`
/// shows as `g + 1` smaller ones. Needs 12 values; a shorter series has no breaks. Interventions: O(n) for each candidate
/// that enters, O(n k^2 + k^3) for k of them and O(n) for each of some 100 weights, up to 4 times. Segments: O(n) on
/// average where the number of breaks grows with the series, O(n^2) at most.
/// Differs from R `tsoutliers`: no innovational outliers, one family of models instead of an order chosen by AICc, and a
/// limit that follows from the length. Differs from ruptures `Pelt`: pruned starts are kept until a segment of
/// `shortest` values may end, as the least cost may need them (on the 50 segmentations compared it does not).
/// Sources: Chen & Liu (1993), "Joint estimation of model parameters and outlier effects in time series", JASA 88;
/// Killick, Fearnhead & Eckley (2012), "Optimal detection of changepoints with a linear computational cost", JASA 107;
/// Zhang & Siegmund (2007), "A modified Bayes information criterion with applications to the analysis of comparative
/// genomic hybridization data", Biometrics 63 (a penalty of 3 ln n); Chakar, Lebarbier, Levy-Leduc & Robin (2017), "A
/// robust approach for estimating change-points in the mean of an AR(1) process", Bernoulli 23.
///
/// # Examples
/// ```
/// use credcast::series::{BreakDetector, BreakKind};
/// let y: Vec<f64> = (0..40).map(|t| f64::from(t * t * 7 % 13) + if t < 25 { 0.0 } else { 40.0 }).collect();
/// let breaks = BreakDetector::new(1.try_into()?).detect(&y)?;
/// assert_eq!(breaks.found().len(), 1);
/// assert_eq!((breaks.found()[0].position(), breaks.found()[0].kind()), (25, BreakKind::LevelShift));
/// assert!((breaks.found()[0].size() - 40.0).abs() < 4.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BreakDetector {
    season: NonZeroUsize,
    search: BreakSearch,
    false_alarms: f64,
    penalty: f64,
    shortest: usize,
    decay: f64,
    log: bool,
}

/// Settings of [`BreakDetector`], checked by [`BreakDetectorParams::build`].
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct BreakDetectorParams {
    season: NonZeroUsize,
    search: BreakSearch,
    false_alarms: f64,
    penalty: Option<f64>,
    shortest: Option<usize>,
    decay: f64,
    log: bool,
}

impl BreakDetector {
    /// Interventions in a series with cycles of `season` periods; 1 for a series without season.
    #[must_use]
    pub fn new(season: NonZeroUsize) -> Self {
        Self::params(season).assembled()
    }

    /// Starts from the defaults.
    pub fn params(season: NonZeroUsize) -> BreakDetectorParams {
        BreakDetectorParams {
            season,
            search: BreakSearch::default(),
            false_alarms: 0.01,
            penalty: None,
            shortest: None,
            decay: 0.7,
            log: false,
        }
    }

    /// Periods per cycle.
    #[must_use]
    pub fn season(&self) -> NonZeroUsize {
        self.season
    }

    /// What is left of a transient change one period later.
    #[must_use]
    pub fn decay(&self) -> f64 {
        self.decay
    }

    /// Whether breaks are looked for in the logarithm.
    #[must_use]
    pub fn log(&self) -> bool {
        self.log
    }

    /// The breaks of `y`, oldest value first; NaN is missing.
    ///
    /// # Errors
    /// [`FitError`] if a value is infinite or above 1e150 in size. A series that is too short has no breaks.
    pub fn detect(&self, y: &[f64]) -> Result<Breaks, FitError> {
        count_present(y, 0)?;
        Ok(self.find(y).unwrap_or_default())
    }

    fn find(&self, y: &[f64]) -> Option<Breaks> {
        let log = self.log && present(y).all(|(_, value)| value > 0.0);
        let prepared = Prepared::new(y, log, NEEDED)?;
        let season = self.season.get();
        let changes = match self.search {
            BreakSearch::Interventions => {
                let search =
                    Search { season, decay: self.decay, limit: self.limit(prepared.found), shortest: self.shortest };
                let Course { sigma, breaks } = course(&prepared, &search);
                return Some(Breaks { found: breaks, sigma: sigma * prepared.unit, log });
            }
            BreakSearch::Level => Changes::Level,
            BreakSearch::LevelAndVariance => Changes::LevelAndVariance,
            BreakSearch::Slope => Changes::Slope,
        };
        let none = vec![0.0; prepared.z.len()];
        let taken = prepared.first_season(season).unwrap_or(none);
        let (found, sigma) = segments(&prepared, &prepared.without(&taken), changes, self.shortest, self.penalty);
        Some(Breaks { found, sigma, log })
    }

    /// Size over standard error that is a break among `n` values.
    fn limit(&self, n: usize) -> f64 {
        -normal::quantile(self.false_alarms / (2.0 * TRIED * n as f64))
    }
}

impl BreakDetectorParams {
    /// Sets what is looked for.
    pub fn search(mut self, search: BreakSearch) -> Self {
        self.search = search;
        self
    }

    /// Sets the share of series without interventions in which one is found.
    pub fn false_alarms(mut self, share: f64) -> Self {
        self.false_alarms = share;
        self
    }

    /// Sets what a further segment costs, in units of the logarithm of the number of values.
    pub fn penalty(mut self, penalty: f64) -> Self {
        self.penalty = Some(penalty);
        self
    }

    /// Sets how many values a level, slope or variance holds for at least.
    pub fn shortest(mut self, values: usize) -> Self {
        self.shortest = Some(values);
        self
    }

    /// Sets what is left of a transient change one period later.
    pub fn decay(mut self, decay: f64) -> Self {
        self.decay = decay;
        self
    }

    /// Sets whether breaks are looked for in the logarithm, so that they multiply.
    pub fn log(mut self, log: bool) -> Self {
        self.log = log;
        self
    }

    /// Checks the settings.
    ///
    /// # Errors
    /// [`ParamError`] for the first setting outside its range.
    pub fn build(self) -> Result<BreakDetector, ParamError> {
        let Self { season: _, search: _, false_alarms, penalty, shortest, decay, log: _ } = self;
        if !(1e-12..=0.5).contains(&false_alarms) {
            return Err(ParamError::new("false_alarms", false_alarms, "in [1e-12, 0.5]"));
        }
        if let Some(penalty) = penalty.filter(|penalty| !(*penalty > 0.0 && penalty.is_finite())) {
            return Err(ParamError::new("penalty", penalty, "positive"));
        }
        if let Some(shortest) = shortest.filter(|shortest| *shortest < 2) {
            return Err(ParamError::new("shortest", shortest, "at least 2"));
        }
        if !(decay > 0.0 && decay < 1.0) {
            return Err(ParamError::new("decay", decay, "in (0, 1)"));
        }
        Ok(self.assembled())
    }

    /// The detector, with the defaults of the search where nothing is set.
    fn assembled(self) -> BreakDetector {
        let Self { season, search, false_alarms, penalty, shortest, decay, log } = self;
        let (usual_penalty, usual_shortest) = match search {
            BreakSearch::Interventions => (0.0, 3),
            BreakSearch::Level | BreakSearch::Slope => (4.0, 5),
            BreakSearch::LevelAndVariance => (6.0, 10),
        };
        let (penalty, shortest) = (penalty.unwrap_or(usual_penalty), shortest.unwrap_or(usual_shortest));
        BreakDetector { season, search, false_alarms, penalty, shortest, decay, log }
    }
}
