//! The program `skranke`: parses the command line and calls the function of each subcommand.

use std::{path::Path, process::ExitCode};

use clap::Parser;
use rustix::fs::Mode;
use server::{
    cli::{
        AuditCommand, Command, Config, Database, OfficerCommand, OutboxCommand, PolicyCommand, audit, backup, close,
        decide, documents_key, officers, outbox, policy_check, receipts, transfer,
    },
    demo,
    documents::inspect,
    serve, state,
    store::Store,
};

fn main() -> ExitCode {
    // Files are private to their owner: the data folder, messages in files, backups and exports.
    rustix::process::umask(Mode::RWXG | Mode::RWXO);
    let outcome = match Config::parse().command {
        // Sandboxed subcommands run on the main thread alone, because a seccomp filter applies to one thread.
        Command::Inspect { unconfined } => inspect::run_inspect(unconfined),
        Command::Draw { page, unconfined } => inspect::run_draw(page, unconfined),
        Command::Probe { unconfined } => inspect::run_probe(unconfined),
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
        Command::Inspect { .. } | Command::Draw { .. } | Command::Probe { .. } => Ok(ExitCode::FAILURE),
        Command::DocumentsKey { rewrap: false, .. } => Ok(documents_key::make()),
        Command::DocumentsKey { rewrap: true, database } => documents_key::rewrap(&database).await,
        Command::Decide { file, trace, policies } => decide::run(file.as_deref(), trace, policies.as_deref()),
        Command::Replay { receipts } => receipts::run(receipts.as_deref()),
        Command::Receipts { case, database } => receipts::list(&database, case.as_deref()).await,
        Command::Export { file, database } => export(&database, file.as_deref()).await,
        Command::Import { file, database } => import(&database, file.as_deref()).await,
        Command::Backup { file, database } => backup::backup(&database.address()?, &file).await,
        Command::Restore { file, database } => backup::restore(&database.address()?, &file).await,
        Command::Close { office, from, to, share, yes, origin, now, database } => {
            close::close(&database, &origin.address(), now.clock().now(), &office, from..=to, share, yes).await
        }
        Command::Outbox(OutboxCommand::Status { now, database }) => outbox::status(&database, now.clock().now()).await,
        Command::Outbox(OutboxCommand::Calls { done, now, database }) => {
            outbox::calls(&database, now.clock().now(), done.as_deref()).await
        }
        Command::Audit(AuditCommand::Verify { head, database }) => audit::verify(&database, head.as_deref()).await,
        Command::Audit(AuditCommand::Words { words, documents_key, database }) => {
            audit::words(&database, documents_key.as_deref(), &words)
        }
        Command::Officer(command) => officer(command).await,
        Command::Policy(PolicyCommand::Check { file, policies }) => policy_check::run(&file, policies.as_deref()),
        Command::Serve(options) => serve::run(options, state::Mode::Office).await,
        Command::Demo(options) => demo::run(options).await,
    }
}

async fn officer(command: OfficerCommand) -> anyhow::Result<ExitCode> {
    match command {
        OfficerCommand::Add { name, district, role, origin, now, database } => {
            officers::add(&database, &origin.address(), now.clock().now(), &name, &district, &role).await
        }
        OfficerCommand::Link { id, origin, now, database } => {
            officers::link(&database, &origin.address(), now.clock().now(), &id.into()).await
        }
        OfficerCommand::List { database } => officers::list(&database).await,
        OfficerCommand::End { id, now, database } => officers::end(&database, now.clock().now(), &id.into()).await,
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
