//! Everything about the premia of a table, put together.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use ndarray::Array2;
use serde::Serialize;

use super::bundle::{Bundles, bundles};
use super::by_period::{ByPeriod, by_period};
use super::data::PremiumData;
use super::estimate::{PremiumEstimate, shown, shown_share};
use super::path::{PathLevel, PremiumPath};
use super::sample::{Sample, least_employers};
use super::selection::{WeightSummary, weights};
use super::settings::PremiumSettings;
use super::shrinkage::{Shrinkage, ShrunkEstimate, false_discovery};
use super::soft_skill::{SoftSkillPremium, soft_skills};
use crate::distribution::Probability;
use crate::error::{FitError, Result};
use crate::regression::sparse_absorbed::{Absent, Fit};

/// With fewer clusters for each estimate their covariances are too rough to be inverted, and only variances are used: the inverse
/// of a covariance of `k` estimates from `G` clusters is too large by about `G / (G - k - 1)`, 1.25 here.
const CLUSTERS_PER_ESTIMATE: usize = 5;

/// A field needs as many certificates for a mean of its own.
const FIELD_SIZE: usize = 3;

/// One period of a path.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PathPoint {
    /// The period.
    pub period: String,
    /// Rows with pay; `None` where it would give away a cell of fewer than 10.
    pub n: Option<usize>,
    /// The estimate from the rows of the period.
    pub estimate: f64,
    /// Its standard error.
    pub se: f64,
    /// The premium of the period as all periods see it.
    pub smoothed: PathLevel,
}

/// One period ahead of a path.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PathAhead {
    /// The period.
    pub period: String,
    /// Median.
    pub median: f64,
    /// The central 80 %.
    pub ci80: [f64; 2],
    /// The central 95 %.
    pub ci95: [f64; 2],
}

/// What one certificate goes with in pay.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CertificatePremium {
    /// The certificate.
    pub id: String,
    /// Its field, where fields were given.
    pub field: Option<String>,
    /// Rows with the certificate behind the estimates; `None` if they are 1 to 9.
    pub n: Option<usize>,
    /// Employers of those rows; `None` without a column of employers, or if they are 1 to 9.
    pub n_employers: Option<usize>,
    /// Share of the rows with the certificate that have pay, to three digits; `None` where it would give away a cell of 1 to 9.
    pub posted_share: Option<f64>,
    /// Share of the rows behind the estimates in which it is the only certificate, likewise.
    pub alone_share: Option<f64>,
    /// Without the effects of occupations: mostly who works in which occupation.
    pub raw: Option<PremiumEstimate>,
    /// With the effects of occupations.
    pub adjusted: Option<PremiumEstimate>,
    /// Raw less adjusted.
    pub selection_gap: Option<PremiumEstimate>,
    /// Adjusted, with weights that make rows with pay stand for all.
    pub weighted: Option<PremiumEstimate>,
    /// Adjusted (raw, without occupations), pulled towards the other certificates.
    pub shrunk: Option<ShrunkEstimate>,
    /// False-discovery rate at which the premium would be said to be above 0.
    pub q_value: Option<f64>,
    /// Whether it is said to be above 0 at the rate asked for.
    pub positive: Option<bool>,
    /// Why nothing is told.
    pub reason: Option<String>,
    /// Period by period.
    pub path: Vec<PathPoint>,
    /// Ahead of the path.
    pub ahead: Vec<PathAhead>,
}

