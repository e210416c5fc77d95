//! What counts as a copy.

use serde::{Deserialize, Serialize};

use super::fingerprint::Fingerprint;
use super::sightings::Sightings;
use super::signature::{BANDS, ROWS};
use crate::error::ParamError;

/// Settings of the search for copies; [`Duplicates::params`] starts, `build` checks.
///
/// | Parameter | Default | Allowed | Meaning |
/// |---|---|---|---|
/// | `window_days` | 30 | 0 to 3,650 | the longest gap in days within one appearance; after a longer one a copy is a repost |
/// | `near` | true | | whether texts that are alike count as copies; else equal ones only |
/// | `similarity` | 0.75 | in [0.5, 1] | the least likeness of a near copy to the first text |
/// | `fold_digits` | false | | whether equal texts may differ in their numbers |
/// | `least_words` | 20 | 3 or more | texts with fewer words have equal copies only |
/// | `period_days` | 30 | 1 to 3,650 | the length of a period |
/// | `evergreen_periods` | 6 | 2 or more | an advertisement seen in so many periods is evergreen |
/// | `largest_near_block` | 100,000 | 1 or more | employers with more records are searched for equal texts only |
/// | `most_candidates` | 256 | 1 or more | texts that one text is compared with, at most; the latest first |
///
/// The defaults are our choice; `similarity` is from the measurement in `duplicates/compare.rs`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DuplicatesParams {
    window_days: u32,
    near: bool,
    similarity: f64,
    fold_digits: bool,
    least_words: usize,
    period_days: u32,
    evergreen_periods: usize,
    largest_near_block: usize,
    most_candidates: usize,
}

impl Default for DuplicatesParams {
    fn default() -> Self {
        Self {
            window_days: 30,
            near: true,
            similarity: 0.75,
            fold_digits: false,
            least_words: 20,
            period_days: 30,
            evergreen_periods: 6,
            largest_near_block: 100_000,
            most_candidates: 256,
        }
    }
}

impl DuplicatesParams {
    /// The longest gap within one appearance, in days.
    #[must_use]
    pub fn window_days(mut self, days: u32) -> Self {
        self.window_days = days;
        self
    }

    /// Whether texts that are alike count as copies.
    #[must_use]
    pub fn near(mut self, near: bool) -> Self {
        self.near = near;
        self
    }

    /// The least likeness of a near copy.
    #[must_use]
    pub fn similarity(mut self, similarity: f64) -> Self {
        self.similarity = similarity;
        self
    }

    /// Whether equal texts may differ in their numbers.
    #[must_use]
    pub fn fold_digits(mut self, fold: bool) -> Self {
        self.fold_digits = fold;
        self
    }

    /// Words from which on a text may have near copies.
    #[must_use]
    pub fn least_words(mut self, words: usize) -> Self {
        self.least_words = words;
        self
    }

    /// The length of a period in days.
    #[must_use]
    pub fn period_days(mut self, days: u32) -> Self {
        self.period_days = days;
        self
    }

    /// Periods that make an advertisement evergreen.
    #[must_use]
    pub fn evergreen_periods(mut self, periods: usize) -> Self {
        self.evergreen_periods = periods;
        self
    }

    /// Records of an employer up to which near copies are searched.
    #[must_use]
    pub fn largest_near_block(mut self, records: usize) -> Self {
        self.largest_near_block = records;
        self
    }

    /// Texts that one text is compared with, at most.
    #[must_use]
    pub fn most_candidates(mut self, candidates: usize) -> Self {
        self.most_candidates = candidates;
        self
    }

    /// Checks the settings.
    ///
    /// # Errors
    /// [`ParamError`] for the first setting outside its range.
    pub fn build(self) -> Result<Duplicates, ParamError> {
        let Self {
            window_days,
            near: _,
            similarity,
            fold_digits: _,
            least_words,
            period_days,
            evergreen_periods,
            largest_near_block,
            most_candidates,
        } = self;
        let within = |name, value: usize, least: usize, most: usize, allowed| {
            if (least..=most).contains(&value) { Ok(()) } else { Err(ParamError::new(name, value, allowed)) }
        };
        within("window_days", window_days as usize, 0, LONGEST, "0 to 3650")?;
        if !(0.5..=1.0).contains(&similarity) {
            return Err(ParamError::new("similarity", similarity, "in [0.5, 1]"));
        }
        within("least_words", least_words, 3, usize::MAX, "3 or more")?;
        within("period_days", period_days as usize, 1, LONGEST, "1 to 3650")?;
        within("evergreen_periods", evergreen_periods, 2, usize::MAX, "2 or more")?;
        within("largest_near_block", largest_near_block, 1, usize::MAX, "1 or more")?;
        within("most_candidates", most_candidates, 1, usize::MAX, "1 or more")?;
        Ok(Duplicates(self))
    }
}

