//! `credcast extract`.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use credcast::ingest::extract::{Copies, ExtractSettings, Extraction, Extractor};
use credcast::ingest::postings::{self, Mapping, PostingReader, PostingReject};
use credcast::ingest::{Mode, Source, bundled_catalog, read_catalog, read_titles};
use credcast::persist::AtomicFile;
use credcast::report::{demand_csv, demand_table, json};
use credcast::text::duplicates::Duplicates;
use credcast::text::occupation::OccupationCoder;
use credcast::{Frequency, Period};
use jiff::civil::Date;

use crate::args::{Common, Format};
use crate::output::{Failure, check_target, deliver_to_terminal, remark, table_width};
use crate::progress::Progress;

pub(crate) const NOTES: &str = "\
INPUT is a file, a folder, a pattern such as 'ads/*.ndjson.gz', or - for
standard input: JSON (one posting a line, or schema.org JobPosting), CSV or
Parquet, also .gz and .zst. Usual names of columns are known; --mapping names
others, in TOML:
  date_formats = [\"%m/%d/%Y\"]
  [fields]
  title = \"job.title\"
  text = [\"body\", \"summary\"]
  [regions]
  \"48\" = \"TX\"
Fields: id, posted, employer, industry, region, soc, title, text, pay, pay_min,
pay_max, pay_value, pay_unit, pay_currency.

A posting counts once for each certificate that it names. --copies says which
copies of an advertisement count:
  appearances  one of each appearance; after a gap of more than --window days
               it is a new posting, unless it is evergreen
  once         one of each advertisement, when it stood first
  keep         all
The panel has a row for each certificate, region and period. credcast forecast
and credcast outlook read it.

Examples:
  credcast extract ads.ndjson --out panel.parquet --rejects rejects.ndjson
  credcast extract 'ads/**/*.json.gz' --catalog our-list.toml --out panel.csv
  credcast forecast --input panel.csv --horizon 36 --target y";

#[derive(Debug, clap::Args)]
pub(crate) struct Extract {
    /// Postings
    #[arg(value_name = "INPUT", required = true)]
    pub(crate) inputs: Vec<PathBuf>,
    /// Catalogue: a TOML file or a folder of them [default: the bundled one]
    #[arg(long, value_name = "FILE")]
    pub(crate) catalog: Option<PathBuf>,
    /// Which columns are which fields
    #[arg(long, value_name = "FILE")]
    pub(crate) mapping: Option<PathBuf>,
    /// Read every file as this [default: told by name and content]
    #[arg(long, value_name = "FORMAT")]
    pub(crate) input_format: Option<InputFormat>,
    /// Write records that cannot be used to FILE, one JSON object a line
    #[arg(long, value_name = "FILE", conflicts_with = "strict")]
    pub(crate) rejects: Option<PathBuf>,
    /// End at the first record that cannot be used
    #[arg(long)]
    pub(crate) strict: bool,
    /// The last day on which a posting can have been made
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(crate) not_after: Option<Date>,
    /// Length of a period
    #[arg(long, value_name = "LENGTH", default_value = "monthly")]
    pub(crate) every: Every,
    /// Which copies of an advertisement count
    #[arg(long, value_name = "WHICH", default_value = "appearances")]
    pub(crate) copies: Which,
    /// Days without an advertisement after which a copy is a new appearance
    #[arg(long, value_name = "DAYS", default_value_t = 30)]
    pub(crate) window: u32,
    /// Least likeness of texts that are taken for copies, 0.5 to 1
    #[arg(long, value_name = "SHARE", default_value_t = 0.75)]
    pub(crate) likeness: f64,
    /// Take only equal texts for copies
    #[arg(long, conflicts_with = "likeness")]
    pub(crate) exact: bool,
    /// Job titles with SOC codes, such as O*NET's Alternate Titles.txt, to code postings without an occupation
    #[arg(long, value_name = "FILE")]
    pub(crate) titles: Option<PathBuf>,
    /// Count for each occupation too
    #[arg(long)]
    pub(crate) by_occupation: bool,
    /// The day from which the postings were knowable [default: the day after the last one]
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(crate) vintage: Option<Date>,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(crate) enum InputFormat {
    Json,
    Csv,
    Parquet,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(crate) enum Every {
    Weekly,
    Monthly,
    Quarterly,
    Yearly,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(crate) enum Which {
    Appearances,
    Once,
    Keep,
}

fn day(text: &str) -> Result<Date, String> {
    let day = Period::parse(text, Frequency::Daily).filter(|_| Period::precision(text) == Some(Frequency::Daily));
    day.and_then(Period::first_day).ok_or_else(|| "a day such as 2024-03-15".to_owned())
}

/// Text read at a time: enough for the threads, and little enough for a small machine.
const BATCH_BYTES: usize = 1 << 20;

/// Rejects that are kept for a file of them.
const MOST_REJECTS: usize = 1_000_000;

pub(crate) fn run(args: &Extract, common: &Common) -> Result<(), Failure> {
    check_target("--rejects", args.rejects.as_deref())?;
    let writer = common.out.as_deref().map(|path| Ok::<_, Failure>((path, written_as(path)?))).transpose()?;
    let catalog = match &args.catalog {
        Some(path) => read_catalog(path)?,
        None => bundled_catalog()?,
    };
    let mapping = args.mapping.as_deref().map_or_else(|| Ok(Mapping::default()), Mapping::read)?;
    let mut extractor = Extractor::new(&catalog, settings(args))?;
    if let Some(path) = &args.titles {
        let titles = read_titles(&Source::path(path))?;
        let pairs = titles.iter().map(|(title, code)| (title.as_str(), code.as_str()));
        extractor = extractor.with_occupations(OccupationCoder::params().build(pairs)?);
    }
    let reader = PostingReader::open(&args.inputs, &mapping, &reading(args))?;
    let progress = Progress::new(1, "postings", common);
    let extraction = extractor.run(&reader)?;
    drop(progress);
    let postings = &extraction.report.postings;
    if let Some(path) = &args.rejects {
        write_rejects(path, &postings.rejects)?;
        if (postings.rejects.len() as u64) < postings.rejected() {
            remark(
                &format!("{} holds the first {MOST_REJECTS} of {} rejects", path.display(), postings.rejected()),
                common,
            );
        }
    } else if postings.rejected() > 0 {
        remark(&format!("rejected: {}; --rejects FILE lists them", postings.rejected()), common);
    }
    for file in &postings.files {
        if let Some(fault) = &file.fault {
            remark(&format!("read in part only: {fault}"), common);
        }
    }
    if let Some((path, written)) = writer {
        written.write(&extraction, path)?;
    }
    let summary = extraction.summary();
    deliver_to_terminal(&match common.format {
        Format::Json => json(&summary)?,
        Format::Csv if writer.is_none() => demand_csv(&extraction.panel),
        Format::Csv | Format::Table => format!(
            "{}{} series, {} rows\n\n{}\n",
            demand_table(&summary.certificates, table_width(common)),
            summary.series,
            summary.rows,
            extraction.report
        ),
    })
}

fn settings(args: &Extract) -> ExtractSettings {
    let params = Duplicates::params().window_days(args.window).similarity(args.likeness).near(!args.exact);
    ExtractSettings {
        frequency: match args.every {
            Every::Weekly => Frequency::Weekly,
            Every::Monthly => Frequency::Monthly,
            Every::Quarterly => Frequency::Quarterly,
            Every::Yearly => Frequency::Yearly,
        },
        copies: match args.copies {
            Which::Appearances => Copies::Appearances,
            Which::Once => Copies::Once,
            Which::Keep => Copies::Keep,
        },
        duplicates: params,
        by_occupation: args.by_occupation,
        vintage: args.vintage,
        ..ExtractSettings::default()
    }
}

fn reading(args: &Extract) -> postings::Settings {
    let usual = postings::Settings::default();
    postings::Settings {
        mode: if args.strict { Mode::Strict } else { Mode::Lenient },
        not_after: args.not_after,
        format: args.input_format.map(|format| match format {
            InputFormat::Json => postings::Format::Json,
            InputFormat::Csv => postings::Format::Csv,
            InputFormat::Parquet => postings::Format::Parquet,
        }),
        batch_bytes: BATCH_BYTES,
        max_rejects: if args.rejects.is_some() { MOST_REJECTS } else { usual.max_rejects },
        ..usual
    }
}

#[derive(Clone, Copy)]
enum Written {
    Csv,
    Json,
    Parquet,
}

fn written_as(path: &Path) -> Result<Written, Failure> {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("csv") => Ok(Written::Csv),
        Some("json") => Ok(Written::Json),
        Some("parquet") if cfg!(feature = "parquet") => Ok(Written::Parquet),
        _ => Err(Failure::Usage(format!("--out {}: a panel is written to .parquet, .csv or .json", path.display()))),
    }
}

impl Written {
    fn write(self, extraction: &Extraction, path: &Path) -> Result<(), Failure> {
        let text = match self {
            Self::Csv => demand_csv(&extraction.panel),
            Self::Json => json(&extraction.panel)?,
            Self::Parquet => return parquet(extraction, path),
        };
        credcast::persist::write_atomic(path, text.as_bytes()).map_err(|error| failed(path, &error))
    }
}

#[cfg(feature = "parquet")]
fn parquet(extraction: &Extraction, path: &Path) -> Result<(), Failure> {
    Ok(credcast::report::demand_parquet(&extraction.panel, path)?)
}

#[cfg(not(feature = "parquet"))]
fn parquet(_: &Extraction, path: &Path) -> Result<(), Failure> {
    Err(Failure::Usage(format!("--out {}: built without Parquet", path.display())))
}

fn failed(path: &Path, error: &std::io::Error) -> Failure {
    Failure::Failed(format!("{}: {error}", path.display()))
}

fn write_rejects(path: &Path, rejects: &[PostingReject]) -> Result<(), Failure> {
    let write = || -> std::io::Result<()> {
        let mut out = BufWriter::new(AtomicFile::create(path)?);
        for reject in rejects {
            serde_json::to_writer(&mut out, reject)?;
            out.write_all(b"\n")?;
        }
        out.into_inner().map_err(std::io::IntoInnerError::into_error)?.finish()
    };
    write().map_err(|error| failed(path, &error))
}
