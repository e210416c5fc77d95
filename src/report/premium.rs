//! Premia: a table that an analyst understands, CSV.

#[cfg(feature = "cli")]
use super::table::table;
use super::{cell, csv_text};
#[cfg(feature = "cli")]
use crate::value::premium::CertificatePremium;
use crate::value::premium::{PremiumEstimate, PremiumReport};

/// Premia as CSV, one line for each certificate; on the log scale.
#[must_use]
pub fn premium_csv(report: &PremiumReport) -> String {
    let parts = ["raw", "adjusted", "selection_gap", "weighted"];
    let mut header: Vec<String> =
        ["id", "field", "n", "n_employers", "posted_share", "alone_share"].map(str::to_owned).to_vec();
    header.extend(parts.iter().flat_map(|part| ["", "_se", "_low", "_high"].map(|end| format!("{part}{end}"))));
    let rest = ["shrunk", "shrunk_low", "shrunk_high", "p_positive", "q_value", "positive", "reason"];
    header.extend(rest.map(str::to_owned));
    let estimate = |e: Option<PremiumEstimate>| {
        let part = |f: fn(&PremiumEstimate) -> f64| cell(e.as_ref().map(f));
        [part(|e| e.estimate), part(|e| e.se), part(|e| e.ci95[0]), part(|e| e.ci95[1])]
    };
    let lines = report.certificates.iter().map(|c| {
        let count = |n: Option<usize>| n.map_or_else(String::new, |n| n.to_string());
        let mut line = vec![c.id.clone(), c.field.clone().unwrap_or_default(), count(c.n), count(c.n_employers)];
        line.extend([cell(c.posted_share), cell(c.alone_share)]);
        line.extend([c.raw, c.adjusted, c.selection_gap, c.weighted].into_iter().flat_map(estimate));
        let shrunk = |f: fn(&crate::value::premium::ShrunkEstimate) -> f64| cell(c.shrunk.as_ref().map(f));
        line.extend([shrunk(|s| s.estimate), shrunk(|s| s.ci95[0]), shrunk(|s| s.ci95[1]), shrunk(|s| s.p_positive)]);
        line.extend([cell(c.q_value), c.positive.map_or_else(String::new, |p| p.to_string())]);
        line.push(c.reason.clone().unwrap_or_default());
        line
    });
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    csv_text(&header, lines)
}

/// A difference in log pay as a share of pay.
#[cfg(feature = "cli")]
fn percent(log: f64) -> String {
    format!("{:+.1} %", 100.0 * log.exp_m1())
}

#[cfg(feature = "cli")]
fn interval([low, high]: [f64; 2]) -> String {
    format!("({:+.1} to {:+.1})", 100.0 * low.exp_m1(), 100.0 * high.exp_m1())
}

#[cfg(feature = "cli")]
fn with_interval(estimate: Option<PremiumEstimate>) -> String {
    estimate.map_or_else(|| "-".into(), |e| format!("{} {}", percent(e.estimate), interval(e.ci95)))
}

#[cfg(feature = "cli")]
fn share(share: Option<f64>) -> String {
    share.map_or_else(|| "-".into(), |share| format!("{:.0} %", 100.0 * share))
}

/// Narrower terminals get the columns that matter most.
#[cfg(feature = "cli")]
const WIDE: u16 = 130;

/// Pairs of certificates in the table, most frequent first.
#[cfg(feature = "cli")]
const SHOWN: usize = 20;

