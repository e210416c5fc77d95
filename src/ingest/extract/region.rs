//! Regions as postings write them.

/// The states, the District of Columbia and the territories with a postal code of their own (USPS Publication 28, appendix B).
const STATES: [(&str, &str); 56] = [
    ("AL", "Alabama"),
    ("AK", "Alaska"),
    ("AS", "American Samoa"),
    ("AZ", "Arizona"),
    ("AR", "Arkansas"),
    ("CA", "California"),
    ("CO", "Colorado"),
    ("CT", "Connecticut"),
    ("DE", "Delaware"),
    ("DC", "District of Columbia"),
    ("FL", "Florida"),
    ("GA", "Georgia"),
    ("GU", "Guam"),
    ("HI", "Hawaii"),
    ("ID", "Idaho"),
    ("IL", "Illinois"),
    ("IN", "Indiana"),
    ("IA", "Iowa"),
    ("KS", "Kansas"),
    ("KY", "Kentucky"),
    ("LA", "Louisiana"),
    ("ME", "Maine"),
    ("MD", "Maryland"),
    ("MA", "Massachusetts"),
    ("MI", "Michigan"),
    ("MN", "Minnesota"),
    ("MS", "Mississippi"),
    ("MO", "Missouri"),
    ("MT", "Montana"),
    ("NE", "Nebraska"),
    ("NV", "Nevada"),
    ("NH", "New Hampshire"),
    ("NJ", "New Jersey"),
    ("NM", "New Mexico"),
    ("NY", "New York"),
    ("NC", "North Carolina"),
    ("ND", "North Dakota"),
    ("MP", "Northern Mariana Islands"),
    ("OH", "Ohio"),
    ("OK", "Oklahoma"),
    ("OR", "Oregon"),
    ("PA", "Pennsylvania"),
    ("PR", "Puerto Rico"),
    ("RI", "Rhode Island"),
    ("SC", "South Carolina"),
    ("SD", "South Dakota"),
    ("TN", "Tennessee"),
    ("TX", "Texas"),
    ("UT", "Utah"),
    ("VT", "Vermont"),
    ("VA", "Virginia"),
    ("VI", "Virgin Islands"),
    ("WA", "Washington"),
    ("WV", "West Virginia"),
    ("WI", "Wisconsin"),
    ("WY", "Wyoming"),
];

/// Names of the whole nation: a posting that says no more is of no known region.
const NATION: [&str; 5] = ["US", "USA", "U.S.", "U.S.A.", "United States"];

/// The region that `text` names: the postal code for a state or its name, also behind a comma (`Austin, TX`, `Austin, Texas 78701`)
/// and before the nation's; `None` for the nation alone; any other text as it stands.
pub(super) fn region(text: &str) -> Option<&str> {
    let text = text.trim();
    let parts = text.rsplit(',').map(str::trim).filter(|part| !is_nation(part));
    let mut parts = parts.map(without_zip_code).filter(|part| !part.is_empty());
    match parts.next() {
        None => None,
        Some(last) => Some(state(last).unwrap_or(text)),
    }
}

fn is_nation(part: &str) -> bool {
    NATION.iter().any(|name| name.eq_ignore_ascii_case(part))
}

fn without_zip_code(part: &str) -> &str {
    match part.rsplit_once(' ') {
        Some((before, zip)) if zip.len() >= 5 && zip.bytes().all(|b| b.is_ascii_digit() || b == b'-') => {
            before.trim_end()
        }
        _ => part,
    }
}

fn state(part: &str) -> Option<&'static str> {
    let is_it = |(code, name): &&(&str, &str)| code.eq_ignore_ascii_case(part) || name.eq_ignore_ascii_case(part);
    STATES.iter().find(is_it).map(|(code, _)| *code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_have_their_code_however_they_are_written() {
        for text in [
            "TX",
            "tx",
            "Texas",
            " TEXAS ",
            "Austin, TX",
            "Austin, Texas 78701",
            "Austin, TX 78701-1234, USA",
            "TX, US",
        ] {
            assert_eq!(region(text), Some("TX"), "{text}");
        }
        assert_eq!(region("West Virginia"), Some("WV"));
        assert_eq!(region("Washington, D.C., DC"), Some("DC"));
    }

    #[test]
    fn other_regions_stay_as_they_are_and_the_nation_is_none() {
        for text in ["Q1", "Ontario", "12345", "Toronto, Ontario", "TXX"] {
            assert_eq!(region(text), Some(text));
        }
        for text in ["US", "usa", "United States", ", US", "", ",,"] {
            assert_eq!(region(text), None, "{text}");
        }
    }
}
