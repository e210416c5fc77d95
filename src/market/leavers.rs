//! People who left a programme, one row each: who they are by group, and what became of them.

/// What rows can be grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GroupColumn {
    /// The certificate.
    Certificate,
    /// The school or provider.
    School,
    /// The region.
    Region,
    /// The cohort, such as a school or program year.
    Cohort,
    /// The quarter of exit.
    ExitQuarter,
}

impl GroupColumn {
    /// Every one, in this order.
    pub const ALL: [Self; 5] = [Self::Certificate, Self::School, Self::Region, Self::Cohort, Self::ExitQuarter];

    /// The column's name in a file.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Certificate => "certificate",
            Self::School => "school",
            Self::Region => "region",
            Self::Cohort => "cohort",
            Self::ExitQuarter => "exit_quarter",
        }
    }
}

/// What is known of each leaver, as a number; NaN is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LeaverColumn {
    /// In unsubsidised employment in the second quarter after exit: 0 or 1.
    EmployedQ2,
    /// The same in the fourth quarter.
    EmployedQ4,
    /// Earnings of the second quarter after exit, US dollars.
    EarningsQ2,
    /// A credential was attained in time: 0 or 1.
    CredentialAttained,
    /// Took part in education or training and so counts for credential attainment: 0 or 1.
    InTraining,
    /// Works in the field of the certificate: 0 or 1.
    InField,
    /// Employer of the second quarter, as a code.
    EmployerQ2,
    /// Employer of the fourth quarter, as a code.
    EmployerQ4,
    /// Job zone or pay step of the first job.
    LevelFirst,
    /// Job zone or pay step of the latest job.
    LevelLast,
    /// Pay at the start.
    PayStart,
    /// Pay one year later, in the same unit.
    Pay1y,
    /// Pay two years later.
    Pay2y,
    /// Pay five years later.
    Pay5y,
    /// Day of exit, in days from 1970-01-01.
    ExitDay,
    /// First day of the first job.
    FirstJobDay,
    /// Last day on which the person was watched.
    FollowedUntilDay,
}

impl LeaverColumn {
    /// Every one, in this order.
    pub const ALL: [Self; 17] = [
        Self::EmployedQ2,
        Self::EmployedQ4,
        Self::EarningsQ2,
        Self::CredentialAttained,
        Self::InTraining,
        Self::InField,
        Self::EmployerQ2,
        Self::EmployerQ4,
        Self::LevelFirst,
        Self::LevelLast,
        Self::PayStart,
        Self::Pay1y,
        Self::Pay2y,
        Self::Pay5y,
        Self::ExitDay,
        Self::FirstJobDay,
        Self::FollowedUntilDay,
    ];

    /// The column's name in a file.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::EmployedQ2 => "employed_q2",
            Self::EmployedQ4 => "employed_q4",
            Self::EarningsQ2 => "earnings_q2",
            Self::CredentialAttained => "credential_attained",
            Self::InTraining => "in_training",
            Self::InField => "in_field",
            Self::EmployerQ2 => "employer_q2",
            Self::EmployerQ4 => "employer_q4",
            Self::LevelFirst => "level_first",
            Self::LevelLast => "level_last",
            Self::PayStart => "pay_start",
            Self::Pay1y => "pay_1y",
            Self::Pay2y => "pay_2y",
            Self::Pay5y => "pay_5y",
            Self::ExitDay => "exit_date",
            Self::FirstJobDay => "first_job_date",
            Self::FollowedUntilDay => "followed_until",
        }
    }
}

/// Why a leaver does not count for any measure: the exclusions of TEGL 10-16, change 2, attachment on exclusions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exclusion {
    /// Left for a correctional institution, or a facility with 24-hour support.
    Institutionalised,
    /// Left for medical treatment of more than 90 days.
    Health,
    /// Died.
    Deceased,
    /// Left for active duty of at least 90 days as a reservist.
    ActiveDuty,
    /// A youth in foster care who was moved out of the area.
    FosterCare,
}

impl Exclusion {
    /// Every one, in this order.
    pub const ALL: [Self; 5] =
        [Self::Institutionalised, Self::Health, Self::Deceased, Self::ActiveDuty, Self::FosterCare];

    /// Its name in a file.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Institutionalised => "institutionalised",
            Self::Health => "health",
            Self::Deceased => "deceased",
            Self::ActiveDuty => "active_duty",
            Self::FosterCare => "foster_care",
        }
    }
}

/// The labels of one grouping, as codes of its levels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupLabels {
    /// One code for each row.
    pub codes: Vec<u32>,
    /// The labels, by code.
    pub levels: Vec<String>,
}

/// The leavers of one or more files. A column that no file has is `None`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Leavers {
    pub(crate) n_rows: usize,
    pub(crate) groups: [Option<GroupLabels>; 5],
    pub(crate) columns: [Option<Vec<f64>>; 17],
    pub(crate) excluded: Option<Vec<Option<Exclusion>>>,
}

impl Leavers {
    /// Number of rows, the excluded ones with them.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.n_rows
    }

    /// The labels of a grouping.
    #[must_use]
    pub fn group(&self, column: GroupColumn) -> Option<&GroupLabels> {
        self.groups[column as usize].as_ref()
    }

    /// The numbers of a column, one for each row.
    #[must_use]
    pub fn column(&self, column: LeaverColumn) -> Option<&[f64]> {
        self.columns[column as usize].as_deref()
    }

    /// Why `row` does not count; `None` if it does.
    ///
    /// # Panics
    /// If there is no such row.
    #[must_use]
    pub fn exclusion(&self, row: usize) -> Option<Exclusion> {
        self.excluded.as_ref().and_then(|excluded| excluded[row])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_column_stands_at_its_own_place() {
        assert!(LeaverColumn::ALL.iter().enumerate().all(|(place, column)| *column as usize == place));
        assert!(GroupColumn::ALL.iter().enumerate().all(|(place, column)| *column as usize == place));
    }
}
