//! Cases worked by hand: 2,080 hours, 260 days, 52 weeks, 26 periods of two weeks, 24 half months, 12 months.

use proptest::prelude::*;

use super::*;

/// `low..high CUR unit annual_low..annual_high flags`, with `_` for what is missing; or the reason.
fn shown(result: Result<Pay, NoPay>) -> String {
    let number = |value: Option<f64>| value.map_or("_".into(), |value| format!("{}", (value * 100.0).round() / 100.0));
    match result {
        Err(reason) => format!("{reason:?}"),
        Ok(pay) => {
            let flags: Vec<String> = pay.flags.iter().map(|flag| format!("{flag:?}")).collect();
            format!(
                "{}..{} {} {} {}..{} {}",
                number(pay.low),
                number(pay.high),
                pay.currency,
                pay.unit,
                number(pay.annual_low),
                number(pay.annual_high),
                flags.join(",")
            )
            .trim_end()
            .into()
        }
    }
}

fn check(cases: &[(&str, &str)], read: fn(&str) -> Result<Pay, NoPay>) {
    let wrong: Vec<String> = cases
        .iter()
        .filter(|(text, expected)| shown(read(text)) != *expected)
        .map(|(text, expected)| format!("{text:?}\n  expected {expected}\n  found    {}", shown(read(text))))
        .collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

const FIELDS: &[(&str, &str)] = &[
    // Units.
    ("$18/hr", "18..18 USD hour 37440..37440"),
    ("$18.50 per hour", "18.5..18.5 USD hour 38480..38480"),
    ("18.50 an hour", "18.5..18.5 USD hour 38480..38480"),
    ("$20 hourly", "20..20 USD hour 41600..41600"),
    ("Hourly: $20", "20..20 USD hour 41600..41600"),
    ("Hourly rate - $20.00", "20..20 USD hour 41600..41600"),
    ("per hour: 20", "20..20 USD hour 41600..41600"),
    ("$20/h", "20..20 USD hour 41600..41600"),
    ("$20 p/h", "20..20 USD hour 41600..41600"),
    ("$20ph", "20..20 USD hour 41600..41600"),
    ("$20 (per hour)", "20..20 USD hour 41600..41600"),
    ("$20 (hourly)", "20..20 USD hour 41600..41600"),
    ("($20.00) per hour", "20..20 USD hour 41600..41600"),
    ("$200 per day", "200..200 USD day 52000..52000"),
    ("$200/day", "200..200 USD day 52000..52000"),
    ("$180 daily", "180..180 USD day 46800..46800"),
    ("$900 a week", "900..900 USD week 46800..46800"),
    ("$900/wk", "900..900 USD week 46800..46800"),
    ("weekly pay: $900", "900..900 USD week 46800..46800"),
    ("$1,800 bi-weekly", "1800..1800 USD two-weeks 46800..46800"),
    ("$1,800 biweekly", "1800..1800 USD two-weeks 46800..46800"),
    ("$1,800 every two weeks", "1800..1800 USD two-weeks 46800..46800"),
    ("$1,800 every other week", "1800..1800 USD two-weeks 46800..46800"),
    ("$1,800 every 2 weeks", "1800..1800 USD two-weeks 46800..46800"),
    ("Bi-weekly salary: $1,800", "1800..1800 USD two-weeks 46800..46800"),
    ("$2,000 semi-monthly", "2000..2000 USD half-month 48000..48000"),
    ("$2,000 twice a month", "2000..2000 USD half-month 48000..48000"),
    ("$2,000 bi-monthly", "OtherUnit"),
    ("$4,000 per month", "4000..4000 USD month 48000..48000"),
    ("$4,000/mo.", "4000..4000 USD month 48000..48000"),
    ("monthly 4000", "4000..4000 USD month 48000..48000"),
    ("$52,000 per year", "52000..52000 USD year 52000..52000"),
    ("$52,000/yr", "52000..52000 USD year 52000..52000"),
    ("$52,000 annually", "52000..52000 USD year 52000..52000"),
    ("52,000 per annum", "52000..52000 USD year 52000..52000"),
    ("52,000 p.a.", "52000..52000 USD year 52000..52000"),
    ("$52,000 gross salary per year", "52000..52000 USD year 52000..52000"),
    ("Annual salary: 52000", "52000..52000 USD year 52000..52000"),
    // Ranges.
    ("$18 - $24/hr", "18..24 USD hour 37440..49920"),
    ("$18-24/hr", "18..24 USD hour 37440..49920"),
    ("$18\u{2013}$24 / hour", "18..24 USD hour 37440..49920"),
    ("18 to 24 per hour", "18..24 USD hour 37440..49920"),
    ("$18/hr - $24/hr", "18..24 USD hour 37440..49920"),
    ("18/hr-24/hr", "18..24 USD hour 37440..49920"),
    ("$18 per hour up to $24 per hour", "18..24 USD hour 37440..49920"),
    ("45k-60k", "45000..60000 USD year 45000..60000 UnitInferred"),
    ("45-60k", "45000..60000 USD year 45000..60000 UnitInferred,ThousandsCarried"),
    ("$45k-60", "45000..60000 USD year 45000..60000 UnitInferred,ThousandsCarried"),
    ("$45-$60,000", "45000..60000 USD year 45000..60000 UnitInferred,ThousandsCarried"),
    ("between 40,000 and 52,000 per year", "40000..52000 USD year 40000..52000"),
    ("Between $18 and $24 an hour", "18..24 USD hour 37440..49920"),
    ("from $18 to $24 an hour", "18..24 USD hour 37440..49920"),
    ("$24 - $18/hr", "18..24 USD hour 37440..49920 Reversed"),
    ("$15 - $60 per hour", "15..60 USD hour 31200..124800 WideRange"),
    ("$45,000.00 - $60,000.00 Annually", "45000..60000 USD year 45000..60000"),
    ("$45,000 -- $60,000 a year", "45000..60000 USD year 45000..60000"),
    ("$45,000-$60,000 ($21.63-$28.85/hr)", "21.63..28.85 USD hour 44990.4..60008"),
    ("$18/hr - $37,440/yr", "18..18 USD hour 37440..37440"),
    ("Minimum $15.00 Maximum $19.00 hourly", "15..19 USD hour 31200..39520"),
    ("Min: $15.00, Max: $19.00 per hour", "15..19 USD hour 31200..39520"),
    ("14-16 DOE", "14..16 USD hour 29120..33280 UnitInferred,Flexible"),
    ("$23.08 - $28.85 per hour ($48,000 - $60,000 annually)", "23.08..28.85 USD hour 48006.4..60008"),
    // Open ends.
    ("from $18/hr", "18.._ USD hour 37440.._"),
    ("Starting at $18/hr", "18.._ USD hour 37440.._"),
    ("starting pay: $18/hr", "18.._ USD hour 37440.._"),
    ("starts at $18.00 per hour", "18.._ USD hour 37440.._"),
    ("at least $18/hr", "18.._ USD hour 37440.._"),
    ("minimum of $40,000 a year", "40000.._ USD year 40000.._"),
    ("$18+/hr", "18.._ USD hour 37440.._"),
    ("$18/hr+", "18.._ USD hour 37440.._"),
    ("$18/hr and up", "18.._ USD hour 37440.._"),
    ("$18/hr or more", "18.._ USD hour 37440.._"),
    ("$60k+", "60000.._ USD year 60000.._ UnitInferred"),
    ("up to $24/hr", "_..24 USD hour _..49920"),
    ("Earn up to $1,500 per week", "_..1500 USD week _..78000"),
    ("max $24/hr", "_..24 USD hour _..49920"),
    ("as much as $24/hr", "_..24 USD hour _..49920"),
    // Words beside the amount.
    ("$18 - $24/hr DOE", "18..24 USD hour 37440..49920 Flexible"),
    ("$18/hr, depending on experience", "18..18 USD hour 37440..37440 Flexible"),
    ("$20.00 per hour plus tips", "20..20 USD hour 41600..41600 Tips"),
    ("$40,000/yr + commission", "40000..40000 USD year 40000..40000 Commission"),
    ("$60,000 a year with bonus potential", "60000..60000 USD year 60000..60000 Bonus"),
    ("$60,000 a year bonus eligible", "60000..60000 USD year 60000..60000 Bonus"),
    ("OTE $120k", "120000..120000 USD year 120000..120000 UnitInferred,OnTarget"),
    ("$20/hr, paid weekly", "20..20 USD hour 41600..41600"),
    ("$18/hr days, $19.50/hr nights", "18..18 USD hour 37440..37440 SeveralAmounts"),
    ("$18/hr ($37,440/yr)", "18..18 USD hour 37440..37440"),
    // Hours.
    ("$18/hr, 20 hours per week", "18..18 USD hour 18720..18720"),
    ("20-25 hrs/wk at $18.00/hr", "18..18 USD hour 18720..23400"),
    ("$18 - $20/hr, 30 hours weekly", "18..20 USD hour 28080..31200"),
    ("Hours per week: 24. Pay: $20/hr", "20..20 USD hour 24960..24960"),
    ("$20/hr; 37.5-hour week", "20..20 USD hour 39000..39000"),
    ("$20/hr part-time", "20..20 USD hour 41600..41600 PartTime"),
    ("$20/hr part time, 16 hours a week", "20..20 USD hour 16640..16640"),
    ("$500 a week for 20 hours a week", "500..500 USD week 26000..26000"),
    ("$20/hr, 400 hours per week", "20..20 USD hour 41600..41600"),
    // Currencies.
    ("US$25/hr", "25..25 USD hour 52000..52000"),
    ("USD 25 per hour", "25..25 USD hour 52000..52000"),
    ("25 USD/hour", "25..25 USD hour 52000..52000"),
    ("USD45,000 - USD52,000", "45000..52000 USD year 45000..52000 UnitInferred"),
    ("C$25/hr", "25..25 CAD hour 52000..52000"),
    ("CA$25 - CA$30 an hour", "25..30 CAD hour 52000..62400"),
    ("$25 CAD/hr", "25..25 CAD hour 52000..52000"),
    ("$25 - $30 CAD per hour", "25..30 CAD hour 52000..62400"),
    ("CAD $52,000 a year", "52000..52000 CAD year 52000..52000"),
    ("A$90,000 p.a.", "90000..90000 AUD year 90000..90000"),
    ("£28,000 - £32,000 per annum", "28000..32000 GBP year 28000..32000"),
    ("£12.50 per hour", "12.5..12.5 GBP hour 26000..26000"),
    ("€45k", "45000..45000 EUR year 45000..45000 UnitInferred"),
    ("3,000 € per month", "3000..3000 EUR month 36000..36000"),
    ("₹600,000 per annum", "600000..600000 INR year 600000..600000"),
    ("INR 600000", "UnknownUnit"),
    ("CHF 90'000 a year", "90000..90000 CHF year 90000..90000"),
    ("¥300,000 per month", "AmbiguousCurrency"),
    ("JPY 300,000 per month", "300000..300000 JPY month 3600000..3600000"),
    // No unit.
    ("$18", "18..18 USD hour 37440..37440 UnitInferred"),
    ("18.00 - 24.00", "18..24 USD hour 37440..49920 UnitInferred"),
    ("52000", "52000..52000 USD year 52000..52000 UnitInferred"),
    ("$1,200", "UnknownUnit"),
    ("$3", "UnknownUnit"),
    ("7", "UnknownUnit"),
    // Two readings.
    ("45.000", "AmbiguousNumber"),
    ("45.000 € per year", "AmbiguousNumber"),
    ("45,00 per hour", "AmbiguousNumber"),
    ("1.234,50 per month", "AmbiguousNumber"),
    ("45 000 $ per year", "AmbiguousNumber"),
    ("45\u{a0}000 $ per year", "45000..45000 USD year 45000..45000"),
    // Units that cannot be.
    ("$150000/hr", "150000..150000 USD hour _.._ ImplausiblyHigh"),
    ("$25/year", "25..25 USD year _.._ ImplausiblyLow"),
    ("$18/year - $24/year", "18..24 USD year _.._ ImplausiblyLow"),
    ("$0.00/hr", "0..0 USD hour _.._ ImplausiblyLow"),
    ("$2.13 per hour plus tips", "2.13..2.13 USD hour 4430.4..4430.4 BelowMinimumWage,Tips"),
    ("$6.50/hr", "6.5..6.5 USD hour 13520..13520 BelowMinimumWage"),
    ("$7.25/hr", "7.25..7.25 USD hour 15080..15080"),
    ("$150/hr", "150..150 USD hour 312000..312000 AboveOewsTop"),
    ("$12,000 a year", "12000..12000 USD year 12000..12000 BelowMinimumWage"),
    ("$12,000 a year, 20 hours per week", "12000..12000 USD year 12000..12000"),
    // Other units.
    ("$0.55 per mile", "OtherUnit"),
    ("$45 per visit", "OtherUnit"),
    ("$250/shift", "OtherUnit"),
    ("$1,900 per pay period", "OtherUnit"),
    // No amount.
    ("", "Empty"),
    (" \t ", "Empty"),
    ("Competitive", "Competitive"),
    ("Competitive salary, DOE", "Competitive"),
    ("DOE", "DependsOnExperience"),
    ("Commensurate with experience", "DependsOnExperience"),
    ("Negotiable", "Negotiable"),
    ("TBD", "Negotiable"),
    ("Commission only", "CommissionOnly"),
    ("100% commission", "CommissionOnly"),
    ("Unpaid internship", "Unpaid"),
    ("Great team", "NoAmount"),
    // Not pay.
    ("Sign-on bonus of $5,000", "OtherAmounts"),
    ("$5,000 sign-on bonus", "OtherAmounts"),
    ("401k", "NoAmount"),
    ("401(k) match", "NoAmount"),
    ("$1.50/hr shift differential", "OtherAmounts"),
    ("20 hours per week", "NoAmount"),
    ("2026-03-01", "NoAmount"),
    ("555-123-4567", "NoAmount"),
    ("GS-7", "NoAmount"),
    ("3%", "NoAmount"),
];

const TEXTS: &[(&str, &str)] = &[
    ("We pay $19.75 per hour and offer a sign-on bonus of $5,000.", "19.75..19.75 USD hour 41080..41080 Bonus"),
    ("A sign-on bonus of $5,000 and a 401k with match.", "OtherAmounts"),
    ("You will run a $10 million budget.", "OtherAmounts"),
    ("Manages an annual budget of $250,000 per year.", "OtherAmounts"),
    ("We refund up to $2,000 tuition a year.", "OtherAmounts"),
    ("Tuition reimbursement up to $5,250 per year.", "OtherAmounts"),
    ("Salary: $48,000. Tuition help: up to $2,000.", "48000..48000 USD year 48000..48000 UnitInferred"),
    ("The pay range is $45,000 - $60,000.", "45000..60000 USD year 45000..60000 UnitInferred"),
    ("Salary 45k-60k DOE", "45000..60000 USD year 45000..60000 UnitInferred,Flexible"),
    ("Between 40,000 and 52,000 per year, paid twice a month.", "40000..52000 USD year 40000..52000"),
    ("Pay: 18.50", "18.5..18.5 USD hour 38480..38480 UnitInferred"),
    ("Lift 50 pounds. Work 8 hour shifts, 5 days a week.", "NoAmount"),
    ("Open 24/7. Call 555-123-4567 before 3/15/2026 at 9:30.", "NoAmount"),
    ("Serve 40 guests per hour.", "NoAmount"),
    ("Earn 3 weeks of vacation.", "NoAmount"),
    ("A stipend of $500 per month for rent.", "OtherAmounts"),
    ("Receive a $50 gift card.", "OtherAmounts"),
    ("The store sells $30,000 of goods daily.", "OtherAmounts"),
    ("Competitive pay and a friendly team.", "Competitive"),
    ("We are a competitive swim team.", "NoAmount"),
    ("Four weeks of unpaid leave.", "NoAmount"),
    ("This is an unpaid internship.", "Unpaid"),
    ("Starting wage is $17.25/hour; $18.25/hour after 90 days.", "17.25.._ USD hour 35880.._ SeveralAmounts"),
    ("Compensation depends on experience.", "DependsOnExperience"),
    ("Referral Coordinator, $18/hr", "18..18 USD hour 37440..37440"),
    ("Loan officer: $60,000 per year plus commission.", "60000..60000 USD year 60000..60000 Commission"),
    ("$20/hr tuition reimbursement available", "20..20 USD hour 41600..41600"),
    ("Drivers earn $0.62 per mile.", "OtherUnit"),
    ("Part-time, 20 hours a week, at $16.00 an hour.", "16..16 USD hour 16640..16640"),
    ("Pay grade 7, step 3.", "NoAmount"),
    ("Weekend work pays an extra $2.00 per hour.", "OtherAmounts"),
    ("Expected pay: $70,000 a year (based on 2,080 hours).", "70000..70000 USD year 70000..70000"),
    ("Pay is $20 an hour based on your experience.", "20..20 USD hour 41600..41600 Flexible"),
    ("Pay is based on experience.", "DependsOnExperience"),
    ("This job pays $19 an hour with a $1 raise after 6 months.", "19..19 USD hour 39520..39520"),
    ("Salary $50,000 - $60,000 annually, 401(k) with match up to $3,000.", "50000..60000 USD year 50000..60000"),
];

#[test]
fn hourly_pay_of_few_hours_is_compared_at_full_time() {
    let pay = Pay::in_text("Pay: $20 - $24 an hour, 26 hours per week").unwrap();
    assert_eq!((pay.annual_low, pay.annual_high), (Some(27_040.0), Some(32_448.0)));
    assert_eq!(pay.full_time(), (Some(41_600.0), Some(49_920.0)));
    let pay = Pay::in_field("from $20/hr").unwrap();
    assert_eq!(pay.full_time(), (Some(41_600.0), None));
}

#[test]
fn fields_are_read_as_worked_by_hand() {
    check(FIELDS, Pay::in_field);
}

#[test]
fn running_text_is_read_as_worked_by_hand() {
    check(TEXTS, Pay::in_text);
}

#[test]
fn the_tables_hold_enough_cases() {
    assert!(FIELDS.len() + TEXTS.len() >= 120, "{}", FIELDS.len() + TEXTS.len());
}

#[test]
fn an_impossible_unit_suggests_the_only_possible_one() {
    let unit = |text| Pay::in_field(text).unwrap().suggested_unit;
    assert_eq!(unit("$150000/hr"), Some(PayUnit::Year));
    assert_eq!(unit("$25/year"), Some(PayUnit::Hour));
    // 800 a day is 208,000 a year, 800 a week 41,600.
    assert_eq!(unit("$800/hr"), None);
    assert_eq!(unit("$18/hr"), None);
}

#[test]
fn the_span_is_the_statement() {
    let text = "Señor nurse — pay: $18 \u{2013} $24/hr, plus tips";
    let pay = Pay::in_text(text).unwrap();
    assert_eq!(&text[pay.span], "$18 \u{2013} $24/hr");
}

#[test]
fn time_is_linear_in_the_text() {
    // Inputs that make a scanner look far ahead; a quadratic scan of half a million bytes would take minutes.
    for piece in ["$", "1", "1,", "1.", "1-", "1 000", "$1 - ", "per ", "up to ", "$18/hr - ", "hours per week: ", "'1"]
    {
        let text = piece.repeat(500_000 / piece.len());
        let start = std::time::Instant::now();
        let _ = (Pay::in_field(&text), Pay::in_text(&text));
        assert!(start.elapsed().as_secs() < 20, "{piece:?}");
    }
}

proptest! {
    #[test]
    fn any_text_is_read_without_panic_and_spans_lie_on_characters(text in ".{0,200}") {
        for pay in [Pay::in_field(&text), Pay::in_text(&text)].into_iter().flatten() {
            prop_assert!(text.get(pay.span.clone()).is_some_and(|part| !part.is_empty()));
        }
    }

    #[test]
    fn pieces_of_statements_are_read_without_panic(parts in prop::collection::vec(prop::sample::select(vec![
        "$", "18", "24.50", "45,000", "45.000", "k", "-", "\u{2013}", "to", "/", "hr", "per", "hour", "a", "week", "every",
        "two", "bi", "(", ")", "+", "up", "between", "and", "bonus", "tuition", "€", "CAD", "US", "¥", ".", ",", "\n", "é",
        "p.a.", "%", "million", "401", "hours", "\u{a0}", "000", "part-time", "DOE",
    ]), 0..30), gap in prop::sample::select(vec!["", " "])) {
        let text = parts.join(gap);
        for pay in [Pay::in_field(&text), Pay::in_text(&text)].into_iter().flatten() {
            prop_assert!(text.get(pay.span.clone()).is_some());
            prop_assert!(pay.low.is_some() || pay.high.is_some());
            prop_assert!(pay.low.zip(pay.high).is_none_or(|(low, high)| low <= high));
            prop_assert!(pay.annual_low.zip(pay.annual_high).is_none_or(|(low, high)| low <= high));
        }
    }

    #[test]
    fn a_rate_within_bounds_is_multiplied_by_the_hours_of_a_year(cents in 725_u32..11_500) {
        let pay = Pay::in_field(&format!("${}.{:02}/hr", cents / 100, cents % 100)).unwrap();
        prop_assert!((pay.annual_low.unwrap() - f64::from(cents) * 20.8).abs() < 1e-6);
        prop_assert!(pay.flags.is_empty());
    }
}
