//! Demand, pay, supply and outcomes.

use std::collections::{BTreeMap, BTreeSet};

use super::super::WorkerRow;
use super::super::certificates::{CERTIFICATES, Path};
use super::super::paths::{signed_month_at, top_fifty};
use super::{N, demand, market, postings, share};

#[test]
fn one_ad_in_four_asks_and_fifty_certificates_hold_two_thirds() {
    let asking = demand().asking() as f64 / demand().originals() as f64;
    // Four standard errors of 15,000 originals.
    assert!((asking - 0.25).abs() < 0.015, "{asking}");
    assert!((top_fifty(&market().world.shares) - 0.667).abs() < 0.005);
    let mut sums: BTreeMap<&str, u64> = BTreeMap::new();
    let rows: Vec<_> = market().demand_rows(demand()).collect();
    for row in &rows {
        *sums.entry(row.certificate.as_str()).or_default() += row.required + row.preferred;
    }
    let mut sums: Vec<u64> = sums.into_values().collect();
    sums.sort_unstable_by(|a, b| b.cmp(a));
    let top = sums.iter().take(50).sum::<u64>() as f64 / sums.iter().sum::<u64>() as f64;
    assert!((top - 0.667).abs() < 0.04, "{top}");
}

#[test]
fn counts_follow_the_share_paths() {
    let originals = demand().originals() as f64;
    let mut chi_square = 0.0;
    let mut n = 0.0;
    for (c, path) in market().world.shares.iter().enumerate() {
        let mut expected = 0.0;
        let mut found = 0;
        for (t, share) in path.iter().enumerate() {
            let numbers = market().world.calendar.numbers(t);
            expected += share * (numbers.end - numbers.start) as f64 * originals / N as f64;
            found += (0..market().world.regions.len()).map(|r| demand().asked(c, t, r)).sum::<u64>();
        }
        if expected > 5.0 {
            chi_square += (found as f64 - expected).powi(2) / expected;
            n += 1.0;
        }
    }
    // Mean 1 for each certificate; bundles and the uneven places of originals widen it.
    assert!(n > 80.0 && chi_square / n < 1.8, "{chi_square} over {n}");
}

#[test]
fn nothing_is_asked_for_outside_its_life_and_paths_have_their_shape() {
    let n = market().n_months();
    let month = |x: f64| usize::try_from(signed_month_at(x, n)).unwrap();
    for (row, path) in CERTIFICATES.iter().zip(&market().world.shares) {
        let mean = |months: std::ops::Range<usize>| path[months.clone()].iter().sum::<f64>() / months.len() as f64;
        match row.path {
            Path::Unasked => assert!(path.iter().all(|s| *s <= 0.0)),
            Path::Flat => assert!(path.windows(2).all(|p| p[0].to_bits() == p[1].to_bits())),
            Path::Growth(_) => assert!(mean(n - 6..n) > 1.3 * mean(0..6), "{}", row.id),
            Path::Decline(_) => assert!(mean(n - 6..n) < 0.75 * mean(0..6), "{}", row.id),
            Path::Death(end) => assert!(path[month(end)..].iter().all(|s| *s <= 0.0), "{}", row.id),
            Path::Birth(start) => assert!(path[..month(start)].iter().all(|s| *s <= 0.0), "{}", row.id),
            Path::Season(_) => {
                assert!(path.iter().copied().fold(0.0, f64::max) > 2.0 * path.iter().copied().fold(1.0, f64::min));
            }
            Path::Version { introduced, retired, .. } => {
                assert!(introduced <= 0.0 || path[0] <= 0.0);
                assert!(retired > 1.0 || path[n - 1] <= 0.0);
            }
        }
    }
}

#[test]
fn volume_moves_and_occupation_shares_do_not() {
    let volume = |t: usize| {
        let numbers = market().world.calendar.numbers(t);
        (numbers.end - numbers.start) as f64
    };
    let volumes: Vec<f64> = (0..market().n_months()).map(volume).collect();
    assert!(volumes.iter().copied().fold(0.0, f64::max) > 1.4 * volumes.iter().copied().fold(1e9, f64::min));
    let half = |range: std::ops::Range<usize>| {
        let part = &postings()[range];
        share(part.iter().filter(|p| p.truth.soc.starts_with("43")).count(), part.len())
    };
    assert!((half(0..10_000) - half(10_000..20_000)).abs() < 0.025);
}

