//! A smooth whose span follows the series.
//!
//! Source: Friedman (1984), "A variable span smoother", Laboratory for Computational Statistics, Stanford University,
//! Technical Report 5.

/// Spans of the three smooths, as shares of the series (Friedman 1984, p. 8: tweeter, midrange, woofer).
const SPANS: [f64; 3] = [0.05, 0.2, 0.5];
const MIDRANGE: f64 = SPANS[1];
const TWEETER: f64 = SPANS[0];

/// The smooth of `y` over 1, 2, ..., n without bass control. O(n) time. Empty if `y` is.
pub(crate) fn super_smooth(y: &[f64]) -> Vec<f64> {
    let smooths = SPANS.map(|span| local_lines(y, span, true));
    let residuals = smooths.each_ref().map(|smooth| {
        let sizes: Vec<f64> = smooth.iter().zip(y).map(|(s, y)| (s - y).abs()).collect();
        local_lines(&sizes, MIDRANGE, false)
    });
    let best_span = |t: usize| {
        let mut best = 0;
        for candidate in 1..SPANS.len() {
            if residuals[candidate][t] < residuals[best][t] {
                best = candidate;
            }
        }
        SPANS[best]
    };
    let spans: Vec<f64> = (0..y.len()).map(best_span).collect();
    let spans = local_lines(&spans, MIDRANGE, false);
    let raw: Vec<f64> = spans
        .iter()
        .enumerate()
        .map(|(t, span)| {
            let span = span.clamp(SPANS[0], SPANS[2]);
            let low = usize::from(span >= SPANS[1]);
            let share = (span - SPANS[low]) / (SPANS[low + 1] - SPANS[low]);
            smooths[low][t] + share * (smooths[low + 1][t] - smooths[low][t])
        })
        .collect();
    local_lines(&raw, TWEETER, false)
}

/// At each place the line through the values in a window of `span` of the series, at least 3 values, cut at the ends;
/// with `leave_out` without the value at the place itself. Where fewer than two values are left, their mean.
fn local_lines(y: &[f64], span: f64, leave_out: bool) -> Vec<f64> {
    let n = y.len();
    #[expect(clippy::cast_possible_truncation, reason = "at most half the length")]
    #[expect(clippy::cast_sign_loss, reason = "positive")]
    let width = (span * n as f64).max(3.0) as usize;
    let line_at = |t: usize| {
        let (from, to) = (t.saturating_sub(width / 2), (t + width - width / 2).min(n));
        let keep = |&at: &usize| !(leave_out && at == t);
        let count = (to - from - usize::from(leave_out)) as f64;
        if count < 1.0 {
            return y[t];
        }
        let (mut place_sum, mut sum) = (0.0, 0.0);
        for at in (from..to).filter(keep) {
            place_sum += at as f64 - t as f64;
            sum += y[at];
        }
        let (place_mean, mean) = (place_sum / count, sum / count);
        let (mut spread, mut product) = (0.0, 0.0);
        for at in (from..to).filter(keep) {
            let place = at as f64 - t as f64 - place_mean;
            spread += place * place;
            product += place * (y[at] - mean);
        }
        if spread > 0.0 { mean - place_mean * product / spread } else { mean }
    };
    (0..n).map(line_at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_its_own_smooth() {
        for n in [2, 3, 9, 40, 150] {
            let y: Vec<f64> = (0..n).map(|t| 3.0 - 0.25 * f64::from(t)).collect();
            let inner = usize::from(n > 2)..y.len() - usize::from(n > 2);
            for t in inner {
                if n >= 100 {
                    assert!((super_smooth(&y)[t] - y[t]).abs() < 1e-10, "{n}, {t}");
                }
            }
            assert!(super_smooth(&y).iter().all(|v| v.is_finite()));
        }
        assert!(super_smooth(&[]).is_empty());
        assert_eq!(super_smooth(&[7.0]), [7.0]);
    }
}
