//! Tests over a table of programmes, one row each.

use serde::Serialize;

use super::criterion::{Criterion, Figure, TestResult, share};
use super::gainful::{GainfulProgramme, GainfulRules};
use super::pell::{PellProgramme, PellRules};
use super::perkins::{PerkinsIndicator, PerkinsRules};
use super::wioa::{IndicatorResult, WioaRules};
use crate::error::{DataError, Result};
use crate::market::Programme;
use crate::records::{Records, Values};

/// A count of people below this is not shown, and nothing that rests on it is told.
const LEAST_COUNT: f64 = 10.0;

/// Which law, and its levels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Law {
    /// Workforce Pell.
    Pell(PellRules),
    /// Debt-to-earnings rates and earnings premium.
    Gainful(GainfulRules),
    /// WIOA levels of performance.
    Wioa(WioaRules),
    /// Perkins V levels of performance.
    Perkins(PerkinsRules),
}

/// Columns of the name and indicator, which are labels; all others are numbers.
const LABELS: [&str; 2] = ["program", "indicator"];

impl Law {
    /// The columns that a table of this law may have; the first ones, as many as [`Law::needed`] says, it must have.
    #[must_use]
    pub fn columns(&self) -> &'static [&'static str] {
        match self {
            Self::Pell(_) => &[
                "program",
                "students",
                "completed",
                "completion_rate",
                "completers",
                "placed",
                "placement_rate",
                "median_earnings",
                "earnings_low",
                "earnings_high",
                "n_earnings",
                "price_parity",
                "tuition",
            ],
            Self::Gainful(_) => &[
                "program",
                "median_debt",
                "n_debt",
                "median_earnings",
                "earnings_low",
                "earnings_high",
                "n_earnings",
                "earnings_threshold",
            ],
            Self::Wioa(_) | Self::Perkins(_) => {
                &["program", "indicator", "level", "actual", "actual_low", "actual_high", "numerator", "denominator"]
            }
        }
    }

    /// How many of [`Law::columns`] a table must have.
    #[must_use]
    pub fn needed(&self) -> usize {
        match self {
            Self::Pell(_) | Self::Gainful(_) => 1,
            Self::Wioa(_) | Self::Perkins(_) => 3,
        }
    }

    /// Whether the column holds labels.
    #[must_use]
    pub fn is_label(column: &str) -> bool {
        LABELS.contains(&column)
    }

    /// Judges every row of `records`.
    ///
    /// Rates are the columns `*_rate` as shares (0.72), or follow from counts, with a Wilson interval; indicators are `actual` in the
    /// unit of `level`, or `100 numerator / denominator`. A count of people below 10, or a numerator or complement below 10, is not shown and
    /// its comparison cannot be told. The results are not added up over people, so that nothing can be differenced from them.
    ///
    /// # Errors
    /// [`DataError::Cell`] for a count or sum of money below 0, a rate outside [0, 1], a part larger than its whole, a missing name, an
    /// indicator or level that the law does not know; [`DataError::UnknownColumn`].
    pub fn judge(&self, records: &Records) -> Result<StatutoryReport> {
        let rows = Rows { records };
        rows.check(self)?;
        let mut report = StatutoryReport { law: self.name(), assumptions: self.assumptions(), rows: Vec::new() };
        match self {
            Self::Pell(rules) => {
                for row in 0..records.n_rows() {
                    report.rows.push(pell(rules, &rows, row)?);
                }
            }
            Self::Gainful(rules) => {
                rules.check()?;
                for row in 0..records.n_rows() {
                    let earnings = rows.earnings(row)?;
                    let programme = GainfulProgramme {
                        median_debt_usd: if rows.is_small(row, "n_debt")? {
                            None
                        } else {
                            rows.number(row, "median_debt")?
                        },
                        median_earnings_usd: earnings,
                        earnings_threshold_usd: rows.number(row, "earnings_threshold")?,
                    };
                    report.rows.extend(gainful(rules, rows.name(row)?, &programme));
                }
            }
            Self::Wioa(rules) => report.rows = wioa(rules, &rows)?,
            Self::Perkins(rules) => {
                for row in 0..records.n_rows() {
                    let code = rows.label(row, "indicator")?;
                    let indicator = PerkinsIndicator::parse(code).map_err(|_| {
                        records.fault(row, "indicator", "3S1 or 5S1, the secondary indicators judged here")
                    })?;
                    let (level, actual) = rows.level_and_actual(row)?;
                    let criterion = rules.judge(indicator, level, actual)?;
                    report.rows.push(StatutoryRow {
                        program: rows.name(row)?.to_owned(),
                        test: indicator.code().to_owned(),
                        result: criterion.result.clone(),
                        criteria: vec![criterion],
                    });
                }
            }
        }
        Ok(report)
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Pell(_) => "Workforce Pell",
            Self::Gainful(_) => "gainful employment, financial value transparency",
            Self::Wioa(_) => "WIOA performance",
            Self::Perkins(_) => "Perkins V performance",
        }
    }

    fn assumptions(&self) -> Vec<String> {
        let sure = |certainty: super::Certainty| {
            format!(
                "Pass or fail at a probability of at least {}; an exact figure is compared as it is.",
                certainty.get()
            )
        };
        match self {
            Self::Pell(rules) => vec![
                format!(
                    "Value added = median earnings / (price parity / 100) - {} x {:.0} USD.",
                    rules.guideline_multiple, rules.poverty_guideline_usd
                ),
                sure(rules.certainty),
            ],
            Self::Gainful(rules) => gainful_assumptions(rules),
            Self::Wioa(rules) => vec![
                format!(
                    "Scores are percent of the adjusted level; means of at least {}, single ones of at least {}.",
                    rules.least_overall, rules.least_individual
                ),
                sure(rules.certainty),
            ],
            Self::Perkins(rules) => vec![
                format!("At least {:.0} % of the level that the state determined.", 100.0 * rules.least_part),
                sure(rules.certainty),
            ],
        }
    }
}

