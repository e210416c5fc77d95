//! The search for pulses, transient changes and level shifts: Chen & Liu (1993), section 2.

use super::found::{Break, BreakKind};
use super::prepared::{Prepared, smooth_season};
use super::scan::{Candidate, KINDS, Scan};
use super::whitening::Whitening;
use crate::numeric::spd::Cholesky;

/// Rounds of: season and weights of the cleaned series, then search.
const ROUNDS: usize = 4;
/// Most interventions: one for this many values.
const VALUES_FOR_ONE: usize = 8;
/// And never more than these.
const MOST: usize = 40;

/// Values before a change of level, to know the course that it leaves.
const BEFORE: usize = 6;
/// Estimates that the errors lost beside effects and season: slope, two weights.
const OTHERS: f64 = 3.0;
/// Estimates for each free place of the season, which changes slowly.
const SEASONAL_ESTIMATES: f64 = 1.25;

/// What the search is asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Search {
    pub(super) season: usize,
    /// What is left of a transient change one period later.
    pub(super) decay: f64,
    /// Size over standard error that is a break.
    pub(super) limit: f64,
    /// Values that a change of level shows in at least.
    pub(super) shortest: usize,
}

/// An intervention in scaled units, its position counted from the first value.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Effect {
    position: usize,
    kind: usize,
    size: f64,
    statistic: f64,
}

/// What broke the ordinary course of a series, and how far values lie from that.
#[derive(Clone, Debug)]
pub(super) struct Course {
    /// In the units of the prepared series.
    pub(super) sigma: f64,
    /// In units of the series, positions counted from its start.
    pub(super) breaks: Vec<Break>,
}

/// Sizes of effects beside slope and first error.
struct Joint {
    /// Per effect: its size and its standard error for errors of variance 1.
    sizes: Vec<(f64, f64)>,
    rest: Vec<f64>,
}

/// Regresses `errors` on the nuisances and `effects`; `None` if two of them cannot be told apart. O(n k^2).
fn joint(scan: &Scan, errors: &[f64], effects: &[Effect]) -> Option<Joint> {
    let n = errors.len();
    // Each column starts at a place.
    let mut columns: Vec<(usize, &[f64])> = scan.nuisances.iter().map(|column| (0, column.as_slice())).collect();
    columns.extend(effects.iter().map(|e| (e.position, &scan.patterns[e.kind][..n - e.position])));
    let k = columns.len();
    let product = |(a, x): (usize, &[f64]), (b, y): (usize, &[f64])| -> f64 {
        let from = a.max(b);
        x[from - a..].iter().zip(&y[from - b..]).map(|(x, y)| x * y).sum()
    };
    let (mut gram, mut right) = (vec![0.0; k * k], vec![0.0; k]);
    for row in 0..k {
        for column in 0..=row {
            gram[row * k + column] = product(columns[row], columns[column]);
        }
        gram[row * k + row] *= 1.0 + 1e-12;
        right[row] = product(columns[row], (0, errors));
    }
    let factor = Cholesky::new(&gram, k)?;
    factor.solve(&mut right);
    let inverse = factor.inverse();
    let mut rest = errors.to_vec();
    for ((start, column), size) in columns.iter().zip(&right) {
        rest[*start..].iter_mut().zip(*column).for_each(|(rest, x)| *rest -= size * x);
    }
    let sizes = (2..k).map(|i| (right[i], inverse[i * k + i].sqrt())).collect();
    Some(Joint { sizes, rest })
}

