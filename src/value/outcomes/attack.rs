//! The reader's side: what the figures that are shown say about those that are not.

use super::cells::Cells;
use super::suppress::{CountTable, Visibility};

/// Rounds of narrowing at most; each is sound, so stopping early only errs towards wider bounds.
const MOST_ROUNDS: usize = 60;

/// The least and the largest value that a count can have.
type Bounds = (f64, f64);

/// Bounds on every part of every count, by table and cell, from what is shown: counts are at least 0, margins are sums, and the parts of a
/// table add up to what it rests on. Each equation narrows its counts by those of the others until nothing changes.
pub(super) fn bounds(cells: &Cells, tables: &[CountTable], shown: &[Vec<Visibility>]) -> Vec<Vec<[Bounds; 3]>> {
    let mut known: Vec<Vec<[Bounds; 3]>> = tables
        .iter()
        .zip(shown)
        .map(|(table, shown)| {
            let cell = |(counts, visibility): (&[u64; 3], &Visibility)| match visibility {
                Visibility::Shown => counts.map(|count| (count as f64, count as f64)),
                Visibility::Small | Visibility::Complementary => [(0.0, f64::INFINITY); 3],
            };
            table.counts.iter().zip(shown).map(cell).collect()
        })
        .collect();
    for _ in 0..MOST_ROUNDS {
        let mut changed = false;
        for table in 0..tables.len() {
            for cell in 0..cells.len() {
                for part in 0..3 {
                    for dim in 0..cells.n_dims() {
                        let mut parts = cells.parts(cell, dim).peekable();
                        if parts.peek().is_some() {
                            let equation: Vec<usize> = parts.collect();
                            changed |= narrow(&mut known[table], |rows, i| &mut rows[i][part], cell, &equation);
                        }
                    }
                }
                if let Some(base) = tables[table].base {
                    let mut row: Vec<Bounds> = known[table][cell].to_vec();
                    row.push(known[base][cell][0]);
                    if narrow(&mut row, |rows, i| &mut rows[i], 3, &[0, 1, 2]) {
                        changed = true;
                        known[table][cell].copy_from_slice(&row[..3]);
                        known[base][cell][0] = row[3];
                    }
                }
            }
        }
        if !changed {
            break;
        }
    }
    known
}

/// Narrows the counts of one equation, `whole` being the sum of `parts`; whether anything changed.
fn narrow<R: ?Sized>(rows: &mut R, at: impl Fn(&mut R, usize) -> &mut Bounds, whole: usize, parts: &[usize]) -> bool {
    let bounds: Vec<Bounds> = parts.iter().map(|part| *at(rows, *part)).collect();
    let low: f64 = bounds.iter().map(|b| b.0).sum();
    let unlimited = bounds.iter().filter(|b| b.1.is_infinite()).count();
    let finite: f64 = bounds.iter().map(|b| b.1).filter(|high| high.is_finite()).sum();
    let mut changed = false;
    let mut tighten = |bounds: &mut Bounds, low: f64, high: f64| {
        if low > bounds.0 {
            (bounds.0, changed) = (low, true);
        }
        if high < bounds.1 {
            (bounds.1, changed) = (high, true);
        }
    };
    let high = if unlimited > 0 { f64::INFINITY } else { finite };
    tighten(at(rows, whole), low, high);
    let (whole_low, whole_high) = *at(rows, whole);
    for (part, (own_low, own_high)) in parts.iter().zip(bounds) {
        let others_low = low - own_low;
        let others_unlimited = unlimited - usize::from(own_high.is_infinite());
        let others_high = if own_high.is_infinite() { finite } else { finite - own_high };
        let low = if others_unlimited > 0 { 0.0 } else { whole_low - others_high };
        tighten(at(rows, *part), low, whole_high - others_low);
    }
    changed
}

/// The narrowest range that is left for a hidden count that tells something about people; infinite if nothing is hidden.
pub(super) fn narrowest(cells: &Cells, tables: &[CountTable], shown: &[Vec<Visibility>]) -> f64 {
    let known = bounds(cells, tables, shown);
    let mut narrowest = f64::INFINITY;
    for (table, (shown, known)) in tables.iter().zip(shown.iter().zip(&known)) {
        for cell in (0..cells.len()).filter(|cell| shown[*cell] != Visibility::Shown && table.n(*cell) > 0) {
            for part in table.targets() {
                let (low, high) = known[cell][*part];
                narrowest = f64::min(narrowest, high - low);
            }
        }
    }
    narrowest
}
