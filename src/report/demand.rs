//! The demand panel as files and as a table.

#[cfg(feature = "parquet")]
use super::file::{create, failed, finish};
#[cfg(feature = "cli")]
use super::table::table;
use super::{cell, csv_text};
#[cfg(feature = "cli")]
use crate::market::CertificateDemand;
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
    let file = parquet::write(panel, create(path)?).map_err(|error| failed(path, error))?;
    finish(path, file)
}

#[cfg(feature = "parquet")]
mod parquet {
    use std::sync::Arc;

    use parquet::basic::{Compression, Repetition, Type as Physical, ZstdLevel};
    use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DoubleType};
    use parquet::errors::ParquetError;
    use parquet::file::properties::WriterProperties;
    use parquet::file::writer::SerializedFileWriter;
    use parquet::schema::types::Type;

    use super::super::file::{Target, column, number_field, text_field};
    use super::{LEADING, VINTAGE, leading};
    use crate::market::DemandPanel;

    /// Rows of a row group.
    const GROUP: usize = 1 << 18;

    pub(super) fn write(panel: &DemandPanel, file: Target) -> Result<Target, ParquetError> {
        let flag = |name: &str| {
            Type::primitive_type_builder(name, Physical::BOOLEAN).with_repetition(Repetition::REQUIRED).build()
        };
        let leading_fields = LEADING[..4].iter().map(|name| text_field(name)).chain([flag(LEADING[4])]);
        let numbers = DemandPanel::MEASURES.into_iter().map(|name| number_field(name, Physical::DOUBLE));
        let fields = leading_fields.chain(numbers).chain([text_field(VINTAGE)]);
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
                let values: Vec<ByteArray> = texts.iter().map(|texts| texts[place].clone()).collect();
                column::<ByteArrayType>(&mut group, &values, None)?;
            }
            let flags: Vec<bool> = cells.iter().map(|demand| demand.is_family).collect();
            column::<BoolType>(&mut group, &flags, None)?;
            let measures: Vec<_> = cells.iter().map(super::DemandCell::measures).collect();
            for place in 0..DemandPanel::MEASURES.len() {
                let present: Vec<f64> = measures.iter().filter_map(|values| values[place]).collect();
                let levels: Vec<i16> = measures.iter().map(|values| i16::from(values[place].is_some())).collect();
                column::<DoubleType>(&mut group, &present, Some(&levels))?;
            }
            column::<ByteArrayType>(&mut group, &vec![vintage.clone(); cells.len()], None)?;
            group.close()?;
        }
        writer.into_inner()
    }
}

/// Certificates shown.
#[cfg(feature = "cli")]
const SHOWN: usize = 15;

/// The certificates that are asked for most, in the nation over all periods.
#[cfg(feature = "cli")]
#[must_use]
pub fn demand_table(certificates: &[CertificateDemand], width: Option<u16>) -> String {
    let percent = |share: Option<f64>, digits: usize| {
        share.map_or_else(|| "-".to_owned(), |share| format!("{:.digits$} %", 100.0 * share))
    };
    let asked: Vec<&CertificateDemand> = certificates.iter().filter(|c| c.asked() > 0).collect();
    let row = |c: &&CertificateDemand| {
        let counts = [c.required, c.preferred, c.mentioned, c.negated].map(|n| n.to_string());
        let shares = [percent(c.share, 2), percent(c.entry_share, 0)];
        std::iter::once(c.item.to_string()).chain(counts).chain(shares).collect()
    };
    let header = ["certificate", "required", "preferred", "mentioned", "negated", "share of ads", "for beginners"];
    let rows = asked.iter().take(SHOWN).map(row).collect();
    let mut text = table(&header, rows, &[1, 2, 3, 4, 5, 6], width);
    if asked.len() > SHOWN {
        text += &format!("and {} more that some posting asks for\n", asked.len() - SHOWN);
    }
    text
}
