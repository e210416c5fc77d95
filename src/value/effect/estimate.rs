//! From a table and a question to an answer.

use serde::Serialize;

use super::adjusted::adjusted;
use super::balance::{Balance, balance, effective, moments};
use super::comparison::Comparison;
use super::difference::difference;
use super::doubly_robust::doubly_robust;
use super::group_time::{GroupTime, staggered};
use super::influence::Estimated;
use super::matched::matched;
use super::overlap::{Overlap, trim};
use super::question::Question;
use super::sample::Sample;
use super::sensitivity::{Sensitivity, e_values, rosenbaum_gamma};
use super::settings::{EffectSettings, Estimand, Method};
use super::verdict::judge;
use super::weighted::weighted;
use crate::error::{Error, FitError};
use crate::records::Records;

/// What treatment did, how sure that is, and whether the data can answer at all.
///
/// A number that does not exist, such as the estimate where everybody is treated, is `None`; `answerable` is then false and
/// `reason` says why. The first nine fields, in this order, are the command's fixed form.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Effect {
    /// How treated and others were compared.
    pub method: Method,
    /// The effect, in units of the outcome.
    pub estimate: Option<f64>,
    /// Its standard error.
    pub se: Option<f64>,
    /// Its 95 % interval.
    pub ci95: [Option<f64>; 2],
    /// Treated that the estimate rests on: after rows with missing values and those without a counterpart were left out.
    pub n_treated: usize,
    /// Others that could be compared with.
    pub n_control: usize,
    /// How far the groups differ, before and after: first the covariates asked for, then the terms that the recipe adds.
    pub balance: Vec<Balance>,
    /// Whether the data can answer.
    pub answerable: bool,
    /// Why not; or what was found in order, and what has to be believed.
    pub reason: String,
    /// Whose effect.
    pub estimand: Estimand,
    /// The treatment column.
    pub treated: String,
    /// The outcome column.
    pub outcome: String,
    /// Two-sided p-value of no effect.
    pub p_value: Option<f64>,
    /// Mean outcome of the treated, of whom the estimate is one part and what they would have had anyway the other; for the
    /// effect on all, their weighted mean.
    pub mean_treated: Option<f64>,
    /// The difference of means before anything was adjusted.
    pub difference: Option<f64>,
    /// The standard deviation of the outcome among the rows compared.
    pub outcome_sd: Option<f64>,
    /// Rows left out because a value is missing.
    pub rows_missing: usize,
    /// Who has somebody to be compared with.
    pub overlap: Overlap,
    /// The effect on an outcome from before treatment, which should be 0.
    pub placebo: Option<Placebo>,
    /// How strong something unmeasured would have to be.
    pub sensitivity: Sensitivity,
    /// The effects behind the mean of a panel, by group and period.
    pub group_times: Vec<GroupTime>,
    /// What a reader must know besides.
    pub notes: Vec<String>,
    /// The settings.
    pub settings: EffectSettings,
}

/// The effect on an outcome from before treatment, estimated in the same way from the other covariates.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Placebo {
    /// The outcome; for `did` the change that ends with the outcome before.
    pub outcome: String,
    /// The effect that cannot be one.
    pub estimate: Option<f64>,
    /// Its standard error.
    pub se: Option<f64>,
    /// Its 95 % interval.
    pub ci95: [Option<f64>; 2],
    /// Two-sided p-value of no effect.
    pub p_value: Option<f64>,
    /// The largest standardised mean difference that was left.
    pub max_smd: Option<f64>,
}

/// Numbers that exist.
fn finite(value: f64) -> Option<f64> {
    Some(value).filter(|value| value.is_finite())
}

