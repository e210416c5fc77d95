//! Private solvers and slice kernels. Kernels take slices; callers allocate.

pub(crate) mod normal;
pub(crate) mod quantile;
