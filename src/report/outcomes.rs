//! Outcomes of leavers, fields of study and occupations, and statutory tests.

#[cfg(feature = "cli")]
use super::table::table;
use super::{cell, csv_text};
use crate::value::outcomes::{FieldPay, FieldReport, OutcomeReport, PayGrowth, PayGrowthReport};
#[cfg(feature = "cli")]
use crate::value::outcomes::{FieldVerdict, Flag, Measure, Outcome};

/// What stands for all labels of a grouping together.
const ALL: &str = "(all)";

/// Outcomes as CSV: a line for each group and measure. Hidden figures are empty and flagged.
#[must_use]
pub fn outcomes_csv(report: &OutcomeReport) -> String {
    let mut header: Vec<&str> = report.by.clone();
    header.extend(["measure", "flag", "n", "numerator", "missing", "value", "low", "high", "unit"]);
    let count = |n: Option<u64>| n.map_or_else(String::new, |n| n.to_string());
    let lines = report.groups.iter().flat_map(|group| {
        let labels: Vec<String> = group.labels.iter().map(|l| l.clone().unwrap_or_else(|| ALL.to_owned())).collect();
        group.outcomes.iter().map(move |o| {
            let mut line = labels.clone();
            line.extend([o.measure.name().to_owned(), o.flag.name().to_owned()]);
            line.extend([o.n, o.numerator, o.missing].map(count));
            line.extend([o.value, o.low, o.high].map(cell));
            line.push(o.measure.unit().to_owned());
            line
        })
    });
    csv_text(&header, lines)
}

/// Outcomes as tables for a terminal `width` wide, one for each measure, what was not measured and what is hidden.
#[cfg(feature = "cli")]
#[must_use]
pub fn outcomes_table(report: &OutcomeReport, width: Option<u16>) -> String {
    let mut text = format!(
        "Intervals at {:.0} %. Counts below {} are hidden (small), and what would give them away (complementary): {} and {} figures.\n\
         Leavers excluded from every measure: {}.\n",
        100.0 * report.level,
        report.least_count,
        report.hidden_small,
        report.hidden_complementary,
        report.excluded
    );
    for note in &report.measures {
        let Some(place) = report.groups[0].outcomes.iter().position(|o| o.measure == note.measure) else { continue };
        text += &format!("\n{}: {}\n", note.measure.name(), note.definition);
        let mut header: Vec<&str> = report.by.clone();
        if report.by.is_empty() {
            header.push("group");
        }
        let groups = header.len();
        header.extend(["value", "interval", "n", "missing"]);
        let rows = report.groups.iter().map(|group| {
            let mut row: Vec<String> =
                group.labels.iter().map(|l| l.clone().unwrap_or_else(|| ALL.to_owned())).collect();
            if row.is_empty() {
                row.push(ALL.to_owned());
            }
            row.extend(outcome_cells(&group.outcomes[place]));
            row
        });
        text += &table(&header, rows.collect(), &[groups, groups + 1, groups + 2, groups + 3], width);
    }
    let missing: Vec<String> = report
        .measures
        .iter()
        .filter_map(|note| Some(format!("  {}: {}\n", note.measure.name(), note.not_measurable.as_ref()?)))
        .collect();
    if !missing.is_empty() {
        text += &format!("\nNot measurable:\n{}", missing.concat());
    }
    text
}

#[cfg(feature = "cli")]
fn outcome_cells(outcome: &Outcome) -> [String; 4] {
    let count = |n: Option<u64>| n.map_or_else(|| "-".to_owned(), |n| n.to_string());
    match outcome.flag {
        Flag::Small | Flag::Complementary => {
            [format!("({})", outcome.flag.name()), "-".to_owned(), "-".to_owned(), "-".to_owned()]
        }
        Flag::NoData => ["no data".to_owned(), "-".to_owned(), count(outcome.n), count(outcome.missing)],
        Flag::Shown => {
            let number = |value: Option<f64>| match (outcome.measure, value) {
                (Measure::DaysToFirstJob, None) => "not reached".to_owned(),
                (_, None) => "-".to_owned(),
                (measure, Some(value)) if measure.unit() == "share" => format!("{:.1} %", 100.0 * value),
                (_, Some(value)) => format!("{value:.0}"),
            };
            let interval = if outcome.low.is_none() && outcome.high.is_none() {
                "-".to_owned()
            } else {
                format!("{} to {}", number(outcome.low), number(outcome.high))
            };
            [number(outcome.value), interval, count(outcome.n), count(outcome.missing)]
        }
    }
}

/// Title of a field or occupation, from its code.
pub type Titles = std::collections::BTreeMap<String, String>;

