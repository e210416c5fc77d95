//! What a certificate did for those who earned it, when the better prepared earn it more often. The people are simulated, so
//! that the true effect is known: the naive difference misses it, and the verdict says so.
//!
//! Run with `cargo run --release --example certificate_effect`.

#![allow(clippy::print_stdout, reason = "an example shows its result on the terminal")]

use credcast::records::{Records, Values};
use credcast::value::effect::{Effect, EffectSettings, Method, Question};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // A generator of Knuth's, good enough for an example: numbers in [0, 1).
    let mut state = 7_u64;
    let mut draw = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let names = ["earned", "pay", "grades", "pay_before"];
    let mut columns: [Vec<f64>; 4] = Default::default();
    let (mut gained, mut earners) = (0.0, 0.0);
    for _ in 0..3000 {
        let grades = 1.0 + 3.0 * draw();
        let pay_before = 12_000.0 + 4_000.0 * grades + 6_000.0 * draw() + 1_000.0 * draw();
        let earned = f64::from(u8::from(draw() < 0.15 * grades));
        let effect = 1_000.0 + 500.0 * grades;
        let pay = pay_before + 800.0 * grades + 4_000.0 * draw() + earned * effect;
        gained += earned * effect;
        earners += earned;
        columns.iter_mut().zip([earned, pay, grades, pay_before]).for_each(|(c, v)| c.push(v));
    }
    let people = Records::from_columns(names.into_iter().zip(columns.map(Values::Numbers)))?;
    println!("true effect on those who earned it: {:.0}", gained / earners);

    let question = Question::new("earned", "pay", ["grades", "pay_before"]);
    for method in [Method::Difference, Method::Match, Method::Aipw] {
        let settings = EffectSettings { method, ..EffectSettings::default() };
        let effect = Effect::estimate(&people, &question, &settings)?;
        let (Some(estimate), [Some(low), Some(high)]) = (effect.estimate, effect.ci95) else {
            return Err(effect.reason.into());
        };
        println!("{method}: {estimate:.0} (95 % from {low:.0} to {high:.0})");
        println!("  can the data answer? {}: {}", if effect.answerable { "yes" } else { "no" }, effect.reason);
    }
    Ok(())
}
