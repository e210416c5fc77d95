//! What a word can mean in a statement of pay.

use std::sync::LazyLock;

use super::currency::Currency;
use super::unit::PayUnit;
use crate::text::word_table::WordTable;
use crate::text::words::word_hash;

/// The sense of one word; a word has one, and its neighbours decide whether it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sense {
    /// `per`, `a`, `an`, `each`, `every`, `p`: the next word may be a unit.
    Per,
    /// `hour`: a unit after [`Sense::Per`] or a slash.
    Noun(PayUnit),
    /// `hourly`: a unit by itself.
    Adverb(PayUnit),
    /// `bi`, `semi`, `twice`, `other`: changes the unit that follows.
    Bi,
    /// Half of.
    Semi,
    /// `twice`.
    Twice,
    /// `other` and `two`, as in every other week.
    Two,
    /// Piece rates: `mile`, `visit`.
    Piece,
    /// A word about pay.
    Pay,
    /// `base`, `gross`: may stand between an amount and its unit.
    Filler,
    /// Money that is never pay.
    Other,
    /// Money or numbers that are not pay unless a unit says so.
    Weak,
    /// A bonus.
    Bonus,
    /// Eligibility for a bonus: the amount before is not the bonus.
    Eligible,
    /// Tips.
    Tips,
    /// Commission.
    Commission,
    /// Targets.
    OnTarget,
    /// A currency.
    Money(Currency),
    /// The amount that follows is a floor.
    Floor,
    /// The amount that follows is a ceiling.
    Ceiling,
    /// `up`.
    Up,
    /// `to`.
    To,
    /// `of`, `over`, `totaling`: ties an amount to the word before.
    Tie,
    /// `and`.
    And,
    /// `or`.
    Or,
    /// `more`, `above`: after `or` or `and` the amount before is a floor.
    More,
    /// `between`.
    Between,
    /// `k`.
    Thousand,
    /// Millions and more.
    Million,
    /// `plus`, `with`, `including`: what follows is something else.
    Break,
    /// `competitive`.
    Competitive,
    /// `negotiable`.
    Negotiable,
    /// `depends`, `commensurate`, `doe`.
    Depends,
    /// `based`, as in based on experience.
    Based,
    /// What pay is based on.
    Experience,
    /// `extra`: the amount that follows comes on top of pay.
    Extra,
    /// `unpaid`, `volunteer`.
    Unpaid,
    /// `only`, as in commission only.
    Only,
    /// A position: what is unpaid or for volunteers.
    Position,
    /// `part`.
    Part,
    /// `time`.
    Time,
    /// Anything else.
    Plain,
}

/// The sense of the word `bytes[start..end]` in any case.
pub(super) fn sense(bytes: &[u8], start: usize, end: usize) -> Sense {
    static TABLE: LazyLock<WordTable<Sense>> = LazyLock::new(|| {
        let currencies = Currency::WORDS.iter().map(|(currency, words)| (Sense::Money(*currency), *words));
        WordTable::new(WORDS.iter().copied().chain(currencies))
    });
    TABLE.get(word_hash(bytes, start, end)).unwrap_or(Sense::Plain)
}

