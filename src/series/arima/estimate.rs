use super::hannan_rissanen::Guess;
use super::likelihood::Likelihood;
use super::order::ArimaOrder;
use super::prepared::Differenced;
use super::weights::BOUND;
use crate::numeric::levenberg_marquardt::LevenbergMarquardt;

/// Precision while orders or starts are compared, relative in `exp(-2 log L / n)`: about 1e-4 in log L of 120 values.
const ROUGH: f64 = 2e-6;
/// Precision of the result: about 1e-9 in log L.
const FINE: f64 = 2e-11;

/// Coordinates of [`super::weights::Weights::set`] and what they reach.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) x: Vec<f64>,
    /// `exp(-2 log L / n)`, but for a constant factor.
    pub(super) value: f64,
}

fn search(likelihood: &mut Likelihood<'_>, n: usize, x: Vec<f64>, precision: f64) -> Found {
    let mut x = x;
    let descent = LevenbergMarquardt { bound: BOUND, precision, max_iterations: 100 };
    let value = descent.minimise(&mut x, n, |x, residuals| likelihood.at(x, residuals));
    Found { x, value }
}

/// The best of the searches from `starts`, of which each has the length that `order` asks for.
pub(super) fn rough(
    data: &Differenced,
    order: ArimaOrder,
    radius: f64,
    starts: impl IntoIterator<Item = Vec<f64>>,
) -> Option<Found> {
    let mut likelihood = Likelihood::new(data, order, radius);
    starts.into_iter().map(|x| search(&mut likelihood, data.n, x, ROUGH)).fold(None, better)
}

/// The best of the starts, searched from without search from the others.
pub(super) fn rough_from_best(
    data: &Differenced,
    order: ArimaOrder,
    radius: f64,
    starts: impl IntoIterator<Item = Vec<f64>>,
) -> Option<Found> {
    let mut likelihood = Likelihood::new(data, order, radius);
    let mut residuals = vec![0.0; data.n];
    let best = starts
        .into_iter()
        .map(|x| {
            let value = likelihood.at(&x, &mut residuals);
            Found { x, value }
        })
        .fold(None, better)?;
    Some(search(&mut likelihood, data.n, best.x, ROUGH)).filter(|found| found.value.is_finite())
}

/// The likelihood at its largest: from the best of `starts`, of two guesses and of a few fixed points.
pub(super) fn fine<'a>(
    data: &'a Differenced,
    order: ArimaOrder,
    radius: f64,
    guess: &Guess,
    starts: impl IntoIterator<Item = Vec<f64>>,
) -> Option<(Found, Likelihood<'a>)> {
    let k = order.n_weights();
    let starts = starts.into_iter().chain(guess.start(order)).chain(fixed_starts(order));
    let best = if k == 0 { rough(data, order, radius, [Vec::new()])? } else { rough(data, order, radius, starts)? };
    let mut likelihood = Likelihood::new(data, order, radius);
    let found = search(&mut likelihood, data.n, best.x, FINE);
    likelihood.weights.set(&found.x);
    likelihood.evaluate()?;
    Some((found, likelihood))
}

/// Points away from the valleys where a root of one side cancels one of the other. Each line has the first two
/// coordinates of `ar`, `ma`, `seasonal_ar` and `seasonal_ma`: near 0, near differences of one kind or two, and cycles.
const FIXED_STARTS: [[[f64; 2]; 4]; 7] = [
    [[0.1, 0.0], [-0.1, 0.0], [0.1, 0.0], [-0.1, 0.0]],
    [[1.0, 0.0], [0.5, 0.0], [0.5, 0.0], [0.8, 0.0]],
    [[3.0, 0.0], [0.3, 0.0], [2.0, 0.0], [0.6, 0.0]],
    [[3.3, -1.0], [0.5, 0.0], [1.8, 0.0], [0.3, 0.0]],
    [[2.8, -1.0], [3.0, 0.0], [1.8, 0.0], [0.3, 0.0]],
    [[-0.5, 0.0], [0.3, 0.0], [-0.1, 0.0], [0.5, 0.0]],
    [[-0.6, -0.8], [-0.7, -0.4], [-0.3, 0.0], [0.4, 0.0]],
];

fn fixed_starts(order: ArimaOrder) -> impl Iterator<Item = Vec<f64>> {
    let counts = [order.p, order.q, order.seasonal_p, order.seasonal_q];
    FIXED_STARTS.iter().map(move |levels| {
        let parts = counts.into_iter().zip(levels);
        parts.flat_map(|(count, level)| (0..count).map(|lag| level.get(lag).copied().unwrap_or(0.0))).collect()
    })
}

fn better(best: Option<Found>, found: Found) -> Option<Found> {
    if !found.value.is_finite() || best.as_ref().is_some_and(|best| best.value <= found.value) {
        best
    } else {
        Some(found)
    }
}
