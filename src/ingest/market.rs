//! From a manifest to a market: every table that `market.toml` names, read and checked.

use std::path::{Path, PathBuf};

use jiff::civil::Date;

use super::bundled;
use super::extract::{ExtractSettings, Extraction, Extractor};
use super::indeed::{PostingsKind, read_indeed_postings};
use super::industry::{read_industries, read_staffing};
use super::long::{LongLayout, read_long};
use super::oews::read_oews_years;
use super::posted_wages::read_posted_wages;
use super::postings::{self, Mapping, PostingReader};
use super::report::{Mode, ReadOptions, ReadReport};
use super::scorecard::read_scorecard;
use super::soc::SocBasis;
use super::source::Source;
use crate::catalog::Catalog;
use crate::error::{DataError, Place, Result};
use crate::market::{
    IndustryEmployment, Manifest, ManifestTable, Market, OccupationYear, PayTable, Provenance, Sourced, Supply,
    TableKind,
};
use crate::panel::{AggregateRule, GapPolicy, Panel, PartialPeriods};
use crate::time::Frequency;

/// The name under which a folder's manifest is looked for.
const MANIFEST: &str = "market.toml";
/// Paths that begin so stand for embedded data.
const BUNDLED_PREFIX: &str = "bundled:";

/// What reading a market found, table by table.
#[derive(Clone, Debug, Default)]
pub struct MarketReading {
    /// What the manifest calls the market.
    pub name: String,
    /// The sentence that the manifest wants said first; may be empty.
    pub note: String,
    /// Each table's kind, vintage and report.
    pub tables: Vec<(TableKind, Date, ReadReport)>,
}

impl MarketReading {
    /// The remarks of all readers, each with its table.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        let notes = |(kind, _, report): &(TableKind, Date, ReadReport)| {
            report.notes.iter().map(|note| format!("{kind}: {note}")).collect::<Vec<_>>()
        };
        self.tables.iter().flat_map(notes).collect()
    }

    /// What an outlook over this market must say first.
    #[must_use]
    pub fn headline(&self) -> Vec<String> {
        (!self.note.is_empty()).then(|| self.note.clone()).into_iter().collect()
    }

    /// One line for each table: kind, files, vintage, rows.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let line = |(kind, vintage, report): &(TableKind, Date, ReadReport)| {
            let files: Vec<String> = report.files.iter().map(|f| f.display().to_string()).collect();
            format!(
                "{kind}: {} rows used of {}, known {vintage}, from {}",
                report.rows_used,
                report.rows_read,
                files.join(", ")
            )
        };
        let tables = self.tables.iter().map(line);
        tables.chain(self.notes().into_iter().map(|note| format!("note: {note}"))).collect()
    }
}

/// Reads the market in the folder `path` (its `market.toml`), or that manifest itself.
///
/// Paths in the manifest are absolute, relative to the manifest, or `bundled:NAME`; a folder stands for the files in it,
/// by name. Without a `catalog` table the bundled catalogue is used. Daily indices become monthly means without partial
/// months. An observation later than its table's vintage is an error.
///
/// # Errors
/// [`DataError`] for the first file or row that cannot be used, and whatever [`Manifest::parse`] and the readers say.
pub fn read_market(path: &Path) -> Result<(Market, MarketReading)> {
    let file = if path.is_dir() { path.join(MANIFEST) } else { path.to_path_buf() };
    let text = Source::path(&file).read_text()?;
    let folder = file.parent().map(Path::to_path_buf).unwrap_or_default();
    let manifest = Manifest::parse(&file.display().to_string(), &text)?;
    from_manifest(&manifest, &file, |path| resolve(&folder, path))
}

/// The market of the bundled data.
///
/// # Errors
/// None that a released version can meet: the data are embedded and tested.
#[cfg(feature = "bundled")]
pub fn bundled_market() -> Result<Market> {
    let manifest = Manifest::parse("bundled market.toml", bundled::MANIFEST)?;
    let sources = |path: &str| Ok(vec![bundled::source(path.trim_start_matches(BUNDLED_PREFIX))?]);
    Ok(from_manifest(&manifest, Path::new("bundled market.toml"), sources)?.0)
}

