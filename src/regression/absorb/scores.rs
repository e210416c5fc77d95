//! Residuals and what covariances are made of.

use std::collections::HashMap;

use super::super::covariance::Covariance;
use super::super::design;
use super::levels::{Levels, place};
use super::normal::{Normal, sum};
use super::within::Within;
use crate::error::FitError;

/// A kind of clusters: the cluster of each used row, numbered from 0, how many there are, and the sign of their part.
#[derive(Debug)]
struct Clusters {
    codes: Vec<u32>,
    count: usize,
    sign: f64,
}

/// What the rows of the covariance are grouped by.
#[derive(Debug)]
pub(super) struct Groups {
    kinds: Vec<Clusters>,
    by_row: bool,
    /// Clusters, the fewer of two dimensions; 0 without.
    pub(super) fewest: usize,
}

impl Groups {
    pub(super) fn new(levels: &Levels, covariance: Covariance<'_>) -> Result<Self, FitError> {
        let kind = |codes: &[u32]| {
            let (codes, count) = levels.clusters(codes);
            if count < 2 {
                return Err(design::refuse(format!("{count} cluster; at least two are needed")));
            }
            Ok(Clusters { codes, count, sign: 1.0 })
        };
        let kinds = match covariance {
            Covariance::Clustered(codes) => vec![kind(codes)?],
            Covariance::TwoWay(first, second) => {
                let (first, second) = (kind(first)?, kind(second)?);
                let both = crossing(&first.codes, &second.codes);
                vec![first, second, both]
            }
            _ => Vec::new(),
        };
        let fewest = kinds.iter().map(|kind| kind.count).min().unwrap_or(0);
        Ok(Self { kinds, by_row: matches!(covariance, Covariance::Hc0 | Covariance::Hc1), fewest })
    }

    /// The clusters of each used row, for each dimension but the crossing.
    pub(super) fn dimensions(&self) -> Vec<&[u32]> {
        self.kinds.iter().filter(|kind| kind.sign > 0.0).map(|kind| &kind.codes[..]).collect()
    }

    pub(super) fn are_clusters(&self) -> bool {
        !self.kinds.is_empty()
    }
}

fn crossing(first: &[u32], second: &[u32]) -> Clusters {
    let mut numbers = HashMap::new();
    let mut codes = Vec::with_capacity(first.len());
    for pair in first.iter().zip(second) {
        let next = place(numbers.len());
        codes.push(*numbers.entry(pair).or_insert(next));
    }
    Clusters { codes, count: numbers.len(), sign: -1.0 }
}

/// The residuals' sums for given coefficients.
#[derive(Debug)]
pub(super) struct Scores {
    /// Weighted sum of squares.
    pub(super) squares: f64,
    /// Weighted cross products of the residuals with the kept columns: 0 but for rounding at the solution.
    pub(super) gradient: Vec<f64>,
    /// The sum over groups of outer products of their scores, row by row; empty for the classical covariance.
    pub(super) meat: Vec<Vec<f64>>,
}

impl Scores {
    /// One pass over the rows. O(n p), and O(n p^2) where every row is a group.
    pub(super) fn new(within: &Within<'_>, normal: &Normal, b: &[f64], groups: &Groups) -> Self {
        let (k, target) = (b.len(), within.target());
        let per_kind: Vec<usize> = groups.kinds.iter().map(|kind| kind.count * k).collect();
        let cells = 1 + k + if groups.by_row { k * k } else { 0 } + per_kind.iter().sum::<usize>();
        let visit = |state: &mut Vec<f64>, row: usize, values: &[f64]| {
            let explained: f64 = normal.kept.iter().zip(b).map(|(column, b)| values[*column] * b).sum();
            let e = values[target] - explained;
            let weighted = within.weight(row) * e;
            state[0] += weighted * e;
            let add = |to: &mut [f64], factor: f64| {
                to.iter_mut().zip(&normal.kept).for_each(|(to, column)| *to += factor * values[*column]);
            };
            let (gradient, mut rest) = state[1..].split_at_mut(k);
            add(gradient, weighted);
            if groups.by_row {
                for (cells, column) in rest.chunks_exact_mut(k.max(1)).zip(&normal.kept) {
                    add(cells, weighted * weighted * values[*column]);
                }
            }
            for (kind, size) in groups.kinds.iter().zip(&per_kind) {
                let (table, behind) = rest.split_at_mut(*size);
                add(&mut table[kind.codes[row] as usize * k..][..k], weighted);
                rest = behind;
            }
        };
        // Each task has tables of its own, so there are few where tables are large.
        let most = ((1 << 22) / cells.max(1)).clamp(1, 16);
        let sums = sum(within.rows(most, || vec![0.0; cells], visit));
        let (gradient, mut rest) = sums[1..].split_at(k);
        let mut meat = vec![vec![0.0; k]; if groups.by_row || groups.are_clusters() { k } else { 0 }];
        if groups.by_row && k > 0 {
            meat = rest.chunks_exact(k).map(<[f64]>::to_vec).collect();
        }
        for (kind, size) in groups.kinds.iter().zip(&per_kind) {
            let (table, behind) = rest.split_at(*size);
            for score in table.chunks_exact(k.max(1)) {
                for (row, a) in meat.iter_mut().zip(score) {
                    row.iter_mut().zip(score).for_each(|(cell, b)| *cell += kind.sign * a * b);
                }
            }
            rest = behind;
        }
        Self { squares: sums[0], gradient: gradient.to_vec(), meat }
    }
}
