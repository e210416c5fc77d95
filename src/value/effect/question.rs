//! What is asked: which columns of a table play which part.

use crate::error::ParamError;

/// Which columns play which part. A covariate is a column, a square such as `age^2` or a product such as `age*educ`.
///
/// # Examples
/// ```
/// use credcast::value::effect::Question;
/// let question = Question::new("earned", "pay_2025", ["age", "age^2", "pay_2023"]);
/// assert_eq!(question.columns()?, ["earned", "pay_2025", "age", "pay_2023"]);
/// # Ok::<(), credcast::ParamError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Who was treated: 0/1, true/false or yes/no.
    pub treated: String,
    /// What is compared.
    pub outcome: String,
    /// What the groups must be alike in.
    pub covariates: Vec<String>,
    /// Matches agree in these columns; labels or numbers.
    pub exact: Vec<String>,
    /// Rows with the same value depend on each other.
    pub cluster: Option<String>,
    /// An outcome from before treatment, on which it cannot have had an effect.
    pub placebo: Option<String>,
    /// The outcome before treatment, for [`Method::Did`](super::Method::Did).
    pub before: Option<String>,
    /// The person or programme that a row is about, for [`Method::Did`](super::Method::Did) of a panel: one row in each period.
    pub unit: Option<String>,
    /// When a row was seen, a number such as a year; treatment is then what it was at that time, and lasts.
    pub period: Option<String>,
}

impl Question {
    /// The effect of `treated` on `outcome`, the groups alike in `covariates`.
    pub fn new<C: Into<String>>(
        treated: impl Into<String>,
        outcome: impl Into<String>,
        covariates: impl IntoIterator<Item = C>,
    ) -> Self {
        Self {
            treated: treated.into(),
            outcome: outcome.into(),
            covariates: covariates.into_iter().map(Into::into).collect(),
            exact: Vec::new(),
            cluster: None,
            placebo: None,
            before: None,
            unit: None,
            period: None,
        }
    }

    /// The columns it takes, each once: those for the terms of covariates, not the terms.
    ///
    /// # Errors
    /// [`ParamError`] for a column that plays two parts that exclude each other, or a covariate that comes twice.
    pub fn columns(&self) -> Result<Vec<&str>, ParamError> {
        let parts = |covariate: &String| factors(covariate).into_iter().map(str::to_owned).collect::<Vec<_>>();
        let uses =
            |name: &str| self.covariates.iter().any(|covariate| parts(covariate).iter().any(|part| part == name));
        let clash = |legal: bool, name: &'static str, value: &str, allowed: &'static str| {
            if legal { Ok(()) } else { Err(ParamError::new(name, value, allowed)) }
        };
        let (treated, outcome) = (self.treated.as_str(), self.outcome.as_str());
        clash(treated != outcome, "outcome", outcome, "another column than the treatment")?;
        clash(!uses(treated), "covariates", treated, "other columns than the treatment")?;
        clash(!uses(outcome), "covariates", outcome, "other columns than the outcome")?;
        for (place, covariate) in self.covariates.iter().enumerate() {
            clash(
                parts(covariate).iter().all(|part| !part.is_empty()),
                "covariates",
                covariate,
                "a column, a^2 or a*b",
            )?;
            clash(!self.covariates[..place].contains(covariate), "covariates", covariate, "each once")?;
        }
        for exact in &self.exact {
            clash(exact != treated && exact != outcome, "exact", exact, "neither treatment nor outcome")?;
        }
        if let Some(cluster) = &self.cluster {
            clash(cluster != treated && cluster != outcome, "cluster", cluster, "neither treatment nor outcome")?;
        }
        if let Some(placebo) = &self.placebo {
            clash(placebo != treated && placebo != outcome, "placebo", placebo, "neither treatment nor outcome")?;
            clash(self.before.as_ref() != Some(placebo), "placebo", placebo, "another column than the outcome before")?;
        }
        if let Some(before) = &self.before {
            clash(before != treated && before != outcome, "before", before, "neither treatment nor outcome")?;
            clash(!uses(before), "covariates", before, "other columns than the outcome before")?;
        }
        clash(
            self.unit.is_some() == self.period.is_some(),
            "unit",
            self.unit.as_deref().unwrap_or("none"),
            "with a period",
        )?;
        if let (Some(unit), Some(period)) = (&self.unit, &self.period) {
            clash(unit != period && ![treated, outcome].contains(&unit.as_str()), "unit", unit, "a column of its own")?;
            clash(![treated, outcome].contains(&period.as_str()), "period", period, "a column of its own")?;
            clash(self.before.is_none(), "before", self.before.as_deref().unwrap_or_default(), "none in a panel")?;
            clash(self.placebo.is_none(), "placebo", self.placebo.as_deref().unwrap_or_default(), "none in a panel")?;
            clash(self.exact.is_empty(), "exact", &self.exact.join(","), "none in a panel")?;
            clash(self.covariates.is_empty(), "covariates", &self.covariates.join(","), "none in a panel")?;
        }
        let mut columns = vec![treated, outcome];
        let more = self.covariates.iter().flat_map(|covariate| factors(covariate));
        let more = more.chain(self.exact.iter().map(String::as_str));
        let single = [&self.cluster, &self.placebo, &self.before, &self.unit, &self.period];
        for name in more.chain(single.into_iter().flatten().map(String::as_str)) {
            if !columns.contains(&name) {
                columns.push(name);
            }
        }
        Ok(columns)
    }

