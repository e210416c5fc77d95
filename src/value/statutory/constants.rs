//! Numbers of the law that change from year to year, and the levels that it sets, in one place with their sources.

use crate::error::ParamError;

/// Poverty guideline of one person in the 48 contiguous states and DC, US dollars a year.
///
/// Source: US Department of Health and Human Services, "Annual Update of the HHS Poverty Guidelines", Federal Register, January
/// of each year. Alaska and Hawaii have their own.
pub const POVERTY_GUIDELINE_USD: [(i16, f64); 14] = [
    (2013, 11_490.0),
    (2014, 11_670.0),
    (2015, 11_770.0),
    (2016, 11_880.0),
    (2017, 12_060.0),
    (2018, 12_140.0),
    (2019, 12_490.0),
    (2020, 12_760.0),
    (2021, 12_880.0),
    (2022, 13_590.0),
    (2023, 14_580.0),
    (2024, 15_060.0),
    (2025, 15_650.0),
    (2026, 15_960.0),
];

/// What [`POVERTY_GUIDELINE_USD`] covers.
const GUIDELINE_YEARS: &str = "a year from 2013 to 2026; for others give the guideline itself";

/// Yearly interest of Federal Direct Unsubsidized Loans to undergraduates, by the year in which the award year begins
/// (2024 is 2024-07 to 2025-06).
///
/// Source: Federal Student Aid, interest rates for Direct Loans first disbursed in each award year.
pub const UNDERGRADUATE_LOAN_RATE: [(i16, f64); 13] = [
    (2013, 0.0386),
    (2014, 0.0466),
    (2015, 0.0429),
    (2016, 0.0376),
    (2017, 0.0445),
    (2018, 0.0505),
    (2019, 0.0453),
    (2020, 0.0275),
    (2021, 0.0373),
    (2022, 0.0499),
    (2023, 0.0550),
    (2024, 0.0653),
    (2025, 0.0639),
];

/// What a mean over three award years of [`UNDERGRADUATE_LOAN_RATE`] covers.
const RATE_YEARS: &str = "an award year that begins from 2015 to 2025; for others give the rate itself";

/// Poverty guideline of `year`.
///
/// # Errors
/// [`ParamError`] for a year that the table does not hold, with those that it does.
///
/// # Examples
/// ```
/// use credcast::value::statutory::poverty_guideline_usd;
/// assert_eq!(1.5 * poverty_guideline_usd(2026)?, 23_940.0);
/// assert!(poverty_guideline_usd(2031).unwrap_err().to_string().contains("2013 to 2026"));
/// # Ok::<(), credcast::ParamError>(())
/// ```
pub fn poverty_guideline_usd(year: i16) -> Result<f64, ParamError> {
    let found = POVERTY_GUIDELINE_USD.iter().find(|(known, _)| *known == year);
    found.map(|(_, usd)| *usd).ok_or_else(|| ParamError::new("year", year, GUIDELINE_YEARS))
}

/// Mean loan rate of the three award years that end with the one beginning in `award_year`, the rate at which
/// 34 CFR 668.403 amortises the debt of certificate and associate programmes.
///
/// # Errors
/// [`ParamError`] if the table does not hold all three years.
pub fn three_year_loan_rate(award_year: i16) -> Result<f64, ParamError> {
    let rate = |year: i16| UNDERGRADUATE_LOAN_RATE.iter().find(|(known, _)| *known == year).map(|(_, rate)| *rate);
    let rates: Option<Vec<f64>> = (0..3).map(|back| rate(award_year.saturating_sub(back))).collect();
    let rates = rates.ok_or_else(|| ParamError::new("award_year", award_year, RATE_YEARS))?;
    Ok(rates.iter().sum::<f64>() / 3.0)
}

/// The credential a programme leads to, as far as it sets how long its debt is amortised.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CredentialLevel {
    /// Certificates (undergraduate, post-baccalaureate, graduate) and associate degrees: ten years.
    #[default]
    CertificateOrAssociate,
    /// Bachelor's and master's degrees: fifteen years.
    BachelorOrMaster,
    /// Doctoral and first professional degrees: twenty years.
    DoctoralOrProfessional,
}

impl CredentialLevel {
    /// Years over which the debt is repaid (34 CFR 668.403).
    #[must_use]
    pub fn amortisation_years(self) -> u8 {
        match self {
            Self::CertificateOrAssociate => 10,
            Self::BachelorOrMaster => 15,
            Self::DoctoralOrProfessional => 20,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_ascend_without_gap_and_errors_name_their_ends() {
        for table in [&POVERTY_GUIDELINE_USD[..], &UNDERGRADUATE_LOAN_RATE[..]] {
            assert!(table.windows(2).all(|pair| pair[1].0 == pair[0].0 + 1));
        }
        let ends = |table: &[(i16, f64)]| (table[0].0, table[table.len() - 1].0);
        let (first, last) = ends(&POVERTY_GUIDELINE_USD);
        assert!(GUIDELINE_YEARS.contains(&format!("{first} to {last}")));
        let (first, last) = ends(&UNDERGRADUATE_LOAN_RATE);
        assert!(RATE_YEARS.contains(&format!("{} to {last}", first + 2)));
        for year in [first - 1, first, first + 1, last + 1, i16::MIN, i16::MAX] {
            assert!(three_year_loan_rate(year).is_err(), "{year}");
        }
    }

    #[test]
    fn one_and_a_half_guidelines_are_the_figures_quoted_for_workforce_pell() {
        assert_eq!([2025, 2026].map(|year| 1.5 * poverty_guideline_usd(year).unwrap()), [23_475.0, 23_940.0]);
    }

    #[test]
    fn rates_are_means_of_three_award_years() {
        // (4.99 + 5.50 + 6.53) / 3
        assert!((three_year_loan_rate(2024).unwrap() - 0.056_733_333_333).abs() < 1e-12);
    }
}
