//! Occupation codes of earlier OEWS years in terms of SOC 2018.
//!
//! OEWS was published in SOC 2010 up to May 2018, in a hybrid of SOC 2010 and 2018 in May 2019 and 2020, and in SOC
//! 2018 from May 2021 on, each time with some detailed codes joined (`31-1120` stands for `31-1121` and `31-1122`).
//! Where OEWS publishes a joined code, that is the target here.
//!
//! Sources of the two tables: the BLS 2010 to 2018 SOC crosswalk (`soc_2010_to_2018_crosswalk.xlsx`) and the OES 2019
//! hybrid structure (`oes_2019_hybrid_structure.xlsx`), as far as public copies and quotations could be checked in
//! 2026-11, and for the rest the codes and titles of the OEWS national files of May 2013 and 2017 to 2024 themselves:
//! a code that disappears while its title lives on under another code is the same occupation, and the title of a
//! hybrid code lists the SOC 2018 occupations that it joins. Where a hybrid code joins several, the SOC 2010 codes
//! behind it are held to be split over all of them.

/// The largest relative change of employment from May 2018 to May 2019 at which an occupation counts as the same
/// although the crosswalk moves a part of it. Of the 659 occupations that keep code and title between these years 42
/// change by more, 36 of them with fewer than 20 000 workers.
pub const MAX_MOVED_SHARE: f64 = 0.15;

/// The code list in which an OEWS year was published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SocVintage {
    /// SOC 2010: May 2012 to May 2018.
    Soc2010,
    /// Codes of both: May 2019 and May 2020.
    Hybrid,
    /// SOC 2018: from May 2021 on.
    Soc2018,
}

impl SocVintage {
    /// The code list of the OEWS estimates of May `year`; `None` before 2012.
    #[must_use]
    pub fn of_year(year: i16) -> Option<Self> {
        match year {
            ..2012 => None,
            2012..=2018 => Some(Self::Soc2010),
            2019..=2020 => Some(Self::Hybrid),
            2021.. => Some(Self::Soc2018),
        }
    }
}

/// Which occupations a panel over several years is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SocBasis {
    /// The codes published from 2021 on. An occupation that May 2019 and 2020 join with others has a gap there.
    #[default]
    Soc2018,
    /// The same, but occupations that the hybrid years join are joined in all years, under the hybrid code: fewer and
    /// longer series. `29-2040` then holds emergency medical technicians and paramedics from 2013 to 2024.
    Comparable,
}

/// What becomes of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SocLink<'a> {
    /// All of it belongs to this code, alone or with other codes.
    Whole(&'a str),
    /// The crosswalk moves a part elsewhere, or adds a part from elsewhere, but employment changed by less than
    /// [`MAX_MOVED_SHARE`] from May 2018 to May 2019: taken as the same.
    Mostly(&'a str),
    /// It is split over these codes in shares that nobody published: not assigned to any.
    Split(&'a [&'a str]),
    /// It belongs to this code, which also takes unknown shares of codes that are split: not assigned.
    Part(&'a str),
    /// Where it went could not be established.
    Unknown,
}

impl<'a> SocLink<'a> {
    /// The code whose series continues this one.
    #[must_use]
    pub fn target(self) -> Option<&'a str> {
        match self {
            Self::Whole(code) | Self::Mostly(code) => Some(code),
            Self::Split(_) | Self::Part(_) | Self::Unknown => None,
        }
    }
}

