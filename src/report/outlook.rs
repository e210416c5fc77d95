//! Outlooks: a table over many certificates, a card for one, CSV.

use super::{cell, csv_text};
use crate::value::OutlookReport;
#[cfg(feature = "cli")]
use crate::value::{AlignmentClass, Band, HorizonOutlook, Outlook, PastCheck, Verdict};

/// One line for each certificate, region and horizon.
#[must_use]
pub fn outlook_csv(report: &OutlookReport) -> String {
    let header = [
        "id",
        "name",
        "region",
        "kind",
        "basis",
        "verdict",
        "reason",
        "months",
        "period",
        "demand_p10",
        "demand_p50",
        "demand_p90",
        "demand_unit",
        "share_factor_p10",
        "share_factor_p50",
        "share_factor_p90",
        "pay_usd_p10",
        "pay_usd_p50",
        "pay_usd_p90",
        "p_holds_value",
        "p_share",
        "p_pay",
        "p_jobs",
    ];
    let mut lines = Vec::new();
    for outlook in &report.certificates {
        let head = vec![
            outlook.id.to_string(),
            outlook.name.clone(),
            outlook.region.to_string(),
            outlook.kind.to_string(),
            outlook.basis.map_or_else(String::new, |b| b.to_string()),
            outlook.verdict.name().to_owned(),
            outlook.reason.clone(),
        ];
        if outlook.horizons.is_empty() {
            // A certificate about which nothing can be told keeps its line.
            let mut line = head.clone();
            line.resize(header.len(), String::new());
            lines.push(line);
        }
        for horizon in &outlook.horizons {
            let mut line = head.clone();
            line.extend([horizon.months.to_string(), horizon.period.clone()]);
            let bands = [&horizon.demand, &horizon.share_factor, &horizon.pay];
            for (index, band) in bands.into_iter().enumerate() {
                line.extend([0, 1, 2].map(|p| cell(band.as_ref().map(|b| [b.p10, b.p50, b.p90][p]))));
                if index == 0 {
                    line.push(band.as_ref().map_or_else(String::new, |b| b.unit.clone()));
                }
            }
            line.extend([horizon.p_holds_value, horizon.p_share, horizon.p_pay, horizon.p_jobs].map(cell));
            lines.push(line);
        }
    }
    csv_text(&header, lines)
}

#[cfg(feature = "cli")]
fn percent(p: Option<f64>) -> String {
    p.map_or_else(|| "-".into(), |p| format!("{:.0} %", 100.0 * p))
}

/// A change of share such as `-12 % (-25 to +3)`.
#[cfg(feature = "cli")]
fn change(band: &Band) -> String {
    let change = |factor: f64| 100.0 * (factor - 1.0);
    format!("{:+.0} % ({:+.0} to {:+.0})", change(band.p50), change(band.p10), change(band.p90))
}

#[cfg(feature = "cli")]
fn thousands(usd: f64) -> String {
    format!("{:.1}k", usd / 1000.0)
}

#[cfg(feature = "cli")]
fn decision<'a>(report: &OutlookReport, outlook: &'a Outlook) -> Option<&'a HorizonOutlook> {
    outlook.horizons.iter().find(|h| h.months == report.settings.decision_months)
}

#[cfg(feature = "cli")]
fn alignment(class: AlignmentClass) -> &'static str {
    match class {
        AlignmentClass::FarUndersupplied => "far under",
        AlignmentClass::Undersupplied => "under",
        AlignmentClass::Aligned => "aligned",
        AlignmentClass::Oversupplied => "over",
        AlignmentClass::FarOversupplied => "far over",
    }
}

#[cfg(feature = "cli")]
fn past(check: Option<&PastCheck>) -> String {
    check.map_or_else(
        || "-".into(),
        |c| format!("{} -> {}", percent(c.said.p_holds_value), if c.happened.held_value { "held" } else { "fell" }),
    )
}

