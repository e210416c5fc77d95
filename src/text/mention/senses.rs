//! What each alias may mean, and the words that speak for each meaning.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::contested::{CONTESTED, DEEDS, GENERIC, TURNED, Turned};
use super::lexicon::{Entry, Form};
use super::unit::normal;
use super::words::{hashes, stem_hash};
use crate::catalog::{Catalog, Certificate};
use crate::key::CertificateId;

/// What an alias needs before it counts as a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Needs {
    /// Nothing: it means one thing.
    Nothing,
    /// Words that tell which of several certificates.
    Choice,
    /// Words that speak for the certificate at all.
    Evidence,
    /// A word such as `certification` beside it: it names a product.
    CredentialWord,
}

/// One certificate, or the versions of one.
#[derive(Clone, Debug)]
pub(super) struct Reading {
    /// Positions in the catalogue, rising; several if they are versions.
    pub(super) certificates: Vec<u32>,
    pub(super) family: Option<(Arc<str>, Arc<[CertificateId]>)>,
}

/// A word that speaks for a reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Clue {
    pub(super) hash: u32,
    /// Position of the reading; [`OTHER`] for what is no certificate.
    pub(super) reading: u8,
    pub(super) weight: u8,
}

/// The reading of another meaning.
pub(super) const OTHER: u8 = u8::MAX;

/// What one alias may mean.
#[derive(Clone, Debug)]
pub(super) struct Sense {
    pub(super) needs: Needs,
    pub(super) readings: Vec<Reading>,
    pub(super) candidates: Arc<[CertificateId]>,
    /// Sorted by hash.
    pub(super) clues: Vec<Clue>,
    /// The clues' hashes modulo 256, as bits: most words of a text need no search.
    pub(super) sieve: [u64; 4],
    /// The reading that is meant where nothing tells which, if its note says so.
    pub(super) usual: Option<u8>,
    /// Something that is done as well as certified.
    pub(super) is_deed: bool,
    /// Words beside it that make it another name.
    pub(super) turned: Option<&'static Turned>,
}

/// What the matcher keeps of a certificate.
#[derive(Clone, Debug, Default)]
pub(super) struct Profile {
    pub(super) family: Option<Arc<str>>,
    pub(super) socs: Vec<String>,
    pub(super) sector: Option<u32>,
    /// First and last month in which it was awarded, as ordinals of months.
    pub(super) span: (Option<i32>, Option<i32>),
}

/// Everything known of the aliases and certificates of a lexicon.
#[derive(Clone, Debug)]
pub(super) struct Senses {
    pub(super) ids: Vec<CertificateId>,
    pub(super) profiles: Vec<Profile>,
    pub(super) by_form: Vec<Sense>,
}

/// Weights of clues: the issuer's name, a word of the table, a word that only one of several names has, any other word.
const ISSUER: u8 = 3;
const TABLE: u8 = 2;
const TELLING: u8 = 2;
const WORD: u8 = 1;

impl Senses {
    pub(super) fn of_list(ids: Vec<CertificateId>, forms: &[Form]) -> Self {
        let profiles = vec![Profile::default(); ids.len()];
        let table = table();
        let by_form = forms.iter().map(|form| sense(form, &ids, &profiles, None, &table)).collect();
        Self { ids, profiles, by_form }
    }

    pub(super) fn of_catalog(catalog: &Catalog, forms: &[Form]) -> Self {
        let certificates: Vec<&Certificate> = catalog.iter().collect();
        let ids: Vec<CertificateId> = certificates.iter().map(|c| c.id.clone()).collect();
        let mut sectors: HashMap<&str, u32> = HashMap::new();
        let mut number = 0;
        let profiles: Vec<Profile> = certificates
            .iter()
            .map(|certificate| Profile {
                family: certificate.family.as_deref().map(Arc::from),
                socs: certificate.soc.iter().map(|link| link.code.clone()).collect(),
                sector: certificate.sector.as_deref().map(|sector| {
                    *sectors.entry(sector).or_insert_with(|| {
                        number += 1;
                        number
                    })
                }),
                span: (
                    certificate.introduced_month().map(|month| month.ordinal()),
                    certificate.retired_month().map(|month| month.ordinal()),
                ),
            })
            .collect();
        let table = table();
        let by_form = forms.iter().map(|form| sense(form, &ids, &profiles, Some(&certificates), &table)).collect();
        Self { ids, profiles, by_form }
    }
}

