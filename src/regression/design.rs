//! What every regression asks of its input, and the columns that linear models are given.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis, CowArray, Ix1, Ix2, ShapeBuilder};
use serde::{Deserialize, Serialize};

use crate::error::{FitError, PersistError};

/// Largest size of a value: sums of squares of a billion of them stay far below the largest `f64` (1.8e308).
pub(crate) const LARGEST: f64 = 1e100;

/// A column whose values differ by less than this share of their size is constant: what is left is rounding error of
/// the data, about 1e-16 for each operation that produced them.
pub(crate) const CONSTANT_SHARE: f64 = 1e-12;

/// A column is collinear if less than this share of its length is left once the columns before it are taken out: the
/// tolerance of R's `lm` (`lm.fit`, argument `tol`).
pub(crate) const COLLINEAR_SHARE: f64 = 1e-7;

/// A column that a linear model left out: its coefficient is 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dropped {
    /// Position of the column, from 0.
    pub column: usize,
    /// Why.
    pub reason: DropReason,
}

/// Why a linear model left a column out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DropReason {
    /// All its values are equal: the intercept says the same.
    Constant,
    /// Columns before it say the same together.
    Collinear,
    /// The absorbed effects say the same.
    Absorbed,
}

/// Checks shapes, and that every value is finite and at most 1e100 in size.
pub(crate) fn check(x: ArrayView2<'_, f64>, y: ArrayView1<'_, f64>) -> Result<(), FitError> {
    if x.nrows() == 0 || x.ncols() == 0 {
        return Err(refuse(format!("{} rows and {} columns; at least one of each is needed", x.nrows(), x.ncols())));
    }
    if x.nrows() != y.len() {
        return Err(refuse(format!("{} rows for {} targets", x.nrows(), y.len())));
    }
    check_values(x)?;
    y.iter().enumerate().try_for_each(|(row, &value)| check_value(row, value))
}

/// Checks that there is one weight for each row, each finite, from 0 to 1e100, and one of them above 0.
pub(crate) fn check_weights(weights: ArrayView1<'_, f64>, n_rows: usize) -> Result<(), FitError> {
    if weights.len() != n_rows {
        return Err(refuse(format!("{} weights for {n_rows} rows", weights.len())));
    }
    for (row, &weight) in weights.iter().enumerate() {
        check_value(row, weight)?;
        if weight < 0.0 {
            return Err(refuse(format!("weight {weight} of row {row} is below 0")));
        }
    }
    if weights.iter().all(|weight| *weight <= 0.0) {
        return Err(refuse("no row has a weight above 0".into()));
    }
    Ok(())
}

/// Checks that there is one value for each row, each finite and at most 1e100 in size.
pub(crate) fn check_column(what: &str, values: ArrayView1<'_, f64>, n_rows: usize) -> Result<(), FitError> {
    if values.len() != n_rows {
        return Err(refuse(format!("{} {what} for {n_rows} rows", values.len())));
    }
    values.iter().enumerate().try_for_each(|(row, &value)| check_value(row, value))
}

/// The rows that count.
#[derive(Debug)]
pub(crate) struct Rows<'x, 'y> {
    pub(crate) x: CowArray<'x, f64, Ix2>,
    pub(crate) y: CowArray<'y, f64, Ix1>,
    /// One for each row, all above 0; `None` if all are 1.
    pub(crate) weights: Option<Array1<f64>>,
    /// Where they stood before those of weight 0 were left out; `None` if none were.
    pub(crate) places: Option<Vec<usize>>,
}

impl<'x, 'y> Rows<'x, 'y> {
    /// Checks everything ([`check`], [`check_weights`]) and leaves out the rows of weight 0; copies only then.
    pub(crate) fn new(
        x: ArrayView2<'x, f64>,
        y: ArrayView1<'y, f64>,
        weights: Option<ArrayView1<'_, f64>>,
    ) -> Result<Self, FitError> {
        check(x, y)?;
        let Some(weights) = weights else {
            return Ok(Self { x: x.into(), y: y.into(), weights: None, places: None });
        };
        check_weights(weights, x.nrows())?;
        let places: Vec<usize> = (0..x.nrows()).filter(|row| weights[*row] > 0.0).collect();
        let present = if places.len() == x.nrows() { weights.to_owned() } else { weights.select(Axis(0), &places) };
        let weights = present.iter().any(|weight| (weight - 1.0).abs() > 0.0).then_some(present);
        if places.len() == x.nrows() {
            return Ok(Self { x: x.into(), y: y.into(), weights, places: None });
        }
        let (x, y) = (x.select(Axis(0), &places), y.select(Axis(0), &places));
        Ok(Self { x: x.into(), y: y.into(), weights, places: Some(places) })
    }