/// Everything a reader must know before the numbers: headline, settings, past check, verdicts.
#[cfg(feature = "cli")]
fn preamble(report: &OutlookReport) -> String {
    let s = &report.settings;
    let mut text = String::new();
    let mut line = |l: String| text.push_str(&(l + "\n"));
    for headline in &report.headline {
        line(headline.clone());
    }
    line(format!(
        "Holds value: in h months its share of demand is at least {:.0} % of today's, pay in its occupations is at \
         least {:.0} % above the benchmark, and at least {} jobs remain. Verdict at {} months.",
        100.0 * (1.0 - s.delta),
        100.0 * s.pi.exp_m1(),
        s.n_jobs,
        s.decision_months
    ));
    let past = &report.past_check;
    if past.n == 0 {
        line("Past check: none, the history is too short.".into());
    } else {
        line(format!(
            "Past check: standing in {} the same method gave {:.0} % on average that a certificate would hold value {} \
             months later; {:.0} % of {} outlooks did. Brier {:.3} (the outcomes' own mean: {:.3}), AUC {}; {:.0} % of the \
             shares fell into their 80 % interval.",
            past.origin,
            100.0 * past.mean_probability,
            past.months,
            100.0 * past.held,
            past.n,
            past.brier,
            past.brier_of_mean,
            past.auc.map_or_else(|| "-".into(), |a| format!("{a:.2}")),
            100.0 * past.coverage80
        ));
        line(format!(
            "The past check could not help using what was not known then: {}.",
            past.not_known_then.join("; ")
        ));
    }
    let counts: Vec<String> =
        report.verdict_counts().iter().filter(|(_, n)| *n > 0).map(|(v, n)| format!("{n} {v}")).collect();
    let n = report.certificates.len();
    line(format!("{n} outlook{}: {}.", if n == 1 { "" } else { "s" }, counts.join(", ")));
    text
}

/// The condition least likely to be met, or why nothing can be told.
#[cfg(feature = "cli")]
fn weakest(outlook: &Outlook, at: Option<&HorizonOutlook>) -> String {
    let retired = outlook.verdict == Verdict::PhaseOut && outlook.reason.starts_with("retired");
    let Some(at) = at.filter(|_| outlook.verdict != Verdict::CannotTell && !retired) else {
        return outlook.reason.clone();
    };
    let conditions = [("share", at.p_share), ("pay", at.p_pay), ("jobs", at.p_jobs)];
    let known = conditions.into_iter().filter_map(|(name, p)| Some((name, p?)));
    known
        .min_by(|a, b| a.1.total_cmp(&b.1))
        .map_or_else(String::new, |(name, p)| format!("{name} {}", percent(Some(p))))
}

/// The table that an analyst reads, best verdict first.
#[cfg(feature = "cli")]
#[must_use]
pub fn outlook_table(report: &OutlookReport, width: Option<u16>) -> String {
    let mut order: Vec<&Outlook> = report.certificates.iter().collect();
    let chance = |o: &Outlook| decision(report, o).and_then(|h| h.p_holds_value).unwrap_or(-1.0);
    order.sort_by(|a, b| {
        (a.verdict)
            .cmp(&b.verdict)
            .then(chance(b).total_cmp(&chance(a)))
            .then(a.id.cmp(&b.id))
            .then(a.region.cmp(&b.region))
    });
    let rows = order.into_iter().map(|outlook| {
        let at = decision(report, outlook);
        let holds: Vec<String> = outlook.horizons.iter().map(|h| percent(h.p_holds_value).replace(" %", "")).collect();
        vec![
            outlook.verdict.to_string(),
            outlook.id.to_string(),
            outlook.region.to_string(),
            if holds.is_empty() { "-".into() } else { holds.join("/") },
            at.and_then(|h| h.share_factor.as_ref()).map_or_else(|| "-".into(), change),
            at.and_then(|h| h.pay.as_ref()).map_or_else(
                || "-".into(),
                |p| format!("{} ({}-{})", thousands(p.p50), thousands(p.p10), thousands(p.p90)),
            ),
            outlook.alignment.as_ref().map_or("-", |a| alignment(a.class)).to_owned(),
            past(outlook.past_check.as_ref()),
            weakest(outlook, at),
        ]
    });
    let s = &report.settings;
    let months: Vec<String> = s.horizons_months.iter().map(ToString::to_string).collect();
    let chances = format!("P(holds) % at {} m", months.join("/"));
    let share = format!("share in {} m (80 %)", s.decision_months);
    let pay = format!("pay in {} m, USD (80 %)", s.decision_months);
    let header = ["verdict", "certificate", "where", &chances, &share, &pay, "supply", "past check", "weakest"];
    preamble(report) + "\n" + &fitted(&header, rows.collect(), width)
}

