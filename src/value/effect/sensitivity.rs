//! How strong something unmeasured would have to be to explain an effect away.

use serde::Serialize;

use crate::numeric::normal;

/// Largest odds of hidden bias that are looked at.
const MOST_ODDS: f64 = 100.0;

/// How strong something unmeasured would have to be to explain the effect away. The stronger, the safer the effect.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Sensitivity {
    /// The E-value of the estimate: the risk ratio with both treatment and outcome that a hidden cause must have (VanderWeele &
    /// Ding 2017, Ann. Intern. Med. 167, 268-274). A difference `d` of means, in standard deviations, counts as the risk ratio
    /// `exp(0.91 d)` (their table 2); an outcome of 0 and 1 has its own.
    pub e_value: Option<f64>,
    /// The E-value of the end of the interval nearer to no effect; 1 if the interval holds no effect.
    pub e_value_of_interval: Option<f64>,
    /// For `match`: up to these odds of treatment, from something hidden, between matched people, the effect stays significant
    /// at 5 %, by the signed ranks of the differences (Rosenbaum 2002, *Observational Studies*, 2nd ed., 4.3); 1 if it is not
    /// even without. Neighbours that serve more than one treated are taken as independent, which flatters it.
    pub rosenbaum_gamma: Option<f64>,
}

/// The E-value of a risk ratio.
fn e_value(ratio: f64) -> f64 {
    let ratio = if ratio < 1.0 { 1.0 / ratio } else { ratio };
    ratio + (ratio * (ratio - 1.0)).sqrt()
}

/// E-values of an estimate and of the nearer end of its interval, by a map to risk ratios.
pub(super) fn e_values(
    estimate: f64,
    interval: (f64, f64),
    ratio: impl Fn(f64) -> Option<f64>,
) -> (Option<f64>, Option<f64>) {
    let finite = |value: f64| Some(value).filter(|value| value.is_finite());
    let nearer = if interval.0 <= 0.0 && interval.1 >= 0.0 {
        Some(0.0)
    } else if estimate > 0.0 {
        finite(interval.0)
    } else {
        finite(interval.1)
    };
    let of = |effect: f64| if effect == 0.0 { Some(1.0) } else { ratio(effect).map(e_value).and_then(finite) };
    (finite(estimate).and_then(&of), nearer.and_then(of))
}

/// The largest odds of hidden bias at which the signed ranks of `pairs` still reject no effect at 5 %, two-sided; 1 if they
/// never do, 100 at most.
pub(super) fn rosenbaum_gamma(pairs: &[f64]) -> Option<f64> {
    let sign = if pairs.iter().sum::<f64>() < 0.0 { -1.0 } else { 1.0 };
    let mut sizes: Vec<(f64, bool)> =
        pairs.iter().filter(|pair| **pair != 0.0).map(|pair| (pair.abs(), sign * pair > 0.0)).collect();
    if sizes.is_empty() || sizes.iter().any(|(size, _)| !size.is_finite()) {
        return None;
    }
    sizes.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut statistic, mut sum, mut squares) = (0.0, 0.0, 0.0);
    let mut start = 0;
    while start < sizes.len() {
        let tied = sizes[start..].iter().take_while(|(size, _)| *size <= sizes[start].0).count();
        // Ranks from 1; ties share their mean.
        let rank = start as f64 + (tied as f64 + 1.0) / 2.0;
        statistic += rank * sizes[start..start + tied].iter().filter(|(_, positive)| *positive).count() as f64;
        sum += rank * tied as f64;
        squares += rank * rank * tied as f64;
        start += tied;
    }
    let rejects = |gamma: f64| {
        let share = gamma / (1.0 + gamma);
        let z = (statistic - share * sum) / (share * (1.0 - share) * squares).sqrt();
        normal::cdf(-z) <= 0.025
    };
    if !rejects(1.0) {
        return Some(1.0);
    }
    if rejects(MOST_ODDS) {
        return Some(MOST_ODDS);
    }
    let (mut low, mut high) = (1.0, MOST_ODDS);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if rejects(middle) { low = middle } else { high = middle }
    }
    Some(low)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_e_values_are_found() {
        // VanderWeele & Ding (2017): RR 3.9 (1.8, 8.7) has E-values 7.26 and 3.0.
        let (estimate, interval) = e_values(3.9_f64.ln(), (1.8_f64.ln(), 8.7_f64.ln()), |log| Some(log.exp()));
        assert!((estimate.unwrap() - 7.26).abs() < 0.005 && (interval.unwrap() - 3.0).abs() < 0.005);
        // A protective ratio is turned round, and an interval with no effect needs nothing hidden.
        let (estimate, interval) = e_values(-0.5, (-1.2, 0.2), |log| Some(log.exp()));
        assert!((estimate.unwrap() - e_value(0.5_f64.exp())).abs() < 1e-12 && interval == Some(1.0));
    }

    #[test]
    fn bias_that_explains_an_effect_is_bounded() {
        // Ten positive differences: T = 55, and at gamma = 1 z = 27.5 / sqrt(96.25) = 2.803.
        let all: Vec<f64> = (1..=10).map(f64::from).collect();
        let gamma = rosenbaum_gamma(&all).unwrap();
        let share = gamma / (1.0 + gamma);
        let z = (55.0 - share * 55.0) / (share * (1.0 - share) * 385.0).sqrt();
        assert!((z - 1.959_963_984_540_054).abs() < 1e-9, "{gamma} {z}");
        assert_eq!(rosenbaum_gamma(&all.iter().map(|d| -d).collect::<Vec<_>>()), Some(gamma));
        assert_eq!(rosenbaum_gamma(&[1.0, -1.0, 2.0, -2.0]), Some(1.0));
        assert_eq!(rosenbaum_gamma(&[0.0, 0.0]), None);
    }
}
