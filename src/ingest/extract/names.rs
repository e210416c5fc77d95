//! Names and the numbers that stand for them while postings are read.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

/// Regions or occupations by number, from 1; 0 stands for all of them.
///
/// Numbers are given in the order in which threads ask, so nothing that is written may depend on them: sort by name.
#[derive(Debug, Default)]
pub(super) struct Names {
    known: RwLock<Known>,
}

#[derive(Debug, Default)]
struct Known {
    numbers: HashMap<Arc<str>, u32>,
    names: Vec<Arc<str>>,
}

impl Names {
    /// The number of `name`, a new one if it was not known.
    pub(super) fn number(&self, name: &str) -> u32 {
        // A thread that panicked holding the lock left both parts whole or without the new name.
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(number) = known.numbers.get(name) {
            return *number;
        }
        drop(known);
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(number) = known.numbers.get(name) {
            return *number;
        }
        let name: Arc<str> = Arc::from(name);
        known.names.push(Arc::clone(&name));
        let number = u32::try_from(known.names.len()).unwrap_or(u32::MAX);
        known.numbers.insert(name, number);
        number
    }

    /// The names by number less one.
    pub(super) fn into_names(self) -> Vec<Arc<str>> {
        self.known.into_inner().unwrap_or_else(PoisonError::into_inner).names
    }
}
