//! Which counts may be shown: small ones are hidden, and as many others as it takes that they cannot be worked out again.
//!
//! **Primary.** A figure is hidden if a count that it rests on or gives away is below the threshold: the number of people; for a share
//! also its numerator and its complement, 0 with them (that all or none of a group did something is said of each of its members); for a
//! median the number of values. Whatever rests on a hidden figure is hidden with it.
//!
//! **Secondary.** A hidden count must stay unknown to a reader who has every other figure of the run and knows that margins add up. For
//! each one the algorithm looks for a *move*: people shifted between hidden cells, along the edges of a box through the cell, so that no
//! shown number changes. In each dimension a box either joins two levels (what one gains the other loses) or a level and its margin
//! (both gain). Where the number of people of a cell is shown, people move between yes, no and not known instead. The range over which
//! such a move can go without a count below 0 is a range within which the reader cannot tell the count: it must be at least as wide as the
//! threshold. If no box of hidden cells gives that, the cheapest box that does is hidden, cost being the people in it. Boxes of margins
//! only exist always and have no limit upwards, so the search ends.
//!
//! This is the hypercube method (Repsilber 1994; Hundepool et al. 2012, *Statistical Disclosure Control*, 4.4) with margins as levels of
//! their own; the problem is that of Cox (1980), "Suppression methodology and statistical disclosure control", JASA 75, 377-385; see also
//! Willenborg & de Waal (2001), *Elements of Statistical Disclosure Control*, ch. 6. It hides more than an optimal choice would, never less.
//!
//! What it does not cover: other runs over the same people with other groupings; what a reader knows of single persons; and the flag
//! itself, which says that a figure marked small rests on a count below the threshold.

use super::cells::{ALL, Cells, MAX_DIMS};

/// More than any count.
const UNLIMITED: u64 = u64::MAX / 64;

/// Levels tried in each dimension, by number of dimensions: bounds the search, never the protection.
const MOST_LEVELS: [usize; MAX_DIMS + 1] = [1, 4096, 40, 14, 8];

/// What the three parts of a count table are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// People: one part.
    Total,
    /// Yes, no, not known.
    Share,
    /// Known, nothing, not known.
    Number,
}

/// One measure's counts in every cell. Its parts add up to the first part of the table that it rests on.
#[derive(Clone, Debug)]
pub(super) struct CountTable {
    pub(super) kind: Kind,
    /// The table whose first part this one divides; it comes before. `None` for the people themselves, the first table.
    pub(super) base: Option<usize>,
    /// A table before this one that bounds it from above: hidden there, hidden here.
    pub(super) with: Option<usize>,
    pub(super) counts: Vec<[u64; 3]>,
    /// How many of the not known could be known at most, where the table before leaves fewer.
    pub(super) room: Option<Vec<u64>>,
}

impl CountTable {
    /// People whose answer is known.
    pub(super) fn n(&self, cell: usize) -> u64 {
        self.counts[cell][0] + self.counts[cell][1]
    }

    /// The parts that tell something about people.
    pub(super) fn targets(&self) -> &'static [usize] {
        match self.kind {
            Kind::Total | Kind::Number => &[0],
            Kind::Share => &[0, 1],
        }
    }

    fn is_small(&self, cell: usize, threshold: u64) -> bool {
        self.n(cell) > 0 && self.targets().iter().any(|part| self.counts[cell][*part] < threshold)
    }
}

/// Whether a figure is shown, and if not, why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Visibility {
    Shown,
    /// It rests on a count below the threshold.
    Small,
    /// It would give a small one away.
    Complementary,
}

/// A box of cells: those that gain and those that lose when people move along it.
#[derive(Clone, Debug, Default)]
struct Move {
    gain: Vec<usize>,
    lose: Vec<usize>,
    /// The cell, its margins and for margins the part that is moved: the box without losers through the cell.
    chain: Vec<usize>,
}

/// Decides for every table and cell; see the module.
pub(super) fn protect(cells: &Cells, tables: &[CountTable], threshold: u64) -> Vec<Vec<Visibility>> {
    let mut search = Search {
        cells,
        tables,
        width: threshold,
        hidden: tables.iter().map(|t| (0..cells.len()).map(|cell| t.is_small(cell, threshold)).collect()).collect(),
    };
    search.close();
    for table in 0..tables.len() {
        search.settle(table);
        search.close();
    }
    let verdict = |table: usize, cell: usize| match search.hidden[table][cell] {
        false => Visibility::Shown,
        true if tables[table].is_small(cell, threshold) => Visibility::Small,
        true => Visibility::Complementary,
    };
    (0..tables.len()).map(|table| (0..cells.len()).map(|cell| verdict(table, cell)).collect()).collect()
}

struct Search<'a> {
    cells: &'a Cells,
    tables: &'a [CountTable],
    width: u64,
    hidden: Vec<Vec<bool>>,
}

