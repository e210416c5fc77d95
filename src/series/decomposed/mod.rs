//! Series taken apart into trend, seasons and remainder, and models of what is left without the seasons.

mod decomposition;
mod mstl;

pub use self::decomposition::{Decomposition, Season};
pub use self::mstl::{FittedMstl, Mstl, MstlParams};
