//! Forecasts that add up: hierarchies and grouped structures.

mod bottom_fit;
mod constraints;
mod groups;
mod joint;
mod method;
mod past_errors;
mod reconciled;
mod reconciler;
mod structure;
mod top_down;
mod weights;

pub use self::groups::{Groups, GroupsParams, Outside};
pub use self::method::{Reconciliation, Shares, Weighting};
pub use self::reconciled::{FittedReconciled, Reconciled, ReconciledParams};
pub use self::reconciler::Reconciler;
pub use self::structure::Hierarchy;
