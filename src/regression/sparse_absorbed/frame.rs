//! The rows of a regression in the order in which they are worked on, with their levels of each effect.

use crate::error::FitError;
use crate::regression::design::refuse;

/// Rows sorted by group, so that the group's effect is taken out exactly within a stretch of rows, and the levels that they
/// have of every other effect.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    /// The caller's row of each used row.
    pub(crate) rows: Vec<u32>,
    /// Where each group begins in `rows`, and the end.
    pub(crate) groups: Vec<usize>,
    /// Whether errors may depend on each other within a group; otherwise each row stands for itself.
    pub(crate) clustered: bool,
    /// Positions of the effects other than the group's in the list that the caller gave.
    pub(crate) others: Vec<usize>,
    /// For each row its level of each of `others`, as a position in the levels of all of them.
    pub(crate) codes: Vec<u32>,
    /// Number of levels of each of `others`.
    pub(crate) n_levels: Vec<usize>,
    /// Rows left out because they stood alone in a level.
    pub(crate) singletons: usize,
    /// Degrees of freedom that the effects take.
    pub(crate) freedom: usize,
    /// Number of levels of the group's effect; 1 where nothing is absorbed but the mean.
    n_groups: usize,
    /// For each of `others`: whether each level lies within one group.
    nested: Vec<bool>,
    absorbs_group: bool,
}

/// Numbers codes from 0 by first appearance and says how many there are.
fn number(codes: &mut [u32]) -> usize {
    let size = codes.iter().max().map_or(0, |code| *code as usize + 1);
    let mut numbers = vec![u32::MAX; size];
    let mut next = 0;
    for code in codes {
        let number = &mut numbers[*code as usize];
        if *number == u32::MAX {
            *number = next;
            next += 1;
        }
        *code = *number;
    }
    next as usize
}

impl Frame {
    /// Of `rows` of the caller's table, for which `effects` hold codes (one for every row of the table, best without large
    /// gaps). Rows of one level of `effects[group]` are worked on together, and form a cluster if `clustered`; otherwise each
    /// row stands for itself. The effect with most levels makes the best group.
    ///
    /// Rows that stand alone in a level are left out until there is none. O(n) for each effect and round.
    pub(crate) fn new(
        mut rows: Vec<u32>,
        effects: &[&[u32]],
        group: Option<usize>,
        clustered: bool,
    ) -> Result<Self, FitError> {
        let n_before = rows.len();
        loop {
            let before = rows.len();
            for codes in effects {
                let size = rows.iter().map(|row| codes[*row as usize] as usize + 1).max().unwrap_or(0);
                let mut counts = vec![0_u32; size];
                rows.iter().for_each(|row| counts[codes[*row as usize] as usize] += 1);
                rows.retain(|row| counts[codes[*row as usize] as usize] > 1);
            }
            if rows.len() == before {
                break;
            }
        }
        let singletons = n_before - rows.len();
        if rows.is_empty() {
            return Err(refuse(match singletons {
                0 => "no rows".into(),
                n => format!("each of {n} rows stands alone in a level of an effect, at once or once others are gone"),
            }));
        }
        let mut levels: Vec<Vec<u32>> =
            effects.iter().map(|codes| rows.iter().map(|row| codes[*row as usize]).collect()).collect();
        let sizes: Vec<usize> = levels.iter_mut().map(|codes| number(codes)).collect();
        let group = group.filter(|group| *group < sizes.len());
        let n_groups = group.map_or(1, |group| sizes[group]);
        let mut groups = vec![0_usize; n_groups + 1];
        let group_of = |place: usize| group.map_or(0, |group| levels[group][place] as usize);
        (0..rows.len()).for_each(|place| groups[group_of(place) + 1] += 1);
        (0..n_groups).for_each(|g| groups[g + 1] += groups[g]);
        let mut next = groups.clone();
        let mut order = vec![0_usize; rows.len()];
        for place in 0..rows.len() {
            let slot = &mut next[group_of(place)];
            order[*slot] = place;
            *slot += 1;
        }
        let others: Vec<usize> = (0..effects.len()).filter(|effect| Some(*effect) != group).collect();
        let n_levels: Vec<usize> = others.iter().map(|effect| sizes[*effect]).collect();
        let nested = others.iter().map(|effect| group.is_some_and(|group| is_nested(&levels[*effect], &levels[group])));
        let nested: Vec<bool> = nested.collect();
        let mut codes = Vec::with_capacity(rows.len() * others.len());
        let mut base = vec![0_u32; others.len()];
        for place in 1..others.len() {
            base[place] = base[place - 1] + small(n_levels[place - 1]);
        }
        for &place in &order {
            codes.extend(others.iter().zip(&base).map(|(effect, base)| base + levels[*effect][place]));
        }
        let rows = order.iter().map(|place| rows[*place]).collect();
        let absorbs_group = group.is_some();
        let clustered = clustered && group.is_some();
        let mut frame = Self {
            rows,
            groups,
            clustered,
            others,
            codes,
            n_levels,
            singletons,
            freedom: 0,
            n_groups,
            nested,
            absorbs_group,
        };
        frame.freedom = frame.count_freedom();
        Ok(frame)
    }

