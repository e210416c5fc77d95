//! The demand panel as files and as a table.

use std::collections::BTreeMap;

use serde::Serialize;

#[cfg(feature = "cli")]
use super::table::table;
use super::{cell, csv_text};
use crate::ingest::extract::{ExtractReport, Extraction};
use crate::market::{DemandCell, DemandPanel};

/// Columns before the measures.
const LEADING: [&str; 5] = ["unique_id", "soc", "region", "ds", "is_family"];

/// The column behind the measures.
const VINTAGE: &str = "vintage";

/// The panel as CSV in the long layout that [`read_long`](crate::ingest::read_long) takes: `unique_id`, `soc` (empty for all
/// occupations together), `region`, `ds`, `is_family`, the measures of [`DemandPanel::MEASURES`] and `vintage`. O(cells).
#[must_use]
pub fn demand_csv(panel: &DemandPanel) -> String {
    let header: Vec<&str> = LEADING.into_iter().chain(DemandPanel::MEASURES).chain([VINTAGE]).collect();
    let vintage = panel.vintage.to_string();
    let row = |demand: &DemandCell| {
        let leading = leading(demand);
        let measures = demand.measures().map(cell);
        leading
            .into_iter()
            .chain([demand.is_family.to_string()])
            .chain(measures)
            .chain([vintage.clone()])
            .collect::<Vec<_>>()
    };
    csv_text(&header, panel.cells.iter().map(row))
}

fn leading(demand: &DemandCell) -> [String; 4] {
    let soc = demand.soc.as_deref().unwrap_or_default();
    [demand.series(), soc.to_owned(), demand.region.to_string(), demand.period.to_string()]
}

/// The panel as Parquet, with the columns of [`demand_csv`]; what is missing is null. Compressed with zstd. O(cells).
///
/// # Errors
/// [`PersistError`](crate::PersistError) if it cannot be written.
#[cfg(feature = "parquet")]
pub fn demand_parquet(panel: &DemandPanel, path: &std::path::Path) -> crate::Result<()> {
    let failed = |error: ::parquet::errors::ParquetError| crate::PersistError::Io {
        path: path.into(),
        source: std::io::Error::other(error),
    };
    let io = |source| crate::PersistError::Io { path: path.into(), source };
    let file = crate::persist::AtomicFile::create(path).map_err(io)?;
    let file = parquet::write(panel, std::io::BufWriter::new(file)).map_err(failed)?;
    let file = file.into_inner().map_err(|error| io(error.into_error()))?;
    Ok(file.finish().map_err(io)?)
}

#[cfg(feature = "parquet")]
mod parquet {
    use std::io::Write;
    use std::sync::Arc;

    use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical, ZstdLevel};
    use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType};
    use parquet::errors::ParquetError;
    use parquet::file::properties::WriterProperties;
    use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
    use parquet::schema::types::Type;

    use super::{LEADING, VINTAGE, leading};
    use crate::market::DemandPanel;

    /// Rows of a row group.
    const GROUP: usize = 1 << 18;

    pub(super) fn write<W: Write + Send>(panel: &DemandPanel, file: W) -> Result<W, ParquetError> {
        let text = |name: &str| {
            let text = Type::primitive_type_builder(name, Physical::BYTE_ARRAY);
            text.with_repetition(Repetition::REQUIRED).with_logical_type(Some(LogicalType::String)).build()
        };
        let flag = |name: &str| {
            Type::primitive_type_builder(name, Physical::BOOLEAN).with_repetition(Repetition::REQUIRED).build()
        };
        let number = |name: &str| {
            Type::primitive_type_builder(name, Physical::DOUBLE).with_repetition(Repetition::OPTIONAL).build()
        };
        let leading_fields = LEADING[..4].iter().map(|name| text(name)).chain([flag(LEADING[4])]);
        let fields = leading_fields.chain(DemandPanel::MEASURES.into_iter().map(number)).chain([text(VINTAGE)]);
        let fields = fields.map(|field| field.map(Arc::new)).collect::<Result<Vec<_>, _>>()?;
        let schema = Type::group_type_builder("demand").with_fields(fields).build()?;
        let properties = WriterProperties::builder().set_compression(Compression::ZSTD(ZstdLevel::try_new(3)?));
        let mut writer = SerializedFileWriter::new(file, Arc::new(schema), Arc::new(properties.build()))?;
        let vintage = ByteArray::from(panel.vintage.to_string().as_str());
        for cells in panel.cells.chunks(GROUP) {
            let mut group = writer.next_row_group()?;
            let texts: Vec<[ByteArray; 4]> =
                cells.iter().map(|demand| leading(demand).map(|text| ByteArray::from(text.as_str()))).collect();
            for place in 0..4 {
                let column: Vec<ByteArray> = texts.iter().map(|texts| texts[place].clone()).collect();
                append::<ByteArrayType, _>(&mut group, &column, None)?;
            }
            let flags: Vec<bool> = cells.iter().map(|demand| demand.is_family).collect();
            append::<BoolType, _>(&mut group, &flags, None)?;
            let measures: Vec<_> = cells.iter().map(super::DemandCell::measures).collect();
            for place in 0..DemandPanel::MEASURES.len() {
                let present: Vec<f64> = measures.iter().filter_map(|values| values[place]).collect();
                let levels: Vec<i16> = measures.iter().map(|values| i16::from(values[place].is_some())).collect();
                append::<DoubleType, _>(&mut group, &present, Some(&levels))?;
            }
            append::<ByteArrayType, _>(&mut group, &vec![vintage.clone(); cells.len()], None)?;
            group.close()?;
        }
        writer.into_inner()
    }

    fn append<D: DataType, W: Write + Send>(
        group: &mut SerializedRowGroupWriter<'_, W>,
        values: &[D::T],
        levels: Option<&[i16]>,
    ) -> Result<(), ParquetError> {
        let missing = || ParquetError::General("a column more than the schema has".into());
        let mut column = group.next_column()?.ok_or_else(missing)?;
        column.typed::<D>().write_batch(values, levels, None)?;
        column.close()
    }
}

