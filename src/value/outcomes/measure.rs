//! The measures: what each asks of a leaver, and what it needs to be asked.

use serde::{Serialize, Serializer};

use super::suppress::Kind;
use crate::market::{LeaverColumn, Leavers};

/// What is measured of leavers. The people a share or median is taken over are in [`Measure::definition`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Measure {
    /// Leavers who count.
    Leavers,
    /// Employment rate, second quarter after exit (WIOA).
    EmploymentQ2,
    /// Employment rate, fourth quarter after exit (WIOA).
    EmploymentQ4,
    /// Median earnings, second quarter after exit (WIOA).
    MedianEarningsQ2,
    /// Credential attainment rate (WIOA).
    CredentialAttainment,
    /// Share who work in the field.
    InField,
    /// Share who changed employer between the second and the fourth quarter.
    Switched,
    /// Share whose latest job is at a higher level than the first.
    Promoted,
    /// Median growth of pay in one year.
    Growth1y,
    /// The same in two years.
    Growth2y,
    /// The same in five years.
    Growth5y,
    /// Median days to the first job.
    DaysToFirstJob,
    /// Share of the jobs found that were found within 180 days.
    JobWithin180Days,
}

impl Measure {
    /// Every one, in the order of output; what a measure rests on comes before it.
    pub const ALL: [Self; 13] = [
        Self::Leavers,
        Self::EmploymentQ2,
        Self::EmploymentQ4,
        Self::MedianEarningsQ2,
        Self::CredentialAttainment,
        Self::InField,
        Self::Switched,
        Self::Promoted,
        Self::Growth1y,
        Self::Growth2y,
        Self::Growth5y,
        Self::DaysToFirstJob,
        Self::JobWithin180Days,
    ];

    /// Its name in outputs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Leavers => "leavers",
            Self::EmploymentQ2 => "employment_q2",
            Self::EmploymentQ4 => "employment_q4",
            Self::MedianEarningsQ2 => "median_earnings_q2",
            Self::CredentialAttainment => "credential_attainment",
            Self::InField => "in_field",
            Self::Switched => "switched_employer",
            Self::Promoted => "promoted",
            Self::Growth1y => "pay_growth_1y",
            Self::Growth2y => "pay_growth_2y",
            Self::Growth5y => "pay_growth_5y",
            Self::DaysToFirstJob => "days_to_first_job",
            Self::JobWithin180Days => "job_within_180_days",
        }
    }

    /// Numerator, denominator and who is left out.
    #[must_use]
    pub fn definition(self) -> &'static str {
        match self {
            Self::Leavers => "leavers without a reason for exclusion",
            Self::EmploymentQ2 => "employed in the 2nd quarter after exit, of leavers whose employment is known",
            Self::EmploymentQ4 => "employed in the 4th quarter after exit, of leavers whose employment is known",
            Self::MedianEarningsQ2 => "median US dollars of the 2nd quarter after exit, of those employed then",
            Self::CredentialAttainment => {
                "a credential attained in time, of leavers in education or training (of all, where that is not given)"
            }
            Self::InField => "working in the field of the certificate, of those employed in the 2nd quarter",
            Self::Switched => "another employer in the 4th than in the 2nd quarter, of those with both known",
            Self::Promoted => "latest job at a higher level than the first, of leavers with both known",
            Self::Growth1y => "median growth of pay in 1 year, not deflated, of those paid at both times",
            Self::Growth2y => "median growth of pay in 2 years, not deflated, of those paid at both times",
            Self::Growth5y => "median growth of pay in 5 years, not deflated, of those paid at both times",
            Self::DaysToFirstJob => {
                "median days from exit to the first job (Kaplan-Meier; those without a job count until they were last watched)"
            }
            Self::JobWithin180Days => "first job within 180 days, of those who found one",
        }
    }

    /// What the value is counted in.
    #[must_use]
    pub fn unit(self) -> &'static str {
        match self {
            Self::Leavers => "people",
            Self::MedianEarningsQ2 => "USD",
            Self::DaysToFirstJob => "days",
            _ => "share",
        }
    }

    /// The columns that it needs.
    fn needs(self) -> &'static [LeaverColumn] {
        match self {
            Self::Leavers => &[],
            Self::EmploymentQ2 => &[LeaverColumn::EmployedQ2],
            Self::EmploymentQ4 => &[LeaverColumn::EmployedQ4],
            Self::MedianEarningsQ2 => &[LeaverColumn::EarningsQ2],
            Self::CredentialAttainment => &[LeaverColumn::CredentialAttained],
            Self::InField => &[LeaverColumn::InField],
            Self::Switched => &[LeaverColumn::EmployerQ2, LeaverColumn::EmployerQ4],
            Self::Promoted => &[LeaverColumn::LevelFirst, LeaverColumn::LevelLast],
            Self::Growth1y => &[LeaverColumn::PayStart, LeaverColumn::Pay1y],
            Self::Growth2y => &[LeaverColumn::PayStart, LeaverColumn::Pay2y],
            Self::Growth5y => &[LeaverColumn::PayStart, LeaverColumn::Pay5y],
            Self::DaysToFirstJob | Self::JobWithin180Days => {
                &[LeaverColumn::ExitDay, LeaverColumn::FirstJobDay, LeaverColumn::FollowedUntilDay]
            }
        }
    }

    /// The columns that it needs and `leavers` do not have.
    pub(super) fn lacks(self, leavers: &Leavers) -> Vec<&'static str> {
        self.needs().iter().filter(|column| leavers.column(**column).is_none()).map(|column| column.name()).collect()
    }

    pub(super) fn kind(self) -> Kind {
        match self {
            Self::Leavers => Kind::Total,
            Self::MedianEarningsQ2 | Self::Growth1y | Self::Growth2y | Self::Growth5y => Kind::Number,
            _ => Kind::Share,
        }
    }

    /// The measure whose numerator this one divides, when that can be measured; the leavers otherwise.
    pub(super) fn rests_on(self) -> Option<Self> {
        match self {
            Self::Leavers => None,
            Self::MedianEarningsQ2 | Self::InField | Self::Switched => Some(Self::EmploymentQ2),
            Self::JobWithin180Days => Some(Self::DaysToFirstJob),
            _ => Some(Self::Leavers),
        }
    }

    /// A measure that says something about this one's people without its resting on it.
    pub(super) fn goes_with(self) -> Option<Self> {
        (self == Self::Switched).then_some(Self::EmploymentQ4)
    }
}