/// How much of the table was used and how well the regressions fit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PremiumDiagnostics {
    /// Rows of the table.
    pub rows_read: usize,
    /// Rows without pay.
    pub rows_without_pay: usize,
    /// Rows without a label that is needed, by column; a row may lack several.
    pub rows_without: BTreeMap<String, usize>,
    /// Rows that stood alone in a level of an effect, and were left out.
    pub singletons: usize,
    /// Rows behind the estimates.
    pub rows_used: usize,
    /// Employers among them.
    pub employers: Option<usize>,
    /// Share of the rows that have pay.
    pub posted_share: f64,
    /// Lists that name a certificate twice; it counts once.
    pub repeated_in_list: usize,
    /// Share of the variance of log pay that is explained, effects included.
    pub r_squared: f64,
    /// Share of what the effects leave that certificates and controls explain.
    pub within_r_squared: f64,
    /// The same two without the effects of occupations.
    pub raw_r_squared: Option<f64>,
    /// See `raw_r_squared`.
    pub raw_within_r_squared: Option<f64>,
    /// The weights for missing pay.
    pub weights: Option<WeightSummary>,
    /// Variance of true premia about their mean, on the log scale.
    pub tau2: Option<f64>,
    /// Mean of true premia, by field; `all` without fields, `others` for fields of fewer than three certificates.
    pub means: BTreeMap<String, f64>,
    /// Whether shrinkage used the covariances of the estimates, not their variances alone.
    pub full_covariance: bool,
    /// Standard deviation of a premium's change from one period to the next.
    pub change_sd: Option<f64>,
    /// Controls without a coefficient, and why.
    pub controls_left_out: BTreeMap<String, String>,
}

/// The premia of a table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PremiumReport {
    /// What a reader must know first.
    pub notes: Vec<String>,
    /// The choices behind the numbers.
    pub settings: PremiumSettings,
    /// How much of the table was used and how well the regressions fit.
    pub diagnostics: PremiumDiagnostics,
    /// One for each certificate, in order of their names.
    pub certificates: Vec<CertificatePremium>,
    /// Certificates that come together.
    pub bundles: Bundles,
    /// Certificates together with soft skills.
    pub soft_skills: Vec<SoftSkillPremium>,
    #[serde(skip)]
    paths: Vec<PremiumPath>,
}

impl PremiumReport {
    /// Estimates every premium of `data`; `fields` may name the field of a certificate.
    ///
    /// ```text
    /// log pay = sum b[c] certificate[c] + controls + employer + region + month + industry (+ occupation) + e
    /// ```
    /// Errors are clustered by employer. Deterministic to the bit on any number of threads. O(rows * columns) for each of the
    /// regressions (raw, adjusted, weighted, by period, bundles, one for each soft skill); memory O(rows + levels * columns), not
    /// O(rows * columns).
    ///
    /// # Errors
    /// [`Error::Param`](crate::Error::Param) for settings outside their range; [`FitError::Design`] where no row is left, all rows
    /// have one employer, or there are no more rows than coefficients. A certificate of which nothing can be told is no error: it
    /// says why.
    pub fn compute(data: &PremiumData, settings: &PremiumSettings, fields: &BTreeMap<String, String>) -> Result<Self> {
        settings.check()?;
        let sample = Sample::new(data, settings)?;
        let main = sample.fit(sample.certificate_columns(), None, false)?;
        let raw = match &sample.raw_frame {
            Some(_) => Some(sample.fit(sample.certificate_columns(), None, true)?),
            None => None,
        };
        let mut notes = Vec::new();
        let weighting = weights(&sample, settings.trim).and_then(|(weights, summary)| {
            Ok((sample.fit(sample.certificate_columns(), Some(weights), false)?, summary))
        });
        let weighting =
            weighting.map_err(|error| notes.push(format!("no weights for missing pay: {}", said(&error)))).ok();
        let by_period = by_period(&sample, settings)?;
        let paths = match PremiumPath::fit(by_period.iter().map(|path| path.estimates.clone()).collect()) {
            Ok(paths) => paths,
            Err(error) => {
                notes.push(format!("no premium by period: {}", no_path(data, &by_period, &error)));
                Vec::new()
            }
        };
        let found = Found { data, settings, sample: &sample, main: &main, raw: raw.as_ref() };
        let mut certificates = found.certificates(weighting.as_ref().map(|(fit, _)| fit), fields);
        let shrinkage = found.shrink(&mut certificates, fields);
        let shrunk = shrinkage.map_err(|error| notes.push(format!("no shrinkage: {}", said(&error)))).ok();
        for (path, of) in paths.iter().zip(&by_period) {
            found.add_path(&mut certificates[of.id], path, of);
        }
        let diagnostics = found.diagnostics(weighting.map(|(_, summary)| summary), shrunk, &paths);
        Ok(Self {
            notes: found.notes().into_iter().chain(notes).collect(),
            settings: settings.clone(),
            diagnostics,
            certificates,
            bundles: bundles(&sample, settings)?,
            soft_skills: soft_skills(&sample, settings)?,
            paths,
        })
    }

