use super::super::decode::tests::gzip;
use super::*;

const GOOD: &str = r#"{"date":"2024-03-15","title":"x"}"#;

/// What becomes of `record` between two good lines.
fn between(record: impl AsRef<[u8]>) -> (Vec<String>, Vec<String>) {
    read("a.ndjson", [GOOD.as_bytes(), b"\n", record.as_ref(), b"\n", GOOD.as_bytes(), b"\n"].concat())
}

fn refused(record: impl AsRef<[u8]>) -> String {
    let record = record.as_ref();
    let (postings, rejects) = between(record);
    assert_eq!((postings.len(), rejects.len()), (2, 1), "{rejects:?}");
    rejects[0].strip_prefix("34 2 expected ").unwrap().to_owned()
}

#[test]
fn broken_text_is_refused_by_name() {
    assert_eq!(refused(b"{\"date\":\"2024-03-15\",\"title\":\"caf\xe9\"}"), "UTF-8 text | the byte 0xE9");
    assert!(refused(b"{\"date\":\"2024-03-15\",\"title\":\"a\0b\"}").starts_with("a JSON object | control character"));
    assert_eq!(refused(r#"{"date":"2024-03-15","title":"a\u0000b"}"#), "text without NUL | a NUL byte");
    assert!(refused(b"\0\0\0").starts_with("a JSON object | "));
    assert!(refused(r#"{"date":"2024-03-15","title":"x""#).starts_with("a JSON object | EOF while parsing an object"));
    assert!(refused(r#"{"date":"2024-03-15","title":"x"}}"#).starts_with("a JSON object | trailing characters"));
    assert!(refused("date,title").starts_with("a JSON object | "));
    assert!(refused("[1,").starts_with("a JSON object or an array of them | "));
}

#[test]
fn days_that_do_not_exist_or_lie_ahead_are_refused() {
    let record = |day: &str| format!(r#"{{"date":{day},"title":"x"}}"#);
    let expected = "a day such as 2024-03-15";
    assert_eq!(refused(record(r#""2023-02-29""#)), format!("{expected} | \"2023-02-29\""));
    assert_eq!(refused(record(r#""15/03/2024""#)), format!("{expected} | \"15/03/2024\""));
    assert_eq!(refused(record("20240315")), format!("{expected} | \"20240315\""));
    assert_eq!(refused(record("null")), "a day of posting | none");
    assert_eq!(refused(record("true")), "a day of posting | none");
    assert_eq!(refused(r#"{"date":"2024-03-15","title":["",null,{"a":1}]}"#), "a title or a text | neither");
    assert_eq!(refused(r#"{"date":"2024-03-15","title":"<p></p>"}"#), "a title or a text | markup without text");
    let settings = Settings { not_after: Some(jiff::civil::date(2024, 3, 14)), ..Settings::lenient() };
    let (_, report) = read_with("a.ndjson", GOOD.as_bytes(), "", &settings).unwrap();
    assert_eq!(rejects(&report), ["0 1 expected a day up to 2024-03-14 | 2024-03-15"]);
    assert_eq!((report.rejects[0].field, report.rejects[0].raw.as_str()), (Some("posted"), GOOD));
}

#[test]
fn a_key_that_stands_there_twice_is_refused() {
    assert_eq!(refused(r#"{"date":"2024-03-15","title":"x","title":"y"}"#), "each key once | \"title\" twice");
    assert_eq!(refused(r#"{"date":"2024-03-15","@graph":[],"@graph":[]}"#), "each key once | \"@graph\" twice");
    // A key that nobody asks for may.
    assert_eq!(between(r#"{"date":"2024-03-15","title":"x","z":1,"z":2}"#).0.len(), 3);
}

#[test]
fn deep_nesting_is_passed_over_or_refused() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let deep = open.repeat(10_000) + "1" + &close.repeat(10_000);
        let ignored = format!(r#"{{"date":"2024-03-15","z":{deep},"title":"x"}}"#);
        assert_eq!(between(&ignored).0.len(), 3);
        let wanted = format!(r#"{{"date":"2024-03-15","title":{deep},"text":"y"}}"#);
        let (postings, rejects) = between(&wanted);
        assert_eq!(postings.len() + rejects.len(), 3);
        let (postings, rejects) = between(&deep);
        assert_eq!((postings.len(), rejects.len()), (2, 1));
        let open_only = open.repeat(10_000);
        assert_eq!(between(&open_only).1.len(), 1);
        assert_eq!(read("a.json", &deep).0.len(), 0);
        assert_eq!(read("a.json", open.repeat(100_000)).0.len(), 0);
    }
}

#[test]
fn marks_carriage_returns_and_blank_lines_are_no_records() {
    let text = format!("\u{feff}\n \t\r\n{GOOD}\r\n\r\n{GOOD}");
    let (postings, rejects) = read("a.ndjson", &text);
    assert_eq!(postings, ["8 2024-03-15 -|-|-|-|-|x|-|-", "45 2024-03-15 -|-|-|-|-|x|-|-"]);
    assert!(rejects.is_empty());
    let table = "\u{feff}\r\ndate,title\r\n\r\n2024-03-15,x\r\n\n2024-03-15,y";
    let (postings, rejects) = read("a.csv", table);
    assert_eq!(postings, ["19 2024-03-15 -|-|-|-|-|x|-|-", "34 2024-03-15 -|-|-|-|-|y|-|-"]);
    assert!(rejects.is_empty());
}

#[test]
fn empty_files_hold_no_records() {
    for name in ["a.ndjson", "a.csv", "a"] {
        for bytes in [b"".as_slice(), b"\n\n", b"\xef\xbb\xbf", b"\r\n"] {
            for packed in [bytes.to_vec(), gzip(bytes)] {
                let (postings, report) = read_with(name, &packed, "", &Settings::lenient()).unwrap();
                assert_eq!((postings.len(), report.read(), report.files[0].bytes), (0, 0, bytes.len() as u64));
                let error = read_with(name, &packed, "", &Settings::default()).unwrap_err().to_string();
                assert_eq!(error, format!("{name} holds no observations"));
            }
        }
    }
}

#[test]
fn an_open_quote_is_refused_where_it_stands() {
    let (postings, rejects) = read("a.csv", "date,title\n2024-03-15,x\n2024-03-15,\"y\n2024-03-15,z\n");
    assert_eq!(postings.len(), 1);
    assert_eq!(rejects, ["24 3 expected a closing quote | the end of the file"]);
}

#[test]
fn rows_of_another_width_are_refused() {
    let (postings, rejects) = read("a.csv", "date,title\n2024-03-15,x\n2024-03-15\n,y\n2024-03-15,\0\n");
    assert_eq!(postings.len(), 1);
    assert_eq!(
        rejects,
        [
            "24 3 expected 2 cells as in the header | 1 cell",
            "35 4 expected a day of posting | none",
            "38 5 expected text without NUL | a NUL byte"
        ]
    );
}

#[test]
fn a_damaged_archive_keeps_what_precedes_the_damage() {
    // Numbers in a scrambled order, so that half of the archive holds about half of the lines.
    let line =
        |i: u64| format!("{{\"date\":\"2024-03-15\",\"title\":\"{}\"}}\n", i.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let text: String = (0..50_000).map(line).collect();
    for packed in [gzip(text.as_bytes()), zstd::encode_all(text.as_bytes(), 3).unwrap()] {
        let cut = &packed[..packed.len() / 2];
        let (postings, report) = read_with("a.ndjson.gz", cut, "", &Settings::lenient()).unwrap();
        assert!(postings.len() > 5_000, "{}", postings.len());
        let fault = report.files[0].fault.as_deref().unwrap();
        assert!(fault.contains("the file ends early: was a download cut short?"), "{fault}");
        assert!(report.rejected() <= 1);
        if let Some(last) = report.rejects.first() {
            assert_eq!(
                (last.reason.as_str(), last.found.as_str()),
                ("expected a whole record", "damage to the file within it")
            );
        }
        assert!(read_with("a.ndjson.gz", cut, "", &Settings::default()).is_err());
    }
}

#[test]
fn long_records_are_refused_without_being_held() {
    let long = format!(r#"{{"date":"2024-03-15","title":"{}"}}"#, "y".repeat(100_000));
    let text = format!("{GOOD}\n{long}\n{GOOD}\n{long}");
    for batch_bytes in [100, 4 << 20] {
        let settings = Settings { batch_bytes, max_record_bytes: 5_000, ..Settings::lenient() };
        let (postings, report) = read_with("a.ndjson", text.as_bytes(), "", &settings).unwrap();
        assert_eq!(postings.len(), 2);
        let reason = "expected a record of at most 5000 bytes | a longer one (is a quote or bracket never closed?)";
        assert_eq!(rejects(&report), [format!("34 2 {reason}"), format!("{} 4 {reason}", 34 + long.len() + 35)]);
        assert_eq!(report.rejects[0].raw, long[..200]);
        let table = format!("date,title\n2024-03-15,\"{}\"\n2024-03-15,x\n", "a\n".repeat(5_000));
        let (postings, report) = read_with("a.csv", table.as_bytes(), "", &settings).unwrap();
        assert_eq!((postings.len(), rejects(&report)), (1, vec![format!("11 2 {reason}")]));
    }
}

#[test]
fn strict_reading_ends_at_the_first_bad_record() {
    let text = format!("{GOOD}\n{GOOD}\nx\n{GOOD}\ny\n");
    for batch_bytes in [1, 4 << 20] {
        let settings = Settings { batch_bytes, ..Settings::default() };
        let error = read_with("a.ndjson", text.as_bytes(), "", &settings).unwrap_err().to_string();
        let expected = "a.ndjson, line 3: expected a JSON object, found expected value (byte 1 of the record) (the record begins at byte 68)";
        assert_eq!(error, expected);
    }
}

#[test]
fn rejects_beyond_the_limit_are_counted_only() {
    let settings = Settings { max_rejects: 3, batch_bytes: 10, ..Settings::lenient() };
    let (_, report) = read_with("a.ndjson", "x\n".repeat(100).as_bytes(), "", &settings).unwrap();
    assert_eq!((report.rejects.len(), report.rejected(), report.rejects[2].offset), (3, 100, 4));
    assert_eq!(report.by_reason["expected a JSON object"], 100);
}

#[test]
fn utf_16_is_named() {
    let (_, report) = read_with("a.csv", b"\xff\xfed\0a\0", "", &Settings::lenient()).unwrap();
    let fault = report.files[0].fault.as_deref();
    assert_eq!(fault, Some("a.csv: expected UTF-8 text, found UTF-16: save the file as UTF-8"));
}
