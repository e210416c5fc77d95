//! Exact segmentation by penalised cost, PELT: Killick, Fearnhead & Eckley (2012), JASA 107, 1590-1598.

/// What a segment of `n` values with sum of squares `s` around its mean costs, twice the negative log likelihood.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cost {
    /// Change in mean of known common variance: `s / variance`.
    Mean { variance: f64 },
    /// Change in mean and variance: `n ln v + s / v`, `v = max(s / n, floor)`.
    MeanVariance { floor: f64 },
}

impl Cost {
    /// The cost of the segment `x`.
    pub(crate) fn of(self, x: &[f64]) -> f64 {
        Sums::new(x, self).of(0, x.len())
    }
}

/// Sums from the start, so that any segment costs O(1).
struct Sums {
    first: Vec<f64>,
    second: Vec<f64>,
    cost: Cost,
}

impl Sums {
    fn new(x: &[f64], cost: Cost) -> Self {
        let mean = x.iter().sum::<f64>() / x.len().max(1) as f64;
        let (mut first, mut second) = (vec![0.0], vec![0.0]);
        let (mut a, mut b) = (0.0, 0.0);
        for value in x.iter().map(|v| v - mean) {
            a += value;
            b += value * value;
            first.push(a);
            second.push(b);
        }
        Self { first, second, cost }
    }

    fn of(&self, from: usize, to: usize) -> f64 {
        let n = (to - from) as f64;
        let sum = self.first[to] - self.first[from];
        let squares = (self.second[to] - self.second[from] - sum * sum / n).max(0.0);
        match self.cost {
            Cost::Mean { variance } => squares / variance,
            Cost::MeanVariance { floor } => {
                let v = (squares / n).max(floor);
                n * v.ln() + squares / v
            }
        }
    }
}

