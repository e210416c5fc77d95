//! What holds for every text.

use std::sync::OnceLock;

use proptest::prelude::{ProptestConfig, prop, prop_assert, prop_assert_eq, proptest};

use crate::key::CertificateId;
use crate::text::{Context, MentionMatcher};

fn matcher() -> &'static MentionMatcher {
    static MATCHER: OnceLock<MentionMatcher> = OnceLock::new();
    let aliases = [
        "CNA",
        "BLS",
        "A+",
        "CompTIA A+",
        "OSHA 10",
        "CMA (AAMA)",
        "driver's license",
        "CPR/First Aid",
        "Security+",
        "\u{c9}lectricien",
        "CDL A",
        "CDL",
        "PE",
        "RN license",
        "Certified Nursing Assistant",
    ];
    MATCHER.get_or_init(|| MentionMatcher::from_aliases(aliases.map(|a| (a, CertificateId::new(a)))).unwrap())
}

/// Pieces that meet in real texts, and some that do not.
const PIECES: &str = "(CNA|C\\.N\\.A\\.|BLS|A\\+|CompTIA|OSHA|10|CMA|\\(AAMA\\)|driver|'s|\u{2019}|license| |  |\n|\r\n|-|\u{2013}|\u{a0}|/|\\.|,|;|:|\\?|!|\\(|\\)|\
    Requirements|Preferred|must|hold|required|not|but|no|a plus|I have|Do you|in lieu of|nurse|statistics|\\*\\*|\\* |- - | o |individuals who|if|within six months of hire|seeking|with|who|waive|\
    Selective factor|\\(a\\) |Note: this is|experience as a|or equivalent experience|advanced|GS-5|required to|bonus|[a-z]{6}[A-Z][a-z]{4}|\u{e9}|\u{301}|\u{2022}|\u{ae}|\u{200b}|A\\. |1\\. |[a-z]{1,8}|\\PC)";

fn check(text: &str) -> Result<(), proptest::test_runner::TestCaseError> {
    let mut end = 0;
    for found in matcher().matches(text) {
        prop_assert!(found.span.start >= end && found.span.end > found.span.start);
        prop_assert!(text.get(found.span.clone()).is_some());
        end = found.span.end;
    }
    let mut end = 0;
    for mention in matcher().mentions(text, &Context::default()) {
        prop_assert!(mention.span.start >= end && mention.span.end > mention.span.start);
        prop_assert!(text.get(mention.span.clone()).is_some());
        prop_assert!(mention.confidence > 0.0 && mention.confidence < 1.0);
        prop_assert_eq!(mention.class, mention.rule.class());
        end = mention.span.end;
    }
    Ok(())
}

proptest! {
    // More with PROPTEST_CASES.
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.max(400), ..ProptestConfig::default() })]

    #[test]
    fn no_text_panics_and_spans_are_ordered_on_character_boundaries(text in "\\PC*") {
        check(&text)?;
    }

    #[test]
    fn no_mixture_of_pieces_panics(pieces in prop::collection::vec(PIECES, 0..60)) {
        check(&pieces.concat())?;
    }

    #[test]
    fn text_far_away_changes_nothing(pieces in prop::collection::vec(PIECES, 0..30), filler in "[jkqxz]{3,7}") {
        let text = pieces.concat();
        // Without names, headings, sentence ends and words that speak for a certificate; five thousand bytes away, behind a line of its own.
        let far = format!("{}. \n\n", format!("{filler} ").repeat(5000 / (filler.len() + 1) + 1));
        let long = format!("{far}{text}\n\n{far}");
        let alone = matcher().mentions(&format!("\n\n{text}\n\n"), &Context::default());
        let inside = matcher().mentions(&long, &Context::default());
        let shifted: Vec<_> = inside.into_iter().map(|mut mention| {
            mention.span = mention.span.start - far.len() + 2..mention.span.end - far.len() + 2;
            mention
        }).collect();
        prop_assert_eq!(alone, shifted);
    }
}

/// Time of `n` names in one line without a sentence end, in seconds; the least of three runs.
fn seconds(n: usize) -> f64 {
    let text = "CNA word ".repeat(n);
    let run = || {
        let start = std::time::Instant::now();
        assert_eq!(matcher().mentions(&text, &Context::default()).len(), n);
        start.elapsed().as_secs_f64()
    };
    (0..3).map(|_| run()).fold(f64::INFINITY, f64::min)
}

#[test]
fn time_grows_with_the_length_of_a_line() {
    // Eight times the text; a scan to the end of the line for every name would take 64 times the time.
    assert!(seconds(16_000) < 30.0 * seconds(2_000));
}
