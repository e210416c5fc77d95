//! Minimising a function of a few variables in a box, without derivatives.

/// Where the search ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Minimum<const N: usize> {
    pub(crate) at: [f64; N],
    pub(crate) value: f64,
}

/// The box and when to stop.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Search<const N: usize> {
    pub(crate) low: [f64; N],
    pub(crate) high: [f64; N],
    /// Edge of the first simplex, as a share of the box.
    pub(crate) edge: f64,
    /// The values of the simplex agree to this relative precision.
    pub(crate) precision: f64,
    /// Evaluations per simplex.
    pub(crate) max_evaluations: usize,
    /// Fresh simplexes at the best point: a simplex that has collapsed onto a face of the box gets out of it again.
    pub(crate) max_restarts: usize,
}

impl<const N: usize> Search<N> {
    /// A local minimum of `f`, searched from `start`. Deterministic; nothing is allocated between evaluations.
    ///
    /// Trial points are moved to the nearest point of the box. A value that is not finite counts as the worst.
    /// Sources: Nelder & Mead (1965), "A simplex method for function minimization", Computer Journal 7; order of the
    /// vertices after Lagarias, Reeds, Wright & Wright (1998), SIAM Journal on Optimization 9.
    pub(crate) fn minimise(&self, mut f: impl FnMut(&[f64; N]) -> f64, start: [f64; N]) -> Minimum<N> {
        let mut f = |x: &[f64; N]| {
            let value = f(x);
            if value.is_finite() { value } else { f64::INFINITY }
        };
        let start = self.clamped(start);
        let mut best = Minimum { at: start, value: f(&start) };
        let mut simplex = Vec::with_capacity(N + 1);
        for _ in 0..=self.max_restarts {
            let before = best.value;
            self.spread(&mut simplex, best, &mut f);
            self.contract_until_flat(&mut simplex, &mut f);
            best = simplex[0];
            let gained = before - best.value > self.precision * before.abs();
            if !gained {
                break;
            }
        }
        best
    }

    /// Puts a fresh simplex around `centre`, each edge turned towards the side that has room.
    fn spread(&self, simplex: &mut Vec<Minimum<N>>, centre: Minimum<N>, f: &mut impl FnMut(&[f64; N]) -> f64) {
        simplex.clear();
        simplex.push(centre);
        for i in 0..N {
            let mut at = centre.at;
            let edge = self.edge * (self.high[i] - self.low[i]);
            at[i] += if at[i] + edge <= self.high[i] { edge } else { -edge };
            let at = self.clamped(at);
            simplex.push(Minimum { at, value: f(&at) });
        }
    }

    fn contract_until_flat(&self, simplex: &mut [Minimum<N>], f: &mut impl FnMut(&[f64; N]) -> f64) {
        let mut evaluations = 0;
        loop {
            // Stable: of equal values the older vertex stays in front.
            simplex.sort_by(|a, b| a.value.total_cmp(&b.value));
            let (best, worst) = (simplex[0].value, simplex[N].value);
            if evaluations >= self.max_evaluations || worst - best <= self.precision * best.abs() {
                return;
            }
            let mut centroid = [0.0; N];
            for vertex in &simplex[..N] {
                for (c, x) in centroid.iter_mut().zip(&vertex.at) {
                    *c += x / N as f64;
                }
            }
            let last = simplex[N];
            let mut trial = |stretch: f64| {
                let at = self.clamped(std::array::from_fn(|i| centroid[i] + stretch * (last.at[i] - centroid[i])));
                evaluations += 1;
                Minimum { at, value: f(&at) }
            };
            let reflected = trial(-1.0);
            if reflected.value < best {
                let expanded = trial(-2.0);
                simplex[N] = if expanded.value < reflected.value { expanded } else { reflected };
                continue;
            }
            if reflected.value < simplex[N - 1].value {
                simplex[N] = reflected;
                continue;
            }
            let outside = reflected.value < last.value;
            let contracted = trial(if outside { -0.5 } else { 0.5 });
            if contracted.value < if outside { reflected.value } else { last.value } {
                simplex[N] = contracted;
                continue;
            }
            let centre = simplex[0].at;
            for vertex in &mut simplex[1..] {
                let at = std::array::from_fn(|i| f64::midpoint(centre[i], vertex.at[i]));
                *vertex = Minimum { at, value: f(&at) };
            }
            evaluations += N;
        }
    }

    fn clamped(&self, x: [f64; N]) -> [f64; N] {
        std::array::from_fn(|i| x[i].clamp(self.low[i], self.high[i]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search<const N: usize>(low: f64, high: f64) -> Search<N> {
        Search { low: [low; N], high: [high; N], edge: 0.1, precision: 1e-14, max_evaluations: 2000, max_restarts: 20 }
    }

    #[test]
    fn finds_the_valley_of_rosenbrock() {
        // Rosenbrock (1960), Computer Journal 3: minimum 0 at (1, 1), usual start (-1.2, 1).
        let found =
            search(-5.0, 5.0).minimise(|&[x, y]| 1.0 + 100.0 * (y - x * x).powi(2) + (1.0 - x).powi(2), [-1.2, 1.0]);
        assert!((found.at[0] - 1.0).abs() < 1e-5 && (found.at[1] - 1.0).abs() < 1e-5, "{found:?}");
    }

    #[test]
    fn reaches_a_corner_of_the_box() {
        let found = search(0.0, 1.0).minimise(|&[x, y, z]| 1.0 + x - y + (z - 0.4).powi(2), [0.5; 3]);
        assert!(found.at[0] < 1e-6 && found.at[1] > 1.0 - 1e-6 && (found.at[2] - 0.4).abs() < 1e-5, "{found:?}");
    }

    #[test]
    fn undefined_values_are_the_worst() {
        let found = search(0.0, 1.0).minimise(|&[x]| if x > 0.5 { f64::NAN } else { 1.0 - x }, [0.1]);
        assert!(found.at[0] <= 0.5 && found.at[0] > 0.49, "{found:?}");
    }
}
