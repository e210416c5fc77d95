//! Certificate programmes of the College Scorecard: who completed what where, and what they earn.

use super::number::{COUNT_OR_MISSING, Fault};
use super::report::{Mode, ReadReport};
use super::source::Source;
use super::table::{Row, Style, Table, Used};
use crate::error::DataError;
use crate::key::RegionId;

/// The credential level of undergraduate certificates and diplomas.
const CERTIFICATE: &str = "1";

/// One undergraduate certificate programme at one institution. NaN is missing, which most earnings are: the source
/// withholds them where few graduates were found.
#[derive(Clone, Debug, PartialEq)]
pub struct Programme {
    /// Institution id of the survey system IPEDS.
    pub unitid: String,
    /// Federal aid id of the institution, six digits.
    pub opeid6: String,
    /// Name of the institution; empty where the file has none.
    pub institution: String,
    /// State of the institution; `None` where the file has none, as for many that closed.
    pub state: Option<RegionId>,
    /// `Public`, `Private, nonprofit`, `Private, for-profit` or as the file says.
    pub control: String,
    /// Field of study, four digits of the CIP: `51.08`.
    pub cip4: String,
    /// Graduates counted, as in the file.
    pub completers: f64,
    /// Median yearly earnings of graduates in US dollars (four years after completion, working, not enrolled).
    pub earnings_usd: f64,
    /// Median yearly earnings of high-school graduates in the state, in US dollars.
    pub hs_earnings_state_usd: f64,
    /// The same for the nation.
    pub hs_earnings_national_usd: f64,
    /// Median debt of graduates in US dollars.
    pub debt_usd: f64,
}

/// Reads certificate programmes from the published Parquet table (`cip_code`, `credential_level`, ...), of which only
/// undergraduate certificates are kept, or from the compact CSV of this project (`cip4`, `earnings_usd`, ...).
///
/// Rows come in file order, one per institution and field of study. A single cross-section, not a series.
///
/// # Errors
/// [`DataError::Cell`] for a missing column, state or field of study or a negative number; what [`Source::read`] may
/// say.
pub fn read_scorecard(source: &Source, mode: Mode) -> Result<(Vec<Programme>, ReadReport), DataError> {
    let content = source.read()?;
    let mut report = ReadReport::new(source.name());
    let table = Table::open(&content, source.name(), Style::default())?;
    let columns = Columns::find(&table)?;
    let mut programmes = Vec::new();
    let mut others = 0_u64;
    table.for_each(mode, &mut report, |row| {
        if columns.level.is_some_and(|index| row.text(index) != CERTIFICATE) {
            others += 1;
            return Ok(Used::No);
        }
        programmes.push(columns.programme(row)?);
        Ok(Used::Yes)
    })?;
    if others > 0 {
        report.note(format!("{others} rows of other credentials than undergraduate certificates were left out"));
    }
    let nowhere = programmes.iter().filter(|p| p.state.is_none()).count();
    if nowhere > 0 {
        report.note(format!("{nowhere} programmes are at institutions without a state"));
    }
    let missing = programmes.iter().filter(|p| p.earnings_usd.is_nan()).count();
    report.note(format!("{missing} of {} programmes have no published earnings", programmes.len()));
    if programmes.is_empty() {
        return Err(DataError::Empty { what: source.name().display().to_string() });
    }
    Ok((programmes, report))
}

/// Positions of the columns.
struct Columns {
    level: Option<usize>,
    institution: Option<usize>,
    /// unitid, opeid6, state, control, field of study.
    texts: [usize; 5],
    /// completers, earnings, threshold of the state, of the nation, debt.
    numbers: [usize; 5],
}

