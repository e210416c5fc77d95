//! Which columns a regression stands on.

use ndarray::{Array2, ArrayView1, ArrayView2};
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use serde::Serialize;

use super::FittedRegressor;
use crate::error::{FitError, ParamError, Result};
use crate::numeric::random::SplitMix64;

/// Columns of a design matrix that are permuted together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnGroup {
    /// What they are called together.
    pub name: String,
    /// Their positions.
    pub columns: Vec<usize>,
}

/// Groups of columns by their names: the codes of one category (`month_1` to `month_12`, `region_is_TX`, ...), and the terms
/// of one season (`fourier_12_sin_1`, ...), belong together; every other column stands alone.
#[must_use]
pub fn column_groups(names: &[String]) -> Vec<ColumnGroup> {
    let mut groups: Vec<ColumnGroup> = Vec::new();
    for (column, name) in names.iter().enumerate() {
        let family = family(name);
        match groups.iter_mut().find(|group| group.name == family) {
            Some(group) => group.columns.push(column),
            None => groups.push(ColumnGroup { name: family.to_owned(), columns: vec![column] }),
        }
    }
    groups
}

fn family(name: &str) -> &str {
    for part in ["month", "quarter", "school_term"] {
        if name.strip_prefix(part).is_some_and(|rest| rest.starts_with('_') && !rest.contains("_lag_")) {
            return part;
        }
    }
    if name.starts_with("fourier_") {
        let season = name.char_indices().filter(|(_, c)| *c == '_').nth(1);
        return season.map_or(name, |(end, _)| &name[..end]);
    }
    name.split_once("_is_").map_or(name, |(group, _)| group)
}

/// How much a regression's error grows when columns lose their meaning.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Importance {
    /// The columns.
    pub name: String,
    /// Mean absolute error as it is, in the units of the target.
    pub mae: f64,
    /// Mean growth of that error over the repeats; below 0 if the columns mislead.
    pub increase: f64,
    /// Standard deviation of the growth over the repeats; 0 for one repeat.
    pub std: f64,
}

/// Permutation importance: the rows of some columns are put in random order and the error is measured again.
///
/// ```text
/// increase = mean over repeats of mae(y, f(x with columns permuted)) - mae(y, f(x))
/// ```
/// | Parameter | Default | Allowed | Meaning |
/// |---|---|---|---|
/// | `repeats` | 5 | 1 to 1000 | permutations of each group |
/// | `seed` | 1 | | the same seed gives the same answer on any number of threads |
///
/// Measure it on rows that the regression was not fitted on, or it says what was memorised. Columns that tell the same share
/// their importance: each alone may look useless. O(groups * repeats) predictions.
/// Sources: Breiman (2001), "Random forests", Machine Learning 45, 5-32; Fisher, Rudin & Dominici (2019), JMLR 20(177).
///
/// # Examples
/// ```
/// use credcast::regression::{Ols, PermutationImportance, Regressor, column_groups};
/// use ndarray::{Array1, Array2};
/// let x = Array2::from_shape_fn((40, 2), |(i, j)| ((i * (3 + 4 * j)) % 11) as f64);
/// let y: Array1<f64> = x.column(0).mapv(|v| 2.0 * v);
/// let fitted = Ols.fit(x.view(), y.view())?;
/// let groups = column_groups(&["used".into(), "unused".into()]);
/// let found = PermutationImportance::params(5, 1)?.of(&fitted, x.view(), y.view(), &groups)?;
/// assert!(found[0].increase > 1.0 && found[1].increase.abs() < 1e-9);
/// # Ok::<(), credcast::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PermutationImportance {
    repeats: u32,
    seed: u64,
}

impl Default for PermutationImportance {
    fn default() -> Self {
        Self { repeats: 5, seed: 1 }
    }
}

impl PermutationImportance {
    /// With so many permutations of each group.
    ///
    /// # Errors
    /// [`ParamError`] unless `repeats` is from 1 to 1000.
    pub fn params(repeats: u32, seed: u64) -> Result<Self, ParamError> {
        if !(1..=1000).contains(&repeats) {
            return Err(ParamError::new("repeats", repeats, "from 1 to 1000"));
        }
        Ok(Self { repeats, seed })
    }

    /// The importance of each group for the predictions of `y` (n) from `x` (n rows), in the order of the groups.
    ///
    /// # Errors
    /// [`FitError::Design`] without rows, for a `y` of another length or a group without columns or with one that is not
    /// there; [`FitError::NotFinite`] for a target that is not finite; whatever the prediction says.
    pub fn of(
        &self,
        fitted: &impl FittedRegressor,
        x: ArrayView2<'_, f64>,
        y: ArrayView1<'_, f64>,
        groups: &[ColumnGroup],
    ) -> Result<Vec<Importance>, FitError> {
        let (n, width) = x.dim();
        let refused = |detail: String| Err(FitError::Design { detail });
        if n == 0 || y.len() != n {
            return refused(format!("{n} rows for {} targets, at least one and as many are needed", y.len()));
        }
        if let Some((position, &value)) = y.iter().enumerate().find(|(_, value)| !value.is_finite()) {
            return Err(FitError::NotFinite { position, value });
        }
        if let Some(group) = groups.iter().find(|g| g.columns.is_empty() || g.columns.iter().any(|c| *c >= width)) {
            return refused(format!("group {} has columns {:?}, and {width} are there", group.name, group.columns));
        }
        let error = |x: ArrayView2<'_, f64>| -> Result<f64, FitError> {
            Ok(fitted.predict(x)?.iter().zip(y).map(|(found, y)| (found - y).abs()).sum::<f64>() / n as f64)
        };
        let mae = error(x)?;
        let tasks: Vec<(usize, u32)> =
            (0..groups.len()).flat_map(|group| (0..self.repeats).map(move |repeat| (group, repeat))).collect();
        let growths = tasks
            .into_par_iter()
            .map(|(group, repeat)| {
                // A stream of its own for each permutation, whoever computes it.
                let stream = (group as u64) << 32 | u64::from(repeat);
                let mut random = SplitMix64::new(self.seed.wrapping_add(stream.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
                let mut order: Vec<usize> = (0..n).collect();
                random.shuffle(&mut order);
                let mut permuted: Array2<f64> = x.to_owned();
                for &column in &groups[group].columns {
                    permuted
                        .column_mut(column)
                        .iter_mut()
                        .zip(&order)
                        .for_each(|(cell, row)| *cell = x[[*row, column]]);
                }
                Ok(error(permuted.view())? - mae)
            })
            .collect::<Result<Vec<f64>, FitError>>()?;
        let told = |(group, growths): (&ColumnGroup, &[f64])| {
            let n = growths.len() as f64;
            let increase = growths.iter().sum::<f64>() / n;
            let squares: f64 = growths.iter().map(|growth| (growth - increase).powi(2)).sum();
            let std = if growths.len() > 1 { (squares / (n - 1.0)).sqrt() } else { 0.0 };
            Importance { name: group.name.clone(), mae, increase, std }
        };
        let repeats = usize::try_from(self.repeats).unwrap_or(1);
        Ok(groups.iter().zip(growths.chunks_exact(repeats)).map(told).collect())
    }
}
