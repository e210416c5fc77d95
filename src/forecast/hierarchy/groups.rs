//! Which item belongs to which, and which region to which.

use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};

use crate::error::{DataError, Error, ParamError, Result};

/// What the periods before a series begins and after it ends mean in a sum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outside {
    /// Unknown: a sum exists where all of its parts do.
    #[default]
    Missing,
    /// Nothing: a certificate that is not asked for yet counts 0.
    Zero,
}

/// Trees of items and of regions, by the parent of each name: sector > occupation > certificate, nation > state > area.
///
/// Every item crosses every region: with a tree of each, a series is part of the sums of all ancestors of its item (the
/// item itself included) in all ancestors of its region (the same). A name without a parent is a root. A tree that is
/// left out sums nothing: each of its names stands alone.
///
/// # Examples
/// ```
/// use credcast::forecast::Groups;
/// let groups = Groups::params().item("welder", "trades").item("nurse", "health").region("TX", "US").build()?;
/// assert_eq!(groups.items_above("welder").collect::<Vec<_>>(), ["welder", "trades"]);
/// let circle = Groups::params().item("a", "b").item("b", "a").build();
/// assert_eq!(circle.unwrap_err().to_string(), "the hierarchy runs in a circle: a < b < a");
/// # Ok::<(), credcast::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "GroupsParams", into = "GroupsParams")]
pub struct Groups {
    items: Tree,
    regions: Tree,
    tolerance: f64,
    outside: Outside,
}

/// Names with their parents.
type Tree = BTreeMap<String, String>;

/// Collects what makes [`Groups`].
///
/// | Parameter | Default | Allowed | Meaning |
/// |---|---|---|---|
/// | `item`, `region` | none | one parent for each name, no circle | the trees |
/// | `tolerance` | 1e-6 | in [0, 1] | by what share of the sum of its parts a given total may differ from it |
/// | `outside` | [`Outside::Missing`] | | what periods outside a series mean in a sum |
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GroupsParams {
    items: Vec<(String, String)>,
    regions: Vec<(String, String)>,
    tolerance: f64,
    outside: Outside,
}

impl GroupsParams {
    /// Says that the item `child` is part of `parent`.
    #[must_use]
    pub fn item(mut self, child: impl Into<String>, parent: impl Into<String>) -> Self {
        self.items.push((child.into(), parent.into()));
        self
    }

    /// Says that the region `child` is part of `parent`.
    #[must_use]
    pub fn region(mut self, child: impl Into<String>, parent: impl Into<String>) -> Self {
        self.regions.push((child.into(), parent.into()));
        self
    }

    /// Sets by what share of the sum of its parts a total that is given may differ from it.
    #[must_use]
    pub fn tolerance(mut self, tolerance: f64) -> Self {
        self.tolerance = tolerance;
        self
    }

    /// Sets what periods before a series begins and after it ends mean.
    #[must_use]
    pub fn outside(mut self, outside: Outside) -> Self {
        self.outside = outside;
        self
    }

    /// Checks the trees.
    ///
    /// # Errors
    /// [`DataError::TwoParents`], [`DataError::Circle`], or [`ParamError`] for the tolerance.
    pub fn build(self) -> Result<Groups> {
        let Self { items, regions, tolerance, outside } = self;
        if !(0.0..=1.0).contains(&tolerance) {
            return Err(ParamError::new("tolerance", tolerance, "in [0, 1]").into());
        }
        Ok(Groups { items: tree(items)?, regions: tree(regions)?, tolerance, outside })
    }
}

/// The map from child to parent.
fn tree(pairs: Vec<(String, String)>) -> Result<Tree, DataError> {
    let mut tree = Tree::new();
    for (child, parent) in pairs {
        match tree.get(&child) {
            Some(first) if *first != parent => {
                return Err(DataError::TwoParents { first: first.clone(), child, second: parent });
            }
            _ => {
                tree.insert(child, parent);
            }
        }
    }
    // Names from which a root is known to be reached.
    let mut safe: HashSet<&str> = HashSet::new();
    for start in tree.keys() {
        let mut chain: Vec<&str> = vec![start];
        let mut met: HashSet<&str> = HashSet::from([start.as_str()]);
        let mut name = start.as_str();
        while let Some(parent) = tree.get(name).filter(|_| !safe.contains(name)) {
            name = parent;
            chain.push(name);
            if !met.insert(name) {
                let begin = chain.iter().position(|n| *n == name).unwrap_or(0);
                return Err(DataError::Circle { members: chain[begin..].iter().map(|n| (*n).to_owned()).collect() });
            }
        }
        safe.extend(chain);
    }
    Ok(tree)
}

