//! Models of one series against references, and at their limits.

mod arima;
mod breaks;
mod ces;
mod count_autoregression;
mod diffusion;
mod ets;
mod intermittent;
mod mstl;
mod reference;
mod theta;