/// The sources that one path of a manifest stands for.
fn resolve(folder: &Path, path: &str) -> Result<Vec<Source>, DataError> {
    if let Some(name) = path.strip_prefix(BUNDLED_PREFIX) {
        return Ok(vec![bundled::source(name)?]);
    }
    let path = folder.join(path);
    let io = |source| DataError::Io { place: Place::file(&path), source };
    if !std::fs::metadata(&path).map_err(io)?.is_dir() {
        return Ok(vec![Source::path(path)]);
    }
    let mut files: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(&path).map_err(io)? {
        let file = entry.map_err(io)?.path();
        if is_table(&file) {
            files.push(file);
        }
    }
    files.sort();
    if files.is_empty() {
        return Err(DataError::Empty { what: format!("the folder {} (no table in it)", path.display()) });
    }
    Ok(files.into_iter().map(Source::path).collect())
}

/// Whether a file in a folder is a table, and no note beside the tables.
fn is_table(file: &Path) -> bool {
    let name = file.file_name().map(|n| n.to_string_lossy().to_lowercase()).unwrap_or_default();
    let name = name.trim_end_matches(".gz").trim_end_matches(".zst");
    file.is_file() && [".csv", ".xlsx", ".parquet", ".toml"].iter().any(|ending| name.ends_with(ending))
}

/// Parts of a market that only together make a table of it.
#[derive(Default)]
struct Parts<'m> {
    advertisements: Vec<(&'m ManifestTable, Vec<Source>)>,
    industry_panel: Option<Sourced<Panel>>,
    industries: Option<Sourced<Vec<crate::market::Industry>>>,
    staffing: Option<Sourced<Vec<crate::market::StaffingRow>>>,
    pay: Vec<Sourced<PayTable>>,
}

