//! Which rows judge which models.

use crate::numeric::random::SplitMix64;

/// The fold of each row: treated and others are dealt out apart, in an order that depends on `seed` and the rows only.
pub(super) fn folds(treated: &[bool], n_folds: usize, seed: u64) -> Vec<usize> {
    let mut folds = vec![0; treated.len()];
    for arm in [true, false] {
        let mut rows: Vec<usize> = (0..treated.len()).filter(|row| treated[*row] == arm).collect();
        SplitMix64::new(seed.wrapping_mul(2).wrapping_add(u64::from(arm))).shuffle(&mut rows);
        rows.iter().enumerate().for_each(|(place, row)| folds[*row] = place % n_folds);
    }
    folds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fold_has_its_share_of_both_groups() {
        let treated: Vec<bool> = (0..103).map(|i| i % 4 == 0).collect();
        let found = folds(&treated, 5, 1);
        for fold in 0..5 {
            let n = |arm: bool| (0..103).filter(|i| treated[*i] == arm && found[*i] == fold).count();
            assert!((5..=6).contains(&n(true)) && (15..=16).contains(&n(false)));
        }
        assert_eq!(found, folds(&treated, 5, 1));
        assert_ne!(found, folds(&treated, 5, 2));
    }
}
