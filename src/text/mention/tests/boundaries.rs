//! Where matches start and end.

use super::{assert_none, catalog, matcher, wrong};
use crate::key::CertificateId;
use crate::text::{Context, MentionMatcher};

/// The matches of a text, joined by `|`.
fn found(aliases: &[&str], text: &str) -> String {
    let list = aliases.iter().map(|alias| (*alias, CertificateId::new(alias)));
    let matcher = MentionMatcher::from_aliases(list).unwrap();
    let all: Vec<&str> = matcher.matches(text).map(|found| &text[found.span]).collect();
    assert_eq!(matcher.count(text), all.len(), "{text}");
    all.join("|")
}

#[test]
fn matches_keep_to_word_boundaries() {
    let cases: &[(&[&str], &str, &str)] = &[
        // Marks that belong to the name.
        (&["A+"], "A+ and more", "A+"),
        (&["A+"], "A++ and more", ""),
        (&["A+"], "A+b", ""),
        (&["A+"], "An A+, or A+.", "A+|A+"),
        (&["A+"], "a+ in small letters", ""),
        (&["A+"], "AA+ rating", ""),
        (&["C++ Institute"], "the C++ Institute", "C++ Institute"),
        (&["PC"], "PC++", ""),
        (&["PC"], "PC# and PC", "PC"),
        (&["Security+"], "Security+ or security+", "Security+|security+"),
        (&["Security+"], "Security+CE", "Security+"),
        (&["Security+"], "Cybersecurity+", ""),
        (&["Security+", "CompTIA Security+"], "CompTIA Security+ holder", "CompTIA Security+"),
        (&["Security+"], "Security+/Network", "Security+"),
        (&["Security+"], "Security +", ""),
        (&["220-1101"], "exam 220-1101.", "220-1101"),
        (&["220-1101"], "exam 220-11015", ""),
        (&["220-1101"], "exam 1220-1101", ""),
        (&["220-1101"], "exam 220\u{2011}1101", "220\u{2011}1101"),
        // Possessives and plurals.
        (&["CNA"], "CNAs and CNA's and CNA\u{2019}s", "CNAs|CNA's|CNA\u{2019}s"),
        (&["CNA"], "the CNAs' lounge", "CNAs"),
        (&["CNA"], "CNAS", ""),
        (&["CNA"], "CNAst", ""),
        (&["RN license"], "RN licenses", "RN licenses"),
        (&["RN license"], "RN LICENSES", "RN LICENSES"),
        (&["RN license"], "RN licensed", ""),
        (&["RN license"], "RN licence, RN licensure", "RN licence|RN licensure"),
        (
            &["driver's license"],
            "driver\u{2019}s license, drivers license, drivers' license",
            "driver\u{2019}s license|drivers license|drivers' license",
        ),
        // Hyphens, blanks, lines.
        (&["OSHA 10"], "OSHA 10, OSHA-10, OSHA10, osha \u{2013} 10", "OSHA 10|OSHA-10|OSHA10|osha \u{2013} 10"),
        (&["OSHA-10"], "OSHA 10, OSHA10", "OSHA 10|OSHA10"),
        (&["OSHA10"], "OSHA 10, OSHA-10", "OSHA 10|OSHA-10"),
        (&["OSHA 10"], "OSHA 100 and OSHA 10.5 and OSHA 10,000", ""),
        (&["OSHA 10"], "OSHA 10-hour", "OSHA 10"),
        (&["OSHA 10"], "OSHA\u{a0}10 OSHA   10 OSHA\n10", "OSHA\u{a0}10|OSHA   10|OSHA\n10"),
        (&["OSHA 10"], "OSHA\n\n10", ""),
        (&["OSHA 10"], "OSHA\n- 10", ""),
        (&["Home Health Aide"], "home-health aide; home\thealth\r\naide", "home-health aide|home\thealth\r\naide"),
        (&["CPR/First Aid"], "CPR / First Aid and CPR/First-Aid", "CPR / First Aid|CPR/First-Aid"),
        (&["CMA (AAMA)"], "CMA (AAMA), CMA(AAMA), CMA-AAMA", "CMA (AAMA|CMA(AAMA|CMA-AAMA"),
        (&["ServSafe Manager"], "ServSafe\u{ae} Manager", "ServSafe\u{ae} Manager"),
        (&["Food & Beverage card"], "food and beverage card", "food and beverage card"),
        (&["CDL A"], "CDL A and CDL-A", "CDL A|CDL-A"),
        (&["CDL A", "CDL"], "CDL a plus", "CDL"),
        // Periods.
        (&["CNA"], "C.N.A. or C.N.A, or C.N.A.s", "C.N.A.|C.N.A|C.N.A.s"),
        (&["CNA"], "C.N.A.B.", ""),
        (&["CNA"], "Be a CNA. Or not", "CNA"),
        (&["CNA"], "Be a CNA.Then rest", "CNA"),
        // Longer words and other alphabets.
        (&["CNA"], "aCNA, CNA2, _CNA_, 2CNA", ""),
        (&["CNA"], "\u{e9}CNA CNA\u{e9} CNA\u{301} \u{416}CNA", ""),
        (
            &["CNA"],
            "\u{ab}CNA\u{bb} \u{201c}CNA\u{201d} \u{2022}CNA\u{2022} (CNA) [CNA] CNA/RN",
            "CNA|CNA|CNA|CNA|CNA|CNA",
        ),
        (&["CNA"], "non-CNA and CNA-certified", "CNA|CNA"),
        (&["CNA"], "jobs@CNA.org CNA@x www.cna.com", ""),
        (&["\u{c9}lectricien"], "un \u{e9}lectricien, \u{c9}lectricien", "\u{c9}lectricien"),
        // Other case.
        (&["ASE"], "ase Ase aSE ASE", "ASE"),
        (&["PE"], "Pe pe PE", "PE"),
        (&["BLS"], "bls", ""),
        (&["CPhT"], "CPhT CPHT cpht", "CPhT|CPHT"),
        (&["CISSP"], "cissp Cissp", "cissp|Cissp"),
        (&["ServSafe"], "SERVSAFE servsafe", "SERVSAFE|servsafe"),
        // A longer short form.
        (&["CCS"], "CCS-P CCS-P, CCS-H", ""),
        (&["CNA"], "CNA-II", "CNA"),
        (&["BLS"], "vacancy 24-BLS-117", ""),
        (&["BLS"], "BLS-24-117", ""),
        (&["PE"], "R&PE", ""),
        // The longest, and the next longest if the longest is none.
        (&["ASE", "ASE Master", "ASE Master Technician"], "ASE Master Technicians", "ASE Master Technicians"),
        (&["ASE", "ASE Master", "ASE Master Technician"], "ASE Master Techniques", "ASE Master"),
        (&["Firefighter I"], "Firefighter II", ""),
        (&["Firefighter I"], "Firefighter I and II", "Firefighter I"),
        (&["AB CD", "CD EF"], "AB CD EF", "AB CD"),
        (&["abcd", "bc"], "abc bc", "bc"),
    ];
    let wrong = cases.iter().filter_map(|(aliases, text, expected)| wrong(text, &found(aliases, text), expected));
    assert_none(wrong);
}

#[test]
fn bad_aliases_are_named() {
    let message = |alias: &str| MentionMatcher::from_aliases([(alias, "x".into())]).unwrap_err().to_string();
    assert_eq!(message("+plus"), "aliases, column +plus: an alias starts with a letter or a digit");
    assert_eq!(message(" "), "aliases, column  : an alias starts with a letter or a digit");
    assert_eq!(message("C"), "aliases, column C: an alias of one letter is found everywhere");
    assert!(message(&"long ".repeat(40)).contains("at most 160 bytes, this one 199"));
    assert!(MentionMatcher::from_aliases([]).unwrap().mentions("CNA", &Context::default()).is_empty());
}

#[test]
fn every_name_of_the_catalogue_is_found_in_itself() {
    for certificate in catalog().iter() {
        for label in std::iter::once(&certificate.name).chain(&certificate.aliases) {
            let text = format!("the {label} here");
            let covered: usize = matcher().matches(&text).map(|found| found.span.len()).sum();
            assert!(covered + 1 >= label.len(), "{label}: {covered} of {}", label.len());
        }
    }
}
