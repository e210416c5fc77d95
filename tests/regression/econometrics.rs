//! Tables of textbooks, read beside the repository where they exist.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests may do what tests may")]

use std::io::Read;
use std::path::Path;

use ndarray::Array2;

/// Columns of a table of the shared data; `None` where there is none.
pub(crate) fn table(name: &str, columns: &[&str]) -> Option<Array2<f64>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/econometrics").join(name);
    let Ok(file) = std::fs::read(path) else {
        println!("skipped: no data");
        return None;
    };
    let mut text = String::new();
    bzip2_rs::DecoderReader::new(&file[..]).read_to_string(&mut text).unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().unwrap().clone();
    let places = columns.iter().map(|name| header.iter().position(|h| h == *name).unwrap()).collect::<Vec<_>>();
    let rows: Vec<f64> = reader
        .records()
        .flat_map(|row| {
            let row = row.unwrap();
            places.iter().map(|place| row[*place].parse().unwrap_or(f64::NAN)).collect::<Vec<f64>>()
        })
        .collect();
    Some(Array2::from_shape_vec((rows.len() / columns.len(), columns.len()), rows).unwrap())
}
