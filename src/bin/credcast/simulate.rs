//! `credcast simulate`.

use std::io::{BufWriter, Write};
use std::path::Path;

use credcast::market::simulated::{MentionRow, PostingRow, SimulatedMarket, SimulatedPosting, TableRow};
use credcast::persist::AtomicFile;
use credcast::report::json;
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::args::{Common, Format};
use crate::output::{Failure, deliver_to_terminal};
use crate::progress::Progress;

pub(crate) const NOTES: &str = "\
Everything is simulated: no certificate, employer or place is a real one. DIR
is a market folder that credcast outlook --market reads, and holds besides:
  postings.ndjson          the advertisements
  truth/postings.csv       each one: what it is a copy of, pay, education, ...
  truth/mentions.csv       each certificate in it, with class and bytes
  truth/demand.csv         by certificate, month and region, after copies
  truth/certificates.csv   what a certificate is truly worth
  truth/shares.csv         the share of ads that each is built to have
  supply.csv, outcomes.csv certificates earned; workers before and after
The same seed gives the same files, on any number of threads.

With --sample DIR holds the market folder alone, and its manifest names the
advertisements (advertisements.ndjson.zst), so that credcast outlook counts
demand in them, as it would with real ones.

Example:
  credcast simulate --seed 7 --postings 20000 --out simulated
  credcast outlook --market simulated";

#[derive(Debug, clap::Args)]
pub(crate) struct Simulate {
    /// Number of advertisements
    #[arg(long, value_name = "N", default_value_t = 20_000)]
    pub(crate) postings: u64,
    /// Number of months, from 2021-01
    #[arg(long, value_name = "N", default_value_t = 48)]
    pub(crate) months: usize,
    /// Write the market folder only, with the advertisements in place of counts
    #[arg(long)]
    pub(crate) sample: bool,
}

/// Postings that one task writes.
const TASK: u64 = 2_000;
/// Tasks whose text is held at a time.
const TASKS: u64 = 16;

pub(crate) fn run(args: &Simulate, common: &Common) -> Result<(), Failure> {
    let Some(folder) = &common.out else { return Err(Failure::Usage("--out DIR is needed".into())) };
    let market = SimulatedMarket::params().seed(common.seed).postings(args.postings).months(args.months).build()?;
    if args.sample {
        return sample(&market, folder, common);
    }
    let truth = folder.join("truth");
    std::fs::create_dir_all(&truth).map_err(|error| failed(&truth, &error))?;
    let progress = Progress::new(3, "postings", common);
    let posting = |i: u64, out: &mut Parts| {
        let posting = market.posting(i);
        out.postings += &json_line(&posting);
        MentionRow::of(&posting).iter().for_each(|row| out.mentions += &csv_line(&row.cells()));
        out.truth += &csv_line(&PostingRow { id: posting.id, truth: posting.truth }.cells());
    };
    let files = [folder.join("postings.ndjson"), truth.join("postings.csv"), truth.join("mentions.csv")];
    let mut writers = Vec::new();
    for file in &files {
        writers.push(BufWriter::new(AtomicFile::create(file).map_err(|error| failed(file, &error))?));
    }
    let heads = [String::new(), csv_line(PostingRow::COLUMNS), csv_line(MentionRow::COLUMNS)];
    let mut demand = market.demand(0..0);
    for (place, head) in heads.iter().enumerate() {
        writers[place].write_all(head.as_bytes()).map_err(|error| failed(&files[place], &error))?;
    }
    let mut first = 0;
    while first < market.len() {
        let end = (first + TASK * TASKS).min(market.len());
        let tasks: Vec<u64> = (first..end).step_by(usize::try_from(TASK).unwrap_or(usize::MAX)).collect();
        let parts: Vec<_> = tasks
            .into_par_iter()
            .map(|start| {
                let range = start..(start + TASK).min(end);
                let mut parts = Parts::default();
                range.clone().for_each(|i| posting(i, &mut parts));
                (parts, market.demand(range))
            })
            .collect();
        for (parts, counts) in parts {
            demand.merge(&counts);
            for (place, text) in [parts.postings, parts.truth, parts.mentions].iter().enumerate() {
                writers[place].write_all(text.as_bytes()).map_err(|error| failed(&files[place], &error))?;
            }
        }
        first = end;
    }
    for (writer, file) in writers.into_iter().zip(&files) {
        let whole = writer.into_inner().map_err(|error| failed(file, error.error()))?;
        whole.finish().map_err(|error| failed(file, &error))?;
    }
    progress.step("truth");
    write_table(&truth.join("demand.csv"), market.demand_rows(&demand))?;
    write_table(&truth.join("certificates.csv"), market.certificate_rows())?;
    write_table(&truth.join("shares.csv"), market.share_rows())?;
    write_table(&folder.join("supply.csv"), market.supply_rows())?;
    write_table(&folder.join("outcomes.csv"), market.worker_rows())?;
    progress.step("market");
    for (name, text) in market.market_files(&demand) {
        let path = folder.join(name);
        credcast::persist::write_atomic(&path, text.as_bytes()).map_err(|error| failed(&path, &error))?;
    }
    drop(progress);
    let (postings, originals, asking) = (market.len(), demand.originals(), demand.asking());
    deliver_to_terminal(&match common.format {
        Format::Table => format!(
            "{postings} simulated advertisements, {originals} of them no copy, {asking} ask for a certificate: {}\n",
            folder.display()
        ),
        Format::Json => json(&serde_json::json!({
            "folder": folder, "postings": postings, "originals": originals, "asking": asking,
        }))?,
        Format::Csv => format!("postings,originals,asking\n{postings},{originals},{asking}\n"),
    })
}

