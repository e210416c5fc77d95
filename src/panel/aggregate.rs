//! From a fine to a coarse frequency, by a named rule.

use serde::{Deserialize, Serialize};

use super::{Panel, SeriesView};
use crate::error::DataError;
use crate::time::{Frequency, Period};

/// How the values of the fine periods make the value of the coarse one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AggregateRule {
    /// Their sum, for counts; missing if any is missing.
    Sum,
    /// The mean of those present, for levels and indices; missing if none is.
    Mean,
    /// The last one present, for stocks; missing if none is.
    Last,
}

/// What happens to a first or last coarse period that the series covers in part only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartialPeriods {
    /// It is left out.
    #[default]
    Drop,
    /// It is computed from what is there.
    Keep,
}

impl Panel {
    /// Aggregates every column to the coarser frequency `to`. A week belongs to the month of its Monday.
    ///
    /// Sums run in period order in `f64`. O(rows). A series without a single (whole) coarse period is left out.
    ///
    /// # Errors
    /// [`DataError::Aggregation`] if `to` is finer than the panel or either is undated; [`DataError::Empty`] if no
    /// period is left.
    pub fn aggregate(&self, to: Frequency, rule: AggregateRule, partial: PartialPeriods) -> Result<Panel, DataError> {
        let refused = || DataError::Aggregation { from: self.frequency, to };
        if to == self.frequency {
            return Ok(self.clone());
        }
        if to < self.frequency || self.frequency == Frequency::Step {
            return Err(refused());
        }
        let mut coarse = Panel {
            frequency: to,
            keys: Vec::new(),
            starts: Vec::new(),
            offsets: vec![0],
            names: self.names.clone(),
            values: Vec::new(),
        };
        let mut columns: Vec<Vec<f64>> = vec![Vec::new(); self.names.len()];
        for series in self.iter() {
            let blocks = blocks(series, to, partial).ok_or_else(refused)?;
            let Some(&(start, _)) = blocks.first() else { continue };
            for (index, column) in columns.iter_mut().enumerate() {
                let values = series.values(index);
                column.extend(blocks.iter().map(|(_, rows)| rule.apply(&values[rows.clone()])));
            }
            coarse.keys.push(series.key().clone());
            coarse.starts.push(start);
            coarse.offsets.push(coarse.offsets[coarse.offsets.len() - 1] + blocks.len());
        }
        if coarse.keys.is_empty() {
            return Err(DataError::Empty { what: format!("the panel at {to} frequency") });
        }
        coarse.values = columns.concat();
        Ok(coarse)
    }
}

/// The coarse periods of a series and the rows that fall into each.
fn blocks(
    series: SeriesView<'_>,
    to: Frequency,
    partial: PartialPeriods,
) -> Option<Vec<(Period, std::ops::Range<usize>)>> {
    let mut blocks: Vec<(Period, std::ops::Range<usize>)> = Vec::new();
    for row in 0..series.len() {
        let period = series.period(row).to_frequency(to)?;
        match blocks.last_mut() {
            Some((last, rows)) if *last == period => rows.end = row + 1,
            _ => blocks.push((period, row..row + 1)),
        }
    }
    if partial == PartialPeriods::Drop {
        // A coarse period is whole if the fine period just outside the series belongs to another one.
        let after = series.end().plus(1).to_frequency(to)?;
        if blocks.last().is_some_and(|(last, _)| *last == after) {
            blocks.pop();
        }
        let before = series.start().plus(-1).to_frequency(to)?;
        if blocks.first().is_some_and(|(first, _)| *first == before) {
            blocks.remove(0);
        }
    }
    Some(blocks)
}

impl AggregateRule {
    fn apply(self, values: &[f64]) -> f64 {
        match self {
            Self::Sum => values.iter().sum(),
            Self::Mean => {
                let present = || values.iter().filter(|v| !v.is_nan());
                // No value gives 0 / 0, which is the missing value.
                present().sum::<f64>() / present().count() as f64
            }
            Self::Last => values.iter().rev().copied().find(|v| !v.is_nan()).unwrap_or(f64::NAN),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::SeriesKey;

    /// 2024-01-30 to 2024-03-02, valued by day of the month.
    fn days() -> Panel {
        let start = Period::parse("2024-01-30", Frequency::Daily).unwrap();
        let values =
            (0..33).map(|d| f64::from(start.plus(d).first_day().map_or(0, |day| i32::from(day.day())))).collect();
        Panel::from_series("y", [(SeriesKey::national("a"), start, values)]).unwrap()
    }

    #[test]
    fn each_rule_gives_its_number_and_partial_months_drop() {
        let monthly = |rule, partial| days().aggregate(Frequency::Monthly, rule, partial).unwrap();
        let sum = monthly(AggregateRule::Sum, PartialPeriods::Drop);
        assert_eq!(sum.column("y").unwrap(), [435.0]); // 1 + ... + 29
        assert_eq!(sum.series(0).start().to_string(), "2024-02");
        assert_eq!(monthly(AggregateRule::Mean, PartialPeriods::Keep).column("y").unwrap(), [30.5, 15.0, 1.5]);
        assert_eq!(monthly(AggregateRule::Last, PartialPeriods::Keep).column("y").unwrap(), [31.0, 29.0, 2.0]);
    }

    #[test]
    fn whole_first_and_last_periods_stay() {
        let start = Period::parse("2024-02-01", Frequency::Daily).unwrap();
        let panel = Panel::from_series("y", [(SeriesKey::national("a"), start, vec![1.0; 29])]).unwrap();
        let monthly = panel.aggregate(Frequency::Monthly, AggregateRule::Sum, PartialPeriods::Drop).unwrap();
        assert_eq!(monthly.column("y").unwrap(), [29.0]);
    }

    #[test]
    fn finer_or_undated_targets_are_refused() {
        let refused = days().aggregate(Frequency::Step, AggregateRule::Sum, PartialPeriods::Keep);
        assert!(matches!(refused, Err(DataError::Aggregation { .. })));
        let monthly = days().aggregate(Frequency::Monthly, AggregateRule::Sum, PartialPeriods::Keep).unwrap();
        assert!(monthly.aggregate(Frequency::Weekly, AggregateRule::Sum, PartialPeriods::Keep).is_err());
    }

    #[test]
    fn missing_values_follow_the_rule() {
        assert!(AggregateRule::Sum.apply(&[1.0, f64::NAN]).is_nan());
        assert_eq!(AggregateRule::Mean.apply(&[1.0, f64::NAN, 3.0]), 2.0);
        assert_eq!(AggregateRule::Last.apply(&[1.0, f64::NAN]), 1.0);
        assert!(AggregateRule::Mean.apply(&[f64::NAN]).is_nan());
    }
}
