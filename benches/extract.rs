//! Certificates in texts, and the way from NDJSON to the panel of demand.
//!
//! `cargo bench --bench extract` compares the search for aliases with a plain loop: the automaton of the `aho-corasick` crate (DFA,
//! leftmost-longest) over a copy of the text in small letters, and a look at the letters around each match.
//! `cargo bench --bench extract -- --json` prints one JSON line for each case instead: bytes per CPU second and per wall second, and
//! the peak of resident memory. Options behind `--json`: `--data DIR` with the `texts.parquet` and `patterns.json` that
//! `bench_text.py` of the peers reads (else simulated advertisements and their catalogue), `--docs 20000`, `--threads 1,2`,
//! `--repeats 3` (the median is printed), `--cases plain,boundaries,classes,many,panel`.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a measurement shows its result and stops at a fault")]

mod measure;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use credcast::catalog::{Catalog, Certificate};
use credcast::ingest::extract::{ExtractSettings, Extractor};
use credcast::ingest::postings::{Mapping, PostingReader, Settings};
use credcast::market::simulated::SimulatedMarket;
use credcast::text::{Context, MentionMatcher, Scratch};
use criterion::{Criterion, Throughput};
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use crate::measure::{cpu_seconds, option, peak_mb};

/// Texts, aliases with their certificates, and the same texts as records with employer, region and day.
struct Corpus {
    texts: Vec<String>,
    aliases: Vec<(String, String)>,
    catalog: Catalog,
    records: Vec<u8>,
}

impl Corpus {
    fn simulated(docs: usize) -> Self {
        let market = SimulatedMarket::params().seed(7).postings(docs.max(100) as u64).build().unwrap();
        let catalog = market.catalogue().unwrap();
        let labels = |c: &Certificate| {
            let id = c.id.to_string();
            c.aliases.iter().chain([&c.name]).map(|label| (label.clone(), id.clone())).collect::<Vec<_>>()
        };
        let aliases = catalog.iter().flat_map(labels).collect();
        let (mut texts, mut records) = (Vec::new(), Vec::new());
        for posting in market.postings(0..market.len()) {
            let day = posting.posted.to_string();
            record(&mut records, &posting.employer, &posting.region, &day, &posting.text);
            texts.push(posting.text);
        }
        Self { texts, aliases, catalog, records }
    }

    fn of_peers(folder: &Path, docs: usize) -> Self {
        let file = credcast::ingest::Source::path(folder.join("texts.parquet"));
        let table = credcast::ingest::read_parquet(&file).unwrap();
        let credcast::ingest::Column::Text(cells) = table.column("text").unwrap() else { panic!("texts are text") };
        let texts: Vec<String> = cells.iter().take(docs).map(|cell| cell.clone().unwrap_or_default()).collect();
        let patterns: BTreeMap<String, String> =
            serde_json::from_slice(&std::fs::read(folder.join("patterns.json")).unwrap()).unwrap();
        let mut by_name: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (alias, name) in &patterns {
            let aliases = by_name.entry(name).or_default();
            aliases.extend((alias != name).then_some(alias.as_str()));
        }
        let mut toml = String::new();
        for (number, (name, aliases)) in by_name.iter().enumerate() {
            write!(
                toml,
                "[[certificate]]\nid = \"c{number}\"\nname = {name:?}\naliases = {aliases:?}\nissuer = \"x\"\nkind = \"certification\"\n\
                 soc = [{{ code = \"15-1244\", weight = 1.0 }}]\n"
            )
            .unwrap();
        }
        let mut records = Vec::new();
        for (number, text) in texts.iter().enumerate() {
            let day = format!("2024-{:02}-{:02}", 1 + number % 12, 1 + number / 12 % 28);
            record(&mut records, &format!("Employer {}", number % 1_999), &format!("R{}", number % 50), &day, text);
        }
        Self {
            texts,
            aliases: patterns.into_iter().collect(),
            catalog: Catalog::parse("peers", &toml).unwrap(),
            records,
        }
    }

    fn bytes(&self) -> usize {
        self.texts.iter().map(String::len).sum()
    }
}

fn record(records: &mut Vec<u8>, employer: &str, region: &str, day: &str, text: &str) {
    let record = serde_json::json!({ "posted": day, "employer": employer, "region": region, "text": text });
    serde_json::to_writer(&mut *records, &record).unwrap();
    records.push(b'\n');
}

/// The plain loop.
struct Plain(AhoCorasick);

impl Plain {
    fn new(aliases: &[(String, String)]) -> Self {
        let small = aliases.iter().map(|(alias, _)| alias.to_lowercase());
        let builder =
            AhoCorasick::builder().kind(Some(AhoCorasickKind::DFA)).match_kind(MatchKind::LeftmostLongest).build(small);
        Self(builder.unwrap())
    }

    fn count(&self, text: &str) -> usize {
        let small = text.to_lowercase();
        let is_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        let stands_alone = |found: &aho_corasick::Match| {
            !is_word(small[..found.start()].chars().next_back()) && !is_word(small[found.end()..].chars().next())
        };
        self.0.find_iter(&small).filter(stands_alone).count()
    }
}

fn matcher(aliases: &[(String, String)]) -> MentionMatcher {
    let pairs = aliases.iter().map(|(alias, certificate)| (alias.as_str(), certificate.as_str().into()));
    MentionMatcher::from_aliases(pairs).unwrap()
}

