//! `skranke receipts` and `skranke replay`: list stored decisions, and repeat them by their own facts and policy.

use std::{
    fs,
    io::{self, Read, Write},
    path::Path,
    process::ExitCode,
};

use anyhow::Context;
use api::{Decision, receipts::Receipt};
use rules::{Coded, Policy};

use crate::{
    canonical_json::canonical,
    cli::Database,
    policy,
    services::receipt,
    store::{Store, receipts},
};

/// Prints the receipts of one case, or of all, one JSON object a line.
pub async fn list(database: &Database, case: Option<&str>) -> anyhow::Result<ExitCode> {
    let store = Store::open_to_read(&database.address()?).await?;
    let receipts = receipts::list(&mut *store.read().await?, case).await?;
    let mut output = io::stdout().lock();
    for receipt in receipts {
        serde_json::to_writer(&mut output, &receipt)?;
        output.write_all(b"\n")?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Repeats the decision of each receipt by its own facts and policy, and prints the differences. Returns exit status 1 if a receipt
/// was altered, cannot be read, or is decided differently. Fails if there is no receipt.
pub fn run(file: Option<&Path>) -> anyhow::Result<ExitCode> {
    let text = match file {
        Some(path) => fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?,
        None => {
            let mut text = String::new();
            io::stdin().read_to_string(&mut text)?;
            text
        }
    };
    let today = policy::load(None)?;
    let mut all_alike = true;
    let mut any = false;
    for receipt in serde_json::Deserializer::from_str(&text).into_iter::<Receipt>() {
        any = true;
        let receipt = match receipt {
            Ok(receipt) => receipt,
            // Parsing cannot resume after text that is not JSON.
            Err(error) => {
                println!("this is not a receipt: {error}");
                return Ok(ExitCode::FAILURE);
            }
        };
        let about = format!("{} ({}, {}, {})", receipt.id, receipt.case, receipt.about.code(), receipt.made);
        match differences(&receipt) {
            Ok(differences) if differences.is_empty() => println!("{about}: the same decision"),
            Ok(differences) | Err(differences) => {
                all_alike = false;
                println!("{about}: not the same");
                differences.iter().for_each(|difference| println!("  {difference}"));
            }
        }
        if let Ok(facts) = rules::Facts::try_from(&receipt.facts)
            && receipt.policy != today.in_force.policy
        {
            let now = decided(&receipt, &facts, &today.policy);
            let differences = unlike(&receipt.decision, &now);
            println!("  It was decided by another policy than the one that this program brings along.");
            if !differences.is_empty() {
                println!("  By the policy of this program:");
                differences.iter().for_each(|difference| println!("    {difference}"));
            }
        }
    }
    anyhow::ensure!(any, "there is no receipt in it");
    Ok(if all_alike { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Compares a receipt with its hash and with a repeated decision. Returns the differences; `Err` if the receipt cannot be read.
fn differences(receipt: &Receipt) -> Result<Vec<String>, Vec<String>> {
    let mut differences = Vec::new();
    let sha256 = canonical(&receipt.policy)
        .and_then(|policy| receipt::sha256(&receipt.facts, &receipt.decision, &policy))
        .map_err(|error| vec![error.to_string()])?;
    if sha256 != receipt.sha256 {
        differences.push(format!("it was altered: its SHA-256 is {sha256}, and it says {}", receipt.sha256));
    }
    let policy = Policy::try_from(receipt.policy.clone())
        .map_err(|unknown| vec![format!("its policy cannot be read: {:?} is unknown", unknown.0)])?;
    let facts = rules::Facts::try_from(&receipt.facts)
        .map_err(|error| vec![format!("its facts cannot be read: {}", error.message)])?;
    differences.extend(unlike(&receipt.decision, &decided(receipt, &facts, &policy)));
    Ok(differences)
}

fn decided(receipt: &Receipt, facts: &rules::Facts, policy: &Policy) -> Decision {
    Decision::new(receipt.decision.id.clone(), facts, rules::decide(policy, facts))
}

/// Compares two decisions and returns the fields that differ.
fn unlike(then: &Decision, now: &Decision) -> Vec<String> {
    let (then, now) = (serde_json::to_value(then), serde_json::to_value(now));
    let (Ok(serde_json::Value::Object(then)), Ok(serde_json::Value::Object(now))) = (then, now) else {
        return vec!["the decision cannot be written".to_owned()];
    };
    then.iter()
        .filter(|(name, value)| now.get(*name) != Some(value))
        .map(|(name, value)| {
            let other = now.get(name).map_or("nothing".to_owned(), ToString::to_string);
            format!("{name}: {value} then, {other} now")
        })
        .collect()
}