/// Fields of study as CSV: the nation first, then states.
#[must_use]
pub fn fields_csv(report: &FieldReport, titles: &Titles) -> String {
    let header = [
        "cip4",
        "title",
        "state",
        "programmes",
        "completers",
        "programmes_above",
        "share_above_low",
        "share_above_high",
        "own_premium",
        "own_low",
        "own_high",
        "premium",
        "low",
        "high",
        "probability",
        "verdict",
    ];
    let line = |field: &FieldPay| {
        let numbers = [field.completers, field.programmes_above as f64, field.share_above[0], field.share_above[1]];
        let premia = [
            field.own_premium,
            field.own_interval[0],
            field.own_interval[1],
            field.premium,
            field.interval[0],
            field.interval[1],
            field.probability,
        ];
        let mut line = vec![
            field.cip4.clone(),
            titles.get(&field.cip4).cloned().unwrap_or_default(),
            field.state.as_ref().map_or_else(|| "US".to_owned(), ToString::to_string),
            field.programmes.to_string(),
        ];
        line.extend(numbers.into_iter().chain(premia).map(|v| cell(Some(v))));
        line.push(field.verdict.name().to_owned());
        line
    };
    csv_text(&header, report.fields.iter().chain(&report.by_state).map(line))
}

/// The `top` fields with the highest and lowest premium of those that are named, in the nation or in `state`, as a table.
#[cfg(feature = "cli")]
#[must_use]
pub fn fields_table(
    report: &FieldReport,
    state: Option<&crate::RegionId>,
    top: usize,
    titles: &Titles,
    width: Option<u16>,
) -> String {
    let mut fields: Vec<&FieldPay> = match state {
        None => report.fields.iter().collect(),
        Some(state) => report.by_state.iter().filter(|field| field.state.as_ref() == Some(state)).collect(),
    };
    let count = |verdict: FieldVerdict| fields.iter().filter(|field| field.verdict == verdict).count();
    let place = state.map_or_else(|| "the nation".to_owned(), ToString::to_string);
    let mut text = format!(
        "Pay of certificate completers against high-school graduates of their state, {place}: {} fields above, {} below, {} cannot be told\n\
         at a probability of {:.1} % (at least {} programmes). Intervals at {:.0} %; the premium is pulled towards that of other fields or states.\n\
         {} of {} programmes have no published earnings. No effect of the programme: completers differ from those they are compared with.\n",
        count(FieldVerdict::Above),
        count(FieldVerdict::Below),
        count(FieldVerdict::CannotTell),
        100.0 * (1.0 - report.error_rate),
        report.least_programmes,
        100.0 * report.level,
        report.without_earnings,
        report.rows
    );
    let header = ["field", "", "premium", "interval", "own", "programmes", "above", "completers", "verdict"];
    let percent = |premium: f64| format!("{:+.0} %", 100.0 * premium);
    let row = |field: &&FieldPay| {
        vec![
            field.cip4.clone(),
            titles.get(&field.cip4).cloned().unwrap_or_default(),
            percent(field.premium),
            format!("{} to {}", percent(field.interval[0]), percent(field.interval[1])),
            percent(field.own_premium),
            field.programmes.to_string(),
            field.programmes_above.to_string(),
            format!("{:.0}", field.completers),
            field.verdict.name().to_owned(),
        ]
    };
    let numeric = [2, 3, 4, 5, 6, 7];
    // A field without a verdict because it has few programmes is in no list; JSON and CSV have it.
    fields.retain(|field| field.verdict != FieldVerdict::CannotTell || field.programmes >= report.least_programmes);
    // By the end of the interval that speaks least for the place: few programmes do not lead a list by chance.
    let by = |end: fn(&FieldPay) -> f64, fields: &mut Vec<&FieldPay>| {
        fields.sort_by(|a, b| end(b).total_cmp(&end(a)).then_with(|| a.cip4.cmp(&b.cip4)));
    };
    by(|field| field.interval[0], &mut fields);
    if fields.len() <= top.saturating_mul(2) {
        text += "\n";
        return text + &table(&header, fields.iter().map(row).collect(), &numeric, width);
    }
    text += "\nHighest, by the lower end of the interval:\n";
    text += &table(&header, fields[..top].iter().map(row).collect(), &numeric, width);
    by(|field| field.interval[1], &mut fields);
    text += "\nLowest, by the upper end:\n";
    text += &table(&header, fields[fields.len() - top..].iter().map(row).collect(), &numeric, width);
    text + "\nAll fields, by state too: --format csv or json.\n"
}