fn gainful_assumptions(rules: &GainfulRules) -> Vec<String> {
    vec![
        format!(
            "Debt repaid in {} years of level monthly payments at {:.2} % a year; discretionary earnings are those above {} x {:.0} USD.",
            rules.years,
            100.0 * rules.yearly_rate,
            rules.guideline_multiple,
            rules.poverty_guideline_usd
        ),
        format!(
            "Debt fails only if the annual rate is above {:.0} % and the discretionary rate above {:.0} %.",
            100.0 * rules.highest_annual,
            100.0 * rules.highest_discretionary
        ),
        format!(
            "Pass or fail at a probability of at least {}; an exact figure is compared as it is.",
            rules.certainty.get()
        ),
    ]
}

/// One test of one programme.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StatutoryRow {
    /// The programme; `(indicator mean)` for WIOA means over programmes.
    pub program: String,
    /// The test.
    pub test: String,
    /// What came of it.
    #[serde(flatten)]
    pub result: TestResult,
    /// The comparisons behind it.
    pub criteria: Vec<Criterion>,
}

/// What came of a law's tests over a table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StatutoryReport {
    /// The law.
    pub law: &'static str,
    /// Levels and assumptions behind the results.
    pub assumptions: Vec<String>,
    /// One for each programme and test.
    pub rows: Vec<StatutoryRow>,
}

impl StatutoryReport {
    /// How many tests passed, failed and cannot be told.
    #[must_use]
    pub fn counts(&self) -> [usize; 3] {
        let count = |name: &str| self.rows.iter().filter(|row| row.result.name() == name).count();
        ["pass", "fail", "cannot tell"].map(count)
    }

    /// Debt-to-earnings rates and earnings premium of College Scorecard programmes with published earnings: each institution and field
    /// once, named `institution field`, or by its federal aid id where the table has no names; see `rules` for the levels.
    ///
    /// Earnings and debt are published medians without a standard error, of other cohorts than the regulation's, and mixed in the time
    /// since completion: the results show what the rules would say of figures like these, not what the Department determined. Benchmark: pay
    /// of high-school graduates in the state, else the nation.
    ///
    /// # Errors
    /// [`DataError::Empty`] if no programme has earnings; [`ParamError`](crate::ParamError) for levels out of range.
    pub fn of_scorecard(programmes: &[Programme], rules: &GainfulRules) -> Result<Self> {
        rules.check()?;
        let mut seen: std::collections::BTreeSet<(&str, &str)> = std::collections::BTreeSet::new();
        let mut rows = Vec::new();
        for one in programmes {
            let usable = |usd: f64| Some(usd).filter(|usd| usd.is_finite() && *usd >= 0.0);
            let Some(earnings) = usable(one.earnings_usd) else { continue };
            if !seen.insert((&one.opeid6, &one.cip4)) {
                continue;
            }
            let name = if one.institution.is_empty() { &one.opeid6 } else { &one.institution };
            let programme = GainfulProgramme {
                median_debt_usd: usable(one.debt_usd),
                median_earnings_usd: Some(Figure::exact(earnings)),
                earnings_threshold_usd: usable(one.hs_earnings_state_usd).or(usable(one.hs_earnings_national_usd)),
            };
            rows.extend(gainful(rules, &format!("{name} {}", one.cip4), &programme));
        }
        if rows.is_empty() {
            return Err(DataError::Empty { what: "the programmes with earnings".to_owned() }.into());
        }
        let law = "gainful employment, financial value transparency";
        Ok(Self { law, assumptions: gainful_assumptions(rules), rows })
    }
}

