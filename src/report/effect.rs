//! What a certificate did for those who earned it.

#[cfg(feature = "cli")]
use super::table::table;
use super::{cell, csv_text};
use crate::value::effect::Effect;
#[cfg(feature = "cli")]
use crate::value::effect::{Balance, Estimand, GroupTime, Method};

/// An effect as CSV: a line for the estimate, one for the placebo if there is one, one for each term of the balance.
#[must_use]
pub fn effect_csv(effect: &Effect) -> String {
    let header = [
        "part",
        "name",
        "estimate",
        "se",
        "low",
        "high",
        "n_treated",
        "n_control",
        "smd_before",
        "smd_after",
        "answerable",
        "reason",
    ];
    let line = |part: &str, name: &str, cells: [String; 10]| {
        [part.to_owned(), name.to_owned()].into_iter().chain(cells).collect::<Vec<_>>()
    };
    let none = String::new;
    let [low, high] = effect.ci95.map(cell);
    let mut lines = vec![line(
        "effect",
        &effect.outcome,
        [
            cell(effect.estimate),
            cell(effect.se),
            low,
            high,
            effect.n_treated.to_string(),
            effect.n_control.to_string(),
            none(),
            none(),
            effect.answerable.to_string(),
            effect.reason.clone(),
        ],
    )];
    if let Some(placebo) = &effect.placebo {
        let [low, high] = placebo.ci95.map(cell);
        let rest = [none(), none(), none(), none(), none(), none()];
        let [a, b, c, d, e, f] = rest;
        let cells = [cell(placebo.estimate), cell(placebo.se), low, high, a, b, c, d, e, f];
        lines.push(line("placebo", &placebo.outcome, cells));
    }
    for balance in &effect.balance {
        let (before, after) = (cell(balance.smd_before), cell(balance.smd_after));
        let cells = [none(), none(), none(), none(), none(), none(), before, after, none(), none()];
        lines.push(line("balance", &balance.covariate, cells));
    }
    csv_text(&header, lines)
}

/// An effect in words and tables, for a terminal `width` wide. `unit` is that of the outcome, such as `USD`; an outcome of 0
/// and 1 should have none.
#[cfg(feature = "cli")]
#[must_use]
pub fn effect_table(effect: &Effect, unit: &str, width: Option<u16>) -> String {
    let amounts = Amounts { unit, decimals: decimals(effect) };
    let mut text = String::new();
    let mut line = |l: String| text.push_str(&(l + "\n"));
    line(format!("Can these data answer? {}: {}.", if effect.answerable { "Yes" } else { "No" }, effect.reason));
    line(String::new());
    for l in in_words(effect, &amounts) {
        line(l);
    }
    if effect.rows_missing > 0 {
        line(format!("{} rows were left out because a value is missing.", effect.rows_missing));
    }
    for note in &effect.notes {
        line(format!("Note: {note}."));
    }
    if !effect.balance.is_empty() {
        line(String::new());
        line("How far the groups differ, in standard deviations (0.1 and more is too far):".into());
        let smd =
            |smd: Option<f64>| smd.map_or_else(|| "-".into(), |smd| format!("{smd:+.3}").replace("-0.000", "+0.000"));
        let row = |b: &Balance| {
            let far = b.smd_after.is_none_or(|smd| smd.abs() >= effect.settings.thresholds.max_smd);
            let mark = if far { "too far" } else { "" };
            vec![b.covariate.clone(), smd(b.smd_before), smd(b.smd_after), mark.into()]
        };
        let rows = effect.balance.iter().map(row).collect();
        text.push_str(&table(&["Term", "Before", "After", ""], rows, &[1, 2], width));
    }
    if !effect.group_times.is_empty() {
        text += "\nBy the period in which a group was first treated (before it, the effect should be 0):\n";
        let amount = |value: Option<f64>| value.map_or_else(|| "-".into(), |value| amounts.signed(value));
        let row = |c: &GroupTime| {
            let [low, high] = c.ci95.map(amount);
            vec![c.group.to_string(), c.period.to_string(), amount(c.estimate), format!("{low} to {high}")]
        };
        let rows = effect.group_times.iter().map(row).collect();
        text += &table(&["Group", "Period", "Effect", "95 %"], rows, &[0, 1, 2, 3], width);
    }
    text + &checks(effect, &amounts)
}

