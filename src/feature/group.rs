//! Which series belong together.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::windowed::LONGEST;
use crate::error::ParamError;
use crate::key::SeriesKey;

/// What the series of a group have in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Group {
    /// Every series of the panel: the nation, where the panel has its states.
    All,
    /// The region.
    Region,
    /// The item, with one series for each region.
    Item,
    /// The first characters of the item: 2 of a SOC code are the major group, 2 of a NAICS code the sector.
    Prefix(usize),
    /// An attribute that is told of items.
    Attribute(Arc<Attribute>),
}

/// A named attribute of items, such as the sector of an occupation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Attribute {
    name: String,
    of: BTreeMap<String, String>,
}

impl Attribute {
    /// The attribute `name`, from pairs of an item and what it is. Items that are not told of belong to no group: their cells
    /// are NaN.
    ///
    /// # Errors
    /// [`ParamError`] for an empty name, or for an item that is told of twice.
    pub fn new(
        name: impl Into<String>,
        pairs: impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>,
    ) -> Result<Self, ParamError> {
        let name = name.into();
        let mut of = BTreeMap::new();
        for (item, value) in pairs {
            let item = item.into();
            if of.insert(item.clone(), value.into()).is_some() {
                return Err(ParamError::new("attribute", item, "items that are told of once"));
            }
        }
        let attribute = Self { name, of };
        attribute.check()?;
        Ok(attribute)
    }

    fn check(&self) -> Result<(), ParamError> {
        if self.name.trim().is_empty() {
            return Err(ParamError::new("attribute", &self.name, "a name"));
        }
        Ok(())
    }
}

impl Group {
    /// The group `name` as features write it; `attributes` are looked through last.
    pub(super) fn parse(name: &str, attributes: &BTreeMap<String, Arc<Attribute>>) -> Option<Self> {
        Some(match name {
            "all" => Self::All,
            "region" => Self::Region,
            "item" => Self::Item,
            _ => match name.strip_prefix("prefix_").map(str::parse) {
                Some(Ok(n)) => Self::Prefix(n),
                _ => Self::Attribute(attributes.get(name)?.clone()),
            },
        })
    }

    pub(crate) fn check(&self) -> Result<(), ParamError> {
        match self {
            Self::Prefix(n) if *n == 0 || *n > LONGEST => {
                Err(ParamError::new("prefix", n, "from 1 to 1200 characters"))
            }
            Self::Attribute(attribute) => attribute.check(),
            _ => Ok(()),
        }
    }

    /// What all series of the group share; `None` for a series that belongs to none.
    pub(crate) fn of<'k>(&'k self, key: &'k SeriesKey) -> Option<&'k str> {
        match self {
            Self::All => Some(""),
            Self::Region => Some(key.region().as_str()),
            Self::Item => Some(key.item()),
            Self::Prefix(n) => {
                let item = key.item();
                Some(item.char_indices().nth(*n).map_or(item, |(end, _)| &item[..end]))
            }
            Self::Attribute(attribute) => attribute.of.get(key.item()).map(String::as_str),
        }
    }

    pub(crate) fn name(&self) -> String {
        match self {
            Self::All => "all".into(),
            Self::Region => "region".into(),
            Self::Item => "item".into(),
            Self::Prefix(n) => format!("prefix_{n}"),
            Self::Attribute(attribute) => attribute.name.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_counts_characters_and_an_attribute_may_be_unknown() {
        let key = SeriesKey::new("dé-ja", "TX");
        assert_eq!(Group::Prefix(2).of(&key), Some("dé"));
        assert_eq!(Group::Prefix(99).of(&key), Some("dé-ja"));
        let sector = Attribute::new("sector", [("nurse", "health")]).unwrap();
        assert_eq!(Group::Attribute(Arc::new(sector)).of(&key), None);
        assert!(Attribute::new("sector", [("nurse", "health"), ("nurse", "care")]).is_err());
        assert!(Attribute::new(" ", [("nurse", "health")]).is_err() && Group::Prefix(0).check().is_err());
    }
}