impl Columns {
    fn find(table: &Table<'_>) -> Result<Self, DataError> {
        let compact = table.optional("cip4").is_some();
        let (texts, numbers) = if compact {
            (
                ["unitid", "opeid6", "state", "control", "cip4"],
                ["completers", "earnings_usd", "hs_earnings_state_usd", "hs_earnings_national_usd", "debt_usd"],
            )
        } else {
            (
                ["unitid", "opeid6", "state", "control", "cip_code"],
                [
                    "completers_count",
                    "earnings",
                    "earnings_threshold_state",
                    "earnings_threshold_national",
                    "debt_median",
                ],
            )
        };
        let find = |names: [&str; 5]| {
            let mut found = [0; 5];
            for (to, name) in found.iter_mut().zip(names) {
                *to = table.column(name)?;
            }
            Ok::<_, DataError>(found)
        };
        Ok(Self {
            level: if compact { None } else { Some(table.column("credential_level")?) },
            institution: table.optional(if compact { "institution" } else { "inst_name" }),
            texts: find(texts)?,
            numbers: find(numbers)?,
        })
    }

    fn programme(&self, row: &Row<'_>) -> Result<Programme, DataError> {
        let [unitid, opeid6, state, control, field] = self.texts;
        let number = |index: usize| row.number(self.numbers[index], COUNT_OR_MISSING);
        Ok(Programme {
            unitid: row.required(unitid, "an institution")?.to_owned(),
            opeid6: row.text(opeid6).to_owned(),
            institution: self.institution.map_or_else(String::new, |index| row.text(index).to_owned()),
            state: match row.text(state) {
                "" => None,
                _ => Some(RegionId::new(super::indeed::region(row, state)?)),
            },
            control: row.text(control).to_owned(),
            cip4: cip4(row, field)?,
            completers: number(0)?,
            earnings_usd: number(1)?,
            hs_earnings_state_usd: number(2)?,
            hs_earnings_national_usd: number(3)?,
            debt_usd: number(4)?,
        })
    }
}

/// `5108`, `51.08` and `0183`, written `51.08`.
fn cip4(row: &Row<'_>, index: usize) -> Result<String, DataError> {
    let text = row.text(index);
    let digits: String = text.chars().filter(|c| *c != '.').collect();
    let dotted = text.len() == 5 && text.as_bytes()[2] == b'.';
    if digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit()) && (text.len() == 4 || dotted) {
        Ok(format!("{}.{}", &digits[..2], &digits[2..]))
    } else {
        Err(row.fault(index, Fault::new("a field of study such as 51.08", text)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_compact_layout_is_read_with_and_without_institutions() {
        let text = b"unitid,opeid6,state,control,cip4,completers,earnings_usd,hs_earnings_state_usd,hs_earnings_national_usd,debt_usd\n\
                     102553,011462,AK,Public,51.08,4,,42938,36082,\n";
        let (programmes, report) = read_scorecard(&Source::bytes("p.csv", text), Mode::Strict).unwrap();
        assert_eq!((programmes[0].cip4.as_str(), programmes[0].state.clone()), ("51.08", Some(RegionId::new("AK"))));
        assert!(programmes[0].earnings_usd.is_nan());
        assert_eq!(report.notes, ["1 of 1 programmes have no published earnings"]);
    }

    #[test]
    fn only_certificates_are_kept_of_the_full_table() {
        let text = b"unitid,opeid6,inst_name,state,control,cip_code,credential_level,completers_count,earnings,earnings_threshold_state,earnings_threshold_national,debt_median\n\
                     1,2,A,TX,Public,5108,1,7,30000,29000,28000,\n1,2,A,TX,Public,5108,2,7,30000,29000,28000,\n";
        let (programmes, report) = read_scorecard(&Source::bytes("p.csv", text), Mode::Strict).unwrap();
        assert_eq!((programmes.len(), report.rows_read, report.rows_used), (1, 2, 1));
        assert_eq!(programmes[0].institution, "A");
    }

    #[test]
    fn odd_fields_of_study_are_refused() {
        for field in ["", "510", "51.8", "51.080", "5x08"] {
            let text = format!(
                "unitid,opeid6,state,control,cip4,completers,earnings_usd,hs_earnings_state_usd,hs_earnings_national_usd,debt_usd\n1,2,AK,P,{field},,,,,\n"
            );
            assert!(read_scorecard(&Source::bytes("p.csv", text.into_bytes()), Mode::Strict).is_err(), "{field}");
        }
    }
}
