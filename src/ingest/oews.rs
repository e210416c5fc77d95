//! Occupational Employment and Wage Statistics of the BLS: employment and pay by occupation, one file a year.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};

use super::indeed;
use super::number::{self, Fault, NumberRule};
use super::panel_sink::PanelSink;
use super::report::{Mode, ReadOptions, ReadReport};
use super::soc::{self, SocBasis, SocLink, SocVintage, soc_link};
use super::source::{Container, Source, container};
use super::table::{Row, Style, Table, Used};
use super::workbook;
use crate::error::{DataError, Place};
use crate::key::{NATION, RegionId, SeriesKey};
use crate::panel::Panel;
use crate::time::{Frequency, Period};

/// The columns of every OEWS panel: employment with its relative standard error in percent, annual pay in US dollars
/// (mean, percentiles), and the relative standard error of the mean in percent.
pub const OEWS_COLUMNS: [&str; 9] =
    ["tot_emp", "emp_rse", "a_mean", "a_pct10", "a_pct25", "a_median", "a_pct75", "a_pct90", "mean_rse"];

const TOT_EMP: usize = 0;
const EMP_RSE: usize = 1;
const A_MEAN: usize = 2;
const MEAN_RSE: usize = 8;

/// All occupations together.
const TOTAL: &str = "00-0000";

const NUMBER: NumberRule = NumberRule { missing: false, thousands: true, negative: false };

/// A cell of an OEWS table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum OewsCell {
    /// A published number.
    Value(f64),
    /// Not published: `*` (pay), `**` (employment) or empty.
    NotAvailable,
    /// At or above the year's limit, see [`TopCode`]: `#`.
    TopCoded,
}

impl OewsCell {
    /// The number; NaN if there is none.
    #[must_use]
    pub fn value(self) -> f64 {
        match self {
            Self::Value(value) => value,
            Self::NotAvailable | Self::TopCoded => f64::NAN,
        }
    }

    fn parse(text: &str) -> Result<Self, Fault> {
        match text {
            "*" | "**" | "" => Ok(Self::NotAvailable),
            "#" => Ok(Self::TopCoded),
            _ => number::parse(text, NUMBER)
                .map(Self::Value)
                .map_err(|fault| Fault { expected: "a number, *, ** or #".into(), ..fault }),
        }
    }
}

/// The pay at or above which a file prints `#` in place of a percentile. Means are printed above it as well.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TopCode {
    /// US dollars per hour.
    pub usd_per_hour: f64,
    /// US dollars per year.
    pub usd_per_year: f64,
}

/// One occupation in one region and year, as published.
#[derive(Clone, Debug, PartialEq)]
pub struct OewsRow {
    /// The nation or a state.
    pub region: RegionId,
    /// The code in the code list of its year.
    pub soc: String,
    /// The title; empty where the file has none.
    pub title: String,
    /// The numbers, in the order of [`OEWS_COLUMNS`].
    pub cells: [OewsCell; 9],
    line: u64,
}

/// One file: the detailed occupations, and all occupations together as `00-0000`.
#[derive(Clone, Debug, PartialEq)]
pub struct OewsYear {
    /// The estimates are of May of this year.
    pub year: i16,
    /// The limit of `#`, where the file states it (its sheet "Field Descriptions"); unknown otherwise.
    pub top_code: Option<TopCode>,
    /// The rows in file order.
    pub rows: Vec<OewsRow>,
}

/// A code that has no place in the panel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unlinked {
    /// The year.
    pub year: i16,
    /// The code in the code list of that year.
    pub soc: String,
    /// Its title.
    pub title: String,
    /// Why: what the crosswalk says, or that other parts of the same target are not in the file.
    pub reason: String,
}

