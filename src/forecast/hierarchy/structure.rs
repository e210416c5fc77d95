//! Which series are summed to which.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::groups::{Groups, Outside};
use crate::error::{DataError, Result};
use crate::key::SeriesKey;
use crate::panel::Panel;

/// The series at the bottom and all sums over them, as [`Groups`] has it. Node order is key order.
///
/// A series is at the bottom if no other lies below it; all others that are given are totals, and must add up. The
/// summing matrix is kept as two lists, of the bottom series of each sum and of the sums of each bottom series: memory is
/// O(bottom series x depth of items x depth of regions), and no matrix of nodes by bottom series is made.
///
/// # Examples
/// ```
/// use credcast::{Period, Panel, SeriesKey, forecast::{Groups, Hierarchy}};
/// let start = Period::month(2024, 1).ok_or("no such month")?;
/// let panel = Panel::from_series("postings", [
///     (SeriesKey::new("nurse", "TX"), start, vec![5.0, 7.0]),
///     (SeriesKey::new("nurse", "CA"), start, vec![9.0, 8.0]),
/// ])?;
/// let hierarchy = Hierarchy::new(Groups::params().region("TX", "US").region("CA", "US").build()?, panel.keys())?;
/// let all = hierarchy.aggregate(&panel, "postings")?;
/// let nation = all.get(&SeriesKey::national("nurse")).ok_or("no sum")?;
/// assert_eq!(nation.values(0), [14.0, 15.0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Record", into = "Record")]
pub struct Hierarchy {
    groups: Groups,
    keys: Vec<SeriesKey>,
    /// Nodes at the bottom, ascending.
    bottoms: Vec<usize>,
    /// All other nodes, ascending.
    sums: Vec<usize>,
    /// For each of `sums`, positions in `bottoms`, ascending.
    members: Vec<Vec<usize>>,
    /// For each of `bottoms`, positions in `sums`, ascending.
    above: Vec<Vec<usize>>,
}

/// What a hierarchy is made from.
#[derive(Serialize, Deserialize)]
struct Record {
    groups: Groups,
    bottoms: Vec<SeriesKey>,
}

impl TryFrom<Record> for Hierarchy {
    type Error = DataError;
    fn try_from(record: Record) -> Result<Self, DataError> {
        Self::new(record.groups, &record.bottoms)
    }
}

impl From<Hierarchy> for Record {
    fn from(hierarchy: Hierarchy) -> Self {
        let bottoms = hierarchy.bottom_keys().cloned().collect();
        Self { groups: hierarchy.groups, bottoms }
    }
}

impl Hierarchy {
    /// The hierarchy of `groups` over the series `keys`. O(series x depth of items x depth of regions).
    ///
    /// # Errors
    /// [`DataError::Orphan`] for the smallest key whose item or region the groups do not know, [`DataError::Empty`] for
    /// no key.
    pub fn new(groups: Groups, keys: &[SeriesKey]) -> Result<Self, DataError> {
        let mut given: Vec<&SeriesKey> = keys.iter().collect();
        given.sort();
        given.dedup();
        if given.is_empty() {
            return Err(DataError::Empty { what: "the hierarchy".into() });
        }
        let known: HashSet<&SeriesKey> = given.iter().copied().collect();
        let mut totals: HashSet<SeriesKey> = HashSet::new();
        for key in &given {
            let orphan = |name: &str| DataError::Orphan { key: (*key).clone(), name: name.to_owned() };
            if !groups.knows_item(key.item()) {
                return Err(orphan(key.item()));
            }
            if !groups.knows_region(key.region().as_str()) {
                return Err(orphan(key.region().as_str()));
            }
            totals.extend(line(&groups, key).skip(1).filter(|above| known.contains(above)));
        }
        let at_bottom: Vec<&SeriesKey> = given.into_iter().filter(|key| !totals.contains(*key)).collect();
        let mut nodes: BTreeMap<SeriesKey, Vec<usize>> = BTreeMap::new();
        for (place, key) in at_bottom.iter().enumerate() {
            nodes.entry((*key).clone()).or_default();
            for above in line(&groups, key).skip(1) {
                nodes.entry(above).or_default().push(place);
            }
        }
        let mut hierarchy = Self {
            groups,
            keys: Vec::with_capacity(nodes.len()),
            bottoms: Vec::with_capacity(at_bottom.len()),
            sums: Vec::new(),
            members: Vec::new(),
            above: vec![Vec::new(); at_bottom.len()],
        };
        for (node, (key, members)) in nodes.into_iter().enumerate() {
            if members.is_empty() {
                hierarchy.bottoms.push(node);
            } else {
                members.iter().for_each(|&bottom| hierarchy.above[bottom].push(hierarchy.sums.len()));
                hierarchy.sums.push(node);
                hierarchy.members.push(members);
            }
            hierarchy.keys.push(key);
        }
        Ok(hierarchy)
    }

