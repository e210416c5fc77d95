//! Private solvers and slice kernels. Kernels take slices; callers allocate.

pub(crate) mod brent;
pub(crate) mod conjugate_gradients;
pub(crate) mod garch;
pub(crate) mod holt_winters;
pub(crate) mod levenberg_marquardt;
pub(crate) mod loess;
pub(crate) mod nelder_mead;
pub(crate) mod network;
pub(crate) mod non_negative;
pub(crate) mod normal;
pub(crate) mod pelt;
pub(crate) mod projection;
pub(crate) mod qr;
pub(crate) mod quantile;
pub(crate) mod random;
pub(crate) mod rows;
pub(crate) mod scale;
pub(crate) mod spd;
pub(crate) mod stl;
pub(crate) mod super_smoother;
pub(crate) mod svd;
