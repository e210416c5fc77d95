//! What kind of series it is, as numbers.

use std::collections::BTreeMap;

use ndarray::ArrayViewMut2;
use serde::{Deserialize, Serialize};

use super::element::Element;
use super::group::Group;
use super::rows::{Rows, Tiled};
use super::tile;
use super::windowed::{FittedOrigin, Origin};
use super::{Feature, FeatureSpec, FittedFeature};
use crate::error::{ParamError, Result};
use crate::panel::{Panel, SeriesView};

/// Most categories that one-hot columns are written for.
const MOST_COLUMNS: usize = 1000;

/// Series are dealt into so many folds by their key.
const FOLDS: usize = 5;

/// How a category becomes numbers.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CategoryCoding {
    /// Its place among the categories of the training span in the order of their names, from 0: for trees. NaN for one that
    /// was not there.
    Ordinal,
    /// A column of 0 and 1 for each category of the training span; all 0 for one that was not there.
    OneHot,
    /// The mean of a column over the category's training rows, drawn towards the mean of all:
    ///
    /// ```text
    /// x[i] = (sum + m * overall) / (n + m)
    /// ```
    /// where the rows of a series' own fold are left out of `sum`, `n` and `overall` for each series that was trained on, so
    /// that no series sees its own values (Micci-Barreca 2001, SIGKDD Explorations 3, 27-32).
    TargetMean {
        /// `m`: as many rows as the overall mean counts for; at least 0.
        weight: f64,
    },
}

/// The group of a series as a static feature.
///
/// Columns: `{group}_code`, `{group}_is_{category}`, or `{group}_{column}_target_mean`. Series that belong to no group have NaN.
/// Fitting is O(rows); writing O(rows columns).
#[derive(Clone, Debug, PartialEq)]
pub struct Category {
    group: Group,
    coding: CategoryCoding,
    column: Option<String>,
}

impl Category {
    /// The group in a coding. A target mean is taken of the panel's first column.
    ///
    /// # Errors
    /// [`ParamError`] for a prefix of no characters, or a weight that is negative or not finite.
    pub fn of(group: Group, coding: CategoryCoding) -> Result<Self, ParamError> {
        check(&group, coding)?;
        Ok(Self { group, coding, column: None })
    }

    /// Takes the target mean of `column`.
    #[must_use]
    pub fn column(mut self, column: impl Into<String>) -> Self {
        self.column = Some(column.into());
        self
    }
}

fn check(group: &Group, coding: CategoryCoding) -> Result<(), ParamError> {
    group.check()?;
    match coding {
        CategoryCoding::TargetMean { weight } if !(weight >= 0.0 && weight.is_finite()) => {
            Err(ParamError::new("weight", weight, "at least 0 and finite"))
        }
        _ => Ok(()),
    }
}

impl Feature for Category {
    fn fit(&self, train: &Panel) -> Result<Box<dyn FittedFeature>> {
        let origin = Origin { column: self.column.clone(), lag: 0 }.find(train)?;
        let column = origin.index(train)?;
        let mut categories: BTreeMap<String, Folds> = BTreeMap::new();
        let mut overall = Folds::default();
        let mut trained = Vec::new();
        for series in train.iter() {
            let Some(name) = self.group.of(series.key()) else { continue };
            let folds = categories.entry(name.to_owned()).or_default();
            if matches!(self.coding, CategoryCoding::TargetMean { .. }) {
                let seed = series.key().seed();
                trained.push(seed);
                for &value in series.values(column).iter().filter(|value| value.is_finite()) {
                    folds.add(fold(seed), value);
                    overall.add(fold(seed), value);
                }
            }
        }
        if self.coding == CategoryCoding::OneHot && categories.len() > MOST_COLUMNS {
            let n = categories.len();
            return Err(ParamError::new("categories", n, "at most 1000 for one-hot columns").into());
        }
        trained.sort_unstable();
        trained.dedup();
        let (group, coding) = (self.group.clone(), self.coding);
        Ok(Box::new(FittedCategory { group, coding, origin, categories, overall, trained }))
    }
}

