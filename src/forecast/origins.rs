//! Origins inside the training span.

use std::num::NonZeroUsize;

use crate::numeric::quantile;

/// Origins of a back-test inside the training span.
const MOST_ORIGINS: usize = 4;
/// Of the median history, at most this share is forecast.
const LARGEST_SHARE: f64 = 0.5;
/// Horizons that fit into a history of which half is trusted.
const SETTLED: f64 = 10.0;
/// The longest horizon that is tested without being asked for.
const LONGEST_DEFAULT: usize = 60;

/// The horizon that a forecaster is tuned for without being asked: a season, at most 60 periods; 12 without a season.
pub(super) fn default_horizon(season: usize) -> NonZeroUsize {
    let usual = if season > 1 { season.min(LONGEST_DEFAULT) } else { 12 };
    NonZeroUsize::new(usual).unwrap_or(NonZeroUsize::MIN)
}

/// The median of `lengths`; 0 of none.
pub(super) fn median_length(lengths: impl Iterator<Item = usize>) -> f64 {
    let mut lengths: Vec<f64> = lengths.map(|length| length as f64).collect();
    if lengths.is_empty() { 0.0 } else { quantile::median(&mut lengths) }
}

/// How many of the last values are taken for unknown at each origin, most first: up to four origins, the last one with a whole
/// horizon behind it, all within the second half of the median series. None if there is no room for an origin.
pub(super) fn drops(series: &[&[f64]], horizon: NonZeroUsize) -> Vec<usize> {
    let reserve = (median_length(series.iter().map(|y| y.len())) * LARGEST_SHARE).floor();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a length")]
    let reserve = reserve as usize;
    let first = horizon.get().min(reserve);
    if first == 0 {
        return Vec::new();
    }
    // Origins half a horizon apart, or closer where there is less room.
    let step = (horizon.get() / 2).max(1).min((reserve - first) / (MOST_ORIGINS - 1)).max(1);
    let mut drops: Vec<usize> =
        (0..MOST_ORIGINS).map(|place| first + place * step).filter(|&drop| drop <= reserve.max(first)).collect();
    drops.reverse();
    drops
}

/// How many independent observations the paths of a panel are worth: each is an origin and its signed errors, those beyond `limit` counted
/// as that. See [`effective_size`].
pub(super) fn worth<P: IntoIterator<Item = f64>>(
    paths: impl Iterator<Item = (usize, P)>,
    limit: f64,
    drops: &[usize],
    horizon: NonZeroUsize,
) -> f64 {
    let mean = |(origin, path): (usize, P)| {
        let known = path.into_iter().filter(|error| error.is_finite());
        let (sum, n) = known.fold((0.0, 0.0), |(sum, n), error| (sum + error.clamp(-limit, limit), n + 1.0));
        (n > 0.0).then(|| (origin, sum / n))
    };
    let errors: Vec<(usize, f64)> = paths.filter_map(mean).collect();
    effective_size(common_share(&errors, drops.len()), errors.len() as f64, drops, horizon)
}

/// How far the history of a panel speaks for itself, from 0 to 1: with room for `n` horizons in the median series, `n / (n + 10)`. All of
/// a short history may belong to one boom.
pub(super) fn settled(series: &[&[f64]], horizon: NonZeroUsize) -> f64 {
    let windows = median_length(series.iter().map(|y| y.len())) / horizon.get() as f64;
    windows / (windows + SETTLED)
}

/// The mean size of the errors at each step, those beyond 50 counted as that; 1 where there is none.
pub(super) fn usual_errors(errors: impl Iterator<Item = (usize, f64)>, n_steps: usize) -> Vec<f64> {
    let mut sums = vec![(0.0, 0.0); n_steps];
    for (step, error) in errors.filter(|(_, error)| error.is_finite()) {
        sums[step] = (sums[step].0 + error.abs().min(50.0), sums[step].1 + 1.0);
    }
    sums.into_iter().map(|(sum, n)| if sum > 0.0 { sum / n } else { 1.0 }).collect()
}

/// How many independent observations the errors of a panel are worth: with `n` paths from origins that lie `spread` periods apart at
/// most, of which a share `common` of the variance is the same in all series at an origin.
///
/// ```text
/// 1 / size = common / (1 + spread / horizon) + (1 - common) / n
/// ```
fn effective_size(common: f64, n: f64, drops: &[usize], horizon: NonZeroUsize) -> f64 {
    let (Some(first), Some(last)) = (drops.first(), drops.last()) else { return 0.0 };
    let windows = 1.0 + (first - last) as f64 / horizon.get() as f64;
    1.0 / (common / windows + (1.0 - common) / n.max(1.0))
}

/// The share of the variance of errors that all series of an origin have in common. `errors` holds an origin and a signed error for each
/// path.
fn common_share(errors: &[(usize, f64)], n_origins: usize) -> f64 {
    let mut sums = vec![(0.0, 0.0); n_origins];
    let mut total = 0.0;
    for &(origin, error) in errors {
        sums[origin] = (sums[origin].0 + error, sums[origin].1 + 1.0);
        total += error * error;
    }
    if errors.len() < 2 || total <= 0.0 {
        return 0.0;
    }
    let variance = total / errors.len() as f64;
    // The square of a mean of independent errors is their variance over their number.
    let (mut common, mut n) = (0.0, 0.0);
    for (sum, count) in sums.into_iter().filter(|(_, count)| *count > 1.0) {
        let mean = sum / count;
        common += (mean * mean - variance / count) / (1.0 - 1.0 / count);
        n += 1.0;
    }
    if n > 0.0 { (common / n / variance).clamp(0.0, 1.0) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_that_all_series_share_are_worth_one_a_window() {
        let six = NonZeroUsize::new(6).unwrap();
        let shared: Vec<(usize, f64)> = (0..400).map(|i| (i % 4, [1.0, -2.0, 0.5, 1.5][i % 4])).collect();
        let common = common_share(&shared, 4);
        assert!((common - 1.0).abs() < 1e-12);
        assert!((effective_size(common, 400.0, &[15, 12, 9, 6], six) - 2.5).abs() < 1e-12);
        let apart: Vec<(usize, f64)> = (0..400).map(|i| (i % 4, if i / 4 % 2 == 0 { 1.0 } else { -1.0 })).collect();
        assert!(effective_size(common_share(&apart, 4), 400.0, &[15, 12, 9, 6], six) > 300.0);
        assert!(common_share(&[], 4).abs() <= 0.0 && effective_size(0.0, 0.0, &[], six).abs() <= 0.0);
    }

    #[test]
    fn origins_stay_in_the_second_half_and_leave_a_whole_horizon() {
        let y = vec![1.0; 36];
        let series: Vec<&[f64]> = vec![&y; 3];
        assert_eq!(drops(&series, NonZeroUsize::new(12).unwrap()), [18, 16, 14, 12]);
        assert_eq!(drops(&series, NonZeroUsize::new(3).unwrap()), [6, 5, 4, 3]);
        assert_eq!(drops(&series, NonZeroUsize::new(100).unwrap()), [18]);
        assert!(drops(&[&y[..1]], NonZeroUsize::MIN).is_empty() && drops(&[], NonZeroUsize::MIN).is_empty());
    }
}
