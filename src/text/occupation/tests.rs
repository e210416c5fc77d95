use proptest::prelude::*;

use super::*;

const TITLES: &[(&str, &str)] = &[
    ("Registered Nurse", "29-1141.00"),
    ("Charge Nurse", "29-1141.00"),
    ("Intensive Care Nurse", "29-1141.01"),
    ("Licensed Practical Nurse", "29-2061"),
    ("Dental Assistant", "31-9091.00"),
    ("Medical Assistant", "31-9092.00"),
    ("Clinical Medical Assistant", "31-9092.00"),
    ("Combination Welder", "51-4121.00"),
    ("Pipe Welder", "51-4121.00"),
    ("Technical Aide", "17-3023.00"),
    ("Technical Aide", "19-4099.00"),
    ("Restaurant Manager", "11-9051.00"),
];

fn coder() -> OccupationCoder {
    OccupationCoder::params().build(TITLES.iter().copied()).unwrap()
}

#[test]
fn a_known_title_has_its_code_in_any_order_and_spelling() {
    for (title, code) in [
        ("registered nurse", "29-1141"),
        ("Nurse, Registered", "29-1141"),
        ("Sr. RN - Night Shift (Req #4471)", "29-1141"),
        ("Intensive Care Nurse", "29-1141"),
        ("LPN", "29-2061"),
        ("Medical Assistants", "31-9092"),
        ("Restaurant Mgr.", "11-9051"),
        ("Dental Assistant, Boise, ID 83702", "31-9091"),
    ] {
        let found = coder().code(title);
        assert_eq!((found.coding, found.code()), (Coding::Exact, Some(code)), "{title}");
        assert_eq!(found.best.map(|best| best.score), Some(1.0));
    }
}

#[test]
fn a_title_with_more_words_is_coded_by_likeness() {
    let found = coder().code("Structural Pipe Welder");
    assert_eq!((found.coding, found.code()), (Coding::Alike, Some("51-4121")));
    let score = found.best.unwrap().score;
    assert!(score > 0.5 && score < 1.0, "{score}");
}

#[test]
fn the_coder_abstains_and_says_why() {
    // Two codes have the title, and nothing tells them apart.
    let found = coder().code("Technical Aide");
    assert_eq!((found.coding, found.code()), (Coding::TooClose, None));
    let codes = [found.best.unwrap().code, found.runner_up.unwrap().code];
    assert_eq!(codes, ["17-3023", "19-4099"]);
    assert_eq!(coder().code("Assistant to the Chief Beekeeper").coding, Coding::TooLow);
    assert_eq!(coder().code("Beekeeper").coding, Coding::Unknown);
    for nothing in ["", "12345", "Full Time", "(((", "\u{1f41d}"] {
        assert_eq!(coder().code(nothing), Occupation { coding: Coding::Unknown, best: None, runner_up: None });
    }
}

#[test]
fn thresholds_decide_whether_a_code_is_given() {
    let build = |score, lead| {
        OccupationCoder::params().least_score(score).least_lead(lead).build(TITLES.iter().copied()).unwrap()
    };
    let title = "Structural Pipe Welder";
    assert_eq!(build(1.0, 0.0).code(title).coding, Coding::TooLow);
    assert_eq!(build(0.0, 0.0).code("Technical Aide").code(), Some("17-3023"));
    assert_eq!(build(0.0, 0.0).code(title).code(), Some("51-4121"));
}

#[test]
fn build_refuses_settings_and_codes_that_are_not_allowed() {
    let name = |params: OccupationParams, code| params.build([("Cook", code)]).map(|_| "").unwrap_or_else(|e| e.name);
    let params = OccupationCoder::params;
    for code in ["35-2014", "35-2014.00", " 35-2014 "] {
        assert_eq!(name(params(), code), "");
    }
    for code in ["", "352014", "35-201", "35-2014.0", "3\u{e9}-2014", "35-2014.000", "ab-cdef"] {
        assert_eq!(name(params(), code), "code", "{code}");
    }
    for score in [-0.1, 1.1, f64::NAN] {
        assert_eq!(name(params().least_score(score), "35-2014"), "least_score");
        assert_eq!(name(params().least_lead(score), "35-2014"), "least_lead");
    }
    assert_eq!(name(params().least_score(0.0).least_lead(1.0), "35-2014"), "");
}

#[test]
fn no_titles_know_nothing() {
    let empty = OccupationCoder::params().build([]).unwrap();
    assert_eq!(empty.code("Cook").coding, Coding::Unknown);
    let blank = OccupationCoder::params().build([("", "35-2014"), ("12", "35-2014")]).unwrap();
    assert_eq!(blank.code("").coding, Coding::Unknown);
}

proptest! {
    #[test]
    fn any_title_is_coded_without_panic(title in ".{0,80}") {
        let found = coder().code(&title);
        prop_assert!(found.best.is_none_or(|best| (0.0..=1.0).contains(&best.score)));
    }

    #[test]
    fn any_titles_are_indexed_without_panic(titles in prop::collection::vec(".{0,30}", 0..12), asked in ".{0,30}") {
        let pairs: Vec<(&str, &str)> = titles.iter().map(|title| (title.as_str(), "35-2014")).collect();
        let coder = OccupationCoder::params().build(pairs.iter().copied()).unwrap();
        for title in titles.iter().chain([&asked]) {
            let _ = coder.code(title);
        }
    }

    #[test]
    fn words_of_titles_are_ranked_best_first_and_the_order_of_the_list_does_not_matter(
        words in prop::collection::vec(prop::sample::select(vec![
            "nurse", "registered", "medical", "assistant", "welder", "pipe", "care", "manager", "aide", "xylophone", "Sr.", "RN",
        ]), 0..6),
    ) {
        let title = words.join(" ");
        let found = coder().code(&title);
        if let (Some(best), Some(second)) = (&found.best, &found.runner_up) {
            prop_assert!(best.score >= second.score && best.score + second.score <= 1.0 + 1e-9);
        }
        let turned = OccupationCoder::params().build(TITLES.iter().rev().copied()).unwrap().code(&title);
        prop_assert_eq!(turned, found);
    }
}
