//! Currencies that pay is named in.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The currency of an amount, by its ISO 4217 code. Amounts are never converted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[non_exhaustive]
pub enum Currency {
    /// United States dollar; a bare `$` and an amount without any sign count as this.
    #[default]
    Usd,
    /// Canadian dollar.
    Cad,
    /// Australian dollar.
    Aud,
    /// New Zealand dollar.
    Nzd,
    /// Singapore dollar.
    Sgd,
    /// Hong Kong dollar.
    Hkd,
    /// Euro.
    Eur,
    /// Pound sterling.
    Gbp,
    /// Swiss franc.
    Chf,
    /// Indian rupee.
    Inr,
    /// Japanese yen, by its code only: the sign is shared with the yuan.
    Jpy,
    /// Chinese yuan, by its code only.
    Cny,
    /// Mexican peso.
    Mxn,
    /// Brazilian real.
    Brl,
    /// South African rand.
    Zar,
    /// Philippine peso.
    Php,
    /// Swedish krona.
    Sek,
    /// Norwegian krone.
    Nok,
    /// Danish krone.
    Dkk,
    /// Polish zloty.
    Pln,
    /// United Arab Emirates dirham.
    Aed,
    /// Israeli shekel.
    Ils,
    /// South Korean won.
    Krw,
}

impl Currency {
    /// The ISO 4217 code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Usd => "USD",
            Self::Cad => "CAD",
            Self::Aud => "AUD",
            Self::Nzd => "NZD",
            Self::Sgd => "SGD",
            Self::Hkd => "HKD",
            Self::Eur => "EUR",
            Self::Gbp => "GBP",
            Self::Chf => "CHF",
            Self::Inr => "INR",
            Self::Jpy => "JPY",
            Self::Cny => "CNY",
            Self::Mxn => "MXN",
            Self::Brl => "BRL",
            Self::Zar => "ZAR",
            Self::Php => "PHP",
            Self::Sek => "SEK",
            Self::Nok => "NOK",
            Self::Dkk => "DKK",
            Self::Pln => "PLN",
            Self::Aed => "AED",
            Self::Ils => "ILS",
            Self::Krw => "KRW",
        }
    }

    /// Whether an hour's pay in it is a number of the size that it is in US dollars, so that a missing unit can be told from
    /// the size.
    pub(super) fn is_of_dollar_size(self) -> bool {
        matches!(self, Self::Usd | Self::Cad | Self::Aud | Self::Nzd | Self::Eur | Self::Gbp | Self::Chf)
    }

    /// Codes and words in lower case.
    pub(super) const WORDS: &[(Self, &[&str])] = &[
        (Self::Usd, &["usd", "dollar", "dollars"]),
        (Self::Cad, &["cad", "cdn"]),
        (Self::Aud, &["aud"]),
        (Self::Nzd, &["nzd"]),
        (Self::Sgd, &["sgd"]),
        (Self::Hkd, &["hkd"]),
        (Self::Eur, &["eur", "euro", "euros"]),
        (Self::Gbp, &["gbp"]),
        (Self::Chf, &["chf"]),
        (Self::Inr, &["inr", "rupees"]),
        (Self::Jpy, &["jpy", "yen"]),
        (Self::Cny, &["cny", "rmb"]),
        (Self::Mxn, &["mxn"]),
        (Self::Brl, &["brl"]),
        (Self::Zar, &["zar"]),
        (Self::Php, &["php"]),
        (Self::Sek, &["sek"]),
        (Self::Nok, &["nok"]),
        (Self::Dkk, &["dkk"]),
        (Self::Pln, &["pln"]),
        (Self::Aed, &["aed"]),
        (Self::Ils, &["ils"]),
        (Self::Krw, &["krw"]),
    ];

    /// By the letters that stand before a `$` without a gap, in lower case.
    pub(super) fn of_dollar_prefix(letters: &str) -> Option<Self> {
        Some(match letters {
            "us" | "usd" | "u" => Self::Usd,
            "c" | "ca" | "can" | "cad" | "cdn" => Self::Cad,
            "a" | "au" | "aud" => Self::Aud,
            "nz" | "nzd" => Self::Nzd,
            "s" | "sg" | "sgd" => Self::Sgd,
            "hk" | "hkd" => Self::Hkd,
            "mx" | "mxn" => Self::Mxn,
            "r" | "brl" => Self::Brl,
            _ => return None,
        })
    }

    /// By a sign; `$` is [`Currency::Usd`].
    pub(super) fn of_sign(sign: char) -> Option<Self> {
        Some(match sign {
            '$' | '＄' | '﹩' => Self::Usd,
            '€' => Self::Eur,
            '£' => Self::Gbp,
            '₹' => Self::Inr,
            '₱' => Self::Php,
            '₪' => Self::Ils,
            '₩' => Self::Krw,
            _ => return None,
        })
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}
