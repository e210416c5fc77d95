//! Least squares with absorbed effects for hundreds or thousands of 0/1 columns of which a row has few.
//!
//! `AbsorbedLeastSquares` takes dense columns (3.2 GB for 200 of two million rows) and tells the error of each coefficient. Here
//! columns are lists of those that a row has, what is left of a row once effects are taken out is worked out when it is needed,
//! and the full covariance of the coefficients comes out, also that between two fits. The answers are the same.

mod columns;
mod fit;
mod frame;
mod residuals;
mod solve;

pub(crate) use self::columns::SparseRows;
pub(crate) use self::fit::{Absent, Fit, fit};
pub(crate) use self::frame::Frame;
