//! `credcast`: forecasts which career certificates will hold value.

mod args;
mod backtest;
mod data;
mod effect;
mod extract;
mod features;
mod fit;
mod forecast;
mod importance;
mod mentions;
mod outcomes;
mod outlook;
mod output;
mod premium;
mod progress;
mod simulate;
mod tests;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Args, Command};
use crate::output::{Failure, check_target};

fn main() -> ExitCode {
    let args = Args::parse();
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::ClosedPipe) => ExitCode::SUCCESS,
        Err(Failure::Usage(message)) => {
            eprintln!("credcast: {message}\nFor help, run: credcast help {}", args.command.name());
            ExitCode::from(2)
        }
        Err(Failure::Failed(message)) => {
            eprintln!("credcast: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<(), Failure> {
    // There it is a folder, which need not be there.
    if !matches!(args.command, Command::Simulate(_)) {
        check_target("--out", args.common.out.as_deref())?;
    }
    if let Some(threads) = args.common.threads {
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads.get())
            .build_global()
            .map_err(|error| Failure::Failed(error.to_string()))?;
    }
    match &args.command {
        Command::Outlook(outlook) => outlook::run(outlook, &args.common),
        Command::Forecast(forecast) => forecast::run(forecast, &args.common),
        Command::Fit(fit) => fit::run(fit, &args.common),
        Command::Update(update) => fit::update(update, &args.common),
        Command::Importance(importance) => importance::run(importance, &args.common),
        Command::Features(features) => features::run(features, &args.common),
        Command::Backtest(backtest) => backtest::run(backtest, &args.common),
        Command::Outcomes(outcomes) => outcomes::run(outcomes, &args.common),
        Command::Tests(tests) => tests::run(tests, &args.common),
        Command::Premium(premium) => premium::run(premium, &args.common),
        Command::Effect(effect) => effect::run(effect, &args.common),
        Command::Extract(extract) => extract::run(extract, &args.common),
        Command::Mentions(mentions) => mentions::run(mentions, &args.common),
        Command::Simulate(simulate) => simulate::run(simulate, &args.common),
        Command::Data(data) => data::run(data, &args.common),
    }
}