/// Where the weakest condition stands in a line, the only cell that may be broken.
#[cfg(feature = "cli")]
const WEAKEST: usize = 8;

/// The table of outlooks with as many columns as `width` takes, so that no identifier and no number is broken.
#[cfg(feature = "cli")]
fn fitted(header: &[&str; 9], mut rows: Vec<Vec<String>>, width: Option<u16>) -> String {
    /// Room for a condition and its probability, such as `share 91 %`.
    const NARROWEST: usize = 10;
    let Some(width) = width.map(usize::from) else {
        return super::table::table(header, rows, &[3, 4, 5], None);
    };
    let header = header.map(|h| h.replace(" at ", "\nat ").replacen(" in ", "\nin ", 1).replace(" (80 %)", "\n(80 %)"));
    let longest = |text: &str| text.lines().map(|line| line.chars().count()).max().unwrap_or(0);
    // Each cell has a blank on either side.
    let widths = [0, 1, 2, 3, 4, 5, 6, 7, 8]
        .map(|c: usize| 2 + rows.iter().map(|row| longest(&row[c])).chain([longest(&header[c])]).max().unwrap_or(0));
    let several_regions = rows.windows(2).any(|pair| pair[0][2] != pair[1][2]);
    let mut columns = if several_regions { vec![0, 1, 2, 3] } else { vec![0, 1, 3] };
    let mut used: usize = columns.iter().map(|&c| widths[c]).sum();
    let mut left_out = Vec::new();
    for column in [WEAKEST, 4, 5, 6, 7] {
        let needed = if column == WEAKEST { widths[column].min(NARROWEST + 2) } else { widths[column] };
        if used + needed <= width {
            used += needed;
            columns.push(column);
        } else {
            left_out.push(header[column].lines().next().unwrap_or_default());
        }
    }
    columns.sort_unstable();
    let room = width.saturating_sub(used) + NARROWEST;
    for row in &mut rows {
        row[WEAKEST] = broken(&row[WEAKEST], room);
    }
    let pick = |cells: &[String]| columns.iter().map(|&c| cells[c].clone()).collect::<Vec<_>>();
    let right: Vec<usize> = (0..columns.len()).filter(|&i| [3, 4, 5].contains(&columns[i])).collect();
    let titles = pick(&header);
    let titles: Vec<&str> = titles.iter().map(String::as_str).collect();
    let table = super::table::table(&titles, rows.iter().map(|row| pick(row)).collect(), &right, None);
    if left_out.is_empty() {
        return table;
    }
    format!("No room for: {}. Use a wider terminal, or --format csv.\n\n{table}", left_out.join(", "))
}

/// `text` with line feeds between words where a line would be longer than `width`.
#[cfg(feature = "cli")]
fn broken(text: &str, width: usize) -> String {
    let (mut out, mut length) = (String::new(), 0);
    for word in text.split_whitespace() {
        let n = word.chars().count();
        if length > 0 && length + 1 + n > width {
            out.push('\n');
            length = 0;
        } else if length > 0 {
            out.push(' ');
            length += 1;
        }
        out.push_str(word);
        length += n;
    }
    out
}