/// Writes the market folder with the advertisements.
fn sample(market: &SimulatedMarket, folder: &Path, common: &Common) -> Result<(), Failure> {
    let originals = market.demand(0..market.len()).originals();
    let files = sample_files(market).map_err(|error| failed(folder, &error))?;
    std::fs::create_dir_all(folder).map_err(|error| failed(folder, &error))?;
    for (name, bytes) in files {
        let path = folder.join(name);
        credcast::persist::write_atomic(&path, &bytes).map_err(|error| failed(&path, &error))?;
    }
    let postings = market.len();
    deliver_to_terminal(&match common.format {
        Format::Table => {
            format!("{postings} simulated advertisements, {originals} of them no copy: {}\n", folder.display())
        }
        Format::Json => json(&serde_json::json!({ "folder": folder, "postings": postings, "originals": originals }))?,
        Format::Csv => format!("postings,originals\n{postings},{originals}\n"),
    })
}

/// Names and contents of the files of a market folder.
fn sample_files(market: &SimulatedMarket) -> std::io::Result<Vec<(String, Vec<u8>)>> {
    let lines: Vec<String> = market.postings(0..market.len()).map(|posting| json_line(&posting)).collect();
    let advertisements = zstd::encode_all(lines.concat().as_bytes(), COMPRESSION)?;
    let mut files: Vec<(String, Vec<u8>)> =
        market.sample_files().into_iter().map(|(name, text)| (name, text.into_bytes())).collect();
    files.push((SimulatedMarket::ADVERTISEMENTS.to_owned(), advertisements));
    Ok(files)
}

/// Small before fast: the file is kept.
const COMPRESSION: i32 = 19;

/// The lines of a task.
#[derive(Default)]
struct Parts {
    postings: String,
    truth: String,
    mentions: String,
}

fn failed(path: &Path, error: &std::io::Error) -> Failure {
    Failure::Failed(format!("{}: {error}", path.display()))
}

fn csv_line<S: AsRef<[u8]>>(cells: &[S]) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Writing to memory cannot fail, and cells are text.
    let _ = writer.write_record(cells);
    writer.into_inner().ok().and_then(|line| String::from_utf8(line).ok()).unwrap_or_default()
}

fn json_line(posting: &SimulatedPosting) -> String {
    let pairs = SimulatedPosting::COLUMNS.iter().zip(posting.cells()).filter(|(_, cell)| !cell.is_empty());
    let fields: serde_json::Map<String, serde_json::Value> =
        pairs.map(|(name, cell)| ((*name).to_owned(), cell.into())).collect();
    format!("{}\n", serde_json::Value::Object(fields))
}

fn write_table<R: TableRow>(path: &Path, rows: impl Iterator<Item = R>) -> Result<(), Failure> {
    let write = || -> std::io::Result<()> {
        let mut out = BufWriter::new(AtomicFile::create(path)?);
        out.write_all(csv_line(R::COLUMNS).as_bytes())?;
        for row in rows {
            out.write_all(csv_line(&row.cells()).as_bytes())?;
        }
        out.into_inner().map_err(std::io::IntoInnerError::into_error)?.finish()
    };
    write().map_err(|error| failed(path, &error))
}
