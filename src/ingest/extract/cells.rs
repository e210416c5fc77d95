//! Counts by certificate, region, occupation and period.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::civil::Date;
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::items::Items;
use super::trace::{Findings, Rank};
use crate::key::{NATION, RegionId};
use crate::market::{DemandCell, DemandPanel};
use crate::numeric::quantile::of_sorted;
use crate::time::{Frequency, Period};

/// Item, region and occupation by number, and the period. 0 is the nation, and all occupations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Key {
    item: u32,
    soc: u32,
    region: u32,
    period: i32,
}

#[derive(Clone, Debug, Default)]
struct Cell {
    /// Postings by [`Rank`].
    by_rank: [u32; 4],
    employers: u32,
    unnamed: u32,
    /// Sum of the squares of each employer's postings.
    squares: u64,
    entry: u32,
    entry_known: u32,
    pay: Vec<f64>,
}

impl Cell {
    fn asked(&self) -> u32 {
        self.by_rank[Rank::Preferred as usize] + self.by_rank[Rank::Required as usize]
    }
}

/// A posting that counts, with the region that its copies may have lent it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Counted<'t> {
    pub(super) period: i32,
    /// 0 where it is not known.
    pub(super) region: u32,
    /// 0 where it is not known.
    pub(super) soc: u32,
    pub(super) findings: &'t Findings,
}

/// Counts of some employers; those of others add up with them.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    by_occupation: bool,
    cells: HashMap<Key, Cell>,
    /// All postings by occupation, region and period; the item is not used.
    totals: HashMap<Key, u32>,
    /// What one employer asks for, a key for each posting.
    asked: Vec<Key>,
}

impl Tally {
    pub(super) fn new(by_occupation: bool) -> Self {
        Self { by_occupation, ..Self::default() }
    }

    /// Counts the postings of one employer, all of them at once; `is_named` if it is known which employer.
    pub(super) fn add_employer<'t>(&mut self, is_named: bool, postings: impl Iterator<Item = Counted<'t>>) {
        self.asked.clear();
        for posting in postings {
            self.add(posting, is_named);
        }
        self.asked.sort_unstable();
        for run in self.asked.chunk_by(|a, b| a == b) {
            let cell = self.cells.entry(run[0]).or_default();
            let n = run.len() as u64;
            cell.employers += 1;
            cell.squares += n * n;
        }
    }

    fn add(&mut self, posting: Counted<'_>, is_named: bool) {
        let Counted { period, region, soc, findings } = posting;
        let regions = [Some(0), (region > 0).then_some(region)];
        let socs = [Some(0), (self.by_occupation && soc > 0).then_some(soc)];
        for region in regions.into_iter().flatten() {
            for soc in socs.into_iter().flatten() {
                *self.totals.entry(Key { item: 0, soc, region, period }).or_default() += 1;
                for (item, rank) in &findings.named {
                    let key = Key { item: *item, soc, region, period };
                    let cell = self.cells.entry(key).or_default();
                    cell.by_rank[*rank as usize] += 1;
                    if !rank.is_asked() {
                        continue;
                    }
                    cell.entry += u32::from(findings.is_entry == Some(true));
                    cell.entry_known += u32::from(findings.is_entry.is_some());
                    cell.pay.extend(findings.annual_usd);
                    match is_named {
                        true => self.asked.push(key),
                        false => cell.unnamed += 1,
                    }
                }
            }
        }
    }

    /// Adds the counts of other employers.
    pub(super) fn merge(&mut self, mut other: Self) {
        // The smaller goes into the larger.
        if other.cells.len() > self.cells.len() {
            std::mem::swap(self, &mut other);
        }
        for (key, n) in other.totals {
            *self.totals.entry(key).or_default() += n;
        }
        for (key, cell) in other.cells {
            let Cell { by_rank, employers, unnamed, squares, entry, entry_known, pay } = cell;
            let sum = self.cells.entry(key).or_default();
            sum.by_rank.iter_mut().zip(by_rank).for_each(|(sum, n)| *sum += n);
            sum.employers += employers;
            sum.unnamed += unnamed;
            sum.squares += squares;
            sum.entry += entry;
            sum.entry_known += entry_known;
            sum.pay.extend(pay);
        }
    }

    /// Periods with a posting, ascending.
    pub(super) fn periods(&self) -> Vec<i32> {
        let is_whole = |key: &&Key| key.soc == 0 && key.region == 0;
        let mut periods: Vec<i32> = self.totals.keys().filter(is_whole).map(|key| key.period).collect();
        periods.sort_unstable();
        periods
    }

    /// The panel. `regions` and `socs` are the names of numbers less one.
    pub(super) fn into_panel(
        mut self,
        items: &Items,
        regions: &[Arc<str>],
        socs: &[Arc<str>],
        frequency: Frequency,
        vintage: Date,
    ) -> DemandPanel {
        let periods = self.periods();
        let name = |names: &[Arc<str>], number: u32| names.get((number as usize).wrapping_sub(1)).cloned();
        let mut numbers: Vec<(u32, u32, u32)> = self.cells.keys().map(|key| (key.item, key.soc, key.region)).collect();
        numbers.sort_unstable();
        numbers.dedup();
        // Series in the order of their names: numbers depend on threads.
        let named = |(item, soc, region): (u32, u32, u32)| {
            let (label, is_family) = items.name(item);
            let region_name = name(regions, region).unwrap_or_else(|| Arc::from(NATION));
            ((label, is_family, name(socs, soc), region_name), (item, soc, region))
        };
        let mut series: Vec<(SeriesNames, _)> = numbers.into_iter().map(named).collect();
        series.sort_unstable();
        let mut rows = Vec::with_capacity(series.len());
        for (names, (item, soc, region)) in series {
            let take =
                |period: &i32| self.cells.remove(&Key { item, soc, region, period: *period }).unwrap_or_default();
            let cells: Vec<Cell> = periods.iter().map(take).collect();
            rows.push((names, (soc, region), cells));
        }
        let totals = &self.totals;
        let finished_row = |(names, (soc, region), cells): (SeriesNames, _, Vec<Cell>)| {
            let (item, is_family, soc_name, region_name) = names;
            let region_name = RegionId::new(&*region_name);
            let finish = |(cell, period): (Cell, &i32)| {
                let total = totals.get(&Key { item: 0, soc, region, period: *period }).copied().unwrap_or(0);
                DemandCell {
                    item: Arc::clone(&item),
                    is_family,
                    soc: soc_name.clone(),
                    region: region_name.clone(),
                    period: Period::from_ordinal(frequency, *period),
                    ..finished(cell, total)
                }
            };
            cells.into_iter().zip(&periods).map(finish).collect::<Vec<DemandCell>>()
        };
        let cells = rows.into_par_iter().flat_map_iter(finished_row).collect();
        DemandPanel { frequency, vintage, cells }
    }
}