/// Words by sense.
const WORDS: &[(Sense, &[&str])] = {
    use PayUnit::{Day, HalfMonth, Hour, Month, TwoWeeks, Week, Year};
    &[
        (Sense::Per, &["per", "a", "an", "each", "every", "p"]),
        (Sense::Noun(Hour), &["hour", "hours", "hr", "hrs", "h"]),
        (Sense::Adverb(Hour), &["hourly", "ph", "phr"]),
        (Sense::Noun(Day), &["day", "days"]),
        (Sense::Adverb(Day), &["daily"]),
        (Sense::Noun(Week), &["week", "weeks", "wk", "wks"]),
        (Sense::Adverb(Week), &["weekly", "pw"]),
        (Sense::Noun(TwoWeeks), &["fortnight"]),
        (Sense::Adverb(TwoWeeks), &["biweekly", "fortnightly", "biweek"]),
        (Sense::Adverb(HalfMonth), &["semimonthly"]),
        (Sense::Noun(Month), &["month", "months", "mo", "mth"]),
        (Sense::Adverb(Month), &["monthly", "pcm"]),
        (Sense::Noun(Year), &["year", "years", "yr", "yrs", "annum", "y"]),
        (Sense::Adverb(Year), &["annual", "annually", "annualized", "yearly", "pa"]),
        (Sense::Bi, &["bi"]),
        (Sense::Semi, &["semi"]),
        (Sense::Twice, &["twice"]),
        (Sense::Two, &["two", "other"]),
        (
            Sense::Piece,
            &[
                "mile",
                "miles",
                "mi",
                "cpm",
                "visit",
                "visits",
                "piece",
                "unit",
                "word",
                "shift",
                "shifts",
                "load",
                "loads",
                "class",
                "session",
                "sessions",
                "stop",
                "stops",
                "article",
                "delivery",
                "diem",
                "period",
                "paycheck",
                "game",
                "event",
                "project",
                "job",
                "order",
                "assignment",
                "sale",
                "page",
                "lesson",
                "course",
                "credit",
                "semester",
                "minute",
                "season",
                "call",
                "ride",
                "trip",
                "case",
                "test",
                "patient",
                "km",
                "task",
                "box",
                "bin",
                "acre",
                "foot",
                "head",
            ],
        ),
        (
            Sense::Pay,
            &[
                "pay",
                "pays",
                "paid",
                "paying",
                "payrate",
                "payrange",
                "salary",
                "salaries",
                "wage",
                "wages",
                "compensation",
                "comp",
                "rate",
                "rates",
                "earn",
                "earns",
                "earning",
                "earnings",
                "remuneration",
                "offering",
                "offer",
                "offers",
                "make",
                "making",
            ],
        ),
        (
            Sense::Filler,
            &[
                "base",
                "gross",
                "basic",
                "range",
                "scale",
                "total",
                "approximately",
                "approx",
                "about",
                "est",
                "estimated",
                "guaranteed",
                "is",
                "at",
                "as",
                "full",
            ],
        ),
        (
            Sense::Other,
            &[
                "tuition",
                "reimbursement",
                "reimbursements",
                "reimbursed",
                "reimburse",
                "stipend",
                "stipends",
                "allowance",
                "allowances",
                "differential",
                "differentials",
                "diff",
                "scholarship",
                "scholarships",
                "donation",
                "donations",
                "deductible",
                "giveaway",
                "raffle",
                "raise",
                "raises",
                "increase",
                "increases",
                "discount",
                "discounts",
                "fee",
                "fees",
                "gift",
            ],
        ),
        (
            Sense::Weak,
            &[
                "budget",
                "budgets",
                "revenue",
                "revenues",
                "sales",
                "sign",
                "signing",
                "retention",
                "referral",
                "relocation",
                "insurance",
                "coverage",
                "grant",
                "grants",
                "funding",
                "fund",
                "funds",
                "assets",
                "award",
                "awards",
                "prize",
                "loan",
                "loans",
                "debt",
                "match",
                "contribution",
                "contributions",
                "hsa",
                "fsa",
                "mileage",
                "profit",
                "profits",
                "fine",
                "fines",
                "cash",
                "portfolio",
                "value",
                "valued",
                "worth",
                "cost",
                "costs",
                "account",
                "accounts",
                "purchase",
                "purchases",
                "savings",
                "expenses",
                "assistance",
                "benefit",
                "premium",
                "incentive",
                "incentives",
                "company",
                "contract",
                "contracts",
                "contributes",
                "toward",
                "towards",
                "transactions",
                "volume",
                "damage",
                "limit",
                "bond",
                "overtime",
                "equipment",
                "uniform",
            ],
        ),
        (Sense::Bonus, &["bonus", "bonuses"]),
        (
            Sense::Eligible,
            &["eligible", "eligibility", "potential", "opportunity", "opportunities", "available", "program"],
        ),
        (Sense::Tips, &["tip", "tips", "gratuity", "gratuities"]),
        (Sense::Commission, &["commission", "commissions"]),
        (Sense::OnTarget, &["ote"]),
        (Sense::Floor, &["from", "min", "starting", "starts", "start", "minimum", "least"]),
        (Sense::Ceiling, &["maximum", "max", "upto", "much"]),
        (Sense::Up, &["up"]),
        (Sense::To, &["to", "through", "thru"]),
        (Sense::Tie, &["of", "over", "exceeding", "totaling", "totalling", "in"]),
        (Sense::And, &["and"]),
        (Sense::Or, &["or"]),
        (Sense::More, &["more", "above", "higher", "greater"]),
        (Sense::Between, &["between"]),
        (Sense::Thousand, &["k", "thousand"]),
        (Sense::Million, &["m", "mm", "mil", "million", "millions", "b", "bn", "billion", "billions"]),
        (
            Sense::Break,
            &["plus", "with", "w", "including", "includes", "include", "but", "then", "after", "for", "while"],
        ),
        (Sense::Competitive, &["competitive"]),
        (Sense::Negotiable, &["negotiable", "tbd", "negotiated", "dop"]),
        (Sense::Depends, &["depends", "depending", "dependent", "commensurate", "doe", "doq"]),
        (Sense::Based, &["based"]),
        (Sense::Experience, &["experience", "qualifications", "skills"]),
        (Sense::Extra, &["extra", "additional"]),
        (Sense::Unpaid, &["unpaid", "volunteer", "voluntary"]),
        (Sense::Only, &["only"]),
        (Sense::Position, &["internship", "position", "role", "placement"]),
        (Sense::Part, &["part"]),
        (Sense::Time, &["time"]),
    ]
};

#[cfg(test)]
mod tests {
    use super::*;

    fn sense(word: &str) -> Sense {
        super::sense(word.as_bytes(), 0, word.len())
    }

    #[test]
    fn every_word_has_the_sense_of_its_list_in_any_case() {
        for (expected, words) in WORDS {
            for word in *words {
                assert_eq!((sense(word), sense(&word.to_uppercase())), (*expected, *expected), "{word}");
            }
        }
        assert_eq!(sense("euros"), Sense::Money(Currency::Eur));
        for plain in ["", "hourlyx", "xhour", "nurse", "hou", "a very long word", "é"] {
            assert_eq!(sense(plain), Sense::Plain, "{plain}");
        }
    }
}
