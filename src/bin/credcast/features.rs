//! `credcast features`.

use std::path::Path;
use std::path::PathBuf;

use credcast::feature::{Element, FeatureMatrix, FittedPipeline, Recipe, Width};
use credcast::report::{ColumnsReport, CsvMatrix, MatrixSink, columns_csv, columns_table, json};
use credcast::{Panel, Period, Persist};

use crate::args::{Common, Format, Input, Layout};
use crate::data::{panel_of, report_reading};
use crate::output::{Failure, check_target, deliver, remark, table_width};
use crate::progress::Progress;

pub(crate) const NOTES: &str = "\
Without --out it says what each column would hold. With --out it writes the
matrix to FILE, which ends in .parquet or .csv: unique_id, region, ds, then the
features; empty where a value is not known.

A recipe:
  features = [\"lag:1,12\", \"rolling:mean,std:3,12\", \"by_date:all:rank\",
    \"difference:1 of pay lag 2\", \"month_of_year:one_hot\"]
  drop_head = true   # no rows that the longest window does not reach
  width = \"f32\"      # or \"f64\", the default

Names of features: lag, difference, relative_change, log_change, rolling,
seasonal, expanding, ewm, ewm_std, since, intermittency, missing, ratio, known,
by_date, month_of_year, quarter_of_year, school_term, fourier, trend,
intervention, level_shift, category. They see the past, up to one period ago,
unless ` lag N` says otherwise.

Examples:
  credcast features --input postings.csv --spec spec.toml
  credcast features --input postings.csv --spec spec.toml --out x.parquet";

#[derive(Debug, clap::Args)]
pub(crate) struct Features {
    #[command(flatten)]
    pub(crate) input: Input,
    /// Recipe in TOML, see below
    #[arg(long, value_name = "FILE")]
    pub(crate) spec: PathBuf,
    /// Learn categories and the like from periods up to this one only
    #[arg(long, value_name = "PERIOD")]
    pub(crate) train_until: Option<String>,
    /// Also save the fitted pipeline, as JSON if the name ends in .json
    #[arg(long, value_name = "FILE")]
    pub(crate) save: Option<PathBuf>,
}

/// Rows of a chunk: of a hundred columns, 100 MB.
const CHUNK_ROWS: usize = 131_072;

pub(crate) fn run(args: &Features, common: &Common) -> Result<(), Failure> {
    if args.input.layout == Layout::M4 {
        return Err(Failure::Usage("the m4 layout is for credcast backtest only".into()));
    }
    check_target("--save", args.save.as_deref())?;
    if let Some(path) = &common.out {
        // Refused before the work, not after it.
        kind(path)?;
    }
    let name = args.spec.display().to_string();
    let text = std::fs::read_to_string(&args.spec).map_err(|error| Failure::Failed(format!("{name}: {error}")))?;
    let recipe = Recipe::parse(&name, &text)?;
    let progress = Progress::new(2, "reading", common);
    let (panel, reading) = panel_of(&args.input)?;
    report_reading(&reading, common)?;
    let fitted = match &args.train_until {
        Some(text) => recipe.pipeline()?.fit(&until(&panel, "--train-until", text)?)?,
        None => recipe.pipeline()?.fit(&panel)?,
    };
    progress.step("computing");
    let report = match recipe.width() {
        Width::F64 => write::<f64>(&fitted, &panel, common.out.as_deref())?,
        Width::F32 => write::<f32>(&fitted, &panel, common.out.as_deref())?,
    };
    drop(progress);
    if let Some(path) = &args.save {
        fitted.save(path)?;
    }
    if let Some(path) = &common.out {
        let (n, complete, columns) = (report.rows, report.complete_rows, report.columns.len());
        remark(&format!("{}: {n} rows, {complete} of them complete, {columns} features", path.display()), common);
        return Ok(());
    }
    let text = match common.format {
        Format::Json => json(&report)?,
        Format::Csv => columns_csv(&report),
        Format::Table => columns_table(&report, table_width(common)),
    };
    deliver(&text, common)
}

/// The panel up to a period.
pub(crate) fn until(panel: &Panel, option: &str, text: &str) -> Result<Panel, Failure> {
    let frequency = panel.frequency();
    let period = Period::parse(text, frequency)
        .ok_or_else(|| Failure::Usage(format!("{option} {text}: expected a {frequency} period")))?;
    let train = panel.until(period);
    if train.n_series() == 0 {
        return Err(Failure::Usage(format!("{option} {text}: no series has begun by then")));
    }
    Ok(train)
}

#[derive(Clone, Copy)]
enum Kind {
    Csv,
    Parquet,
}

fn kind(path: &Path) -> Result<Kind, Failure> {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("csv") => Ok(Kind::Csv),
        Some("parquet") if cfg!(feature = "parquet") => Ok(Kind::Parquet),
        _ => Err(Failure::Usage(format!("--out {}: a matrix is written to .parquet or .csv", path.display()))),
    }
}

/// What a matrix of these numbers can be written with.
trait Written: Element + Into<f64> {
    fn parquet(path: &Path, columns: &[String]) -> Result<Box<dyn MatrixSink<Self>>, Failure>;
    fn csv(path: &Path, columns: &[String]) -> Result<Box<dyn MatrixSink<Self>>, Failure>;
}

macro_rules! written {
    ($($number:ty)+) => {$(
        impl Written for $number {
            #[cfg(feature = "parquet")]
            fn parquet(path: &Path, columns: &[String]) -> Result<Box<dyn MatrixSink<Self>>, Failure> {
                Ok(Box::new(credcast::report::ParquetMatrix::<Self>::create(path, columns)?))
            }

            #[cfg(not(feature = "parquet"))]
            fn parquet(path: &Path, _: &[String]) -> Result<Box<dyn MatrixSink<Self>>, Failure> {
                Err(Failure::Usage(format!("--out {}: built without Parquet", path.display())))
            }

            fn csv(path: &Path, columns: &[String]) -> Result<Box<dyn MatrixSink<Self>>, Failure> {
                Ok(Box::new(CsvMatrix::create(path, columns)?))
            }
        }
    )+};
}

written! { f64 f32 }

/// Computes the matrix chunk by chunk, into a file if one is asked for, and tells what it holds.
fn write<T: Written>(fitted: &FittedPipeline, panel: &Panel, out: Option<&Path>) -> Result<ColumnsReport, Failure> {
    let mut sink = match out {
        Some(path) => Some(match kind(path)? {
            Kind::Csv => T::csv(path, fitted.columns())?,
            Kind::Parquet => T::parquet(path, fitted.columns())?,
        }),
        None => None,
    };
    let mut report = ColumnsReport::new(fitted.columns());
    fitted.transform_chunks(panel, CHUNK_ROWS, |chunk: &FeatureMatrix<T>| {
        report.add(chunk);
        sink.as_mut().map_or(Ok(()), |sink| sink.write(chunk))
    })?;
    if let Some(sink) = sink {
        sink.finish()?;
    }
    Ok(report)
}
