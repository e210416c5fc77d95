use serde::{Deserialize, Serialize};

use super::super::{check_sigma, check_state};
use crate::error::ParamError;

/// What a break does to a series from its position on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BreakKind {
    /// One value lies off: an additive outlier.
    Pulse,
    /// A jump that fades by the same share in each period.
    TransientChange,
    /// A jump that stays.
    LevelShift,
    /// The change per period is another one from here on.
    SlopeChange,
    /// The spread is another one from here on; the level may be too.
    VarianceChange,
}

/// A break in a series.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Break {
    pub(super) position: usize,
    pub(super) kind: BreakKind,
    pub(super) size: f64,
    pub(super) statistic: f64,
}

impl Break {
    /// The first place of the series that it shows in.
    #[must_use]
    pub fn position(&self) -> usize {
        self.position
    }

    /// What it does.
    #[must_use]
    pub fn kind(&self) -> BreakKind {
        self.kind
    }

    /// The jump in units of the series, or of its logarithm; for a slope the change per period; for a variance the
    /// logarithm of the ratio of standard deviations.
    #[must_use]
    pub fn size(&self) -> f64 {
        self.size
    }

    /// How clear it is. Of an intervention the size over its standard error, with its sign; of a segment's start what
    /// twice the log likelihood loses without it.
    #[must_use]
    pub fn statistic(&self) -> f64 {
        self.statistic
    }

    /// What it adds to the value `age` periods after its position, if it jumps by `size`.
    pub(super) fn effect(kind: BreakKind, size: f64, age: usize, decay: f64) -> f64 {
        match kind {
            BreakKind::Pulse if age == 0 => size,
            BreakKind::LevelShift => size,
            BreakKind::TransientChange => size * power(decay, age),
            BreakKind::Pulse | BreakKind::SlopeChange | BreakKind::VarianceChange => 0.0,
        }
    }

    pub(super) fn check(&self) -> Result<(), ParamError> {
        let Self { position: _, kind: _, size, statistic } = *self;
        check_state("size", size)?;
        if statistic.is_nan() { Err(ParamError::new("statistic", statistic, "a number")) } else { Ok(()) }
    }
}

/// `base^age`; an age beyond all that matters counts as the largest that fits.
pub(super) fn power(base: f64, age: usize) -> f64 {
    base.powi(i32::try_from(age).unwrap_or(i32::MAX))
}

/// The breaks of a series, in order of position.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Breaks {
    pub(super) found: Vec<Break>,
    pub(super) sigma: f64,
    pub(super) log: bool,
}

impl Breaks {
    /// The breaks, in order of position.
    #[must_use]
    pub fn found(&self) -> &[Break] {
        &self.found
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Robust standard deviation of what the search takes for noise: one-step errors, in units of the series or of its
    /// logarithm.
    #[must_use]
    pub fn sigma(&self) -> f64 {
        self.sigma
    }

    /// Whether sizes are those of the logarithm.
    #[must_use]
    pub fn log(&self) -> bool {
        self.log
    }

    pub(super) fn check(&self) -> Result<(), ParamError> {
        let Self { found, sigma, log: _ } = self;
        check_sigma(*sigma)?;
        if found.windows(2).any(|pair| pair[0].position > pair[1].position) {
            return Err(ParamError::new("breaks", "not in order", "in order of position"));
        }
        found.iter().try_for_each(Break::check)
    }
}
