//! From a mapping to the places where values stand: paths in JSON, columns in a table.

use std::path::Path;

use super::mapping::{self, Mapping};
use super::role::{Role, TidyName};
use crate::error::{DataError, Place};

/// Header names listed in an error at most.
const MAX_LISTED: usize = 12;

/// A place that supplies a role. The lower rank wins where several supply it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Leaf {
    pub(super) role: Role,
    pub(super) rank: u8,
    /// Position in the list of [`LeafName`]s.
    pub(super) id: u16,
}

/// What a report says of a leaf.
#[derive(Clone, Debug)]
pub(super) struct LeafName {
    pub(super) role: Role,
    pub(super) path: String,
}

/// The keys wanted of a JSON object.
#[derive(Debug, Default)]
pub(super) struct Node {
    pub(super) leaves: Vec<Leaf>,
    /// Keys as the mapping names them.
    exact: Vec<(String, Node)>,
    /// Usual keys in tidy form, sorted by length and text.
    loose: Vec<(&'static str, Node)>,
}

impl Node {
    /// The node behind `key`, and its position among this node's keys.
    pub(super) fn child(&self, key: &str) -> Option<(usize, &Node)> {
        if let Some(index) = self.exact.iter().position(|(name, _)| name == key) {
            return Some((index, &self.exact[index].1));
        }
        if self.loose.is_empty() {
            return None;
        }
        let tidy = TidyName::of(key)?;
        let wanted = tidy.as_bytes();
        let order = |name: &str| (name.len(), name.as_bytes()).cmp(&(wanted.len(), wanted));
        let index = self.loose.binary_search_by(|(name, _)| order(name)).ok()?;
        Some((self.exact.len() + index, &self.loose[index].1))
    }

