//! Smooth seasons.

use std::f64::consts::TAU;

use ndarray::ArrayViewMut2;
use serde::{Deserialize, Serialize};

use super::element::Element;
use super::rows::{Rows, Tiled, write_periods};
use super::tile;
use super::windowed::LONGEST;
use super::{Feature, FeatureSpec, FittedFeature};
use crate::error::{ParamError, Result};
use crate::panel::{Panel, SeriesView};

/// Fourier terms of a season: the smoother, the fewer.
///
/// ```text
/// sin(2 pi k t / season), cos(2 pi k t / season)    k = 1, ..., order
/// ```
/// `t` counts periods from a fixed date, so that all series share their phase. `season` is in periods and need not be whole
/// (52.18 weeks). Columns: `fourier_{season}_sin_{k}`, `fourier_{season}_cos_{k}`; where `2 k = season` the sine is 0 throughout
/// and left out. Never missing. O(rows order).
/// Source: Hyndman & Athanasopoulos (2021), *Forecasting: Principles and Practice*, 3rd ed., 7.4.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fourier {
    season: f64,
    order: usize,
}

impl Fourier {
    /// `order` pairs of terms of `season`.
    ///
    /// # Errors
    /// [`ParamError`] unless `season` is from 2 to 1200 and `order` from 1 to half of it.
    pub fn terms(season: f64, order: usize) -> Result<Self, ParamError> {
        check(season, order)?;
        Ok(Self { season, order })
    }
}

fn check(season: f64, order: usize) -> Result<(), ParamError> {
    if !(2.0..=LONGEST as f64).contains(&season) {
        return Err(ParamError::new("season", season, "from 2 to 1200"));
    }
    if order == 0 || 2.0 * order as f64 > season {
        return Err(ParamError::new("order", order, "from 1 to half of the season"));
    }
    Ok(())
}

impl Feature for Fourier {
    fn fit(&self, _: &Panel) -> Result<Box<dyn FittedFeature>> {
        Ok(Box::new(FittedFourier { season: self.season, order: self.order }))
    }
}

/// [`Fourier`] in a pipeline.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedFourier {
    season: f64,
    order: usize,
}

impl FittedFourier {
    /// The checks of [`Fourier::terms`], on what was read.
    pub(super) fn check(&self) -> Result<(), ParamError> {
        check(self.season, self.order)
    }

    /// Whether the sine of term `k` is 0 in every period.
    fn vanishes(&self, k: usize) -> bool {
        2.0 * k as f64 >= self.season
    }
}

impl Tiled for FittedFourier {
    fn reach(&self) -> usize {
        0
    }

    fn write<T: Element>(&self, rows: &mut impl Rows, out: &mut [&mut [T]]) -> Result<()> {
        write_periods(rows, out, |_, period, cells| {
            let mut next = 0;
            for k in 1..=self.order {
                // The place within the season first: large counts of periods cost no digits.
                let place = (k as f64 * f64::from(period.ordinal())).rem_euclid(self.season);
                let (sine, cosine) = (TAU * place / self.season).sin_cos();
                let terms = [(!self.vanishes(k)).then_some(sine), Some(cosine)];
                for term in terms.into_iter().flatten() {
                    cells[next] = term;
                    next += 1;
                }
            }
            Ok(())
        })
    }
}

impl FittedFeature for FittedFourier {
    fn columns(&self) -> Vec<String> {
        let names = |k| {
            let sine = (!self.vanishes(k)).then(|| format!("fourier_{}_sin_{k}", self.season));
            sine.into_iter().chain([format!("fourier_{}_cos_{k}", self.season)])
        };
        (1..=self.order).flat_map(names).collect()
    }

    fn fill(&self, series: SeriesView<'_>, out: ArrayViewMut2<'_, f64>) -> Result<()> {
        tile::fill(self, series, out)
    }

    fn memory(&self) -> Option<usize> {
        Some(0)
    }

    fn spec(&self) -> Option<FeatureSpec> {
        Some(FeatureSpec::Fourier(*self))
    }
}
