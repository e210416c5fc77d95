//! Postings of a few lines.

use proptest::prelude::{ProptestConfig, prop, prop_assert, prop_assert_eq, proptest};

use super::*;
use crate::catalog::Catalog;
use crate::ingest::postings::{Mapping, PostingReader, Settings};
use crate::market::DemandCell;
use crate::time::Frequency;

const CATALOG: &str = "[[certificate]]\nid = \"ccna\"\nname = \"CCNA\"\nissuer = \"Cisco\"\nkind = \"certification\"\n\
    soc = [{ code = \"15-1244\", weight = 1.0 }]\n\
    [[certificate]]\nid = \"cissp\"\nname = \"CISSP\"\nissuer = \"ISC2\"\nkind = \"certification\"\n\
    soc = [{ code = \"15-1212\", weight = 1.0 }]\n";

fn extract(lines: &[String], settings: ExtractSettings) -> Extraction {
    let catalog = Catalog::parse("c.toml", CATALOG).unwrap();
    let text = lines.concat();
    let reading = Settings { batch_bytes: 300, ..Settings::lenient() };
    let reader = PostingReader::of_bytes("jobs.ndjson", text.into_bytes(), &Mapping::default(), &reading).unwrap();
    Extractor::new(&catalog, settings).unwrap().run(&reader).unwrap()
}

fn posting(day: &str, employer: &str, region: &str, text: &str, pay: &str) -> String {
    let record = serde_json::json!({
        "posted": day, "employer": employer, "region": region, "text": text, "pay": pay, "soc": "15-1244.00",
    });
    format!("{record}\n")
}

/// A text of its own that asks for CCNA.
fn text(own: &str) -> String {
    let words: Vec<String> = (0..60).map(|i| format!("{own}{i}")).collect();
    format!("CCNA required. {}", words.join(" "))
}

fn cell<'e>(extraction: &'e Extraction, series: &str, region: &str, period: &str) -> &'e DemandCell {
    let is_it = |cell: &&DemandCell| {
        cell.series() == series && cell.region.as_str() == region && cell.period.to_string() == period
    };
    extraction.panel.cells.iter().find(is_it).unwrap()
}

/// An advertisement of `A` seen in January, in February within the window, and in June.
fn seen_thrice() -> Vec<String> {
    let advertisement = text("a");
    ["2024-01-20", "2024-02-10", "2024-06-01"].map(|day| posting(day, "A", "TX", &advertisement, "")).to_vec()
}

#[test]
fn copies_count_as_the_setting_says() {
    let counts = |copies| {
        let extraction = extract(&seen_thrice(), ExtractSettings { copies, ..ExtractSettings::default() });
        let months = ["2024-01", "2024-02", "2024-06"];
        assert_eq!(extraction.report.counted + extraction.report.left_out, 3);
        months.map(|month| {
            let found = extraction.panel.cells.iter().find(|c| c.region.is_nation() && c.period.to_string() == month);
            found.map_or(0, DemandCell::asked)
        })
    };
    assert_eq!(counts(Copies::Keep), [1, 1, 1]);
    assert_eq!(counts(Copies::Appearances), [1, 0, 1]);
    assert_eq!(counts(Copies::Once), [1, 0, 0]);
}

#[test]
fn what_a_record_lacks_its_copies_lend() {
    let (a, b) = (text("a"), text("b"));
    let lines = [
        posting("2024-01-02", "", "", &a, "$50,000 a year"),
        posting("2024-01-05", "Acme, Inc.", "TX", &a, ""),
        posting("2024-01-06", "ACME INC", "Texas", &b, "$20 - $30/hr"),
        posting("2024-01-09", "", "", &text("c"), ""),
    ];
    let extraction = extract(&lines, ExtractSettings::default());
    let report = &extraction.report;
    assert_eq!((report.counted, report.left_out, report.regions_lent, report.employers_lent), (3, 1, 1, 1));
    let texas = cell(&extraction, "ccna", "TX", "2024-01");
    assert_eq!((texas.required, texas.employers, texas.unnamed, texas.hhi), (2, 1, 0, Some(1.0)));
    // $50,000 and 25 x 2,080.
    assert_eq!((texas.paid, texas.pay), (2, Some([50_500.0, 51_000.0, 51_500.0])));
    let nation = cell(&extraction, "ccna", "US", "2024-01");
    assert_eq!((nation.required, nation.employers, nation.unnamed, nation.total), (3, 1, 1, 3));
}

#[test]
fn the_strongest_class_counts_and_each_occupation_has_its_own_series() {
    let lines = [posting("2024-01-02", "A", "TX", "CCNA preferred. No CISSP needed. CCNA is required at the end.", "")];
    let extraction = extract(&lines, ExtractSettings { by_occupation: true, ..ExtractSettings::default() });
    for series in ["ccna", "ccna/15-1244"] {
        let cell = cell(&extraction, series, "TX", "2024-01");
        assert_eq!((cell.required, cell.preferred, cell.total), (1, 0, 1), "{series}");
    }
    assert_eq!(cell(&extraction, "cissp", "US", "2024-01").negated, 1);
}

