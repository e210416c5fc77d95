use super::estimate::{Found, fine, rough_from_best};
use super::fitted::FittedArima;
use super::hannan_rissanen::Guess;
use super::order::ArimaOrder;
use super::polynomial::roots_beyond;
use super::prepared::{Differenced, Prepared};
use super::weights::Weights;

/// Most orders that are tried, as in R.
const MOST_ORDERS: usize = 94;
/// No root is searched nearer to 0 than this, nor a seasonal one nearer than its power `m`.
const NEAREST_ROOT: f64 = 1.01;
/// An order is left out, as in R, if its search ends at the edge: beyond the nearest root by less than this share of that
/// root's own distance from the unit circle. Not so for the seasonal moving average, at whose edge stands a season that
/// does not change.
const AT_THE_EDGE: f64 = 0.1;
/// What to add to P, Q, p and q to get to the neighbours of an order, in the order of R.
const NEIGHBOURS: [[isize; 4]; 16] = [
    [-1, 0, 0, 0],
    [0, -1, 0, 0],
    [1, 0, 0, 0],
    [0, 1, 0, 0],
    [-1, -1, 0, 0],
    [-1, 1, 0, 0],
    [1, -1, 0, 0],
    [1, 1, 0, 0],
    [0, 0, -1, 0],
    [0, 0, 0, -1],
    [0, 0, 1, 0],
    [0, 0, 0, 1],
    [0, 0, -1, -1],
    [0, 0, -1, 1],
    [0, 0, 1, -1],
    [0, 0, 1, 1],
];

/// Largest lags.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) p: usize,
    pub(super) q: usize,
    pub(super) seasonal_p: usize,
    pub(super) seasonal_q: usize,
}

#[derive(Clone, Debug)]
struct Tried {
    order: ArimaOrder,
    x: Vec<f64>,
    /// Infinite for an order that is left out.
    aicc: f64,
}

/// The differences of a series with and without a constant, and the orders that were tried on them.
#[derive(Debug)]
pub(super) struct Stepwise<'a> {
    series: &'a Prepared,
    /// Without and, if the differences allow one, with a constant.
    data: Vec<(Differenced, Guess)>,
    limits: Limits,
    tried: Vec<Tried>,
    /// Place in `tried`.
    best: Option<usize>,
}

impl<'a> Stepwise<'a> {
    /// For orders with the differences of `plain`; `None` if these leave no value.
    pub(super) fn new(series: &'a Prepared, plain: ArimaOrder, limits: Limits) -> Option<Self> {
        let mut data = Vec::with_capacity(2);
        for constant in [false, true] {
            let order = ArimaOrder { constant, ..plain };
            if order.check().is_ok() {
                let differenced = Differenced::new(series, order)?;
                let guess = Guess::new(&differenced, order);
                data.push((differenced, guess));
            }
        }
        Some(Self { series, data, limits, tried: Vec::with_capacity(MOST_ORDERS), best: None })
    }

    /// The search of Hyndman & Khandakar from `start`, and the best order fitted to its end; `None` if no order can be.
    pub(super) fn run(mut self, start: ArimaOrder) -> Option<FittedArima> {
        let constant = self.data.len() > 1;
        let plain = ArimaOrder { p: 0, q: 0, seasonal_p: 0, seasonal_q: 0, constant, ..start };
        let Limits { p, q, seasonal_p, seasonal_q } = self.limits;
        self.improves(ArimaOrder { constant, ..start });
        self.improves(plain);
        self.improves(ArimaOrder { p: p.min(1), seasonal_p: seasonal_p.min(1), ..plain });
        self.improves(ArimaOrder { q: q.min(1), seasonal_q: seasonal_q.min(1), ..plain });
        self.improves(ArimaOrder { constant: false, ..plain });
        while let Some(best) = self.best {
            let order = self.tried[best].order;
            let other = ArimaOrder { constant: !order.constant, ..order };
            let steps = NEIGHBOURS.iter().filter_map(|step| self.moved(order, *step)).chain(constant.then_some(other));
            let steps: Vec<ArimaOrder> = steps.collect();
            if !steps.into_iter().any(|order| self.tried.len() < MOST_ORDERS && self.improves(order)) {
                break;
            }
        }
        self.finish(plain)
    }

    /// A neighbour inside the limits.
    fn moved(&self, order: ArimaOrder, [seasonal_p, seasonal_q, p, q]: [isize; 4]) -> Option<ArimaOrder> {
        let within =
            |lags: usize, step: isize, limit: usize| lags.checked_add_signed(step).filter(|lags| *lags <= limit);
        Some(ArimaOrder {
            p: within(order.p, p, self.limits.p)?,
            q: within(order.q, q, self.limits.q)?,
            seasonal_p: within(order.seasonal_p, seasonal_p, self.limits.seasonal_p)?,
            seasonal_q: within(order.seasonal_q, seasonal_q, self.limits.seasonal_q)?,
            ..order
        })
    }

