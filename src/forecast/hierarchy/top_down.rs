//! Totals split over the bottom.

use super::method::Shares;
use super::structure::Hierarchy;
use crate::key::SeriesKey;
use crate::panel::Panel;

/// The node whose forecast each bottom series is given a share of: at these depths of the trees, or as far down as it goes.
/// Where such a node sums series that stand at another level, they are left to themselves.
pub(super) fn anchors(hierarchy: &Hierarchy, item_depth: usize, region_depth: usize) -> Vec<usize> {
    let groups = hierarchy.groups();
    let at = |names: Vec<&str>, depth: usize| names[names.len() - 1 - depth.min(names.len() - 1)].to_owned();
    let mut anchors: Vec<usize> = hierarchy
        .bottoms()
        .iter()
        .map(|&node| {
            let key = &hierarchy.keys()[node];
            let item = at(groups.items_above(key.item()).collect(), item_depth);
            let region = at(groups.regions_above(key.region().as_str()).collect(), region_depth);
            hierarchy.keys().binary_search(&SeriesKey::new(item, region)).unwrap_or(node)
        })
        .collect();
    for (&node, members) in hierarchy.sums().iter().zip(hierarchy.members()) {
        if anchors.contains(&node) && members.iter().any(|&bottom| anchors[bottom] != node) {
            for &bottom in members.iter().filter(|&&bottom| anchors[bottom] == node).collect::<Vec<_>>() {
                anchors[bottom] = hierarchy.bottoms()[bottom];
            }
        }
    }
    anchors
}

/// The share of its anchor that each bottom series had in `history`, a panel of all nodes. The shares of an anchor add up
/// to 1; where nothing is known or they add up to 0 they are equal.
pub(super) fn historical(hierarchy: &Hierarchy, anchors: &[usize], history: &Panel, shares: Shares) -> Vec<f64> {
    let mut found: Vec<f64> = hierarchy
        .bottoms()
        .iter()
        .zip(anchors)
        .map(|(&node, &anchor)| {
            let keys = hierarchy.keys();
            let (Some(part), Some(total)) = (history.get(&keys[node]), history.get(&keys[anchor])) else { return 0.0 };
            let pairs = || {
                let values = total.values(0).iter().enumerate();
                values.filter_map(|(row, &y)| {
                    Some((part.at(0, total.period(row))?, y)).filter(|(x, y)| (x + y).is_finite())
                })
            };
            let share = if shares == Shares::AverageProportions {
                let ratios = || pairs().map(|(x, y)| x / y).filter(|ratio| ratio.is_finite());
                ratios().sum::<f64>() / ratios().count() as f64
            } else {
                pairs().map(|(x, _)| x).sum::<f64>() / pairs().map(|(_, y)| y).sum::<f64>()
            };
            if share.is_finite() { share } else { 0.0 }
        })
        .collect();
    let mut totals = vec![(0.0, 0_usize); hierarchy.n_nodes()];
    for (&anchor, share) in anchors.iter().zip(&found) {
        totals[anchor].0 += share;
        totals[anchor].1 += 1;
    }
    for (share, &anchor) in found.iter_mut().zip(anchors) {
        let (total, count) = totals[anchor];
        let scaled = *share / total;
        *share = if scaled.is_finite() { scaled } else { 1.0 / count as f64 };
    }
    found
}

/// The bottom by shares of the base forecasts, from the anchors down to the children of each node. Children whose forecasts
/// add up to 0 take equal parts.
pub(super) fn by_forecast(hierarchy: &Hierarchy, anchors: &[usize], children: &[Vec<usize>], base: &[f64]) -> Vec<f64> {
    let mut values = vec![f64::NAN; base.len()];
    let mut open: Vec<usize> = anchors.to_vec();
    open.sort_unstable();
    open.dedup();
    open.iter().for_each(|&node| values[node] = base[node]);
    while let Some(node) = open.pop() {
        let parts = &children[node];
        let total: f64 = parts.iter().map(|&part| base[part]).sum();
        for &part in parts {
            let share = base[part] / total;
            values[part] = values[node] * if share.is_finite() { share } else { 1.0 / parts.len() as f64 };
            open.push(part);
        }
    }
    hierarchy.bottoms().iter().map(|&node| values[node]).collect()
}