/// Entries of a catalogue: names, aliases, and the short names that official names hold.
pub(super) fn entries(catalog: &Catalog) -> Vec<Entry> {
    let mut entries = Vec::new();
    for (place, certificate) in (0..).zip(catalog.iter()) {
        let short = super::alias::short_names(&certificate.name, &certificate.issuer);
        let labels = std::iter::once(&certificate.name).chain(&certificate.aliases).chain(&short);
        entries.extend(labels.map(|alias| Entry { alias: alias.clone(), certificate: place }));
    }
    entries
}

type Table = HashMap<Vec<u8>, &'static super::contested::Contested>;

fn table() -> Table {
    CONTESTED.iter().map(|row| (normal(row.alias), row)).collect()
}

fn sense(
    form: &Form,
    ids: &[CertificateId],
    profiles: &[Profile],
    catalog: Option<&[&Certificate]>,
    table: &Table,
) -> Sense {
    let readings = readings(form, ids, profiles);
    let units = normal(&form.label);
    let row = table.get(&units).copied();
    let needs = match needs_by_note(form, &units, catalog) {
        // A row without other meanings only tells certificates apart.
        Needs::Nothing if row.is_some_and(|row| readings.len() == 1 || !row.other.is_empty()) => Needs::Evidence,
        Needs::Nothing if readings.len() > 1 => Needs::Choice,
        needs => needs,
    };
    let clues = if needs == Needs::Nothing && !form.is_acronym {
        Vec::new()
    } else {
        clues(form, &readings, ids, catalog, row)
    };
    let candidates = form.certificates.iter().map(|c| ids[*c as usize].clone()).collect();
    let mut sieve = [0; 4];
    for clue in &clues {
        sieve[(clue.hash >> 6 & 3) as usize] |= 1_u64 << (clue.hash & 63);
    }
    let label = form.label.to_ascii_lowercase();
    let is_deed =
        DEEDS.iter().any(|deed| label == *deed || deed.len() > 4 && label.contains(deed) || label.starts_with("cpr"));
    let usual = usual(&readings, &units, catalog);
    let turned = TURNED.iter().find(|turned| normal(turned.alias) == units);
    Sense { needs, readings, candidates, clues, sieve, usual, is_deed, turned }
}

/// The reading whose note on the alias says `mostly this one`.
fn usual(readings: &[Reading], units: &[u8], catalog: Option<&[&Certificate]>) -> Option<u8> {
    let catalog = catalog.filter(|_| readings.len() > 1)?;
    let is_usual = |certificate: &u32| {
        let notes = &catalog[*certificate as usize].ambiguous;
        notes.iter().any(|note| note.note.contains("mostly this one") && normal(&note.alias) == units)
    };
    let place = readings.iter().position(|reading| reading.certificates.iter().any(is_usual))?;
    u8::try_from(place).ok()
}

/// Certificates of one family are one reading.
fn readings(form: &Form, ids: &[CertificateId], profiles: &[Profile]) -> Vec<Reading> {
    let mut by_family: BTreeMap<(u32, Option<&str>), Vec<u32>> = BTreeMap::new();
    for &certificate in &form.certificates {
        let family = profiles[certificate as usize].family.as_deref();
        let key = if family.is_some() { (0, family) } else { (certificate + 1, None) };
        by_family.entry(key).or_default().push(certificate);
    }
    let mut readings: Vec<Reading> = by_family
        .into_iter()
        .map(|((_, family), certificates)| {
            let family = family
                .filter(|_| certificates.len() > 1)
                .map(|family| (Arc::from(family), certificates.iter().map(|c| ids[*c as usize].clone()).collect()));
            Reading { certificates, family }
        })
        .collect();
    readings.sort_by(|a, b| a.certificates.cmp(&b.certificates));
    readings.truncate(usize::from(OTHER));
    readings
}

/// What the catalogue's note on an alias asks for. Notes are written for people: `also` and `needs` stand in those on foreign
/// meanings, `names the product` in those on software and `names the act` in those on what is done as well as certified; the others say that the alias stands for a group, which needs nothing.
fn needs_by_note(form: &Form, units: &[u8], catalog: Option<&[&Certificate]>) -> Needs {
    let Some(catalog) = catalog else { return Needs::Nothing };
    let notes = form.certificates.iter().flat_map(|c| &catalog[*c as usize].ambiguous);
    let mut needs = Needs::Nothing;
    for note in notes.filter(|note| normal(&note.alias) == units) {
        if note.note.contains("names the product") || note.note.contains("names the act") {
            return Needs::CredentialWord;
        }
        if note.note.starts_with("also ") || note.note.contains("needs ") {
            needs = Needs::Evidence;
        }
    }
    needs
}

