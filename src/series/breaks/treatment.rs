//! What a model gets to see of a series with breaks, and what its forecasts lack then.

use super::found::{Break, BreakKind, Breaks};

/// What is left of a transient change when a window may start.
const FADED: f64 = 0.1;
/// Contributions of pulses and transient changes up to this many standard deviations keep full weight.
pub(super) const KEPT: f64 = 2.0;
/// Largest exponent that a forecast is multiplied by.
pub(super) const LARGEST_LOG: f64 = 300.0;

/// A series without its breaks.
pub(super) struct Treated {
    pub(super) values: Vec<f64>,
    /// What transient changes add to the first value to come.
    pub(super) carry: f64,
}

/// Where the window behind the last lasting break starts: behind a transient change when it has faded.
pub(super) fn window_start(breaks: &Breaks, decay: f64) -> Option<usize> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an age; one beyond all series is cut")]
    let faded = (FADED.ln() / decay.ln()).ceil() as usize;
    let start = |one: &Break| match one.kind {
        BreakKind::Pulse => None,
        BreakKind::LevelShift | BreakKind::SlopeChange | BreakKind::VarianceChange => Some(one.position),
        BreakKind::TransientChange => Some(one.position.saturating_add(faded)),
    };
    breaks.found.iter().filter_map(start).max()
}

/// What is taken out of a contribution of which up to `kept` stays.
pub(super) fn taken(contribution: f64, kept: f64) -> f64 {
    contribution - contribution.clamp(-kept, kept)
}

/// The value without `part`.
pub(super) fn without(value: f64, part: f64, log: bool) -> f64 {
    if log { value * (-part).exp() } else { value - part }
}

/// `y` without pulses and transient changes beyond `kept`, and, if so `aligned`, all of it at its last level. `None` if
/// there is nothing to take out, or too much.
pub(super) fn treated(y: &[f64], breaks: &Breaks, decay: f64, kept: f64, aligned: bool) -> Option<Treated> {
    let n = y.len();
    let sum = |at: usize, kinds: fn(BreakKind) -> bool| -> f64 {
        let known = breaks.found.iter().filter(|one| one.position <= at && kinds(one.kind));
        known.map(|one| Break::effect(one.kind, one.size, at - one.position, decay)).sum()
    };
    let passing = |kind| matches!(kind, BreakKind::Pulse | BreakKind::TransientChange);
    let level = |kind| kind == BreakKind::LevelShift;
    let last_level = if aligned { sum(n, level) } else { 0.0 };
    let part = |at: usize| taken(sum(at, passing), kept) + if aligned { sum(at, level) - last_level } else { 0.0 };
    let parts: Vec<f64> = (0..n).map(part).collect();
    let carry = sum(n, passing);
    let most = parts.iter().fold(carry.abs(), |most: f64, part| most.max(part.abs()));
    if most <= 0.0 || !most.is_finite() || (breaks.log && most > LARGEST_LOG) {
        return None;
    }
    let values = y.iter().zip(&parts).map(|(value, part)| without(*value, *part, breaks.log)).collect();
    Some(Treated { values, carry })
}
