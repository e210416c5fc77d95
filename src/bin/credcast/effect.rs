//! `credcast effect`.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use credcast::DataError;
use credcast::ingest::{ColumnRule, Mode, Source, read_records};
use credcast::records::{Records, Values};
use credcast::report::{effect_csv, effect_table, json};
use credcast::value::effect::{Distance, EffectSettings, Estimand, Method, Missing, Question, Thresholds};

use crate::args::{Common, Format};
use crate::output::{Failure, deliver, table_width, wrapped};
use crate::progress::Progress;

pub(crate) const NOTES: &str = "\
Examples:
  credcast effect --input people.csv --treated earned --outcome pay \\
      --covariates age,school,pay_before --placebo pay_two_years_before
  credcast effect --input trial.csv,survey.csv --treated earned --outcome pay \\
      --covariates age,age^2,state --method match --where 'earned=1|trial=0'
  credcast effect --input people.csv --treated earned --outcome pay \\
      --method did --before pay_before --format json";

#[derive(Debug, clap::Args)]
pub(crate) struct Effect {
    /// Tables, one row per person (CSV, Parquet, XLSX)
    #[arg(long, value_name = "FILE", value_delimiter = ',', required = true)]
    pub(crate) input: Vec<PathBuf>,
    /// Who earned it: 0/1, true/false or yes/no
    #[arg(long, value_name = "COL")]
    pub(crate) treated: String,
    /// What it may have changed, such as pay
    #[arg(long, value_name = "COL")]
    pub(crate) outcome: String,
    /// To be alike in: columns, age^2, age*state
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    pub(crate) covariates: Vec<String>,
    /// How to compare
    #[arg(long, value_name = "NAME", default_value = "aipw", value_parser = PossibleValuesParser::new(Method::ALL.map(Method::name)))]
    pub(crate) method: String,
    /// Effect on the treated, or on all
    #[arg(long, value_name = "WHOM", default_value = "att", value_parser = PossibleValuesParser::new(["att", "ate"]))]
    pub(crate) estimand: String,
    /// Outcome before, for did
    #[arg(long, value_name = "COL")]
    pub(crate) before: Option<String>,
    /// Who a row is about, for did of a panel
    #[arg(long, value_name = "COL", requires = "period")]
    pub(crate) unit: Option<String>,
    /// When the row was seen, such as a year
    #[arg(long, value_name = "COL", requires = "unit")]
    pub(crate) period: Option<String>,
    /// Older outcome that must show no effect
    #[arg(long, value_name = "COL")]
    pub(crate) placebo: Option<String>,
    /// Rows to use: A=1, A!=x, 'A=1|B=x'; repeatable
    #[arg(long = "where", value_name = "RULE")]
    pub(crate) rows: Vec<String>,
    /// Rows with a missing value
    #[arg(long, value_name = "HOW", default_value = "refuse", value_parser = PossibleValuesParser::new(["refuse", "drop", "indicator"]))]
    pub(crate) missing: String,
    /// Rows of one value depend on each other
    #[arg(long, value_name = "COL")]
    pub(crate) cluster: Option<String>,
    /// Treatment was drawn by lot
    #[arg(long)]
    pub(crate) randomised: bool,
    /// Covariates as given, no squares and zeros
    #[arg(long)]
    pub(crate) plain: bool,
    /// Products of each two covariates as well
    #[arg(long)]
    pub(crate) interactions: bool,
    /// Leave out scores this near to 1; 0: none
    #[arg(long, value_name = "P", default_value_t = 0.1)]
    pub(crate) trim: f64,
    /// Weights as the score gives them
    #[arg(long)]
    pub(crate) no_tilt: bool,
    /// Folds of aipw
    #[arg(long, value_name = "K", default_value_t = 5)]
    pub(crate) folds: usize,
    /// Neighbours of match
    #[arg(long, value_name = "K", default_value_t = 1)]
    pub(crate) neighbours: usize,
    /// What neighbours are near in
    #[arg(long, value_name = "NAME", default_value = "mahalanobis", value_parser = PossibleValuesParser::new(["mahalanobis", "propensity"]))]
    pub(crate) distance: String,
    /// Largest gap in log odds, in SD
    #[arg(long, value_name = "SD")]
    pub(crate) caliper: Option<f64>,
    /// Neighbours agree in these
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    pub(crate) exact: Vec<String>,
    /// Difference from which groups are unlike
    #[arg(long, value_name = "SD", default_value_t = 0.1)]
    pub(crate) max_smd: f64,
    /// Unit of the outcome in the text
    #[arg(long, value_name = "UNIT", default_value = "USD")]
    pub(crate) currency: String,
}