/// Item, whether it is a family, occupation and region.
type SeriesNames = (Arc<str>, bool, Option<Arc<str>>, Arc<str>);

/// The measures of a cell.
fn finished(mut cell: Cell, total: u32) -> DemandCell {
    cell.pay.sort_unstable_by(f64::total_cmp);
    let named = f64::from(cell.asked() - cell.unnamed);
    let count = |rank: Rank| u64::from(cell.by_rank[rank as usize]);
    DemandCell {
        item: Arc::from(""),
        is_family: false,
        soc: None,
        region: RegionId::nation(),
        period: Period::step(0),
        required: count(Rank::Required),
        preferred: count(Rank::Preferred),
        mentioned: count(Rank::Mentioned),
        negated: count(Rank::Negated),
        employers: u64::from(cell.employers),
        unnamed: u64::from(cell.unnamed),
        hhi: (named > 0.0).then(|| cell.squares as f64 / (named * named)),
        entry: u64::from(cell.entry),
        entry_known: u64::from(cell.entry_known),
        paid: cell.pay.len() as u64,
        pay: (!cell.pay.is_empty()).then(|| [0.25, 0.5, 0.75].map(|p| of_sorted(&cell.pay, p))),
        total: u64::from(total),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(named: &[(u32, Rank)], usd: Option<f64>) -> Findings {
        Findings { named: named.to_vec(), is_entry: usd.map(|usd| usd < 20_000.0), annual_usd: usd }
    }

    #[test]
    fn measures_are_those_of_a_count_by_hand() {
        let items = Items::of_names(["a", "b"], []);
        let (x, y) =
            (findings(&[(0, Rank::Required)], Some(10_000.0)), findings(&[(0, Rank::Preferred)], Some(30_000.0)));
        let z = findings(&[(0, Rank::Mentioned), (1, Rank::Negated)], None);
        let of = |findings, region| Counted { period: 600, region, soc: 0, findings };
        let mut first = Tally::new(false);
        first.add_employer(true, [of(&x, 1), of(&x, 1), of(&y, 2)].into_iter());
        let mut second = Tally::new(false);
        second.add_employer(true, [of(&y, 1)].into_iter());
        second.add_employer(false, [of(&x, 0), of(&z, 1), Counted { period: 602, ..of(&z, 1) }].into_iter());
        first.merge(second);
        let names = [Arc::from("TX"), Arc::from("OH")];
        let vintage = jiff::civil::date(2020, 4, 1);
        let panel = first.into_panel(&items, &names, &[], Frequency::Monthly, vintage);
        let found: Vec<_> = panel
            .cells
            .iter()
            .map(|c| (c.series(), c.region.as_str().to_owned(), c.period.to_string(), c.asked(), c.total))
            .collect();
        let row = |item: &str, region: &str, month: &str, asked, total| {
            (item.to_owned(), region.to_owned(), month.to_owned(), asked, total)
        };
        // A month without any posting, 2020-02, is left out; a month without a mention is a zero.
        assert_eq!(
            found,
            [
                row("a", "OH", "2020-01", 1, 1),
                row("a", "OH", "2020-03", 0, 0),
                row("a", "TX", "2020-01", 3, 4),
                row("a", "TX", "2020-03", 0, 1),
                row("a", "US", "2020-01", 5, 6),
                row("a", "US", "2020-03", 0, 1),
                row("b", "TX", "2020-01", 0, 4),
                row("b", "TX", "2020-03", 0, 1),
                row("b", "US", "2020-01", 0, 6),
                row("b", "US", "2020-03", 0, 1),
            ]
        );
        let nation = &panel.cells[4];
        assert_eq!((nation.required, nation.preferred, nation.mentioned, nation.negated), (3, 2, 1, 0));
        // Employers with three and one posting, and one posting of nobody's.
        assert_eq!((nation.employers, nation.unnamed, nation.hhi), (2, 1, Some(10.0 / 16.0)));
        assert_eq!((nation.entry, nation.entry_known, nation.paid), (3, 5, 5));
        // 10, 10, 10, 30, 30 thousand.
        assert_eq!(nation.pay, Some([10_000.0, 10_000.0, 30_000.0]));
        assert_eq!(panel.to_panel().unwrap().series(4).values(0).len(), 3);
    }
}