    /// The key at position `index`, for errors.
    pub(super) fn key_name(&self, index: usize) -> &str {
        match self.exact.get(index) {
            Some((name, _)) => name,
            None => self.loose.get(index.saturating_sub(self.exact.len())).map_or("", |(name, _)| name),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.exact.is_empty() && self.loose.is_empty()
    }

    fn exact_path(&mut self, path: &[String]) -> &mut Node {
        let Some((key, rest)) = path.split_first() else { return self };
        let index = self.exact.iter().position(|(name, _)| name == key).unwrap_or_else(|| {
            self.exact.push((key.clone(), Node::default()));
            self.exact.len() - 1
        });
        self.exact[index].1.exact_path(rest)
    }

    fn loose_path(&mut self, path: &'static str) -> &mut Node {
        let (key, rest) = match path.split_once('.') {
            Some((key, rest)) => (key, Some(rest)),
            None => (path, None),
        };
        let order = |name: &str| (name.len(), name).cmp(&(key.len(), key));
        let index = self.loose.binary_search_by(|(name, _)| order(name)).unwrap_or_else(|index| {
            self.loose.insert(index, (key, Node::default()));
            index
        });
        let node = &mut self.loose[index].1;
        match rest {
            Some(rest) => node.loose_path(rest),
            None => node,
        }
    }
}

/// The wanted paths of JSON records, and their names.
pub(super) fn json(mapping: &Mapping) -> (Node, Vec<LeafName>) {
    let (mut root, mut names) = (Node::default(), Vec::new());
    let mut ids = 0..;
    for (role, path) in wanted(mapping) {
        let (rank, path) = path;
        let (node, path) = match path {
            WantedPath::Exact(path) => (root.exact_path(&mapping::split(path)), path.to_owned()),
            WantedPath::Usual(path) => (root.loose_path(path), path.to_owned()),
        };
        node.leaves.push(Leaf { role, rank, id: ids.next().unwrap_or(u16::MAX) });
        names.push(LeafName { role, path });
    }
    let id = ids.next().unwrap_or(u16::MAX);
    root.exact_path(&["@type".to_owned()]).leaves.push(Leaf { role: Role::Type, rank: 0, id });
    names.push(LeafName { role: Role::Type, path: "@type".to_owned() });
    (root, names)
}

enum WantedPath<'m> {
    Exact(&'m str),
    Usual(&'static str),
}

/// Every role's paths with their ranks: the mapping's if it names any, else the usual ones.
fn wanted(mapping: &Mapping) -> impl Iterator<Item = (Role, (u8, WantedPath<'_>))> {
    const PARTS: [Role; 5] = [Role::PayMin, Role::PayMax, Role::PayValue, Role::PayUnit, Role::PayCurrency];
    let pay_is_named = mapping.fields.contains_key(&Role::Pay);
    let parts_are_named = PARTS.iter().any(|part| mapping.fields.contains_key(part));
    Role::ALL.into_iter().flat_map(move |role| {
        let paths: Vec<WantedPath<'_>> = match mapping.fields.get(&role) {
            Some(paths) => paths.iter().map(|path| WantedPath::Exact(path)).collect(),
            // Whoever names where pay stands does not want it from elsewhere.
            None if pay_is_named && PARTS.contains(&role) || parts_are_named && role == Role::Pay => Vec::new(),
            None => role.usual_names().iter().map(|path| WantedPath::Usual(path)).collect(),
        };
        (0..).zip(paths).map(move |path| (role, path))
    })
}

/// The columns of one table that are taken.
#[derive(Debug)]
pub(super) struct Columns {
    /// Column and what it is taken for.
    pub(super) cells: Vec<(usize, Leaf)>,
    pub(super) names: Vec<LeafName>,
    /// Number of columns of the table.
    pub(super) width: usize,
}

impl Columns {
    /// Finds the columns of the table in `file` by its `header`.
    ///
    /// # Errors
    /// [`DataError::Cell`] for a column that the mapping names and the header lacks, for a column taken that stands there
    /// twice, and for a table without a date, or with neither title nor text.
    pub(super) fn find(mapping: &Mapping, header: &[String], file: &Path) -> Result<Self, DataError> {
        let refused = |expected: String, found: String| {
            Err(DataError::Cell { place: Place::file(file).line(1), expected, found })
        };
        let tidy: Vec<Option<TidyName>> = header.iter().map(|name| TidyName::of(name)).collect();
        let is_named = |column: usize| {
            mapping.fields.values().flatten().any(|path| header.get(column).is_some_and(|name| name == path))
        };
        let mut columns = Self { cells: Vec::new(), names: Vec::new(), width: header.len() };
        for (role, (rank, path)) in wanted(mapping) {
            let column = match path {
                WantedPath::Exact(path) => header.iter().position(|name| name == path),
                WantedPath::Usual(path) => {
                    let is_it =
                        |tidy: &TidyName| path.bytes().filter(|&b| b != b'.').eq(tidy.as_bytes().iter().copied());
                    tidy.iter().enumerate().position(|(at, tidy)| tidy.as_ref().is_some_and(is_it) && !is_named(at))
                }
            };
            let Some(column) = column else { continue };
            // Without dots some usual names are the same.
            if columns.cells.iter().any(|(there, leaf)| *there == column && leaf.role == role) {
                continue;
            }
            let name = &header[column];
            if header.iter().filter(|other| *other == name).count() > 1 {
                return refused("column names that differ".to_owned(), format!("{name:?} twice"));
            }
            let id = u16::try_from(columns.names.len()).unwrap_or(u16::MAX);
            columns.cells.push((column, Leaf { role, rank, id }));
            columns.names.push(LeafName { role, path: name.clone() });
        }
        let has = |role: Role| columns.names.iter().any(|leaf| leaf.role == role);
        let mut listed = header.iter().take(MAX_LISTED).map(String::as_str).collect::<Vec<_>>().join(", ");
        if header.len() > MAX_LISTED {
            listed = format!("{listed} and {} more", header.len() - MAX_LISTED);
        }
        for (role, paths) in &mapping.fields {
            if !has(*role) {
                let wanted =
                    format!("a column {} (key fields.{} of {})", paths.join(" or "), role.name(), mapping.name);
                return refused(wanted, format!("the columns {listed}"));
            }
        }
        if !has(Role::Posted) {
            let wanted = "a column for the day of posting, such as posted, date_posted or date".to_owned();
            return refused(wanted, format!("the columns {listed}"));
        }
        if !has(Role::Title) && !has(Role::Text) {
            return refused("a column for the title or the text".to_owned(), format!("the columns {listed}"));
        }
        Ok(columns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(mapping: &str, header: &str) -> Result<Vec<(&'static str, String)>, String> {
        let header: Vec<String> = header.split(',').map(str::to_owned).collect();
        let mapping = Mapping::parse("map.toml", mapping).unwrap();
        let columns = Columns::find(&mapping, &header, Path::new("p.csv")).map_err(|e| e.to_string())?;
        Ok(columns.names.into_iter().map(|leaf| (leaf.role.name(), leaf.path)).collect())
    }

    #[test]
    fn columns_are_found_by_usual_names() {
        let found = find("", "Job ID,Date_Posted,job-title,Company Name,salary_min,other").unwrap();
        let expected = [
            ("id", "Job ID"),
            ("posted", "Date_Posted"),
            ("employer", "Company Name"),
            ("title", "job-title"),
            ("pay_min", "salary_min"),
        ];
        assert_eq!(found, expected.map(|(role, name)| (role, name.to_owned())));
    }

    #[test]
    fn named_columns_are_taken_and_not_found_again() {
        let found = find("[fields]\ntitle = \"description\"\nposted = \"day\"\n", "description,day,id").unwrap();
        let expected = [("id", "id"), ("posted", "day"), ("title", "description")];
        assert_eq!(found, expected.map(|(role, name)| (role, name.to_owned())));
    }

    #[test]
    fn missing_columns_are_named() {
        let error = find("[fields]\ntitle = \"x\"\n", "date,title").unwrap_err();
        assert_eq!(
            error,
            "p.csv, line 1: expected a column x (key fields.title of map.toml), found the columns date, title"
        );
        assert!(find("", "title,id").unwrap_err().contains("a column for the day of posting"));
        assert!(find("", "date,id").unwrap_err().contains("a column for the title or the text"));
        assert!(find("", "date,title,title").unwrap_err().contains("found \"title\" twice"));
    }
}