    /// The premium paths, to be extrapolated or taken as a [`Forecast`](crate::forecast::Forecast).
    #[must_use]
    pub fn paths(&self) -> &[PremiumPath] {
        &self.paths
    }
}

fn said(error: &FitError) -> String {
    match error {
        FitError::Design { detail } => detail.clone(),
        FitError::TooShort { needed, found } => {
            format!("{found} certificates can be told, at least {needed} are needed")
        }
        other => other.to_string(),
    }
}

fn no_path(data: &PremiumData, found: &[ByPeriod], error: &FitError) -> String {
    if data.month.is_none() {
        "there is no column of dates".into()
    } else if found.is_empty() {
        "no certificate has enough rows in two periods".into()
    } else {
        error.to_string()
    }
}

/// What shrinkage said of all certificates together.
struct Shrunk {
    tau2: f64,
    means: BTreeMap<String, f64>,
    full_covariance: bool,
}

/// The fits, while the report is made of them.
struct Found<'a> {
    data: &'a PremiumData,
    settings: &'a PremiumSettings,
    sample: &'a Sample<'a>,
    /// With all effects.
    main: &'a Fit,
    raw: Option<&'a Fit>,
}

impl Found<'_> {
    /// Position of a certificate among those with a column of their own.
    fn own(&self, id: usize) -> Option<usize> {
        self.sample.own.binary_search(&id).ok()
    }

    fn certificates(&self, weighted: Option<&Fit>, fields: &BTreeMap<String, String>) -> Vec<CertificatePremium> {
        let data = self.data;
        let n = data.ids.len();
        let (mut all, mut posted, mut alone) = (vec![0; n], vec![0; n], vec![0; n]);
        for row in 0..data.n_rows() {
            for id in data.certificates.row(row) {
                all[*id as usize] += 1;
                posted[*id as usize] += usize::from(!data.log_pay[row].is_nan());
            }
        }
        for place in 0..self.sample.frame.n_rows() {
            if let [id] = self.sample.certificates(place) {
                alone[*id as usize] += 1;
            }
        }
        let gaps = self.gaps();
        let rounded = |share: Option<f64>| share.map(|share| (share * 1000.0).round() / 1000.0);
        let certificate = |id: usize| {
            let cell = self.sample.cells[id];
            let own = self.own(id);
            let of = |fit: &Fit| own.and_then(|own| PremiumEstimate::of(fit, own));
            let with_occupation = self.raw.is_some();
            CertificatePremium {
                id: data.ids[id].clone(),
                field: fields.get(&data.ids[id]).cloned(),
                n: shown(cell.rows),
                n_employers: data.employer.and_then(|_| shown(cell.employers)),
                posted_share: rounded(shown_share(posted[id], all[id])),
                alone_share: rounded(shown_share(alone[id], cell.rows)),
                raw: of(self.raw.unwrap_or(self.main)),
                adjusted: of(self.main).filter(|_| with_occupation),
                selection_gap: own.and_then(|own| gaps.get(own).copied().flatten()),
                weighted: weighted.and_then(of),
                shrunk: None,
                q_value: None,
                positive: None,
                reason: self.reason(id),
                path: Vec::new(),
                ahead: Vec::new(),
            }
        };
        (0..n).map(certificate).collect()
    }

    /// Raw less adjusted with its error: both come from the same clusters, so that their errors go together.
    fn gaps(&self) -> Vec<Option<PremiumEstimate>> {
        let (Some(raw), Some(raw_frame)) = (self.raw, &self.sample.raw_frame) else { return Vec::new() };
        let both = raw.covariance_with(self.main, raw_frame, &self.sample.frame);
        let gap = |own: usize| {
            let (in_raw, in_main) = (raw.position(own)?, self.main.position(own)?);
            let variance = raw.variance(own)? + self.main.variance(own)? - 2.0 * both[[in_raw, in_main]];
            PremiumEstimate::new(raw.coefficients[own] - self.main.coefficients[own], variance, self.main.df_tests)
        };
        (0..self.sample.own.len()).map(gap).collect()
    }

    /// Why nothing is told of a certificate.
    fn reason(&self, id: usize) -> Option<String> {
        let cell = self.sample.cells[id];
        let employers = least_employers(self.data, self.settings);
        if cell.rows < self.settings.min_rows {
            let n = shown(cell.rows).map_or_else(|| "fewer than 10".into(), |n| n.to_string());
            return Some(format!("too few: {n} rows with pay, at least {} are needed", self.settings.min_rows));
        }
        if cell.employers < employers {
            return Some(format!("too few: fewer than {employers} employers"));
        }
        let effects: Vec<&str> = self.data.effects.iter().map(|effect| effect.name.as_str()).collect();
        match self.own(id).and_then(|own| self.main.absent[own]) {
            None => None,
            Some(Absent::Constant) => Some("every row has it: there is nothing to compare with".into()),
            Some(Absent::Absorbed) => Some(format!("it does not vary within the levels of {}", effects.join(", "))),
            Some(Absent::Collinear) => Some("it cannot be told apart from the controls or other certificates".into()),
        }
    }

    /// Pulls the estimates towards their mean, or that of their field, and controls false discoveries.
    fn shrink(
        &self,
        certificates: &mut [CertificatePremium],
        fields: &BTreeMap<String, String>,
    ) -> std::result::Result<Shrunk, FitError> {
        let told: Vec<(usize, usize, PremiumEstimate)> = (0..certificates.len())
            .filter_map(|id| {
                let own = self.own(id)?;
                Some((id, own, PremiumEstimate::of(self.main, own).filter(|estimate| estimate.se > 0.0)?))
            })
            .collect();
        let p_values: Vec<f64> = told.iter().map(|(_, _, e)| e.p_not_positive(self.main.df_tests)).collect();
        for ((id, _, _), q) in told.iter().zip(false_discovery(&p_values)) {
            certificates[*id].q_value = Some(q);
            certificates[*id].positive = Some(q <= self.settings.fdr);
        }
        let n = told.len();
        let groups =
            if self.sample.frame.clustered { self.sample.frame.n_groups() } else { self.sample.frame.n_rows() };
        let full = groups >= CLUSTERS_PER_ESTIMATE * n;
        let covariance = |a: usize, b: usize| {
            if a == b || full { self.main.covariance_of(told[a].1, told[b].1).unwrap_or(0.0) } else { 0.0 }
        };
        let v = Array2::from_shape_fn((n, n), |(a, b)| covariance(a, b));
        let estimates: Vec<f64> = told.iter().map(|(_, _, estimate)| estimate.estimate).collect();
        let (names, codes) =
            field_codes(&told.iter().map(|(id, _, _)| fields.get(&self.data.ids[*id])).collect::<Vec<_>>());
        let found = Shrinkage::of(&estimates, v.view(), Some(&codes), self.settings.heterogeneity)?;
        for ((id, _, _), shrunk) in told.iter().zip(&found.estimates) {
            certificates[*id].shrunk = Some(*shrunk);
        }
        Ok(Shrunk { tau2: found.tau2, means: names.into_iter().zip(found.means).collect(), full_covariance: full })
    }

    fn add_path(&self, certificate: &mut CertificatePremium, path: &PremiumPath, of: &ByPeriod) {
        let estimates = path.estimates();
        let n_periods = estimates.periods.len();
        let hidden = self.sample.cells[of.id].rows - of.rows.iter().sum::<usize>();
        // What is left over would be a cell of its own; without the smallest count it cannot be worked out.
        let withheld = if shown(hidden).is_some() { None } else { of.rows.iter().min() };
        let mut n: Vec<Option<usize>> = of.rows.iter().map(|n| Some(*n)).collect();
        if let Some(place) = withheld.and_then(|least| of.rows.iter().position(|n| n == least)) {
            n[place] = None;
        }
        certificate.path = (0..n_periods)
            .map(|place| PathPoint {
                period: estimates.periods[place].to_string(),
                n: n[place],
                estimate: estimates.estimates[place],
                se: estimates.covariance[place * n_periods + place].max(0.0).sqrt(),
                smoothed: path.levels()[place],
            })
            .collect();
        let (Some(horizon), Some(last)) = (NonZeroUsize::new(self.settings.horizon), estimates.periods.last()) else {
            return;
        };
        for (period, ahead) in (1..).zip(path.extrapolate(horizon)) {
            let interval = |level: f64| {
                let ends = Probability::new(level).map(|level| ahead.interval(level));
                ends.map_or([f64::NAN; 2], |(low, high)| [low, high])
            };
            certificate.ahead.push(PathAhead {
                period: last.plus(period).to_string(),
                median: ahead.point(),
                ci80: interval(0.8),
                ci95: interval(0.95),
            });
        }
    }

    fn diagnostics(
        &self,
        weights: Option<WeightSummary>,
        shrunk: Option<Shrunk>,
        paths: &[PremiumPath],
    ) -> PremiumDiagnostics {
        let data = self.data;
        let with_pay = data.n_with_pay();
        let first_control = self.sample.n_columns;
        let left_out = |(place, number): (usize, &super::data::Number)| {
            let why = match self.main.absent[first_control + place]? {
                Absent::Constant => "it does not vary",
                Absent::Absorbed => "it does not vary within the levels of the effects",
                Absent::Collinear => "controls before it say the same",
            };
            Some((number.name.clone(), why.to_owned()))
        };
        PremiumDiagnostics {
            rows_read: data.n_rows(),
            rows_without_pay: data.n_rows() - with_pay,
            rows_without: data.missing.iter().filter(|(_, n)| *n > 0).cloned().collect(),
            singletons: self.sample.frame.singletons,
            rows_used: self.sample.frame.n_rows(),
            employers: data.employer.map(|_| self.sample.frame.n_groups()),
            posted_share: with_pay as f64 / data.n_rows() as f64,
            repeated_in_list: data.repeated,
            r_squared: self.main.r_squared,
            within_r_squared: self.main.within_r_squared,
            raw_r_squared: self.raw.map(|raw| raw.r_squared),
            raw_within_r_squared: self.raw.map(|raw| raw.within_r_squared),
            weights,
            tau2: shrunk.as_ref().map(|s| s.tau2),
            full_covariance: shrunk.as_ref().is_some_and(|s| s.full_covariance),
            means: shrunk.map(|s| s.means).unwrap_or_default(),
            change_sd: paths.first().map(PremiumPath::change_sd),
            controls_left_out: data.numbers.iter().enumerate().filter_map(left_out).collect(),
        }
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = vec![
            "A premium is the difference in pay that goes with a certificate where occupation, region, employer, month and \
             controls are the same. It is not what the certificate causes: see `credcast effect` for that."
                .to_owned(),
        ];
        if self.raw.is_none() {
            notes.push(
                "There is no column of occupations: premia are raw, mostly who works in which occupation.".into(),
            );
        }
        if self.data.employer.is_none() {
            notes.push(
                "There is no column of employers: errors are told as if rows did not depend on each other, and are too small \
                 if they do."
                    .into(),
            );
        }
        notes
    }
}

