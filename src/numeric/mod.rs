//! Private solvers and slice kernels. Kernels take slices; callers allocate.

pub(crate) mod brent;
pub(crate) mod nelder_mead;
pub(crate) mod network;
pub(crate) mod normal;
pub(crate) mod quantile;
pub(crate) mod rows;
pub(crate) mod scale;
