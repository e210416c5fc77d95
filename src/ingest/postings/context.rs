//! What every thread of one reading shares.

use std::sync::Arc;

use super::decode::Origin;
use super::mapping::Mapping;
use super::plan::{self, LeafName, Node};
use super::settings::Settings;
use super::slots::Rules;

/// What every thread of one reading shares.
pub(super) struct Context<'r> {
    pub(super) files: &'r [Origin],
    pub(super) mapping: &'r Mapping,
    pub(super) settings: &'r Settings,
    pub(super) rules: Rules<'r>,
    pub(super) json_root: Node,
    pub(super) json_names: Arc<Vec<LeafName>>,
}

impl<'r> Context<'r> {
    pub(super) fn new(files: &'r [Origin], mapping: &'r Mapping, settings: &'r Settings) -> Self {
        let (json_root, names) = plan::json(mapping);
        let rules = Rules::new(mapping, settings);
        Self { files, mapping, settings, rules, json_root, json_names: Arc::new(names) }
    }
}

impl Context<'_> {
    /// `buffer` emptied, and given back if a long record had made it grow.
    pub(super) fn recycled(&self, mut buffer: Vec<u8>) -> Vec<u8> {
        if buffer.capacity() > 4 * self.settings.batch_bytes.max(1 << 16) {
            return Vec::new();
        }
        buffer.clear();
        buffer
    }
}
