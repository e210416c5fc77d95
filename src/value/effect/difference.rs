//! The difference of means.

use super::balance::{equal, moments};
use super::comparison::Comparison;
use super::influence::Estimated;
use super::sample::Sample;

/// The mean of the treated less that of the others, with Welch's error and degrees of freedom.
pub(super) fn difference(sample: &Sample) -> Comparison {
    let (treated, control) = (sample.arm(true), sample.arm(false));
    let (t, c) = (moments(&sample.y, &treated), moments(&sample.y, &control));
    let weights = equal(sample);
    let estimate = t.0 - c.0;
    let estimated = if let Some(clusters) = &sample.clusters {
        let part = |row: usize| {
            let (sign, mean) = if sample.treated[row] { (1.0, t.0) } else { (-1.0, c.0) };
            sign * weights[row] * (sample.y[row] - mean)
        };
        let contributions: Vec<f64> = (0..sample.n()).map(part).collect();
        Estimated::from_contributions(estimate, &contributions, Some(clusters))
    } else {
        let (n_t, n_c) = (treated.len() as f64, control.len() as f64);
        let (v_t, v_c) = (t.1 / n_t, c.1 / n_c);
        let df = (v_t + v_c).powi(2) / (v_t * v_t / (n_t - 1.0) + v_c * v_c / (n_c - 1.0));
        // Nothing varies: any number of degrees of freedom gives the same interval.
        let df = if df.is_nan() { n_t + n_c - 2.0 } else { df };
        Estimated { estimate, se: (v_t + v_c).sqrt(), df }
    };
    Comparison::new(estimated, weights)
}
