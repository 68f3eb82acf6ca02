//! Receipts: a decision with its facts and policy, and a hash over all three.

use api::{
    Decision, Facts,
    ids::{CaseId, ReceiptId},
    receipts::About,
};
use chrono::{DateTime, Utc};

use crate::{
    canonical_json::canonical,
    error::{Error, Result},
    policy::Loaded,
    secrets,
    store::{Connection, receipts},
};

/// Stores the receipt of a decision in the transaction of its effect, and returns its id.
pub async fn issue(
    policy: &Loaded,
    connection: &mut Connection,
    case: &CaseId,
    about: About,
    facts: &rules::Facts,
    decision: &Decision,
    now: DateTime<Utc>,
) -> Result<ReceiptId> {
    let facts = Facts::from(facts);
    let sha256 = sha256(&facts, decision, &policy.body).map_err(Error::internal)?;
    let receipt = receipts::NewReceipt {
        case,
        about,
        facts: &serde_json::to_string(&facts).map_err(Error::internal)?,
        decision: &serde_json::to_string(decision).map_err(Error::internal)?,
        policy: &policy.sha256,
        sha256: &sha256,
    };
    Ok(receipts::add(connection, &receipt, now).await?)
}

/// Returns the hash of a receipt. `policy` is already canonical JSON, because many receipts share it.
pub fn sha256(facts: &Facts, decision: &Decision, policy: &str) -> serde_json::Result<String> {
    let (decision, facts) = (canonical(decision)?, canonical(facts)?);
    let whole = format!(r#"{{"decision":{decision},"facts":{facts},"policy":{policy}}}"#);
    Ok(secrets::sha256_hex(whole.as_bytes()))
}
