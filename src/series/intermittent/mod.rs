//! Demand that is often zero: how large it is and how often it comes are learned apart, or over longer periods.
//!
//! The models here publish a rate, the demand to expect per period. Their distributions put a mass on zero and spread
//! the rest as past demands were spread, so most points (medians) of a rare demand are 0 while the mean is the rate.

mod adida;
mod aggregated;
mod compound;
mod croston;
mod imapa;
mod sba;
mod smoothing;
mod tsb;

pub use self::adida::{Adida, FittedAdida};
pub use self::croston::{Croston, CrostonParams, FittedCroston};
pub use self::imapa::{FittedImapa, Imapa};
pub use self::sba::{FittedSba, Sba, SbaParams};
pub use self::tsb::{FittedTsb, Tsb, TsbParams};
use super::{LARGEST, count_present};
use crate::error::{FitError, ParamError};

/// Refuses what no demand can be: values below 0, besides those that no model takes.
fn check_demands(y: &[f64]) -> Result<(), FitError> {
    count_present(y, 1)?;
    match y.iter().position(|value| *value < 0.0) {
        Some(position) => Err(FitError::Target { position, value: y[position], allowed: "at least 0" }),
        None => Ok(()),
    }
}

/// Whether a new value can be carried on: missing, or a demand.
fn usable(value: f64) -> bool {
    value.is_nan() || (0.0..=LARGEST).contains(&value)
}

fn check_weight(name: &'static str, weight: f64) -> Result<(), ParamError> {
    if weight > 0.0 && weight < 1.0 { Ok(()) } else { Err(ParamError::new(name, weight, "in (0, 1)")) }
}
