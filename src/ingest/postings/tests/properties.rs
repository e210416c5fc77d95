use std::sync::OnceLock;

use proptest::prelude::*;
use rayon::ThreadPool;

use super::super::decode::tests::gzip;
use super::super::{Format, reject};
use super::*;

fn pool(threads: usize) -> &'static ThreadPool {
    static POOLS: OnceLock<[ThreadPool; 2]> = OnceLock::new();
    let build = |n| rayon::ThreadPoolBuilder::new().num_threads(n).build().unwrap();
    let pools = POOLS.get_or_init(|| [build(1), build(8)]);
    &pools[usize::from(threads > 1)]
}

/// Bytes in which records, halves of records and any bytes follow each other.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        6 => Just(b"{\"date\":\"2024-03-15\",\"title\":\"x\"}\n".to_vec()),
        3 => Just(b"2024-03-15,x\n".to_vec()),
        1 => Just(b"{\"@graph\":[{\"date\":\"2024-03-15\",\"title\":\"x\"}, {}]}\n".to_vec()),
        1 => Just(b"[{\"date\":\"2024-03-15\",\"title\":\"x\"},\n".to_vec()),
        2 => Just(b"\n".to_vec()),
        2 => Just(b"\r\n".to_vec()),
        1 => Just(b"\"".to_vec()),
        1 => Just(b"{".to_vec()),
        1 => Just(b"\xef\xbb\xbf".to_vec()),
        1 => (1_usize..3_000).prop_map(|n| b"y".repeat(n)),
        2 => "[{}\\[\\]\",:\\\\ a\r\n]{0,20}".prop_map(String::into_bytes),
        2 => proptest::collection::vec(any::<u8>(), 0..20),
    ];
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

fn check(format: Format, text: &[u8], packed: &[u8]) -> Result<(), TestCaseError> {
    let settings = |batch_bytes| Settings {
        format: Some(format),
        batch_bytes,
        max_record_bytes: 1_000,
        in_flight: Some(4),
        ..Settings::lenient()
    };
    let (postings, report) = read_with("a", packed, "", &settings(4 << 20)).unwrap();
    for (threads, batch_bytes) in [(1, 4 << 20), (8, 4 << 20), (1, 100), (8, 100), (8, 1)] {
        let other = pool(threads).install(|| read_with("a", packed, "", &settings(batch_bytes))).unwrap();
        prop_assert_eq!(&postings, &other.0, "{} threads, {} bytes", threads, batch_bytes);
        prop_assert_eq!(&report, &other.1, "{} threads, {} bytes", threads, batch_bytes);
    }
    let reader = PostingReader::of_bytes("a", packed, &Mapping::default(), &settings(100)).unwrap();
    let mut here = Vec::new();
    let here_report = reader
        .for_each_batch(|batch| {
            here.extend(shown(&batch));
            Ok(())
        })
        .unwrap();
    prop_assert_eq!(&postings, &here);
    prop_assert_eq!(&report, &here_report);
    let offsets = postings.iter().map(|line| line.split(' ').next().unwrap().parse::<usize>().unwrap());
    for offset in offsets.chain(report.rejects.iter().map(|r| usize::try_from(r.offset).unwrap())) {
        let begins = match format {
            Format::Csv => matches!(text[..offset].last(), Some(b'\n' | b'\r')),
            _ => matches!(
                text[..offset].last(),
                None | Some(b'\n' | b'\r' | b',' | b'[' | b' ' | b'\t' | 0xbf | b']' | b':' | b'}' | b'"')
            ),
        };
        prop_assert!(begins, "{}", offset);
    }
    for reject in &report.rejects {
        let there = reject::head(&text[usize::try_from(reject.offset).unwrap()..]);
        let same = reject.raw.chars().zip(there.chars()).take_while(|(a, _)| *a != '\u{fffd}').all(|(a, b)| a == b);
        prop_assert!(same, "{:?} {:?}", reject.raw, there);
        let line = text[..usize::try_from(reject.offset).unwrap()].iter().filter(|&&b| b == b'\n').count() as u64 + 1;
        prop_assert_eq!(reject.line, Some(line));
    }
    Ok(())
}

proptest! {
    // Half of the usual number, or of PROPTEST_CASES.
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases / 2, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_as_json_reconcile_whatever_threads_and_batches(text in bytes()) {
        check(Format::Json, &text, &text)?;
        check(Format::Json, &text, &gzip(&text))?;
    }

    #[test]
    fn any_bytes_as_csv_reconcile_whatever_threads_and_batches(rest in bytes()) {
        let text = [b"date,title\n".as_slice(), &rest].concat();
        check(Format::Csv, &text, &text)?;
        check(Format::Csv, &text, &gzip(&text))?;
    }

    #[test]
    fn damaged_archives_reconcile(text in bytes(), cut in 0.0..1.0_f64, flip in any::<(proptest::sample::Index, u8)>()) {
        for mut packed in [gzip(&text), zstd::encode_all(text.as_slice(), 1).unwrap()] {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a length")]
            packed.truncate((packed.len() as f64 * cut) as usize + 1);
            let at = flip.0.index(packed.len());
            packed[at] ^= flip.1;
            for format in [Format::Json, Format::Csv] {
                let settings = |batch_bytes| Settings { format: Some(format), batch_bytes, ..Settings::lenient() };
                let whole = read_with("a", &packed, "", &settings(4 << 20)).unwrap();
                let small = read_with("a", &packed, "", &settings(50)).unwrap();
                prop_assert_eq!(whole, small);
            }
        }
    }

    #[test]
    fn any_text_as_a_mapping_is_read_or_refused(text in "[a-z=\\[\\]\"\\.\n{}%0-9 ]{0,80}") {
        let _ = Mapping::parse("map.toml", &text);
    }

    #[test]
    fn any_markup_becomes_text(text in "[<>/a-z&;#!\\- \"=\n]{0,200}") {
        let plain = super::super::html::to_text(&text);
        prop_assert!(plain.len() <= text.len());
    }
}
