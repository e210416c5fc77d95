//! Forecasts of panels: models, combinations, hierarchies, back-tests and the promises that all of them keep.

#[cfg(all(feature = "bundled", feature = "parquet"))]
mod ablation;
mod auto;
mod backtest;
mod breaks_backtest;
mod causality;
mod conformance;
mod hierarchy;
mod metrics;
mod on_features;
mod persistence;
mod pooled_season;
mod threads;