    /// All nodes, ascending.
    #[must_use]
    pub fn keys(&self) -> &[SeriesKey] {
        &self.keys
    }

    /// The groups that it was made from.
    #[must_use]
    pub fn groups(&self) -> &Groups {
        &self.groups
    }

    /// Number of nodes.
    #[must_use]
    pub fn n_nodes(&self) -> usize {
        self.keys.len()
    }

    /// Number of series at the bottom.
    #[must_use]
    pub fn n_bottom(&self) -> usize {
        self.bottoms.len()
    }

    /// The series at the bottom, ascending.
    #[must_use]
    pub fn bottom_keys(&self) -> impl ExactSizeIterator<Item = &SeriesKey> {
        self.bottoms.iter().map(|&node| &self.keys[node])
    }

    /// The bottom series that `key` sums, itself if it is one; `None` if it is no node.
    #[must_use]
    pub fn parts(&self, key: &SeriesKey) -> Option<Vec<&SeriesKey>> {
        let node = self.keys.binary_search(key).ok()?;
        Some(match self.sums.binary_search(&node) {
            Ok(sum) => self.members[sum].iter().map(|&bottom| &self.keys[self.bottoms[bottom]]).collect(),
            Err(_) => vec![&self.keys[node]],
        })
    }

    /// Nodes at the bottom.
    pub(super) fn bottoms(&self) -> &[usize] {
        &self.bottoms
    }

    /// Nodes that are sums.
    pub(super) fn sums(&self) -> &[usize] {
        &self.sums
    }

    /// Bottom positions of each sum.
    pub(super) fn members(&self) -> &[Vec<usize>] {
        &self.members
    }

    /// Positions of the sums above each bottom position.
    pub(super) fn above(&self) -> &[Vec<usize>] {
        &self.above
    }

    /// Number of bottom series of each node.
    pub(super) fn counts(&self) -> Vec<usize> {
        let mut counts = vec![1; self.n_nodes()];
        self.sums.iter().zip(&self.members).for_each(|(&node, members)| counts[node] = members.len());
        counts
    }

    /// The value of every node when the bottom has `values`, added in key order.
    ///
    /// # Panics
    /// If there is not one value for each bottom series.
    #[must_use]
    pub fn sum(&self, values: &[f64]) -> Vec<f64> {
        assert_eq!(values.len(), self.n_bottom(), "one value for each bottom series");
        let mut nodes = vec![0.0; self.n_nodes()];
        self.bottoms.iter().zip(values).for_each(|(&node, &value)| nodes[node] = value);
        for (&node, members) in self.sums.iter().zip(&self.members) {
            nodes[node] = members.iter().map(|&bottom| values[bottom]).sum();
        }
        nodes
    }

    /// The children of each node in the one tree that forecast proportions walk down: at each region the tree of items,
    /// and from its leaves the tree of regions. A node that neither splits whole has its bottom series for children.
    pub(super) fn children(&self) -> Vec<Vec<usize>> {
        let place: HashMap<&SeriesKey, usize> = self.keys.iter().enumerate().map(|(node, key)| (key, node)).collect();
        let (mut by_item, mut by_region) = (vec![Vec::new(); self.n_nodes()], vec![Vec::new(); self.n_nodes()]);
        for (node, key) in self.keys.iter().enumerate() {
            let parent = |item: &str, region: &str| place.get(&SeriesKey::new(item, region)).copied();
            if let Some(item) = self.groups.items_above(key.item()).nth(1) {
                parent(item, key.region().as_str()).into_iter().for_each(|p| by_item[p].push(node));
            }
            if let Some(region) = self.groups.regions_above(key.region().as_str()).nth(1) {
                parent(key.item(), region).into_iter().for_each(|p| by_region[p].push(node));
            }
        }
        let counts = self.counts();
        let whole =
            |node: usize, parts: &[usize]| parts.iter().map(|&part| counts[part]).sum::<usize>() == counts[node];
        let mut children = vec![Vec::new(); self.n_nodes()];
        for (&node, members) in self.sums.iter().zip(&self.members) {
            let split = [&mut by_item[node], &mut by_region[node]].into_iter().find(|parts| whole(node, parts));
            children[node] = match split {
                Some(parts) => std::mem::take(parts),
                None => members.iter().map(|&bottom| self.bottoms[bottom]).collect(),
            };
        }
        children
    }

