//! Pay put together from the parts in which structured data give it.

/// Pay in parts: schema.org's `MonetaryAmount`, or columns for minimum and maximum.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct PayParts<'p> {
    pub(super) min: Option<&'p str>,
    pub(super) max: Option<&'p str>,
    pub(super) value: Option<&'p str>,
    pub(super) unit: Option<&'p str>,
    pub(super) currency: Option<&'p str>,
}

impl PayParts<'_> {
    /// The parts as an advertisement would write them: `$18 - $24 per hour`, `CAD 52000 per year`; `None` without an
    /// amount.
    pub(super) fn written(&self) -> Option<String> {
        let amount = |amount: &str| match self.currency {
            Some(code) if code.eq_ignore_ascii_case("USD") || code == "$" => format!("${amount}"),
            Some(code) => format!("{code} {amount}"),
            None => amount.to_owned(),
        };
        let amounts = match (self.min, self.max, self.value) {
            (Some(min), Some(max), _) if min != max => format!("{} - {}", amount(min), amount(max)),
            (Some(one), _, _) | (None, Some(one), None) | (None, _, Some(one)) => amount(one),
            (None, None, None) => return None,
        };
        Some(match self.unit {
            Some(unit) => format!("{amounts} {}", worded(unit)),
            None => amounts,
        })
    }
}

/// A `unitText` in words. schema.org lists HOUR, DAY, WEEK, MONTH and YEAR; UN/CEFACT codes and plurals occur as well.
fn worded(unit: &str) -> String {
    let lower = unit.to_ascii_lowercase();
    match lower.as_str() {
        "hour" | "hourly" | "hur" | "hours" | "hr" => "per hour".to_owned(),
        "day" | "daily" | "days" => "per day".to_owned(),
        "week" | "weekly" | "wee" | "weeks" => "per week".to_owned(),
        "biweekly" | "bi-weekly" | "biweek" => "every two weeks".to_owned(),
        "month" | "monthly" | "mon" | "months" => "per month".to_owned(),
        "year" | "yearly" | "annual" | "annually" | "ann" | "years" | "yr" => "per year".to_owned(),
        _ => format!("per {lower}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_read_as_an_advertisement_writes_them() {
        let range = PayParts {
            min: Some("18"),
            max: Some("24.5"),
            unit: Some("HOUR"),
            currency: Some("USD"),
            ..PayParts::default()
        };
        assert_eq!(range.written().as_deref(), Some("$18 - $24.5 per hour"));
        let one = PayParts { value: Some("52000"), unit: Some("YEAR"), currency: Some("CAD"), ..PayParts::default() };
        assert_eq!(one.written().as_deref(), Some("CAD 52000 per year"));
        let bare = PayParts { value: Some("$20/hr"), ..PayParts::default() };
        assert_eq!(bare.written().as_deref(), Some("$20/hr"));
        let equal = PayParts { min: Some("18"), max: Some("18"), ..PayParts::default() };
        assert_eq!(equal.written().as_deref(), Some("18"));
        assert_eq!(PayParts { unit: Some("HOUR"), ..PayParts::default() }.written(), None);
    }
}
