//! One series as the pooled boosting sees it, and the columns of a row.

use serde::{Deserialize, Serialize};

/// Changes of single periods that are columns.
const LAGS: usize = 4;
/// Cycles back in which the same span of the season is looked up.
const CYCLES: usize = 3;

/// Which columns there are: they follow from the length of the season.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Columns {
    /// Periods per cycle; 1 is no season.
    season: usize,
    /// Growth and mean levels over so many periods, ascending.
    windows: Vec<usize>,
}

impl Columns {
    pub(super) fn new(season: usize) -> Self {
        let mut windows = if season < 2 {
            vec![2, 3, 6, 12]
        } else {
            [12, 6, 4, 2, 1].map(|part| season / part).into_iter().filter(|w| *w >= 2).collect()
        };
        if (2..=12).contains(&season) {
            windows.push(2 * season);
        }
        windows.dedup();
        Self { season, windows }
    }

    pub(super) fn season(&self) -> usize {
        self.season
    }

    pub(super) fn count(&self) -> usize {
        let seasonal = if self.season > 1 { CYCLES + 2 + self.windows.len() } else { 0 };
        LAGS + 3 * self.windows.len() + 3 + seasonal
    }

    /// Whether read columns are those of `new`.
    pub(super) fn legal(&self) -> bool {
        self.season >= 1 && *self == Self::new(self.season)
    }
}

/// The levels of a series in units of its scale, counted from its first value, with running sums.
#[derive(Clone, Debug)]
pub(super) struct Track {
    /// Mean absolute change from one period to the next, in the unit of the series; 0 for a constant series.
    pub(super) scale: f64,
    /// Level at each period; gaps are bridged by straight lines.
    level: Vec<f64>,
    /// `sums[t]` is the sum of `level[..t]`.
    sums: Vec<f64>,
    /// `sizes[t]` is the sum of the absolute changes up to period t.
    sizes: Vec<f64>,
}

impl Track {
    /// `y` from its first present value to its last, all values there (see [`bridged`]).
    pub(super) fn new(y: &[f64]) -> Self {
        let total: f64 = y.windows(2).map(|pair| (pair[1] - pair[0]).abs()).sum();
        let size = y.iter().fold(0.0, |size: f64, v| size.max(v.abs()));
        let scale = total / (y.len() - 1).max(1) as f64;
        // Changes of the size of rounding errors are none.
        let scale = if scale > 1e-12 * size { scale } else { 0.0 };
        let mut track = Self { scale, level: Vec::with_capacity(y.len()), sums: vec![0.0], sizes: Vec::new() };
        for value in y {
            track.push(if scale > 0.0 { (value - y[0]) / scale } else { 0.0 });
        }
        track
    }

    /// Number of periods.
    pub(super) fn len(&self) -> usize {
        self.level.len()
    }

    pub(super) fn level(&self, t: usize) -> f64 {
        self.level[t]
    }

    /// Goes on to one more level.
    pub(super) fn push(&mut self, level: f64) {
        let change = self.level.last().map_or(0.0, |last| level - last);
        self.sizes.push(self.sizes.last().copied().unwrap_or(0.0) + change.abs());
        self.sums.push(self.sums[self.sums.len() - 1] + level);
        self.level.push(level);
    }

    /// The growth per square root of a period that is to be predicted.
    pub(super) fn target(&self, t: usize, ahead: usize) -> f64 {
        (self.level[t + ahead] - self.level[t]) / (ahead as f64).sqrt()
    }

