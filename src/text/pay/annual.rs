//! From a rate to a year, and whether the result can be.

use super::currency::Currency;
use super::hours::WeeklyHours;
use super::reason::PayFlag;
use super::unit::{FULL_TIME_HOURS_PER_WEEK, PayUnit, WEEKS_PER_YEAR};

/// The federal minimum wage since 24 July 2009 (Fair Labor Standards Act, 29 U.S.C. 206(a)(1)(C)). States ask for more.
pub const MINIMUM_WAGE_USD_PER_HOUR: f64 = 7.25;

/// The least cash wage of an employee who receives tips (29 U.S.C. 203(m)(2)(A)).
pub const TIPPED_MINIMUM_USD_PER_HOUR: f64 = 2.13;

/// From this annual wage on BLS OEWS publishes no number; 115.00 an hour (OEWS, since May 2022).
pub const OEWS_TOP_USD_PER_YEAR: f64 = 239_200.0;

/// Above this a year's pay is taken for a mistake. Our choice: about four times the value at which OEWS stops.
pub const LARGEST_USD_PER_YEAR: f64 = 1_000_000.0;

/// From this amount on an amount without a unit is annual; the minimum wage for a year of full time is 15,080. Our choice.
pub const SMALLEST_WITHOUT_UNIT_PER_YEAR: f64 = 15_000.0;

/// The unit of an amount that names none: an hour if both ends lie between the minimum wage and the hourly value at which
/// OEWS stops, a year if both lie in `[15,000, 1,000,000]`, else not known.
pub(super) fn inferred(currency: Currency, low: Option<f64>, high: Option<f64>) -> Option<PayUnit> {
    let all = |least: f64, most: f64| low.iter().chain(&high).all(|value| (least..=most).contains(value));
    if !currency.is_of_dollar_size() {
        None
    } else if all(MINIMUM_WAGE_USD_PER_HOUR, OEWS_TOP_USD_PER_YEAR / year_of_hours(FULL_TIME_HOURS_PER_WEEK)) {
        Some(PayUnit::Hour)
    } else if all(SMALLEST_WITHOUT_UNIT_PER_YEAR, LARGEST_USD_PER_YEAR) {
        Some(PayUnit::Year)
    } else {
        None
    }
}

/// Flags for amounts in US dollars; other currencies have none.
pub(super) fn flag(
    currency: Currency,
    low: Option<f64>,
    high: Option<f64>,
    unit: PayUnit,
    hours: WeeklyHours,
) -> Option<PayFlag> {
    if currency != Currency::Usd {
        return None;
    }
    // The fewest hours give the highest hourly value: the doubt is the employer's.
    let per_hour = |value: f64| value * unit.per_year(hours.low) / year_of_hours(hours.low);
    let least = low.or(high).map_or(f64::NAN, per_hour);
    let most = high.or(low).map_or(f64::NAN, |value| value * unit.per_year(hours.high));
    if most > LARGEST_USD_PER_YEAR {
        Some(PayFlag::ImplausiblyHigh)
    } else if least < TIPPED_MINIMUM_USD_PER_HOUR {
        Some(PayFlag::ImplausiblyLow)
    } else if least < MINIMUM_WAGE_USD_PER_HOUR {
        Some(PayFlag::BelowMinimumWage)
    } else if most > OEWS_TOP_USD_PER_YEAR {
        Some(PayFlag::AboveOewsTop)
    } else {
        None
    }
}

/// The only unit under which the amounts lie between the minimum wage and the value at which OEWS stops, for full time.
pub(super) fn plausible_unit(low: Option<f64>, high: Option<f64>) -> Option<PayUnit> {
    let year = year_of_hours(FULL_TIME_HOURS_PER_WEEK);
    let range = MINIMUM_WAGE_USD_PER_HOUR * year..=OEWS_TOP_USD_PER_YEAR;
    let fits = |unit: &PayUnit| {
        let units = unit.per_year(FULL_TIME_HOURS_PER_WEEK);
        low.iter().chain(&high).all(|value| range.contains(&(value * units)))
    };
    let mut units = PayUnit::ALL.into_iter().filter(fits);
    units.next().filter(|_| units.next().is_none())
}

fn year_of_hours(hours_per_week: f64) -> f64 {
    hours_per_week * WEEKS_PER_YEAR
}
