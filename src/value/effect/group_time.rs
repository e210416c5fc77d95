//! Changes of groups that are treated at different times.

use std::collections::BTreeMap;

use serde::Serialize;

use super::influence::Estimated;
use super::question::Question;
use super::sample::{codes, outcome, treatment};
use super::settings::{EffectSettings, Missing};
use crate::error::{DataError, Error};
use crate::records::Records;

/// The effect in one period on those who were first treated in another.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GroupTime {
    /// The period in which the group was first treated.
    pub group: f64,
    /// The period of the effect; before `group` it should be 0.
    pub period: f64,
    /// The effect.
    pub estimate: Option<f64>,
    /// Its standard error.
    pub se: Option<f64>,
    /// Its 95 % interval.
    pub ci95: [Option<f64>; 2],
    /// Units of the group that were seen in both periods.
    pub n_treated: usize,
    /// Units not yet treated that were seen in both.
    pub n_control: usize,
}

/// What a panel shows.
#[derive(Clone, Debug)]
pub(super) struct Staggered {
    pub(super) cells: Vec<GroupTime>,
    /// The mean over groups and the periods since they were treated.
    pub(super) after: Option<Estimated>,
    /// The mean over groups and the periods before.
    pub(super) before: Option<Estimated>,
    /// Units treated, and units that were at some time compared with, in the mean after.
    pub(super) n: (usize, usize),
    /// Rows with a missing value.
    pub(super) rows_missing: usize,
    /// Standard deviation of the outcome.
    pub(super) outcome_sd: f64,
    pub(super) notes: Vec<String>,
}

/// One unit: the outcome in each period, and when it was first treated.
struct Unit {
    outcomes: Vec<Option<f64>>,
    group: Option<usize>,
    cluster: u32,
}

/// One effect with what each unit contributes to its error.
struct Cell {
    group: usize,
    period: usize,
    estimate: f64,
    treated: Vec<usize>,
    control: Vec<usize>,
    contributions: Vec<(usize, f64)>,
}

