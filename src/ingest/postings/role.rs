//! What a column can be taken for, and the names by which it is found.

/// What a column or JSON path is taken for: a field of a posting, a part of its pay, or the schema.org type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    Id,
    Posted,
    Employer,
    Industry,
    Region,
    Soc,
    Title,
    Text,
    Pay,
    PayMin,
    PayMax,
    PayValue,
    PayUnit,
    PayCurrency,
    Type,
}

/// Number of roles.
pub(super) const ROLES: usize = 15;

impl Role {
    pub(super) const ALL: [Self; ROLES] = [
        Self::Id,
        Self::Posted,
        Self::Employer,
        Self::Industry,
        Self::Region,
        Self::Soc,
        Self::Title,
        Self::Text,
        Self::Pay,
        Self::PayMin,
        Self::PayMax,
        Self::PayValue,
        Self::PayUnit,
        Self::PayCurrency,
        Self::Type,
    ];

    /// The key in a mapping file and in reports.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Posted => "posted",
            Self::Employer => "employer",
            Self::Industry => "industry",
            Self::Region => "region",
            Self::Soc => "soc",
            Self::Title => "title",
            Self::Text => "text",
            Self::Pay => "pay",
            Self::PayMin => "pay_min",
            Self::PayMax => "pay_max",
            Self::PayValue => "pay_value",
            Self::PayUnit => "pay_unit",
            Self::PayCurrency => "pay_currency",
            Self::Type => "type",
        }
    }

    /// Whether a mapping file may name columns for it.
    pub(super) fn is_mappable(self) -> bool {
        self != Self::Type
    }

    /// The names looked for when the mapping names none, best first: lower case, letters and digits only, a dot where
    /// JSON nests. Those with dots are the paths of schema.org's `JobPosting` (version 29).
    pub(super) fn usual_names(self) -> &'static [&'static str] {
        match self {
            Self::Id => &[
                "id",
                "jobid",
                "postingid",
                "jobpostingid",
                "adid",
                "uniqueid",
                "uid",
                "guid",
                "identifier.value",
                "identifier",
            ],
            Self::Posted => &[
                "posted",
                "dateposted",
                "postingdate",
                "posteddate",
                "postdate",
                "postedat",
                "postedon",
                "publishedat",
                "publicationdate",
                "datepublished",
                "createdat",
                "created",
                "date",
            ],
            Self::Employer => &[
                "employer",
                "employername",
                "company",
                "companyname",
                "company.name",
                "company.displayname",
                "hiringorganization.name",
                "hiringorganization",
                "organization",
                "organizationname",
            ],
            Self::Industry => {
                &["industry", "industryname", "industry.name", "naics", "naicscode", "industrycode", "sector"]
            }
            Self::Region => &[
                "region",
                "regionid",
                "state",
                "statecode",
                "addressregion",
                "joblocation.address.addressregion",
                "joblocation.address.addressregion.name",
                "location.state",
            ],
            Self::Soc => &[
                "soc",
                "soccode",
                "soc2018",
                "onetsoc",
                "onetsoccode",
                "onetcode",
                "occupationcode",
                "occupationalcategory.codevalue",
                "occupationalcategory",
            ],
            Self::Title => &["title", "jobtitle", "postingtitle", "positiontitle"],
            Self::Text => &["text", "description", "jobdescription", "postingtext", "fulltext", "body", "content"],
            Self::Pay => &["pay", "salary", "paytext", "salarytext", "wage", "compensation", "payrange", "salaryrange"],
            Self::PayMin => {
                &["paymin", "minpay", "salarymin", "minsalary", "basesalary.value.minvalue", "basesalary.minvalue"]
            }
            Self::PayMax => {
                &["paymax", "maxpay", "salarymax", "maxsalary", "basesalary.value.maxvalue", "basesalary.maxvalue"]
            }
            Self::PayValue => &["basesalary.value.value", "basesalary.value", "basesalary"],
            Self::PayUnit => &[
                "payunit",
                "payperiod",
                "salaryunit",
                "salaryperiod",
                "basesalary.value.unittext",
                "basesalary.unittext",
            ],
            Self::PayCurrency => {
                &["paycurrency", "salarycurrency", "basesalary.currency", "basesalary.value.currency", "currency"]
            }
            Self::Type => &[],
        }
    }
}

/// The longest usual name between two dots.
const MAX_NAME: usize = 32;

/// A name in lower case without anything but ASCII letters and digits, on the stack.
#[derive(Clone, Copy)]
pub(super) struct TidyName {
    bytes: [u8; MAX_NAME],
    len: usize,
}

impl TidyName {
    /// `None` if `name` holds other letters than ASCII's or is longer than any usual name.
    pub(super) fn of(name: &str) -> Option<Self> {
        let (mut bytes, mut len) = ([0; MAX_NAME], 0);
        for byte in name.bytes() {
            if byte.is_ascii_alphanumeric() {
                *bytes.get_mut(len)? = byte.to_ascii_lowercase();
                len += 1;
            } else if !byte.is_ascii() || byte == b'@' {
                return None;
            }
        }
        Some(Self { bytes, len })
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_without_case_and_punctuation() {
        for name in ["JobTitle", "job_title", "job title", "JOB-TITLE"] {
            assert_eq!(TidyName::of(name).unwrap().as_bytes(), b"jobtitle");
        }
        assert!(TidyName::of("Stra\u{df}e").is_none());
        assert!(TidyName::of(&"x".repeat(33)).is_none());
    }

    #[test]
    fn every_usual_name_is_tidy_and_stands_once() {
        let mut seen = std::collections::BTreeSet::new();
        for role in Role::ALL {
            for name in role.usual_names() {
                assert!(seen.insert(name), "{name}");
                for part in name.split('.') {
                    assert_eq!(TidyName::of(part).unwrap().as_bytes(), part.as_bytes());
                }
            }
        }
    }
}
