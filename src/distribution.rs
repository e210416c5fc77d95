//! Forecasts as distributions: points, intervals and scores are derived from them.

use serde::{Deserialize, Serialize};

use crate::error::ParamError;
use crate::numeric::normal;

/// A number in [0, 1]: a probability, a quantile level or a coverage.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Probability(f64);

impl Probability {
    /// Checks that `value` lies in [0, 1].
    ///
    /// # Errors
    /// [`ParamError`] otherwise, NaN included.
    pub fn new(value: f64) -> Result<Self, ParamError> {
        if (0.0..=1.0).contains(&value) {
            Ok(Self(value))
        } else {
            Err(ParamError::new("probability", value, "in [0, 1]"))
        }
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> f64 {
        self.0
    }
}

impl TryFrom<f64> for Probability {
    type Error = ParamError;
    fn try_from(value: f64) -> Result<Self, ParamError> {
        Self::new(value)
    }
}

impl From<Probability> for f64 {
    fn from(value: Probability) -> f64 {
        value.0
    }
}

/// The predictive distribution of one future value.
///
/// Every method is total: a degenerate scale gives a point mass, never a panic. Quantiles never cross.
///
/// # Examples
/// ```
/// use credcast::{Predictive, Probability};
/// let next_month = Predictive::normal(120.0, 10.0)?;
/// let (low, high) = next_month.interval(Probability::new(0.8)?);
/// assert!((low - 107.184).abs() < 1e-3 && (high - 132.816).abs() < 1e-3);
/// assert!(next_month.crps(120.0) < next_month.crps(140.0));
/// # Ok::<(), credcast::ParamError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Predictive {
    /// All mass on one value.
    Point(f64),
    /// A normal distribution; `sd` > 0.
    Normal {
        /// Mean.
        mean: f64,
        /// Standard deviation.
        sd: f64,
    },
    /// A normal distribution whose mass below 0 sits on 0: for counts and other quantities that cannot be negative.
    RectifiedNormal {
        /// Mean before rectification.
        mean: f64,
        /// Standard deviation before rectification.
        sd: f64,
    },
    /// The exponential of a normal distribution.
    LogNormal {
        /// Mean of the logarithm; the logarithm of the median.
        meanlog: f64,
        /// Standard deviation of the logarithm.
        sdlog: f64,
    },
    /// A table of quantiles, linear in between.
    Quantiles(QuantileTable),
}

/// Quantiles at ascending probabilities; the outermost values carry the mass beyond their probabilities.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QuantileTable {
    probabilities: Vec<f64>,
    values: Vec<f64>,
}

impl QuantileTable {
    /// Checks that both lists have the same length of at least one, that probabilities ascend strictly within [0, 1]
    /// and that values are finite and never descend.
    ///
    /// # Errors
    /// [`ParamError`] that names the list at fault.
    pub fn new(probabilities: Vec<f64>, values: Vec<f64>) -> Result<Self, ParamError> {
        let legal = !probabilities.is_empty()
            && probabilities.iter().all(|p| (0.0..=1.0).contains(p))
            && probabilities.windows(2).all(|w| w[0] < w[1]);
        if !legal {
            let allowed = "non-empty and strictly ascending within [0, 1]";
            return Err(ParamError::new("probabilities", format!("{probabilities:?}"), allowed));
        }
        let legal = values.len() == probabilities.len()
            && values.iter().all(|v| v.is_finite())
            && values.windows(2).all(|w| w[0] <= w[1]);
        if !legal {
            let allowed = "finite, never descending, one for each probability";
            return Err(ParamError::new("values", format!("{values:?}"), allowed));
        }
        Ok(Self { probabilities, values })
    }

    /// The empirical distribution of `sample`: its order statistics at probabilities (i + 1/2) / n.
    ///
    /// # Errors
    /// [`ParamError`] if `sample` is empty or holds a value that is not finite.
    pub fn from_sample(mut sample: Vec<f64>) -> Result<Self, ParamError> {
        sample.sort_by(f64::total_cmp);
        let n = sample.len() as f64;
        let probabilities = (0..sample.len()).map(|i| (i as f64 + 0.5) / n).collect();
        Self::new(probabilities, sample)
    }

    /// The probabilities, ascending.
    #[must_use]
    pub fn probabilities(&self) -> &[f64] {
        &self.probabilities
    }