    /// Of something with one value for each row that was given, the values of the rows that count.
    pub(crate) fn pick<T: Copy>(&self, values: impl IntoIterator<Item = T>) -> Vec<T> {
        let values: Vec<T> = values.into_iter().collect();
        match &self.places {
            None => values,
            Some(places) => places.iter().map(|place| values[*place]).collect(),
        }
    }

    /// The place among the rows that were given.
    pub(crate) fn place(&self, row: usize) -> usize {
        self.places.as_ref().map_or(row, |places| places[row])
    }

    /// The weights divided by their mean; `None` if all are equal.
    pub(crate) fn relative_weights(&self) -> Option<Array1<f64>> {
        let weights = self.weights.as_ref()?;
        let largest = weights.iter().fold(0.0, |size: f64, value| size.max(*value));
        if weights.iter().all(|weight| *weight >= largest) {
            return None;
        }
        // By the largest first: the mean of tiny ones would be lost.
        let relative = weights / largest;
        let mean = mean(relative.view(), None);
        Some(relative / mean)
    }
}

/// Checks that `x` can be predicted from by a model of `n_columns` columns; no rows are fine.
pub(crate) fn check_new(x: ArrayView2<'_, f64>, n_columns: usize) -> Result<(), FitError> {
    if x.ncols() != n_columns {
        return Err(refuse(format!("{} columns, the model was fitted to {n_columns}", x.ncols())));
    }
    check_values(x)
}

pub(crate) fn check_values(x: ArrayView2<'_, f64>) -> Result<(), FitError> {
    x.axis_iter(Axis(1))
        .try_for_each(|column| column.iter().enumerate().try_for_each(|(row, &value)| check_value(row, value)))
}

pub(crate) fn check_value(position: usize, value: f64) -> Result<(), FitError> {
    if !value.is_finite() {
        return Err(FitError::NotFinite { position, value });
    }
    if value.abs() > LARGEST {
        return Err(FitError::TooLarge { position, value, limit: LARGEST });
    }
    Ok(())
}

pub(crate) fn refuse(detail: String) -> FitError {
    FitError::Design { detail }
}

/// Columns with mean 0 and mean square 1, and a target with mean 0, without the columns that are constant.
#[derive(Debug)]
pub(crate) struct Standardised {
    /// Kept columns only, column-major.
    pub(crate) x: Array2<f64>,
    pub(crate) y: Array1<f64>,
    y_mean: f64,
    /// Of each kept column: its place in the original, its mean and what it was divided by.
    kept: Vec<(usize, f64, f64)>,
    n_columns: usize,
    dropped: Vec<Dropped>,
}

impl Standardised {
    /// Standardises checked rows. With weights, means are weighted and every row is then multiplied by the root of its weight
    /// (relative to their mean): what is left is a problem without weights. O(n p) time, one copy of the data.
    pub(crate) fn new(rows: &Rows<'_, '_>) -> Self {
        Self::with_roots(rows, true)
    }

    /// The same, but rows are not multiplied.
    pub(crate) fn of_values(rows: &Rows<'_, '_>) -> Self {
        Self::with_roots(rows, false)
    }

    fn with_roots(rows: &Rows<'_, '_>, multiply: bool) -> Self {
        let (x, y, weights) = (rows.x.view(), rows.y.view(), rows.relative_weights());
        let weights = weights.as_ref().map(Array1::view);
        let roots = weights.filter(|_| multiply).map(|weights| weights.mapv(f64::sqrt));
        let (mut kept, mut dropped, mut columns) = (Vec::new(), Vec::new(), Vec::new());
        for (column, values) in x.axis_iter(Axis(1)).enumerate() {
            let (centre, scale, mut standard) = standardise(values, weights);
            if scale > 0.0 {
                if let Some(roots) = &roots {
                    standard *= roots;
                }
                kept.push((column, centre, scale));
                columns.push(standard);
            } else {
                dropped.push(Dropped { column, reason: DropReason::Constant });
            }
        }
        let y_mean = mean(y, weights);
        let mut y = y.mapv(|value| value - y_mean);
        if let Some(roots) = &roots {
            y *= roots;
        }
        Self { x: side_by_side(x.nrows(), &columns), y, y_mean, kept, n_columns: x.ncols(), dropped }
    }

