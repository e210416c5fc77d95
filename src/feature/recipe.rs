//! A pipeline as a text file.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Attribute, FeaturePipeline, parse_with};
use crate::error::{DataError, ParamError, Place};

/// The numbers of a design matrix in a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Width {
    /// 64 bits.
    #[default]
    F64,
    /// 32 bits: half the memory, 7 digits.
    F32,
}

/// A pipeline as people write it, in TOML:
///
/// ```toml
/// # In the forms of `parse`; features of the past take the first column, one period ago.
/// features = ["lag:1,2,12", "rolling:mean,std:3,12", "by_date:sector:mean of pay lag 2", "month_of_year:one_hot"]
/// drop_head = true   # without the rows that the longest lag and window do not reach
/// width = "f32"      # or "f64", the default
///
/// [attributes.sector] # what items are, for groups of that name
/// "15-1252" = "technology"
/// "29-1141" = "health"
/// ```
///
/// # Examples
/// ```
/// use credcast::feature::Recipe;
/// let recipe = Recipe::parse("spec.toml", "features = ['lag:1', 'ewm:0.3']")?;
/// assert!(recipe.pipeline().is_ok());
/// let error = Recipe::parse("spec.toml", "# lags\nfeatures = ['lag:0']").unwrap_err().to_string();
/// assert!(error.starts_with("spec.toml, line 2, column features"), "{error}");
/// # Ok::<(), credcast::DataError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    features: Vec<String>,
    #[serde(default)]
    drop_head: bool,
    #[serde(default)]
    width: Width,
    #[serde(default)]
    attributes: BTreeMap<String, BTreeMap<String, String>>,
}

impl Recipe {
    /// Reads a recipe; `name` is that of the file, for messages.
    ///
    /// # Errors
    /// [`DataError::Cell`] with the line of what is not TOML, not known, or no feature.
    pub fn parse(name: &str, text: &str) -> Result<Self, DataError> {
        let at = |offset: Option<usize>| {
            let before = offset.and_then(|offset| text.get(..offset));
            before.map_or(Place::file(name), |before| Place::file(name).line(before.matches('\n').count() as u64 + 1))
        };
        let recipe: Self = toml::from_str(text).map_err(|error| DataError::Cell {
            place: at(error.span().map(|span| span.start)),
            expected: "a recipe for features in TOML".into(),
            found: error.message().into(),
        })?;
        let attributes = recipe.attributes().map_err(|error| DataError::Cell {
            place: at(text.find("[attributes")).column("attributes"),
            expected: error.allowed.into(),
            found: error.value,
        })?;
        if recipe.features.is_empty() {
            let place = at(text.find("features")).column("features");
            return Err(DataError::Cell { place, expected: "at least one feature".into(), found: "none".into() });
        }
        for form in &recipe.features {
            // The form stands in the text as it was read, unless it is written with escapes.
            parse_with(form, &attributes).map_err(|error| DataError::Cell {
                place: at(text.find(form.as_str())).column("features"),
                expected: error.allowed.into(),
                found: if error.name == "feature" { form.clone() } else { format!("{} in {form}", error.value) },
            })?;
        }
        Ok(recipe)
    }

    fn attributes(&self) -> Result<BTreeMap<String, Arc<Attribute>>, ParamError> {
        let named = self.attributes.iter().map(|(name, of)| Ok((name.clone(), Arc::new(Attribute::new(name, of)?))));
        named.collect()
    }

    /// The pipeline.
    ///
    /// # Errors
    /// [`ParamError`] for a feature that is none; never for a recipe that was read.
    pub fn pipeline(&self) -> Result<FeaturePipeline, ParamError> {
        let attributes = self.attributes()?;
        let pipeline = if self.drop_head { FeaturePipeline::new().drop_head() } else { FeaturePipeline::new() };
        self.features.iter().try_fold(pipeline, |all, form| Ok(all.then(parse_with(form, &attributes)?)))
    }

    /// The numbers that a file should hold.
    #[must_use]
    pub fn width(&self) -> Width {
        self.width
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_named_with_their_line() {
        let message = |text: &str| Recipe::parse("r.toml", text).unwrap_err().to_string();
        for (text, start) in [
            ("", "r.toml"),
            ("features = []", "r.toml, line 1, column features"),
            ("features = ['lag:1']\nwidth = 'f16'", "r.toml, line 2"),
            ("features = ['lag:1']\nspeed = 1", "r.toml, line 2"),
            ("features = [\n'lag:1',\n'rolling:mode:3']", "r.toml, line 3, column features"),
            ("features = ['by_date:sector:mean']", "r.toml, line 1, column features"),
            ("features = 'lag:1", "r.toml, line 1"),
        ] {
            assert!(message(text).starts_with(start), "{}", message(text));
        }
    }

    #[test]
    fn an_attribute_of_the_file_is_a_group() {
        let text = "features = ['by_date:sector:mean']\ndrop_head = true\n[attributes.sector]\nnurse = 'health'";
        let recipe = Recipe::parse("r.toml", text).unwrap();
        assert!(recipe.pipeline().is_ok() && recipe.width() == Width::F64);
        let again: Recipe = toml::from_str(&toml::to_string(&recipe).unwrap()).unwrap();
        assert_eq!(again, recipe);
    }
}