    /// The value at each probability.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    fn quantile(&self, p: f64) -> f64 {
        let (ps, vs) = (&self.probabilities, &self.values);
        let above = ps.partition_point(|&q| q < p);
        if above == 0 {
            return vs[0];
        }
        if above == ps.len() {
            return vs[above - 1];
        }
        let weight = (p - ps[above - 1]) / (ps[above] - ps[above - 1]);
        // Rounding must not carry the value past the next knot.
        (vs[above - 1] + weight * (vs[above] - vs[above - 1])).min(vs[above])
    }

    fn cdf(&self, x: f64) -> f64 {
        let (ps, vs) = (&self.probabilities, &self.values);
        let above = vs.partition_point(|&v| v <= x);
        if above == 0 {
            return 0.0;
        }
        if above == vs.len() {
            return 1.0;
        }
        let weight = (x - vs[above - 1]) / (vs[above] - vs[above - 1]);
        ps[above - 1] + weight * (ps[above] - ps[above - 1])
    }

    /// The integral of the quantile function: trapezoids between knots, rectangles beyond them.
    fn mean(&self) -> f64 {
        let (ps, vs) = (&self.probabilities, &self.values);
        let last = ps.len() - 1;
        let inside: f64 = (0..last).map(|i| (ps[i + 1] - ps[i]) * (vs[i] + vs[i + 1]) / 2.0).sum();
        ps[0] * vs[0] + inside + (1.0 - ps[last]) * vs[last]
    }

    /// The integral of (F(x) - 1{x >= y})^2, exact for the piecewise linear F.
    fn crps(&self, y: f64) -> f64 {
        let (ps, vs) = (&self.probabilities, &self.values);
        let last = vs.len() - 1;
        // Outside the support F is 0 or 1, so each unit of distance counts in full.
        let mut total = (vs[0] - y).max(0.0) + (y - vs[last]).max(0.0);
        for i in 0..last {
            let width = vs[i + 1] - vs[i];
            if width <= 0.0 {
                continue;
            }
            let split = y.clamp(vs[i], vs[i + 1]);
            let at_split = ps[i] + (split - vs[i]) / width * (ps[i + 1] - ps[i]);
            total += mean_square(ps[i], at_split) * (split - vs[i])
                + mean_square(1.0 - at_split, 1.0 - ps[i + 1]) * (vs[i + 1] - split);
        }
        total
    }

    fn rectified(&self) -> Self {
        if self.values[0] >= 0.0 {
            return self.clone();
        }
        let at_zero = self.cdf(0.0);
        let (mut probabilities, mut values) = (Vec::new(), Vec::new());
        let last = self.values.len() - 1;
        if self.values[last] > 0.0 {
            probabilities.push(at_zero);
            values.push(0.0);
            for (&p, &v) in self.probabilities.iter().zip(&self.values) {
                if v > 0.0 && p > at_zero {
                    probabilities.push(p);
                    values.push(v);
                }
            }
        } else {
            probabilities.push(self.probabilities[last]);
            values.push(0.0);
        }
        Self { probabilities, values }
    }
}

/// The mean of t^2 for t running linearly from `a` to `b`.
fn mean_square(a: f64, b: f64) -> f64 {
    (a * a + a * b + b * b) / 3.0
}

impl Predictive {
    /// A normal distribution; a point mass when `sd` is 0.
    ///
    /// # Errors
    /// [`ParamError`] if `mean` is not finite or `sd` is negative or not finite.
    pub fn normal(mean: f64, sd: f64) -> Result<Self, ParamError> {
        check_location_scale(mean, sd)?;
        Ok(if sd > 0.0 { Self::Normal { mean, sd } } else { Self::Point(mean) })
    }

    /// The exponential of a normal distribution; a point mass when `sdlog` is 0.
    ///
    /// # Errors
    /// [`ParamError`] if `meanlog` is not finite or `sdlog` is negative or not finite.
    pub fn log_normal(meanlog: f64, sdlog: f64) -> Result<Self, ParamError> {
        check_location_scale(meanlog, sdlog)?;
        Ok(if sdlog > 0.0 { Self::LogNormal { meanlog, sdlog } } else { Self::Point(meanlog.exp()) })
    }