/// An extraction in a few numbers: how records reconcile, and demand over all periods.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExtractSummary<'e> {
    /// Records in all files.
    pub read: u64,
    /// Postings that count.
    pub used: u64,
    /// Copies that do not.
    pub duplicates: u64,
    /// Records that could not be used: `read = used + duplicates + rejected`.
    pub rejected: u64,
    /// Series of the panel.
    pub series: usize,
    /// Rows of the panel.
    pub rows: usize,
    /// The nation's demand over all periods, the most asked for first.
    pub certificates: Vec<CertificateDemand>,
    /// Everything else that was counted.
    pub report: &'e ExtractReport,
}

/// A certificate in the nation over all periods.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CertificateDemand {
    /// The certificate, or family.
    pub item: String,
    /// Postings that require it.
    pub required: u64,
    /// Postings that prefer it.
    pub preferred: u64,
    /// Postings that name it and ask nothing.
    pub mentioned: u64,
    /// Postings that say that it is not needed.
    pub negated: u64,
    /// Postings that ask for it over all postings.
    pub share: f64,
    /// Postings for beginners over those that say, among those that ask.
    pub entry_share: Option<f64>,
}

impl<'e> ExtractSummary<'e> {
    /// The summary of an extraction. O(cells).
    #[must_use]
    pub fn new(extraction: &'e Extraction) -> Self {
        let Extraction { panel, report } = extraction;
        let mut sums: BTreeMap<&str, [u64; 6]> = BTreeMap::new();
        for demand in panel.cells.iter().filter(|demand| demand.region.is_nation() && demand.soc.is_none()) {
            let sum = sums.entry(&demand.item).or_default();
            let counts =
                [demand.required, demand.preferred, demand.mentioned, demand.negated, demand.entry, demand.entry_known];
            sum.iter_mut().zip(counts).for_each(|(sum, n)| *sum += n);
        }
        let certificate =
            |(item, [required, preferred, mentioned, negated, entry, known]): (&str, [u64; 6])| CertificateDemand {
                item: item.to_owned(),
                required,
                preferred,
                mentioned,
                negated,
                share: (required + preferred) as f64 / report.counted.max(1) as f64,
                entry_share: (known > 0).then(|| entry as f64 / known as f64),
            };
        let mut certificates: Vec<CertificateDemand> = sums.into_iter().map(certificate).collect();
        // Stable: of equals the first by name.
        certificates.sort_by_key(|c| std::cmp::Reverse(c.required + c.preferred));
        let series = panel.cells.chunk_by(|a, b| a.item == b.item && a.soc == b.soc && a.region == b.region).count();
        Self {
            read: report.postings.read(),
            used: report.counted,
            duplicates: report.left_out,
            rejected: report.postings.rejected(),
            series,
            rows: panel.cells.len(),
            certificates,
            report,
        }
    }
}

/// Certificates shown.
#[cfg(feature = "cli")]
const SHOWN: usize = 15;

/// The certificates asked for most, then what was done.
#[cfg(feature = "cli")]
#[must_use]
pub fn demand_table(summary: &ExtractSummary<'_>, width: Option<u16>) -> String {
    let percent = |share: f64| format!("{:.2} %", 100.0 * share);
    let asked = summary.certificates.iter().filter(|c| c.required + c.preferred > 0);
    let rows = asked.clone().take(SHOWN).map(|c| {
        vec![
            c.item.clone(),
            c.required.to_string(),
            c.preferred.to_string(),
            c.mentioned.to_string(),
            c.negated.to_string(),
            percent(c.share),
            c.entry_share.map_or_else(|| "-".to_owned(), |share| format!("{:.0} %", 100.0 * share)),
        ]
    });
    let header = ["certificate", "required", "preferred", "mentioned", "negated", "share of ads", "for beginners"];
    let mut text = table(&header, rows.collect(), &[1, 2, 3, 4, 5, 6], width);
    let n_asked = asked.count();
    if n_asked > SHOWN {
        text += &format!("and {} more that some posting asks for\n", n_asked - SHOWN);
    }
    text += &format!("{} series, {} rows\n\n{}\n", summary.series, summary.rows, summary.report);
    text
}
