//! How many degrees of freedom the effects take.

use super::levels::{Levels, place};

/// Degrees of freedom of the effects together: their levels less those that say the same again, which for two effects is one
/// for each connected part of the data (Abowd, Creecy & Kramarz 2002) and otherwise one for each effect behind the first.
pub(super) fn absorbed(levels: &Levels, exact: bool) -> usize {
    let total: usize = levels.names.iter().map(Vec::len).sum();
    match (&levels.codes[..], exact) {
        ([first, second], true) => total - components(first, second, levels.names[0].len(), levels.names[1].len()),
        _ => total - (levels.codes.len() - 1),
    }
}

/// The same where errors are clustered: an effect each of whose levels lies within one cluster is as good as taken out before,
/// and counts as one level.
pub(super) fn absorbed_within(levels: &Levels, exact: bool, clusters: &[&[u32]]) -> usize {
    let nested = |effect: &usize| clusters.iter().any(|clusters| is_nested(&levels.codes[*effect], clusters));
    let nested: Vec<usize> = (0..levels.codes.len()).filter(nested).map(|effect| levels.names[effect].len()).collect();
    if nested.len() == levels.codes.len() {
        return 1;
    }
    (absorbed(levels, exact) + nested.len()).saturating_sub(nested.iter().sum()).max(1)
}

/// Whether no level of `codes` lies in two clusters.
fn is_nested(codes: &[u32], clusters: &[u32]) -> bool {
    let n_levels = codes.iter().max().map_or(0, |code| *code as usize + 1);
    let mut home = vec![u32::MAX; n_levels];
    codes.iter().zip(clusters).all(|(code, cluster)| {
        let home = &mut home[*code as usize];
        if *home == u32::MAX {
            *home = *cluster;
        }
        home == cluster
    })
}

/// Connected parts of the graph whose nodes are the levels of both effects and whose edges are the rows.
pub(super) fn components(first: &[u32], second: &[u32], n_first: usize, n_second: usize) -> usize {
    let mut parent: Vec<u32> = (0..n_first + n_second).map(place).collect();
    fn root(parent: &mut [u32], mut node: u32) -> u32 {
        while parent[node as usize] != node {
            let above = parent[parent[node as usize] as usize];
            parent[node as usize] = above;
            node = above;
        }
        node
    }
    let mut parts = parent.len();
    for (a, b) in first.iter().zip(second) {
        let (a, b) = (root(&mut parent, *a), root(&mut parent, *b + place(n_first)));
        if a != b {
            parent[a.max(b) as usize] = a.min(b);
            parts -= 1;
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_that_share_no_row_are_counted() {
        assert_eq!(components(&[0, 0, 1, 2, 2, 3], &[0, 1, 1, 2, 3, 3], 4, 4), 2);
        assert_eq!(components(&[0, 1], &[0, 1], 2, 2), 2);
    }

    #[test]
    fn nested_effects_count_as_one_level() {
        let (person, year) = ([0, 0, 1, 1, 2, 2], [0, 1, 0, 1, 0, 1]);
        let levels = Levels::new(&[&person, &year], 6, None).unwrap();
        assert_eq!(absorbed(&levels, true), 4);
        assert_eq!(absorbed_within(&levels, true, &[&[0, 0, 0, 0, 1, 1]]), 2);
        assert_eq!(absorbed_within(&levels, true, &[&[0, 1, 1, 1, 0, 0]]), 4);
        assert_eq!(absorbed_within(&levels, true, &[&person, &year]), 1);
    }
}
