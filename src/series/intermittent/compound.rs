use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::super::LARGEST_STATE;
use crate::distribution::{Predictive, QuantileTable};
use crate::error::ParamError;
use crate::numeric::quantile;

/// Demands that are remembered: the most recent ones.
const KEPT: usize = 500;
/// Most sizes in a distribution; more demands than that are thinned to as many quantiles.
const KNOTS: usize = 100;
/// The part of a size's probability over which a distribution climbs from 0 to the smallest size.
const CLIMB: f64 = 1e-6;

/// The sizes of past demands, zeros left out, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Demands {
    sizes: VecDeque<f64>,
}

impl Demands {
    pub(super) fn push(&mut self, size: f64) {
        if self.sizes.len() == KEPT {
            self.sizes.pop_front();
        }
        self.sizes.push_back(size);
    }

    /// The shape of the sizes: sorted, in units of their mean.
    pub(super) fn shape(&self) -> Vec<f64> {
        let mut shape: Vec<f64> = self.sizes.iter().copied().collect();
        shape.sort_by(f64::total_cmp);
        let equal = shape.first() == shape.last();
        if shape.len() > KNOTS {
            shape = (0..KNOTS).map(|i| quantile::of_sorted(&shape, (i as f64 + 0.5) / KNOTS as f64)).collect();
        }
        // Shares of the largest first: a sum of the sizes themselves need not be a number.
        let largest = shape.last().copied().unwrap_or(1.0);
        let mean = shape.iter().map(|size| size / largest).sum::<f64>() / shape.len().max(1) as f64;
        shape.iter_mut().for_each(|size| *size = if equal { 1.0 } else { *size / largest / mean });
        shape
    }

    pub(super) fn check(&self) -> Result<(), ParamError> {
        if self.sizes.len() > KEPT {
            return Err(ParamError::new("demands", self.sizes.len(), "at most 500"));
        }
        match self.sizes.iter().find(|size| !(**size > 0.0 && **size <= LARGEST_STATE)) {
            Some(size) => Err(ParamError::new("demands", size, "in (0, 1e155]")),
            None => Ok(()),
        }
    }
}

impl FromIterator<f64> for Demands {
    fn from_iter<T: IntoIterator<Item = f64>>(sizes: T) -> Self {
        let mut demands = Self::default();
        sizes.into_iter().for_each(|size| demands.push(size));
        demands
    }
}

/// A demand with `probability`, then of a size with mean `mean` and the given shape, its distance from the mean
/// multiplied by `widening`, never below 0; otherwise 0.
pub(super) fn compound(shape: &[f64], probability: f64, mean: f64, widening: f64) -> Predictive {
    let sizes = |relative: &f64| (mean * (1.0 + widening * (relative - 1.0))).max(0.0);
    let (Some(&first), Some(&last)) = (shape.first(), shape.last()) else { return Predictive::Point(0.0) };
    if probability >= 1.0 && sizes(&first) >= sizes(&last) {
        return Predictive::Point(mean);
    }
    let none = (1.0 - probability).clamp(0.0, 1.0);
    let each = (1.0 - none) / shape.len() as f64;
    let (mut probabilities, mut values) = (Vec::with_capacity(shape.len() + 2), Vec::with_capacity(shape.len() + 2));
    let mut knot = |probability: f64, value: f64| {
        // Probabilities so close to each other that they round to one number add nothing.
        if probabilities.last().is_none_or(|before| *before < probability) {
            probabilities.push(probability);
            values.push(value);
        }
    };
    if none > 0.0 {
        knot(none, 0.0);
        knot(none + CLIMB * each, sizes(&first));
    }
    for (i, relative) in shape.iter().enumerate() {
        knot((none + each * (i as f64 + 0.5)).min(1.0), sizes(relative));
    }
    // The checks hold for every state that `check` lets through.
    QuantileTable::new(probabilities, values).map_or(Predictive::Point(0.0), Predictive::Quantiles)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distribution::Probability;

    fn shape(sizes: &[f64]) -> Vec<f64> {
        sizes.iter().copied().collect::<Demands>().shape()
    }

    #[test]
    fn the_mean_is_the_rate_and_zero_has_its_mass() {
        let dist = compound(&shape(&[1.0, 2.0, 2.0, 7.0]), 0.4, 5.0, 1.0);
        assert!((dist.mean() - 2.0).abs() < 1e-5, "{}", dist.mean());
        assert!((dist.cdf(0.0) - 0.6).abs() < 1e-12);
        let at = |p| dist.quantile(Probability::new(p).unwrap());
        assert!(at(0.5) <= 0.0 && (at(0.99) - 5.0 * 7.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn wider_shapes_never_go_below_zero() {
        let dist = compound(&shape(&[1.0, 2.0, 2.0, 7.0]), 1.0, 3.0, 2.0);
        assert!(dist.quantile(Probability::new(0.0).unwrap()) >= 0.0);
        assert!(dist.check().is_ok());
    }

    #[test]
    fn degenerate_demands_are_points() {
        assert_eq!(compound(&[], 0.3, 0.0, 1.0), Predictive::Point(0.0));
        assert_eq!(compound(&shape(&[0.1; 7]), 1.0, 0.1, 1.4), Predictive::Point(0.1));
        assert!(compound(&shape(&[2.0]), 1e-300, 2.0, 1.0).check().is_ok());
    }

    #[test]
    fn many_demands_are_thinned() {
        let many = shape(&(1..=450).map(f64::from).collect::<Vec<f64>>());
        assert_eq!(many.len(), KNOTS);
        assert!((many.iter().sum::<f64>() / KNOTS as f64 - 1.0).abs() < 1e-12);
        let mut demands: Demands = (1..=600).map(f64::from).collect();
        demands.push(5.0);
        assert!(demands.check().is_ok() && demands.sizes.len() == KEPT && demands.sizes[KEPT - 1] > 4.0);
    }

    #[test]
    fn huge_and_tiny_sizes_have_a_shape() {
        for unit in [1e-300, 1e150] {
            let found = shape(&[unit, 2.0 * unit, 6.0 * unit]);
            assert!((found[2] - 2.0).abs() < 1e-12, "{found:?}");
        }
    }
}