fn fold(seed: u64) -> usize {
    usize::try_from(seed % FOLDS as u64).unwrap_or(0)
}

/// Counts and sums by fold.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Folds {
    counts: [f64; FOLDS],
    sums: [f64; FOLDS],
}

impl Folds {
    fn add(&mut self, fold: usize, value: f64) {
        self.counts[fold] += 1.0;
        self.sums[fold] += value;
    }

    /// Count and sum of the folds but one.
    fn without(&self, fold: Option<usize>) -> (f64, f64) {
        let others = || (0..FOLDS).filter(|other| Some(*other) != fold);
        (others().map(|f| self.counts[f]).sum(), others().map(|f| self.sums[f]).sum())
    }
}

/// [`Category`] with the categories of the training span.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedCategory {
    group: Group,
    coding: CategoryCoding,
    origin: FittedOrigin,
    categories: BTreeMap<String, Folds>,
    overall: Folds,
    /// Seeds of the keys that were trained on, ascending.
    trained: Vec<u64>,
}

impl FittedCategory {
    /// The checks of [`Category::of`], on what was read.
    pub(super) fn check(&self) -> Result<(), ParamError> {
        self.origin.check()?;
        check(&self.group, self.coding)
    }

    /// The place of a category in the order of names.
    fn place(&self, name: &str) -> usize {
        self.categories.keys().take_while(|category| category.as_str() < name).count()
    }

    fn target_mean(&self, category: Option<&Folds>, seed: u64, weight: f64) -> f64 {
        let own = self.trained.binary_search(&seed).is_ok().then(|| fold(seed));
        let (n, sum) = category.map_or((0.0, 0.0), |folds| folds.without(own));
        let (all, total) = self.overall.without(own);
        // Without any other row there is nothing to tell: 0 / 0 is the missing value.
        if weight > 0.0 { (sum + weight * (total / all)) / (n + weight) } else { sum / n }
    }
}

impl Tiled for FittedCategory {
    fn reach(&self) -> usize {
        0
    }

    fn write<T: Element>(&self, rows: &mut impl Rows, out: &mut [&mut [T]]) -> Result<()> {
        rows.each_series(|rows, key, _| {
            let name = self.group.of(key);
            let found = name.and_then(|name| self.categories.get(name));
            let cell = match (self.coding, name) {
                (_, None) => f64::NAN,
                (CategoryCoding::OneHot, Some(_)) => 0.0,
                (CategoryCoding::Ordinal, Some(name)) if found.is_some() => self.place(name) as f64,
                (CategoryCoding::Ordinal, Some(_)) => f64::NAN,
                (CategoryCoding::TargetMean { weight }, Some(_)) => self.target_mean(found, key.seed(), weight),
            };
            out.iter_mut().for_each(|out| out[rows.clone()].fill(T::nearest(cell)));
            if let (CategoryCoding::OneHot, Some(name), true) = (self.coding, name, found.is_some()) {
                out[self.place(name)][rows].fill(T::nearest(1.0));
            }
            Ok(())
        })
    }
}

impl FittedFeature for FittedCategory {
    fn columns(&self) -> Vec<String> {
        let group = self.group.name();
        match self.coding {
            CategoryCoding::Ordinal => vec![format!("{group}_code")],
            CategoryCoding::OneHot => self.categories.keys().map(|name| format!("{group}_is_{name}")).collect(),
            CategoryCoding::TargetMean { .. } => vec![format!("{group}_{}_target_mean", self.origin.name())],
        }
    }

    fn fill(&self, series: SeriesView<'_>, out: ArrayViewMut2<'_, f64>) -> Result<()> {
        tile::fill(self, series, out)
    }

    fn memory(&self) -> Option<usize> {
        Some(0)
    }

    fn spec(&self) -> Option<FeatureSpec> {
        Some(FeatureSpec::Category(self.clone()))
    }
}