fn gainful(rules: &GainfulRules, program: &str, programme: &GainfulProgramme) -> [StatutoryRow; 2] {
    let judged = rules.judge(programme);
    let (rates, premium): (Vec<Criterion>, Vec<Criterion>) =
        judged.criteria.into_iter().partition(|criterion| criterion.name != "median earnings");
    let row = |test: &str, result, criteria| StatutoryRow {
        program: program.to_owned(),
        test: test.to_owned(),
        result,
        criteria,
    };
    [row("debt to earnings", judged.debt_to_earnings, rates), row("earnings premium", judged.earnings_premium, premium)]
}

fn pell(rules: &PellRules, rows: &Rows<'_>, row: usize) -> Result<StatutoryRow, DataError> {
    let programme = PellProgramme {
        completion: rows.rate(row, "completion_rate", "completed", "students")?,
        placement: rows.rate(row, "placement_rate", "placed", "completers")?,
        median_earnings_usd: rows.earnings(row)?,
        price_parity: rows.number(row, "price_parity")?,
        tuition_usd: rows.number(row, "tuition")?,
    };
    let judged = rules.judge(&programme);
    Ok(StatutoryRow {
        program: rows.name(row)?.to_owned(),
        test: "Workforce Pell".to_owned(),
        result: judged.result,
        criteria: judged.criteria,
    })
}

fn wioa(rules: &WioaRules, rows: &Rows<'_>) -> Result<Vec<StatutoryRow>> {
    let mut reached = Vec::with_capacity(rows.records.n_rows());
    for row in 0..rows.records.n_rows() {
        let (level, actual) = rows.level_and_actual(row)?;
        let (program, indicator) = (rows.name(row)?.to_owned(), rows.label(row, "indicator")?.to_owned());
        reached.push(IndicatorResult { program, indicator, level, actual });
    }
    let judged = rules.judge(&reached)?;
    let row = |program: String, test: String, criterion: Criterion| StatutoryRow {
        program,
        test,
        result: criterion.result.clone(),
        criteria: vec![criterion],
    };
    let individual = judged.individual.into_iter().map(|one| row(one.program, one.indicator, one.criterion));
    let programs = judged.programs.into_iter().map(|one| row(one.name, "(program mean)".to_owned(), one.criterion));
    let indicators =
        judged.indicators.into_iter().map(|one| row("(indicator mean)".to_owned(), one.name, one.criterion));
    Ok(individual.chain(programs).chain(indicators).collect())
}

/// Access to the rows of a table whose columns are optional.
struct Rows<'a> {
    records: &'a Records,
}

