use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::super::decode::tests::gzip;
use super::*;
use crate::error::{DataError, Error};

#[test]
fn a_folder_of_mixed_files_is_read_in_order_and_reported() {
    let root = tempfile::tempdir().unwrap();
    let at = |name: &str| root.path().join(name);
    fs::create_dir(at("2024")).unwrap();
    fs::write(at("2024/a.csv.gz"), gzip(b"date,title\n2024-03-15,one\n")).unwrap();
    fs::write(
        at("b.ndjson"),
        zstd::encode_all(b"{\"date\":\"2024-03-15\",\"title\":\"two\"}\n".as_slice(), 1).unwrap(),
    )
    .unwrap();
    fs::write(at("c.csv"), "a,b\n1,2\n").unwrap();
    fs::write(at("README"), "x").unwrap();
    let reader = PostingReader::open(&[root.path()], &Mapping::default(), &Settings::lenient()).unwrap();
    let mut postings = Vec::new();
    let report = reader
        .fold(
            |batch| shown(&batch),
            |part| {
                postings.extend(part);
                Ok(())
            },
        )
        .unwrap();
    assert_eq!(postings, ["11 2024-03-15 -|-|-|-|-|one|-|-", "0 2024-03-15 -|-|-|-|-|two|-|-"]);
    assert_eq!(report.left_out, [(at("README"), "not named as a posting file".to_owned())]);
    let folder = root.path().display().to_string();
    let text = report.to_string().replace(&folder, "F");
    let expected = "2 records read, 2 used, 0 rejected\n  \
        F/2024/a.csv.gz (CSV, gzip): 1 read, 1 used, 0 rejected\n    \
        posted from date (1 postings)\n    title from title (1 postings)\n  \
        F/b.ndjson (JSON, zstd): 1 read, 1 used, 0 rejected\n    \
        posted from date (1 postings)\n    title from title (1 postings)\n  \
        F/c.csv (not opened, plain): 0 read, 0 used, 0 rejected; F/c.csv, line 1: expected a column for the day of \
        posting, such as posted, date_posted or date, found the columns a, b\n  \
        left out: F/README: not named as a posting file";
    assert_eq!(text, expected);
}

fn many(lines: usize) -> Vec<u8> {
    (0..lines).map(|i| format!("{{\"date\":\"2024-03-15\",\"title\":\"{i}\"}}\n")).collect::<String>().into_bytes()
}

fn small() -> Settings {
    Settings { batch_bytes: 100, in_flight: Some(3), ..Settings::default() }
}

#[test]
fn an_error_of_the_caller_ends_the_reading() {
    let reader = PostingReader::of_bytes("a.ndjson", many(10_000), &Mapping::default(), &small()).unwrap();
    let mut taken = 0;
    let stop = || Error::from(DataError::Empty { what: "enough".into() });
    let result = reader.fold(
        |_| (),
        |()| {
            taken += 1;
            if taken == 5 { Err(stop()) } else { Ok(()) }
        },
    );
    assert_eq!((result.unwrap_err().to_string().as_str(), taken), ("enough holds no observations", 5));
    let mut batches = 0;
    let result = reader.for_each_batch(|_| {
        batches += 1;
        if batches == 5 { Err(stop()) } else { Ok(()) }
    });
    assert!(result.is_err() && batches == 5);
}

#[test]
fn a_panic_of_the_caller_reaches_the_caller() {
    let reader = PostingReader::of_bytes("a.ndjson", many(1_000), &Mapping::default(), &small()).unwrap();
    let caught = std::panic::catch_unwind(|| {
        reader.fold(|batch| assert!(batch.postings[0].offset < 5_000, "too far"), |()| Ok(()))
    });
    assert!(caught.is_err());
}

#[test]
fn no_more_batches_are_alive_than_allowed() {
    struct Alive<'a>(&'a AtomicUsize);
    impl Drop for Alive<'_> {
        fn drop(&mut self) {
            self.0.fetch_sub(1, Ordering::SeqCst);
        }
    }
    let (alive, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let reader = PostingReader::of_bytes("a.ndjson", many(5_000), &Mapping::default(), &small()).unwrap();
    reader
        .fold(
            |_| {
                most.fetch_max(alive.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                Alive(&alive)
            },
            |held| {
                drop(held);
                Ok(())
            },
        )
        .unwrap();
    assert!(most.load(Ordering::SeqCst) <= 3);
}

#[test]
fn settings_out_of_range_are_refused() {
    for settings in [
        Settings { batch_bytes: 0, ..Settings::default() },
        Settings { max_record_bytes: 0, ..Settings::default() },
        Settings { batch_bytes: usize::MAX, ..Settings::default() },
        Settings { in_flight: Some(1), ..Settings::default() },
    ] {
        assert!(PostingReader::of_bytes("a", b"".as_slice(), &Mapping::default(), &settings).is_err());
    }
}