impl Serialize for Measure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// What a measure says of one leaver.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Answer {
    /// The leaver does not belong to what the measure rests on.
    Outside,
    Unknown,
    Yes,
    No,
    Number(f64),
    /// Days, and whether the job was found.
    Time(f64, bool),
}

/// The answers of all rows, measure by measure.
pub(super) struct Asked<'a> {
    leavers: &'a Leavers,
}

impl<'a> Asked<'a> {
    pub(super) fn new(leavers: &'a Leavers) -> Self {
        Self { leavers }
    }

    fn get(&self, column: LeaverColumn, row: usize) -> f64 {
        self.leavers.column(column).map_or(f64::NAN, |values| values[row])
    }

    /// What `measure` says of `row`, a leaver who counts; only for measures that lack nothing.
    pub(super) fn answer(&self, measure: Measure, row: usize) -> Answer {
        let get = |column| self.get(column, row);
        let flag = |column| match get(column) {
            value if value.is_nan() => Answer::Unknown,
            value if value > 0.5 => Answer::Yes,
            _ => Answer::No,
        };
        // Where employment is not given, every leaver belongs to the measures that rest on it.
        let has_employment = self.leavers.column(LeaverColumn::EmployedQ2).is_some();
        let employed = !has_employment || get(LeaverColumn::EmployedQ2) > 0.5;
        match measure {
            Measure::Leavers => Answer::Yes,
            Measure::EmploymentQ2 => flag(LeaverColumn::EmployedQ2),
            Measure::EmploymentQ4 => flag(LeaverColumn::EmployedQ4),
            Measure::MedianEarningsQ2 | Measure::InField | Measure::Switched if !employed => Answer::Outside,
            Measure::MedianEarningsQ2 => match get(LeaverColumn::EarningsQ2) {
                usd if usd > 0.0 => Answer::Number(usd),
                _ => Answer::Unknown,
            },
            Measure::InField => flag(LeaverColumn::InField),
            Measure::Switched => {
                let (before, after) = (get(LeaverColumn::EmployerQ2), get(LeaverColumn::EmployerQ4));
                if before.is_nan() || after.is_nan() {
                    Answer::Unknown
                } else if (before - after).abs() > 0.5 {
                    Answer::Yes
                } else {
                    Answer::No
                }
            }
            Measure::CredentialAttainment => {
                let counts =
                    self.leavers.column(LeaverColumn::InTraining).is_none() || get(LeaverColumn::InTraining) > 0.5;
                if counts { flag(LeaverColumn::CredentialAttained) } else { Answer::Unknown }
            }
            Measure::Promoted => {
                let (first, last) = (get(LeaverColumn::LevelFirst), get(LeaverColumn::LevelLast));
                if first.is_nan() || last.is_nan() {
                    Answer::Unknown
                } else if last > first {
                    Answer::Yes
                } else {
                    Answer::No
                }
            }
            Measure::Growth1y => growth(get(LeaverColumn::PayStart), get(LeaverColumn::Pay1y)),
            Measure::Growth2y => growth(get(LeaverColumn::PayStart), get(LeaverColumn::Pay2y)),
            Measure::Growth5y => growth(get(LeaverColumn::PayStart), get(LeaverColumn::Pay5y)),
            Measure::DaysToFirstJob => time(get),
            Measure::JobWithin180Days => match time(get) {
                Answer::Time(days, true) if days <= 180.0 => Answer::Yes,
                Answer::Time(_, true) => Answer::No,
                _ => Answer::Outside,
            },
        }
    }
}

fn growth(start: f64, later: f64) -> Answer {
    let growth = later / start - 1.0;
    if start > 0.0 && later > 0.0 && growth.is_finite() { Answer::Number(growth) } else { Answer::Unknown }
}

fn time(get: impl Fn(LeaverColumn) -> f64) -> Answer {
    let (exit, job, end) =
        (get(LeaverColumn::ExitDay), get(LeaverColumn::FirstJobDay), get(LeaverColumn::FollowedUntilDay));
    if exit.is_nan() || (job.is_nan() && end.is_nan()) {
        Answer::Unknown
    } else if job.is_nan() {
        Answer::Time(end - exit, false)
    } else {
        Answer::Time(job - exit, true)
    }
}
