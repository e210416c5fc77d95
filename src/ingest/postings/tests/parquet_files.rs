use std::sync::Arc;

use ::parquet::data_type::{ByteArray, ByteArrayType, Int32Type};
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::SerializedFileWriter;
use ::parquet::schema::parser::parse_message_type;

use super::*;

const SCHEMA: &str = "message postings {
    OPTIONAL BYTE_ARRAY title (UTF8);
    REQUIRED INT32 date_posted (DATE);
    OPTIONAL group hiringOrganization { OPTIONAL BYTE_ARRAY name (UTF8); }
    OPTIONAL group tags (LIST) { REPEATED group list { OPTIONAL BYTE_ARRAY element (UTF8); } }
}";

/// `groups` row groups of `rows` rows; titles are numbered, every third is null.
fn file(groups: usize, rows: usize) -> Vec<u8> {
    let schema = Arc::new(parse_message_type(SCHEMA).unwrap());
    let mut bytes = Vec::new();
    let mut writer =
        SerializedFileWriter::new(&mut bytes, schema, Arc::new(WriterProperties::builder().build())).unwrap();
    for group in 0..groups {
        let mut group_writer = writer.next_row_group().unwrap();
        let numbers: Vec<usize> = (group * rows..(group + 1) * rows).collect();
        let mut columns = 0;
        while let Some(mut column) = group_writer.next_column().unwrap() {
            let text = |text: String| ByteArray::from(text.into_bytes());
            match columns {
                0 => {
                    let there: Vec<ByteArray> =
                        numbers.iter().filter(|n| *n % 3 != 0).map(|n| text(format!("t{n}"))).collect();
                    let levels: Vec<i16> = numbers.iter().map(|n| i16::from(n % 3 != 0)).collect();
                    column.typed::<ByteArrayType>().write_batch(&there, Some(&levels), None).unwrap();
                }
                1 => {
                    // 19,797 days after 1970-01-01 is 2024-03-15 (GNU date -d '1970-01-01 +19797 days').
                    column.typed::<Int32Type>().write_batch(&vec![19_797; rows], None, None).unwrap();
                }
                2 => {
                    let names = vec![text("Acme".to_owned()); rows];
                    column.typed::<ByteArrayType>().write_batch(&names, Some(&vec![2; rows]), None).unwrap();
                }
                _ => {
                    let (absent, first) = (vec![0; rows], vec![0; rows]);
                    column.typed::<ByteArrayType>().write_batch(&[], Some(&absent), Some(&first)).unwrap();
                }
            }
            column.close().unwrap();
            columns += 1;
        }
        group_writer.close().unwrap();
    }
    writer.close().unwrap();
    bytes
}

#[test]
fn row_groups_are_read_in_order_in_pieces_of_any_size() {
    let bytes = file(4, 50);
    let whole = read_with("a.parquet", &bytes, "", &Settings::lenient()).unwrap();
    assert_eq!(whole.0.len(), 133);
    assert_eq!(whole.0[0], "1 2024-03-15 -|Acme|-|-|-|t1|-|-");
    assert_eq!(whole.0.last().unwrap(), "199 2024-03-15 -|Acme|-|-|-|t199|-|-");
    assert_eq!(rejects(&whole.1)[1], "3 - expected a title or a text | neither");
    assert_eq!(whole.1.rejects[1].raw, "2024-03-15,Acme,");
    for batch_bytes in [1, 100] {
        let settings = Settings { batch_bytes, in_flight: Some(2), ..Settings::lenient() };
        assert_eq!(read_with("a.parquet", &bytes, "", &settings).unwrap(), whole);
    }
    let packed = super::super::decode::tests::gzip(&bytes);
    assert_eq!(read_with("a", &packed, "", &Settings::lenient()).unwrap().0, whole.0);
    let root = tempfile::tempdir().unwrap();
    std::fs::write(root.path().join("a.parquet"), &bytes).unwrap();
    let reader = PostingReader::open(&[root.path()], &Mapping::default(), &Settings::lenient()).unwrap();
    let mut postings = Vec::new();
    reader
        .fold(
            |batch| shown(&batch),
            |part| {
                postings.extend(part);
                Ok(())
            },
        )
        .unwrap();
    assert_eq!(postings, whole.0);
}

#[test]
fn strict_errors_name_row_and_field() {
    let error = read_with("a.parquet", &file(1, 5), "", &Settings::default()).unwrap_err().to_string();
    assert_eq!(error, "a.parquet, line 1: expected a title or a text, found neither");
    let settings = Settings { not_after: Some(jiff::civil::date(2020, 1, 1)), ..Settings::default() };
    let error = read_with("a.parquet", &file(1, 5), "", &settings).unwrap_err().to_string();
    assert_eq!(error, "a.parquet, line 1, column posted: expected a day up to 2020-01-01, found 2024-03-15");
}

#[test]
fn columns_that_cannot_be_read_are_named() {
    let mapping = "[fields]\nid = \"tags\"\n";
    let error = read_with("a.parquet", &file(1, 5), mapping, &Settings::default()).unwrap_err().to_string();
    assert!(error.contains("tags.list.element (not text, number or date)"), "{error}");
}

#[test]
fn damaged_parquet_files_never_panic() {
    let bytes = file(2, 20);
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x55;
        let _ = read_with("a.parquet", &damaged, "", &Settings::lenient());
    }
    for length in (0..bytes.len()).step_by(7) {
        let _ = read_with("a.parquet", &bytes[..length], "", &Settings::lenient());
    }
}