/// The report as a table for a terminal `width` wide: premia as shares of pay with their 95 % intervals, largest shrunken premium
/// first; what cannot be told, and why; paths; bundles; soft skills.
#[cfg(feature = "cli")]
#[must_use]
pub fn premium_table(report: &PremiumReport, width: Option<u16>) -> String {
    let mut text = preamble(report);
    let mut told: Vec<&CertificatePremium> = report.certificates.iter().filter(|c| c.reason.is_none()).collect();
    let size = |c: &CertificatePremium| c.shrunk.map(|s| s.estimate).or(c.adjusted.or(c.raw).map(|e| e.estimate));
    told.sort_by(|a, b| size(b).unwrap_or(f64::MIN).total_cmp(&size(a).unwrap_or(f64::MIN)).then(a.id.cmp(&b.id)));
    if !told.is_empty() {
        text += &main_table(report, &told, width);
    }
    let others: Vec<&CertificatePremium> = report.certificates.iter().filter(|c| c.reason.is_some()).collect();
    if !others.is_empty() {
        text += "\nCannot tell:\n";
        others.iter().for_each(|c| text += &format!("  {}: {}\n", c.id, c.reason.as_deref().unwrap_or_default()));
    }
    text + &paths(&told, width) + &bundles(report, width) + &soft_skills(report, width)
}

#[cfg(feature = "cli")]
fn preamble(report: &PremiumReport) -> String {
    let d = &report.diagnostics;
    let mut text: String = report.notes.iter().map(|note| format!("{note}\n")).collect();
    let employers = d.employers.map_or_else(String::new, |n| format!(" of {n} employers"));
    text += &format!(
        "{} of {} rows{employers} used; {} without pay, {} alone in a level of an effect",
        d.rows_used, d.rows_read, d.rows_without_pay, d.singletons
    );
    d.rows_without.iter().for_each(|(column, n)| text += &format!(", {n} without {column}"));
    text += &format!(
        ". Pay is posted in {:.0} % of the rows. R2 {:.3}, within effects {:.3}.\n",
        100.0 * d.posted_share,
        d.r_squared,
        d.within_r_squared
    );
    if let Some(w) = &d.weights {
        text += &format!(
            "Weighted: rows with pay stand for all rows like them ({} observables, AUC {:.2}); weights {:.2} to {:.2}, worth {:.0} \
             rows of equal weight.\n",
            w.observables, w.auc, w.min, w.max, w.effective_rows
        );
    }
    if let Some(tau2) = d.tau2 {
        let means: Vec<String> = d.means.iter().map(|(field, mean)| format!("{} ({field})", percent(*mean))).collect();
        text += &format!(
            "Shrunken: pulled towards the mean, {}, as far as errors ask for it; true premia vary about it by {:.3} (log).\n",
            means.join(", "),
            tau2.sqrt()
        );
    }
    text + "\n"
}

#[cfg(feature = "cli")]
fn main_table(report: &PremiumReport, told: &[&CertificatePremium], width: Option<u16>) -> String {
    let wide = width.is_none_or(|width| width >= WIDE);
    let header =
        ["certificate", "rows", "raw", "adjusted (95 %)", "shrunken (95 %)", "P(>0)", "weighted", "posted", "alone"];
    let rows: Vec<Vec<String>> = told
        .iter()
        .map(|c| {
            let sure = if c.positive == Some(true) { "*" } else { "" };
            let shrunk =
                c.shrunk.map_or_else(|| "-".into(), |s| format!("{} {}", percent(s.estimate), interval(s.ci95)));
            let only = |e: Option<PremiumEstimate>| e.map_or_else(|| "-".into(), |e| percent(e.estimate));
            vec![
                c.id.clone(),
                c.n.map_or_else(|| "<10".into(), |n| n.to_string()),
                only(c.raw),
                with_interval(c.adjusted),
                shrunk,
                c.shrunk.map_or_else(|| "-".into(), |s| format!("{:.2}{sure}", s.p_positive)),
                only(c.weighted),
                share(c.posted_share),
                share(c.alone_share),
            ]
        })
        .collect();
    let keep: &[usize] = if wide { &[0, 1, 2, 3, 4, 5, 6, 7, 8] } else { &[0, 1, 2, 3, 4, 5] };
    let pick = |row: &Vec<String>| keep.iter().map(|column| row[*column].clone()).collect::<Vec<_>>();
    let header: Vec<&str> = keep.iter().map(|column| header[*column]).collect();
    let right: Vec<usize> = (1..keep.len()).collect();
    let mut text = table(&header, rows.iter().map(pick).collect(), &right, width);
    text += &format!(
        "*: said to be above 0; {:.0} % of the premia said so may be wrong. raw: without occupations. alone: share of its rows \
         without another certificate.\n",
        100.0 * report.settings.fdr
    );
    if !wide {
        text += "No room for weighted, posted and alone. Use a wider terminal, or --format csv.\n";
    }
    text
}

