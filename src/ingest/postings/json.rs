//! The wanted values of a JSON record, without building the rest of it.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::plan::Node;
use super::slots::Slots;

/// Reads the object `text` into `slots`. Strings without escapes are borrowed; values that are not wanted are skipped
/// over, however deep they nest. O(length).
///
/// # Errors
/// What `serde_json` says of text that is no JSON object, or nests deeper than 128 on a wanted path.
pub(super) fn read_object<'a>(text: &'a str, root: &Node, slots: &mut Slots<'a>) -> Result<(), serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    deserializer.deserialize_map(Root { node: root, slots })?;
    deserializer.end()
}

/// The elements of the array `text`, each as it stands there.
///
/// # Errors
/// What `serde_json` says of text that is no JSON array.
pub(super) fn elements(text: &str) -> Result<Vec<&RawValue>, serde_json::Error> {
    serde_json::from_str(text)
}

/// The message of `error` without the position, which is that within the record.
pub(super) fn wording(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rfind(" at line ") {
        Some(at) => format!("{} (byte {} of the record)", &text[..at], error.column()),
        None => text,
    }
}

/// The record's own object; its `@graph` may hold the postings.
struct Root<'n, 's, 'a> {
    node: &'n Node,
    slots: &'s mut Slots<'a>,
}

impl<'de> Visitor<'de> for Root<'_, '_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        read_map(self.node, self.slots, map, true)
    }
}

/// The values at a node: itself a value, an object of wanted keys, or an array of either.
struct Values<'n, 's, 'a> {
    node: &'n Node,
    slots: &'s mut Slots<'a>,
}

impl<'a> Values<'_, '_, 'a> {
    fn take(self, value: Cow<'a, str>) {
        if let [leaf] = self.node.leaves.as_slice() {
            return self.slots.take(*leaf, value);
        }
        for leaf in &self.node.leaves {
            self.slots.take(*leaf, value.clone());
        }
    }
}

impl<'de> DeserializeSeed<'de> for Values<'_, '_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Values<'_, '_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<(), E> {
        self.take(Cow::Borrowed(value));
        Ok(())
    }

    fn visit_str<E>(self, value: &str) -> Result<(), E> {
        self.take(Cow::Owned(value.to_owned()));
        Ok(())
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        self.take(Cow::Owned(value.to_string()));
        Ok(())
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.take(Cow::Owned(value.to_string()));
        Ok(())
    }

    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        self.take(Cow::Owned(value.to_string()));
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        self.slots.other_kind.extend(&self.node.leaves);
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        if self.node.is_empty() {
            self.slots.other_kind.extend(&self.node.leaves);
        }
        read_map(self.node, self.slots, map, false)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let Self { node, slots } = self;
        while seq.next_element_seed(Values { node, slots: &mut *slots })?.is_some() {}
        Ok(())
    }
}

fn read_map<'de, A: MapAccess<'de>>(
    node: &Node,
    slots: &mut Slots<'de>,
    mut map: A,
    is_root: bool,
) -> Result<(), A::Error> {
    // Repeats are noticed among the first 128 wanted keys of an object, more than the usual names are.
    let mut seen = 0_u128;
    while let Some(wanted) = map.next_key_seed(Key { node, is_root })? {
        match wanted {
            Wanted::No => {
                map.next_value::<IgnoredAny>()?;
            }
            Wanted::Graph => {
                let graph = map.next_value::<&'de RawValue>()?;
                if slots.graph.replace(graph).is_some() {
                    slots.twice = Some("@graph".to_owned());
                }
            }
            Wanted::Child(index, child) => {
                let bit = u32::try_from(index).ok().and_then(|index| 1_u128.checked_shl(index)).unwrap_or(0);
                if seen & bit != 0 && slots.twice.is_none() {
                    slots.twice = Some(node.key_name(index).to_owned());
                }
                seen |= bit;
                map.next_value_seed(Values { node: child, slots: &mut *slots })?;
            }
        }
    }
    Ok(())
}

/// What a key leads to.
enum Wanted<'n> {
    No,
    Graph,
    Child(usize, &'n Node),
}

struct Key<'n> {
    node: &'n Node,
    is_root: bool,
}

impl<'de, 'n> DeserializeSeed<'de> for Key<'n> {
    type Value = Wanted<'n>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Wanted<'n>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'n> Visitor<'_> for Key<'n> {
    type Value = Wanted<'n>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Wanted<'n>, E> {
        if self.is_root && key == "@graph" {
            return Ok(Wanted::Graph);
        }
        Ok(self.node.child(key).map_or(Wanted::No, |(index, child)| Wanted::Child(index, child)))
    }
}