/// Several OEWS years as one panel.
#[derive(Clone, Debug, PartialEq)]
pub struct Oews {
    /// Yearly, item = SOC code, columns [`OEWS_COLUMNS`].
    pub panel: Panel,
    /// The title of each item, from the latest file that has one.
    pub titles: BTreeMap<String, String>,
    /// Codes of earlier years without a place in the panel, by year and code.
    pub unlinked: Vec<Unlinked>,
    /// Cells that are NaN because pay is at or above the year's limit: key, year, column.
    pub top_coded: Vec<(SeriesKey, i16, &'static str)>,
    /// The limits that the files state, by year.
    pub top_codes: BTreeMap<i16, TopCode>,
}

/// Reads one OEWS file: XLSX or CSV as published from 2012 on, extracts of it, or the compact CSV of this project
/// (`area,soc,tot_emp,emp_rse,a_mean,mean_rse,a_pct10,...`).
///
/// Column names are compared without regard to case; of a repeated name the first counts. Only national and state rows
/// over all industries are read, detailed occupations and the total of all; what is left out is counted in a note.
/// Without `year` the first number from 1997 to 2100 in the file's name, or else in its folder's, is the year.
///
/// # Errors
/// [`DataError::Cell`] for a missing column, a bad cell or code, or no year in the name; [`DataError::Empty`];
/// what [`Source::read`] may say.
pub fn read_oews(source: &Source, year: Option<i16>, mode: Mode) -> Result<(OewsYear, ReadReport), DataError> {
    let file = source.name();
    let Some(year) = year.or_else(|| year_in(file)) else {
        let (place, expected) = (Place::file(file), "a year in the name of the file, or given beside it".to_owned());
        return Err(DataError::Cell { place, expected, found: "none".to_owned() });
    };
    let content = source.read()?;
    let mut report = ReadReport::new(file);
    let style = Style { lower_case: true, repeats: true, text_only: false };
    let mut top_code = None;
    let table = if container(&content) == Container::Workbook {
        let mut sheets = workbook::sheets(&content, file)?;
        top_code = sheets.iter().find_map(stated_top_code);
        let is_data = |columns: &[String]| columns.iter().any(|c| c.trim().eq_ignore_ascii_case("occ_code"));
        let Some(index) = sheets.iter().position(|sheet| is_data(&sheet.columns)) else {
            let (place, found) = (Place::file(file), "none".to_owned());
            return Err(DataError::Cell { place, expected: "a sheet with a column occ_code".to_owned(), found });
        };
        let sheet = sheets.swap_remove(index);
        Table::from_rows(sheet.columns, sheet.rows, file, style)?
    } else {
        Table::open(&content, file, style)?
    };
    let columns = Columns::find(&table)?;
    let mut rows = Vec::new();
    let mut aggregates = 0_u64;
    let mut elsewhere = 0_u64;
    table.for_each(mode, &mut report, |row| {
        let Some(region) = columns.region(row)? else {
            elsewhere += 1;
            return Ok(Used::No);
        };
        let soc = code(row, columns.code)?;
        let detailed = columns.group.map_or(!soc.ends_with("0000"), |index| row.text(index) == "detailed");
        if !detailed && soc != TOTAL {
            aggregates += 1;
            return Ok(Used::No);
        }
        let mut cells = [OewsCell::NotAvailable; 9];
        for (cell, &index) in cells.iter_mut().zip(&columns.values) {
            *cell = OewsCell::parse(row.text(index)).map_err(|fault| row.fault(index, fault))?;
        }
        let title = columns.title.map_or_else(String::new, |index| row.text(index).to_owned());
        let line = row.place(columns.code).line.unwrap_or_default();
        rows.push(OewsRow { region: RegionId::new(region), soc: soc.to_owned(), title, cells, line });
        Ok(Used::Yes)
    })?;
    if aggregates > 0 {
        report.note(format!("{year}: {aggregates} rows of groups of occupations were left out"));
    }
    if elsewhere > 0 {
        report.note(format!("{year}: {elsewhere} rows of single industries or of areas within states were left out"));
    }
    Ok((OewsYear { year, top_code, rows }, report))
}

/// Reads several OEWS years, in parallel, into one yearly panel keyed by SOC 2018 code; see [`SocBasis`].
///
/// Codes of earlier years are linked by [`soc_link`]. Where several published occupations make one: employment is their
/// sum, `a_mean` the mean weighted with employment, each percentile the mean of the parts' percentiles weighted with
/// employment (**not** the percentile of the joint distribution, which cannot be had from these files), and the relative
/// standard errors those of independent parts. A joint cell is missing if it is missing for any part. The report counts
/// the joined rows. Cells that are not available or top-coded are NaN; [`Oews::top_coded`] lists the latter.
///
/// # Errors
/// As [`read_oews`]; [`DataError::Duplicate`] if two files hold the same occupation, region and year;
/// [`DataError::Gap`] unless `options` allow gaps (the years between the files, and joined codes, make many).
pub fn read_oews_years(
    sources: &[Source],
    basis: SocBasis,
    options: &ReadOptions,
) -> Result<(Oews, ReadReport), DataError> {
    let mut read = Vec::new();
    sources.par_iter().map(|source| read_oews(source, None, options.mode)).collect_into_vec(&mut read);
    let mut report = ReadReport::default();
    let mut years = Vec::with_capacity(sources.len());
    for (source, result) in sources.iter().zip(read) {
        let (year, own) = result?;
        report.absorb(own);
        years.push((source.name(), year));
    }
    years.sort_by_key(|(_, year)| year.year);

    let mut sink = PanelSink::new(Frequency::Yearly, OEWS_COLUMNS);
    let mut titles = BTreeMap::new();
    let mut unlinked = Vec::new();
    let mut top_coded = Vec::new();
    let mut top_codes = BTreeMap::new();
    let mut joined = 0_u64;
    let mut mostly = BTreeSet::new();
    for (file, year) in &years {
        if let Some(limit) = year.top_code {
            top_codes.insert(year.year, limit);
        }
        let vintage = vintage(year.year, file)?;
        for (target, parts) in link(year, vintage, basis, &mut unlinked, &mut mostly) {
            let (region, code) = target;
            let present: Vec<&str> = parts.iter().map(|part| part.soc.as_str()).collect();
            if !soc::is_complete(vintage, code, &present, basis) {
                unlinked.extend(parts.iter().map(|part| Unlinked {
                    year: year.year,
                    soc: part.soc.clone(),
                    title: part.title.clone(),
                    reason: format!("the other parts of {code} are not in the file"),
                }));
                continue;
            }
            joined += u64::from(parts.len() > 1);
            let cells = combine(&parts);
            let key = SeriesKey::new(code, region);
            for (name, cell) in OEWS_COLUMNS.iter().zip(&cells) {
                if *cell == OewsCell::TopCoded {
                    top_coded.push((key.clone(), year.year, *name));
                }
            }
            let period = Period::year(year.year);
            let place = || Place::file(*file).line(parts[0].line);
            sink.push(code, region, period, &cells.map(OewsCell::value), place)?;
            if let [only] = parts.as_slice()
                && !only.title.is_empty()
            {
                titles.insert(code.to_owned(), only.title.clone());
            }
        }
    }
    unlinked.sort_by(|a, b| (a.year, &a.soc).cmp(&(b.year, &b.soc)));
    if !unlinked.is_empty() {
        report.note(format!("{} codes of single years have no place among the codes of the panel", unlinked.len()));
    }
    if !mostly.is_empty() {
        let codes = mostly.iter().copied().collect::<Vec<_>>().join(", ");
        report.note(format!("taken as unchanged although the crosswalk moves a part of them: {codes}"));
    }
    if joined > 0 {
        report.note(format!(
            "{joined} rows join several occupations: percentiles there are means weighted with employment"
        ));
    }
    if !top_coded.is_empty() {
        report.note(format!(
            "{} cells are missing because pay is at or above the limit that the file prints",
            top_coded.len()
        ));
    }
    let name = sources.first().map_or(Path::new("no files"), Source::name);
    let panel = sink.finish(options, &mut report, name)?;
    Ok((Oews { panel, titles, unlinked, top_coded, top_codes }, report))
}

fn vintage(year: i16, file: &Path) -> Result<SocVintage, DataError> {
    SocVintage::of_year(year).ok_or_else(|| DataError::Cell {
        place: Place::file(file),
        expected: "a year from 2012 on (earlier ones are in SOC 2000 or a mixture)".to_owned(),
        found: year.to_string(),
    })
}

/// The rows of `year` by region and target code; codes without a target go to `unlinked`.
fn link<'a>(
    year: &'a OewsYear,
    vintage: SocVintage,
    basis: SocBasis,
    unlinked: &mut Vec<Unlinked>,
    mostly: &mut BTreeSet<&'a str>,
) -> BTreeMap<(&'a str, &'a str), Vec<&'a OewsRow>> {
    let mut targets: BTreeMap<_, Vec<&OewsRow>> = BTreeMap::new();
    for row in &year.rows {
        let reason = match soc_link(vintage, &row.soc, basis) {
            SocLink::Whole(code) => {
                targets.entry((row.region.as_str(), code)).or_default().push(row);
                continue;
            }
            SocLink::Mostly(code) => {
                mostly.insert(code);
                targets.entry((row.region.as_str(), code)).or_default().push(row);
                continue;
            }
            SocLink::Split(codes) => format!("split over {}", codes.join(", ")),
            SocLink::Part(code) => format!("part of {code}, which takes unknown shares of other codes"),
            SocLink::Unknown => "where it went is not established".to_owned(),
        };
        unlinked.push(Unlinked { year: year.year, soc: row.soc.clone(), title: row.title.clone(), reason });
    }
    targets
}

