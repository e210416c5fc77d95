//! Standard output carries data only, standard error messages only.

use std::io::{IsTerminal, Write};
use std::path::Path;

use credcast::persist::write_atomic;
use credcast::{DataError, Error, ParamError, PersistError};

use crate::args::Common;

/// Why the command ends without a result.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The command line asks for something that is not there: exit code 2.
    Usage(String),
    /// The work failed: exit code 1.
    Failed(String),
    /// Nobody reads the output any more: no failure.
    ClosedPipe,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Param(error) => error.into(),
            other => Self::Failed(other.to_string()),
        }
    }
}

impl From<ParamError> for Failure {
    fn from(error: ParamError) -> Self {
        // The library's names of what the options set.
        let option = match error.name {
            "model" => "--models",
            "n_origins" => "--origins",
            "postings" => "--postings",
            "months" => "--months",
            "horizon" => "--horizon",
            "horizons" => "--horizons",
            "decision_months" => "--decide-at",
            "delta" => "--delta",
            "pi" => "--pi",
            "n_jobs" => "--min-jobs",
            "least_count" => "--min-count",
            "level" => "--level",
            "by" => "--by",
            "certainty" => "--certainty",
            "year" => "--year",
            "award_year" => "--award-year",
            "yearly_rate" => "--rate",
            "years" => "--years",
            "min_rows" => "--min-rows",
            "min_employers" => "--min-employers",
            "fdr" => "--fdr",
            "outcome" => "--outcome",
            "covariates" => "--covariates",
            "exact" => "--exact",
            "cluster" => "--cluster",
            "placebo" => "--placebo",
            "before" => "--before",
            "unit" => "--unit",
            "period" => "--period",
            "estimand" => "--estimand",
            "trim" => "--trim",
            "folds" => "--folds",
            "neighbours" => "--neighbours",
            "caliper" => "--caliper",
            "max_smd" => "--max-smd",
            "window_days" => "--window",
            "similarity" => "--likeness",
            "vintage" => "--vintage",
            _ => return Self::Usage(error.to_string()),
        };
        Self::Usage(format!("{option} {}: allowed is {}", error.value, error.allowed))
    }
}

impl From<DataError> for Failure {
    fn from(error: DataError) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<PersistError> for Failure {
    fn from(error: PersistError) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

/// Refuses a file to be written where none can be, before any work is done for it.
pub(crate) fn check_target(option: &str, path: Option<&Path>) -> Result<(), Failure> {
    let Some(path) = path else { return Ok(()) };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let fault = if path.is_dir() {
        "is a folder, expected a file".to_owned()
    } else if path.file_name().is_none() {
        "names no file".to_owned()
    } else if !folder.is_dir() {
        format!("there is no folder {}", folder.display())
    } else {
        return Ok(());
    };
    Err(Failure::Failed(format!("{option} {}: {fault}", path.display())))
}

/// Prints the result, or writes it to `--out`.
pub(crate) fn deliver(text: &str, common: &Common) -> Result<(), Failure> {
    if let Some(path) = &common.out {
        return write_atomic(path, text.as_bytes())
            .map_err(|error| Failure::Failed(format!("{}: {error}", path.display())));
    }
    deliver_to_terminal(text)
}

/// Prints the result.
pub(crate) fn deliver_to_terminal(text: &str) -> Result<(), Failure> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Err(Failure::ClosedPipe),
        Err(error) => Err(Failure::Failed(format!("standard output: {error}"))),
        Ok(()) => Ok(()),
    }
}

/// A remark on standard error.
pub(crate) fn remark(text: &str, common: &Common) {
    if !common.quiet {
        eprintln!("{text}");
    }
}

/// Breaks lines that are longer than `width` between words, and goes on under their first word.
pub(crate) fn wrapped(text: &str, width: Option<u16>) -> String {
    let Some(width) = width.map(usize::from) else { return text.to_owned() };
    let mut out = String::new();
    for line in text.lines() {
        if line.chars().count() <= width {
            out += &format!("{line}\n");
            continue;
        }
        let indent: String = line.chars().take_while(|c| *c == ' ').collect();
        let mut row = String::new();
        for word in line.split_whitespace() {
            if row.is_empty() {
                row = format!("{indent}{word}");
            } else if row.chars().count() + 1 + word.chars().count() <= width {
                row += &format!(" {word}");
            } else {
                out += &format!("{row}\n");
                row = format!("{indent}{word}");
            }
        }
        out += &format!("{row}\n");
    }
    out
}

/// The width for tables: that of the terminal; none in a file or pipe, so that no line is broken there.
pub(crate) fn table_width(common: &Common) -> Option<u16> {
    if common.out.is_some() || !std::io::stdout().is_terminal() {
        return None;
    }
    comfy_table::Table::new().width()
}
