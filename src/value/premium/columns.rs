//! Which columns of a table hold what.

/// Where pay stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PayColumns {
    /// Pay in dollars (or any unit that all rows share), above 0; missing where none was posted.
    Amount(String),
    /// Its natural logarithm.
    Log(String),
    /// The ends of a posted range. Pay is the mean of both; where only one end is posted, it is that end.
    Range {
        /// The lower end.
        low: String,
        /// The upper end.
        high: String,
    },
}

/// Where certificates stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CertificateColumns {
    /// A column of lists such as `a;b;c`. One that comes twice in a list counts once; an empty list is a row without certificates.
    List {
        /// The column.
        column: String,
        /// What stands between two.
        separator: char,
    },
    /// A column of 0 and 1 for each certificate, named like it.
    Indicators(Vec<String>),
}

/// Which columns of a table of postings or workers hold what. Columns set to `None` are not used.
///
/// | Field | Default | Holds |
/// |---|---|---|
/// | `pay` | `pay` | pay, see [`PayColumns`] |
/// | `certificates` | `certificates`, separated by `;` | see [`CertificateColumns`] |
/// | `occupation`, `region`, `employer`, `industry` | the same names | labels; absorbed |
/// | `month` | `month` | `2024-03`, `2024-03-15`, `2024-Q1` or `2024`; absorbed |
/// | `controls` | `education`, `experience` | numbers (a coefficient each) or labels (absorbed); other skills and more |
/// | `soft_skills` | none | 0 or 1; a coefficient each, and one for each certificate together with it |
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PremiumColumns {
    /// Pay.
    pub pay: PayColumns,
    /// Certificates.
    pub certificates: CertificateColumns,
    /// The occupation.
    pub occupation: Option<String>,
    /// The region.
    pub region: Option<String>,
    /// The employer; errors are clustered by it.
    pub employer: Option<String>,
    /// The date.
    pub month: Option<String>,
    /// The industry.
    pub industry: Option<String>,
    /// Education, experience, other skills and whatever else pay goes with.
    pub controls: Vec<String>,
    /// Skills whose interplay with certificates is asked for.
    pub soft_skills: Vec<String>,
}

impl Default for PremiumColumns {
    fn default() -> Self {
        let named = |name: &str| Some(name.to_owned());
        Self {
            pay: PayColumns::Amount("pay".into()),
            certificates: CertificateColumns::List { column: "certificates".into(), separator: ';' },
            occupation: named("occupation"),
            region: named("region"),
            employer: named("employer"),
            month: named("month"),
            industry: named("industry"),
            controls: vec!["education".into(), "experience".into()],
            soft_skills: Vec::new(),
        }
    }
}
