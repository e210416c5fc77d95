use super::order::ArimaOrder;
use super::polynomial::{from_partial, product};

/// The search stays within this distance of 0: partial autocorrelations up to tanh 6 = 0.99999 in size.
pub(super) const BOUND: f64 = 6.0;

/// The coefficients of one set of polynomials `phi(B) Phi(B^m) w = theta(B) Theta(B^m) e`, with
/// `phi = 1 - ar[1] B - ...` and `theta = 1 + ma[1] B + ...`, and their products.
#[derive(Clone, Debug)]
pub(super) struct Weights {
    season: usize,
    /// Roots of the plain polynomials are searched beyond this, those of the seasonal ones beyond its power `m`.
    radius: f64,
    pub(super) ar: Vec<f64>,
    pub(super) ma: Vec<f64>,
    pub(super) seasonal_ar: Vec<f64>,
    pub(super) seasonal_ma: Vec<f64>,
    /// `phi(B) Phi(B^m)` without its 1, as autoregressive coefficients.
    pub(super) phi: Vec<f64>,
    /// `theta(B) Theta(B^m)` without its 1.
    pub(super) theta: Vec<f64>,
    /// The coefficients of `phi` and `theta` that are not 0, with their places.
    pub(super) phi_taps: Vec<(usize, f64)>,
    pub(super) theta_taps: Vec<(usize, f64)>,
    /// Partial autocorrelations of the polynomial at hand.
    partial: Vec<f64>,
}

impl Weights {
    /// All coefficients 0.
    pub(super) fn new(order: ArimaOrder, radius: f64) -> Self {
        Self {
            season: order.season.get(),
            radius,
            ar: vec![0.0; order.p],
            ma: vec![0.0; order.q],
            seasonal_ar: vec![0.0; order.seasonal_p],
            seasonal_ma: vec![0.0; order.seasonal_q],
            phi: vec![0.0; order.ar_lags()],
            theta: vec![0.0; order.ma_lags()],
            phi_taps: Vec::with_capacity(order.ar_lags()),
            theta_taps: Vec::with_capacity(order.ma_lags()),
            partial: Vec::with_capacity(order.n_weights()),
        }
    }

    /// Coefficients that were checked to fit `order`.
    pub(super) fn of(order: ArimaOrder, [ar, ma, seasonal_ar, seasonal_ma]: [&[f64]; 4]) -> Self {
        let mut weights = Self::new(order, 1.0);
        weights.ar.copy_from_slice(ar);
        weights.ma.copy_from_slice(ma);
        weights.seasonal_ar.copy_from_slice(seasonal_ar);
        weights.seasonal_ma.copy_from_slice(seasonal_ma);
        weights.expand();
        weights
    }

    /// Sets the coefficients from the coordinates of the search: inverse hyperbolic tangents of the partial
    /// autocorrelations of the four polynomials, in the order `ar`, `ma`, `seasonal_ar`, `seasonal_ma`. A polynomial in
    /// `B` with roots beyond 1, taken at `B / radius`, has them beyond `radius`: no point of the search has to be refused.
    pub(super) fn set(&mut self, x: &[f64]) {
        let mut rest = x;
        let of_season = self.radius.powf(self.season as f64);
        let kinds = [(false, self.radius), (true, self.radius), (false, of_season), (true, of_season)];
        let parts = [&mut self.ar, &mut self.ma, &mut self.seasonal_ar, &mut self.seasonal_ma];
        for (part, (is_moving, radius)) in parts.into_iter().zip(kinds) {
            let (here, behind) = rest.split_at(part.len());
            rest = behind;
            self.partial.clear();
            self.partial.extend(here.iter().map(|x| x.tanh()));
            from_partial(&self.partial, part);
            let mut scale = if is_moving { -1.0 } else { 1.0 };
            for weight in part {
                scale /= radius;
                *weight *= scale;
            }
        }
        self.expand();
    }

    fn expand(&mut self) {
        product(&self.ar, &self.seasonal_ar, self.season, &mut self.phi);
        // The product of `1 + ma B + ...`: signs changed on the way in and out.
        self.ma.iter_mut().chain(&mut self.seasonal_ma).for_each(|weight| *weight = -*weight);
        product(&self.ma, &self.seasonal_ma, self.season, &mut self.theta);
        self.ma.iter_mut().chain(&mut self.seasonal_ma).chain(&mut self.theta).for_each(|weight| *weight = -*weight);
        for (taps, dense) in [(&mut self.phi_taps, &self.phi), (&mut self.theta_taps, &self.theta)] {
            taps.clear();
            taps.extend(dense.iter().copied().enumerate().filter(|(_, weight)| *weight != 0.0));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::arima::polynomial::roots_beyond;
    use crate::series::arima::test_orders;

    #[test]
    fn no_root_lies_within_the_radius() {
        for (order, x) in test_orders() {
            for stretch in [0.3, 1.0, 10.0] {
                let x: Vec<f64> = x.iter().map(|x| (x * stretch).clamp(-BOUND, BOUND)).collect();
                let mut weights = Weights::new(order, 1.01);
                weights.set(&x);
                let turned = |ma: &[f64]| ma.iter().map(|weight| -weight).collect::<Vec<f64>>();
                let of_season = 1.01_f64.powf(order.season.get() as f64);
                assert!(roots_beyond(&weights.ar, 1.01) && roots_beyond(&turned(&weights.ma), 1.01));
                assert!(roots_beyond(&weights.seasonal_ar, of_season));
                assert!(roots_beyond(&turned(&weights.seasonal_ma), of_season));
            }
        }
        let mut weights = Weights::new(test_orders()[1].0, 1.01);
        weights.set(&[BOUND]);
        assert!((weights.ar[0] - 1.0 / 1.01).abs() < 1e-4);
    }
}