    /// The same rows and clusters without effect `effect` of the caller's list, unless it is that of the groups.
    pub(crate) fn without(&self, effect: usize) -> Self {
        let mut frame = self.clone();
        let Some(gone) = self.others.iter().position(|other| *other == effect) else { return frame };
        let width = self.others.len();
        let below: usize = self.n_levels[..gone].iter().sum();
        let size = small(self.n_levels[gone]);
        frame.codes = self
            .codes
            .iter()
            .enumerate()
            .filter(|(place, _)| place % width != gone)
            .map(|(_, code)| if (*code as usize) < below { *code } else { code - size })
            .collect();
        frame.others.remove(gone);
        frame.n_levels.remove(gone);
        frame.nested.remove(gone);
        frame.freedom = frame.count_freedom();
        frame
    }

    /// Levels less one for each effect behind the first. Where errors are clustered, an effect each of whose levels lies within
    /// one cluster counts as one level, as in fixest and pyfixest.
    fn count_freedom(&self) -> usize {
        let mut total = 0;
        let mut n_effects = 0;
        if self.absorbs_group {
            n_effects += 1;
            total += if self.clustered { 1 } else { self.n_groups };
        }
        for (levels, nested) in self.n_levels.iter().zip(&self.nested) {
            n_effects += 1;
            total += if self.clustered && *nested { 1 } else { *levels };
        }
        (total + 1_usize).saturating_sub(n_effects).max(1)
    }

    pub(crate) fn n_rows(&self) -> usize {
        self.rows.len()
    }

    /// Number of groups.
    pub(crate) fn n_groups(&self) -> usize {
        self.n_groups
    }

    /// Number of levels of all effects other than the group's.
    pub(crate) fn n_other_levels(&self) -> usize {
        self.n_levels.iter().sum()
    }

    /// Stretches of whole groups, about equally many rows each, at most `most` of them; the same on any machine.
    pub(crate) fn stretches(&self, most: usize) -> Vec<std::ops::Range<usize>> {
        let size = self.n_rows().div_ceil(most.max(1)).max(1);
        let mut out = Vec::new();
        let mut first = 0;
        for group in 0..self.n_groups {
            if self.groups[group + 1] - self.groups[first] >= size || group + 1 == self.n_groups {
                out.push(first..group + 1);
                first = group + 1;
            }
        }
        out
    }
}

/// A count as it is stored: there are fewer rows, and so levels, than `u32::MAX`.
fn small(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Whether no level of `codes` lies in two groups.
fn is_nested(codes: &[u32], groups: &[u32]) -> bool {
    let size = codes.iter().max().map_or(0, |code| *code as usize + 1);
    let mut home = vec![u32::MAX; size];
    codes.iter().zip(groups).all(|(code, group)| {
        let home = &mut home[*code as usize];
        if *home == u32::MAX {
            *home = *group;
        }
        home == group
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_stand_alone_go_until_none_does() {
        let a = [0, 1, 1, 2, 2, 3, 4, 4, 5, 5];
        let b = [0, 0, 1, 1, 2, 2, 3, 4, 3, 4];
        let frame = Frame::new((0..10).collect(), &[&a, &b], Some(0), true).unwrap();
        assert_eq!((frame.rows.as_slice(), frame.singletons), (&[6, 7, 8, 9][..], 6));
        assert_eq!((frame.groups.as_slice(), frame.codes.as_slice()), (&[0, 2, 4][..], &[0, 1, 0, 1][..]));
        let error = Frame::new(vec![0, 1, 2], &[&[0, 1, 2]], None, false).unwrap_err().to_string();
        assert!(error.contains("each of 3 rows stands alone"), "{error}");
    }

    #[test]
    fn rows_of_a_group_stand_together_and_levels_are_numbered_one_after_the_other() {
        let (person, year, town) = ([0, 1, 0, 1], [7, 7, 9, 9], [5, 5, 5, 5]);
        let frame = Frame::new((0..4).collect(), &[&year, &person, &town], Some(1), true).unwrap();
        assert_eq!((frame.rows.as_slice(), frame.others.as_slice()), (&[0, 2, 1, 3][..], &[0, 2][..]));
        assert_eq!(frame.codes, [0, 2, 1, 2, 0, 2, 1, 2]);
        // 1 for the persons, who are the clusters, 2 years and 1 town, less 2.
        assert_eq!(frame.freedom, 2);
        let without = frame.without(0);
        assert_eq!((without.codes.as_slice(), without.n_levels.as_slice()), (&[0, 0, 0, 0][..], &[1][..]));
        assert_eq!(frame.stretches(2), [0..1, 1..2]);
    }

    #[test]
    fn without_effects_all_rows_are_one_group() {
        let frame = Frame::new(vec![0, 1, 2], &[], None, false).unwrap();
        assert_eq!((frame.groups.as_slice(), frame.freedom, frame.clustered), (&[0, 3][..], 1, false));
    }
}
