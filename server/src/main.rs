use std::process::ExitCode;

use clap::Parser;
use server::{
    config::{Command, Config},
    counter, decide, demo, serve,
};

#[tokio::main]
async fn main() -> ExitCode {
    let outcome = match Config::parse().command {
        Command::Decide { file } => decide::run(file.as_deref()),
        Command::Serve(options) => serve::run(options, counter::Mode::Counter).await,
        Command::Demo(options) => demo::run(options).await,
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("skranke: {error:#}");
        ExitCode::FAILURE
    })
}
