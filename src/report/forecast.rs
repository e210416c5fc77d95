//! A forecast, one row for each series and period.

use serde::Serialize;

use super::{cell, csv_text};
use crate::distribution::Probability;
use crate::forecast::Forecast;

/// One future period of one series.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ForecastRow {
    /// The series' item.
    pub unique_id: String,
    /// The series' region.
    pub region: String,
    /// The period.
    pub ds: String,
    /// The median.
    pub point: f64,
    /// Ends of the central 80 % interval.
    pub lo80: f64,
    /// Upper end.
    pub hi80: f64,
    /// Ends of the central 95 % interval.
    pub lo95: f64,
    /// Upper end.
    pub hi95: f64,
    /// Name of the simpler model that was used for this series, and why; `None` if the one asked for was.
    pub fallback: Option<String>,
}

/// The rows of a forecast, by series and period.
#[must_use]
pub fn forecast_rows(forecast: &Forecast) -> Vec<ForecastRow> {
    let levels = [0.8, 0.95].map(Probability::new);
    let mut rows = Vec::new();
    for (index, key) in forecast.keys().iter().enumerate() {
        let fallback = forecast.fallbacks().iter().find(|f| f.key == *key);
        for (step, dist) in forecast.path(index).iter().enumerate() {
            let ahead = i32::try_from(step + 1).unwrap_or(i32::MAX);
            let interval = |level: &Result<Probability, _>| match level {
                Ok(level) => dist.interval(*level),
                Err(_) => (f64::NAN, f64::NAN),
            };
            let ((lo80, hi80), (lo95, hi95)) = (interval(&levels[0]), interval(&levels[1]));
            rows.push(ForecastRow {
                unique_id: key.item().into(),
                region: key.region().to_string(),
                ds: forecast.origins()[index].plus(ahead).to_string(),
                point: dist.point(),
                lo80,
                hi80,
                lo95,
                hi95,
                fallback: fallback.map(|f| format!("{}: {}", f.used, f.reason)),
            });
        }
    }
    rows
}

/// The rows as CSV.
#[must_use]
pub fn forecast_csv(rows: &[ForecastRow]) -> String {
    let header = ["unique_id", "region", "ds", "point", "lo80", "hi80", "lo95", "hi95", "fallback"];
    csv_text(
        &header,
        rows.iter().map(|row| {
            let mut line = vec![row.unique_id.clone(), row.region.clone(), row.ds.clone()];
            line.extend([row.point, row.lo80, row.hi80, row.lo95, row.hi95].map(|v| cell(Some(v))));
            line.push(row.fallback.clone().unwrap_or_default());
            line
        }),
    )
}

/// The rows as a table: medians and central intervals, with as many decimals as the spread of the series can carry.
/// Below it, why a series has another model's forecast.
#[cfg(feature = "cli")]
#[must_use]
pub fn forecast_table(rows: &[ForecastRow]) -> String {
    let with_region = rows.iter().any(|row| row.region != crate::key::RegionId::nation().as_str());
    // Three digits of the widest number shown, none behind the point from 100 on.
    let largest = rows.iter().flat_map(|row| [row.lo95.abs(), row.hi95.abs()]).fold(0.0, f64::max);
    let decimals = if largest >= 100.0 { 0 } else { 2 };
    let number = |value: f64| format!("{value:.decimals$}");
    let mut header = vec!["series", "period", "median", "80 %", "95 %"];
    if with_region {
        header.insert(1, "region");
    }
    let lines = rows.iter().map(|row| {
        let interval = |low, high| format!("{} to {}", number(low), number(high));
        let mut line = vec![row.unique_id.clone(), row.ds.clone(), number(row.point)];
        line.extend([interval(row.lo80, row.hi80), interval(row.lo95, row.hi95)]);
        if with_region {
            line.insert(1, row.region.clone());
        }
        line
    });
    let right: Vec<usize> = (header.len() - 3..header.len()).collect();
    let mut text = super::table::table(&header, lines.collect(), &right, None);
    let mut before = None;
    for row in rows.iter().filter(|row| row.fallback.is_some()) {
        if before != Some((&row.unique_id, &row.region)) {
            let reason = row.fallback.as_deref().unwrap_or_default();
            text += &format!("{} in {} is forecast by {reason}\n", row.unique_id, row.region);
            before = Some((&row.unique_id, &row.region));
        }
    }
    text
}
