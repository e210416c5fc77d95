//! Files of design matrices hold what the matrix holds.

#![expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

use std::path::Path;

use credcast::feature::{FeatureMatrix, FeaturePipeline, FittedPipeline, parse};
use credcast::report::{CsvMatrix, MatrixSink};
use credcast::{Frequency, Panel, Period, SeriesKey};

/// Series in two regions, with missing values and a name that needs quotes.
fn panel(frequency: Frequency) -> Panel {
    let start = Period::parse("2024-01-01", frequency).unwrap();
    let wave = |i: i32| (0..9 + i).map(|t| if t == 4 { f64::NAN } else { f64::from(t * i) / 7.0 }).collect::<Vec<_>>();
    let key = |i: i32| SeriesKey::new(format!("nurse, \"{i}\""), if i % 2 == 0 { "TX" } else { "US" });
    Panel::from_series("y", (1..6).map(|i| (key(i), start.plus(i), wave(i)))).unwrap()
}

fn pipeline(panel: &Panel) -> FittedPipeline {
    let forms = ["lag:1,3", "rolling:mean:2", "trend:training"];
    forms.iter().fold(FeaturePipeline::new(), |all, form| all.then(parse(form).unwrap())).fit(panel).unwrap()
}

/// What each row should hold, as text.
fn expected(matrix: &FeatureMatrix) -> Vec<(String, String, String, Vec<f64>)> {
    let row = |row: usize| {
        let (series, period) = matrix.origin(row);
        let key = &matrix.keys()[series];
        (key.item().to_owned(), key.region().to_string(), period.to_string(), matrix.view().row(row).to_vec())
    };
    (0..matrix.n_rows()).map(row).collect()
}

fn same(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan()
}

fn files_in(folder: &Path) -> usize {
    std::fs::read_dir(folder).unwrap().count()
}

#[test]
fn a_csv_reads_back_to_the_same_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let panel = panel(Frequency::Weekly);
    let pipeline = pipeline(&panel);
    let path = folder.path().join("x.csv");
    let mut sink: Box<dyn MatrixSink<f64>> = Box::new(CsvMatrix::create(&path, pipeline.columns()).unwrap());
    pipeline.transform_chunks(&panel, 10, |chunk| sink.write(chunk)).unwrap();
    assert!(!path.exists());
    sink.finish().unwrap();
    let mut reader = csv::Reader::from_path(&path).unwrap();
    assert_eq!(reader.headers().unwrap().iter().skip(3).collect::<Vec<_>>(), pipeline.columns());
    let expected = expected(&pipeline.transform(&panel).unwrap());
    let found: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(found.len(), expected.len());
    for (found, (item, region, period, cells)) in found.iter().zip(&expected) {
        assert_eq!([&found[0], &found[1], &found[2]], [item, region, period]);
        for (found, cell) in found.iter().skip(3).zip(cells) {
            let found = if found.is_empty() { f64::NAN } else { found.parse().unwrap() };
            assert!(same(found, *cell), "{found} {cell}");
        }
    }
    assert_eq!(files_in(folder.path()), 1);
}

#[test]
fn a_writer_that_is_not_finished_leaves_nothing_and_other_columns_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let panel = panel(Frequency::Monthly);
    let pipeline = pipeline(&panel);
    let path = folder.path().join("x.csv");
    std::fs::write(&path, "before").unwrap();
    let mut sink = CsvMatrix::create(&path, &pipeline.columns()[1..]).unwrap();
    let error = sink.write(&pipeline.transform(&panel).unwrap()).unwrap_err().to_string();
    assert!(error.contains("y_lag_1"), "{error}");
    drop(sink);
    assert_eq!((files_in(folder.path()), std::fs::read_to_string(&path).unwrap().as_str()), (1, "before"));
    for names in [["ds", "x"], ["x", "x"]] {
        assert!(CsvMatrix::create(&path, &names.map(str::to_owned)).is_err());
    }
    assert!(CsvMatrix::create(&folder.path().join("no/folder.csv"), pipeline.columns()).is_err());
}

#[cfg(feature = "parquet")]
mod columnar {
    use credcast::ingest::{Column, Source, read_parquet};
    use credcast::report::{ParquetElement, ParquetMatrix};

    use super::*;

    fn round_trip<T: ParquetElement + Into<f64>>(frequency: Frequency) {
        let folder = tempfile::tempdir().unwrap();
        let panel = panel(frequency);
        let pipeline = pipeline(&panel);
        let path = folder.path().join("x.parquet");
        let mut sink = Box::new(ParquetMatrix::<T>::create(&path, pipeline.columns()).unwrap());
        pipeline.transform_chunks(&panel, 10, |chunk| sink.write(chunk)).unwrap();
        assert!(!path.exists());
        sink.finish().unwrap();
        assert_eq!(files_in(folder.path()), 1);
        let expected = expected(&pipeline.transform(&panel).unwrap());
        let table = read_parquet(&Source::path(&path)).unwrap();
        assert_eq!(table.names()[..3], ["unique_id", "region", "ds"]);
        assert_eq!(table.names()[3..], *pipeline.columns());
        for (place, name) in table.names().iter().enumerate() {
            let column = table.column(name).unwrap();
            for (row, (item, region, period, cells)) in expected.iter().enumerate() {
                match column {
                    Column::Text(texts) => assert_eq!(texts[row].as_ref(), Some([item, region, period][place])),
                    Column::Real(cells_read) => {
                        let rounded: f64 = T::nearest(cells[place - 3]).into();
                        assert!(same(cells_read[row].unwrap_or(f64::NAN), rounded), "{:?}", cells_read[row]);
                    }
                    other => panic!("{other:?}"),
                }
            }
        }
    }

    #[test]
    fn a_parquet_file_reads_back_to_the_same_numbers() {
        round_trip::<f64>(Frequency::Weekly);
        round_trip::<f32>(Frequency::Monthly);
    }

    #[test]
    fn nothing_is_left_of_a_file_that_was_not_finished() {
        let folder = tempfile::tempdir().unwrap();
        let panel = panel(Frequency::Monthly);
        let pipeline = pipeline(&panel);
        let mut sink = ParquetMatrix::<f32>::create(&folder.path().join("x.parquet"), pipeline.columns()).unwrap();
        sink.write(&pipeline.transform_as(&panel).unwrap()).unwrap();
        drop(sink);
        assert_eq!(files_in(folder.path()), 0);
    }
}
