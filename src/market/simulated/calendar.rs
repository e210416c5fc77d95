//! Which posting falls on which day. Postings are numbered in the order of their days.

use std::f64::consts::TAU;

use crate::time::{Frequency, Period};

/// Relative volume of January to December: hiring is planned for January and rests in December. A guess, near the seasonal
/// pattern of job openings.
const SEASON: [f64; 12] = [1.12, 1.05, 1.05, 1.02, 1.0, 1.0, 0.98, 1.0, 1.02, 1.0, 0.92, 0.84];
/// Relative volume of Monday to Sunday; a guess.
const WEEK: [f64; 7] = [1.1, 1.15, 1.1, 1.05, 1.0, 0.35, 0.3];

/// Days and volumes.
#[derive(Debug)]
pub(super) struct Calendar {
    start: Period,
    /// First number of each month, and the total.
    starts: Vec<u64>,
    /// First day of each month since 1970, and the first day after the span.
    first_days: Vec<i32>,
    /// Share of the month's postings up to the end of each day.
    days: Vec<Vec<f64>>,
    /// Evergreen advertisements, one posting of each in every month.
    evergreen: u64,
}

impl Calendar {
    pub(super) fn new(start: Period, n_months: usize, postings: u64, evergreen_share: f64) -> Self {
        let mut first_days = Vec::with_capacity(n_months + 1);
        let mut month = start;
        for _ in 0..=n_months {
            first_days.push(first_day(month));
            month = month.plus(1);
        }
        let mut weights = Vec::with_capacity(n_months);
        let mut month = start;
        for t in 0..n_months {
            let season = SEASON[month.month_of_year().map_or(0, |m| usize::from(m) - 1) % 12];
            weights.push(season * volume(t as f64 / n_months as f64, t as f64 / 12.0));
            month = month.plus(1);
        }
        let total: f64 = weights.iter().sum();
        let mut sum = 0.0;
        let mut starts = vec![0];
        for weight in &weights {
            sum += weight;
            starts.push(rounded(sum / total * postings as f64).min(postings));
        }
        starts[n_months] = postings;
        let days = first_days.windows(2).map(|pair| day_shares(pair[0], pair[1])).collect();
        let least = starts.windows(2).map(|pair| pair[1] - pair[0]).min().unwrap_or(0);
        let evergreen = rounded(evergreen_share * postings as f64 / n_months as f64).min(least / 2);
        Self { start, starts, first_days, days, evergreen }
    }

    pub(super) fn n_months(&self) -> usize {
        self.days.len()
    }

    /// The month `index` of the span.
    pub(super) fn month(&self, index: usize) -> Period {
        self.start.plus(i32::try_from(index).unwrap_or(i32::MAX))
    }

    /// Numbers of the postings of a month.
    pub(super) fn numbers(&self, month: usize) -> std::ops::Range<u64> {
        self.starts[month]..self.starts[month + 1]
    }

    /// The month of posting `i`, from 0.
    pub(super) fn month_of(&self, i: u64) -> usize {
        (self.starts.partition_point(|start| *start <= i).max(1) - 1).min(self.n_months() - 1)
    }

    /// Running shares of the months, up to 1.
    pub(super) fn month_sums(&self) -> Vec<f64> {
        let total = self.starts[self.n_months()] as f64;
        self.starts[1..].iter().map(|end| *end as f64 / total).collect()
    }

    /// The day of posting `i`, in days since 1970.
    pub(super) fn day_of(&self, i: u64) -> i32 {
        let month = self.month_of(i);
        let numbers = self.numbers(month);
        let place = ((i - numbers.start) as f64 + 0.5) / (numbers.end - numbers.start) as f64;
        let days = &self.days[month];
        let day = days.partition_point(|share| *share < place).min(days.len() - 1);
        self.first_days[month] + i32::try_from(day).unwrap_or(0)
    }

    /// A posting of `day` or shortly before, at `place` in [0, 1) of that day; `None` before the span.
    pub(super) fn posting_on(&self, day: i32, place: f64) -> Option<u64> {
        let month = self.first_days.partition_point(|first| *first <= day).checked_sub(1)?;
        let days = self.days.get(month)?;
        let within = usize::try_from(day - self.first_days[month]).ok()?;
        let before = if within == 0 { 0.0 } else { days[within - 1] };
        let numbers = self.numbers(month);
        let share = before + place * (days.get(within)? - before);
        let mut i =
            numbers.start + floored(share * (numbers.end - numbers.start) as f64).min(numbers.end - numbers.start);
        while i > 0 && (i >= numbers.end || self.day_of(i) > day) {
            i -= 1;
        }
        (self.day_of(i) <= day).then_some(i)
    }

    /// The evergreen advertisement whose turn posting `i` is.
    pub(super) fn evergreen_slot(&self, i: u64) -> Option<u64> {
        let numbers = self.numbers(self.month_of(i));
        let step = (numbers.end - numbers.start).checked_div(self.evergreen)?;
        let place = i - numbers.start;
        (place.is_multiple_of(step) && place / step < self.evergreen).then_some(place / step)
    }

    /// The first posting of an evergreen advertisement.
    pub(super) fn first_of(&self, slot: u64) -> u64 {
        let numbers = self.numbers(0);
        numbers.start + slot * (numbers.end - numbers.start).checked_div(self.evergreen).unwrap_or(0)
    }
}

/// Days since 1970 of the first day of a month.
fn first_day(month: Period) -> i32 {
    month.first_day().and_then(|day| Period::containing(day, Frequency::Daily)).map_or(0, Period::ordinal)
}

/// Volume of all postings at the share `x` of the span, `years` after its start: a trend, a shock with recovery, and the drift of
/// the platform, which gains and loses advertisers of all kinds alike.
fn volume(x: f64, years: f64) -> f64 {
    let trend = (0.03 * years).exp();
    let shock = if x < 0.55 { 1.0 } else { 1.0 - 0.28 * (-(x - 0.55) / 0.12).exp() };
    let drift = 1.0 + 0.1 * (TAU * 0.8 * x).sin() + if x >= 0.75 { 0.12 } else { 0.0 };
    trend * shock * drift
}

fn day_shares(first: i32, next: i32) -> Vec<f64> {
    // 1970-01-01 was a Thursday.
    let weight = |day: i32| WEEK[usize::try_from((day + 3).rem_euclid(7)).unwrap_or(0)];
    let total: f64 = (first..next).map(weight).sum();
    let mut sum = 0.0;
    (first..next)
        .map(|day| {
            sum += weight(day) / total;
            sum
        })
        .collect()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count below 10^11")]
pub(super) fn rounded(x: f64) -> u64 {
    x.max(0.0).round() as u64
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count below 10^11")]
fn floored(x: f64) -> u64 {
    x.max(0.0) as u64
}
