//! Certificates earned: programmes, their completers and what these earn.

use std::collections::BTreeMap;

use super::Sums;
use crate::key::RegionId;

/// One undergraduate certificate programme at one institution. NaN is missing, which most earnings are: the source
/// withholds them where few graduates were found.
#[derive(Clone, Debug, PartialEq)]
pub struct Programme {
    /// Institution id of the survey system IPEDS.
    pub unitid: String,
    /// Federal aid id of the institution, six digits.
    pub opeid6: String,
    /// Name of the institution; empty where the file has none.
    pub institution: String,
    /// State of the institution; `None` where the file has none, as for many that closed.
    pub state: Option<RegionId>,
    /// `Public`, `Private, nonprofit`, `Private, for-profit` or as the file says.
    pub control: String,
    /// Field of study, four digits of the CIP: `51.08`.
    pub cip4: String,
    /// Graduates counted, as in the file.
    pub completers: f64,
    /// Median yearly earnings of graduates in US dollars (working, not enrolled; four years after completion, one year for
    /// every thirteenth).
    pub earnings_usd: f64,
    /// Median yearly earnings of high-school graduates in the state, in US dollars.
    pub hs_earnings_state_usd: f64,
    /// The same for the nation.
    pub hs_earnings_national_usd: f64,
    /// Median debt of graduates in US dollars.
    pub debt_usd: f64,
}

/// All programmes, summed by field and region.
#[derive(Clone, Debug, Default)]
pub struct Supply {
    programmes: Vec<Programme>,
    completers: BTreeMap<RegionId, Sums<String>>,
    high_school_usd: Sums<RegionId>,
}

impl Supply {
    /// Sums the programmes by field and region; the nation is the sum over all regions.
    #[must_use]
    pub fn new(programmes: Vec<Programme>) -> Self {
        let mut completers: BTreeMap<RegionId, Sums<String>> = BTreeMap::new();
        let mut high_school_usd: Sums<RegionId> = BTreeMap::new();
        for programme in &programmes {
            for region in [Some(RegionId::nation()), programme.state.clone()].into_iter().flatten() {
                let fields = completers.entry(region).or_default();
                *fields.entry(programme.cip4.clone()).or_default() +=
                    if programme.completers.is_nan() { 0.0 } else { programme.completers };
            }
            // The benchmark is one number per state, repeated on every row.
            if let Some(state) = programme.state.as_ref().filter(|_| programme.hs_earnings_state_usd.is_finite()) {
                high_school_usd.insert(state.clone(), programme.hs_earnings_state_usd);
            }
            if programme.hs_earnings_national_usd.is_finite() {
                high_school_usd.insert(RegionId::nation(), programme.hs_earnings_national_usd);
            }
        }
        Self { programmes, completers, high_school_usd }
    }

    /// The programmes as read.
    #[must_use]
    pub fn programmes(&self) -> &[Programme] {
        &self.programmes
    }

    /// Completers of a field in a region; `None` where no programme of the region reports that field.
    #[must_use]
    pub fn completers(&self, region: &RegionId, cip4: &str) -> Option<f64> {
        self.completers.get(region)?.get(cip4).copied()
    }

    /// Earnings of a typical high-school graduate in a region, in US dollars.
    #[must_use]
    pub fn high_school_usd(&self, region: &RegionId) -> Option<f64> {
        self.high_school_usd.get(region).copied()
    }
}
