use std::{path::Path, process::ExitCode};

use clap::Parser;
use server::{
    audit, backup,
    config::{AuditCommand, Command, Config, Database, OfficerCommand, OutboxCommand, PolicyCommand},
    counter, decide, demo, desk,
    documents::{inspect, keys::HouseKey},
    officer, policy, replay, serve,
    store::Store,
    transfer,
};

fn main() -> ExitCode {
    let outcome = match Config::parse().command {
        // These give away what they may do, which holds for one thread only; so they have but one.
        Command::Inspect => inspect::run_inspect(),
        Command::Draw { page } => inspect::run_draw(page),
        command => run(command),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("skranke: {error:#}");
        ExitCode::FAILURE
    })
}

#[tokio::main]
async fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Inspect | Command::Draw { .. } => Ok(ExitCode::FAILURE),
        Command::DocumentsKey => {
            println!("{}", HouseKey::new_secret());
            Ok(ExitCode::SUCCESS)
        }
        Command::Decide { file, trace, policies } => decide::run(file.as_deref(), trace, policies.as_deref()),
        Command::Replay { receipts } => replay::run(receipts.as_deref()),
        Command::Receipts { case, database } => replay::list(&database, case.as_deref()).await,
        Command::Export { file, database } => export(&database, file.as_deref()).await,
        Command::Import { file, database } => import(&database, file.as_deref()).await,
        Command::Backup { file, database } => backup(&database, &file).await,
        Command::Restore { file, database } => restore(&database, &file).await,
        Command::Close { office, from, to, share, yes, origin, now, database } => {
            desk::close(&database, &origin.address(), now.clock().now(), &office, from..=to, share, yes).await
        }
        Command::Outbox(OutboxCommand::Status { now, database }) => desk::status(&database, now.clock().now()).await,
        Command::Outbox(OutboxCommand::Calls { done, now, database }) => {
            desk::calls(&database, now.clock().now(), done.as_deref()).await
        }
        Command::Audit(AuditCommand::Verify { head, database }) => audit::verify(&database, head.as_deref()).await,
        Command::Officer(command) => officers(command).await,
        Command::Policy(PolicyCommand::Check { file, policies }) => policy::check::run(&file, policies.as_deref()),
        Command::Serve(options) => serve::run(options, counter::Mode::Counter).await,
        Command::Demo(options) => demo::run(options).await,
    }
}

async fn officers(command: OfficerCommand) -> anyhow::Result<ExitCode> {
    match command {
        OfficerCommand::Add { name, district, role, origin, now, database } => {
            officer::add(&database, &origin.address(), now.clock().now(), &name, &district, &role).await
        }
        OfficerCommand::Link { id, origin, now, database } => {
            officer::link(&database, &origin.address(), now.clock().now(), &id).await
        }
        OfficerCommand::List { database } => officer::list(&database).await,
        OfficerCommand::End { id, now, database } => officer::end(&database, now.clock().now(), &id).await,
    }
}

async fn export(database: &Database, file: Option<&Path>) -> anyhow::Result<ExitCode> {
    let store = Store::open_to_read(&database.address()?).await?;
    store.ensure_own_version().await?;
    transfer::export(&store, file).await
}

async fn import(database: &Database, file: Option<&Path>) -> anyhow::Result<ExitCode> {
    transfer::import(&Store::open(&database.address()?).await?, file).await
}

async fn backup(database: &Database, file: &Path) -> anyhow::Result<ExitCode> {
    backup::backup(&database.address()?, file).await
}

async fn restore(database: &Database, file: &Path) -> anyhow::Result<ExitCode> {
    backup::restore(&database.address()?, file).await
}