/// The estimate, and what it says.
#[cfg(feature = "cli")]
fn in_words(effect: &Effect, amounts: &Amounts<'_>) -> Vec<String> {
    let who = match effect.estimand {
        Estimand::Att => "for those treated",
        Estimand::Ate => "for all",
    };
    let Some(estimate) = effect.estimate else {
        return vec![format!("Effect of {} on {}: none could be estimated.", effect.treated, effect.outcome)];
    };
    let interval = match effect.ci95 {
        [Some(low), Some(high)] => {
            format!("95 % interval from {} to {}", amounts.signed(low), amounts.signed(high))
        }
        _ => "no interval".into(),
    };
    let head = format!("Effect of {} on {}, {who}: {}", effect.treated, effect.outcome, amounts.signed(estimate));
    let mut lines = vec![format!("{head} ({interval}; method {}).", effect.method)];
    if let (Some(mean), true) = (effect.mean_treated, effect.method != Method::Ols) {
        let change = if effect.method == Method::Did { "The change of" } else { "Mean" };
        let (earned, other) = (amounts.plain(mean), amounts.plain(mean - estimate));
        lines.push(match effect.estimand {
            Estimand::Att => format!(
                "{change} {} of the {} treated: {earned}; without it, it would be {other}.",
                effect.outcome, effect.n_treated
            ),
            Estimand::Ate => {
                format!("{change} {} if all were treated: {earned}; if nobody were: {other}.", effect.outcome)
            }
        });
    }
    if let [Some(low), Some(high)] = effect.ci95 {
        lines.push(if low > 0.0 {
            "The data speak for a gain: no effect, or a loss, would hardly give such a difference.".into()
        } else if high < 0.0 {
            "The data speak for a loss: no effect, or a gain, would hardly give such a difference.".into()
        } else {
            "The data are as well explained by no effect at all: the interval holds 0.".into()
        });
    }
    if let Some(difference) = effect.difference.filter(|_| effect.method != Method::Difference) {
        lines.push(format!("Before anything was adjusted the groups differ by {}.", amounts.signed(difference)));
    }
    lines
}

/// Overlap, placebo and sensitivity.
#[cfg(feature = "cli")]
fn checks(effect: &Effect, amounts: &Amounts<'_>) -> String {
    let mut lines = Vec::new();
    let overlap = &effect.overlap;
    let [trimmed, unmatched] = [overlap.trimmed_treated, overlap.unmatched_treated];
    let total = effect.n_treated + trimmed + unmatched;
    lines.push(format!(
        "Overlap: {} of {total} treated and {} of {} others are compared{}.",
        effect.n_treated,
        effect.n_control,
        effect.n_control + overlap.trimmed_control,
        overlap.effective_control.map_or_else(String::new, |n| format!(", who count as {n:.0}"))
    ));
    if let Some(placebo) = &effect.placebo {
        let interval = match placebo.ci95 {
            [Some(low), Some(high)] => format!("{} to {}", amounts.signed(low), amounts.signed(high)),
            _ => "no interval".into(),
        };
        let found = placebo.estimate.map_or_else(|| "none could be estimated".into(), |e| amounts.signed(e));
        let says = match placebo.p_value {
            Some(p) if p < effect.settings.thresholds.placebo_level => "it should be 0 and is not",
            Some(_) => "0 as it should be, as far as can be seen",
            None => "it says nothing",
        };
        lines.push(format!("Placebo, the effect on {} from before: {found} ({interval}): {says}.", placebo.outcome));
    }
    let sensitivity = &effect.sensitivity;
    if let (Some(point), Some(interval)) = (sensitivity.e_value, sensitivity.e_value_of_interval) {
        lines.push(format!(
            "Something unmeasured would explain the estimate away if it went with {point:.1} times the risk of both \
             treatment and outcome (E-value); {interval:.1} times would do for the interval to hold 0."
        ));
    }
    if let Some(gamma) = sensitivity.rosenbaum_gamma {
        lines.push(if gamma > 1.0 {
            format!("The difference of the pairs stays significant up to hidden odds of {gamma:.2} (Rosenbaum).")
        } else {
            "The ranks of the pairs' differences are not significant even without hidden bias (Rosenbaum).".into()
        });
    }
    format!("\n{}\n", lines.join("\n"))
}

/// Amounts as people read them.
#[cfg(feature = "cli")]
struct Amounts<'a> {
    unit: &'a str,
    decimals: usize,
}

#[cfg(feature = "cli")]
impl Amounts<'_> {
    fn plain(&self, value: f64) -> String {
        let digits = format!("{:.*}", self.decimals, value.abs());
        let (whole, fraction) = digits.split_once('.').map_or((digits.as_str(), None), |(w, f)| (w, Some(f)));
        let mut grouped = String::new();
        for (place, digit) in whole.chars().enumerate() {
            if place > 0 && (whole.len() - place).is_multiple_of(3) {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        let sign = if value < 0.0 { "-" } else { "" };
        let fraction = fraction.map_or_else(String::new, |fraction| format!(".{fraction}"));
        let unit = if self.unit.is_empty() { String::new() } else { format!(" {}", self.unit) };
        format!("{sign}{grouped}{fraction}{unit}")
    }

    fn signed(&self, value: f64) -> String {
        let sign = if value >= 0.0 { "+" } else { "" };
        format!("{sign}{}", self.plain(value))
    }
}

/// As many decimals as make the outcome's spread visible.
#[cfg(feature = "cli")]
fn decimals(effect: &Effect) -> usize {
    match effect.outcome_sd.or(effect.mean_treated.map(f64::abs)) {
        Some(size) if size < 10.0 => 4,
        Some(size) if size < 1000.0 => 2,
        _ => 0,
    }
}

#[cfg(all(test, feature = "cli"))]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_groups_of_three_and_their_sign() {
        let amounts = |unit, decimals| Amounts { unit, decimals };
        assert_eq!(amounts("USD", 0).signed(-8_497.52), "-8,498 USD");
        assert_eq!(amounts("", 2).signed(1_794_342.346), "+1,794,342.35");
        assert_eq!(amounts("USD", 0).plain(999.4), "999 USD");
        assert_eq!(amounts("", 4).signed(0.0123), "+0.0123");
    }
}
