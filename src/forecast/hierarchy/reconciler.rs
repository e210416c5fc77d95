//! Base forecasts in, forecasts that add up out.

use serde::{Deserialize, Serialize};

use super::bottom_fit::BottomFit;
use super::constraints::Constraints;
use super::method::{Reconciliation, Shares};
use super::structure::Hierarchy;
use super::top_down;
use super::weights::Weights;
use crate::error::{DataError, PersistError};
use crate::panel::Panel;

/// A method of reconciliation with all that it needs of the past.
///
/// # Examples
/// ```
/// use credcast::{Period, Panel, SeriesKey, forecast::{Groups, Hierarchy, Reconciler, Reconciliation, Weighting}};
/// let keys = [SeriesKey::new("nurse", "CA"), SeriesKey::new("nurse", "TX")];
/// let hierarchy = Hierarchy::new(Groups::params().region("TX", "US").region("CA", "US").build()?, &keys)?;
/// // Nodes are nurse@CA, nurse@TX and their sum, nurse.
/// let ols = Reconciler::new(hierarchy, Reconciliation::MinT(Weighting::Ols), false, &[], None)?;
/// let points = ols.points(&[4.0, 6.0, 13.0]);
/// assert!(points.iter().zip([5.0, 7.0, 12.0]).all(|(found, expected)| (found - expected).abs() < 1e-12));
/// # Ok::<(), credcast::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reconciler {
    hierarchy: Hierarchy,
    method: Reconciliation,
    non_negative: bool,
    weights: Option<Weights>,
    /// Historical share of each bottom series.
    shares: Option<Vec<f64>>,
}

impl Reconciler {
    /// Prepares `method` for `hierarchy`, with no negative value at the bottom if `non_negative`.
    ///
    /// `errors` holds past forecast errors, a list for each node in node order, of equal length, NaN where unknown: variances
    /// and covariances come from them. Without enough of them the structural weights are used, as
    /// [`Reconciler::shrinkage`] and [`Reconciler::is_structural`] tell. `history`, a panel of all nodes, gives historical shares.
    ///
    /// # Errors
    /// [`DataError::ColumnLength`] for lists of errors of unequal length or number; [`DataError::Empty`] where historical
    /// shares are asked for without a history.
    pub fn new(
        hierarchy: Hierarchy,
        method: Reconciliation,
        non_negative: bool,
        errors: &[Vec<f64>],
        history: Option<&Panel>,
    ) -> Result<Self, DataError> {
        if !errors.is_empty() && errors.len() != hierarchy.n_nodes() {
            let (expected, found) = (hierarchy.n_nodes(), errors.len());
            return Err(DataError::ColumnLength { name: "errors".into(), expected, found });
        }
        if let Some(pair) = errors.windows(2).find(|pair| pair[0].len() != pair[1].len()) {
            let (expected, found) = (pair[0].len(), pair[1].len());
            return Err(DataError::ColumnLength { name: "errors".into(), expected, found });
        }
        let mut reconciler = Self { hierarchy, method, non_negative, weights: None, shares: None };
        match method {
            Reconciliation::MinT(weighting) => {
                reconciler.weights = Some(Weights::new(weighting, &reconciler.hierarchy, errors));
            }
            Reconciliation::BottomUp => {}
            Reconciliation::TopDown(shares) | Reconciliation::MiddleOut { shares, .. } => {
                if shares != Shares::ForecastProportions {
                    let none = || DataError::Empty { what: "the history that shares are taken from".into() };
                    let anchors = reconciler.anchors();
                    let found =
                        top_down::historical(&reconciler.hierarchy, &anchors, history.ok_or_else(none)?, shares);
                    reconciler.shares = Some(found);
                }
            }
        }
        Ok(reconciler)
    }

    /// The hierarchy.
    #[must_use]
    pub fn hierarchy(&self) -> &Hierarchy {
        &self.hierarchy
    }

    /// The method.
    #[must_use]
    pub fn method(&self) -> Reconciliation {
        self.method
    }

    /// Whether negative values at the bottom are ruled out.
    #[must_use]
    pub fn is_non_negative(&self) -> bool {
        self.non_negative
    }

    /// How far covariances were shrunk towards their diagonal, in [0, 1]; `None` if they were not used.
    #[must_use]
    pub fn shrinkage(&self) -> Option<f64> {
        self.weights.as_ref().and_then(|weights| weights.shrinkage)
    }

    /// Whether the weights are the numbers of bottom series, because that was asked for or too few errors were known.
    #[must_use]
    pub fn is_structural(&self) -> bool {
        let counts = self.hierarchy.counts();
        self.weights.as_ref().is_some_and(|weights| {
            weights.rank == 0 && weights.diagonal.iter().zip(counts).all(|(w, n)| (w - n as f64).abs() <= 0.0)
        })
    }