    /// The point forecast: the median, which minimises the expected absolute error.
    #[must_use]
    pub fn point(&self) -> f64 {
        match self {
            Self::Point(value) => *value,
            Self::Normal { mean, .. } => *mean,
            Self::RectifiedNormal { mean, .. } => mean.max(0.0),
            Self::LogNormal { meanlog, .. } => meanlog.exp(),
            Self::Quantiles(table) => table.quantile(0.5),
        }
    }

    /// The expected value.
    #[must_use]
    pub fn mean(&self) -> f64 {
        match self {
            Self::Point(value) => *value,
            Self::Normal { mean, .. } => *mean,
            Self::RectifiedNormal { mean, sd } => {
                let z = mean / sd;
                mean * normal::cdf(z) + sd * normal::pdf(z)
            }
            Self::LogNormal { meanlog, sdlog } => (meanlog + sdlog * sdlog / 2.0).exp(),
            Self::Quantiles(table) => table.mean(),
        }
    }

    /// The value that a share `p` of the mass does not exceed.
    #[must_use]
    pub fn quantile(&self, p: Probability) -> f64 {
        let p = p.get();
        match self {
            Self::Point(value) => *value,
            Self::Normal { mean, sd } => mean + sd * normal::quantile(p),
            Self::RectifiedNormal { mean, sd } => (mean + sd * normal::quantile(p)).max(0.0),
            Self::LogNormal { meanlog, sdlog } => (meanlog + sdlog * normal::quantile(p)).exp(),
            Self::Quantiles(table) => table.quantile(p),
        }
    }

    /// The probability of a value of at most `x`.
    #[must_use]
    pub fn cdf(&self, x: f64) -> f64 {
        match self {
            Self::Point(value) => f64::from(u8::from(x >= *value)),
            Self::Normal { mean, sd } => normal::cdf((x - mean) / sd),
            Self::RectifiedNormal { mean, sd } => {
                if x < 0.0 {
                    0.0
                } else {
                    normal::cdf((x - mean) / sd)
                }
            }
            Self::LogNormal { meanlog, sdlog } => {
                if x <= 0.0 {
                    0.0
                } else {
                    normal::cdf((x.ln() - meanlog) / sdlog)
                }
            }
            Self::Quantiles(table) => table.cdf(x),
        }
    }

    /// The central interval that holds a share `level` of the mass.
    #[must_use]
    pub fn interval(&self, level: Probability) -> (f64, f64) {
        let tail = (1.0 - level.get()) / 2.0;
        (self.quantile(Probability(tail)), self.quantile(Probability(1.0 - tail)))
    }

    /// The continuous ranked probability score of this distribution when `y` happens; 0 is perfect, unit of `y`.
    ///
    /// Closed forms: normal (Gneiting & Raftery 2007, JASA 102, eq. 21), log-normal (Baran & Lerch 2015, QJRMS 141),
    /// rectified normal (the normal's less its part below 0), quantile table (exact for the piecewise linear cdf).
    #[must_use]
    pub fn crps(&self, y: f64) -> f64 {
        match self {
            Self::Point(value) => (y - value).abs(),
            Self::Normal { mean, sd } => sd * normal_crps((y - mean) / sd),
            Self::RectifiedNormal { mean, sd } => {
                let zero = -mean / sd;
                let z = ((y - mean) / sd).max(zero);
                (-y).max(0.0) + sd * (normal_crps(z) - normal_square_below(zero))
            }
            Self::LogNormal { meanlog, sdlog } => {
                let w = if y > 0.0 { (y.ln() - meanlog) / sdlog } else { f64::NEG_INFINITY };
                let mean = (meanlog + sdlog * sdlog / 2.0).exp();
                let spread = normal::cdf(w - sdlog) + normal::cdf(sdlog / std::f64::consts::SQRT_2) - 1.0;
                y * (2.0 * normal::cdf(w) - 1.0) - 2.0 * mean * spread
            }
            Self::Quantiles(table) => table.crps(y),
        }
    }

    /// The same distribution with all mass below 0 moved to 0.
    #[must_use]
    pub fn non_negative(self) -> Self {
        match self {
            Self::Point(value) => Self::Point(value.max(0.0)),
            Self::Normal { mean, sd } => Self::RectifiedNormal { mean, sd },
            Self::Quantiles(table) => Self::Quantiles(table.rectified()),
            Self::RectifiedNormal { .. } | Self::LogNormal { .. } => self,
        }
    }

