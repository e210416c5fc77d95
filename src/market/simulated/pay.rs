//! How pay is written.

use super::calendar::rounded;
use super::posting::WrittenPay;
use crate::numeric::random::SplitMix64;

/// Hours of a full-time year.
const HOURS: f64 = 2_080.0;
/// Share of stated pay that is a range: 8 of 14 % (Batra, Michaud & Mongey 2023).
const RANGES: f64 = 0.57;
/// Share of yearly amounts with the unit of hours; a guess.
const WRONG_UNIT: f64 = 0.01;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Unit {
    Hour,
    Week,
    Month,
    Year,
}

impl Unit {
    /// How many of it make a year.
    fn per_year(self) -> f64 {
        match self {
            Self::Hour => HOURS,
            Self::Week => 52.0,
            Self::Month => 12.0,
            Self::Year => 1.0,
        }
    }

    fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Hour => &["/hr", "/hour", " per hour", " an hour", " hourly", " / hr"],
            Self::Week => &["/week", " per week", " weekly", " a week"],
            Self::Month => &["/month", " per month", " monthly", " a month"],
            Self::Year => &["/yr", "/year", " per year", " annually", " a year", ""],
        }
    }

    /// The step to which amounts are rounded, in US dollars.
    fn step(self, random: &mut SplitMix64) -> f64 {
        match self {
            Self::Hour => [0.25, 0.5, 0.05, 1.0][random.below(4)],
            Self::Week => 10.0,
            Self::Month => 50.0,
            Self::Year => [500.0, 1_000.0, 1_000.0, 100.0][random.below(4)],
        }
    }
}

/// Pay of `annual_usd` in words.
pub(super) fn write_pay(annual_usd: f64, hourly: bool, random: &mut SplitMix64) -> (String, WrittenPay) {
    let unit = match (hourly, random.unit()) {
        (true, u) if u < 0.78 => Unit::Hour,
        (true, u) if u < 0.9 => Unit::Year,
        (true, u) if u < 0.95 => Unit::Week,
        (false, u) if u < 0.08 => Unit::Hour,
        (false, u) if u < 0.9 => Unit::Year,
        _ => Unit::Month,
    };
    let step = unit.step(random);
    let amount = |usd: f64| (usd / unit.per_year() / step).round().max(1.0) * step;
    let form = random.unit();
    // Half widths with a mean of 14 %: ranges span 28 % of their middle on average (Batra, Michaud & Mongey 2023).
    let half = 0.04 + 0.2 * random.unit();
    let style = Style { unit, thousands: unit == Unit::Year && step >= 500.0 && random.unit() < 0.25, random };
    if form < RANGES {
        style.range(amount(annual_usd * (1.0 - half)), amount(annual_usd * (1.0 + half)))
    } else if form < RANGES + 0.06 {
        style.bound("Up to ", None, Some(amount(annual_usd * (1.0 + half))))
    } else if form < RANGES + 0.14 {
        let from = ["From ", "Starting at ", "Starting from "][style.random.below(3)];
        style.bound(from, Some(amount(annual_usd * (1.0 - half))), None)
    } else {
        style.single(amount(annual_usd))
    }
}

struct Style<'a> {
    unit: Unit,
    /// Thousands as `k`.
    thousands: bool,
    random: &'a mut SplitMix64,
}

impl Style<'_> {
    fn range(self, low: f64, high: f64) -> (String, WrittenPay) {
        let between = [" - ", "-", " to ", " \u{2013} "][self.random.below(4)];
        let dollar = if self.random.unit() < 0.85 { "$" } else { "" };
        let plain = self.random.unit() < 0.15;
        let (from, to) = (self.amount(low, plain), self.amount(high, plain));
        let text = format!("{dollar}{from}{between}{dollar}{to}");
        self.finish(text, Some(low), Some(high), dollar.is_empty())
    }

    fn bound(self, word: &str, low: Option<f64>, high: Option<f64>) -> (String, WrittenPay) {
        let plain = self.random.unit() < 0.15;
        let amount = self.amount(low.or(high).unwrap_or(0.0), plain);
        self.finish(format!("{word}${amount}"), low, high, false)
    }

    fn single(self, amount: f64) -> (String, WrittenPay) {
        let plain = self.random.unit() < 0.15;
        let text = match self.random.unit() {
            u if u < 0.1 => format!("USD {}", self.amount(amount, plain)),
            u if u < 0.18 => self.amount(amount, plain),
            _ => format!("${}", self.amount(amount, plain)),
        };
        let bare = !text.starts_with(['$', 'U']);
        self.finish(text, Some(amount), Some(amount), bare)
    }

    /// `52,000`, `52000`, `52,000.00`, `52k`, `18.50`, `18`.
    fn amount(&self, amount: f64, plain: bool) -> String {
        let cents = rounded(amount * 100.0);
        let (whole, rest) = (cents / 100, cents % 100);
        if self.thousands {
            let hundreds = whole / 100;
            return match hundreds % 10 {
                0 => format!("{}k", hundreds / 10),
                tenth => format!("{}.{tenth}k", hundreds / 10),
            };
        }
        let grouped = match whole {
            1_000.. if !plain => format!("{},{:03}", whole / 1_000, whole % 1_000),
            _ => whole.to_string(),
        };
        match (self.unit, rest) {
            (Unit::Hour, 0) if plain => grouped,
            (Unit::Hour, _) => format!("{grouped}.{rest:02}"),
            (_, 0) => grouped,
            _ => format!("{grouped}.{rest:02}"),
        }
    }

    fn finish(self, mut text: String, low: Option<f64>, high: Option<f64>, bare: bool) -> (String, WrittenPay) {
        let wrong_unit = self.unit == Unit::Year && self.random.unit() < WRONG_UNIT;
        let endings = if wrong_unit { Unit::Hour.endings() } else { self.unit.endings() };
        let mut ending = endings[self.random.below(endings.len())];
        // A bare number needs its unit.
        if ending.is_empty() && bare {
            ending = endings[0];
        }
        text.push_str(ending);
        if self.random.unit() < 0.12 {
            text.push_str([" DOE", " depending on experience", " plus overtime", " + benefits"][self.random.below(4)]);
        }
        let annual = |amount: f64| amount * self.unit.per_year();
        let written = WrittenPay { low_usd: low.map(annual), high_usd: high.map(annual), wrong_unit, in_text: false };
        (text, written)
    }
}