impl Search<'_> {
    /// Hides what rests on, or is bounded by, something hidden.
    fn close(&mut self) {
        for table in 0..self.tables.len() {
            for other in [self.tables[table].base, self.tables[table].with].into_iter().flatten() {
                for cell in 0..self.cells.len() {
                    if self.hidden[other][cell] {
                        self.hidden[table][cell] = true;
                    }
                }
            }
        }
    }

    /// Hides cells of `table` until every hidden one has its range.
    fn settle(&mut self, table: usize) {
        loop {
            let mut changed = false;
            for cell in 0..self.cells.len() {
                if !self.hidden[table][cell] {
                    continue;
                }
                for wanted in self.requirements(table, cell) {
                    if self.is_safe(table, cell, &wanted) {
                        continue;
                    }
                    // Without any box that is wide enough all margins are hidden, which leaves the least to go by.
                    let new = self.cheapest(table, cell, &wanted, false).unwrap_or_else(|| self.above(table, cell));
                    for new in new {
                        self.hidden[table][new] = true;
                        changed = true;
                    }
                }
            }
            if !changed {
                return;
            }
        }
    }

    /// Sets of counts that one box must give a range to. Where the people themselves are hidden, one box for everything about them.
    fn requirements(&self, table: usize, cell: usize) -> Vec<Vec<(usize, usize)>> {
        let of = |table: usize| {
            let known = self.tables[table].n(cell) > 0;
            self.tables[table].targets().iter().filter(move |_| known).map(move |part| (table, *part))
        };
        if table == 0 {
            // What is safe already by people who change kind is not asked of the box.
            let open = |one: &(usize, usize)| one.0 == 0 || !self.is_safe(one.0, cell, &[*one]);
            vec![(0..self.tables.len()).flat_map(of).filter(open).collect()]
        } else if self.hidden[0][cell] {
            // Given with the people.
            Vec::new()
        } else {
            of(table).map(|one| vec![one]).collect()
        }
    }

    /// Whether a box of hidden cells gives every count `wanted` of `cell` its range.
    fn is_safe(&self, table: usize, cell: usize, wanted: &[(usize, usize)]) -> bool {
        self.cheapest(table, cell, wanted, true).is_some()
    }

    /// The cells to hide so that every count `wanted` of `cell` has its range, none if it has; `None` if no box gives it, or none of
    /// hidden cells if `only_hidden`.
    fn cheapest(&self, table: usize, cell: usize, wanted: &[(usize, usize)], only_hidden: bool) -> Option<Vec<usize>> {
        let options = self.options(table, cell, only_hidden);
        if options.iter().any(Vec::is_empty) {
            return None;
        }
        let mut best: Option<(u64, Vec<usize>)> = None;
        let mut choice = vec![0; options.len()];
        'boxes: loop {
            if let Some(shift) = self.shift(cell, &options, &choice) {
                let new: Vec<usize> =
                    shift.gain.iter().chain(&shift.lose).copied().filter(|c| !self.hidden[table][*c]).collect();
                let cost: u64 = new.iter().map(|c| 1 + self.tables[0].counts[*c][0]).sum();
                let better = best.as_ref().map_or(cost == 0 || !only_hidden, |(least, _)| cost < *least);
                if better && wanted.iter().all(|(of, part)| self.range(table, *of, *part, cell, &shift) >= self.width) {
                    if cost == 0 {
                        return Some(Vec::new());
                    }
                    best = Some((cost, new));
                }
            }
            // The next choice, the last dimension first.
            let mut dim = options.len();
            loop {
                if dim == 0 {
                    break 'boxes;
                }
                dim -= 1;
                choice[dim] += 1;
                if choice[dim] < options[dim].len() {
                    break;
                }
                choice[dim] = 0;
            }
        }
        best.map(|(_, new)| new)
    }

    /// In each dimension the other levels that a box through `cell` may have: those of hidden cells first, then those of few people.
    fn options(&self, table: usize, cell: usize, only_hidden: bool) -> Vec<Vec<u32>> {
        let key = self.cells.key(cell);
        let most = MOST_LEVELS[self.cells.n_dims()];
        let of_dim = |dim: usize| {
            let mut found: Vec<(bool, u64, u32)> = (0..self.cells.n_levels(dim))
                .filter(|level| *level != key[dim])
                .filter_map(|level| {
                    let mut other = key;
                    other[dim] = level;
                    let place = self.cells.place(&other)?;
                    let shown = !self.hidden[table][place];
                    (!(only_hidden && shown)).then_some((shown, self.tables[0].counts[place][0], level))
                })
                .collect();
            found.sort_unstable();
            if found.len() > most {
                // The largest one stays: it has most to give.
                let largest = found.iter().copied().max_by_key(|(_, people, _)| *people);
                found.truncate(most);
                found.extend(largest);
            }
            let mut levels: Vec<u32> = found.into_iter().map(|(_, _, level)| level).collect();
            if key[dim] != ALL {
                let mut margin = key;
                margin[dim] = ALL;
                if !only_hidden || self.cells.place(&margin).is_some_and(|place| self.hidden[table][place]) {
                    levels.push(ALL);
                }
            }
            levels
        };
        (0..self.cells.n_dims()).map(of_dim).collect()
    }

    /// The box of these choices; `None` if one of its corners is no cell.
    fn shift(&self, cell: usize, options: &[Vec<u32>], choice: &[usize]) -> Option<Move> {
        let key = self.cells.key(cell);
        let n_dims = options.len();
        let mut shift = Move::default();
        for corner in 0_u32..1 << n_dims {
            let (mut at, mut gains, mut in_chain) = (key, true, true);
            for dim in (0..n_dims).filter(|dim| corner & (1 << dim) != 0) {
                let other = *options[dim].get(choice[dim])?;
                at[dim] = other;
                // Two levels: what one gains the other loses. A level and its margin: both gain.
                if other != ALL && key[dim] != ALL {
                    gains = !gains;
                    in_chain = false;
                }
            }
            let place = self.cells.place(&at)?;
            if gains { &mut shift.gain } else { &mut shift.lose }.push(place);
            if in_chain {
                shift.chain.push(place);
            }
        }
        // The chain has the margin in every dimension, also where the box has another level instead.
        for dim in (0..n_dims).filter(|dim| key[*dim] != ALL && options[*dim].get(choice[*dim]) != Some(&ALL)) {
            for place in shift.chain.clone() {
                let mut at = self.cells.key(place);
                at[dim] = ALL;
                shift.chain.push(self.cells.place(&at)?);
            }
        }
        Some(shift)
    }

    /// What `part` of `table` can lose at most in all of `among` at once, the tables that rest on it included.
    fn least(&self, table: usize, part: usize, among: &[usize]) -> u64 {
        let CountTable { counts, room, .. } = &self.tables[table];
        let count = |cell: usize| match room {
            Some(room) if part == 2 => counts[cell][part].min(room[cell]),
            _ => counts[cell][part],
        };
        let Some(own) = among.iter().map(|cell| count(*cell)).min() else { return UNLIMITED };
        if part != 0 {
            return own;
        }
        let resting = (0..self.tables.len()).filter(|other| self.tables[*other].base == Some(table));
        resting.map(|other| (0..3).map(|part| self.least(other, part, among)).sum()).fold(own, u64::min)
    }

    /// How far `part` of table `of` can move in `cell` along the box, when all corners are hidden in `table` and in what rests on it.
    fn range(&self, table: usize, of: usize, part: usize, cell: usize, shift: &Move) -> u64 {
        let least = |table: usize, part: usize, among: &[usize]| self.least(table, part, among);
        let (gain, lose) = (shift.gain.as_slice(), shift.lose.as_slice());
        let add = |a: u64, b: u64| (a + b).min(UNLIMITED);
        let people_hidden = |cells: &[usize]| table == 0 || cells.iter().all(|cell| self.hidden[0][*cell]);
        let mut widest = 0;
        if people_hidden(gain) && people_hidden(lose) {
            // Whole people move, of the kind that is asked for.
            let (up, down) = (least(0, 0, lose), least(0, 0, gain));
            widest = add(least(of, part, lose).min(up), least(of, part, gain).min(down));
            if of != 0 {
                // Or people of other kinds, and margins change kind: where these are hidden too.
                let hidden = |cell: &usize| {
                    self.hidden[of][*cell] || (table == 0 && (gain.contains(cell) || lose.contains(cell)))
                };
                if shift.chain.iter().all(hidden) {
                    let only = |these: &[usize], without: &[usize]| -> Vec<usize> {
                        these.iter().copied().filter(|c| !without.contains(c)).collect()
                    };
                    let (chain_only, gain_only) = (only(&shift.chain, gain), only(gain, &shift.chain));
                    let losing = [lose, chain_only.as_slice()].concat();
                    let others = (0..3).filter(|other| *other != part);
                    let up_kinds = others.clone().map(|other| least(of, other, &losing)).fold(0, add);
                    let down_kinds = others.map(|other| least(of, other, &gain_only)).fold(0, add);
                    let narrower = add(up_kinds.min(up), least(of, part, &shift.chain).min(down_kinds).min(down));
                    widest = widest.max(narrower);
                }
            }
        }
        if of != 0 && table != 0 {
            // People stay where they are and change kind; also out of the table, where what it rests on is hidden.
            let others = |among: &[usize]| {
                let mut sum = (0..3).filter(|other| *other != part).map(|other| least(of, other, among)).fold(0, add);
                let mut base = self.tables[of].base;
                while let Some(table) = base.filter(|table| *table != 0) {
                    if !gain.iter().chain(lose).all(|cell| self.hidden[table][*cell]) {
                        break;
                    }
                    sum = add(sum, (1..3).map(|other| least(table, other, among)).fold(0, add));
                    base = self.tables[table].base;
                }
                sum
            };
            let up = least(of, part, lose).min(others(gain));
            let down = least(of, part, gain).min(others(lose));
            widest = widest.max(add(up, down));
        }
        debug_assert!(gain.contains(&cell), "a box goes through its cell");
        widest
    }

    /// The margins of `cell` that are not hidden yet.
    fn above(&self, table: usize, cell: usize) -> Vec<usize> {
        let margins = super::cells::margins(self.cells.key(cell), self.cells.n_dims());
        margins.filter_map(|key| self.cells.place(&key)).filter(|place| !self.hidden[table][*place]).collect()
    }
}
