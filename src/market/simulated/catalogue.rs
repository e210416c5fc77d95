//! The invented certificates as a catalogue in TOML.

use std::fmt::Write;

use super::certificates::{CERTIFICATES, Doubt, Path, Row};
use super::occupations::OCCUPATIONS;
use super::paths::signed_month_at;
use crate::catalog::Kind;
use crate::time::Period;

/// The catalogue of a market that starts in `start` and lasts `n_months`.
pub(super) fn catalogue_toml(start: Period, n_months: usize) -> String {
    let mut out = String::from("# Simulated: none of these certificates exists, and none of these issuers.\n");
    for (index, row) in CERTIFICATES.iter().enumerate() {
        // Writing to a string does not fail.
        let _ = entry(&mut out, index, row, start, n_months);
    }
    out
}

/// The issuer of certificate `index`.
pub(super) fn issuer(index: usize) -> &'static str {
    CERTIFICATES[index].field.issuers()[index % 2]
}

/// Fee in US dollars and clock hours, made from the place in the table.
pub(super) fn fee_and_hours(index: usize) -> (f64, f64) {
    let step = (index * 37 % 11) as f64;
    match CERTIFICATES[index].kind {
        Kind::Licence => (60.0 + 15.0 * step, 80.0 + 60.0 * step),
        Kind::Readiness | Kind::CteAssessment => (10.0 + 2.0 * step, 20.0 + 10.0 * step),
        _ => (90.0 + 25.0 * step, 40.0 + 25.0 * step),
    }
}

/// The first month in which it is awarded and the first in which it no longer is, where the span knows them.
pub(super) fn life(row: &Row, start: Period, n_months: usize) -> (Option<Period>, Option<Period>) {
    let month = |x: f64| {
        let offset = i32::try_from(signed_month_at(x, n_months)).unwrap_or(0);
        start.plus(offset)
    };
    match row.path {
        Path::Death(end) => (None, Some(month(end))),
        Path::Birth(begin) => (Some(month(begin)), None),
        Path::Version { introduced, retired, .. } => {
            (Some(month(introduced)), (retired <= 1.0).then(|| month(retired)))
        }
        _ => (None, None),
    }
}

fn entry(out: &mut String, index: usize, row: &Row, start: Period, n_months: usize) -> std::fmt::Result {
    let (fee, hours) = fee_and_hours(index);
    writeln!(out, "\n[[certificate]]\nid = \"{}\"\nname = \"{}\"", row.id, row.name)?;
    writeln!(out, "issuer = \"{}\"\nkind = \"{}\"", issuer(index), row.kind)?;
    writeln!(out, "aliases = {:?}", row.aliases)?;
    let total: u32 = row.weights.iter().map(|w| u32::from(*w)).sum();
    let mut links = Vec::new();
    for (place, weight) in row.weights.iter().enumerate().filter(|(_, w)| **w > 0) {
        let code = OCCUPATIONS[row.field.first() + place].soc;
        let share = f64::from(*weight) / f64::from(total);
        links.push(format!("{{ code = \"{code}\", weight = {share:?} }}"));
    }
    writeln!(out, "soc = [{}]\ncip4 = [\"{}\"]", links.join(", "), row.field.cip4())?;
    writeln!(out, "clock_hours = {hours:.1}\nfee_usd = {fee:.1}")?;
    if let Some(first) = row.prerequisite {
        writeln!(out, "prerequisites = [\"{first}\"]")?;
    }
    if let Some((family, version)) = row.version {
        writeln!(out, "family = \"{family}\"\nversion = \"{version}\"")?;
    }
    let (introduced, retired) = life(row, start, n_months);
    if let Some(month) = introduced {
        writeln!(out, "introduced = \"{month}\"")?;
    }
    if let Some(month) = retired {
        writeln!(out, "retired = \"{month}\"")?;
    }
    if let Some((alias, note)) = note(row) {
        writeln!(out, "ambiguous = [{{ alias = \"{alias}\", note = \"{note}\" }}]")?;
    }
    Ok(())
}

/// The alias that means something else too, and what.
fn note(row: &Row) -> Option<(&'static str, String)> {
    let acronym = row.aliases[0];
    let note = match row.doubt {
        Doubt::None => return row.version.map(|_| (row.aliases[1], "every version is called so".to_owned())),
        Doubt::Shared => {
            let other = CERTIFICATES.iter().find(|other| other.id != row.id && other.aliases[0] == acronym)?;
            let words = OCCUPATIONS[other.field.first()].titles[0].to_lowercase();
            format!("also {}, of another field ({words})", other.name)
        }
        Doubt::Office(office) => format!("also a government office, the {office}"),
        Doubt::Word => format!("also the word {} in capitals", acronym.to_lowercase()),
        Doubt::Grade => "also a pay grade or level".to_owned(),
    };
    Some((acronym, note))
}