impl Effect {
    /// Estimates what `question` asks on the rows of `records`.
    ///
    /// O(rows * terms^2) time for each model, and O(treated * others * terms) for matching at worst; a copy of the terms.
    /// Nothing depends on the number of threads, and nothing on the order of rows but the folds of `Aipw`.
    ///
    /// # Errors
    /// [`ParamError`](crate::ParamError) for settings outside their range or columns that exclude each other,
    /// [`DataError`](crate::DataError) for a column that is not there or holds the wrong kind, and a value that is missing or
    /// not what its column needs. Data that cannot answer are no error.
    ///
    /// # Examples
    /// ```
    /// use credcast::records::{Records, Values};
    /// use credcast::value::effect::{Effect, EffectSettings, Method, Question};
    /// // The treated earn 5 more than others of their age, but are younger.
    /// let age: Vec<f64> = (0..200).map(|i| 20.0 + f64::from(i % 40)).collect();
    /// let earned: Vec<f64> = (0..200).map(|i| f64::from(u8::from(i * 7 % 60 > i % 40 + 10))).collect();
    /// let pay = age.iter().zip(&earned).map(|(age, earned)| 0.5 * age + 5.0 * earned).collect();
    /// let columns = [("age", age), ("earned", earned), ("pay", pay)];
    /// let records = Records::from_columns(columns.map(|(name, values)| (name, Values::Numbers(values))))?;
    /// let question = Question::new("earned", "pay", ["age"]);
    /// let effect = Effect::estimate(&records, &question, &EffectSettings::default())?;
    /// assert!((effect.estimate.ok_or("none")? - 5.0).abs() < 1e-6 && effect.answerable);
    /// let naive = EffectSettings { method: Method::Difference, ..EffectSettings::default() };
    /// let naive = Effect::estimate(&records, &question, &naive)?;
    /// assert!(naive.estimate.ok_or("none")? < 2.0 && !naive.answerable);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn estimate(records: &Records, question: &Question, settings: &EffectSettings) -> Result<Self, Error> {
        settings.check()?;
        let changes = question.before.as_ref().or(question.unit.as_ref());
        if (settings.method == Method::Did) != changes.is_some() {
            let value = changes.cloned().unwrap_or_else(|| "none".into());
            let allowed = "a column, or unit and period, with the method did; none with others";
            return Err(crate::ParamError::new("before", value, allowed).into());
        }
        if question.unit.is_some() {
            return Self::of_panel(records, question, settings);
        }
        let mut effect = Self::without_placebo(records, question, settings)?;
        if let Some(placebo) = question.of_placebo() {
            let found = Self::without_placebo(records, &placebo, settings)?;
            let outcome = match &placebo.before {
                Some(before) => format!("{} - {before}", placebo.outcome),
                None => placebo.outcome,
            };
            let Self { estimate, se, ci95, p_value, balance, .. } = found;
            let smd = |line: &Balance| line.smd_after.map(f64::abs);
            let max_smd = balance.iter().map(smd).try_fold(0.0, |most: f64, smd| smd.map(|smd| most.max(smd)));
            effect.placebo = Some(Placebo { outcome, estimate, se, ci95, p_value, max_smd });
            (effect.answerable, effect.reason) = effect.verdict(&[]);
        }
        Ok(effect)
    }

    /// Before anything is known.
    fn blank(question: &Question, settings: &EffectSettings) -> Self {
        Self {
            method: settings.method,
            estimate: None,
            se: None,
            ci95: [None; 2],
            n_treated: 0,
            n_control: 0,
            balance: Vec::new(),
            answerable: false,
            reason: String::new(),
            estimand: settings.estimand,
            treated: question.treated.clone(),
            outcome: question.outcome.clone(),
            p_value: None,
            mean_treated: None,
            difference: None,
            outcome_sd: None,
            rows_missing: 0,
            overlap: Overlap::default(),
            placebo: None,
            sensitivity: Sensitivity::default(),
            group_times: Vec::new(),
            notes: Vec::new(),
            settings: settings.clone(),
        }
    }

    /// Takes over an estimate and what follows from it.
    fn take(&mut self, estimated: &Estimated) {
        self.estimate = finite(estimated.estimate);
        self.se = finite(estimated.se);
        if self.se.is_some() && self.estimate.is_some() {
            let (low, high) = estimated.interval();
            self.ci95 = [finite(low), finite(high)];
            self.p_value = finite(estimated.p_value());
        }
    }

    /// The effect that a panel shows; the placebo is the mean of the effects before treatment.
    fn of_panel(records: &Records, question: &Question, settings: &EffectSettings) -> Result<Self, Error> {
        let found = staggered(records, question, settings)?;
        let mut effect = Self {
            n_treated: found.n.0,
            n_control: found.n.1,
            outcome_sd: finite(found.outcome_sd),
            rows_missing: found.rows_missing,
            group_times: found.cells,
            notes: found.notes,
            ..Self::blank(question, settings)
        };
        let mut problems = Vec::new();
        match &found.after {
            Some(after) => effect.take(after),
            None => problems.push("in no period are there two units just treated and two not treated by then".into()),
        }
        if let Some(before) = &found.before {
            let mut shown = Self::blank(question, settings);
            shown.take(before);
            let Self { estimate, se, ci95, p_value, .. } = shown;
            let outcome = format!("{} before treatment", question.outcome);
            effect.placebo = Some(Placebo { outcome, estimate, se, ci95, p_value, max_smd: None });
        }
        (effect.answerable, effect.reason) = judge(&effect, &problems);
        Ok(effect)
    }

    fn without_placebo(records: &Records, question: &Question, settings: &EffectSettings) -> Result<Self, Error> {
        let (sample, rows_missing) = Sample::read(records, question, settings)?;
        let (treated, control) = (sample.arm(true), sample.arm(false));
        let mut effect = Self {
            n_treated: treated.len(),
            n_control: control.len(),
            balance: balance(&sample, None, settings.estimand),
            mean_treated: finite(moments(&sample.y, &treated).0),
            rows_missing,
            ..Self::blank(question, settings)
        };
        let mut problems = Vec::new();
        if treated.is_empty() || control.is_empty() {
            let who = if treated.is_empty() { "nobody is treated" } else { "everybody is treated" };
            problems.push(format!("{who}: there is nothing to compare with"));
        } else {
            effect.difference = finite(moments(&sample.y, &treated).0 - moments(&sample.y, &control).0);
            if let Err(error) = effect.compare(&sample) {
                problems.push(match error {
                    FitError::Design { detail } => detail,
                    other => other.to_string(),
                });
            }
        }
        (effect.answerable, effect.reason) = effect.verdict(&problems);
        Ok(effect)
    }

    /// Leaves out rows without a counterpart, compares the others and notes what is found.
    fn compare(&mut self, sample: &Sample) -> Result<(), FitError> {
        let settings = self.settings.clone();
        let bare = sample.terms.is_empty();
        let models_score = match settings.method {
            Method::Difference | Method::Ols => false,
            Method::Match | Method::Ipw | Method::Aipw => true,
            Method::Did => !bare,
        };
        let all: Vec<usize> = (0..sample.n()).collect();
        let (rows, overlap) = if models_score { trim(sample, &settings)? } else { (all, Overlap::default()) };
        self.overlap = overlap;
        let trimmed = rows.len() < sample.n();
        let kept = if trimmed { sample.select(&rows) } else { sample.clone() };
        let (treated, control) = (kept.arm(true), kept.arm(false));
        (self.n_treated, self.n_control) = (treated.len(), control.len());
        if treated.is_empty() || control.is_empty() {
            return Err(FitError::Design {
                detail: "no overlap: nobody treated has a counterpart among the others".into(),
            });
        }
        let comparison = match settings.method {
            Method::Ols if bare => difference(&kept),
            Method::Ols => adjusted(&kept)?,
            Method::Match => matched(&kept, &settings)?,
            Method::Ipw => weighted(&kept, &settings)?,
            Method::Aipw => doubly_robust(&kept, &settings)?,
            Method::Did if !bare => doubly_robust(&kept, &settings)?,
            Method::Difference | Method::Did => difference(&kept),
        };
        let Comparison { estimated, weights, pairs, unmatched, notes } = comparison;
        let weighted_mean = |rows: &[usize]| rows.iter().map(|row| weights[*row] * kept.y[*row]).sum::<f64>();
        self.mean_treated = finite(weighted_mean(&treated));
        self.n_treated -= unmatched;
        self.overlap.unmatched_treated = unmatched;
        self.overlap.effective_treated = effective(&weights, &treated);
        self.overlap.effective_control = effective(&weights, &control);
        self.balance = balance(sample, Some((&kept, &weights)), settings.estimand);
        self.notes.extend(notes);
        self.take(&estimated);
        let sd = standard_deviation(&kept.y);
        self.outcome_sd = finite(sd);
        let binary = kept.y.iter().all(|y| matches!(*y, 0.0 | 1.0)) && settings.method != Method::Did;
        let mean = self.mean_treated;
        let ratio = |effect: f64| {
            if binary {
                mean.map(|mean| mean / (mean - effect)).filter(|ratio| *ratio > 0.0)
            } else {
                Some((0.91 * effect / sd).exp())
            }
        };
        if let (Some(estimate), [Some(low), Some(high)]) = (self.estimate, self.ci95) {
            let (point, interval) = e_values(estimate, (low, high), ratio);
            (self.sensitivity.e_value, self.sensitivity.e_value_of_interval) = (point, interval);
        }
        self.sensitivity.rosenbaum_gamma = rosenbaum_gamma(&pairs);
        Ok(())
    }

    fn verdict(&self, problems: &[String]) -> (bool, String) {
        if self.placebo.is_some() && self.estimate.is_none() {
            return (self.answerable, self.reason.clone());
        }
        judge(self, problems)
    }
}

fn standard_deviation(y: &[f64]) -> f64 {
    let rows: Vec<usize> = (0..y.len()).collect();
    moments(y, &rows).1.sqrt()
}