/// Everything about each certificate of a short report: reason, horizons, supply, past check, evidence.
#[cfg(feature = "cli")]
#[must_use]
pub fn outlook_card(report: &OutlookReport, width: Option<u16>) -> String {
    let mut text = preamble(report);
    for outlook in &report.certificates {
        text += &format!(
            "\n{} ({}), {}, {}\n  verdict: {}: {}\n",
            outlook.name, outlook.id, outlook.kind, outlook.region, outlook.verdict, outlook.reason
        );
        let rows: Vec<Vec<String>> = outlook
            .horizons
            .iter()
            .map(|h| {
                let band = |b: &Option<Band>| {
                    b.as_ref().map_or_else(
                        || "-".into(),
                        |b| format!("{:.4} ({:.4} to {:.4})", short(b.p50), short(b.p10), short(b.p90)),
                    )
                };
                vec![
                    format!("{} ({})", h.months, h.period),
                    band(&h.demand),
                    h.share_factor.as_ref().map_or_else(|| "-".into(), change),
                    h.pay
                        .as_ref()
                        .map_or_else(|| "-".into(), |p| format!("{:.0} ({:.0} to {:.0})", p.p50, p.p10, p.p90)),
                    percent(h.p_share),
                    percent(h.p_pay),
                    percent(h.p_jobs),
                    percent(h.p_holds_value),
                ]
            })
            .collect();
        if !rows.is_empty() {
            let unit = outlook.horizons[0].demand.as_ref().map_or("", |b| b.unit.as_str());
            let demand = if unit.is_empty() { "demand".to_owned() } else { format!("demand, {unit}") };
            let header =
                ["months", &demand, "share", "pay, USD a year", "P(share)", "P(pay)", "P(jobs)", "P(holds value)"];
            text += &super::table::table(&header, rows, &[4, 5, 6, 7], width);
        }
        if let Some(a) = &outlook.alignment {
            let class = AlignmentClass::ALL.iter().position(|c| *c == a.class).unwrap_or(2);
            text += &format!(
                "  supply: {:.0} completers a year for {:.0} jobs, {:.2} times the median certificate: {} ({})\n",
                a.completers,
                a.jobs,
                a.ratio,
                alignment(a.class),
                percent(Some(a.probabilities[class]))
            );
        }
        if let Some(c) = &outlook.past_check {
            let (low, mid, high) = c.said.share_factor;
            text += &format!(
                "  past check: in {} it said {} ({}), share x {mid:.2} ({low:.2} to {high:.2}) in {} months; it came to x \
                 {:.2}{}: {}\n",
                c.origin,
                percent(c.said.p_holds_value),
                c.said.verdict,
                c.months,
                c.happened.share_factor,
                c.happened
                    .relative_pay_factor
                    .map_or_else(|| ", pay not observed".into(), |f| format!(", relative pay x {f:.2}")),
                if c.happened.held_value { "held value" } else { "did not hold value" }
            );
        }
        for e in &outlook.evidence {
            text += &format!(
                "  {} from {} (known {}, {} rows): {}\n",
                e.what,
                files(&e.source),
                e.vintage,
                e.rows,
                e.method
            );
        }
    }
    text
}

/// At most two file names; JSON has them all.
#[cfg(feature = "cli")]
fn files(source: &str) -> String {
    let all: Vec<&str> = source.split(", ").collect();
    match all.as_slice() {
        [first, .., last] if all.len() > 2 => format!("{first} ... {last} ({} files)", all.len()),
        _ => source.to_owned(),
    }
}

/// Four significant digits are enough for a reader.
#[cfg(feature = "cli")]
fn short(value: f64) -> Short {
    Short(value)
}

#[cfg(feature = "cli")]
struct Short(f64);

#[cfg(feature = "cli")]
impl std::fmt::Display for Short {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let digits: usize = if self.0.abs() >= 1000.0 {
            0
        } else if self.0.abs() >= 10.0 {
            1
        } else {
            2
        };
        write!(f, "{:.digits$}", self.0)
    }
}

#[cfg(all(test, feature = "cli"))]
mod tests {
    use super::*;

    #[test]
    fn narrow_tables_lose_columns_and_break_no_identifier() {
        let header = ["verdict", "certificate", "where", "P(holds) % at 12 m", "share in 12 m (80 %)"];
        let header = [header[0], header[1], header[2], header[3], header[4], "pay", "supply", "past check", "weakest"];
        let row = ["hold", "a-very-long-certificate-identifier", "US", "90", "+1 % (-9 to +9)", "9k", "under", "-"];
        let row: Vec<String> = row.into_iter().chain(["no total of demand for it"]).map(str::to_owned).collect();
        for width in 60..140 {
            let text = fitted(&header, vec![row.clone(), row.clone()], Some(width));
            let (note, table) = text.split_once("\n\n").unwrap_or(("", &text));
            assert!(table.contains("a-very-long-certificate-identifier"), "{text}");
            assert!(table.lines().all(|line| line.chars().count() <= usize::from(width)), "{width}: {text}");
            assert_eq!(note.contains("share"), !table.contains("+1 % (-9 to +9)"), "{text}");
        }
    }
}