/// The starts of all segments but the first, of least total cost plus `penalty` for each, and that total. Segments
/// have at least `shortest` values; a series of fewer than two such has no change. `x` is finite and scaled near 1;
/// the variance or the floor is positive.
///
/// A start that a later one `t` beats can still be needed until a segment from `t` may end, so it is dropped only
/// `shortest` values after it was beaten: dropping it at once is not exact.
pub(crate) fn segment(x: &[f64], cost: Cost, shortest: usize, penalty: f64) -> (Vec<usize>, f64) {
    let (n, shortest) = (x.len(), shortest.max(1));
    let sums = Sums::new(x, cost);
    if n / 2 < shortest {
        return (Vec::new(), if n == 0 { 0.0 } else { sums.of(0, n) });
    }
    let mut best = vec![f64::INFINITY; n + 1];
    let mut from = vec![0; n + 1];
    best[0] = -penalty;
    // Starts still of use, each with the end from which on it is not.
    let mut starts: Vec<(usize, usize)> = Vec::new();
    for to in shortest..=n {
        let newest = to - shortest;
        if best[newest].is_finite() {
            starts.push((newest, usize::MAX));
        }
        starts.retain(|&(_, dead)| to < dead);
        for &(start, _) in &starts {
            let total = best[start] + sums.of(start, to) + penalty;
            if total < best[to] {
                (best[to], from[to]) = (total, start);
            }
        }
        for (start, dead) in &mut starts {
            if *dead == usize::MAX && best[*start] + sums.of(*start, to) > best[to] {
                *dead = to.saturating_add(shortest);
            }
        }
    }
    let mut changes = Vec::new();
    let mut at = from[n];
    while at > 0 {
        changes.push(at);
        at = from[at];
    }
    changes.reverse();
    (changes, best[n])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numeric::quantile::median;
    use crate::numeric::random::SplitMix64;
    use crate::numeric::scale::MAD_TO_SD;

    /// Optimal partitioning without pruning.
    fn brute(x: &[f64], cost: Cost, shortest: usize, penalty: f64) -> f64 {
        let sums = Sums::new(x, cost);
        let mut best = vec![f64::INFINITY; x.len() + 1];
        best[0] = -penalty;
        for to in shortest..=x.len() {
            for start in 0..=to - shortest {
                best[to] = best[to].min(best[start] + sums.of(start, to) + penalty);
            }
        }
        best[x.len()]
    }

    #[test]
    fn breaks_are_those_of_optimal_partitioning() {
        let mut found = 0;
        for seed in 0..2000 {
            let mut random = SplitMix64::new(seed);
            let n = 2 + random.below(39);
            let mut level = 0.0;
            let x: Vec<f64> = (0..n)
                .map(|_| {
                    if random.below(6) == 0 {
                        level = 4.0 * random.unit();
                    }
                    level + random.unit()
                })
                .collect();
            for cost in [Cost::Mean { variance: 0.1 }, Cost::MeanVariance { floor: 1e-3 }] {
                for shortest in [1, 2, 3, 5].into_iter().filter(|s| 2 * s <= n) {
                    for penalty in [0.5, 3.0] {
                        let (changes, total) = segment(&x, cost, shortest, penalty);
                        assert!((total - brute(&x, cost, shortest, penalty)).abs() < 1e-9, "{seed} {shortest}");
                        let edges: Vec<usize> = [0].into_iter().chain(changes).chain([n]).collect();
                        assert!(edges.windows(2).all(|e| e[1] - e[0] >= shortest));
                        let sums = Sums::new(&x, cost);
                        let sum: f64 = edges.windows(2).map(|e| sums.of(e[0], e[1]) + penalty).sum();
                        assert!((sum - penalty - total).abs() < 1e-9);
                        found += edges.len() - 2;
                    }
                }
            }
        }
        assert!(found > 1000);
    }

    /// Changes of 100 times the logarithm over the last 120 values of each employment series.
    fn employment() -> std::collections::BTreeMap<String, Vec<f64>> {
        let packed = &include_bytes!("../../datasets/us-employment/employment.csv.gz")[..];
        let text = std::io::read_to_string(flate2::read::GzDecoder::new(packed)).unwrap();
        let mut found: std::collections::BTreeMap<String, Vec<f64>> = std::collections::BTreeMap::new();
        for line in text.lines().skip(1) {
            let cells: Vec<&str> = line.split(',').collect();
            found.entry(cells[0].to_owned()).or_default().push(100.0 * cells[2].parse::<f64>().unwrap().ln());
        }
        for y in found.values_mut() {
            *y = y[y.len() - 120..].windows(2).map(|pair| pair[1] - pair[0]).collect();
        }
        found
    }

    #[test]
    fn breaks_of_real_series_are_those_of_ruptures() {
        let table = include_str!("../../tests/reference/breaks_segments.csv");
        assert!(table.starts_with("# Python 3.11, ruptures 1.1.10, script breaks_segments.py"));
        let series = employment();
        let (mut compared, mut breaks, mut missed) = (0, 0, 0);
        for line in table.lines().skip(2) {
            let cells: Vec<&str> = line.split(',').collect();
            let x = &series[cells[0]];
            let cost = if cells[1] == "mean" {
                let mut sizes: Vec<f64> = x.windows(2).map(|pair| (pair[1] - pair[0]).abs()).collect();
                Cost::Mean { variance: (MAD_TO_SD * median(&mut sizes)).powi(2) / 2.0 }
            } else {
                Cost::MeanVariance { floor: 1e-3 }
            };
            let (ends, total) = segment(x, cost, 5, 3.0 * (x.len() as f64).ln());
            let expected: f64 = cells[2].parse().unwrap();
            assert!((total - expected).abs() <= 1e-8 * expected.abs().max(1.0), "{line}: {total}");
            assert_eq!(ends.iter().map(usize::to_string).collect::<Vec<_>>().join(" "), cells[4], "{line}");
            compared += 1;
            breaks += ends.len();
            missed += usize::from(cells[3].parse::<f64>().unwrap() > expected + 1e-6);
        }
        println!("{compared} segmentations, {breaks} breaks, {missed} missed by the PELT of ruptures");
        assert!(compared == 50 && breaks == 27 && missed == 0);
    }

    #[test]
    fn breaks_of_short_and_constant_series_are_none() {
        let cost = Cost::Mean { variance: 1.0 };
        assert!(segment(&[], cost, 2, 1.0).0.is_empty());
        assert!(segment(&[1.0, 9.0, 9.0], cost, 2, 1.0).0.is_empty());
        assert!(segment(&[7.0; 30], Cost::MeanVariance { floor: 1e-6 }, 2, 1.0).0.is_empty());
        assert_eq!(segment(&[0.0, 0.0, 0.0, 9.0, 9.0, 9.0], cost, 2, 1.0).0, [3]);
    }
}
