//! Share paths: how often each certificate is asked for, month by month.

use std::f64::consts::TAU;

use super::certificates::{CERTIFICATES, Path, Row};
use super::occupations::{OCCUPATIONS, PER_FIELD};
use crate::catalog::Kind;
use crate::numeric::random::SplitMix64;

/// No certificate is asked for by more than this share of the ads of one occupation and month.
const MOST_OF_AN_OCCUPATION: f64 = 0.7;
/// Length of the change from one version to the next, as a share of the span.
const CHANGE: f64 = 0.15;

/// Everything that fixes the shares but their two scales.
#[derive(Debug)]
pub(super) struct ShareModel {
    /// Shape by certificate and month; its mean over the months is 1, or for versions that of the family is.
    shapes: Vec<Vec<f64>>,
    /// Rank by certificate, from 0; versions of a family have one rank.
    ranks: Vec<Option<usize>>,
    /// Share of each occupation among postings.
    pub(super) occupations: Vec<f64>,
    n_months: usize,
}

impl ShareModel {
    pub(super) fn new(seed: u64, first_month_of_year: usize, n_months: usize) -> Self {
        let mut random = SplitMix64::of(seed, 1);
        let total: f64 = OCCUPATIONS.iter().map(|o| o.weight).sum();
        let occupations = OCCUPATIONS.iter().map(|o| o.weight / total).collect();
        let shapes = CERTIFICATES
            .iter()
            .map(|row| {
                let change = 0.8 + 0.4 * random.unit();
                shape(row, change, first_month_of_year, n_months)
            })
            .collect();
        Self { shapes, ranks: ranks(&mut random), occupations, n_months }
    }

    /// The probability that an ad of occupation `o` asks for a certificate of the field, by certificate and month.
    pub(super) fn within_occupation(&self, certificate: usize, occupation: usize, zipf: f64, scale: f64) -> Vec<f64> {
        let row = &CERTIFICATES[certificate];
        let Some(rank) = self.ranks[certificate] else { return vec![0.0; self.n_months] };
        let first = row.field.first();
        let total: f64 = row.weights.iter().map(|w| f64::from(*w)).sum();
        let weight = match occupation.checked_sub(first) {
            Some(place) if place < PER_FIELD => f64::from(row.weights[place]) / total,
            _ => 0.0,
        };
        let level = scale * (rank as f64 + 1.0).powf(-zipf) * weight / self.occupations[occupation];
        self.shapes[certificate].iter().map(|s| (level * s).min(MOST_OF_AN_OCCUPATION)).collect()
    }

    /// The share of all postings that ask for each certificate, by certificate and month.
    pub(super) fn shares(&self, zipf: f64, scale: f64) -> Vec<Vec<f64>> {
        let of = |c: usize| {
            let mut share = vec![0.0; self.n_months];
            let first = CERTIFICATES[c].field.first();
            for occupation in first..first + PER_FIELD {
                for (sum, p) in share.iter_mut().zip(self.within_occupation(c, occupation, zipf, scale)) {
                    *sum += p * self.occupations[occupation];
                }
            }
            share
        };
        (0..CERTIFICATES.len()).map(of).collect()
    }
}

/// Share of all requests that go to the fifty certificates asked for most, over all months alike.
pub(super) fn top_fifty(shares: &[Vec<f64>]) -> f64 {
    let mut sums: Vec<f64> = shares.iter().map(|s| s.iter().sum()).collect();
    sums.sort_by(|a, b| b.total_cmp(a));
    let all: f64 = sums.iter().sum();
    sums.iter().take(50).sum::<f64>() / all
}

/// Ranks by chance; licences and families stand higher.
fn ranks(random: &mut SplitMix64) -> Vec<Option<usize>> {
    let mut units: Vec<(f64, Vec<usize>)> = Vec::new();
    for (c, row) in CERTIFICATES.iter().enumerate().filter(|(_, row)| row.is_asked()) {
        let family = |row: &Row| row.version.map(|(family, _)| family);
        let known = family(row)
            .and_then(|f| units.iter().position(|(_, members)| family(&CERTIFICATES[members[0]]) == Some(f)));
        match known {
            Some(place) => units[place].1.push(c),
            None => {
                let favour = if row.kind == Kind::Licence || row.version.is_some() { 0.3 } else { 0.0 };
                units.push((random.unit() - favour, vec![c]));
            }
        }
    }
    units.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut ranks = vec![None; CERTIFICATES.len()];
    for (rank, (_, members)) in units.iter().enumerate() {
        for &c in members {
            ranks[c] = Some(rank);
        }
    }
    ranks
}

fn shape(row: &Row, change: f64, first_month_of_year: usize, n_months: usize) -> Vec<f64> {
    let months = n_months as f64;
    let at = |t: usize| {
        let x = t as f64 / months;
        match row.path {
            Path::Flat => 1.0,
            Path::Growth(middle) => 0.15 + 1.0 / (1.0 + (-10.0 * change * (x - middle)).exp()),
            Path::Decline(per_year) => (-per_year * change * t as f64 / 12.0).exp(),
            Path::Death(end) => {
                if t >= month_at(end, n_months) {
                    0.0
                } else {
                    ((end - x) / (0.5 * end)).clamp(0.02, 1.0)
                }
            }
            Path::Birth(start) => {
                if t < month_at(start, n_months) {
                    0.0
                } else {
                    1.05 - (-8.0 * change * (x - start)).exp()
                }
            }
            Path::Season(peak) => {
                let month = (first_month_of_year + t) % 12 + 1;
                1.0 + 0.5 * (TAU * (month as f64 - f64::from(peak)) / 12.0).cos()
            }
            Path::Version { introduced, followed, retired } => {
                let alive = t as i64 >= signed_month_at(introduced, n_months)
                    && (t as i64) < signed_month_at(retired, n_months);
                let rise = ((x - introduced) / CHANGE).clamp(0.0, 1.0);
                let fall = 1.0 - ((x - followed) / CHANGE).clamp(0.0, 1.0);
                if alive { if introduced <= 0.0 { fall } else { rise.min(fall).max(0.02) } } else { 0.0 }
            }
            Path::Unasked => 0.0,
        }
    };
    let mut shape: Vec<f64> = (0..n_months).map(at).collect();
    let mean = shape.iter().sum::<f64>() / months;
    if mean > 0.0 && row.version.is_none() {
        shape.iter_mut().for_each(|s| *s /= mean);
    }
    shape
}

/// The month that begins at or after the share `x` of the span.
fn month_at(x: f64, n_months: usize) -> usize {
    usize::try_from(signed_month_at(x, n_months)).unwrap_or(0)
}

/// The same, before the start and after the end too.
#[expect(clippy::cast_possible_truncation, reason = "a small number of months")]
pub(super) fn signed_month_at(x: f64, n_months: usize) -> i64 {
    (x * n_months as f64).round() as i64
}