    /// Drops every column that the kept columns before it explain (modified Gram-Schmidt, each projection done twice,
    /// after which the basis is orthogonal to rounding: Giraud et al. 2005, Numer. Math. 101). O(n p^2).
    pub(crate) fn drop_collinear(&mut self) {
        let length = (self.y.len() as f64).sqrt();
        let mut basis: Vec<Array1<f64>> = Vec::new();
        let (mut kept, mut columns) = (Vec::new(), Vec::new());
        for (&place, values) in self.kept.iter().zip(self.x.axis_iter(Axis(1))) {
            let mut rest = values.to_owned();
            for _ in 0..2 {
                for direction in &basis {
                    let along = direction.dot(&rest);
                    rest.scaled_add(-along, direction);
                }
            }
            let left = rest.dot(&rest).sqrt();
            if left > COLLINEAR_SHARE * length {
                basis.push(rest / left);
                kept.push(place);
                columns.push(values.to_owned());
            } else {
                self.dropped.push(Dropped { column: place.0, reason: DropReason::Collinear });
            }
        }
        if columns.len() < self.kept.len() {
            self.x = side_by_side(self.y.len(), &columns);
            self.kept = kept;
        }
        self.dropped.sort_by_key(|dropped| dropped.column);
    }

    /// Drops the kept columns that `collinear` marks.
    pub(crate) fn drop_marked(&mut self, collinear: &[bool]) {
        if !collinear.contains(&true) {
            return;
        }
        let stays: Vec<usize> = (0..self.kept.len()).filter(|place| !collinear[*place]).collect();
        let gone = (0..self.kept.len()).filter(|place| collinear[*place]).map(|place| self.kept[place].0);
        self.dropped.extend(gone.map(|column| Dropped { column, reason: DropReason::Collinear }));
        self.dropped.sort_by_key(|dropped| dropped.column);
        let columns: Vec<Array1<f64>> = stays.iter().map(|place| self.x.column(*place).to_owned()).collect();
        self.x = side_by_side(self.y.len(), &columns);
        self.kept = stays.iter().map(|place| self.kept[*place]).collect();
    }

    /// Of each kept column: its place in the original, its mean and what it was divided by.
    pub(crate) fn kept(&self) -> &[(usize, f64, f64)] {
        &self.kept
    }

    /// The mean of the target that was taken out.
    pub(crate) fn y_mean(&self) -> f64 {
        self.y_mean
    }

    /// The columns left out, ascending.
    pub(crate) fn dropped(&self) -> &[Dropped] {
        &self.dropped
    }

    /// The model on the original scale for `standard` coefficients, one for each kept column.
    pub(crate) fn undo(self, standard: ArrayView1<'_, f64>, solver: &'static str) -> Result<Linear, FitError> {
        let mut coefficients = vec![0.0; self.n_columns];
        let mut intercept = self.y_mean;
        for (&(column, centre, scale), &value) in self.kept.iter().zip(standard) {
            coefficients[column] = value / scale;
            intercept -= coefficients[column] * centre;
        }
        let model = Linear { intercept, coefficients, dropped: self.dropped };
        model
            .is_legal()
            .then_some(model)
            .ok_or_else(|| FitError::NoConvergence { solver, detail: "a coefficient is not a finite number".into() })
    }
}

/// The mean, with a second pass that takes out most of the rounding error of the first. Weights have mean 1.
pub(crate) fn mean(values: ArrayView1<'_, f64>, weights: Option<ArrayView1<'_, f64>>) -> f64 {
    let n = values.len() as f64;
    if let Some(weights) = weights {
        let first = values.dot(&weights) / n;
        return first + values.iter().zip(weights).map(|(value, weight)| (value - first) * weight).sum::<f64>() / n;
    }
    let first = values.sum() / n;
    first + values.iter().map(|value| value - first).sum::<f64>() / n
}

