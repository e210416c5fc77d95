use proptest::prelude::*;

use super::compare::Stream;
use super::*;

fn long_text(seed: u64) -> String {
    Stream::new(seed).words(80).join(" ")
}

fn rule(params: DuplicatesParams, records: &[(u64, &str, i32, &str)]) -> DuplicateReport {
    let mut sightings = params.build().unwrap().sightings();
    for (id, employer, day, text) in records {
        sightings.feed(*id, *day, Some(employer), None, text);
    }
    sightings.finish()
}

fn standings(report: &DuplicateReport) -> Vec<Standing> {
    report.rulings().iter().map(|ruling| ruling.standing).collect()
}

#[test]
fn copies_within_the_window_are_duplicates_and_later_ones_reposts() {
    let text = "Nurse aide, nights.";
    let report = rule(
        Duplicates::params(),
        &[
            (1, "a", 0, text),
            (2, "a", 10, "NURSE AIDE nights"),
            (3, "a", 40, text),
            (4, "a", 71, text),
            (5, "a", 80, text),
            (6, "b", 80, text),
            (7, "a", 80, "Nurse aide, days."),
        ],
    );
    assert_eq!(
        standings(&report),
        [
            Standing::First,
            Standing::Duplicate { of: 1 },
            Standing::Duplicate { of: 1 },
            Standing::Repost { of: 1, gap_days: 31 },
            Standing::Duplicate { of: 4 },
            Standing::First,
            Standing::First,
        ]
    );
    let counts = report.counts();
    assert_eq!((counts.records, counts.advertisements, counts.duplicates, counts.reposts), (7, 3, 3, 1));
    assert_eq!((counts.near, counts.evergreen_records), (0, 0));
}

#[test]
fn a_text_in_many_periods_is_evergreen_whether_it_stays_or_returns() {
    let params = Duplicates::params().period_days(30).evergreen_periods(4);
    // Day 100 i lies in periods 0, 3, 6, 10: four periods, three reposts.
    let returns: Vec<_> = (0..4).map(|i| (i, "a", 100 * i32::try_from(i).unwrap(), "We always hire drivers")).collect();
    let report = rule(params, &returns);
    assert!(report.rulings().iter().all(|ruling| ruling.is_evergreen));
    assert_eq!((report.counts().reposts, report.counts().evergreen_advertisements), (3, 1));
    // One sighting in each of four neighbouring periods: no repost.
    let stays: Vec<_> = (0..4).map(|i| (i, "a", 30 * i32::try_from(i).unwrap(), "We always hire drivers")).collect();
    let report = rule(params, &stays);
    assert_eq!((report.counts().reposts, report.counts().duplicates, report.counts().evergreen_records), (0, 3, 4));
    let report = rule(params, &stays[..3]);
    assert_eq!(report.counts().evergreen_records, 0);
}

#[test]
fn near_copies_join_the_first_text_that_they_are_like() {
    let first = long_text(1);
    let edited = format!("{first} apply by 3 may");
    let other = long_text(2);
    let records = [(1, "a", 0, &*first), (2, "a", 3, &*edited), (3, "a", 4, &*other), (4, "a", 60, &*edited)];
    let report = rule(Duplicates::params(), &records);
    assert_eq!(
        standings(&report),
        [Standing::First, Standing::Duplicate { of: 1 }, Standing::First, Standing::Repost { of: 1, gap_days: 57 }]
    );
    assert_eq!(report.rulings().iter().map(|r| r.is_near).collect::<Vec<_>>(), [false, true, false, true]);
    for exact in [Duplicates::params().near(false), Duplicates::params().largest_near_block(3)] {
        let report = rule(exact, &records);
        assert_eq!(report.get(2).unwrap().standing, Standing::First);
        assert_eq!(report.get(4).unwrap().standing, Standing::Repost { of: 2, gap_days: 57 });
    }
    assert_eq!(rule(Duplicates::params().largest_near_block(3), &records).counts().equal_only, 4);
}

/// Id, employer, region, day, text.
type Seen<'a> = (u64, Option<&'a str>, Option<&'a str>, i32, &'a str);

