//! What every method hands over to be judged.

use super::balance::ArmWeights;
use super::influence::Estimated;

/// Two groups made comparable, and the difference between them.
#[derive(Clone, Debug)]
pub(super) struct Comparison {
    pub(super) estimated: Estimated,
    /// How much each row counts within its group.
    pub(super) weights: ArmWeights,
    /// Outcomes of matched rows less those of their counterparts.
    pub(super) pairs: Vec<f64>,
    /// Treated without a neighbour.
    pub(super) unmatched: usize,
    /// What a reader must know.
    pub(super) notes: Vec<String>,
}

impl Comparison {
    pub(super) fn new(estimated: Estimated, weights: ArmWeights) -> Self {
        Self { estimated, weights, pairs: Vec::new(), unmatched: 0, notes: Vec::new() }
    }
}