    /// The value of every node, in node order, from base forecasts in node order: the bottom is reconciled and summed.
    ///
    /// # Panics
    /// If there is not one base forecast for each node.
    #[must_use]
    pub fn points(&self, base: &[f64]) -> Vec<f64> {
        self.hierarchy.sum(&self.prepared().bottom(base))
    }

    fn anchors(&self) -> Vec<usize> {
        let (item_depth, region_depth) = match self.method {
            Reconciliation::MiddleOut { item_depth, region_depth, .. } => (item_depth, region_depth),
            Reconciliation::BottomUp | Reconciliation::TopDown(_) | Reconciliation::MinT(_) => (0, 0),
        };
        top_down::anchors(&self.hierarchy, item_depth, region_depth)
    }

    /// Does what is the same for all forecasts once.
    pub(super) fn prepared(&self) -> Prepared<'_> {
        let step = match (self.method, &self.weights) {
            (Reconciliation::MinT(_), Some(weights)) => Step::LeastSquares {
                free: Constraints::new(&self.hierarchy, weights),
                bounded: self.non_negative.then(|| BottomFit::new(&self.hierarchy, weights)),
            },
            (Reconciliation::TopDown(_) | Reconciliation::MiddleOut { .. }, _) => {
                Step::Split { anchors: self.anchors(), children: self.hierarchy.children() }
            }
            (Reconciliation::BottomUp | Reconciliation::MinT(_), _) => Step::Sum,
        };
        Prepared { reconciler: self, step }
    }

    /// Whether reconciled values are linear in base values.
    pub(super) fn is_linear(&self) -> bool {
        let by_forecast = match self.method {
            Reconciliation::TopDown(shares) | Reconciliation::MiddleOut { shares, .. } => {
                shares == Shares::ForecastProportions
            }
            Reconciliation::BottomUp | Reconciliation::MinT(_) => false,
        };
        !self.non_negative && !by_forecast
    }

    /// Checks what was read.
    pub(super) fn check(&self) -> Result<(), PersistError> {
        let invalid = |detail: &str| Err(PersistError::Invalid { detail: detail.into() });
        if let Some(weights) = &self.weights {
            weights.check(self.hierarchy.n_nodes())?;
        }
        if matches!(self.method, Reconciliation::MinT(_)) != self.weights.is_some() {
            return invalid("weights of the reconciliation");
        }
        let historical = match self.method {
            Reconciliation::TopDown(shares) | Reconciliation::MiddleOut { shares, .. } => {
                shares != Shares::ForecastProportions
            }
            Reconciliation::BottomUp | Reconciliation::MinT(_) => false,
        };
        let sound = |shares: &Vec<f64>| {
            shares.len() == self.hierarchy.n_bottom() && shares.iter().all(|share| share.is_finite())
        };
        if historical != self.shares.is_some() || !self.shares.as_ref().is_none_or(sound) {
            return invalid("shares of the reconciliation");
        }
        Ok(())
    }
}

/// A [`Reconciler`] at work.
pub(super) struct Prepared<'a> {
    reconciler: &'a Reconciler,
    step: Step<'a>,
}

enum Step<'a> {
    Sum,
    Split { anchors: Vec<usize>, children: Vec<Vec<usize>> },
    LeastSquares { free: Constraints<'a>, bounded: Option<BottomFit<'a>> },
}

impl Prepared<'_> {
    /// The bottom that belongs to `base`.
    pub(super) fn bottom(&self, base: &[f64]) -> Vec<f64> {
        let hierarchy = &self.reconciler.hierarchy;
        assert_eq!(base.len(), hierarchy.n_nodes(), "one base forecast for each node");
        let mut bottom = match (&self.step, &self.reconciler.shares) {
            (Step::Sum, _) => hierarchy.bottoms().iter().map(|&node| base[node]).collect(),
            (Step::Split { anchors, .. }, Some(shares)) => {
                anchors.iter().zip(shares).map(|(&anchor, share)| base[anchor] * share).collect()
            }
            (Step::Split { anchors, children }, None) => top_down::by_forecast(hierarchy, anchors, children, base),
            (Step::LeastSquares { free, bounded: None }, _) => free.bottom(base),
            (Step::LeastSquares { free, bounded: Some(bounded) }, _) => bounded.bottom(base, free.bottom(base)),
        };
        if self.reconciler.non_negative {
            bottom.iter_mut().for_each(|value| *value = value.max(0.0));
        }
        bottom
    }
}