pub(crate) fn run(args: &Effect, common: &Common) -> Result<(), Failure> {
    let question = question(args);
    let columns = question.columns()?;
    let settings = settings(args, common);
    settings.check()?;
    let rules = args.rows.iter().map(|text| Alternatives::parse(text)).collect::<Result<Vec<_>, _>>()?;
    let progress = Progress::new(2, "reading", common);
    let mut wanted: Vec<(&str, ColumnRule)> = columns.iter().map(|name| (*name, rule(&question, name))).collect();
    for name in rules.iter().flat_map(|rule| &rule.0).map(|condition| condition.column.as_str()) {
        if !columns.contains(&name) && !wanted.iter().any(|(have, _)| *have == name) {
            wanted.push((name, ColumnRule::Labels));
        }
    }
    let sources: Vec<Source> = args.input.iter().map(|path| Source::path(path.as_path())).collect();
    let (mut records, _) = read_records(&sources, &wanted, Mode::Strict)?;
    if !rules.is_empty() {
        records = records.keep(|row| rules.iter().all(|rule| rule.holds(&records, row)));
        if records.n_rows() == 0 {
            return Err(DataError::Empty { what: format!("the table where {}", args.rows.join(" and ")) }.into());
        }
    }
    progress.step("comparing");
    let effect = credcast::value::effect::Effect::estimate(&records, &question, &settings)?;
    drop(progress);
    let width = table_width(common);
    let text = match common.format {
        Format::Json => json(&effect)?,
        Format::Csv => effect_csv(&effect),
        Format::Table => wrapped(&effect_table(&effect, unit(args, &records), width), width),
    };
    deliver(&text, common)
}

fn question(args: &Effect) -> Question {
    Question {
        exact: args.exact.clone(),
        cluster: args.cluster.clone(),
        placebo: args.placebo.clone(),
        before: args.before.clone(),
        unit: args.unit.clone(),
        period: args.period.clone(),
        ..Question::new(args.treated.as_str(), args.outcome.as_str(), args.covariates.iter().map(|name| name.trim()))
    }
}

fn settings(args: &Effect, common: &Common) -> EffectSettings {
    let usual = EffectSettings::default();
    EffectSettings {
        method: Method::ALL.into_iter().find(|method| method.name() == args.method).unwrap_or(usual.method),
        estimand: if args.estimand == Estimand::Ate.name() { Estimand::Ate } else { Estimand::Att },
        squares: !args.plain,
        zeros: !args.plain,
        interactions: args.interactions,
        trim: args.trim,
        calibrate: !args.no_tilt,
        folds: args.folds,
        seed: common.seed,
        neighbours: args.neighbours,
        distance: if args.distance == Distance::Propensity.name() {
            Distance::Propensity
        } else {
            Distance::Mahalanobis
        },
        caliper: args.caliper,
        missing: match args.missing.as_str() {
            "drop" => Missing::Drop,
            "indicator" => Missing::Indicator,
            _ => Missing::Refuse,
        },
        randomised: args.randomised,
        thresholds: Thresholds { max_smd: args.max_smd, ..usual.thresholds.clone() },
        ..usual
    }
}

/// What the cells of a column must be: numbers for whatever is computed with, anything for what is compared.
fn rule(question: &Question, name: &str) -> ColumnRule {
    let is = |other: &Option<String>| other.as_deref() == Some(name);
    let multiplied = |covariate: &String| {
        let parts: Vec<&str> =
            covariate.strip_suffix("^2").map_or_else(|| covariate.split('*').collect(), |base| vec![base]);
        covariate != name && parts.iter().any(|part| part.trim() == name)
    };
    if question.outcome == name
        || is(&question.before)
        || is(&question.placebo)
        || is(&question.period)
        || question.covariates.iter().any(multiplied)
    {
        ColumnRule::Numbers
    } else if question.treated == name || question.covariates.iter().any(|covariate| covariate == name) {
        ColumnRule::Either
    } else {
        ColumnRule::Labels
    }
}

/// The unit of the outcome; shares of people have none.
fn unit<'a>(args: &'a Effect, records: &Records) -> &'a str {
    let share = records.numbers(&args.outcome).is_ok_and(|values| values.iter().all(|y| matches!(*y, 0.0 | 1.0)));
    if share { "" } else { &args.currency }
}

/// Conditions of which one must hold.
#[derive(Debug)]
struct Alternatives(Vec<Condition>);

#[derive(Debug)]
struct Condition {
    column: String,
    equal: bool,
    value: String,
}

impl Alternatives {
    fn parse(text: &str) -> Result<Self, Failure> {
        let condition = |part: &str| {
            let (equal, parts) = match part.split_once("!=") {
                Some(parts) => (false, parts),
                None => (true, part.split_once('=')?),
            };
            let (column, value) = (parts.0.trim(), parts.1.trim());
            (!column.is_empty()).then(|| Condition { column: column.to_owned(), equal, value: value.to_owned() })
        };
        let conditions: Option<Vec<Condition>> = text.split('|').map(condition).collect();
        let wrong =
            || Failure::Usage(format!("--where {text}: expected COL=VALUE or COL!=VALUE, or several with | between"));
        conditions.map(Self).ok_or_else(wrong)
    }

    fn holds(&self, records: &Records, row: usize) -> bool {
        self.0.iter().any(|condition| condition.holds(records, row))
    }
}

impl Condition {
    fn holds(&self, records: &Records, row: usize) -> bool {
        let number = self.value.parse::<f64>().ok();
        let same = match records.values(&self.column) {
            Ok(Values::Numbers(numbers)) => {
                if numbers[row].is_nan() {
                    self.value.is_empty()
                } else {
                    number == Some(numbers[row])
                }
            }
            Ok(Values::Labels(labels)) => match labels.text(row) {
                None => self.value.is_empty(),
                Some(text) => text == self.value || number.is_some() && text.parse::<f64>().ok() == number,
            },
            Err(_) => false,
        };
        same == self.equal
    }
}