#[test]
fn pay_as_written_is_near_what_the_job_pays() {
    let mut stated = 0;
    for posting in postings() {
        let pay = &posting.truth.pay;
        // Without a floor: log pay stays a sum, and once in some thousand ads it is below the minimum wage.
        assert!((10_000.0..500_000.0).contains(&pay.annual_usd), "{}", pay.annual_usd);
        let Some(written) = pay.written else { continue };
        stated += 1;
        let (low, high) =
            (written.low_usd.or(written.high_usd).unwrap(), written.high_usd.or(written.low_usd).unwrap());
        assert!(low <= high);
        assert!((0.7 * pay.annual_usd..1.35 * pay.annual_usd).contains(&(0.5 * (low + high))), "{posting:?}");
        assert!(!posting.pay.is_empty() || written.in_text);
    }
    assert!((share(stated, postings().len()) - 0.4).abs() < 0.03, "{stated}");
}

#[test]
fn the_raw_premium_is_several_times_the_causal_one() {
    let mut by_occupation: BTreeMap<&str, [(f64, f64); 2]> = BTreeMap::new();
    let (mut causal, mut asking) = (0.0, 0.0);
    for posting in postings() {
        let truth = &posting.truth;
        let is_asking = !truth.asked().is_empty();
        let cell = &mut by_occupation.entry(truth.soc).or_default()[usize::from(is_asking)];
        cell.0 += truth.pay.annual_usd.ln();
        cell.1 += 1.0;
        if is_asking {
            causal += truth.pay.causal_log_premium;
            asking += 1.0;
        }
    }
    let mut raw = 0.0;
    for [without, with] in by_occupation.into_values() {
        raw += (with.0 / with.1 - without.0 / without.1) * with.1 / asking;
    }
    let ratio = raw / (causal / asking);
    assert!((2.5..8.0).contains(&ratio), "raw {raw}, causal {}", causal / asking);
}

#[test]
fn stated_pay_is_missing_not_at_random() {
    let mean = |stated: bool| {
        let these: Vec<f64> = postings()
            .iter()
            .filter(|p| p.truth.pay.written.is_some() == stated)
            .map(|p| p.truth.pay.annual_usd.ln())
            .collect();
        these.iter().sum::<f64>() / these.len() as f64
    };
    assert!(mean(false) - mean(true) > 0.03);
}

#[test]
fn about_a_fifth_of_what_is_earned_is_asked_for() {
    let asked: BTreeSet<&str> = CERTIFICATES.iter().filter(|row| row.is_asked()).map(|row| row.id).collect();
    let (mut all, mut demanded) = (0, 0);
    for row in market().supply_rows() {
        all += row.earned;
        demanded += if asked.contains(row.certificate.as_str()) { row.earned } else { 0 };
    }
    let share = demanded as f64 / all as f64;
    assert!((0.18..0.20).contains(&share), "{share}");
    assert_eq!(market().school_years(), 2021..2025);
}

#[test]
fn earners_differ_from_others_by_more_than_certificates_cause() {
    let rows: Vec<_> = market().worker_rows().collect();
    assert_eq!(rows.len(), 4 * 2_000);
    let mean = |earned: bool, of: fn(&WorkerRow) -> Option<f64>| {
        let values: Vec<f64> = rows.iter().filter(|r| r.certificate.is_some() == earned).filter_map(of).collect();
        values.iter().sum::<f64>() / values.len() as f64
    };
    let earners = share(rows.iter().filter(|r| r.certificate.is_some()).count(), rows.len());
    assert!((earners - 0.3).abs() < 0.03, "{earners}");
    let naive = mean(true, |r| r.pay_after_usd.map(f64::ln)) - mean(false, |r| r.pay_after_usd.map(f64::ln));
    let causal = mean(true, |r| Some(r.causal_log_pay));
    assert!(naive > 2.0 * causal, "{naive} against {causal}");
    // The same workers against themselves: growth and the recovery from the bad year remain.
    let change = |r: &WorkerRow| r.pay_after_usd.map(|usd| (usd / r.pay_two_years_before_usd).ln());
    let from_two_years_before = mean(true, change) - mean(false, change);
    assert!((from_two_years_before - causal).abs() < 0.012, "{from_two_years_before} against {causal}");
}