fn clues(
    form: &Form,
    readings: &[Reading],
    ids: &[CertificateId],
    catalog: Option<&[&Certificate]>,
    row: Option<&super::contested::Contested>,
) -> Vec<Clue> {
    // A single letter in a text is mostly the mark of an answer.
    let letters = (b'a'..=b'z').map(|letter| stem_hash(&[letter]));
    let generic: HashSet<u32> = hashes(GENERIC).chain(letters).collect();
    let alias: HashSet<u32> = hashes(&form.label).collect();
    let mut weights: BTreeMap<(u32, u8), u8> = BTreeMap::new();
    let mut add = |hash: u32, reading: u8, weight: u8| {
        let known = weights.entry((hash, reading)).or_default();
        *known = weight.max(*known);
    };
    let word = if readings.len() > 1 { TELLING } else { WORD };
    for (reading, place) in readings.iter().zip(0_u8..) {
        for certificate in &reading.certificates {
            let id = &ids[*certificate as usize];
            for (_, words) in
                row.iter().flat_map(|row| row.own).filter(|(who, _)| who.is_empty() || *who == id.as_str())
            {
                hashes(words).for_each(|hash| add(hash, place, TABLE));
            }
            let Some(certificate) = catalog.map(|catalog| catalog[*certificate as usize]) else { continue };
            for text in [certificate.name.as_str(), certificate.sector.as_deref().unwrap_or_default()] {
                hashes(text).filter(|hash| !generic.contains(hash)).for_each(|hash| add(hash, place, word));
            }
            if let Some(letter) = class_letter(&certificate.name) {
                add(class_hash(letter), place, ISSUER);
            }
            for mark in issuer_marks(&certificate.issuer) {
                add(mark, place, ISSUER);
            }
            hashes(&certificate.issuer).filter(|hash| !generic.contains(hash)).for_each(|hash| add(hash, place, WORD));
        }
    }
    hashes(row.map_or("", |row| row.other)).for_each(|hash| add(hash, OTHER, TABLE));
    let mut users: HashMap<u32, (usize, bool)> = HashMap::new();
    for (hash, reading) in weights.keys() {
        let user = users.entry(*hash).or_default();
        user.0 += usize::from(*reading != OTHER);
        user.1 |= *reading == OTHER;
    }
    // A word of every reading tells nothing between them, and the table's word for another meaning outweighs a name's word.
    let keeps = |hash: u32, reading: u8, weight: u8| {
        let (n_readings, is_other) = users[&hash];
        let is_common = readings.len() > 1 && n_readings == readings.len();
        !alias.contains(&hash) && !is_common && (reading == OTHER || !is_other || weight >= TABLE)
    };
    let kept = weights.into_iter().filter(|((hash, reading), weight)| keeps(*hash, *reading, *weight));
    kept.map(|((hash, reading), weight)| Clue { hash, reading, weight }).collect()
}

/// The letter of `Class B` in a name.
fn class_letter(name: &str) -> Option<u8> {
    let (_, rest) = name.split_once("Class ")?;
    let letter = rest.bytes().next()?;
    (letter.is_ascii_uppercase() && !rest.as_bytes().get(1).is_some_and(u8::is_ascii_alphanumeric)).then_some(letter)
}

/// Hash of `class` with a letter behind it.
pub(super) fn class_hash(letter: u8) -> u32 {
    stem_hash(&[b'c', b'l', b'a', b's', b's', b' ', letter])
}

/// Words that name an issuer by themselves: its only word, its capitals, its initials.
fn issuer_marks(issuer: &str) -> Vec<u32> {
    if issuer.starts_with("State") || issuer.starts_with("Employer") {
        return Vec::new();
    }
    let mut marks = Vec::new();
    for name in issuer.split(" / ") {
        let words: Vec<&str> =
            name.split(|c: char| !(c.is_alphanumeric() || c == '*')).filter(|w| !w.is_empty()).collect();
        marks.extend(words.iter().filter(|w| w.len() > 2 && w.bytes().skip(1).any(|b| b.is_ascii_uppercase())));
        if let [word] = words[..] {
            marks.push(word);
        }
    }
    let mut hashes: Vec<u32> = marks.iter().map(|word| stem_hash(word.as_bytes())).collect();
    let initials: String =
        issuer.split([' ', '-']).filter_map(|word| word.chars().next().filter(char::is_ascii_uppercase)).collect();
    if initials.len() > 2 && !issuer.contains(" / ") {
        hashes.push(stem_hash(initials.as_bytes()));
    }
    hashes
}