impl Groups {
    /// The parameters at their defaults.
    #[must_use]
    pub fn params() -> GroupsParams {
        let (items, regions) = (Vec::new(), Vec::new());
        GroupsParams { items, regions, tolerance: 1e-6, outside: Outside::default() }
    }

    /// The item, its parent, and so on to the root.
    pub fn items_above<'a>(&'a self, item: &'a str) -> impl Iterator<Item = &'a str> {
        std::iter::successors(Some(item), |name| self.items.get(*name).map(String::as_str))
    }

    /// The region, its parent, and so on to the root.
    pub fn regions_above<'a>(&'a self, region: &'a str) -> impl Iterator<Item = &'a str> {
        std::iter::successors(Some(region), |name| self.regions.get(*name).map(String::as_str))
    }

    /// Whether the tree of items knows `item`, or there is none.
    pub(super) fn knows_item(&self, item: &str) -> bool {
        knows(&self.items, item)
    }

    /// Whether the tree of regions knows `region`, or there is none.
    pub(super) fn knows_region(&self, region: &str) -> bool {
        knows(&self.regions, region)
    }

    /// By what share a total that is given may differ from the sum of its parts.
    #[must_use]
    pub fn tolerance(&self) -> f64 {
        self.tolerance
    }

    /// What periods outside a series mean in a sum.
    #[must_use]
    pub fn outside(&self) -> Outside {
        self.outside
    }
}

fn knows(tree: &Tree, name: &str) -> bool {
    tree.is_empty() || tree.contains_key(name) || tree.values().any(|parent| parent == name)
}

impl TryFrom<GroupsParams> for Groups {
    type Error = Error;
    fn try_from(params: GroupsParams) -> Result<Self> {
        params.build()
    }
}

impl From<Groups> for GroupsParams {
    fn from(groups: Groups) -> Self {
        let Groups { items, regions, tolerance, outside } = groups;
        Self { items: items.into_iter().collect(), regions: regions.into_iter().collect(), tolerance, outside }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn circles_and_second_parents_are_named() {
        let circle = Groups::params().item("x", "a").item("a", "b").item("b", "c").item("c", "a").build();
        assert_eq!(circle.unwrap_err().to_string(), "the hierarchy runs in a circle: a < b < c < a");
        let own = Groups::params().region("TX", "TX").build();
        assert_eq!(own.unwrap_err().to_string(), "the hierarchy runs in a circle: TX < TX");
        let two = Groups::params().item("a", "b").item("a", "c").build();
        assert_eq!(two.unwrap_err().to_string(), "\"a\" has two parents in the hierarchy, \"b\" and \"c\"");
        assert!(Groups::params().item("a", "b").item("a", "b").build().is_ok());
    }

    #[test]
    fn the_tolerance_is_checked() {
        for legal in [0.0, 1e-6, 1.0] {
            assert!(Groups::params().tolerance(legal).build().is_ok());
        }
        for illegal in [-1e-9, 1.1, f64::NAN, f64::INFINITY] {
            assert!(Groups::params().tolerance(illegal).build().is_err());
        }
    }

    #[test]
    fn a_circle_in_a_file_is_refused() {
        let text = r#"{"items":[["a","b"],["b","a"]],"regions":[],"tolerance":0.0,"outside":"missing"}"#;
        assert!(serde_json::from_str::<Groups>(text).is_err());
        let groups = Groups::params().item("a", "b").region("TX", "US").outside(Outside::Zero).build().unwrap();
        let text = serde_json::to_string(&groups).unwrap();
        assert_eq!(serde_json::from_str::<Groups>(&text).unwrap(), groups);
    }
}
