//! Whether events that were called 70 % likely happen seven times in ten.

use std::num::NonZeroUsize;

use serde::Serialize;

use super::metrics;
use crate::error::ParamError;

/// Largest number of bins: more would hold next to no event each.
const MAX_BINS: usize = 1000;

/// The events whose probability fell between two limits.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ReliabilityBin {
    /// Lower limit, included.
    pub low: f64,
    /// Upper limit, excluded but for the last bin.
    pub high: f64,
    /// Number of events.
    pub n: usize,
    /// Mean probability given to them; NaN in an empty bin.
    pub mean_forecast: f64,
    /// Share of them that happened; NaN in an empty bin.
    pub frequency: f64,
}

/// Reliability of the probabilities given to binary events, and the parts of their Brier score.
///
/// ```text
/// brier = reliability - resolution + uncertainty + within_bins
/// ```
/// Source: Murphy (1973), J. Appl. Meteorology 12; Stephenson, Coelho & Jolliffe (2008), Weather and Forecasting 23,
/// for the part within bins, which is 0 when all probabilities of a bin are the same.
///
/// # Examples
/// ```
/// use std::num::NonZeroUsize;
/// use credcast::evaluate::Calibration;
/// let said = [0.2, 0.2, 0.2, 0.2, 0.8, 0.8];
/// let happened = [false, false, true, false, true, true];
/// let found = Calibration::new(&said, &happened, NonZeroUsize::new(5).unwrap())?;
/// assert_eq!((found.bins[1].n, found.bins[1].frequency), (4, 0.25));
/// assert_eq!((found.bins[4].n, found.bins[4].frequency), (2, 1.0));
/// # Ok::<(), credcast::ParamError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Calibration {
    /// Bins of equal width over [0, 1], ascending, empty ones included.
    pub bins: Vec<ReliabilityBin>,
    /// Number of events.
    pub n: usize,
    /// Brier score; 0 is perfect.
    pub brier: f64,
    /// Mean squared distance between the probability of a bin and its frequency; 0 is perfect.
    pub reliability: f64,
    /// Variance of the bins' frequencies around the overall one; more is better.
    pub resolution: f64,
    /// Brier score of always saying the overall frequency.
    pub uncertainty: f64,
    /// What the spread of the probabilities inside the bins adds, or takes away when it is negative.
    pub within_bins: f64,
}

impl Calibration {
    /// Sorts events into `n_bins` bins of equal width by their probability. O(events + bins).
    ///
    /// # Errors
    /// [`ParamError`] if there is no event, the slices differ in length, a probability lies outside [0, 1] or there are
    /// more than 1000 bins.
    pub fn new(probabilities: &[f64], outcomes: &[bool], n_bins: NonZeroUsize) -> Result<Self, ParamError> {
        if outcomes.len() != probabilities.len() || outcomes.is_empty() {
            let given = format!("{} for {} probabilities", outcomes.len(), probabilities.len());
            return Err(ParamError::new("outcomes", given, "one for each probability, at least one"));
        }
        if let Some(p) = probabilities.iter().find(|p| !(0.0..=1.0).contains(*p)) {
            return Err(ParamError::new("probability", p, "in [0, 1]"));
        }
        if n_bins.get() > MAX_BINS {
            return Err(ParamError::new("n_bins", n_bins, "1 to 1000"));
        }
        let mut sums = vec![(0_usize, 0.0, 0.0); n_bins.get()];
        for (&p, &happened) in probabilities.iter().zip(outcomes) {
            let sum = &mut sums[bin_of(p, n_bins.get())];
            *sum = (sum.0 + 1, sum.1 + p, sum.2 + f64::from(u8::from(happened)));
        }
        let limit = |i: usize| i as f64 / n_bins.get() as f64;
        let bin = |(i, &(n, said, happened)): (usize, &(usize, f64, f64))| ReliabilityBin {
            low: limit(i),
            high: limit(i + 1),
            n,
            mean_forecast: said / n as f64,
            frequency: happened / n as f64,
        };
        let bins: Vec<ReliabilityBin> = sums.iter().enumerate().map(bin).collect();

        let n = outcomes.len() as f64;
        let overall = sums.iter().map(|(_, _, happened)| happened).sum::<f64>() / n;
        let weighted = |part: fn(&ReliabilityBin, f64) -> f64| {
            bins.iter().filter(|bin| bin.n > 0).map(|bin| bin.n as f64 * part(bin, overall)).sum::<f64>() / n
        };
        let brier = metrics::brier(probabilities, outcomes);
        let reliability = weighted(|bin, _| (bin.mean_forecast - bin.frequency).powi(2));
        let resolution = weighted(|bin, overall| (bin.frequency - overall).powi(2));
        let uncertainty = overall * (1.0 - overall);
        let within_bins = brier - (reliability - resolution + uncertainty);
        Ok(Self { bins, n: outcomes.len(), brier, reliability, resolution, uncertainty, within_bins })
    }
}

/// The bin of `p` in [0, 1], so that `p` lies between the limits `i / n` as they are printed.
fn bin_of(p: f64, n_bins: usize) -> usize {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the product lies in 0..=n_bins")]
    let near = ((p * n_bins as f64) as usize).min(n_bins - 1);
    // The product may round to the other side of a limit.
    if near + 1 < n_bins && p >= (near + 1) as f64 / n_bins as f64 {
        near + 1
    } else if p < near as f64 / n_bins as f64 {
        near - 1
    } else {
        near
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bins(n: usize) -> NonZeroUsize {
        NonZeroUsize::new(n).unwrap()
    }

    #[test]
    fn every_probability_lies_within_the_limits_of_its_bin() {
        for n in [1, 3, 7, 10, 20, 49] {
            for i in 0..=n {
                let p = i as f64 / n as f64;
                for p in [p.next_down().max(0.0), p, p.next_up().min(1.0)] {
                    let found = Calibration::new(&[p], &[true], bins(n)).unwrap();
                    let bin = found.bins.iter().find(|bin| bin.n == 1).unwrap();
                    assert!(bin.low <= p && (p < bin.high || bin.high >= 1.0), "{p} in {bin:?}");
                }
            }
        }
    }

    #[test]
    fn sharp_and_right_probabilities_have_only_resolution() {
        let found = Calibration::new(&[0.0, 0.0, 1.0, 1.0], &[false, false, true, true], bins(10)).unwrap();
        let parts = (found.brier, found.reliability, found.resolution, found.uncertainty, found.within_bins);
        assert_eq!(parts, (0.0, 0.0, 0.25, 0.25, 0.0));
        assert!(found.bins[5].frequency.is_nan());
    }

    #[test]
    fn illegal_input_is_refused() {
        for (p, o) in [(vec![], vec![]), (vec![0.5], vec![]), (vec![1.5], vec![true]), (vec![f64::NAN], vec![true])] {
            assert!(Calibration::new(&p, &o, bins(5)).is_err());
        }
        assert!(Calibration::new(&[0.5], &[true], NonZeroUsize::MAX).is_err());
    }
}