    /// The same question about the placebo: it is the outcome, and no covariate is made of it.
    pub(super) fn of_placebo(&self) -> Option<Self> {
        let placebo = self.placebo.clone()?;
        let apart = |covariate: &&String| !factors(covariate).contains(&placebo.as_str());
        let covariates = self.covariates.iter().filter(apart).cloned().collect();
        let exact = self.exact.iter().filter(|name| **name != placebo).cloned().collect();
        // A change before treatment: from the placebo to what was the outcome before.
        let (outcome, before) = match &self.before {
            Some(before) => (before.clone(), Some(placebo)),
            None => (placebo, None),
        };
        Some(Self { outcome, covariates, exact, before, placebo: None, ..self.clone() })
    }
}

/// The columns that a covariate multiplies: one, the same twice for a square, or two.
pub(super) fn factors(covariate: &str) -> Vec<&str> {
    if let Some(base) = covariate.strip_suffix("^2") {
        return vec![base.trim(), base.trim()];
    }
    match covariate.split_once('*') {
        Some((a, b)) => vec![a.trim(), b.trim()],
        None => vec![covariate.trim()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_that_exclude_each_other_are_refused() {
        let base = || Question::new("d", "y", ["a", "a^2", "a*b"]);
        assert_eq!(base().columns().unwrap(), ["d", "y", "a", "b"]);
        let refused = |question: Question| question.columns().unwrap_err().name;
        assert_eq!(refused(Question::new("d", "d", ["a"])), "outcome");
        assert_eq!(refused(Question::new("d", "y", ["y^2"])), "covariates");
        assert_eq!(refused(Question::new("d", "y", ["a*d"])), "covariates");
        assert_eq!(refused(Question::new("d", "y", ["a", "a"])), "covariates");
        assert_eq!(refused(Question::new("d", "y", ["a*"])), "covariates");
        assert_eq!(refused(Question { placebo: Some("y".into()), ..base() }), "placebo");
        assert_eq!(refused(Question { before: Some("a".into()), ..base() }), "covariates");
        assert_eq!(refused(Question { cluster: Some("d".into()), ..base() }), "cluster");
        assert_eq!(refused(Question { exact: vec!["y".into()], ..base() }), "exact");
    }

    #[test]
    fn a_placebo_takes_its_terms_with_it() {
        let question = Question { placebo: Some("p".into()), ..Question::new("d", "y", ["a", "p", "p^2", "a*p"]) };
        let placebo = question.of_placebo().unwrap();
        assert_eq!((placebo.outcome.as_str(), placebo.covariates.as_slice()), ("p", &["a".to_owned()][..]));
        let question = Question { before: Some("y0".into()), ..question };
        let placebo = question.of_placebo().unwrap();
        assert_eq!((placebo.outcome.as_str(), placebo.before.as_deref()), ("y0", Some("p")));
    }
}