/// One row from the `parts` of an occupation, as [`read_oews_years`] says.
fn combine(parts: &[&OewsRow]) -> [OewsCell; 9] {
    if let [only] = parts {
        return only.cells;
    }
    let joint = |column: usize, value: f64| {
        let any = |cell| parts.iter().any(|part| part.cells[column] == cell);
        if any(OewsCell::TopCoded) {
            OewsCell::TopCoded
        } else if value.is_finite() {
            OewsCell::Value(value)
        } else {
            OewsCell::NotAvailable
        }
    };
    let cell = |part: &&OewsRow, column: usize| part.cells[column].value();
    let employment: f64 = parts.iter().map(|part| cell(part, TOT_EMP)).sum();
    let weighted = |column: usize| {
        let sum: f64 = parts.iter().map(|part| cell(part, TOT_EMP) * cell(part, column)).sum();
        sum / employment
    };
    // The variance of a sum of independent estimates is the sum of their variances.
    let spread = |amount: usize, rse: usize, weight: &dyn Fn(&&OewsRow) -> f64| {
        let variance: f64 =
            parts.iter().map(|part| (weight(part) * cell(part, amount) * cell(part, rse)).powi(2)).sum();
        variance.sqrt()
    };
    std::array::from_fn(|column| {
        let value = match column {
            TOT_EMP => employment,
            EMP_RSE => spread(TOT_EMP, EMP_RSE, &|_| 1.0) / employment,
            MEAN_RSE => spread(A_MEAN, MEAN_RSE, &|part| cell(part, TOT_EMP)) / (employment * weighted(A_MEAN)),
            other => weighted(other),
        };
        joint(column, value)
    })
}

