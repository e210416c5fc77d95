//! What a certificate did for those who earned it: treated against comparable people who did not.
//!
//! [`Effect::estimate`] answers with an estimate, its interval and a verdict on whether the data can answer at all.
//!
//! | method | compares | standard error |
//! |---|---|---|
//! | `difference` | means, nothing adjusted | Welch (1947, Biometrika 34, 28-35) |
//! | `ols` | at equal covariates, linearly, as given | HC3 or clustered |
//! | `match` | each treated with its nearest others | Abadie & Imbens (2006, Econometrica 74, 235-267) |
//! | `ipw` | others weighted to look like the treated | influence function, estimated scores counted in |
//! | `aipw` | the same on what an outcome model leaves; consistent if either model is right | influence function |
//! | `did` | changes instead of levels; with covariates doubly robust (Sant'Anna & Zhao 2020, J. Econometrics 219, 101-122); of a panel, group-time effects (Callaway & Sant'Anna 2021) | as `difference` or `aipw`; by unit |
//!
//! # The default recipe
//! It was fixed on balance, overlap, placebo outcomes and simulated data, before any estimate of an effect on the NSW data was
//! looked at, and is not tuned to one. Each part comes from the literature:
//! 1. *Terms.* Covariates as given; the square of each with more than two values; an indicator of 0 for each that is never
//!    negative and 0 in at least 5 % of rows, such as pay before (as Dehejia & Wahba 1999, JASA 94, 1053-1062, and 2002, Rev.
//!    Econ. Stat. 84, 151-161). Text becomes one indicator for each label. Balance is shown and judged for every term.
//! 2. *Score.* Logistic regression on the terms with a normal prior of standard deviation 2.5 for each standardised slope
//!    (after Gelman et al. 2008, Ann. Appl. Stat. 2, 1360-1383), which moves little and survives separation.
//! 3. *Overlap.* For the effect on the treated: rows with a score above 0.9, treated above every other's score, and others
//!    below every treated's score are left out (Crump, Hotz, Imbens & Mitnik 2009, Biometrika 96, 187-199; Dehejia & Wahba
//!    1999). For the effect on all: scores outside [0.1, 0.9]. Everything after is estimated anew on what is left (Imbens
//!    2015, J. Human Resources 50, 373-419).
//! 4. *Matching.* One neighbour, with replacement, ties all taken, Mahalanobis distance on the terms, corrected for what is
//!    left of the differences by least squares on the matched (Abadie & Imbens 2011, JBES 29, 1-11; Imbens 2015).
//! 5. *Weighting.* Odds of the score, normalised, then tilted exponentially as little as it takes for the weighted means of
//!    all terms to equal those of the target (Deville & Särndal 1992, JASA 87, 376-382; Hainmueller 2012, Political Analysis
//!    20, 25-46).
//! 6. *AIPW.* Score and least-squares outcome model from five folds that the row is not in (Chernozhukov et al. 2018,
//!    Econometrics J. 21, C1-C68), folds drawn by seed and row within each group; the weights tilted as in 5.
//!
//! # When the data cannot answer
//! See [`Thresholds`]. "No" is a normal answer: the estimate stands beside it, with the reason.

mod adjusted;
mod balance;
mod comparison;
mod difference;
mod doubly_robust;
mod estimate;
mod folds;
mod group_time;
mod influence;
mod matched;
mod nearest;
mod outcome_model;
mod overlap;
mod question;
mod sample;
mod score;
mod sensitivity;
mod settings;
mod solve;
mod term;
mod tilt;
mod verdict;
mod weighted;

pub use self::balance::Balance;
pub use self::estimate::{Effect, Placebo};
pub use self::group_time::GroupTime;
pub use self::overlap::Overlap;
pub use self::question::Question;
pub use self::sensitivity::Sensitivity;
pub use self::settings::{Distance, EffectSettings, Estimand, Method, Missing, Thresholds};
