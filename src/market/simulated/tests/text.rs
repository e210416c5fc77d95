//! Texts and what their truth says of them.

use aho_corasick::AhoCorasick;

use super::super::certificates::CERTIFICATES;
use super::super::{DecoyKind, MentionClass, words};
use super::{market, postings, share};

#[test]
fn texts_are_whole_and_of_ordinary_length() {
    for posting in postings() {
        let text = &posting.text;
        assert!((300..=6_000).contains(&text.len()), "{}: {} bytes", posting.id, text.len());
        assert!(!text.contains(['{', '}']), "{}: a placeholder is left: {text}", posting.id);
    }
}

#[test]
fn templates_use_known_placeholders_and_close_them() {
    let all: [&[&str]; 25] = [
        &words::SOFT,
        &words::INTRO,
        &words::ENTRY,
        &words::YEARS,
        &words::DUTY,
        &words::SKILL,
        &words::REQUIRED,
        &words::REQUIRED_BARE,
        &words::MAY_OBTAIN,
        &words::PREFERRED,
        &words::PREFERRED_BARE,
        &words::IN_PASSING,
        &words::NEGATED,
        &words::WORD,
        &words::OFFICE,
        &words::GRADE,
        &words::UNSETTLED,
        &words::NEAR,
        &words::ABOUT,
        &words::SUMMARY,
        &words::SCHEDULE,
        &words::PHYSICAL,
        &words::GENERIC,
        &words::LEGAL,
        &words::PROCESS,
    ];
    for template in all.into_iter().flatten() {
        let mut rest = *template;
        while let Some((_, after)) = rest.split_once('{') {
            let (key, tail) = after.split_once('}').unwrap();
            assert!("LETICRASOPDQN".contains(key) && key.len() == 1, "{template}");
            rest = tail;
        }
        assert!(!rest.contains('}'), "{template}");
    }
}

#[test]
fn spans_cut_out_a_name_of_the_certificate() {
    let catalogue = market().catalogue().unwrap();
    for posting in postings() {
        for mention in &posting.truth.mentions {
            let written = &posting.text[mention.span.clone()];
            let certificate = catalogue.get(&mention.certificate).unwrap();
            let mut names = certificate.aliases.iter().chain([&certificate.name]);
            assert!(names.any(|name| name.eq_ignore_ascii_case(written)), "{}: {written}", posting.id);
        }
    }
}

#[test]
fn every_occurrence_of_a_name_is_in_the_truth() {
    let names: Vec<&str> = CERTIFICATES.iter().flat_map(|row| row.aliases.iter().copied().chain([row.name])).collect();
    let finder = AhoCorasick::builder().ascii_case_insensitive(true).build(&names).unwrap();
    for posting in postings() {
        let text = posting.text.as_bytes();
        let spans = || {
            let mentions = posting.truth.mentions.iter().map(|m| &m.span);
            mentions.chain(posting.truth.decoys.iter().map(|d| &d.span))
        };
        for found in finder.find_overlapping_iter(&posting.text) {
            let word = |place: Option<&u8>| place.is_some_and(u8::is_ascii_alphanumeric);
            let inside = word(found.start().checked_sub(1).and_then(|k| text.get(k))) || word(text.get(found.end()));
            let known = spans().any(|span| span.start <= found.start() && found.end() <= span.end);
            assert!(inside || known, "{}: {:?}", posting.id, names[found.pattern().as_usize()]);
        }
    }
}

#[test]
fn all_classes_and_decoys_occur_in_their_shares() {
    let class = |class| postings().iter().filter(|p| p.truth.mentions.iter().any(|m| m.class == class)).count();
    let of = |count| share(count, postings().len());
    assert!((0.1..0.25).contains(&of(class(MentionClass::Required))));
    assert!((0.06..0.2).contains(&of(class(MentionClass::Preferred))));
    assert!((of(class(MentionClass::InPassing)) - 0.1).abs() < 0.015);
    assert!((of(class(MentionClass::Negated)) - 0.03).abs() < 0.01);
    let decoy = |kind| postings().iter().filter(|p| p.truth.decoys.iter().any(|d| d.kind == kind)).count();
    assert!((of(decoy(DecoyKind::Unsettled)) - 0.01).abs() < 0.004);
    assert!((of(decoy(DecoyKind::OtherSense)) - 0.06).abs() < 0.01);
    assert!((of(decoy(DecoyKind::NearName)) - 0.02).abs() < 0.006);
    assert!((of(postings().iter().filter(|p| p.employer.is_empty()).count()) - 0.06).abs() < 0.01);
}

#[test]
fn what_cannot_be_settled_names_candidates_of_other_fields() {
    let catalogue = market().catalogue().unwrap();
    for posting in postings() {
        for decoy in posting.truth.decoys.iter().filter(|d| d.kind == DecoyKind::Unsettled) {
            assert!(!decoy.certificates.is_empty());
            let of_field = |id| catalogue.get(id).unwrap().soc.iter().any(|link| link.code == posting.truth.soc);
            assert!(!decoy.certificates.iter().any(of_field));
        }
    }
}