/// Ten years in days.
const LONGEST: usize = 3_650;

/// Checked settings of the search for copies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Duplicates(DuplicatesParams);

impl Duplicates {
    /// The defaults, to be changed and built.
    #[must_use]
    pub fn params() -> DuplicatesParams {
        DuplicatesParams::default()
    }

    /// An empty store for records.
    #[must_use]
    pub fn sightings(self) -> Sightings {
        Sightings::new(self)
    }

    /// What `text` leaves behind for comparison. O(bytes).
    #[must_use]
    pub fn fingerprint(self, text: &str) -> Fingerprint {
        Fingerprint::new(text, self.0.fold_digits, self.0.near.then_some(self.0.least_words))
    }

    /// The same, for equal copies only.
    #[must_use]
    pub fn equal_only(self) -> Self {
        Self(self.0.near(false))
    }

    /// Records of an employer, and records without one, up to which near copies are searched.
    #[must_use]
    pub fn largest_near_block(self) -> usize {
        self.0.largest_near_block
    }

    /// Whether near copies are searched among so many records.
    pub(super) fn searches_near(self, n_records: usize) -> bool {
        self.0.near && n_records <= self.0.largest_near_block
    }

    pub(super) fn window_days(self) -> i64 {
        i64::from(self.0.window_days)
    }

    pub(super) fn is_near(self) -> bool {
        self.0.near
    }

    pub(super) fn similarity(self) -> f64 {
        self.0.similarity
    }

    pub(super) fn period_days(self) -> i64 {
        i64::from(self.0.period_days)
    }

    pub(super) fn evergreen_periods(self) -> usize {
        self.0.evergreen_periods
    }

    pub(super) fn most_candidates(self) -> usize {
        self.0.most_candidates
    }

    /// Bands under which texts are filed: as many as compare texts of the least likeness with probability 0.998, 17 for 0.75.
    pub(super) fn n_bands(self) -> usize {
        const MISSED: f64 = 0.002;
        let agrees = (0..ROWS).fold(1.0, |share, _| share * self.0.similarity);
        // All bands do not reach it below 0.65.
        let mut missed = 1.0;
        let enough = (1..BANDS).find(|_| {
            missed *= 1.0 - agrees;
            missed <= MISSED
        });
        enough.unwrap_or(BANDS).max(LEAST_BANDS)
    }
}

/// Fewer bands miss copies where the estimate of likeness is off.
const LEAST_BANDS: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fewer_bands_do_for_texts_that_are_more_alike() {
        let bands = |similarity| Duplicates::params().similarity(similarity).build().unwrap().n_bands();
        // 1 - (1 - 0.75^4)^17 = 0.9985, and with 16 bands 0.9977.
        assert_eq!([bands(0.5), bands(0.75), bands(0.9), bands(1.0)], [BANDS, 17, LEAST_BANDS, LEAST_BANDS]);
    }

    #[test]
    fn build_refuses_what_the_table_does_not_allow() {
        let name = |params: DuplicatesParams| params.build().map(|_| "").unwrap_or_else(|error| error.name);
        let params = Duplicates::params;
        assert_eq!(name(params()), "");
        for similarity in [0.5, 0.85, 1.0] {
            assert_eq!(name(params().similarity(similarity)), "");
        }
        for similarity in [0.49, 1.01, f64::NAN, f64::INFINITY] {
            assert_eq!(name(params().similarity(similarity)), "similarity");
        }
        assert_eq!(name(params().window_days(0)), "");
        assert_eq!(name(params().window_days(3_651)), "window_days");
        assert_eq!(name(params().least_words(2)), "least_words");
        assert_eq!(name(params().period_days(0)), "period_days");
        assert_eq!(name(params().evergreen_periods(1)), "evergreen_periods");
        assert_eq!(name(params().largest_near_block(0)), "largest_near_block");
        assert_eq!(name(params().most_candidates(0)), "most_candidates");
    }
}
