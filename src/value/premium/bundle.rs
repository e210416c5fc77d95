//! Certificates that come together.

use std::collections::{BTreeSet, HashMap};

use serde::Serialize;

use super::estimate::PremiumEstimate;
use super::sample::{Sample, count_cells, least_employers};
use super::settings::PremiumSettings;
use super::shrinkage::false_discovery;
use crate::error::FitError;
use crate::regression::sparse_absorbed::SparseRows;

/// Two certificates in one row.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Bundle {
    /// The first certificate.
    pub a: String,
    /// The second.
    pub b: String,
    /// Rows with pay that have both; `None` where it would give away a cell of 1 to 9 rows.
    pub n: Option<usize>,
    /// Employers of those rows; `None` without a column of employers, or if they are fewer than 10.
    pub n_employers: Option<usize>,
    /// What the pair goes with beyond the sum of both premia, on the log scale; `None` if the data cannot tell.
    pub beyond_sum: Option<PremiumEstimate>,
    /// What the pair goes with in all: both premia and what is beyond.
    pub total: Option<PremiumEstimate>,
    /// False-discovery rate at which the pair would be said to differ from the sum.
    pub q_value: Option<f64>,
    /// Why nothing is told.
    pub reason: Option<String>,
}

/// The pairs that were found.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Bundles {
    /// Pairs with enough rows, most frequent first.
    pub pairs: Vec<Bundle>,
    /// Further pairs with enough rows, beyond the number asked for.
    pub not_estimated: usize,
    /// Pairs with too few rows to be told.
    pub too_few: usize,
}

/// Estimates the pairs in one regression, in which each certificate has its premium alone and each frequent pair what is beyond.
pub(super) fn bundles(sample: &Sample<'_>, settings: &PremiumSettings) -> Result<Bundles, FitError> {
    let n_rows = sample.frame.n_rows();
    let own: BTreeSet<u32> = sample.own.iter().filter_map(|id| u32::try_from(*id).ok()).collect();
    let own_of =
        |place: usize| sample.certificates(place).iter().copied().filter(|id| own.contains(id)).collect::<Vec<_>>();
    let mut counts: HashMap<(u32, u32), usize> = HashMap::new();
    for place in 0..n_rows {
        let ids = own_of(place);
        for (first, a) in ids.iter().enumerate() {
            for b in &ids[first + 1..] {
                *counts.entry((*a, *b)).or_insert(0) += 1;
            }
        }
    }
    let mut pairs: Vec<((u32, u32), usize)> = counts.iter().map(|(pair, n)| (*pair, *n)).collect();
    pairs.sort_by_key(|(pair, n)| (usize::MAX - n, *pair));
    let enough = pairs.iter().take_while(|(_, n)| *n >= settings.min_rows).count();
    let too_few = pairs.len() - enough;
    pairs.truncate(enough.min(settings.max_bundles));
    let mut found = Bundles { pairs: Vec::new(), not_estimated: enough - pairs.len(), too_few };
    if pairs.is_empty() {
        return Ok(found);
    }
    let places: HashMap<(u32, u32), u32> = pairs.iter().map(|(pair, _)| *pair).zip(0..).collect();
    let pairs_of = |place: usize| {
        let ids = own_of(place);
        let of = |first: usize| ids[first + 1..].iter().map(|b| (ids[first], *b)).collect::<Vec<_>>();
        (0..ids.len()).flat_map(of).filter_map(|pair| places.get(&pair).copied()).collect::<Vec<u32>>()
    };
    let held: Vec<Vec<u32>> = (0..n_rows).map(pairs_of).collect();
    let cells = count_cells(&sample.frame, pairs.len(), |place| &held[place]);
    let mut sparse = SparseRows::new(sample.n_columns + pairs.len());
    let first = u32::try_from(sample.n_columns).unwrap_or(u32::MAX);
    for (place, held) in held.iter().enumerate() {
        sparse.push(sample.columns(place).chain(held.iter().map(|pair| first + pair)));
    }
    let fit = sample.fit(sparse, None, false)?;
    let column_of = |id: u32| sample.own.binary_search(&(id as usize)).unwrap_or(usize::MAX);
    for (place, ((a, b), n)) in pairs.iter().enumerate() {
        let columns = [column_of(*a), column_of(*b), sample.n_columns + place];
        let cell = cells[place];
        let few = cell.employers < least_employers(sample.data, settings);
        // A certificate that comes without the other in 1 to 9 rows would be a cell that is not printed.
        let hardly = [*a, *b].iter().any(|id| super::estimate::shown(sample.cells[*id as usize].rows - n).is_none());
        let told = !few && !hardly && fit.absent[columns[2]].is_none();
        let total = || {
            let mut variance = 0.0;
            for x in columns {
                for y in columns {
                    variance += fit.covariance_of(x, y)?;
                }
            }
            PremiumEstimate::new(columns.iter().map(|c| fit.coefficients[*c]).sum(), variance, fit.df_tests)
        };
        let employers = sample.data.employer.and_then(|_| super::estimate::shown(cell.employers));
        found.pairs.push(Bundle {
            a: sample.data.ids[*a as usize].clone(),
            b: sample.data.ids[*b as usize].clone(),
            n: if hardly { None } else { Some(*n) },
            n_employers: employers,
            beyond_sum: if told { PremiumEstimate::of(&fit, columns[2]) } else { None },
            total: if told { total() } else { None },
            q_value: None,
            reason: if few {
                Some(format!("fewer than {} employers", settings.min_employers))
            } else if told {
                None
            } else {
                Some("it cannot be told from its parts: one hardly comes without the other".into())
            },
        });
    }
    let p_value = |pair: &Bundle| pair.beyond_sum.map_or(f64::NAN, |beyond| beyond.p_zero(fit.df_tests));
    let q_values = false_discovery(&found.pairs.iter().map(p_value).collect::<Vec<_>>());
    found.pairs.iter_mut().zip(q_values).for_each(|(pair, q)| pair.q_value = (!q.is_nan()).then_some(q));
    Ok(found)
}
