//! Whether the data can answer.

use super::estimate::Effect;
use super::settings::Method;

/// The answer and its reason: everything that stands against it, or what was found in order.
pub(super) fn judge(effect: &Effect, problems: &[String]) -> (bool, String) {
    let mut against: Vec<String> = problems.to_vec();
    let Effect { n_treated, n_control, overlap, settings, .. } = effect;
    let limits = &settings.thresholds;
    if effect.estimate.is_some() {
        against.extend(sizes(effect));
        against.extend(groups(effect));
        against.extend(precision(effect));
        against.extend(placebo(effect));
    }
    if !against.is_empty() {
        return (false, against.join("; "));
    }
    let mut found = Vec::new();
    if let Some(most) = largest(effect).filter(|_| !effect.balance.is_empty()) {
        let verb = if most.1 >= limits.max_smd { "differ, by lot," } else { "are alike" };
        found.push(format!(
            "the groups {verb} in {} terms (largest difference {:.3} SD)",
            effect.balance.len(),
            most.1
        ));
    }
    let lost = overlap.trimmed_treated + overlap.unmatched_treated;
    found.push(format!("{n_treated} of {} treated have counterparts among {n_control} others", n_treated + lost));
    if let Some(placebo) = &effect.placebo {
        found.push(format!("no effect is seen on {} from before", placebo.outcome));
    }
    let believed = match (settings.randomised, settings.method) {
        (true, _) => "treatment was drawn by lot",
        (false, Method::Did) => "without treatment both groups would have changed alike",
        (false, _) => "nothing else decides both who is treated and what follows",
    };
    (true, format!("{}; the answer holds if {believed}", found.join(", ")))
}

fn sizes(effect: &Effect) -> Vec<String> {
    let limits = &effect.settings.thresholds;
    let mut against = Vec::new();
    for (n, who) in [(effect.n_treated, "treated"), (effect.n_control, "others to compare with")] {
        if n < limits.min_group {
            against.push(format!("only {n} {who}, {} are asked for", limits.min_group));
        }
    }
    let few = effect.overlap.effective_control.filter(|n| *n < limits.min_effective);
    if let Some(n) = few.filter(|_| effect.n_control >= limits.min_group) {
        against.push(format!("the others count as only {n:.1} people, {} are asked for", limits.min_effective));
    }
    let lost = effect.overlap.trimmed_treated + effect.overlap.unmatched_treated;
    let share = lost as f64 / (lost + effect.n_treated) as f64;
    if share > limits.max_trimmed {
        against.push(format!(
            "little overlap: {:.0} % of the treated have no counterpart, at most {:.0} % are allowed",
            100.0 * share,
            100.0 * limits.max_trimmed
        ));
    }
    against
}

/// Whether the groups are alike.
fn groups(effect: &Effect) -> Option<String> {
    let by_lot = effect.settings.randomised && matches!(effect.method, Method::Difference | Method::Ols);
    if by_lot {
        return None;
    }
    if effect.balance.is_empty() {
        // Changes need no groups that are alike, only a placebo that shows it.
        return (effect.method != Method::Did || effect.placebo.is_none())
            .then(|| "without covariates or a placebo nothing shows that the groups are comparable".to_owned());
    }
    let limit = effect.settings.thresholds.max_smd;
    let off = |line: &&super::Balance| line.smd_after.is_none_or(|smd| smd.abs() >= limit);
    let apart = effect.balance.iter().filter(off).count();
    let (name, most) = largest(effect).filter(|_| apart > 0)?;
    let most = if most.is_finite() { format!("{most:.2} SD") } else { "without overlap".into() };
    Some(format!(
        "the groups differ after adjustment in {apart} of {} terms by {limit} SD or more, most in {name} ({most})",
        effect.balance.len()
    ))
}

/// The term that differs most and by how much; infinite if that cannot be told.
fn largest(effect: &Effect) -> Option<(String, f64)> {
    let size = |line: &super::Balance| line.smd_after.map_or(f64::INFINITY, f64::abs);
    let most = effect.balance.iter().max_by(|a, b| size(a).total_cmp(&size(b)))?;
    Some((most.covariate.clone(), size(most)))
}

fn precision(effect: &Effect) -> Option<String> {
    if effect.outcome_sd == Some(0.0) {
        return Some("the outcome is the same for all".into());
    }
    let ([Some(low), Some(high)], limit) = (effect.ci95, effect.settings.thresholds.widest) else {
        return Some("the data do not say how sure the estimate is".into());
    };
    let half = (high - low) / 2.0 / effect.outcome_sd.unwrap_or(f64::NAN);
    (half > limit).then(|| {
        format!(
            "the interval is too wide: half of it is {half:.1} SD of the outcome, more than {limit}: a large effect"
        )
    })
}

fn placebo(effect: &Effect) -> Option<String> {
    let placebo = effect.placebo.as_ref()?;
    match (placebo.estimate, placebo.p_value) {
        (Some(estimate), Some(p)) if p < effect.settings.thresholds.placebo_level => Some(format!(
            "treatment seems to have moved {} by {estimate:.4} before it began (p = {p:.4}): the groups differ in something else",
            placebo.outcome
        )),
        (Some(_), Some(_)) => None,
        // An outcome that nobody differs in.
        (Some(0.0), None) => None,
        _ => Some(format!("the placebo on {} could not be estimated", placebo.outcome)),
    }
}