/// Group-time effects by changes since the period before treatment, against units not treated by then (Callaway & Sant'Anna
/// 2021, J. Econometrics 225, 200-230, without covariates); before treatment, changes from period to period. The means weigh cells
/// by the sizes of their groups, which are drawn with the units. O(rows + groups * periods * units).
pub(super) fn staggered(records: &Records, question: &Question, settings: &EffectSettings) -> Result<Staggered, Error> {
    let (Some(unit), Some(period)) = (&question.unit, &question.period) else {
        return Err(crate::ParamError::new("unit", "none", "a column, together with a period").into());
    };
    let columns = question.columns()?;
    let values = columns.iter().map(|name| records.values(name)).collect::<Result<Vec<_>, _>>()?;
    let mut rows = Vec::with_capacity(records.n_rows());
    for row in 0..records.n_rows() {
        match values.iter().position(|values| values.is_missing(row)) {
            None => rows.push(row),
            Some(_) if settings.missing == Missing::Drop => {}
            Some(place) => return Err(records.fault(row, columns[place], "a value").into()),
        }
    }
    if rows.is_empty() {
        return Err(DataError::Empty { what: "the table".into() }.into());
    }
    let treated = treatment(records, &question.treated, &rows)?;
    let y = outcome(records, &question.outcome, &rows)?;
    let when = outcome(records, period, &rows)?;
    let who = codes(records, &[unit], &rows)?;
    let clusters = question.cluster.as_ref().map(|name| codes(records, &[name], &rows)).transpose()?;
    let mut periods = when.clone();
    periods.sort_by(f64::total_cmp);
    periods.dedup();
    let at = |value: f64| periods.partition_point(|known| *known < value);

    let mut units: BTreeMap<u32, Unit> = BTreeMap::new();
    let mut firsts: BTreeMap<u32, usize> = BTreeMap::new();
    for (place, code) in who.iter().enumerate() {
        let cluster = clusters.as_ref().map_or(*code, |clusters| clusters[place]);
        let empty = || Unit { outcomes: vec![None; periods.len()], group: None, cluster };
        let unit = units.entry(*code).or_insert_with(empty);
        let t = at(when[place]);
        if unit.outcomes[t].replace(y[place]).is_some() {
            return Err(records.fault(rows[place], period, "each unit once in a period").into());
        }
        let first = firsts.entry(*code).or_insert(t);
        *first = t.min(*first);
        if treated[place] {
            unit.group = Some(unit.group.map_or(t, |group| group.min(t)));
        }
    }
    for (place, code) in who.iter().enumerate() {
        if !treated[place] && units[code].group.is_some_and(|group| group < at(when[place])) {
            return Err(records.fault(rows[place], &question.treated, "treatment that lasts once it began").into());
        }
    }
    let n_units = units.len();
    let seen_before = |code: &u32, unit: &Unit| unit.group.is_none_or(|group| firsts[code] < group);
    let units: Vec<Unit> =
        units.into_iter().filter(|(code, unit)| seen_before(code, unit)).map(|(_, unit)| unit).collect();
    let mut notes = Vec::new();
    if units.len() < n_units {
        notes.push(format!("{} units were treated from their first period on and say nothing", n_units - units.len()));
    }
    let clusters: Vec<u32> = units.iter().map(|unit| unit.cluster).collect();
    let clusters = question.cluster.is_some().then_some(clusters.as_slice());

    let mut groups: Vec<usize> = units.iter().filter_map(|unit| unit.group).collect();
    groups.sort_unstable();
    groups.dedup();
    let cells: Vec<Cell> = groups
        .iter()
        .flat_map(|group| (1..periods.len()).map(move |period| (*group, period)))
        .filter_map(|(group, period)| cell(&units, group, period))
        .collect();
    let size = |group: usize| units.iter().filter(|unit| unit.group == Some(group)).count() as f64;
    let mean = |chosen: &dyn Fn(&Cell) -> bool| {
        let chosen: Vec<(&Cell, f64)> =
            cells.iter().filter(|cell| chosen(cell)).map(|cell| (cell, size(cell.group))).collect();
        let total: f64 = chosen.iter().map(|(_, size)| size).sum();
        (total > 0.0).then(|| {
            let (mut estimate, mut contributions) = (0.0, vec![0.0; units.len()]);
            for (cell, size) in &chosen {
                estimate += size / total * cell.estimate;
                cell.contributions.iter().for_each(|(unit, part)| contributions[*unit] += size / total * part);
            }
            // The sizes of the groups are drawn with the units.
            for (unit, contribution) in units.iter().zip(&mut contributions) {
                let own = chosen.iter().filter(|(cell, _)| Some(cell.group) == unit.group);
                *contribution += own.map(|(cell, _)| cell.estimate - estimate).sum::<f64>() / total;
            }
            Estimated::from_contributions(estimate, &contributions, clusters)
        })
    };
    let distinct = |rows: &dyn Fn(&Cell) -> Vec<usize>| {
        let mut all: Vec<usize> = cells.iter().filter(|cell| cell.period >= cell.group).flat_map(rows).collect();
        all.sort_unstable();
        all.dedup();
        all.len()
    };
    let shown = |cell: &Cell| {
        let mut contributions = vec![0.0; units.len()];
        cell.contributions.iter().for_each(|(unit, part)| contributions[*unit] = *part);
        let found = Estimated::from_contributions(cell.estimate, &contributions, clusters);
        let finite = |value: f64| Some(value).filter(|value| value.is_finite());
        let (low, high) = found.interval();
        GroupTime {
            group: periods[cell.group],
            period: periods[cell.period],
            estimate: finite(found.estimate),
            se: finite(found.se),
            ci95: [finite(low), finite(high)],
            n_treated: cell.treated.len(),
            n_control: cell.control.len(),
        }
    };
    let all: Vec<usize> = (0..y.len()).collect();
    Ok(Staggered {
        after: mean(&|cell| cell.period >= cell.group),
        before: mean(&|cell| cell.period < cell.group),
        n: (distinct(&|cell| cell.treated.clone()), distinct(&|cell| cell.control.clone())),
        rows_missing: records.n_rows() - rows.len(),
        outcome_sd: super::balance::moments(&y, &all).1.sqrt(),
        notes,
        cells: cells.iter().map(shown).collect(),
    })
}

/// The effect in `period` on `group`; `None` with fewer than two units on a side.
fn cell(units: &[Unit], group: usize, period: usize) -> Option<Cell> {
    let base = if period >= group { group - 1 } else { period - 1 };
    let until = period.max(base);
    let change = |unit: &Unit| Some(unit.outcomes[period]? - unit.outcomes[base]?);
    let (mut treated, mut control) = (Vec::new(), Vec::new());
    for (place, unit) in units.iter().enumerate() {
        let Some(change) = change(unit) else { continue };
        match unit.group {
            Some(own) if own == group => treated.push((place, change)),
            Some(own) if own <= until => {}
            _ => control.push((place, change)),
        }
    }
    if treated.len() < 2 || control.len() < 2 {
        return None;
    }
    let mean = |side: &[(usize, f64)]| side.iter().map(|(_, change)| change).sum::<f64>() / side.len() as f64;
    let (with, without) = (mean(&treated), mean(&control));
    let part = |side: &[(usize, f64)], mean: f64, sign: f64| {
        let n = side.len() as f64;
        side.iter().map(|(place, change)| (*place, sign * (change - mean) / n)).collect::<Vec<_>>()
    };
    let contributions = [part(&treated, with, 1.0), part(&control, without, -1.0)].concat();
    let places = |side: Vec<(usize, f64)>| side.into_iter().map(|(place, _)| place).collect();
    Some(Cell {
        group,
        period,
        estimate: with - without,
        treated: places(treated),
        control: places(control),
        contributions,
    })
}