fn from_manifest(
    manifest: &Manifest,
    file: &Path,
    sources_of: impl Fn(&str) -> Result<Vec<Source>, DataError>,
) -> Result<(Market, MarketReading)> {
    let mut market = Market::default();
    let mut reading = MarketReading { name: manifest.name.clone(), note: manifest.note.clone(), tables: Vec::new() };
    let mut parts = Parts::default();
    let mut catalog_files: Vec<(String, String)> = Vec::new();
    let twice = |kind: TableKind| DataError::Inconsistent {
        place: Place::file(file),
        detail: format!("it names two {kind} tables; list both files under one"),
    };
    for table in &manifest.tables {
        let mut sources = Vec::new();
        for path in &table.paths {
            sources.extend(sources_of(path).map_err(|error| match error {
                DataError::Io { source, .. } if source.kind() == std::io::ErrorKind::NotFound => DataError::Cell {
                    place: Place::file(file).line(table.line).column("path"),
                    expected: format!("the file or folder of a {} table", table.kind),
                    found: format!("{path:?}, which is not there"),
                },
                DataError::Cell { expected, found, .. } => {
                    DataError::Cell { place: Place::file(file).line(table.line).column("path"), expected, found }
                }
                error => error,
            })?);
        }
        let options = ReadOptions { mode: Mode::Strict, gaps: GapPolicy::Missing, not_after: Some(table.vintage) };
        let one = || match sources.as_slice() {
            [source] => Ok(source),
            _ => Err(DataError::Inconsistent {
                place: Place::file(file),
                detail: format!("a {} table is one file, not {}", table.kind, sources.len()),
            }),
        };
        let sourced = |report: &ReadReport| Provenance {
            kind: table.kind,
            files: report.files.iter().map(|f| f.display().to_string()).collect(),
            vintage: table.vintage,
            rows: usize::try_from(report.rows_used).unwrap_or(usize::MAX),
        };
        let report = match table.kind {
            TableKind::Catalog => {
                let texts = sources
                    .iter()
                    .map(|source| Ok((source.name().display().to_string(), source.read_text()?)))
                    .collect::<Result<Vec<_>, DataError>>()?;
                let catalog = Catalog::parse_all(texts.iter().map(|(name, text)| (name.as_str(), text.as_str())))?;
                let rows = u64::try_from(catalog.len()).unwrap_or(u64::MAX);
                catalog_files.extend(texts);
                let files = sources.iter().map(|s| s.name().to_path_buf()).collect();
                ReadReport { files, rows_read: rows, rows_used: rows, ..ReadReport::default() }
            }
            TableKind::Advertisements => {
                // Read with the catalogue, which may stand behind.
                parts.advertisements.push((table, sources));
                continue;
            }
            TableKind::CertificatePostings => {
                let (panel, report) = read_long(one()?, &LongLayout { options, ..LongLayout::default() })?;
                let panel = monthly(panel, AggregateRule::Sum)?;
                fill(&mut market.certificate_postings, Sourced { data: panel, source: sourced(&report) }, twice)?;
                report
            }
            TableKind::IndeedSector => {
                let (panel, report) = read_indeed_postings(one()?, PostingsKind::Total, &options)?;
                let panel = monthly(panel, AggregateRule::Mean)?;
                fill(&mut market.sector_postings, Sourced { data: panel, source: sourced(&report) }, twice)?;
                report
            }
            TableKind::IndeedAggregate | TableKind::IndeedState => {
                let (panel, report) = read_indeed_postings(one()?, PostingsKind::Total, &options)?;
                let panel = monthly(panel, AggregateRule::Mean)?;
                if market.total_postings.iter().any(|t| t.source.kind == table.kind) {
                    return Err(twice(table.kind).into());
                }
                market.total_postings.push(Sourced { data: panel, source: sourced(&report) });
                report
            }
            TableKind::IndeedWagesSector => {
                let (panel, report) = read_posted_wages(one()?, &options)?;
                fill(&mut market.posted_pay_growth, Sourced { data: panel, source: sourced(&report) }, twice)?;
                report
            }
            TableKind::Oews | TableKind::OewsAreas => {
                let (pay, report) = pay_table(&sources, &options)?;
                parts.pay.push(Sourced { data: pay, source: sourced(&report) });
                report
            }
            TableKind::OewsStaffing => {
                let (rows, report) = read_staffing(one()?)?;
                fill(&mut parts.staffing, Sourced { data: rows, source: sourced(&report) }, twice)?;
                report
            }
            TableKind::IndustrySeries => {
                let (rows, report) = read_industries(one()?)?;
                fill(&mut parts.industries, Sourced { data: rows, source: sourced(&report) }, twice)?;
                report
            }
            TableKind::IndustryEmployment => {
                let (panel, report) = read_long(one()?, &LongLayout { options, ..LongLayout::default() })?;
                fill(&mut parts.industry_panel, Sourced { data: panel, source: sourced(&report) }, twice)?;
                report
            }
            TableKind::Scorecard => {
                let (programmes, report) = read_scorecard(one()?, Mode::Strict)?;
                let supply = Sourced { data: Supply::new(programmes), source: sourced(&report) };
                fill(&mut market.supply, supply, twice)?;
                report
            }
        };
        reading.tables.push((table.kind, table.vintage, report));
    }
    market.catalog = if catalog_files.is_empty() {
        bundled::bundled_catalog()?
    } else {
        Catalog::parse_all(catalog_files.iter().map(|(name, text)| (name.as_str(), text.as_str())))?
    };
    for (table, sources) in parts.advertisements.drain(..) {
        let (panel, report) = advertisements(&market.catalog, &sources, table.vintage)?;
        let source = Provenance {
            kind: table.kind,
            files: report.files.iter().map(|f| f.display().to_string()).collect(),
            vintage: table.vintage,
            rows: usize::try_from(report.rows_used).unwrap_or(usize::MAX),
        };
        fill(&mut market.certificate_postings, Sourced { data: panel, source }, |_| DataError::Inconsistent {
            place: Place::file(file).line(table.line),
            detail: "advertisements and certificate-postings are two tables of the same; name one".into(),
        })?;
        reading.tables.push((table.kind, table.vintage, report));
    }
    market.employment = parts.employment(file)?;
    market.pay = parts.pay()?;
    Ok((market, reading))
}

