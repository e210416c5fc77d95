//! What is counted: certificates, and families of versions.

use std::collections::HashMap;
use std::sync::Arc;

use crate::catalog::Catalog;
use crate::key::CertificateId;
use crate::text::Verdict;

/// Certificates and families by number, from 0.
#[derive(Clone, Debug)]
pub(super) struct Items {
    names: Vec<Arc<str>>,
    certificates: HashMap<CertificateId, u32>,
    families: HashMap<Arc<str>, u32>,
}

impl Items {
    pub(super) fn new(catalog: &Catalog) -> Self {
        let mut families: Vec<&str> = catalog.iter().filter_map(|c| c.family.as_deref()).collect();
        families.sort_unstable();
        families.dedup();
        Self::of_names(catalog.iter().map(|c| c.id.as_str()), families)
    }

    pub(super) fn of_names<'a>(
        certificates: impl IntoIterator<Item = &'a str>,
        families: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let mut names: Vec<Arc<str>> = certificates.into_iter().map(Arc::from).collect();
        let certificates = (0..).zip(&names).map(|(number, name)| (CertificateId::new(name), number)).collect();
        let first = names.len();
        names.extend(families.into_iter().map(Arc::from));
        let families = (0..).zip(&names).skip(first).map(|(number, name)| (Arc::clone(name), number)).collect();
        Self { names, certificates, families }
    }

    /// The number of what a verdict settles.
    pub(super) fn number(&self, verdict: &Verdict) -> Option<u32> {
        match verdict {
            Verdict::Certificate(id) => self.certificates.get(id).copied(),
            Verdict::Family { family, .. } => self.families.get(family).copied(),
            Verdict::Abstained { .. } => None,
        }
    }

    /// The name of a number, and whether it is a family's.
    pub(super) fn name(&self, number: u32) -> (Arc<str>, bool) {
        let name = self.names.get(number as usize).cloned().unwrap_or_default();
        (name, number as usize >= self.certificates.len())
    }
}