    /// The distribution of `shift + scale * X`; `scale` must be positive, else the result is a point at `shift`.
    ///
    /// Rectified and log-normal forms have no closed form under a shift and become quantile tables of 199 levels.
    #[must_use]
    pub fn affine(&self, shift: f64, scale: f64) -> Self {
        if !(scale > 0.0 && scale.is_finite()) {
            return Self::Point(shift);
        }
        match self {
            Self::Point(value) => Self::Point(shift + scale * value),
            Self::Normal { mean, sd } => Self::Normal { mean: shift + scale * mean, sd: scale * sd },
            Self::LogNormal { meanlog, sdlog } if shift == 0.0 => {
                Self::LogNormal { meanlog: meanlog + scale.ln(), sdlog: *sdlog }
            }
            Self::RectifiedNormal { mean, sd } if shift == 0.0 => {
                Self::RectifiedNormal { mean: scale * mean, sd: scale * sd }
            }
            Self::RectifiedNormal { .. } | Self::LogNormal { .. } | Self::Quantiles(_) => {
                self.map_increasing(|x| shift + scale * x)
            }
        }
    }

    /// The distribution of `exp(X)`: undoes a logarithm.
    #[must_use]
    pub fn exp(&self) -> Self {
        match self {
            Self::Point(value) => Self::Point(value.exp()),
            Self::Normal { mean, sd } => Self::LogNormal { meanlog: *mean, sdlog: *sd },
            Self::RectifiedNormal { .. } | Self::LogNormal { .. } | Self::Quantiles(_) => self.map_increasing(f64::exp),
        }
    }

    fn map_increasing(&self, f: impl Fn(f64) -> f64) -> Self {
        let table = match self {
            Self::Quantiles(table) => table.clone(),
            Self::Point(_) | Self::Normal { .. } | Self::RectifiedNormal { .. } | Self::LogNormal { .. } => {
                let probabilities: Vec<f64> = (1..200).map(|i| f64::from(i) / 200.0).collect();
                let values = probabilities.iter().map(|&p| self.quantile(Probability(p))).collect();
                QuantileTable { probabilities, values }
            }
        };
        let values = table.values.iter().map(|&v| f(v)).collect();
        Self::Quantiles(QuantileTable { probabilities: table.probabilities, values })
    }

    /// Runs the constructors' checks again, on a value that was read from outside.
    ///
    /// # Errors
    /// [`ParamError`] for the first rule broken.
    pub fn check(&self) -> Result<(), ParamError> {
        match self {
            Self::Point(value) => check_location_scale(*value, 0.0),
            Self::Normal { mean, sd } | Self::RectifiedNormal { mean, sd } => {
                check_location_scale(*mean, *sd).and_then(|()| check_positive(*sd))
            }
            Self::LogNormal { meanlog, sdlog } => {
                check_location_scale(*meanlog, *sdlog).and_then(|()| check_positive(*sdlog))
            }
            Self::Quantiles(table) => QuantileTable::new(table.probabilities.clone(), table.values.clone()).map(|_| ()),
        }
    }
}

fn check_location_scale(location: f64, scale: f64) -> Result<(), ParamError> {
    if !location.is_finite() {
        return Err(ParamError::new("location", location, "finite"));
    }
    if !(scale >= 0.0 && scale.is_finite()) {
        return Err(ParamError::new("scale", scale, "finite and at least 0"));
    }
    Ok(())
}

fn check_positive(scale: f64) -> Result<(), ParamError> {
    if scale > 0.0 { Ok(()) } else { Err(ParamError::new("scale", scale, "positive")) }
}

/// CRPS of the standard normal at `z`.
fn normal_crps(z: f64) -> f64 {
    const FRAC_1_SQRT_PI: f64 = std::f64::consts::FRAC_2_SQRT_PI / 2.0;
    z * (2.0 * normal::cdf(z) - 1.0) + 2.0 * normal::pdf(z) - FRAC_1_SQRT_PI
}