    /// Appends the columns of a forecast `ahead` periods from `t`; nothing after `t` is read. What lies before the series is NaN.
    pub(super) fn fill(&self, columns: &Columns, t: usize, ahead: usize, out: &mut Vec<f64>) {
        let change = |from: usize, to: usize| self.level[to] - self.level[from];
        let back = |periods: usize| t.checked_sub(periods);
        let root = (ahead as f64).sqrt();
        for lag in 1..=LAGS {
            out.push(back(lag).map_or(f64::NAN, |from| change(from, from + 1)));
        }
        for &w in &columns.windows {
            let width = w as f64;
            out.push(back(w).map_or(f64::NAN, |from| change(from, t) / width.sqrt()));
            out.push(
                (t + 1)
                    .checked_sub(w)
                    .map_or(f64::NAN, |from| self.level[t] - (self.sums[t + 1] - self.sums[from]) / width),
            );
            out.push(back(w).map_or(f64::NAN, |from| (self.sizes[t] - self.sizes[from]) / width));
        }
        out.push(self.level[t] - self.sums[t + 1] / (t + 1) as f64);
        out.push(t as f64);
        out.push(ahead as f64);
        if columns.season < 2 {
            return;
        }
        // What came after the same place in the season, one, two and three cycles ago.
        let span = |from: usize| (from + ahead <= t).then(|| change(from, from + ahead) / root);
        let (mut sum, mut n) = (0.0, 0.0);
        for cycle in 1..=CYCLES {
            let found = back(cycle * columns.season).and_then(span);
            if let Some(growth) = found {
                sum += growth;
                n += 1.0;
            }
            out.push(found.unwrap_or(f64::NAN));
        }
        out.push(sum / n);
        let around = back(columns.season + 1).filter(|from| from + 2 + ahead <= t);
        out.push(
            around
                .map_or(f64::NAN, |from| (0..3).map(|d| change(from + d, from + d + ahead)).sum::<f64>() / 3.0 / root),
        );
        for &w in &columns.windows {
            let then = back(columns.season + w).map(|from| change(t - w, t) - change(from, from + w));
            out.push(then.map_or(f64::NAN, |growth| growth / (w as f64).sqrt()));
        }
    }
}

/// The values from the first present one to the last, gaps between them bridged by straight lines, and the number of values missing
/// at the end; empty if none is present.
pub(super) fn bridged(y: &[f64]) -> (Vec<f64>, usize) {
    let ends = y.iter().position(|v| !v.is_nan()).zip(y.iter().rposition(|v| !v.is_nan()));
    let Some((first, end)) = ends else { return (Vec::new(), y.len()) };
    let mut filled = y[first..=end].to_vec();
    let mut last = 0;
    for t in 1..filled.len() {
        if filled[t].is_nan() {
            continue;
        }
        let (from, to, width) = (filled[last], filled[t], (t - last) as f64);
        for (step, value) in (1..).map(f64::from).zip(&mut filled[last + 1..t]) {
            let share = step / width;
            *value = from * (1.0 - share) + to * share;
        }
        last = t;
    }
    (filled, y.len() - 1 - end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_bridged_and_the_end_is_counted() {
        let y = [f64::NAN, 1.0, f64::NAN, f64::NAN, 4.0, 2.0, f64::NAN];
        assert_eq!(bridged(&y), (vec![1.0, 2.0, 3.0, 4.0, 2.0], 1));
        assert_eq!(bridged(&[f64::NAN]), (Vec::new(), 1));
    }

    #[test]
    fn a_row_reads_nothing_after_its_origin() {
        let y: Vec<f64> = (0..90).map(|t| f64::from(t * t % 17)).collect();
        for season in [1, 4, 7, 12, 52] {
            let columns = Columns::new(season);
            for (t, ahead) in [(0, 1), (5, 3), (30, 12), (70, 13)] {
                let (mut whole, mut cut) = (Vec::new(), Vec::new());
                let track = Track::new(&y);
                track.fill(&columns, t, ahead, &mut whole);
                // The same scale, so that only what is read can differ.
                let mut known = Track { level: Vec::new(), sums: vec![0.0], sizes: Vec::new(), ..track };
                y[..=t].iter().for_each(|v| known.push((v - y[0]) / known.scale));
                known.fill(&columns, t, ahead, &mut cut);
                assert_eq!(whole.len(), columns.count());
                assert!(whole.iter().zip(&cut).all(|(a, b)| a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())));
            }
        }
    }

    #[test]
    fn the_same_span_a_cycle_ago_is_a_column() {
        let season = [0.0, 5.0, 1.0, 3.0];
        let y: Vec<f64> = (0..40).map(|t| season[t % 4]).collect();
        let (columns, track) = (Columns::new(4), Track::new(&y));
        let mut row = Vec::new();
        track.fill(&columns, 30, 3, &mut row);
        let expected = (season[33 % 4] - season[30 % 4]) / track.scale / 3.0_f64.sqrt();
        assert!(row.iter().filter(|v| (*v - expected).abs() < 1e-12).count() >= 4, "{row:?}");
    }
}
