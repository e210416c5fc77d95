//! Bad input: every message is read by a person with a broken file, so each is held here word for word. And no bytes
//! whatever make a reader panic.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests may do what tests may")]

use std::io::Write;

use credcast::ingest::{
    LongLayout, Mode, PostingsKind, ReadOptions, SocBasis, Source, check, kind_of, read_indeed_postings, read_job_sdf,
    read_long, read_m4, read_oews, read_oews_years, read_parquet, read_posted_wages, read_scorecard,
};
use credcast::panel::GapPolicy;
use insta::assert_snapshot;
use proptest::prelude::*;

fn long_with(bytes: impl AsRef<[u8]>, layout: &LongLayout) -> String {
    let source = Source::bytes("postings.csv", bytes.as_ref().to_vec());
    read_long(&source, layout).map_or_else(|e| e.to_string(), |(_, report)| report.to_string())
}

fn long(bytes: impl AsRef<[u8]>) -> String {
    long_with(bytes, &LongLayout::default())
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn text(rows: usize) -> String {
    let mut text = "unique_id,ds,y\n".to_owned();
    for row in 0..rows {
        text.push_str(&format!("series {row},2024-01,{}\n", row * 7919 % 1000));
    }
    text
}

#[test]
fn an_empty_file_and_a_header_alone() {
    assert_snapshot!(long(""), @"postings.csv holds no observations");
    assert_snapshot!(long("\n\n"), @"postings.csv holds no observations");
    assert_snapshot!(long("unique_id,ds,y\n"), @"postings.csv holds no observations");
}

#[test]
fn one_row_is_fine() {
    assert_snapshot!(long("unique_id,ds,y\na,2024-01,1\n"), @r"
    1 rows read, 1 used, 0 rejected, 0 gaps
      frequency monthly, inferred from column ds
    ");
}

#[test]
fn a_wrong_column_and_no_measure() {
    assert_snapshot!(
        long("id,ds,y\na,2024-01,1\n"),
        @"postings.csv, line 1: expected a column unique_id, found the columns id, ds, y"
    );
    assert_snapshot!(
        long("unique_id,ds,label\na,2024-01,x\n"),
        @"postings.csv, line 1: expected at least one column of numbers, found none"
    );
    assert_snapshot!(
        long("unique_id,ds,y,y\na,2024-01,1,2\n"),
        @r#"postings.csv, line 1: expected column names that differ, found "y" twice"#
    );
}

#[test]
fn text_where_a_number_should_be() {
    assert_snapshot!(
        long("unique_id,ds,y\na,2024-01,1\na,2024-02,twelve\n"),
        @r#"postings.csv, line 3, column y: expected a number, found "twelve""#
    );
    assert_snapshot!(
        long("unique_id,ds,y\na,2024-01,\"1,234\"\n"),
        @r#"postings.csv, line 2, column y: expected a number, found "1,234""#
    );
    assert_snapshot!(
        long("unique_id,ds,y\n,2024-01,1\n"),
        @"postings.csv, line 2, column unique_id: expected the name of a series, found an empty cell"
    );
}

#[test]
fn numbers_too_large_to_square_and_infinities() {
    assert_snapshot!(
        long("unique_id,ds,y\na,2024-01,1e308\n"),
        @r#"postings.csv, line 2, column y: expected a number up to 1e300 in size (squares of larger ones overflow), found "1e308""#
    );
    assert_snapshot!(
        long("unique_id,ds,y\na,2024-01,inf\n"),
        @r#"postings.csv, line 2, column y: expected a finite number, found "inf""#
    );
}

#[test]
fn nan_is_missing_where_the_layout_has_missing_values_and_an_error_elsewhere() {
    assert_snapshot!(long("unique_id,ds,y\na,2024-01,NaN\na,2024-02,1\n"), @r"
    2 rows read, 2 used, 0 rejected, 0 gaps
      frequency monthly, inferred from column ds
      1 missing values in column y
    ");
    let counts = Source::bytes("r0.csv", b"r0_id,skill_id,2021-01\n1,2,NaN\n");
    assert_snapshot!(
        read_job_sdf(&counts, &ReadOptions::default()).unwrap_err(),
        @r#"r0.csv, line 2, column 2021-01: expected a number, found "NaN""#
    );
}

#[test]
fn the_same_key_and_period_twice() {
    assert_snapshot!(
        long("unique_id,ds,y\na,2024-01,1\nb,2024-01,1\na,2024-01,2\n"),
        @"series a has two values for 2024-01 (postings.csv, line 4, column ds)"
    );
}

#[test]
fn a_gap_is_refused_unless_allowed() {
    let gap = "unique_id,ds,y\na,2024-01,1\na,2024-04,1\n";
    assert_snapshot!(long(gap), @"series a has a gap: 2024-02 expected, found 2024-04");
    let options = ReadOptions { gaps: GapPolicy::Missing, ..ReadOptions::default() };
    assert_snapshot!(long_with(gap, &LongLayout { options, ..LongLayout::default() }), @r"
    2 rows read, 2 used, 0 rejected, 1 gaps
      frequency monthly, inferred from column ds
    ");
}

#[test]
fn dates_of_the_future_dates_that_are_none_and_mistyped_years() {
    let options = ReadOptions { not_after: Some(jiff::civil::date(2026, 11, 23)), ..ReadOptions::default() };
    let layout = LongLayout { options, ..LongLayout::default() };
    assert_snapshot!(
        long_with("unique_id,ds,y\na,2026-11,1\na,2026-12,1\n", &layout),
        @r#"postings.csv, line 3, column ds: expected a date up to 2026-11-23, found "2026-12""#
    );
    assert_snapshot!(
        long("unique_id,ds,y\na,2023-02-29,1\n"),
        @r#"postings.csv, line 2, column ds: expected a period such as 2024, 2024-03, 2024-03-15, 2024-Q1 or 2024-W11, found "2023-02-29""#
    );
    assert_snapshot!(
        long("unique_id,ds,y\na,2024-01,1\na,2024,1\n"),
        @r#"postings.csv, line 3, column ds: expected a month such as 2024-03, found "2024""#
    );
    assert_snapshot!(
        long("unique_id,ds,y\na,2024-01-02,1\na,2924-01-03,1\n"),
        @"series a spans 328720 periods (2024-01-02 to 2924-01-03); at most 200000 are allowed: is a date mistyped?"
    );
}

#[test]
fn other_encodings() {
    assert_snapshot!(
        long(b"unique_id,ds,y\nM\xe9decin,2024-01,1\n"),
        @"postings.csv, line 2, column 2: expected UTF-8 text, found the byte 0xE9: save the file as UTF-8 (it may be Latin-1 or Windows-1252)"
    );
    let wide: Vec<u8> = "unique_id,ds,y\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_snapshot!(
        long([b"\xff\xfe".to_vec(), wide.clone()].concat()),
        @"postings.csv: expected UTF-8 text, found UTF-16 (byte order mark FF FE)"
    );
    assert_snapshot!(long(wide), @"postings.csv: expected UTF-8 text, found UTF-16 (little-endian, no byte order mark)");
    assert_snapshot!(long(b"\xef\xbb\xbfunique_id,ds,y\r\na,2024-01,1\r\n"), @r"
    1 rows read, 1 used, 0 rejected, 0 gaps
      frequency monthly, inferred from column ds
    ");
}

#[test]
fn ragged_rows_and_open_quotes() {
    assert_snapshot!(
        long("unique_id,ds,y\na,2024-01,1\na,2024-02\n"),
        @"postings.csv, line 3: expected 3 cells as in the header, found 2 cells"
    );
    assert_snapshot!(
        long("unique_id,ds,y\r\n\r\na,2024-01,1,9\r\n"),
        @"postings.csv, line 3: expected 3 cells as in the header, found 4 cells"
    );
    assert_snapshot!(
        long("unique_id,ds,y\n\"a,2024-01,1\na,2024-02,1\n"),
        @"postings.csv, line 2: expected a closing quote, found the end of the file"
    );
}

#[test]
fn compressed_files_that_end_early() {
    let packed = gzip(text(1000).as_bytes());
    assert_snapshot!(
        long(&packed[..packed.len() / 2]),
        @"postings.csv: not a readable gzip file: the file ends early: was a download cut short?"
    );
    // Without its last four bytes the data are whole, the length that proves it is not.
    assert_snapshot!(
        long(&packed[..packed.len() - 4]),
        @"postings.csv: not a readable gzip file: the file ends early: was a download cut short?"
    );
    let packed = zstd::encode_all(text(1000).as_bytes(), 3).unwrap();
    assert_snapshot!(
        long(&packed[..packed.len() / 2]),
        @"postings.csv: not a readable zstd file: the file ends early: was a download cut short?"
    );
    let mut packed = gzip(text(1000).as_bytes());
    let last = packed.len() - 6;
    packed[last] ^= 1;
    assert_snapshot!(long(packed), @"postings.csv: not a readable gzip file: corrupt gzip stream does not have a matching checksum");
}

#[test]
fn folders_and_missing_files() {
    let folder = tempfile::tempdir().unwrap();
    let message = |path: &std::path::Path| {
        let error = read_long(&Source::path(path), &LongLayout::default()).unwrap_err().to_string();
        error.replace(&folder.path().display().to_string(), "FOLDER")
    };
    assert_snapshot!(message(folder.path()), @"FOLDER: is a folder, expected a file");
    assert_snapshot!(message(&folder.path().join("none.csv")), @"FOLDER/none.csv: there is no such file");
}

#[test]
fn bad_rows_are_collected_in_lenient_mode() {
    let layout = LongLayout { options: ReadOptions::lenient(), ..LongLayout::default() };
    let bytes = b"unique_id,ds,y\na,2024-01,1\na,2024-02,x\na,2024-03\na,2024-01,5\n,2024-04,1\na,2024-05,1e305\n";
    assert_snapshot!(long_with(bytes, &layout), @r"
    6 rows read, 1 used, 5 rejected, 0 gaps
      1 rejected: expected 3 cells as in the header
      1 rejected: expected a number
      1 rejected: expected a number up to 1e300 in size (squares of larger ones overflow)
      1 rejected: expected one value per series and period
      1 rejected: expected the name of a series
      frequency monthly, inferred from column ds
    ");
    let (_, report) = read_long(&Source::bytes("p.csv", bytes), &layout).unwrap();
    assert_snapshot!(String::from_utf8(report.rejects.to_csv()).unwrap(), @r#"
    file,line,column,reason,found,raw
    p.csv,3,y,expected a number,"""x""","a,2024-02,x"
    p.csv,4,,expected 3 cells as in the header,2 cells,"a,2024-03"
    p.csv,5,ds,expected one value per series and period,a at 2024-01 again,"a,2024-01,5"
    p.csv,6,unique_id,expected the name of a series,an empty cell,",2024-04,1"
    p.csv,7,y,expected a number up to 1e300 in size (squares of larger ones overflow),"""1e305""","a,2024-05,1e305"
    "#);
}

#[test]
#[cfg(not(feature = "parquet"))]
fn parquet_without_its_feature() {
    assert_snapshot!(long(b"PAR1xxxx"), @"postings.csv: reading Parquet needs the cargo feature `parquet`");
}

#[test]
#[cfg(not(feature = "xlsx"))]
fn workbooks_without_their_feature() {
    assert_snapshot!(long(b"PK\x03\x04xxxx"), @"postings.csv: reading XLSX needs the cargo feature `xlsx`");
}

#[cfg(feature = "parquet")]
mod parquet_files {
    use std::sync::Arc;

    use credcast::ingest::Column;
    use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DoubleType, Int32Type, Int64Type};
    use parquet::file::properties::WriterProperties;
    use parquet::file::writer::SerializedFileWriter;
    use parquet::schema::parser::parse_message_type;

    use super::*;

    /// Four rows of every kind of column that is read; the second row is null where it may be.
    fn sample() -> Vec<u8> {
        let schema = "message m {
            required binary unique_id (utf8);
            required int32 ds (date);
            optional double y;
            optional int64 at (timestamp_millis);
            required int32 small;
            required boolean flag;
        }";
        let schema = Arc::new(parse_message_type(schema).unwrap());
        let mut bytes = Vec::new();
        let mut writer =
            SerializedFileWriter::new(&mut bytes, schema, Arc::new(WriterProperties::builder().build())).unwrap();
        let mut group = writer.next_row_group().unwrap();
        let present = [1_i16, 0, 1, 1];
        let ids: Vec<ByteArray> = ["a", "a", "a", "b"].map(ByteArray::from).to_vec();
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<ByteArrayType>().write_batch(&ids, None, None).unwrap();
        column.close().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        // 2024-01-01 is day 19 723 since 1970.
        column.typed::<Int32Type>().write_batch(&[19_723, 19_724, 19_725, 19_723], None, None).unwrap();
        column.close().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<DoubleType>().write_batch(&[0.1, 0.3, 0.4], Some(&present), None).unwrap();
        column.close().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<Int64Type>().write_batch(&[-1, 0, 1_704_067_200_500], Some(&present), None).unwrap();
        column.close().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<Int32Type>().write_batch(&[-1, 2, 3, 4], None, None).unwrap();
        column.close().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<BoolType>().write_batch(&[true, false, true, false], None, None).unwrap();
        column.close().unwrap();
        group.close().unwrap();
        writer.close().unwrap();
        bytes
    }

    #[test]
    fn columns_are_typed_and_keep_nulls() {
        let table = read_parquet(&Source::bytes("x.parquet", sample())).unwrap();
        assert_eq!(table.column("y").unwrap(), &Column::Real(vec![Some(0.1), None, Some(0.3), Some(0.4)]));
        assert_eq!(table.column("small").unwrap(), &Column::Int(vec![Some(-1), Some(2), Some(3), Some(4)]));
        let Column::Timestamp(at) = table.column("at").unwrap() else { panic!("not timestamps") };
        let shown: Vec<String> = at.iter().flatten().map(ToString::to_string).collect();
        assert_eq!(shown, ["1969-12-31T23:59:59.999", "1970-01-01T00:00:00", "2024-01-01T00:00:00.5"]);
        let Column::Date(days) = table.column("ds").unwrap() else { panic!("not days") };
        assert_eq!(days[0].unwrap().to_string(), "2024-01-01");
    }

    #[test]
    fn a_parquet_file_named_csv_is_read_as_what_it_is_where_both_will_do() {
        assert_snapshot!(long(sample()), @r"
        4 rows read, 4 used, 0 rejected, 0 gaps
          the name says CSV, the bytes are Parquet: read as Parquet
          column at holds no numbers and was left out
          column flag holds no numbers and was left out
          frequency daily, inferred from column ds
          1 missing values in column y
        ");
        let source = Source::bytes("Weekly-train.csv", sample());
        assert_snapshot!(
            read_m4(&source, &source, &ReadOptions::default()).unwrap_err(),
            @"Weekly-train.csv: not a readable CSV file: its bytes are those of a Parquet file"
        );
    }

    #[test]
    fn truncated_parquet_files() {
        let bytes = sample();
        let read = |length: usize| read_parquet(&Source::bytes("x.parquet", bytes[..length].to_vec())).unwrap_err();
        assert_snapshot!(read(bytes.len() / 2), @"x.parquet: not a readable Parquet file: Invalid Parquet file. Corrupt footer");
        assert_snapshot!(read(5), @"x.parquet: not a readable Parquet file: Parquet file too small. Size is 5 but need 8");
        for length in 0..bytes.len() {
            read(length);
        }
    }

    #[test]
    fn nested_columns_are_refused_by_name() {
        let schema =
            "message m { required group tags (LIST) { repeated group list { optional binary element (utf8); } } }";
        let schema = Arc::new(parse_message_type(schema).unwrap());
        let mut bytes = Vec::new();
        let writer =
            SerializedFileWriter::new(&mut bytes, schema, Arc::new(WriterProperties::builder().build())).unwrap();
        writer.close().unwrap();
        assert_snapshot!(
            read_parquet(&Source::bytes("x.parquet", bytes)).unwrap_err(),
            @"x.parquet, column tags.list.element: expected a column of numbers, booleans, text, dates or timestamps, found a nested column"
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn damaged_parquet_files_never_panic(
            hits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
            from_the_end in any::<bool>(),
        ) {
            let mut bytes = sample();
            let n = bytes.len();
            for (at, byte) in hits {
                // The footer steers the reader: half of the cases damage it alone.
                let index = if from_the_end { n - 1 - at.index(n / 2) } else { at.index(n) };
                bytes[index] = byte;
            }
            every_reader(&bytes);
        }
    }
}

/// Hands `bytes` to every reader; what comes of it does not matter.
fn every_reader(bytes: &[u8]) {
    let source = Source::bytes("oews-2024.csv", bytes.to_vec());
    for options in [ReadOptions::default(), ReadOptions::lenient()] {
        let _ = read_long(&source, &LongLayout { options: options.clone(), ..LongLayout::default() });
        let _ = read_m4(&source, &source, &options);
        let _ = read_job_sdf(&source, &options);
        let _ = read_indeed_postings(&source, PostingsKind::New, &options);
        let _ = read_posted_wages(&source, &options);
        let _ = read_oews(&source, None, options.mode);
        let _ = read_oews_years(std::slice::from_ref(&source), SocBasis::Comparable, &options);
        let _ = read_scorecard(&source, Mode::Lenient);
    }
    let _ = read_parquet(&source);
    let _ = kind_of(&source);
    let _ = check(&source);
}

/// Header lines that take random rows past the first check of each reader.
const HEADERS: [&str; 9] = [
    "unique_id,ds,y\n",
    "V1,V2,V3\n",
    "r0_id,skill_id,2021-01\n",
    "date,state,indeed_job_postings_index\n",
    "date,jobcountry,indeed_job_postings_index,variable,display_name\n",
    "jobcountry,country,month,n_obs,posted_wage_growth_yoy,posted_wage_growth_yoy_3moavg\n",
    "area,soc,tot_emp,emp_rse,a_mean,mean_rse,a_pct10,a_pct25,a_median,a_pct75,a_pct90\n",
    "unitid,opeid6,state,control,cip4,completers,earnings_usd,hs_earnings_state_usd,hs_earnings_national_usd,debt_usd\n",
    "",
];

/// Beginnings that choose a container.
const MAGIC: [&[u8]; 6] = [b"", b"PAR1", b"PK\x03\x04", &[0x1f, 0x8b, 8], &[0x28, 0xb5, 0x2f, 0xfd], b"\xef\xbb\xbf"];

proptest! {
    #[test]
    fn random_bytes_never_panic(magic in 0..MAGIC.len(), rest in prop::collection::vec(any::<u8>(), 0..200)) {
        every_reader(&[MAGIC[magic], &rest].concat());
    }

    #[test]
    fn random_rows_never_panic(
        header in 0..HEADERS.len(),
        cells in prop::collection::vec("[-a-zA-Z0-9.,\"\r\n#*é ]{0,12}", 0..40),
    ) {
        every_reader(format!("{}{}", HEADERS[header], cells.join(",")).as_bytes());
    }

    #[test]
    fn numbers_survive_a_round_trip(values in prop::collection::vec(-1e300_f64..1e300, 1..50)) {
        let mut text = "unique_id,ds,y\n".to_owned();
        for (step, value) in values.iter().enumerate() {
            text.push_str(&format!("a,{step},{value}\n"));
        }
        let (panel, _) = read_long(&Source::bytes("x.csv", text.into_bytes()), &LongLayout::default()).unwrap();
        prop_assert_eq!(panel.column("y").unwrap(), values.as_slice());
    }

    #[test]
    fn compression_changes_nothing(rows in 1_usize..50) {
        let plain = text(rows);
        let read = |bytes: Vec<u8>| read_long(&Source::bytes("x.csv", bytes), &LongLayout::default()).unwrap();
        let expected = read(plain.clone().into_bytes());
        prop_assert_eq!(&read(gzip(plain.as_bytes())), &expected);
        prop_assert_eq!(&read(zstd::encode_all(plain.as_bytes(), 1).unwrap()), &expected);
    }
}