/// What becomes of `code`, as published in `vintage`. A code that is not in the tables kept code and meaning. O(log n).
///
/// # Examples
/// ```
/// use credcast::ingest::{SocBasis, SocLink, SocVintage, soc_link};
/// let user_support = soc_link(SocVintage::Soc2010, "15-1151", SocBasis::Soc2018);
/// assert_eq!(user_support, SocLink::Whole("15-1232"));
/// let emt = soc_link(SocVintage::Soc2010, "29-2041", SocBasis::Soc2018);
/// assert_eq!(emt, SocLink::Split(&["29-2042", "29-2043"]));
/// assert_eq!(soc_link(SocVintage::Soc2010, "29-2041", SocBasis::Comparable), SocLink::Whole("29-2040"));
/// ```
#[must_use]
pub fn soc_link(vintage: SocVintage, code: &str, basis: SocBasis) -> SocLink<'_> {
    let link = match vintage {
        SocVintage::Soc2010 => find(SOC_2010, code).unwrap_or(SocLink::Whole(code)),
        SocVintage::Hybrid => find(HYBRID, code).map_or(SocLink::Whole(code), SocLink::Split),
        SocVintage::Soc2018 => SocLink::Whole(code),
    };
    if basis == SocBasis::Soc2018 {
        return link;
    }
    match link {
        SocLink::Split(members) => match common_family(members) {
            Some(family) => join(family),
            None => link,
        },
        SocLink::Whole(target) | SocLink::Part(target) | SocLink::Mostly(target) => family_of(target)
            .map_or(link, |family| if vintage == SocVintage::Soc2010 { join(family) } else { SocLink::Whole(family) }),
        SocLink::Unknown => link,
    }
}

/// Whether the codes in `present`, all of them with the target `target`, make up all of it: a subset of the published
/// occupations may hold only some.
pub(crate) fn is_complete(vintage: SocVintage, target: &str, present: &[&str], basis: SocBasis) -> bool {
    let joined = |code: &str| code == target && find(SOC_2010, code).is_none();
    if present.iter().any(|code| JOINED.contains(code) || joined(code)) && vintage != SocVintage::Soc2018 {
        return true;
    }
    let leads_here = |code: &&str| soc_link(vintage, code, basis).target() == Some(target) && !JOINED.contains(code);
    match vintage {
        SocVintage::Soc2010 => SOC_2010.iter().map(|(code, _)| *code).filter(leads_here).all(|c| present.contains(&c)),
        SocVintage::Hybrid => true,
        SocVintage::Soc2018 => find(HYBRID, target)
            .is_none_or(|members| basis == SocBasis::Soc2018 || members.iter().all(|code| present.contains(code))),
    }
}

fn find<T: Copy>(table: &[(&str, T)], code: &str) -> Option<T> {
    table.binary_search_by(|(c, _)| (*c).cmp(code)).ok().map(|index| table[index].1)
}

/// The hybrid code that joins `code` with others.
fn family_of(code: &str) -> Option<&'static str> {
    HYBRID.iter().find(|(_, members)| members.contains(&code)).map(|(family, _)| *family)
}

fn common_family(members: &[&str]) -> Option<&'static str> {
    let family = family_of(members.first()?)?;
    members.iter().all(|m| family_of(m) == Some(family)).then_some(family)
}

/// The link of a SOC 2010 code into `family`, which other codes may feed in unknown shares.
fn join(family: &'static str) -> SocLink<'static> {
    let feeds = |link: &SocLink<'_>| match link {
        SocLink::Split(members) => {
            common_family(members).is_none() && members.iter().any(|m| family_of(m) == Some(family))
        }
        _ => false,
    };
    if !SOC_2010.iter().any(|(_, link)| feeds(link)) {
        SocLink::Whole(family)
    } else if MOSTLY_JOINED.contains(&family) {
        SocLink::Mostly(family)
    } else {
        SocLink::Part(family)
    }
}

/// Codes that OEWS published in the place of several codes of another year, and so stand for all of their target.
const JOINED: [&str; 6] = ["15-2090", "25-3097", "39-1010", "51-2028", "51-2098", "53-1048"];

/// Hybrid codes that a split code feeds, with a change of employment from May 2018 to May 2019 below
/// [`MAX_MOVED_SHARE`]: software developers and testers +7.5 %, database administrators and architects +14.0 %.
const MOSTLY_JOINED: [&str; 2] = ["15-1245", "15-1256"];

use SocLink::{Mostly, Part, Split, Unknown, Whole};

