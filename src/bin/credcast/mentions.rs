//! `credcast mentions`.

use std::io::Read;
use std::path::PathBuf;

use credcast::ingest::{Source, bundled_catalog, read_catalog};
use credcast::report::{json, mention_rows, mentions_csv, mentions_explained, mentions_table};
use credcast::text::{Context, MentionMatcher};

use crate::args::{Common, Format, soc};
use crate::output::{Failure, deliver, remark, table_width};

pub(crate) const NOTES: &str = "\
A name that means several things is settled by what stands around it: issuer,
other words of the name, the field, --soc and --industry. If nothing does, it is
reported as not settled. A certificate is required, preferred, mentioned or
negated by the words of its sentence, item or heading.

Examples:
  credcast mentions posting.txt --explain
  credcast mentions - --catalog our-list.toml --format json < posting.txt";

#[derive(Debug, clap::Args)]
pub(crate) struct Mentions {
    /// Texts in UTF-8, also .gz and .zst; - is standard input
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// Catalogue: a TOML file or a folder of them [default: the bundled one]
    #[arg(long, value_name = "FILE")]
    pub(crate) catalog: Option<PathBuf>,
    /// Show each mention in its context, with the rule that decided
    #[arg(long)]
    pub(crate) explain: bool,
    /// SOC code of the occupation, such as 31-1131
    #[arg(long, value_name = "CODE", value_parser = soc)]
    pub(crate) soc: Option<String>,
    /// Industry of the employer, in words
    #[arg(long, value_name = "TEXT")]
    pub(crate) industry: Option<String>,
}

pub(crate) fn run(args: &Mentions, common: &Common) -> Result<(), Failure> {
    let catalog = match &args.catalog {
        Some(path) => read_catalog(path)?,
        None => bundled_catalog()?,
    };
    let matcher = MentionMatcher::new(&catalog)?;
    let context = Context { soc: args.soc.as_deref(), industry: args.industry.as_deref(), ..Context::default() };
    let mut rows = Vec::new();
    for file in &args.files {
        let source = if file.as_os_str() == "-" {
            let mut bytes = Vec::new();
            std::io::stdin()
                .read_to_end(&mut bytes)
                .map_err(|error| Failure::Failed(format!("standard input: {error}")))?;
            Source::bytes("standard input", bytes)
        } else {
            Source::path(file)
        };
        let text = source.read_text()?;
        rows.extend(mention_rows(&source.name().display().to_string(), &text, &matcher.mentions(&text, &context)));
    }
    if rows.is_empty() {
        remark(&format!("no name of the {} certificates of the catalogue found", catalog.len()), common);
    }
    let text = match common.format {
        Format::Json => json(&rows)?,
        Format::Csv => mentions_csv(&rows),
        Format::Table if args.explain => mentions_explained(&rows),
        Format::Table => mentions_table(&rows, table_width(common)),
    };
    deliver(&text, common)
}