fn rule_places(records: &[Seen<'_>]) -> Vec<Standing> {
    let mut sightings = Duplicates::params().build().unwrap().sightings();
    for (id, employer, region, day, text) in records {
        sightings.feed(*id, *day, *employer, *region, text);
    }
    standings(&sightings.finish())
}

#[test]
fn a_record_without_a_region_may_be_a_copy_of_one_in_any() {
    let (text, near) = (long_text(1), format!("{} apply by 3 may", long_text(1)));
    let a = Some("a");
    for (first, later) in [(Some("TX"), None), (None, Some("TX")), (None, None)] {
        for later_text in [&text, &near] {
            let records = [(1, a, first, 0, &*text), (2, a, later, 3, &**later_text), (3, a, Some("OH"), 4, &*text)];
            let third = if first.or(later).is_some() { Standing::First } else { Standing::Duplicate { of: 1 } };
            assert_eq!(rule_places(&records), [Standing::First, Standing::Duplicate { of: 1 }, third]);
        }
    }
    // The first region that is known is the advertisement's: another region is another one.
    let records = [(1, a, None, 0, &*text), (2, a, Some("TX"), 1, &near), (3, a, Some("OH"), 2, &near)];
    assert_eq!(rule_places(&records), [Standing::First, Standing::Duplicate { of: 1 }, Standing::First]);
}

#[test]
fn a_record_without_an_employer_may_be_a_copy_of_any_employers() {
    let (text, near, other) = (long_text(1), format!("{} apply by 3 may", long_text(1)), long_text(2));
    let (a, tx) = (Some("Acme, Inc."), Some("TX"));
    for (first, later) in [(a, None), (None, a), (None, None)] {
        for later_text in [&text, &near] {
            let records = [(1, first, tx, 0, &*text), (2, later, tx, 3, &**later_text), (3, None, tx, 9, &*other)];
            assert_eq!(rule_places(&records), [Standing::First, Standing::Duplicate { of: 1 }, Standing::First]);
        }
    }
    let elsewhere = [(1, a, tx, 0, &*text), (2, None, Some("OH"), 3, &*text)];
    assert_eq!(rule_places(&elsewhere), [Standing::First; 2]);
    // Two employers with one text: one of them takes the record.
    let twice = [(1, a, tx, 0, &*text), (2, Some("b"), tx, 1, &*text), (3, None, tx, 2, &*text)];
    let found = rule_places(&twice);
    assert!(matches!(found[2], Standing::Duplicate { of: 1 | 2 }), "{found:?}");
}

#[test]
fn numbers_count_unless_folded() {
    let records = [(1, "a", 0, "Cook, $18"), (2, "a", 1, "Cook, $19")];
    assert_eq!(rule(Duplicates::params(), &records).counts().duplicates, 0);
    assert_eq!(rule(Duplicates::params().fold_digits(true), &records).counts().duplicates, 1);
}

#[test]
fn texts_without_words_are_copies_of_nothing() {
    let report = rule(Duplicates::params(), &[(1, "a", 0, ""), (2, "a", 0, " -- "), (3, "a", 0, "\u{1f600}")]);
    assert_eq!(standings(&report), [Standing::NoText; 3]);
    assert_eq!((report.counts().no_text, report.counts().advertisements), (3, 0));
}

#[test]
fn the_extremes_of_days_and_ids_do_no_harm() {
    let report = rule(Duplicates::params(), &[(u64::MAX, "a", i32::MIN, "x"), (0, "a", i32::MAX, "x")]);
    assert_eq!(report.get(0).unwrap().standing, Standing::Repost { of: u64::MAX, gap_days: u32::MAX });
    assert_eq!(report.get(5), None);
    assert_eq!(rule(Duplicates::params(), &[]), DuplicateReport::default());
}

proptest! {
    #[test]
    fn the_answer_does_not_depend_on_the_order_of_feeding(
        picks in prop::collection::vec((0_u64..12, 0_usize..2, 0_i32..200, 0_usize..9), 0..40),
        shift in 0_usize..40,
    ) {
        let base = long_text(3);
        let texts: Vec<String> = (0..9)
            .map(|i| match i {
                0..4 => format!("{base} {}", Stream::new(i).words(usize::try_from(i).unwrap() * 12).join(" ")),
                4..6 => long_text(i),
                6 => "short text".into(),
                7 => String::new(),
                _ => base.to_uppercase(),
            })
            .collect();
        let blocks = ["a", "b"];
        let records: Vec<_> = picks.iter().map(|(id, b, day, t)| (*id, blocks[*b], *day, &*texts[*t])).collect();
        let params = Duplicates::params().most_candidates(2).evergreen_periods(2);
        let expected = rule(params, &records);
        let mut turned = records.clone();
        turned.reverse();
        prop_assert_eq!(&rule(params, &turned), &expected);
        if !records.is_empty() {
            let by = shift % turned.len();
            turned.rotate_left(by);
        }
        prop_assert_eq!(&rule(params, &turned), &expected);
        let counts = expected.counts();
        prop_assert_eq!(counts.records, counts.advertisements + counts.duplicates + counts.reposts + counts.no_text);
    }

    #[test]
    fn any_text_is_fed_without_panic(texts in prop::collection::vec(".{0,60}", 0..8)) {
        let mut sightings = Duplicates::params().least_words(3).build().unwrap().sightings();
        for (day, text) in (0..).zip(&texts) {
            sightings.feed(1, day, Some(text), Some(text), text);
        }
        prop_assert_eq!(sightings.len(), texts.len());
        prop_assert_eq!(sightings.finish().rulings().len(), texts.len());
    }
}
