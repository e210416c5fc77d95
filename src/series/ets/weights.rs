use super::form::EtsForm;

/// The usual region of R `ets()`: alpha; beta as a share of alpha and gamma as a share of 1 - alpha; the damping.
pub(super) const WEIGHT: [f64; 2] = [1e-4, 0.9999];
pub(super) const DAMPING: [f64; 2] = [0.8, 0.98];

/// The weights of one form; those that it lacks are 0, a damping that it lacks is 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Weights {
    pub(super) alpha: f64,
    pub(super) beta: f64,
    pub(super) gamma: f64,
    pub(super) phi: f64,
}

/// Weights that are given rather than estimated.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Given {
    pub(super) alpha: Option<f64>,
    pub(super) beta: Option<f64>,
    pub(super) gamma: Option<f64>,
    pub(super) phi: Option<f64>,
}

/// The coordinates of the search, alpha, share of beta, share of gamma and phi, and their box.
#[derive(Clone, Copy, Debug)]
pub(super) struct Space {
    pub(super) low: [f64; 4],
    pub(super) high: [f64; 4],
    given: Given,
    form: EtsForm,
    m: usize,
}

impl Space {
    pub(super) fn new(form: EtsForm, m: usize, given: Given) -> Self {
        let [least, most] = WEIGHT;
        let [mut low, mut high] = [[least, least, least, DAMPING[0]], [most, most, most, DAMPING[1]]];
        // A given beta or gamma leaves alpha what lies above the one and below 1 less the other.
        low[0] = low[0].max(given.beta.unwrap_or(0.0));
        // Rounding must not put the one bound past the other.
        high[0] = high[0].min(1.0 - given.gamma.unwrap_or(0.0)).max(low[0]);
        for (i, value) in [(0, given.alpha), (3, given.phi)] {
            if let Some(value) = value {
                (low[i], high[i]) = (value, value);
            }
        }
        Self { low, high, given, form, m }
    }

    /// Which coordinates the search may move.
    pub(super) fn free(&self) -> [bool; 4] {
        let Given { alpha, beta, gamma, phi } = self.given;
        [
            alpha.is_none(),
            self.form.has_trend() && beta.is_none(),
            self.form.is_seasonal() && gamma.is_none(),
            self.form.is_damped() && phi.is_none(),
        ]
    }

    pub(super) fn weights(&self, &[alpha, beta, gamma, phi]: &[f64; 4]) -> Weights {
        Weights {
            alpha,
            beta: if self.form.has_trend() { self.given.beta.unwrap_or(alpha * beta) } else { 0.0 },
            gamma: if self.form.is_seasonal() { self.given.gamma.unwrap_or((1.0 - alpha) * gamma) } else { 0.0 },
            phi: if self.form.is_damped() { phi } else { 1.0 },
        }
    }

    pub(super) fn clamped(&self, at: [f64; 4]) -> [f64; 4] {
        std::array::from_fn(|i| at[i].clamp(self.low[i], self.high[i]))
    }

    /// Whether errors long past are forgotten. The usual region ensures that but for forms with both trend and season.
    pub(super) fn is_stable(&self, weights: Weights) -> bool {
        !(self.form.has_trend() && self.form.is_seasonal()) || forgets(weights, self.m)
    }
}

/// Whether the roots of the characteristic polynomial of trend and season lie within the unit circle, by the recursion of
/// Schur and Cohn.
///
/// The errors are the series filtered by the inverse of `(1 - phi B)(1 - B^m) + (alpha (1 - phi B) + phi beta) (B + ... + B^m) +
/// gamma B^m (1 - phi B)`, over `(1 - phi B)(1 - B^m)`. R `ets()` has `beta` for `phi beta`, the same without damping.
fn forgets(Weights { alpha, beta, gamma, phi }: Weights, m: usize) -> bool {
    /// The degree is one more than the longest season.
    const LONGEST: usize = super::LONGEST_SEASON + 2;
    let mut low_first = [0.0; LONGEST];
    let reach = phi * beta;
    let middle = alpha + reach - alpha * phi;
    low_first[1..=m].fill(middle);
    low_first[0] = phi * (1.0 - alpha - gamma);
    low_first[1] += gamma - 1.0;
    low_first[m] = alpha + reach - phi;
    low_first[m + 1] = 1.0;
    let mut next = low_first;
    for degree in (1..=m + 1).rev() {
        let (a, last) = (low_first, low_first[degree]);
        let reflection = a[0] / last;
        if reflection.is_nan() || reflection.abs() >= 1.0 {
            return false;
        }
        for i in 0..degree {
            next[i] = a[i + 1] - reflection * a[degree - i - 1];
        }
        low_first = next;
    }
    true
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these results are exact")]
mod tests {
    use super::*;

    fn at(alpha: f64, beta: f64, gamma: f64, phi: f64) -> Weights {
        Weights { alpha, beta, gamma, phi }
    }

    #[test]
    fn errors_are_forgotten_exactly_where_their_effect_fades() {
        let mut compared = 0;
        for m in [2, 4, 12] {
            for alpha in [0.05, 0.5, 0.95] {
                for share in [0.01, 0.5, 0.99] {
                    for gamma in [0.01, 0.5, 0.99] {
                        for phi in [0.85, 1.0] {
                            let w = at(alpha, alpha * share, (1.0 - alpha) * gamma, phi);
                            // A unit error in the first value, none after: what do the states add to a later error?
                            let (mut level, mut trend, mut season) = (0.0, 0.0, vec![0.0; m]);
                            // Roots can lie within a hundred-thousandth of the circle: wait long.
                            let (mut early, mut late) = (1e-9_f64, 0.0_f64);
                            for t in 0..100_000 {
                                let f = level + w.phi * trend + season[t % m];
                                let e = if t == 0 { 1.0 } else { 0.0 } - f;
                                level += w.phi * trend + w.alpha * e;
                                trend = w.phi * trend + w.beta * e;
                                season[t % m] += w.gamma * e;
                                match t {
                                    45_000..50_000 => early = early.max(e.abs()),
                                    95_000.. => late = late.max(e.abs()),
                                    _ => {}
                                }
                                if e.is_nan() || e.abs() > 1e6 {
                                    late = f64::INFINITY;
                                    break;
                                }
                            }
                            // Too near the circle to tell.
                            if !(0.2..5.0).contains(&(late / early)) {
                                compared += 1;
                                assert_eq!(forgets(w, m), late < early, "{w:?} {m}: {early} {late}");
                            }
                        }
                    }
                }
            }
        }
        assert!(compared > 120, "{compared}");
    }

    #[test]
    fn given_weights_bound_the_others() {
        let form = EtsForm::parse("AAdA").unwrap();
        let given = Given { beta: Some(0.2), gamma: Some(0.3), ..Given::default() };
        let space = Space::new(form, 4, given);
        assert_eq!((space.low[0], space.high[0], space.free()), (0.2, 0.7, [true, false, false, true]));
        assert_eq!(space.weights(&[0.5, 0.9, 0.9, 0.9]), at(0.5, 0.2, 0.3, 0.9));
        let full = Space::new(form, 4, Given { gamma: Some(0.9999), ..Given::default() });
        assert_eq!(full.clamped([0.5; 4])[0], 1e-4);
    }
}