#[cfg(feature = "cli")]
fn paths(told: &[&CertificatePremium], width: Option<u16>) -> String {
    use std::collections::BTreeSet;
    let with_path: Vec<&&CertificatePremium> = told.iter().filter(|c| !c.path.is_empty()).collect();
    if with_path.is_empty() {
        return String::new();
    }
    let periods: BTreeSet<&str> = with_path.iter().flat_map(|c| c.path.iter().map(|p| p.period.as_str())).collect();
    let periods: Vec<&str> = periods.into_iter().collect();
    // The newest ones, where there are many.
    let shown = &periods[periods.len().saturating_sub(6)..];
    let mut header = vec!["certificate"];
    header.extend(shown);
    header.push("then (80 %)");
    let rows =
        with_path
            .iter()
            .map(|c| {
                let at = |period: &&str| {
                    let point = c.path.iter().find(|p| p.period == *period);
                    point.map_or_else(|| "-".into(), |p| percent(p.smoothed.mean))
                };
                let mut row = vec![c.id.clone()];
                row.extend(shown.iter().map(at));
                row.push(c.ahead.last().map_or_else(
                    || "-".into(),
                    |a| format!("{} {} in {}", percent(a.median), interval(a.ci80), a.period),
                ));
                row
            })
            .collect();
    let right: Vec<usize> = (1..header.len()).collect();
    format!("\nAdjusted premia by period, smoothed:\n{}", table(&header, rows, &right, width))
}

#[cfg(feature = "cli")]
fn bundles(report: &PremiumReport, width: Option<u16>) -> String {
    let found = &report.bundles;
    if found.pairs.is_empty() && found.too_few == 0 {
        return String::new();
    }
    let mut text = "\nCertificates that come together; premia of a bundle are not to be added up:\n".to_owned();
    if !found.pairs.is_empty() {
        let row = |p: &crate::value::premium::Bundle| {
            let beyond = p.reason.clone().unwrap_or_else(|| with_interval(p.beyond_sum));
            let n = p.n.map_or_else(|| "-".into(), |n| n.to_string());
            vec![format!("{} + {}", p.a, p.b), n, beyond, with_interval(p.total)]
        };
        let header = ["pair", "rows", "beyond the sum (95 %)", "in all (95 %)"];
        text += &table(&header, found.pairs.iter().take(SHOWN).map(row).collect(), &[1, 2, 3], width);
    }
    if found.pairs.len() > SHOWN {
        text += &format!("{} more pairs in --format json.\n", found.pairs.len() - SHOWN);
    }
    if found.not_estimated > 0 {
        text += &format!("{} more pairs have enough rows.\n", found.not_estimated);
    }
    if found.too_few > 0 {
        text += &format!("{} pairs have fewer than {} rows.\n", found.too_few, report.settings.min_rows);
    }
    text
}

#[cfg(feature = "cli")]
fn soft_skills(report: &PremiumReport, width: Option<u16>) -> String {
    if report.soft_skills.is_empty() {
        return String::new();
    }
    let row = |s: &crate::value::premium::SoftSkillPremium| {
        let q = s.q_value.map_or_else(|| "-".into(), |q| format!("{q:.3}"));
        vec![s.id.clone(), s.skill.clone(), s.n.to_string(), with_interval(s.with_skill), q]
    };
    let header = ["certificate", "with the skill", "rows", "premium larger by (95 %)", "FDR"];
    let rows = report.soft_skills.iter().map(row).collect();
    format!("\nCertificates together with soft skills:\n{}", table(&header, rows, &[2, 3, 4], width))
}