impl Rows<'_> {
    /// Looks every cell through once, so that a fault is named whatever is done with the rest.
    fn check(&self, law: &Law) -> Result<(), DataError> {
        for column in law.columns().iter().take(law.needed()) {
            self.records.values(column)?;
        }
        for column in law.columns().iter().filter(|column| self.records.has(column)) {
            if let Values::Numbers(values) = self.records.values(column)? {
                let rate = column.ends_with("_rate");
                let bad = values.iter().position(|v| *v < 0.0 || v.is_infinite() || (rate && *v > 1.0));
                if let Some(row) = bad {
                    let expected = if rate { "a share from 0 to 1" } else { "a number that is not negative" };
                    return Err(self.records.fault(row, column, expected));
                }
            }
        }
        Ok(())
    }

    fn label(&self, row: usize, column: &str) -> Result<&str, DataError> {
        self.records.labels(column)?.text(row).ok_or_else(|| self.records.fault(row, column, "a name"))
    }

    fn name(&self, row: usize) -> Result<&str, DataError> {
        self.label(row, "program")
    }

    /// The number; `None` if it is missing or the table has no such column.
    fn number(&self, row: usize, column: &str) -> Result<Option<f64>, DataError> {
        if !self.records.has(column) {
            return Ok(None);
        }
        Ok(Some(self.records.numbers(column)?[row]).filter(|value| !value.is_nan()))
    }

    fn is_small(&self, row: usize, column: &str) -> Result<bool, DataError> {
        Ok(self.number(row, column)?.is_some_and(|n| n < LEAST_COUNT))
    }

    /// A rate from its column, or else from counts; `None` too where it rests on a small one.
    fn rate(&self, row: usize, rate: &str, part: &str, whole: &str) -> Result<Option<Figure>, DataError> {
        match self.counts(row, part, whole)? {
            Some(Err(())) => Ok(None),
            Some(Ok(figure)) => Ok(Some(figure)),
            None => Ok(self.number(row, rate)?.map(Figure::exact)),
        }
    }

    /// The share of two counts; the inner error where it rests on a small one.
    fn counts(&self, row: usize, part: &str, whole: &str) -> Result<Option<Result<Figure, ()>>, DataError> {
        let (Some(x), Some(n)) = (self.number(row, part)?, self.number(row, whole)?) else {
            // One count alone, when small, still takes the rate with it.
            return Ok((self.is_small(row, part)? || self.is_small(row, whole)?).then_some(Err(())));
        };
        if x > n {
            return Err(self.records.fault(row, part, format!("at most {whole}, {n}")));
        }
        let small = x < LEAST_COUNT || n - x < LEAST_COUNT;
        Ok(Some(share(x, n).filter(|_| !small).ok_or(())))
    }

    fn earnings(&self, row: usize) -> Result<Option<Figure>, DataError> {
        if self.is_small(row, "n_earnings")? {
            return Ok(None);
        }
        self.figure(row, "median_earnings", "earnings_low", "earnings_high")
    }

    fn figure(&self, row: usize, value: &str, low: &str, high: &str) -> Result<Option<Figure>, DataError> {
        let Some(point) = self.number(row, value)? else { return Ok(None) };
        let (Some(from), Some(to)) = (self.number(row, low)?, self.number(row, high)?) else {
            return Ok(Some(Figure::exact(point)));
        };
        if from > point {
            return Err(self.records.fault(row, low, format!("at most {value}, {point}")));
        }
        if to < point {
            return Err(self.records.fault(row, high, format!("at least {value}, {point}")));
        }
        Ok(Some(Figure::with_interval(point, from, to)))
    }

    fn level_and_actual(&self, row: usize) -> Result<(f64, Option<Figure>), DataError> {
        let level = self.number(row, "level")?.filter(|level| *level > 0.0);
        let level = level.ok_or_else(|| self.records.fault(row, "level", "a level above 0"))?;
        let actual = match self.counts(row, "numerator", "denominator")? {
            Some(Err(())) => None,
            Some(Ok(figure)) => Some(figure.map(|share| 100.0 * share)),
            None => self.figure(row, "actual", "actual_low", "actual_high")?,
        };
        Ok((level, actual))
    }
}

#[cfg(test)]
mod tests {
    use super::super::constants::CredentialLevel;
    use super::*;

    fn records(columns: &[(&str, &[f64])]) -> Records {
        let n = columns.first().map_or(0, |(_, values)| values.len());
        let names: Vec<String> = (0..n).map(|row| format!("p{row}")).collect();
        let labels = Values::Labels(names.iter().map(|name| Some(name.as_str())).collect());
        let numbers = columns.iter().map(|(name, values)| (*name, Values::Numbers(values.to_vec())));
        Records::from_columns(std::iter::once(("program", labels)).chain(numbers)).unwrap()
    }

    fn pell_law() -> Law {
        Law::Pell(PellRules::for_year(2026).unwrap())
    }

    #[test]
    fn small_counts_are_neither_shown_nor_judged() {
        let table = records(&[
            ("students", &[100.0, 100.0, 100.0, f64::NAN]),
            ("completed", &[80.0, 95.0, 7.0, 5.0]),
            ("completion_rate", &[0.5, 0.95, 0.07, 0.9]),
            ("placement_rate", &[0.9, 0.9, 0.9, 0.9]),
            ("median_earnings", &[40_000.0, 40_000.0, 40_000.0, 40_000.0]),
            ("n_earnings", &[30.0, 30.0, 9.0, 30.0]),
            ("price_parity", &[100.0; 4]),
            ("tuition", &[1_000.0; 4]),
        ]);
        let report = pell_law().judge(&table).unwrap();
        assert_eq!(report.rows[0].criteria[0].value, Some(0.8));
        assert_eq!(report.rows[0].result, TestResult::Pass);
        for row in 1..4 {
            assert_eq!(report.rows[row].criteria[0].value, None, "{row}");
            assert_eq!(report.rows[row].result.name(), "cannot tell");
        }
        assert_eq!(report.rows[2].criteria[2].value, None);
        assert_eq!(report.counts(), [1, 0, 3]);
    }