fn fill<T>(
    slot: &mut Option<Sourced<T>>,
    table: Sourced<T>,
    twice: impl Fn(TableKind) -> DataError,
) -> Result<(), DataError> {
    if slot.is_some() {
        return Err(twice(table.source.kind));
    }
    *slot = Some(table);
    Ok(())
}

impl Parts<'_> {
    /// The three employment tables as one; an error if only some of them are there.
    fn employment(&mut self, file: &Path) -> Result<Option<Sourced<IndustryEmployment>>, DataError> {
        match (self.industry_panel.take(), self.industries.take(), self.staffing.take()) {
            (None, None, None) => Ok(None),
            (Some(panel), Some(industries), Some(staffing)) => {
                let name = file.display().to_string();
                let data = IndustryEmployment::new(&name, panel.data, &industries.data, &staffing.data)?;
                let mut source = panel.source;
                source.files.extend(industries.source.files.into_iter().chain(staffing.source.files));
                source.vintage = source.vintage.max(industries.source.vintage).max(staffing.source.vintage);
                Ok(Some(Sourced { data, source }))
            }
            _ => Err(DataError::Inconsistent {
                place: Place::file(file),
                detail: "industry-employment, industry-series and oews-staffing go together".into(),
            }),
        }
    }

    /// All tables of pay as one.
    fn pay(&mut self) -> Result<Option<Sourced<PayTable>>, DataError> {
        let mut tables = std::mem::take(&mut self.pay).into_iter();
        let Some(mut all) = tables.next() else { return Ok(None) };
        for table in tables {
            all.data.extend(table.data)?;
            all.source.files.extend(table.source.files);
            all.source.vintage = all.source.vintage.max(table.source.vintage);
            all.source.rows += table.source.rows;
        }
        Ok(Some(all))
    }
}

/// Demand counted in advertisements, one of each appearance, with what was done about copies as a note.
fn advertisements(catalog: &Catalog, sources: &[Source], vintage: Date) -> Result<(Panel, ReadReport)> {
    let settings = postings::Settings { not_after: Some(vintage), ..postings::Settings::default() };
    let reader = PostingReader::of_sources(sources, &Mapping::default(), &settings)?;
    let extractor = Extractor::new(catalog, ExtractSettings { vintage: Some(vintage), ..ExtractSettings::default() })?;
    let Extraction { panel, report } = extractor.run(&reader)?;
    let mut found = ReadReport {
        files: sources.iter().map(|source| source.name().to_path_buf()).collect(),
        rows_read: report.postings.read(),
        rows_used: report.counted,
        ..ReadReport::default()
    };
    found.note(format!("{} copies of advertisements left out", report.left_out));
    Ok((panel.to_panel()?, found))
}

/// Monthly values; a finer panel is aggregated by `rule` and loses months that it covers in part.
fn monthly(panel: Panel, rule: AggregateRule) -> Result<Panel, DataError> {
    if panel.frequency() == Frequency::Monthly {
        return Ok(panel);
    }
    panel.aggregate(Frequency::Monthly, rule, PartialPeriods::Drop)
}

