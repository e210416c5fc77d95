//! Strings that look like a certificate and are none, or cannot be told.

use super::advert::{Fields, Page};
use super::certificates::{CERTIFICATES, Doubt, Row};
use super::occupations::PER_FIELD;
use super::posting::DecoyKind;
use super::words;

impl Page<'_> {
    /// Perhaps a string that looks like a certificate.
    pub(super) fn decoy(&mut self) {
        let draw = self.random.unit();
        let params = &self.world.params;
        if draw < params.unsettled_share {
            self.unsettled();
        } else if draw < params.unsettled_share + params.decoy_share {
            if self.random.unit() < 0.25 { self.near_name() } else { self.other_sense() }
        }
    }

    /// An ambiguous acronym in an advertisement of a field to which none of its certificates belongs.
    fn unsettled(&mut self) {
        let fits = |c: &usize| {
            let row = &CERTIFICATES[*c];
            let elsewhere = |other: &&Row| {
                other.aliases[0] != row.aliases[0] || other.field as usize != self.draft.occupation / PER_FIELD
            };
            row.doubt != Doubt::None && CERTIFICATES.iter().all(|other| elsewhere(&other))
        };
        let candidates: Vec<usize> = (0..CERTIFICATES.len()).filter(fits).collect();
        let row = &CERTIFICATES[candidates[self.random.below(candidates.len())]];
        let decoy = Some((row.aliases[0], DecoyKind::Unsettled));
        self.sentence(&words::UNSETTLED, Fields { decoy, ..Fields::default() });
    }

    /// An office, a word or a grade.
    fn other_sense(&mut self) {
        let not_shared = |c: &usize| !matches!(CERTIFICATES[*c].doubt, Doubt::None | Doubt::Shared);
        let candidates: Vec<usize> = (0..CERTIFICATES.len()).filter(not_shared).collect();
        let row = &CERTIFICATES[candidates[self.random.below(candidates.len())]];
        let fields = Fields { decoy: Some((row.aliases[0], DecoyKind::OtherSense)), ..Fields::default() };
        match row.doubt {
            Doubt::Office(office) => self.sentence(&words::OFFICE, Fields { skill: office, ..fields }),
            Doubt::Grade => self.sentence(&words::GRADE, fields),
            _ => self.sentence(&words::WORD, fields),
        }
    }

    /// A longer word that contains an acronym.
    fn near_name(&mut self) {
        let acronym = CERTIFICATES[self.random.below(CERTIFICATES.len())].aliases[0];
        let stem = acronym.split(['+', ' ', '-']).next().unwrap_or(acronym);
        let word = match self.random.below(3) {
            0 => format!("{stem}ware"),
            1 => format!("My{stem}"),
            _ => format!("{stem}ster"),
        };
        self.sentence(&words::NEAR, Fields { decoy: Some((&word, DecoyKind::NearName)), ..Fields::default() });
    }
}
