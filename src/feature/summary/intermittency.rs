//! How often nothing happens, and how unequal it is when something does.

use super::prepared::Prepared;

pub(super) const NAMES: [&str; 4] = ["sparsity", "adi", "cv2", "longest_zero_run"];

pub(super) fn of(y: &[f64], prepared: &Prepared) -> [f64; NAMES.len()] {
    let n = prepared.sorted.len() as f64;
    if prepared.sorted.is_empty() {
        return [f64::NAN; NAMES.len()];
    }
    let demands = || prepared.sorted.iter().copied().filter(|v| v.abs() > 0.0);
    let count = demands().count();
    let mean = demands().sum::<f64>() / count as f64;
    let cv2 = if count < 2 {
        f64::NAN
    } else {
        demands().map(|v| (v / mean - 1.0).powi(2)).sum::<f64>() / (count - 1) as f64
    };
    let (mut run, mut longest) = (0_usize, 0);
    for value in y {
        run = if value.abs() <= 0.0 { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let adi = if count == 0 { f64::NAN } else { n / count as f64 };
    [1.0 - count as f64 / n, adi, cv2, longest as f64]
}