/// Positions of the columns.
struct Columns {
    code: usize,
    title: Option<usize>,
    group: Option<usize>,
    /// In the order of [`OEWS_COLUMNS`].
    values: [usize; 9],
    /// Of the compact layout: region codes.
    area: Option<usize>,
    area_type: Option<usize>,
    state: Option<usize>,
    industry: Option<usize>,
}

impl Columns {
    fn find(table: &Table<'_>) -> Result<Self, DataError> {
        let compact = table.optional("soc");
        let code = compact.map_or_else(|| table.column("occ_code"), Ok)?;
        let mut values = [0; 9];
        for (to, name) in values.iter_mut().zip(OEWS_COLUMNS) {
            // Up to 2024 BLS says "prse", percent relative standard error.
            let published = name.replace("_rse", "_prse");
            *to = table.optional(&published).map_or_else(|| table.column(name), Ok)?;
        }
        let group = table.optional("o_group").or_else(|| table.optional("occ_group"));
        Ok(Self {
            code,
            title: table.optional("occ_title").or_else(|| table.optional("title")),
            group: if compact.is_some() {
                None
            } else {
                group.map_or_else(|| table.column("o_group"), Ok).map(Some)?
            },
            values,
            area: compact.and(table.optional("area")),
            area_type: table.optional("area_type"),
            state: table.optional("prim_state"),
            industry: table.optional("i_group"),
        })
    }