    /// Tries an order, unless it was tried, and says whether it is the best so far.
    fn improves(&mut self, order: ArimaOrder) -> bool {
        if self.tried.iter().any(|tried| tried.order == order) {
            return false;
        }
        let (data, guess) = &self.data[usize::from(order.constant)];
        let near = self.best.map(|best| adapted(&self.tried[best], order));
        let starts = guess.start(order).into_iter().chain(near).chain([vec![0.1; order.n_weights()]]);
        let found =
            if correction(data, order).is_finite() { rough_from_best(data, order, NEAREST_ROOT, starts) } else { None };
        let aicc = found.as_ref().map_or(f64::INFINITY, |found| criterion(data, order, found));
        let improves = aicc < self.best.map_or(f64::INFINITY, |best| self.tried[best].aicc);
        if improves {
            self.best = Some(self.tried.len());
        }
        self.tried.push(Tried { order, x: found.map(|found| found.x).unwrap_or_default(), aicc });
        improves
    }

    /// Fits the best order to its end, or the next one if it then lies at the edge; the plainest if none is left.
    fn finish(mut self, plain: ArimaOrder) -> Option<FittedArima> {
        self.tried.retain(|tried| tried.aicc.is_finite());
        self.tried.sort_by(|a, b| a.aicc.total_cmp(&b.aicc));
        for Tried { order, x, .. } in std::mem::take(&mut self.tried) {
            let (data, guess) = &self.data[usize::from(order.constant)];
            let Some((found, likelihood)) = fine(data, order, NEAREST_ROOT, guess, [x]) else { continue };
            if criterion(data, order, &found).is_finite() {
                return Some(FittedArima::new(self.series, data, order, &likelihood));
            }
        }
        // A constant needs a value of its own.
        let constant = plain.constant && self.data[0].0.n_used > 1;
        let order = ArimaOrder { constant, ..plain };
        let (data, guess) = &self.data[usize::from(constant)];
        let (_, likelihood) = fine(data, order, NEAREST_ROOT, guess, [])?;
        Some(FittedArima::new(self.series, data, order, &likelihood))
    }
}

/// What the corrected criterion of Akaike adds for the estimates; infinite if there are too few values.
fn correction(data: &Differenced, order: ArimaOrder) -> f64 {
    let (n, k) = (data.n_used as f64, (order.n_coefficients() + 1) as f64);
    let rest = n - k - 1.0;
    if rest > 0.0 { 2.0 * k + 2.0 * k * (k + 1.0) / rest } else { f64::INFINITY }
}

/// The corrected criterion of Akaike; infinite at the edge.
fn criterion(data: &Differenced, order: ArimaOrder, found: &Found) -> f64 {
    let mut weights = Weights::new(order, NEAREST_ROOT);
    weights.set(&found.x);
    let apart = |radius: f64| 1.0 + (1.0 + AT_THE_EDGE) * (radius - 1.0);
    let seasonal_radius = NEAREST_ROOT.powf(order.season.get() as f64);
    let turned: Vec<f64> = weights.ma.iter().map(|weight| -weight).collect();
    let is_inside = roots_beyond(&weights.ar, apart(NEAREST_ROOT))
        && roots_beyond(&turned, apart(NEAREST_ROOT))
        && roots_beyond(&weights.seasonal_ar, apart(seasonal_radius));
    if !is_inside {
        return f64::INFINITY;
    }
    let n = data.n_used as f64;
    n * ((2.0 * std::f64::consts::PI * found.value / n).ln() + 1.0) + correction(data, order)
}

/// The coordinates of `near` for `order`: polynomials cut, or lengthened by coefficients near 0.
fn adapted(near: &Tried, order: ArimaOrder) -> Vec<f64> {
    let counts = |order: ArimaOrder| [order.p, order.q, order.seasonal_p, order.seasonal_q];
    let mut rest = &near.x[..];
    let mut x = Vec::with_capacity(order.n_weights());
    // Signs that differ, lest a new root of one side cancels one of the other.
    for ((had, wanted), new) in counts(near.order).into_iter().zip(counts(order)).zip([0.1, -0.1, 0.1, -0.1]) {
        let (here, behind) = rest.split_at(had);
        rest = behind;
        x.extend(here.iter().copied().chain(std::iter::repeat(new)).take(wanted));
    }
    x
}