/// Growth of pay as CSV: a line for each occupation over its span (with the pulled rate), then for each step between surveys.
#[must_use]
pub fn pay_growth_csv(report: &PayGrowthReport) -> String {
    let header = [
        "kind",
        "soc",
        "title",
        "region",
        "from",
        "to",
        "pay_from_usd",
        "pay_to_usd",
        "growth",
        "standard_error",
        "low",
        "high",
        "shrunk_growth",
        "shrunk_low",
        "shrunk_high",
        "beyond_all",
        "real_growth",
        "median_growth",
        "employment_growth",
    ];
    let line = |kind: &str, own: &PayGrowth, shrunk: Option<f64>, interval: Option<[f64; 2]>| {
        let mut line = vec![
            kind.to_owned(),
            own.soc.clone(),
            report.titles.get(&own.soc).cloned().unwrap_or_default(),
            own.region.clone(),
            own.from.to_string(),
            own.to.to_string(),
        ];
        let ends = |interval: Option<[f64; 2]>| [interval.map(|i| i[0]), interval.map(|i| i[1])];
        line.extend([Some(own.pay_from_usd), Some(own.pay_to_usd), Some(own.growth), own.standard_error].map(cell));
        line.extend(ends(own.interval).map(cell));
        line.push(cell(shrunk));
        line.extend(ends(interval).map(cell));
        line.extend([own.beyond_all, own.real_growth, own.median_growth, own.employment_growth].map(cell));
        line
    };
    let spans = report.spans.iter().map(|span| line("span", &span.own, span.shrunk_growth, span.shrunk_interval));
    let steps = report.steps.iter().map(|step| line("step", step, None, None));
    csv_text(&header, spans.chain(steps))
}

/// Growth of pay by year, and the `top` occupations whose pay grew most and least over the longest span, as tables.
#[cfg(feature = "cli")]
#[must_use]
pub fn pay_growth_table(report: &PayGrowthReport, top: usize, width: Option<u16>) -> String {
    let percent = |rate: Option<f64>| rate.map_or_else(|| "-".to_owned(), |rate| format!("{:+.1} %", 100.0 * rate));
    let mut text = format!(
        "Growth of mean pay a year, {}, nominal. {} occupations have pay in fewer than two years.\n\n",
        report.region, report.without_growth
    );
    let years = report.years.iter().map(|year| {
        vec![
            format!("{} to {}", year.from, year.to),
            year.occupations.to_string(),
            percent(Some(year.p25)),
            percent(Some(year.median)),
            percent(Some(year.p75)),
            percent(year.all_occupations),
            percent(year.deflator),
        ]
    });
    let header = ["years", "occupations", "quarter below", "median", "quarter above", "all workers", "prices"];
    text += &table(&header, years.collect(), &[1, 2, 3, 4, 5, 6], width);
    // Occupations of the longest span only: rates over other years do not compare.
    let longest = report.spans.iter().map(|span| (span.own.to - span.own.from, span.own.from, span.own.to)).max();
    let Some((_, from, to)) = longest else { return text };
    let mut spans: Vec<_> = report.spans.iter().filter(|s| (s.own.from, s.own.to) == (from, to)).collect();
    spans.retain(|span| span.shrunk_growth.is_some());
    spans.sort_by(|a, b| {
        b.shrunk_growth
            .unwrap_or_default()
            .total_cmp(&a.shrunk_growth.unwrap_or_default())
            .then_with(|| a.own.soc.cmp(&b.own.soc))
    });
    let row = |span: &&crate::value::outcomes::SpanGrowth| {
        let interval = span
            .shrunk_interval
            .map_or_else(|| "-".to_owned(), |[low, high]| format!("{} to {}", percent(Some(low)), percent(Some(high))));
        vec![
            span.own.soc.clone(),
            report.titles.get(&span.own.soc).cloned().unwrap_or_default(),
            percent(span.shrunk_growth),
            interval,
            percent(Some(span.own.growth)),
            percent(span.own.beyond_all),
            percent(span.own.real_growth),
            format!("{:.0}", span.own.pay_to_usd),
        ]
    };
    let header = ["soc", "", "growth", "interval", "own", "beyond all", "real", "pay now"];
    let n = spans.len();
    let parts = if n <= top.saturating_mul(2) {
        vec![("All", &spans[..])]
    } else {
        vec![("Most", &spans[..top]), ("Least", &spans[n - top..])]
    };
    for (name, part) in parts {
        text += &format!("\n{name}, {from} to {to}, of {n} occupations:\n");
        text += &table(&header, part.iter().map(row).collect(), &[2, 3, 4, 5, 6, 7], width);
    }
    text
}