    /// The row's region; `None` if it is neither the nation nor a state, or of one industry.
    fn region(&self, row: &Row<'_>) -> Result<Option<String>, DataError> {
        if self.industry.is_some_and(|index| row.text(index) != "cross-industry") {
            return Ok(None);
        }
        if let Some(index) = self.area {
            return indeed::region(row, index).map(Some);
        }
        match (self.area_type.map(|index| row.text(index)), self.state) {
            (None | Some("1"), _) => Ok(Some(NATION.to_owned())),
            (Some("2"), Some(state)) => indeed::region(row, state).map(Some),
            _ => Ok(None),
        }
    }
}

/// An occupation code: `15-1232`.
fn code<'r>(row: &Row<'r>, index: usize) -> Result<&'r str, DataError> {
    let text = row.text(index);
    let fits =
        text.len() == 7 && text.bytes().enumerate().all(|(i, b)| if i == 2 { b == b'-' } else { b.is_ascii_digit() });
    if fits { Ok(text) } else { Err(row.fault(index, Fault::new("an occupation code such as 15-1232", text))) }
}

/// The first number from 1997 to 2100 in the name of the file, or else of its folder.
fn year_in(file: &Path) -> Option<i16> {
    let names = [file.file_name(), file.parent().and_then(Path::file_name)];
    names.into_iter().flatten().find_map(|name| {
        let name = name.to_string_lossy();
        let mut runs = name.split(|c: char| !c.is_ascii_digit()).filter(|run| run.len() == 4);
        runs.find_map(|run| run.parse().ok().filter(|year| (1997..=2100).contains(year)))
    })
}

