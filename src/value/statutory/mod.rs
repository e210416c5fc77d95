//! What statutes ask of programmes: Workforce Pell, gainful employment, WIOA, Perkins V.
//!
//! Each test takes figures, with a 95 % interval where they are estimates, and answers pass, fail or cannot tell, with every
//! comparison behind the answer. Numbers that change from year to year stand in one table with their sources; an unknown year is an
//! error. All levels are fields, so whoever reads a rule otherwise, or has a later one, sets them.
//!
//! This code computes what the rules describe; it is no determination of any agency and no legal advice.
//!
//! | Test | Passes if | Source |
//! |---|---|---|
//! | [`PellRules`] | completion and placement >= 70 %, value added > 0 and >= tuition | Public Law 119-21, sec. 83002 |
//! | [`GainfulRules`], debt | annual rate <= 8 % or discretionary rate <= 20 % | 34 CFR 668.402(c), 668.403 |
//! | [`GainfulRules`], premium | median earnings > those of high-school graduates | 34 CFR 668.402(e) |
//! | [`WioaRules`] | program and indicator scores >= 90, individual >= 50 | 20 CFR 677.190 |
//! | [`PerkinsRules`] | indicator >= 90 % of the level determined | Perkins V, sec. 123 |

mod constants;
mod criterion;
mod gainful;
mod pell;
mod perkins;
mod programmes;
mod wioa;

pub use self::constants::{
    CredentialLevel, POVERTY_GUIDELINE_USD, UNDERGRADUATE_LOAN_RATE, poverty_guideline_usd, three_year_loan_rate,
};
pub use self::criterion::{Certainty, Comparison, Criterion, Figure, TestResult, share};
pub use self::gainful::{GainfulJudgement, GainfulProgramme, GainfulRules};
pub use self::pell::{PellJudgement, PellProgramme, PellRules};
pub use self::perkins::{PerkinsIndicator, PerkinsRules};
pub use self::programmes::{Law, StatutoryReport, StatutoryRow};
pub use self::wioa::{IndicatorResult, IndividualScore, OverallScore, WioaJudgement, WioaRules};
