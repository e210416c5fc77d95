//! `credcast outlook`.

use std::collections::BTreeSet;
use std::path::PathBuf;

use credcast::ingest::{bundled_market, read_market};
use credcast::market::Market;
use credcast::report::{json, outlook_card, outlook_csv, outlook_table};
use credcast::value::{OutlookReport, OutlookSettings};
use credcast::{CertificateId, RegionId};

use crate::args::{Common, Format};
use crate::output::{Failure, deliver, remark, table_width, wrapped};
use crate::progress::Progress;

pub(crate) const NOTES: &str = "\
A certificate holds value in h months if its share of demand is at least
1 - SHARE of today's, pay in its occupations is LOG above the benchmark on the
log scale (0.1 is 11 %), and N jobs remain in the region.

Examples:
  credcast outlook
  credcast outlook --certificate cna-state,aws-saa
  credcast outlook --horizons 12,24 --decide-at 24
  credcast outlook --market my-market --region US,TX \\
      --format json --out outlook.json";

#[derive(Debug, clap::Args)]
pub(crate) struct Outlook {
    /// Folder with a market.toml, or that file [default: the bundled data]
    #[arg(long, value_name = "DIR")]
    pub(crate) market: Option<PathBuf>,
    /// Certificates to judge, by id [default: all]
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub(crate) certificate: Vec<String>,
    /// Regions to judge them in: US, state codes, or `all`
    #[arg(long, value_name = "CODE", value_delimiter = ',', default_value = "US")]
    pub(crate) region: Vec<String>,
    /// Months ahead
    #[arg(long, value_name = "MONTHS", value_delimiter = ',', default_value = "12,24,36,48")]
    pub(crate) horizons: Vec<u16>,
    /// Horizon that the verdict is taken at [default: 36, or the last horizon]
    #[arg(long, value_name = "MONTHS")]
    pub(crate) decide_at: Option<u16>,
    /// Loss of share of demand that still counts as holding value
    #[arg(long, value_name = "SHARE", default_value_t = 0.1)]
    pub(crate) delta: f64,
    /// Pay above the benchmark that is asked for, on the log scale
    #[arg(long, value_name = "LOG", default_value_t = 0.1, allow_negative_numbers = true)]
    pub(crate) pi: f64,
    /// Jobs that must remain in the region
    #[arg(long, value_name = "N", default_value_t = 100.0)]
    pub(crate) min_jobs: f64,
    /// Show each certificate in full; up to three are shown so anyway
    #[arg(long)]
    pub(crate) explain: bool,
}

/// Up to this many outlooks are shown in full.
const SHOWN_IN_FULL: usize = 3;

pub(crate) fn run(args: &Outlook, common: &Common) -> Result<(), Failure> {
    let progress = Progress::new(2, "reading the market", common);
    let (market, notes, headline) = match &args.market {
        Some(path) => {
            let (market, reading) = read_market(path)?;
            (market, reading.notes().len(), reading.headline())
        }
        None => (bundled_market()?, 0, bundled_headline()),
    };
    let settings = OutlookSettings {
        delta: args.delta,
        pi: args.pi,
        n_jobs: args.min_jobs,
        horizons_months: args.horizons.clone(),
        decision_months: args.decide_at.unwrap_or_else(|| default_decision(&args.horizons)),
        ..OutlookSettings::default()
    };
    settings.check()?;
    let regions = regions(&args.region, &market)?;
    check_ids(&args.certificate, &market)?;
    progress.step("forecasting");
    let mut report = OutlookReport::compute(&market, &regions, &settings).map_err(|error| match &args.market {
        Some(path) if matches!(error, credcast::Error::Data(_)) => {
            Failure::Failed(format!("{}: {error}", path.display()))
        }
        _ => error.into(),
    })?;
    report.headline.splice(0..0, headline);
    if !args.certificate.is_empty() {
        let wanted: BTreeSet<&str> = args.certificate.iter().map(String::as_str).collect();
        report.retain(|id| wanted.contains(id.as_str()));
    }
    drop(progress);
    if let Some(path) = args.market.as_ref().filter(|_| notes > 0) {
        remark(&format!("{notes} remarks on the tables; to read them: credcast data check {}", path.display()), common);
    }
    let width = table_width(common);
    let text = match common.format {
        Format::Json => json(&report)?,
        Format::Csv => outlook_csv(&report),
        Format::Table if args.explain || report.certificates.len() <= SHOWN_IN_FULL => {
            wrapped(&outlook_card(&report, width), width)
        }
        Format::Table => wrapped(&outlook_table(&report, width), width),
    };
    deliver(&text, common)
}

/// The horizon of the verdict when none is asked for.
fn default_decision(horizons: &[u16]) -> u16 {
    let usual = OutlookSettings::default().decision_months;
    if horizons.contains(&usual) { usual } else { horizons.last().copied().unwrap_or(usual) }
}

fn bundled_headline() -> Vec<String> {
    vec![
        "Bundled data: employment ends in 2019-09, before the pandemic, so this shows what credcast does, not what to \
         fund. Point --market at newer files for that."
            .into(),
    ]
}

/// The regions asked for, each once; `all` stands for the nation and every region with a survey of pay.
fn regions(asked: &[String], market: &Market) -> Result<Vec<RegionId>, Failure> {
    let mut known: BTreeSet<RegionId> = market.pay.iter().flat_map(|table| table.data.regions()).collect();
    known.extend(market.total_postings.iter().flat_map(|t| t.data.keys()).map(|key| key.region().clone()));
    known.insert(RegionId::nation());
    let mut regions: Vec<RegionId> = Vec::new();
    for text in asked {
        if text.eq_ignore_ascii_case("all") {
            regions.push(RegionId::nation());
            regions.extend(known.iter().filter(|r| !r.is_nation()).cloned());
            continue;
        }
        let region = RegionId::new(text.to_uppercase());
        if !known.contains(&region) {
            let list: Vec<&str> = known.iter().map(RegionId::as_str).collect();
            return Err(Failure::Usage(format!("--region {text}: the regions are all, {}", list.join(", "))));
        }
        regions.push(region);
    }
    let mut seen = BTreeSet::new();
    regions.retain(|region| seen.insert(region.clone()));
    Ok(regions)
}

/// Every certificate asked for must be in the catalogue.
fn check_ids(asked: &[String], market: &Market) -> Result<(), Failure> {
    for id in asked {
        if market.catalog.get(&CertificateId::new(id)).is_none() {
            let part = id.to_lowercase();
            let near: Vec<&str> = market
                .catalog
                .iter()
                .filter(|c| {
                    c.id.as_str().contains(&part)
                        || c.name.to_lowercase().contains(&part)
                        || c.aliases.iter().any(|alias| alias.to_lowercase() == part)
                })
                .map(|c| c.id.as_str())
                .take(8)
                .collect();
            let hint = if near.is_empty() { String::new() } else { format!("; near it: {}", near.join(", ")) };
            return Err(Failure::Usage(format!("--certificate {id}: the catalogue has no such id{hint}")));
        }
    }
    Ok(())
}
