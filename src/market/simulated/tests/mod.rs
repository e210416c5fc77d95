//! What the market promises, on 20,000 postings.

mod shapes;
mod text;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use super::certificates::CERTIFICATES;
use super::{CopyKind, CopyShares, DemandCounts, SimulatedMarket, SimulatedPosting, TableRow};

const N: u64 = 20_000;

fn market() -> &'static SimulatedMarket {
    static MARKET: OnceLock<SimulatedMarket> = OnceLock::new();
    MARKET.get_or_init(|| SimulatedMarket::params().seed(11).postings(N).build().unwrap())
}

fn postings() -> &'static [SimulatedPosting] {
    static POSTINGS: OnceLock<Vec<SimulatedPosting>> = OnceLock::new();
    POSTINGS.get_or_init(|| market().postings(0..N).collect())
}

fn demand() -> &'static DemandCounts {
    static DEMAND: OnceLock<DemandCounts> = OnceLock::new();
    DEMAND.get_or_init(|| market().demand(0..N))
}

fn share(count: usize, of: usize) -> f64 {
    count as f64 / of as f64
}

#[test]
fn the_catalogue_parses_and_notes_each_ambiguity() {
    let catalogue = market().catalogue().unwrap();
    assert_eq!(catalogue.len(), CERTIFICATES.len());
    for acronym in ["CLT", "RHT", "PSO"] {
        let namesakes = catalogue.iter().filter(|c| c.aliases.iter().any(|a| a == acronym));
        assert_eq!(namesakes.filter(|c| c.ambiguous.iter().any(|a| a.alias == acronym)).count(), 2, "{acronym}");
    }
    for acronym in ["BMS", "OWR", "LEAD", "PACE", "B2", "W4", "DX+", "NT+"] {
        let mut namesakes = catalogue.iter().filter(|c| c.aliases.iter().any(|a| a == acronym));
        assert!(namesakes.all(|c| c.ambiguous.iter().any(|a| a.alias == acronym)), "{acronym}");
    }
}

#[test]
fn a_posting_depends_on_seed_and_number_alone() {
    let again = SimulatedMarket::params().seed(11).postings(N).build().unwrap();
    let part: Vec<SimulatedPosting> = again.postings(7_000..7_500).collect();
    assert_eq!(part, postings()[7_000..7_500]);
    for i in [0, 1, 4_321, N - 1] {
        assert_eq!(again.posting(i), postings()[usize::try_from(i).unwrap()]);
    }
    let other = SimulatedMarket::params().seed(12).postings(N).build().unwrap();
    let same = other.postings(0..200).zip(postings()).filter(|(a, b)| a.text == b.text).count();
    assert_eq!(same, 0);
}

#[test]
fn counts_of_parts_add_up_to_those_of_the_whole() {
    let mut sum = market().demand(0..5_000);
    sum.merge(&market().demand(5_000..12_345));
    sum.merge(&market().demand(12_345..N));
    assert_eq!(&sum, demand());
}

#[test]
fn copies_name_an_earlier_original_and_look_like_it() {
    let mut counts: BTreeMap<CopyKind, usize> = BTreeMap::new();
    for posting in postings() {
        let Some((original, kind)) = posting.truth.copy_of else { continue };
        *counts.entry(kind).or_default() += 1;
        let first = &postings()[usize::try_from(original).unwrap()];
        assert_eq!(first.truth.copy_of, None);
        let gap = posting.posted.since(first.posted).unwrap();
        match kind {
            CopyKind::Same => {
                assert!((1..=40).contains(&gap), "{gap} days");
                assert_eq!((&posting.text, &posting.title), (&first.text, &first.title));
            }
            CopyKind::Near => {
                assert!((1..=55).contains(&gap), "{gap} days");
                assert_eq!(posting.truth.asked(), first.truth.asked());
            }
            CopyKind::Evergreen => assert_eq!(posting.text, first.text),
            CopyKind::Repost => assert!((60..=190).contains(&gap), "{gap} days"),
        }
        assert_eq!(posting.truth.pay, first.truth.pay);
    }
    // The first months lack originals to copy, so shares lie a little below the settings.
    let CopyShares { same, near, evergreen, repost } = CopyShares::default();
    for (kind, set) in
        [(CopyKind::Same, same), (CopyKind::Near, near), (CopyKind::Evergreen, evergreen), (CopyKind::Repost, repost)]
    {
        let found = share(counts[&kind], postings().len());
        assert!((0.8 * set..=1.1 * set).contains(&found), "{kind:?}: {found}");
    }
}

#[test]
fn an_evergreen_advertisement_stands_in_every_month() {
    let mut months: BTreeMap<u64, BTreeSet<String>> = BTreeMap::new();
    for posting in postings() {
        if let Some((original, CopyKind::Evergreen)) = posting.truth.copy_of {
            months.entry(original).or_default().insert(posting.posted.to_string()[..7].to_owned());
        }
    }
    assert!(months.len() > 5);
    assert!(months.values().all(|m| m.len() == market().n_months() - 1));
}

#[test]
fn tables_have_a_cell_for_each_column() {
    fn check<R: TableRow>(rows: impl Iterator<Item = R>) {
        let mut n = 0;
        for row in rows.take(300) {
            let cells = row.cells();
            assert_eq!(cells.len(), R::COLUMNS.len());
            assert!(cells.iter().all(|cell| !cell.contains([',', '"', '\n'])), "{cells:?}");
            n += 1;
        }
        assert!(n > 50);
    }
    let market = market();
    check(market.posting_rows(0..300));
    check(market.mention_rows(0..2_000));
    check(market.demand_rows(demand()));
    check(market.certificate_rows());
    check(market.share_rows());
    check(market.supply_rows());
    check(market.worker_rows());
    assert_eq!(postings()[0].cells().len(), SimulatedPosting::COLUMNS.len());
}

#[test]
fn settings_outside_their_range_are_refused() {
    let refused = |params: super::SimulatedMarketParams| params.build().unwrap_err().name;
    let params = SimulatedMarket::params;
    assert_eq!(refused(params().postings(99)), "postings");
    assert_eq!(refused(params().months(11)), "months");
    assert_eq!(refused(params().regions(13)), "regions");
    assert_eq!(refused(params().asking_share(f64::NAN)), "asking_share");
    assert_eq!(refused(params().copies(CopyShares { same: 0.7, ..CopyShares::default() })), "copies");
    assert_eq!(refused(params().start(crate::time::Period::year(2021))), "start");
    assert!(params().postings(100).months(12).regions(8).employers(40).build().is_ok());
}
