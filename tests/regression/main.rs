//! Regressions, premia and effects against textbooks and reference implementations.

mod boosting;
mod econometrics;
mod effect;
mod effect_reference;
mod fixed_effects;
mod glm;
mod importance;
mod least_squares;
mod linear_models;
mod linfa_and_smartcore;
mod premium;
mod premium_reference;
mod regressors;
mod textbook;
mod tree_shap;