/// Centre, scale and standardised values; the scale is 0 for a constant column.
fn standardise(values: ArrayView1<'_, f64>, weights: Option<ArrayView1<'_, f64>>) -> (f64, f64, Array1<f64>) {
    let centre = mean(values, weights);
    let mut standard = values.mapv(|value| value - centre);
    let size = values.iter().fold(0.0, |size: f64, value| size.max(value.abs()));
    let spread = standard.iter().fold(0.0, |size: f64, value| size.max(value.abs()));
    if spread <= CONSTANT_SHARE * size {
        return (centre, 0.0, standard);
    }
    // In two steps, so that squares of tiny values do not vanish.
    standard /= spread;
    let squares = match weights {
        None => standard.dot(&standard),
        Some(weights) => standard.iter().zip(weights).map(|(value, weight)| value * value * weight).sum(),
    };
    let sd = (squares / standard.len() as f64).sqrt();
    standard /= sd;
    (centre, spread * sd, standard)
}

fn side_by_side(n_rows: usize, columns: &[Array1<f64>]) -> Array2<f64> {
    let mut x = Array2::zeros((n_rows, columns.len()).f());
    for (mut to, from) in x.axis_iter_mut(Axis(1)).zip(columns) {
        to.assign(from);
    }
    x
}

/// An intercept and one coefficient for each column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Linear {
    pub(crate) intercept: f64,
    pub(crate) coefficients: Vec<f64>,
    pub(crate) dropped: Vec<Dropped>,
}

impl Linear {
    fn is_legal(&self) -> bool {
        self.intercept.is_finite() && self.coefficients.iter().all(|value| value.is_finite())
    }

    pub(crate) fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Array1<f64>, FitError> {
        check_new(x, self.coefficients.len())?;
        let mut sums = Array1::from_elem(x.nrows(), self.intercept);
        // Column after column: the order of the sums, and so every bit, does not depend on the layout of `x`.
        for (&coefficient, column) in self.coefficients.iter().zip(x.axis_iter(Axis(1))) {
            sums.scaled_add(coefficient, &column);
        }
        match sums.iter().position(|value| !value.is_finite()) {
            Some(position) => Err(FitError::NotFinite { position, value: sums[position] }),
            None => Ok(sums),
        }
    }

    pub(crate) fn revalidate(self) -> Result<Self, PersistError> {
        let detail = if !self.is_legal() {
            "a coefficient is not a finite number"
        } else if self.coefficients.is_empty() {
            "a linear model without columns"
        } else if self.dropped.iter().any(|dropped| dropped.column >= self.coefficients.len()) {
            "a dropped column that does not exist"
        } else {
            return Ok(self);
        };
        Err(PersistError::Invalid { detail: detail.into() })
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    fn rows<'a>(x: &'a Array2<f64>, y: &'a Array1<f64>) -> Rows<'a, 'a> {
        Rows::new(x.view(), y.view(), None).unwrap()
    }

    #[test]
    fn standard_columns_have_mean_0_and_mean_square_1() {
        let x = array![[1e6 + 1.0, 1e-160], [1e6 + 2.0, 3e-160], [1e6 + 4.0, -1e-160]];
        let design = Standardised::new(&rows(&x, &array![1.0, 2.0, 3.0]));
        for column in design.x.axis_iter(Axis(1)) {
            assert!(column.sum().abs() < 1e-9, "{column}");
            assert!((column.dot(&column) / 3.0 - 1.0).abs() < 1e-12, "{column}");
        }
    }

    #[test]
    fn the_later_of_two_equal_columns_is_dropped() {
        let x = array![[1.0, 5.0, 2.0, 1.0], [2.0, 5.0, 4.0, 0.0], [3.0, 5.0, 6.0, 7.0], [5.0, 5.0, 10.0, 2.0]];
        let mut design = Standardised::new(&rows(&x, &array![1.0, 2.0, 3.0, 4.0]));
        design.drop_collinear();
        let constant = Dropped { column: 1, reason: DropReason::Constant };
        assert_eq!(design.dropped, [constant, Dropped { column: 2, reason: DropReason::Collinear }]);
        assert_eq!(design.x.ncols(), 2);
    }
}