/// The aliases of the corpus and invented ones, up to `n`.
fn many(aliases: &[(String, String)], n: usize) -> Vec<(String, String)> {
    const PARTS: [&str; 24] = [
        "tech", "med", "safe", "nur", "net", "cloud", "sys", "prac", "oper", "mech", "elec", "weld", "plumb", "data",
        "secur", "admin", "thera", "radi", "surg", "bio", "geo", "agri", "aero", "opti",
    ];
    let invented = (0..).map(|i| {
        let part = |step: usize| PARTS[i / step % PARTS.len()];
        (format!("{}{}{} {} Credential", part(1), part(24), part(576), i / 13_824), format!("x{i}"))
    });
    aliases.iter().cloned().chain(invented).take(n.max(aliases.len())).collect()
}

fn mentions(matcher: &MentionMatcher, texts: &[String]) -> usize {
    let (mut scratch, mut found) = (Scratch::default(), Vec::new());
    let count = |text: &String| {
        matcher.mentions_into(text, &Context::default(), &mut scratch, &mut found);
        found.len()
    };
    texts.iter().map(count).sum()
}

fn panel(extractor: &Extractor, records: &[u8]) -> u64 {
    let reader = PostingReader::of_bytes("corpus.ndjson", records, &Mapping::default(), &Settings::default()).unwrap();
    extractor.run(&reader).unwrap().report.counted
}

fn compare(c: &mut Criterion) {
    let corpus = Corpus::simulated(400);
    let (plain, ours) = (Plain::new(&corpus.aliases), matcher(&corpus.aliases));
    let texts = &corpus.texts;
    // Plurals, hyphens and case of short forms make a difference of some per cent; before anything is timed it is looked at.
    let found: [usize; 2] =
        [texts.iter().map(|text| plain.count(text)).sum(), texts.iter().map(|text| ours.count(text)).sum()];
    assert!(found[0].abs_diff(found[1]) * 4 < found[0], "{found:?}");
    let mut group = c.benchmark_group("extract");
    group.sample_size(10).throughput(Throughput::Bytes(corpus.bytes() as u64));
    group.bench_function("baseline", |b| {
        b.iter(|| texts.iter().map(|text| black_box(plain.count(text))).sum::<usize>())
    });
    group.bench_function("boundaries", |b| {
        b.iter(|| texts.iter().map(|text| black_box(ours.count(text))).sum::<usize>())
    });
    group.bench_function("classes", |b| b.iter(|| black_box(mentions(&ours, texts))));
    let extractor = Extractor::new(&corpus.catalog, ExtractSettings::default()).unwrap();
    group.throughput(Throughput::Bytes(corpus.records.len() as u64));
    group.bench_function("panel", |b| b.iter(|| black_box(panel(&extractor, &corpus.records))));
    group.finish();
}

fn json(args: &[String]) {
    let number = |name, default| option(args, name).map_or(default, |text| text.parse().expect("a whole number"));
    let (docs, repeats): (usize, usize) = (number("--docs", 20_000), number("--repeats", 3));
    let corpus = match option(args, "--data") {
        Some(folder) => Corpus::of_peers(Path::new(folder), docs),
        None => Corpus::simulated(docs),
    };
    let cases = option(args, "--cases").unwrap_or("plain,boundaries,classes,many,panel");
    let texts = &corpus.texts;
    let (plain, ours) = (Plain::new(&corpus.aliases), matcher(&corpus.aliases));
    let twenty_thousand = matcher(&many(&corpus.aliases, 20_000));
    let extractor = Extractor::new(&corpus.catalog, ExtractSettings::default()).unwrap();
    for threads in option(args, "--threads").unwrap_or("1,2").split(',') {
        let threads: usize = threads.parse().expect("a number of threads");
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        for case in cases.split(',') {
            let chunks: Vec<&[String]> = texts.chunks(256).collect();
            let count = |each: &(dyn Fn(&str) -> usize + Sync)| {
                chunks.par_iter().map(|texts| texts.iter().map(|text| each(text)).sum::<usize>()).sum::<usize>()
            };
            let run = || match case {
                "plain" => count(&|text| plain.count(text)),
                "boundaries" => count(&|text| ours.count(text)),
                "many" => count(&|text| twenty_thousand.count(text)),
                "classes" => chunks.par_iter().map(|texts| mentions(&ours, texts)).sum(),
                "panel" => usize::try_from(panel(&extractor, &corpus.records)).unwrap(),
                other => panic!("no case {other}"),
            };
            let bytes = if case == "panel" { corpus.records.len() } else { corpus.bytes() };
            let mut found: Vec<(f64, f64, usize)> = (0..repeats.max(1))
                .map(|_| {
                    let (cpu, wall) = (cpu_seconds(), Instant::now());
                    let found = pool.install(|| black_box(run()));
                    (cpu_seconds() - cpu, wall.elapsed().as_secs_f64(), found)
                })
                .collect();
            found.sort_by(|a, b| a.0.total_cmp(&b.0));
            let (cpu, wall, found) = found[found.len() / 2];
            println!(
                "{{\"case\":\"{case}\",\"docs\":{},\"aliases\":{},\"threads\":{threads},\"found\":{found},\"cpu_s\":{cpu:.3},\
                 \"wall_s\":{wall:.3},\"mb_per_cpu_s\":{:.1},\"mb_per_s\":{:.1},\"peak_mb\":{:.0}}}",
                texts.len(),
                if case == "many" { twenty_thousand.n_aliases() } else { ours.n_aliases() },
                bytes as f64 / 1e6 / cpu,
                bytes as f64 / 1e6 / wall,
                peak_mb()
            );
        }
    }
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    if args.iter().any(|arg| arg == "--json") {
        json(&args);
        return;
    }
    let mut criterion = Criterion::default().configure_from_args();
    compare(&mut criterion);
    criterion.final_summary();
}
