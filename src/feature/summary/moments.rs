//! The distribution of the values, regardless of their order.

use super::prepared::Prepared;
use crate::numeric::quantile::of_sorted;

pub(super) const NAMES: [&str; 11] = [
    "series_length",
    "missing_share",
    "mean",
    "variance",
    "coefficient_of_variation",
    "skewness",
    "kurtosis",
    "median",
    "interquartile_range",
    "min",
    "max",
];

pub(super) fn of(y: &[f64], prepared: &Prepared) -> [f64; NAMES.len()] {
    let sorted = &prepared.sorted;
    let (n, length) = (sorted.len() as f64, y.len() as f64);
    let (mean, sd) = (prepared.mean, prepared.sd);
    let variance = if sorted.len() < 2 { f64::NAN } else { sd * sd };
    let [mut second, mut third, mut fourth] = [0.0; 3];
    for value in sorted {
        // In units of the standard deviation, so that powers stay within range.
        let z = (value - mean) / sd;
        second += z * z;
        third += z * z * z;
        fourth += z * z * z * z;
    }
    let skewness = (third / n) / (second / n).powf(1.5);
    let kurtosis = (fourth / n) / (second / n).powi(2) - 3.0;
    [
        length,
        1.0 - n / length,
        mean,
        variance,
        if sorted.len() < 2 { f64::NAN } else { sd / mean },
        skewness,
        kurtosis,
        of_sorted(sorted, 0.5),
        of_sorted(sorted, 0.75) - of_sorted(sorted, 0.25),
        of_sorted(sorted, 0.0),
        of_sorted(sorted, 1.0),
    ]
}
