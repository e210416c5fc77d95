//! Quantiles of samples.

/// The median of `values`; NaN if empty. Reorders `values`. O(n) on average.
pub(crate) fn median(values: &mut [f64]) -> f64 {
    let n = values.len();
    if n == 0 {
        return f64::NAN;
    }
    let (below, &mut upper, _) = values.select_nth_unstable_by(n / 2, f64::total_cmp);
    if n % 2 == 1 {
        return upper;
    }
    let lower = below.iter().copied().max_by(f64::total_cmp).unwrap_or(upper);
    lower + (upper - lower) / 2.0
}

/// The `p` quantile of ascending `sorted`, linear between order statistics (R type 7); NaN if empty.
pub(crate) fn of_sorted(sorted: &[f64], p: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let position = p.clamp(0.0, 1.0) * last as f64;
    #[expect(clippy::cast_possible_truncation, reason = "position lies in 0..=last")]
    let below = position as usize;
    let above = (below + 1).min(last);
    sorted[below] + (position - below as f64) * (sorted[above] - sorted[below])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn median_of_even_counts_lies_between_the_middle_two() {
        assert_eq!(median(&mut [4.0, 1.0, 3.0, 2.0]), 2.5);
        assert_eq!(median(&mut [5.0, 1.0, 3.0]), 3.0);
        assert!(median(&mut []).is_nan());
    }

    #[test]
    fn quantiles_follow_r_type_7() {
        // R: quantile(c(1, 2, 4, 8), c(.25, .5, .9)) gives 1.75, 3.0, 6.8
        let x = [1.0, 2.0, 4.0, 8.0];
        assert_eq!([of_sorted(&x, 0.25), of_sorted(&x, 0.5)], [1.75, 3.0]);
        assert!((of_sorted(&x, 0.9) - 6.8).abs() < 1e-12);
    }
}
