use std::process::ExitCode;

use clap::Parser;
use server::{
    config::{Command, Config, PolicyCommand},
    counter, decide, demo, policy, replay, serve,
};

#[tokio::main]
async fn main() -> ExitCode {
    let outcome = match Config::parse().command {
        Command::Decide { file, trace, policies } => decide::run(file.as_deref(), trace, policies.as_deref()),
        Command::Replay { receipts } => replay::run(receipts.as_deref()),
        Command::Receipts { case, data_dir, database_url } => {
            replay::list(&data_dir, database_url.as_deref(), case.as_deref()).await
        }
        Command::Policy(PolicyCommand::Check { file, policies }) => policy::check::run(&file, policies.as_deref()),
        Command::Serve(options) => serve::run(options, counter::Mode::Counter).await,
        Command::Demo(options) => demo::run(options).await,
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("skranke: {error:#}");
        ExitCode::FAILURE
    })
}