/// SOC 2010 codes, and codes particular to OEWS up to May 2018, that did not keep code and meaning.
const SOC_2010: &[(&str, SocLink<'static>)] = &[
    ("11-2031", Split(&["11-2032", "11-2033"])),
    ("11-3011", Split(&["11-3012", "11-3013"])),
    ("11-9061", Whole("11-9171")),
    ("11-9199", Split(&["11-9072", "11-9179", "11-9199"])),
    ("13-1021", Whole("13-1020")),
    ("13-1022", Whole("13-1020")),
    ("13-1023", Whole("13-1020")),
    ("13-1199", Split(&["13-1082", "13-1199"])),
    ("13-2021", Whole("13-2020")),
    ("13-2051", Split(&["13-2051", "13-2054", "13-2099"])),
    ("13-2099", Split(&["13-2051", "13-2054", "13-2099"])),
    ("15-1111", Whole("15-1221")),
    ("15-1121", Whole("15-1211")),
    ("15-1122", Whole("15-1212")),
    ("15-1131", Whole("15-1251")),
    ("15-1132", Split(&["15-1252", "15-1253"])),
    ("15-1133", Split(&["15-1252", "15-1253"])),
    ("15-1134", Split(&["15-1254", "15-1255"])),
    ("15-1141", Split(&["15-1242", "15-1243"])),
    ("15-1142", Whole("15-1244")),
    ("15-1143", Whole("15-1241")),
    ("15-1151", Whole("15-1232")),
    ("15-1152", Whole("15-1231")),
    ("15-1199", Split(&["15-1243", "15-1253", "15-1255", "15-1299"])),
    ("15-2090", Split(&["15-2051", "15-2099"])),
    ("15-2091", Part("15-2099")),
    ("15-2099", Split(&["15-2051", "15-2099"])),
    ("17-3029", Split(&["17-3028", "17-3029"])),
    ("19-3031", Split(&["19-3033", "19-3034"])),
    ("19-4011", Split(&["19-4012", "19-4013"])),
    ("19-4041", Split(&["19-4043", "19-4044"])),
    ("19-4091", Whole("19-4042")),
    ("19-4093", Whole("19-4071")),
    ("21-1011", Whole("21-1018")),
    ("21-1014", Whole("21-1018")),
    ("23-2091", Whole("27-3092")),
    ("25-1191", Whole("25-9044")),
    ("25-2053", Whole("25-2057")),
    ("25-2054", Whole("25-2058")),
    ("25-3097", Split(&["25-3041", "25-3099"])),
    ("25-3098", Whole("25-3031")),
    ("25-3099", Split(&["25-3041", "25-3099"])),
    ("25-4021", Whole("25-4022")),
    ("25-9011", Whole("25-4022")),
    ("25-9041", Whole("25-9045")),
    ("27-2099", Split(&["27-2091", "27-2099"])),
    ("27-3012", Whole("27-3099")),
    ("27-3021", Whole("27-3023")),
    ("27-3022", Whole("27-3023")),
    ("27-3099", Whole("27-3099")),
    ("27-4013", Whole("43-2099")),
    ("27-4099", Split(&["27-4015", "27-4099"])),
    ("29-1061", Whole("29-1211")),
    ("29-1062", Whole("29-1215")),
    ("29-1063", Whole("29-1216")),
    ("29-1064", Whole("29-1218")),
    ("29-1065", Whole("29-1221")),
    ("29-1066", Whole("29-1223")),
    ("29-1067", Split(&["29-1242", "29-1243", "29-1249"])),
    ("29-1069", Split(PHYSICIANS)),
    ("29-1199", Split(&["29-1291", "29-1299"])),
    ("29-2011", Whole("29-2010")),
    ("29-2012", Whole("29-2010")),
    ("29-2021", Whole("29-1292")),
    ("29-2041", Split(&["29-2042", "29-2043"])),
    ("29-2054", Unknown),
    ("29-2071", Split(&["29-2072", "29-9021"])),
    ("29-2099", Split(&["29-2036", "29-2099"])),
    ("29-9011", Whole("19-5011")),
    ("29-9012", Whole("19-5012")),
    ("29-9099", Split(&["29-9093", "29-9099"])),
    ("31-1011", Whole("31-1120")),
    ("31-1013", Whole("31-1133")),
    ("31-1014", Whole("31-1131")),
    ("31-1015", Whole("31-1132")),
    ("33-1099", Split(&["33-1091", "33-1099"])),
    ("33-9099", Split(&["33-9094", "33-9099"])),
    ("35-3021", Whole("35-3023")),
    ("35-3022", Whole("35-3023")),
    ("39-1010", Whole("39-1013")),
    ("39-1011", Whole("39-1013")),
    ("39-1012", Whole("39-1013")),
    ("39-1021", Split(&["39-1014", "39-1022"])),
    ("39-7011", Whole("39-7010")),
    ("39-7012", Whole("39-7010")),
    ("39-9021", Whole("31-1120")),
    ("39-9099", Split(&["39-4012", "39-9099"])),
    ("41-3099", Whole("41-3091")),
    ("43-2099", Whole("43-2099")),
    ("43-5081", Whole("53-7065")),
    ("43-9011", Part("15-1299")),
    ("45-3011", Whole("45-3031")),
    ("47-4091", Whole("47-4090")),
    ("47-4099", Whole("47-4090")),
    ("47-5021", Whole("47-5023")),
    ("47-5031", Whole("47-5032")),
    ("47-5042", Part("47-5049")),
    ("47-5049", Split(&["47-5049", "47-5099"])),
    ("47-5061", Whole("47-5043")),
    ("47-5099", Split(&["47-5049", "47-5099"])),
    ("49-9093", Unknown),
    ("51-2022", Whole("51-2028")),
    ("51-2023", Whole("51-2028")),
    ("51-2091", Whole("51-2051")),
    ("51-2092", Whole("51-2090")),
    ("51-2093", Whole("51-2061")),
    ("51-2098", Whole("51-2090")),
    ("51-2099", Whole("51-2090")),
    // Programmers and operators of numerically controlled tools for other materials came from 51-9199.
    ("51-4011", Mostly("51-9161")),
    ("51-4012", Mostly("51-9162")),
    ("51-9121", Whole("51-9124")),
    ("51-9122", Whole("51-9124")),
    ("51-9199", Mostly("51-9199")),
    ("53-1011", Whole("53-1041")),
    ("53-1021", Whole("53-1047")),
    ("53-1031", Whole("53-1047")),
    ("53-1048", Whole("53-1047")),
    ("53-3021", Whole("53-3052")),
    ("53-3022", Split(&["53-3051", "53-3053"])),
    ("53-3041", Split(&["53-3053", "53-3054"])),
    ("53-4012", Whole("53-4022")),
    ("53-4021", Whole("53-4022")),
    ("53-6099", Split(&["53-6032", "53-6099"])),
    // Machines away from surface mines went to 53-7199.
    ("53-7032", Mostly("47-5022")),
    ("53-7033", Whole("47-5044")),
    ("53-7111", Whole("47-5044")),
    ("53-7199", Mostly("53-7199")),
];

const PHYSICIANS: &[&str] = &["29-1212", "29-1213", "29-1214", "29-1217", "29-1222", "29-1224", "29-1229", "29-1241"];

/// Codes of May 2019 and 2020 that join occupations which are published apart from May 2021 on.
const HYBRID: &[(&str, &[&str])] = &[
    ("11-2030", &["11-2032", "11-2033"]),
    ("11-3010", &["11-3012", "11-3013"]),
    ("11-9198", &["11-9072", "11-9179", "11-9199"]),
    ("13-1198", &["13-1082", "13-1199"]),
    ("13-2098", &["13-2051", "13-2054", "13-2099"]),
    ("15-1245", &["15-1242", "15-1243"]),
    ("15-1256", &["15-1252", "15-1253"]),
    ("15-1257", &["15-1254", "15-1255"]),
    ("15-2098", &["15-2051", "15-2099"]),
    ("17-3098", &["17-3028", "17-3029"]),
    ("19-3031", &["19-3033", "19-3034"]),
    ("19-4010", &["19-4012", "19-4013"]),
    ("19-4045", &["19-4043", "19-4044"]),
    ("25-3097", &["25-3041", "25-3099"]),
    ("27-2090", &["27-2091", "27-2099"]),
    ("27-4098", &["27-4015", "27-4099"]),
    ("29-1228", PHYSICIANS),
    ("29-1248", &["29-1242", "29-1243", "29-1249"]),
    ("29-1298", &["29-1291", "29-1299"]),
    ("29-2040", &["29-2042", "29-2043"]),
    ("29-2098", &["29-2036", "29-2072", "29-2099"]),
    ("29-9098", &["29-9021", "29-9093", "29-9099"]),
    ("33-1090", &["33-1091", "33-1099"]),
    ("33-9098", &["33-9094", "33-9099"]),
    ("39-1098", &["39-1014", "39-1022"]),
    ("39-9098", &["39-4012", "39-9099"]),
    ("47-5097", &["47-5023", "47-5032"]),
    ("47-5098", &["47-5049", "47-5099"]),
    ("53-3058", &["53-3051", "53-3053", "53-3054"]),
    ("53-6098", &["53-6032", "53-6099"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [SocVintage; 3] = [SocVintage::Soc2010, SocVintage::Hybrid, SocVintage::Soc2018];

    #[test]
    fn the_tables_are_sorted_and_no_code_is_in_two_families() {
        assert!(SOC_2010.windows(2).all(|w| w[0].0 < w[1].0));
        assert!(HYBRID.windows(2).all(|w| w[0].0 < w[1].0));
        let mut members: Vec<&str> = HYBRID.iter().flat_map(|(_, m)| m.iter().copied()).collect();
        members.sort_unstable();
        assert!(members.windows(2).all(|w| w[0] != w[1]));
    }

    #[test]
    fn renamed_joined_and_split_codes_are_told_apart() {
        let link = |code| soc_link(SocVintage::Soc2010, code, SocBasis::Soc2018);
        assert_eq!(link("15-1151"), Whole("15-1232"));
        assert_eq!((link("31-1011"), link("39-9021")), (Whole("31-1120"), Whole("31-1120")));
        assert_eq!(link("29-2061"), Whole("29-2061"));
        assert_eq!(link("29-2041").target(), None);
        // In SOC 2010 the code still held project managers.
        assert_eq!(link("13-1199").target(), None);
        assert_eq!(soc_link(SocVintage::Soc2018, "13-1199", SocBasis::Soc2018), Whole("13-1199"));
    }

    #[test]
    fn comparable_codes_are_the_same_in_all_years() {
        let link = |vintage, code| soc_link(vintage, code, SocBasis::Comparable);
        assert_eq!(link(SocVintage::Soc2010, "29-2041"), Whole("29-2040"));
        assert_eq!(link(SocVintage::Hybrid, "29-2040"), Whole("29-2040"));
        assert_eq!(link(SocVintage::Soc2018, "29-2043"), Whole("29-2040"));
        assert_eq!(link(SocVintage::Soc2010, "15-1132"), Mostly("15-1256"));
        // Medical records specialists took most of 29-2071, which also feeds another family.
        assert_eq!(link(SocVintage::Soc2010, "29-2099"), Part("29-2098"));
        for vintage in ALL {
            assert_eq!(link(vintage, "29-2061"), Whole("29-2061"));
        }
    }

    #[test]
    fn a_target_is_complete_with_all_parts_or_with_a_published_sum() {
        let complete = |target, present: &[&str]| is_complete(SocVintage::Soc2010, target, present, SocBasis::Soc2018);
        assert!(complete("31-1120", &["31-1011", "39-9021"]));
        assert!(!complete("31-1120", &["31-1011"]));
        assert!(complete("51-2090", &["51-2098"]));
        assert!(complete("13-1020", &["13-1020"]));
        assert!(complete("13-1020", &["13-1021", "13-1022", "13-1023"]));
        assert!(!complete("13-1020", &["13-1021", "13-1022"]));
        assert!(!complete("27-3099", &["27-3099"]));
        assert!(complete("29-2061", &["29-2061"]));
        let later = |present: &[&str]| is_complete(SocVintage::Soc2018, "29-2040", present, SocBasis::Comparable);
        assert!(later(&["29-2042", "29-2043"]) && !later(&["29-2042"]));
    }
}
