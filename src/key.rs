//! Identifiers: certificates, regions, and the key of one series.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// The region that stands for a whole nation when a file names none.
pub const NATION: &str = "US";

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Wraps an identifier as it stands; cheap to clone afterwards.
            #[must_use]
            pub fn new(id: impl AsRef<str>) -> Self {
                Self(Arc::from(id.as_ref()))
            }

            /// The identifier's text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", &*self.0)
            }
        }

        impl From<&str> for $name {
            fn from(id: &str) -> Self {
                Self::new(id)
            }
        }
    };
}

identifier! {
    /// Identifies one certificate of the catalogue, such as `comptia-security-plus`.
    CertificateId
}
identifier! {
    /// Identifies a region: `US`, or a two-letter state code in capitals.
    RegionId
}

impl RegionId {
    /// The whole nation.
    #[must_use]
    pub fn nation() -> Self {
        Self::new(NATION)
    }

    /// Whether this is the whole nation.
    #[must_use]
    pub fn is_nation(&self) -> bool {
        self.as_str() == NATION
    }
}

/// What one series measures: an item (a certificate, an occupation, a sector, any id) in a region.
///
/// Ordered by item, then region. Printed as `item` for the nation and `item@region` elsewhere.
///
/// # Examples
/// ```
/// use credcast::SeriesKey;
/// assert_eq!(SeriesKey::new("nursing", "TX").to_string(), "nursing@TX");
/// assert_eq!(SeriesKey::national("nursing").to_string(), "nursing");
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SeriesKey {
    item: Arc<str>,
    region: RegionId,
}

impl SeriesKey {
    /// A key for `item` in `region`.
    #[must_use]
    pub fn new(item: impl AsRef<str>, region: impl AsRef<str>) -> Self {
        Self { item: Arc::from(item.as_ref()), region: RegionId::new(region) }
    }

    /// A key for `item` in the whole nation.
    #[must_use]
    pub fn national(item: impl AsRef<str>) -> Self {
        Self::new(item, NATION)
    }

    /// The item: certificate, occupation, sector or any other id.
    #[must_use]
    pub fn item(&self) -> &str {
        &self.item
    }

    /// The region.
    #[must_use]
    pub fn region(&self) -> &RegionId {
        &self.region
    }

    /// A number that depends on the key's text only: the seed of this series' own random stream (FNV-1a, 64 bits).
    #[must_use]
    pub fn seed(&self) -> u64 {
        let bytes = self.item.bytes().chain([0xff]).chain(self.region.as_str().bytes());
        bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
    }
}

impl fmt::Display for SeriesKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.region.is_nation() { f.pad(&self.item) } else { f.pad(&format!("{}@{}", self.item, self.region)) }
    }
}

impl fmt::Debug for SeriesKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_sort_by_item_then_region() {
        let mut keys = [SeriesKey::new("b", "AL"), SeriesKey::new("a", "TX"), SeriesKey::new("a", "AL")];
        keys.sort();
        assert_eq!(keys.map(|k| k.to_string()), ["a@AL", "a@TX", "b@AL"]);
    }

    #[test]
    fn seeds_differ_where_the_boundary_between_item_and_region_moves() {
        assert_ne!(SeriesKey::new("ab", "c").seed(), SeriesKey::new("a", "bc").seed());
    }
}
