//! What a word can mean in a statement of pay.

use super::currency::Currency;
use super::unit::PayUnit;

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

/// The longest word with a sense; longer words are plain.
const LONGEST: usize = 16;

/// The sense of a word of ASCII letters in any case.
pub(super) fn sense(word: &str) -> Sense {
    let bytes = word.as_bytes();
    if bytes.len() > LONGEST || !word.is_ascii() {
        return Sense::Plain;
    }
    let mut buffer = [0; LONGEST];
    let lower = &mut buffer[..bytes.len()];
    lower.copy_from_slice(bytes);
    lower.make_ascii_lowercase();
    std::str::from_utf8(lower).map_or(Sense::Plain, of_lower)
}

fn of_lower(word: &str) -> Sense {
    use PayUnit::{Day, HalfMonth, Hour, Month, TwoWeeks, Week, Year};
    match word {
        "per" | "a" | "an" | "each" | "every" | "p" => Sense::Per,
        "hour" | "hours" | "hr" | "hrs" | "h" => Sense::Noun(Hour),
        "hourly" | "ph" | "phr" => Sense::Adverb(Hour),
        "day" | "days" => Sense::Noun(Day),
        "daily" => Sense::Adverb(Day),
        "week" | "weeks" | "wk" | "wks" => Sense::Noun(Week),
        "weekly" | "pw" => Sense::Adverb(Week),
        "fortnight" => Sense::Noun(TwoWeeks),
        "biweekly" | "fortnightly" | "biweek" => Sense::Adverb(TwoWeeks),
        "semimonthly" => Sense::Adverb(HalfMonth),
        "month" | "months" | "mo" | "mth" => Sense::Noun(Month),
        "monthly" | "pcm" => Sense::Adverb(Month),
        "year" | "years" | "yr" | "yrs" | "annum" | "y" => Sense::Noun(Year),
        "annual" | "annually" | "annualized" | "yearly" | "pa" => Sense::Adverb(Year),
        "bi" => Sense::Bi,
        "semi" => Sense::Semi,
        "twice" => Sense::Twice,
        "two" | "other" => Sense::Two,
        "mile" | "miles" | "mi" | "cpm" | "visit" | "visits" | "piece" | "unit" | "word" | "shift" | "shifts"
        | "load" | "loads" | "class" | "session" | "sessions" | "stop" | "stops" | "article" | "delivery" | "diem"
        | "period" | "paycheck" | "game" | "event" | "project" | "job" | "order" | "assignment" | "sale" | "page"
        | "lesson" | "course" | "credit" | "semester" | "minute" | "season" | "call" | "ride" | "trip" | "case"
        | "test" | "patient" | "km" | "task" | "box" | "bin" | "acre" | "foot" | "head" => Sense::Piece,
        "pay" | "pays" | "paid" | "paying" | "payrate" | "payrange" | "salary" | "salaries" | "wage" | "wages"
        | "compensation" | "comp" | "rate" | "rates" | "earn" | "earns" | "earning" | "earnings" | "remuneration"
        | "offering" | "offer" | "offers" | "make" | "making" => Sense::Pay,
        "base" | "gross" | "basic" | "range" | "scale" | "total" | "approximately" | "approx" | "about" | "est"
        | "estimated" | "guaranteed" | "is" | "at" | "as" | "full" => Sense::Filler,
        "tuition" | "reimbursement" | "reimbursements" | "reimbursed" | "reimburse" | "stipend" | "stipends"
        | "allowance" | "allowances" | "differential" | "differentials" | "diff" | "scholarship" | "scholarships"
        | "donation" | "donations" | "deductible" | "giveaway" | "raffle" | "raise" | "raises" | "increase"
        | "increases" | "discount" | "discounts" | "fee" | "fees" | "gift" => Sense::Other,
        "budget" | "budgets" | "revenue" | "revenues" | "sales" | "sign" | "signing" | "retention" | "referral"
        | "relocation" | "insurance" | "coverage" | "grant" | "grants" | "funding" | "fund" | "funds" | "assets"
        | "award" | "awards" | "prize" | "loan" | "loans" | "debt" | "match" | "contribution" | "contributions"
        | "hsa" | "fsa" | "mileage" | "profit" | "profits" | "fine" | "fines" | "cash" | "portfolio" | "value"
        | "valued" | "worth" | "cost" | "costs" | "account" | "accounts" | "purchase" | "purchases" | "savings"
        | "expenses" | "assistance" | "benefit" | "premium" | "incentive" | "incentives" | "company" | "contract"
        | "contracts" | "contributes" | "toward" | "towards" | "transactions" | "volume" | "damage" | "limit"
        | "bond" | "overtime" | "equipment" | "uniform" => Sense::Weak,
        "bonus" | "bonuses" => Sense::Bonus,
        "eligible" | "eligibility" | "potential" | "opportunity" | "opportunities" | "available" | "program" => {
            Sense::Eligible
        }
        "tip" | "tips" | "gratuity" | "gratuities" => Sense::Tips,
        "commission" | "commissions" => Sense::Commission,
        "ote" => Sense::OnTarget,
        "from" | "min" | "starting" | "starts" | "start" | "minimum" | "least" => Sense::Floor,
        "maximum" | "max" | "upto" | "much" => Sense::Ceiling,
        "up" => Sense::Up,
        "to" | "through" | "thru" => Sense::To,
        "of" | "over" | "exceeding" | "totaling" | "totalling" | "in" => Sense::Tie,
        "and" => Sense::And,
        "or" => Sense::Or,
        "more" | "above" | "higher" | "greater" => Sense::More,
        "between" => Sense::Between,
        "k" | "thousand" => Sense::Thousand,
        "m" | "mm" | "mil" | "million" | "millions" | "b" | "bn" | "billion" | "billions" => Sense::Million,
        "plus" | "with" | "w" | "including" | "includes" | "include" | "but" | "then" | "after" | "for" | "while" => {
            Sense::Break
        }
        "competitive" => Sense::Competitive,
        "negotiable" | "tbd" | "negotiated" | "dop" => Sense::Negotiable,
        "depends" | "depending" | "dependent" | "commensurate" | "doe" | "doq" => Sense::Depends,
        "based" => Sense::Based,
        "experience" | "qualifications" | "skills" => Sense::Experience,
        "extra" | "additional" => Sense::Extra,
        "unpaid" | "volunteer" | "voluntary" => Sense::Unpaid,
        "only" => Sense::Only,
        "internship" | "position" | "role" | "placement" => Sense::Position,
        "part" => Sense::Part,
        "time" => Sense::Time,
        _ => Currency::of_word(word).map_or(Sense::Plain, Sense::Money),
    }
}