#[test]
fn records_reconcile_and_empty_months_are_named() {
    let mut lines = seen_thrice();
    lines.insert(1, "{\"posted\":\"2024-02-30\",\"text\":\"x\"}\n".to_owned());
    lines.push("no json\n".to_owned());
    let Extraction { panel, report } = extract(&lines, ExtractSettings::default());
    assert_eq!((report.postings.read(), report.counted, report.left_out, report.postings.rejected()), (5, 2, 1, 2));
    // The February copy is left out, so nothing counts in February.
    assert_eq!(report.empty_periods, ["2024-02", "2024-03", "2024-04", "2024-05"]);
    assert_eq!(panel.vintage.to_string(), "2024-06-02");
    assert!(report.to_string().starts_with("5 records read = 2 postings counted + 1 copies left out + 2 rejected\n"));
}

#[test]
fn a_temporary_file_and_threads_change_nothing() {
    let lines: Vec<String> = (0..400)
        .map(|i| {
            let employer = if i % 7 == 0 { String::new() } else { format!("E{}", i % 13) };
            let region = ["TX", "OH", ""][i % 3];
            posting(
                &format!("2024-{:02}-{:02}", 1 + i % 5, 1 + i % 28),
                &employer,
                region,
                &text(&format!("t{}x", i % 90)),
                "$40k a year",
            )
        })
        .collect();
    let expected = extract(&lines, ExtractSettings::default());
    assert!(expected.report.left_out > 40 && expected.report.employers_lent > 0, "{}", expected.report);
    for threads in [1, 2, 5] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let found = pool.install(|| extract(&lines, ExtractSettings { memory: 0, ..ExtractSettings::default() }));
        assert!(found.report.temporary_bytes > 10_000);
        assert_eq!(found.panel, expected.panel);
        assert_eq!(ExtractReport { temporary_bytes: 0, ..found.report }, expected.report);
    }
}

#[test]
fn settings_outside_their_ranges_are_refused() {
    let catalog = Catalog::parse("c.toml", CATALOG).unwrap();
    let refused = |settings| Extractor::new(&catalog, settings).unwrap_err().to_string();
    let usual = ExtractSettings::default;
    assert!(refused(ExtractSettings { frequency: Frequency::Step, ..usual() }).contains("frequency"));
    assert!(refused(ExtractSettings { memory: usize::MAX, ..usual() }).contains("memory"));
    let vintage = Some(jiff::civil::date(2024, 5, 31));
    let text = seen_thrice().concat();
    let reader = PostingReader::of_bytes("j", text.into_bytes(), &Mapping::default(), &Settings::default()).unwrap();
    let error = Extractor::new(&catalog, ExtractSettings { vintage, ..usual() }).unwrap().run(&reader).unwrap_err();
    assert!(error.to_string().contains("vintage"), "{error}");
}

#[test]
fn nothing_but_rejects_is_an_error() {
    let catalog = Catalog::parse("c.toml", CATALOG).unwrap();
    let reader = PostingReader::of_bytes("j", &b"x\n"[..], &Mapping::default(), &Settings::lenient()).unwrap();
    let error = Extractor::new(&catalog, ExtractSettings::default()).unwrap().run(&reader).unwrap_err();
    assert_eq!(error.to_string(), "the postings (all records were rejected) holds no observations");
}

const PIECES: &str = "(CCNA|CISSP| |\n|-|\u{2022}|\\.|,|:|required|preferred|not|no|entry level|[0-9]{1,3} years of experience|\\$[0-9]{1,7}|/hr|\
    a year|up to|DOE|Requirements|\u{a0}|\u{e9}|\\PC|[a-z]{1,8})";

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases / 4, ..ProptestConfig::default() })]

    #[test]
    fn any_postings_reconcile_and_no_count_exceeds_its_total(
        postings in prop::collection::vec(
            (prop::collection::vec(PIECES, 0..25), 0_usize..4, ".{0,4}", "[A-Z]{0,2}|.{0,3}", 1_u8..29),
            1..12,
        ),
        copies in prop::sample::select(vec![Copies::Keep, Copies::Appearances, Copies::Once]),
        memory in prop::sample::select(vec![0, 64 << 20]),
    ) {
        // One that is never rejected, as those are that hold the character zero.
        let sure = posting("2024-01-01", "E", "TX", "words", "");
        let lines: Vec<String> = std::iter::once(sure).chain(postings
            .iter()
            .map(|(text, pay, employer, region, day)| {
                let pay = ["", "$20/hr", "$50k - $60k", "150000/hr"][*pay];
                posting(&format!("2024-01-{day:02}"), employer, region, &format!("x{}", text.concat()), pay)
            }))
            .collect();
        let settings = ExtractSettings { copies, memory, by_occupation: true, ..ExtractSettings::default() };
        let Extraction { panel, report } = extract(&lines, settings);
        prop_assert_eq!(report.postings.read(), lines.len() as u64);
        prop_assert_eq!(report.counted + report.left_out + report.postings.rejected(), report.postings.read());
        prop_assert!(report.left_out == 0 || copies != Copies::Keep);
        for cell in &panel.cells {
            prop_assert!(cell.required + cell.preferred + cell.mentioned + cell.negated <= cell.total);
            prop_assert!(cell.total <= report.counted && cell.employers + cell.unnamed <= cell.asked());
            prop_assert!(cell.entry <= cell.entry_known && cell.entry_known <= cell.asked() && cell.paid <= cell.asked());
            prop_assert!(cell.hhi.is_none_or(|hhi| hhi > 0.0 && hhi <= 1.0 + 1e-12));
            prop_assert!(cell.pay.is_none_or(|[low, middle, high]| 0.0 < low && low <= middle && middle <= high));
        }
    }
}
