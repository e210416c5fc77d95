//! Certificates earned: programmes, their completers and what these earn.

use std::collections::BTreeMap;

use super::Sums;
use crate::key::RegionId;

/// One certificate programme of one institution. `None` is not published, never 0.
#[derive(Clone, Debug, PartialEq)]
pub struct Programme {
    /// The institution's federal id (UNITID).
    pub institution: String,
    /// State.
    pub region: RegionId,
    /// Four-digit CIP family, such as `51.08`.
    pub cip4: String,
    /// Completers counted by the source.
    pub completers: Option<f64>,
    /// Median annual earnings four years after completion, in US dollars.
    pub earnings_usd: Option<f64>,
    /// Earnings of a typical high-school graduate in the state, in US dollars.
    pub high_school_state_usd: Option<f64>,
    /// The same for the nation.
    pub high_school_national_usd: Option<f64>,
    /// Median debt at completion, in US dollars.
    pub debt_usd: Option<f64>,
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
            for region in [RegionId::nation(), programme.region.clone()] {
                let fields = completers.entry(region).or_default();
                *fields.entry(programme.cip4.clone()).or_default() += programme.completers.unwrap_or(0.0);
            }
            // The benchmark is one number per state, repeated on every row.
            if let Some(usd) = programme.high_school_state_usd {
                high_school_usd.insert(programme.region.clone(), usd);
            }
            if let Some(usd) = programme.high_school_national_usd {
                high_school_usd.insert(RegionId::nation(), usd);
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
