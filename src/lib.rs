//! Forecasts which career certificates will hold value, from job postings and wage outcomes.
//!
//! Files become a market, a market becomes panels of series, panels become forecasts that are distributions, and
//! forecasts become an outlook: what a certificate's demand and pay will be, with what probability it holds value,
//! and when the data cannot tell.
//!
//! ```text
//! files -> ingest -> market -> panel -> feature -> forecast -> evaluate
//!                       |         \---> series --/     |
//!                       \---------------------------> value -> report
//! ```
//!
//! # Cargo features
//! `cli` (default) builds the command and brings the bundled data; `parquet` and `xlsx` (default) read those formats;
//! `bundled` alone embeds the data sets. With `default-features = false` the library reads CSV only and stays light.

#![cfg_attr(test, allow(clippy::float_cmp, reason = "tests compare exact values on purpose"))]

pub mod catalog;
pub mod distribution;
pub mod error;
pub mod evaluate;
pub mod feature;
pub mod forecast;
pub mod ingest;
pub mod key;
pub mod market;
mod numeric;
pub mod panel;
pub mod persist;
pub mod prelude;
pub mod records;
pub mod regression;
pub mod report;
pub mod series;
pub mod text;
pub mod time;
pub mod value;

pub use crate::{
    distribution::{Predictive, Probability, QuantileTable},
    error::{DataError, Error, FitError, ParamError, PersistError, Result},
    key::{CertificateId, RegionId, SeriesKey},
    panel::{AggregateRule, Panel, PanelBuilder, PartialPeriods, SeriesView},
    persist::Persist,
    time::{Frequency, Period},
};

/// The examples of the README, run as tests.
#[cfg(all(doctest, feature = "bundled"))]
#[doc = include_str!("../README.md")]
#[derive(Debug)]
pub struct Readme;