/// The integral of the squared standard normal cdf from minus infinity to `z`.
fn normal_square_below(z: f64) -> f64 {
    const FRAC_1_SQRT_PI: f64 = std::f64::consts::FRAC_2_SQRT_PI / 2.0;
    let (cdf, pdf) = (normal::cdf(z), normal::pdf(z));
    z * cdf * cdf + 2.0 * pdf * cdf - FRAC_1_SQRT_PI * normal::cdf(std::f64::consts::SQRT_2 * z)
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    fn p(value: f64) -> Probability {
        Probability::new(value).unwrap()
    }

    /// CRPS by brute force from its definition, on a grid that covers nearly all mass.
    fn crps_by_definition(dist: &Predictive, y: f64, low: f64, high: f64) -> f64 {
        let n = 400_000;
        let step = (high - low) / f64::from(n);
        (0..n)
            .map(|i| {
                let x = low + (f64::from(i) + 0.5) * step;
                let miss = dist.cdf(x) - f64::from(u8::from(x >= y));
                miss * miss * step
            })
            .sum()
    }

    fn table() -> QuantileTable {
        QuantileTable::new(vec![0.1, 0.3, 0.5, 0.9], vec![-2.0, -1.0, 0.5, 4.0]).unwrap()
    }

    #[test]
    fn closed_form_scores_equal_the_integral_of_their_definition() {
        let cases = [
            Predictive::normal(1.0, 2.0).unwrap(),
            Predictive::normal(1.0, 2.0).unwrap().non_negative(),
            Predictive::log_normal(0.3, 0.5).unwrap(),
            Predictive::Quantiles(table()),
            Predictive::Quantiles(table()).non_negative(),
        ];
        for dist in &cases {
            for y in [-3.0, 0.0, 0.7, 5.5] {
                assert_relative_eq!(dist.crps(y), crps_by_definition(dist, y, -30.0, 60.0), max_relative = 1e-3);
            }
        }
    }

    #[test]
    fn quantile_and_cdf_invert_each_other() {
        let cases = [
            Predictive::normal(-4.0, 3.0).unwrap(),
            Predictive::log_normal(1.0, 0.7).unwrap(),
            Predictive::Quantiles(table()),
        ];
        for dist in &cases {
            for level in [0.15, 0.4, 0.5, 0.85] {
                assert_relative_eq!(dist.cdf(dist.quantile(p(level))), level, max_relative = 1e-10);
            }
        }
    }

    #[test]
    fn rectified_mass_sits_on_zero_and_the_median_stays() {
        let dist = Predictive::normal(1.0, 2.0).unwrap().non_negative();
        assert_eq!(dist.quantile(p(0.1)), 0.0);
        assert_eq!(dist.point(), 1.0);
        assert_eq!(dist.cdf(-1e-9), 0.0);
        assert_relative_eq!(dist.mean(), 1.395_593, max_relative = 1e-5); // mu Phi(1/2) + 2 phi(1/2)
        let table = Predictive::Quantiles(table()).non_negative();
        assert_eq!(table.quantile(p(0.05)), 0.0);
        assert_eq!(table.quantile(p(0.9)), 4.0);
    }

    #[test]
    fn a_table_below_zero_becomes_a_point_at_zero() {
        let table = QuantileTable::new(vec![0.25, 0.75], vec![-2.0, -1.0]).unwrap();
        let dist = Predictive::Quantiles(table).non_negative();
        assert_eq!((dist.quantile(p(0.01)), dist.quantile(p(0.99)), dist.mean()), (0.0, 0.0, 0.0));
    }

    #[test]
    fn illegal_parameters_are_refused_with_their_name() {
        for (mean, sd) in [(f64::NAN, 1.0), (0.0, -1.0), (0.0, f64::INFINITY), (f64::INFINITY, 1.0)] {
            assert!(Predictive::normal(mean, sd).is_err());
        }
        assert!(Predictive::normal(0.0, 0.0).is_ok_and(|d| d == Predictive::Point(0.0)));
        for value in [-0.1, 1.1, f64::NAN] {
            assert!(Probability::new(value).is_err());
        }
        assert!(QuantileTable::new(vec![0.5, 0.5], vec![1.0, 2.0]).is_err());
        assert!(QuantileTable::new(vec![0.4, 0.5], vec![2.0, 1.0]).is_err());
        assert!(QuantileTable::new(vec![], vec![]).is_err());
    }

    #[test]
    fn scaling_scales_every_quantile() {
        for dist in [Predictive::normal(3.0, 1.0).unwrap(), Predictive::log_normal(0.0, 1.0).unwrap()] {
            let scaled = dist.affine(0.0, 7.0);
            assert_relative_eq!(scaled.quantile(p(0.9)), 7.0 * dist.quantile(p(0.9)), max_relative = 1e-12);
        }
    }
}