/// The limit that a sheet of field descriptions states: `#  = indicates a wage equal to or greater than $100.00 per
/// hour or $208,000 per year`.
fn stated_top_code(sheet: &workbook::Sheet) -> Option<TopCode> {
    let cells = sheet.rows.iter().flat_map(|(_, row)| row.iter().map(String::from_utf8_lossy));
    let text = cells.into_iter().find(|text| text.trim_start().starts_with('#') && text.contains("per hour"))?;
    let mut amounts = text.split('$').skip(1).filter_map(|rest| {
        let amount = rest.split_whitespace().next()?.trim_end_matches(['.', ',']);
        number::parse(amount, NUMBER).ok()
    });
    Some(TopCode { usd_per_hour: amounts.next()?, usd_per_year: amounts.next()? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panel::GapPolicy;

    const HEADER: &str =
        "OCC_CODE,OCC_TITLE,OCC_GROUP,TOT_EMP,EMP_PRSE,A_MEAN,MEAN_PRSE,A_PCT10,A_PCT25,A_MEDIAN,A_PCT75,A_PCT90\n";

    fn source(name: &str, rows: &str) -> Source {
        Source::bytes(name, format!("{HEADER}{rows}").into_bytes())
    }

    #[test]
    fn marks_become_explicit_cells() {
        let source = source("oews-2018.csv", "29-1066,Psychiatrists,detailed,\"25,630\",**,*,1.0,#,,#,5,6\n");
        let (year, _) = read_oews(&source, None, Mode::Strict).unwrap();
        assert_eq!((year.year, year.top_code), (2018, None));
        let cells = year.rows[0].cells;
        assert_eq!(cells[TOT_EMP], OewsCell::Value(25_630.0));
        assert_eq!(
            (cells[EMP_RSE], cells[A_MEAN], cells[4]),
            (OewsCell::NotAvailable, OewsCell::NotAvailable, OewsCell::NotAvailable)
        );
        assert_eq!((cells[3], cells[5]), (OewsCell::TopCoded, OewsCell::TopCoded));
    }

    #[test]
    fn anything_else_in_a_cell_is_an_error() {
        let source = source("oews-2018.csv", "29-1066,Psychiatrists,detailed,n/a,1,1,1,1,1,1,1,1\n");
        let error = read_oews(&source, None, Mode::Strict).unwrap_err().to_string();
        insta::assert_snapshot!(error, @r#"oews-2018.csv, line 2, column tot_emp: expected a number, *, ** or #, found "n/a""#);
    }

    #[test]
    fn joined_occupations_add_employment_and_weight_pay() {
        let files = [
            source(
                "oews-2018.csv",
                "31-1011,Home Health Aides,detailed,300,2,20000,1,1,1,20000,1,1\n\
                 39-9021,Personal Care Aides,detailed,100,4,40000,1,1,1,28000,1,1\n",
            ),
            source(
                "oews-2021.csv",
                "31-1120,Home Health and Personal Care Aides,detailed,500,1,30000,1,1,1,29000,1,1\n",
            ),
        ];
        let options = ReadOptions { gaps: GapPolicy::Missing, ..ReadOptions::default() };
        let (oews, report) = read_oews_years(&files, SocBasis::Soc2018, &options).unwrap();
        let series = oews.panel.get(&SeriesKey::national("31-1120")).unwrap();
        assert_eq!(series.column("tot_emp").unwrap()[0].to_bits(), 400.0_f64.to_bits());
        assert_eq!(series.column("a_mean").unwrap()[0].to_bits(), 25_000.0_f64.to_bits());
        assert_eq!(series.column("a_median").unwrap()[0].to_bits(), 22_000.0_f64.to_bits());
        // sqrt((300 * 2)^2 + (100 * 4)^2) / 400, and sqrt((300 * 20 000)^2 + (100 * 40 000)^2) / (400 * 25 000).
        approx::assert_relative_eq!(
            series.column("emp_rse").unwrap()[0],
            1.802_775_637_731_994_6,
            max_relative = 1e-12
        );
        approx::assert_relative_eq!(
            series.column("mean_rse").unwrap()[0],
            0.721_110_255_092_797_9,
            max_relative = 1e-12
        );
        assert!(report.notes.iter().any(|n| n.starts_with("1 rows join several occupations")));
        assert_eq!(report.gaps.len(), 1);
    }

    #[test]
    fn split_and_incomplete_codes_are_listed_not_assigned() {
        let files = [source(
            "oews-2018.csv",
            "29-2041,EMTs and Paramedics,detailed,1,1,1,1,1,1,1,1,1\n\
             31-1011,Home Health Aides,detailed,1,1,1,1,1,1,1,1,1\n\
             29-2061,LPNs,detailed,1,1,1,1,1,1,1,1,1\n",
        )];
        let (oews, _) = read_oews_years(&files, SocBasis::Soc2018, &ReadOptions::default()).unwrap();
        assert_eq!(oews.panel.keys(), [SeriesKey::national("29-2061")]);
        let reasons: Vec<&str> = oews.unlinked.iter().map(|u| u.reason.as_str()).collect();
        assert_eq!(reasons, ["split over 29-2042, 29-2043", "the other parts of 31-1120 are not in the file"]);
    }

    #[test]
    fn the_compact_layout_holds_states() {
        let text = "area,soc,tot_emp,emp_rse,a_mean,mean_rse,a_pct10,a_pct25,a_median,a_pct75,a_pct90\n\
                    US,00-0000,9,1,1,1,1,1,1,1,1\nTX,29-2061,5,1,1,1,1,1,50000,1,#\n";
        let source = Source::bytes("datasets/oews-2025/occupations.csv.gz", text.as_bytes());
        let (year, _) = read_oews(&source, None, Mode::Strict).unwrap();
        assert_eq!((year.year, year.rows.len()), (2025, 2));
        assert_eq!(year.rows[1].region.as_str(), "TX");
    }

    #[test]
    fn a_file_without_a_year_says_what_it_wants() {
        let error = read_oews(&source("oews.csv", ""), None, Mode::Strict).unwrap_err().to_string();
        insta::assert_snapshot!(error, @"oews.csv: expected a year in the name of the file, or given beside it, found none");
    }
}