    /// The panel of all nodes in one column, `column` of `panel`.
    ///
    /// All series are carried to the last period of any, with missing values or zeros as [`Outside`] says, so that
    /// forecasts of all nodes are of the same periods. Totals that `panel` holds are checked and replaced by the sums. A
    /// node without a single known value is left out.
    ///
    /// # Errors
    /// [`DataError::UnknownColumn`]; [`DataError::UnknownSeries`] for a bottom series that `panel` lacks;
    /// [`DataError::DoesNotAddUp`] for the smallest total that differs from its sum by more than the tolerance;
    /// [`DataError::Empty`] if nothing is known.
    pub fn aggregate(&self, panel: &Panel, column: &str) -> Result<Panel, DataError> {
        let column_at = panel.column_index(column)?;
        let unknown = |key: &SeriesKey| DataError::UnknownSeries { key: key.clone() };
        let bottom: Vec<_> =
            self.bottom_keys().map(|key| panel.get(key).ok_or_else(|| unknown(key))).collect::<Result<_, _>>()?;
        let empty = || DataError::Empty { what: format!("column {column}") };
        let first = bottom.iter().map(|series| series.start()).min().ok_or_else(empty)?;
        let last = bottom.iter().map(|series| series.end()).max().ok_or_else(empty)?;
        let span = last.since(first).and_then(|s| usize::try_from(s).ok()).ok_or_else(empty)? + 1;
        let outside = match self.groups.outside() {
            Outside::Missing => f64::NAN,
            Outside::Zero => 0.0,
        };
        // Row of each bottom series' first value.
        let starts: Vec<usize> = bottom
            .iter()
            .map(|series| series.start().since(first).and_then(|s| usize::try_from(s).ok()).unwrap_or(0))
            .collect();
        let add = |to: &mut [f64], bottom_at: usize| {
            let (values, start) = (bottom[bottom_at].values(column_at), starts[bottom_at]);
            to[..start].iter_mut().for_each(|sum| *sum += outside);
            to[start..start + values.len()].iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
            to[start + values.len()..].iter_mut().for_each(|sum| *sum += outside);
        };
        let mut series = Vec::with_capacity(self.n_nodes());
        let (mut next_bottom, mut next_sum) = (0, 0);
        for (node, key) in self.keys.iter().enumerate() {
            let mut values = vec![0.0; span];
            if self.bottoms.get(next_bottom) == Some(&node) {
                add(&mut values, next_bottom);
                next_bottom += 1;
            } else {
                self.members[next_sum].iter().for_each(|&bottom_at| add(&mut values, bottom_at));
                next_sum += 1;
                if let Some(given) = panel.get(key) {
                    let offset = given.start().since(first).unwrap_or(0);
                    for (row, &value) in given.values(column_at).iter().enumerate() {
                        let at = i64::from(offset) + i64::try_from(row).unwrap_or(i64::MAX);
                        let Some(&sum) = usize::try_from(at).ok().and_then(|at| values.get(at)) else { continue };
                        if (value - sum).abs() > self.groups.tolerance() * value.abs().max(sum.abs()) {
                            let period = given.period(row);
                            return Err(DataError::DoesNotAddUp { key: key.clone(), period, value, sum });
                        }
                    }
                }
            }
            let Some(skip) = values.iter().position(|value| !value.is_nan()) else { continue };
            let start = first.plus(i32::try_from(skip).unwrap_or(i32::MAX));
            series.push((key.clone(), start, values.split_off(skip)));
        }
        Panel::from_series(column, series)
    }
}

