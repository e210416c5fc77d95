//! Why there is no pay, and what to mind where there is.

use serde::{Deserialize, Serialize};

/// Why a text gives no pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum NoPay {
    /// Nothing but white space.
    #[error("the text is empty")]
    Empty,
    /// No number that could be pay, and no word about it.
    #[error("no amount is named")]
    NoAmount,
    /// Amounts of something else only: bonuses, tuition, budgets, or amounts that nothing marks as pay.
    #[error("the amounts named are not pay")]
    OtherAmounts,
    /// The amount is written so that it has two readings, such as `45.000` or `45,00`.
    #[error("the amount has two readings")]
    AmbiguousNumber,
    /// The sign of the currency is shared by several, such as the yen's and the yuan's.
    #[error("the currency has two readings")]
    AmbiguousCurrency,
    /// Pay per mile, visit, piece, shift or pay period: a year of it is not known.
    #[error("the pay is not per unit of time")]
    OtherUnit,
    /// No unit, and the size of the amount does not tell it.
    #[error("the unit is not named and the amount does not tell it")]
    UnknownUnit,
    /// "Competitive" and no amount.
    #[error("competitive pay without an amount")]
    Competitive,
    /// "Negotiable", "to be discussed" and no amount.
    #[error("negotiable pay without an amount")]
    Negotiable,
    /// "Depends on experience", "commensurate" and no amount.
    #[error("pay that depends on experience without an amount")]
    DependsOnExperience,
    /// Commission and nothing else.
    #[error("commission only")]
    CommissionOnly,
    /// Unpaid or voluntary work.
    #[error("unpaid")]
    Unpaid,
}

/// What to mind about a [`Pay`](super::Pay).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum PayFlag {
    /// No unit was named; it was told from the size of the amount.
    UnitInferred,
    /// Thousands were named at one end of the range only and count for both.
    ThousandsCarried,
    /// The larger end stood first.
    Reversed,
    /// The high end is more than three times the low end.
    WideRange,
    /// The lowest hourly value is below the federal minimum wage; the annual amounts are given.
    BelowMinimumWage,
    /// Too little for its unit, by any law on wages: the annual amounts are withheld.
    ImplausiblyLow,
    /// Too much for its unit: the annual amounts are withheld.
    ImplausiblyHigh,
    /// Above the value at which BLS OEWS stops to publish wages.
    AboveOewsTop,
    /// Part-time work without a number of hours: the annual amounts are those of full time.
    PartTime,
    /// Tips come on top.
    Tips,
    /// Commission comes on top or is part of it.
    Commission,
    /// A bonus comes on top.
    Bonus,
    /// Earnings if targets are met, not a base.
    OnTarget,
    /// Said to depend on experience or to be negotiable.
    Flexible,
    /// Another amount of pay in the text differs; this one was named most fully, or first.
    SeveralAmounts,
}