/// The course of `prepared`.
///
/// O(n (k + 100) + k^3) time for each of at most 4 rounds with k interventions, and O(n) for each that is tried.
pub(super) fn course(prepared: &Prepared, search: &Search) -> Course {
    let n = prepared.z.len();
    let Search { season: m, decay, .. } = *search;
    let first_season = prepared.first_season(m);
    let seasonal = first_season.is_some();
    let mut season = first_season.unwrap_or_else(|| vec![0.0; n]);
    let mut effects: Vec<Effect> = Vec::new();
    let mut round = 0;
    loop {
        let taken = total(&effects, decay, n);
        if round > 0 && seasonal {
            let cleaned = prepared.without(&taken.iter().zip(&season).map(|(a, b)| a + b).collect::<Vec<_>>());
            let with_season: Vec<f64> = cleaned.iter().zip(&season).map(|(a, b)| a + b).collect();
            if let Some(found) = smooth_season(&with_season, m) {
                season = found;
            }
        }
        let both: Vec<f64> = taken.iter().zip(&season).map(|(a, b)| a + b).collect();
        let whitening = Whitening::estimate(&prepared.tame_differences(&prepared.without(&both)));
        let scan = Scan::new(whitening, decay, n);
        let mut errors = vec![0.0; n];
        let x = prepared.without(&season);
        whitening.errors(&super::prepared::differences(&x), &mut errors);
        let before: Vec<(usize, usize)> = effects.iter().map(|e| (e.position, e.kind)).collect();
        let spent = OTHERS + if seasonal { SEASONAL_ESTIMATES * (m - 1) as f64 } else { 0.0 };
        let sigma = refine(prepared, search, &scan, &errors, spent, &mut effects);
        round += 1;
        let same = effects.iter().map(|e| (e.position, e.kind)).eq(before);
        if round == ROUNDS || (same && (round > 1 || !seasonal)) || (effects.is_empty() && round > 1) {
            let unit = prepared.unit;
            let named = |e: &Effect| Break {
                position: prepared.start + e.position,
                kind: KINDS[e.kind],
                size: e.size * unit,
                statistic: e.statistic,
            };
            return Course { sigma, breaks: effects.iter().map(named).collect() };
        }
    }
}

/// The sum of the effects at each place.
fn total(effects: &[Effect], decay: f64, n: usize) -> Vec<f64> {
    let mut sum = vec![0.0; n];
    for e in effects {
        for (age, cell) in sum[e.position..].iter_mut().enumerate() {
            *cell += Break::effect(KINDS[e.kind], e.size, age, decay);
        }
    }
    sum
}

/// Adds the clearest interventions one by one, then takes the unclear ones out; returns the spread of the errors.
fn refine(
    prepared: &Prepared,
    search: &Search,
    scan: &Scan,
    errors: &[f64],
    spent: f64,
    effects: &mut Vec<Effect>,
) -> f64 {
    let n = errors.len();
    let most = (prepared.found / VALUES_FOR_ONE).min(MOST);
    let estimates = |effects: &[Effect]| effects.len() as f64 + spent;
    let mut refused: Vec<(usize, usize)> = Vec::new();
    let mut fit = joint(scan, errors, effects).or_else(|| {
        effects.clear();
        joint(scan, errors, effects)
    });
    while let Some(current) = fit.as_ref().filter(|_| effects.len() < most) {
        let sigma = prepared.sigma(&current.rest, estimates(effects));
        let allowed = |kind: usize, position: usize| {
            let (before, behind) = if KINDS[kind] == BreakKind::Pulse { (1, 2) } else { (BEFORE, search.shortest) };
            !prepared.missing[position]
                && position >= before
                && n - position >= behind
                && !effects.iter().any(|e| (e.position, e.kind) == (position, kind))
                && !refused.contains(&(position, kind))
        };
        let Some(Candidate { position, kind, statistic }) = scan.clearest(&current.rest, sigma, allowed) else { break };
        if statistic.abs() < search.limit {
            break;
        }
        effects.push(Effect { position, kind, size: 0.0, statistic });
        match joint(scan, errors, effects) {
            Some(next) => fit = Some(next),
            None => {
                effects.pop();
                refused.push((position, kind));
            }
        }
    }
    loop {
        let Some(current) = &fit else { return f64::INFINITY };
        let sigma = prepared.sigma(&current.rest, estimates(effects));
        for (effect, (size, error)) in effects.iter_mut().zip(&current.sizes) {
            (effect.size, effect.statistic) = (*size, size / (sigma * error));
        }
        let weakest = (0..effects.len())
            .min_by(|&a, &b| effects[a].statistic.abs().total_cmp(&effects[b].statistic.abs()))
            .filter(|&i| effects[i].statistic.abs() < search.limit);
        let Some(weakest) = weakest else {
            effects.sort_by_key(|e| (e.position, e.kind));
            return sigma;
        };
        effects.remove(weakest);
        fit = joint(scan, errors, effects);
    }
}