/// OEWS years as cells by occupation, region and year.
fn pay_table(sources: &[Source], options: &ReadOptions) -> Result<(PayTable, ReadReport), DataError> {
    let (oews, report) = read_oews_years(sources, SocBasis::Soc2018, options)?;
    let index = |name| oews.panel.column_index(name);
    let columns = [
        index("tot_emp")?,
        index("emp_rse")?,
        index("a_median")?,
        index("mean_rse")?,
        index("a_pct10")?,
        index("a_pct90")?,
    ];
    let mut table = PayTable::new();
    for series in oews.panel.iter() {
        for row in 0..series.len() {
            let cell = |column: usize| Some(series.values(column)[row]).filter(|v| v.is_finite());
            let [employment, employment_rse, median_usd, pay_rse, p10_usd, p90_usd] = columns.map(cell);
            // Relative standard errors are printed in percent.
            let share = |percent: Option<f64>| percent.map(|p| p / 100.0);
            let cell = OccupationYear {
                employment,
                employment_rse: share(employment_rse),
                median_usd,
                pay_rse: share(pay_rse),
                p10_usd,
                p90_usd,
            };
            let year = series.period(row).first_day().map(|day| day.year());
            let any = employment.or(median_usd).is_some();
            if let Some(year) = year.filter(|_| any) {
                table.insert(series.key().item(), series.key().region(), year, cell)?;
            }
        }
    }
    Ok((table, report))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Period;

    fn folder(manifest: &str, files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(MANIFEST), manifest).unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        folder
    }

    const CATALOG: &str = "[[certificate]]\nid = \"a\"\nname = \"A\"\nissuer = \"x\"\nkind = \"software\"\n";
    const SECTORS: &str = "date,jobcountry,indeed_job_postings_index,variable,display_name\n\
                           2020-02-01,US,100,total postings,Nursing\n";

    fn manifest(table: &str) -> String {
        format!("name = \"m\"\n[[table]]\nkind = \"catalog\"\npath = \"c.toml\"\nvintage = 2024-01-01\n{table}")
    }

    fn message(folder: &tempfile::TempDir) -> String {
        let text = read_market(folder.path()).unwrap_err().to_string();
        text.replace(&folder.path().display().to_string(), "DIR")
    }

    #[test]
    fn observations_after_the_vintage_are_refused() {
        let table = "[[table]]\nkind = \"indeed-sector\"\npath = \"s.csv\"\nvintage = 2020-01-15\n";
        let folder = folder(&manifest(table), &[("c.toml", CATALOG), ("s.csv", SECTORS)]);
        let message = message(&folder);
        assert!(message.contains("s.csv, line 2, column date: expected a date up to 2020-01-15"), "{message}");
    }

    #[test]
    fn tables_that_belong_together_must_all_be_there() {
        let table = "[[table]]\nkind = \"industry-series\"\npath = \"i.csv\"\nvintage = 2024-01-01\n";
        let series = "series_id,title,naics,leaf\nCEU1,x,11,1\n";
        let folder = folder(&manifest(table), &[("c.toml", CATALOG), ("i.csv", series)]);
        assert_eq!(
            message(&folder),
            "DIR/market.toml: industry-employment, industry-series and oews-staffing go together"
        );
    }

    #[test]
    fn a_missing_file_is_named_with_its_line() {
        let table = "[[table]]\nkind = \"scorecard\"\npath = \"none.csv\"\nvintage = 2024-01-01\n";
        let folder = folder(&manifest(table), &[("c.toml", CATALOG)]);
        assert_eq!(
            message(&folder),
            "DIR/market.toml, line 6, column path: expected the file or folder of a scorecard table, found \"none.csv\", \
             which is not there"
        );
    }

    #[test]
    fn months_of_a_daily_index_are_whole() {
        let days = (1..=29).map(|d| format!("2020-02-{d:02},US,{d},total postings,Nursing\n")).collect::<String>();
        let text =
            format!("{}{days}2020-03-01,US,99,total postings,Nursing\n", &SECTORS[..SECTORS.find('\n').unwrap() + 1]);
        let table = "[[table]]\nkind = \"indeed-sector\"\npath = \"s.csv\"\nvintage = 2020-03-15\n";
        let folder = folder(&manifest(table), &[("c.toml", CATALOG), ("s.csv", &text)]);
        let (market, reading) = read_market(folder.path()).unwrap();
        let panel = market.sector_postings.unwrap().data;
        assert_eq!(panel.series(0).end(), Period::month(2020, 2).unwrap());
        assert_eq!(panel.series(0).values(0), [15.0]);
        assert_eq!(reading.tables.len(), 2);
    }
}