    #[test]
    fn faults_are_named_by_place() {
        let fault = |columns: &[(&str, &[f64])]| pell_law().judge(&records(columns)).unwrap_err().to_string();
        assert!(
            fault(&[("placement_rate", &[0.5, 1.2])])
                .ends_with("column placement_rate: expected a share from 0 to 1, found 1.2")
        );
        assert!(
            fault(&[("tuition", &[-1.0])]).contains("line 1, column tuition: expected a number that is not negative")
        );
        assert!(
            fault(&[("students", &[10.0]), ("completed", &[11.0])])
                .contains("column completed: expected at most students, 10")
        );
        assert!(
            fault(&[("median_earnings", &[5.0]), ("earnings_low", &[6.0]), ("earnings_high", &[7.0])])
                .contains("earnings_low")
        );
        let gainful = GainfulRules::for_years(2026, 2024, CredentialLevel::default()).unwrap();
        let nameless = Records::from_columns([("median_debt", Values::Numbers(vec![1.0]))]).unwrap();
        assert!(Law::Gainful(gainful).judge(&nameless).unwrap_err().to_string().contains("no column \"program\""));
    }

    #[test]
    fn indicators_come_from_counts_or_as_they_are() {
        let labels = |texts: &[&'static str]| Values::Labels(texts.iter().map(|text| Some(*text)).collect());
        let table = |indicators: &[&'static str]| {
            Records::from_columns([
                ("program", labels(&["a", "b"])),
                ("indicator", labels(indicators)),
                ("level", Values::Numbers(vec![70.0, 6_000.0])),
                ("actual", Values::Numbers(vec![f64::NAN, 5_400.0])),
                ("numerator", Values::Numbers(vec![640.0, f64::NAN])),
                ("denominator", Values::Numbers(vec![1_000.0, f64::NAN])),
            ])
            .unwrap()
        };
        let by_point = super::super::Certainty::new(0.5).unwrap();
        let wioa = Law::Wioa(WioaRules { certainty: by_point, ..WioaRules::default() });
        let report = wioa.judge(&table(&["er_q2", "earnings"])).unwrap();
        // 64 of 70 is 91.4; 5,400 of 6,000 is 90.
        assert_eq!(report.counts(), [6, 0, 0]);
        let perkins = Law::Perkins(PerkinsRules { certainty: by_point, ..PerkinsRules::default() });
        assert_eq!(perkins.judge(&table(&["3S1", "5S1"])).unwrap().counts(), [2, 0, 0]);
        assert!(perkins.judge(&table(&["3S1", "9S9"])).unwrap_err().to_string().contains("expected 3S1 or 5S1"));
    }

    #[test]
    fn scorecard_programmes_are_judged_once() {
        let programme = |opeid6: &str, earnings: f64, debt: f64| Programme {
            unitid: "1".into(),
            opeid6: opeid6.into(),
            institution: String::new(),
            state: None,
            control: String::new(),
            cip4: "51.08".into(),
            completers: 1.0,
            earnings_usd: earnings,
            hs_earnings_state_usd: 30_000.0,
            hs_earnings_national_usd: f64::NAN,
            debt_usd: debt,
        };
        let rules = GainfulRules::for_years(2026, 2024, CredentialLevel::default()).unwrap();
        let all = [
            programme("a", 20_000.0, 50_000.0),
            programme("a", 20_000.0, 50_000.0),
            programme("b", 35_000.0, f64::NAN),
        ];
        let report = StatutoryReport::of_scorecard(&all, &rules).unwrap();
        let results: Vec<&str> = report.rows.iter().map(|row| row.result.name()).collect();
        assert_eq!(results, ["fail", "fail", "cannot tell", "pass"]);
        assert!(StatutoryReport::of_scorecard(&[programme("a", f64::NAN, 1.0)], &rules).is_err());
    }
}