/// Fields of at least three certificates by name, all others together; the code of each certificate.
fn field_codes(fields: &[Option<&String>]) -> (Vec<String>, Vec<usize>) {
    let mut counts: BTreeMap<&String, usize> = BTreeMap::new();
    fields.iter().flatten().for_each(|field| *counts.entry(field).or_insert(0) += 1);
    let large: Vec<&String> = counts.iter().filter(|(_, n)| **n >= FIELD_SIZE).map(|(field, _)| *field).collect();
    let code =
        |field: &Option<&String>| field.and_then(|field| large.binary_search(&field).ok()).unwrap_or(large.len());
    let codes: Vec<usize> = fields.iter().map(code).collect();
    let mut names: Vec<String> = large.iter().map(|field| (*field).clone()).collect();
    if codes.contains(&names.len()) {
        names.push(if names.is_empty() { "all".into() } else { "others".into() });
    }
    (names, codes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_fields_share_a_mean() {
        let (it, care) = ("it".to_owned(), "care".to_owned());
        let fields = [Some(&it), Some(&it), None, Some(&care), Some(&it)];
        assert_eq!(field_codes(&fields), (vec!["it".to_owned(), "others".to_owned()], vec![0, 0, 1, 1, 0]));
        assert_eq!(field_codes(&[None, None]), (vec!["all".to_owned()], vec![0, 0]));
    }
}