/// The key itself, then every sum that it is part of.
fn line<'a>(groups: &'a Groups, key: &'a SeriesKey) -> impl Iterator<Item = SeriesKey> + 'a {
    groups
        .items_above(key.item())
        .flat_map(move |item| groups.regions_above(key.region().as_str()).map(move |r| SeriesKey::new(item, r)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Period;

    fn groups(outside: Outside) -> Groups {
        Groups::params()
            .outside(outside)
            .item("welder", "trades")
            .item("nurse", "health")
            .item("aide", "health")
            .item("trades", "all")
            .item("health", "all")
            .region("TX", "US")
            .region("CA", "US")
            .build()
            .unwrap()
    }

    fn month(m: i8) -> Period {
        Period::month(2024, m).unwrap()
    }

    fn panel() -> Panel {
        Panel::from_series(
            "y",
            [
                (SeriesKey::new("welder", "TX"), month(1), vec![1.0, 2.0, 3.0]),
                (SeriesKey::new("nurse", "TX"), month(1), vec![10.0, 20.0, 30.0]),
                (SeriesKey::new("nurse", "CA"), month(2), vec![200.0, 300.0]),
                (SeriesKey::new("aide", "CA"), month(1), vec![1000.0, 2000.0]),
            ],
        )
        .unwrap()
    }

    #[test]
    fn items_cross_regions() {
        let hierarchy = Hierarchy::new(groups(Outside::Missing), panel().keys()).unwrap();
        let names: Vec<String> = hierarchy.keys().iter().map(ToString::to_string).collect();
        let expected = "aide@CA aide all@CA all@TX all health@CA health@TX health nurse@CA nurse@TX nurse trades@TX trades welder@TX welder";
        assert_eq!(names.join(" "), expected);
        assert_eq!(hierarchy.n_bottom(), 4);
        let health = hierarchy.parts(&SeriesKey::national("health")).unwrap();
        assert_eq!(health.iter().map(ToString::to_string).collect::<Vec<_>>(), ["aide@CA", "nurse@CA", "nurse@TX"]);
        let nodes = hierarchy.sum(&[1000.0, 200.0, 10.0, 1.0]);
        assert_eq!(nodes[hierarchy.keys().binary_search(&SeriesKey::national("all")).unwrap()], 1211.0);
    }

    #[test]
    fn sums_exist_where_all_parts_do_unless_outside_is_zero() {
        let hierarchy = Hierarchy::new(groups(Outside::Missing), panel().keys()).unwrap();
        let all = hierarchy.aggregate(&panel(), "y").unwrap();
        let total = all.get(&SeriesKey::national("all")).unwrap();
        assert_eq!((total.start(), total.values(0)[0]), (month(2), 2222.0));
        assert!(total.values(0)[1].is_nan()); // aides are not known in March
        assert!(all.iter().all(|series| series.end() == month(3)));
        let all = Hierarchy::new(groups(Outside::Zero), panel().keys()).unwrap().aggregate(&panel(), "y").unwrap();
        assert_eq!(all.get(&SeriesKey::national("all")).unwrap().values(0), [1011.0, 2222.0, 333.0]);
    }

    #[test]
    fn totals_that_are_given_must_add_up() {
        let hierarchy = |panel: &Panel| Hierarchy::new(groups(Outside::Missing), panel.keys()).unwrap();
        let with_total = |values: Vec<f64>| {
            let total = (SeriesKey::new("health", "CA"), month(2), values);
            let bottom = panel();
            let bottom = bottom.iter().map(|s| (s.key().clone(), s.start(), s.values(0).to_vec()));
            Panel::from_series("y", bottom.chain([total])).unwrap()
        };
        let right = with_total(vec![2200.0, 5.0]); // March is not known below
        assert_eq!(hierarchy(&right).n_bottom(), 4);
        // Compared as text, in which missing values are equal.
        let sums = |panel: &Panel| format!("{:?}", hierarchy(panel).aggregate(panel, "y").unwrap());
        assert_eq!(sums(&right), sums(&panel()));
        let wrong = with_total(vec![2201.0]);
        let error = hierarchy(&wrong).aggregate(&wrong, "y").unwrap_err().to_string();
        assert_eq!(error, "series health@CA, 2024-02: the value 2201 is not the sum of its parts, 2200");
    }

    #[test]
    fn orphans_are_named() {
        let error = Hierarchy::new(groups(Outside::Missing), &[SeriesKey::new("pilot", "TX")]).unwrap_err();
        assert_eq!(error.to_string(), "series pilot@TX: the hierarchy has no place for \"pilot\"");
        let error = Hierarchy::new(groups(Outside::Missing), &[SeriesKey::new("nurse", "NY")]).unwrap_err();
        assert_eq!(error.to_string(), "series nurse@NY: the hierarchy has no place for \"NY\"");
        assert!(Hierarchy::new(groups(Outside::Missing), &[]).is_err());
    }

    #[test]
    fn the_tree_walked_down_has_every_bottom_series_once() {
        let hierarchy = Hierarchy::new(groups(Outside::Missing), panel().keys()).unwrap();
        let children = hierarchy.children();
        let top = hierarchy.keys().binary_search(&SeriesKey::national("all")).unwrap();
        let (mut open, mut leaves) = (vec![top], Vec::new());
        while let Some(node) = open.pop() {
            if children[node].is_empty() {
                leaves.push(node);
            }
            open.extend(&children[node]);
        }
        leaves.sort_unstable();
        assert_eq!(leaves, hierarchy.bottoms());
    }
}
