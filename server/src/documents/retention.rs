//! Retention of documents: deletes what is over, its bytes first and its rows after. With the last document of a case its key is
//! deleted. `services::retention` calls it.

use api::ids::{CaseId, DocumentId, SegmentId};
use rules::day;

use crate::{
    documents::Documents,
    files::Name,
    store::{
        audit::{self, Action, Actor, Entry},
        case_keys, documents,
        locks::{self, Lock},
        segments,
    },
};

/// Deletes expired documents and abandoned segments, and repeats deletions that failed earlier. Fails if the database or the
/// storage does; the next run continues.
pub async fn tidy(service: &Documents) -> anyhow::Result<()> {
    let mut transaction = service.store.write().await?;
    let now = service.clock.now();
    for (id, case) in documents::end(&mut transaction, day::in_oslo(now), now).await? {
        let entry = Entry { words: &id, ..Entry::of(Actor::Retention, Action::DeleteDocument, &case) };
        audit::write(&mut transaction, &entry, now).await?;
    }
    let abandoned = segments::take_abandoned(&mut transaction, now).await?;
    let over = documents::to_erase(&mut transaction).await?;
    transaction.commit().await?;
    for (id, case) in abandoned {
        erase_part(service, &id, &case).await?;
    }
    for id in over {
        erase(service, &id).await?;
    }
    Ok(())
}

/// Deletes the bytes of a document that was removed from the records. Files go before rows, so a deletion that failed is found
/// again. Fails if the database or the storage does.
pub async fn erase(service: &Documents, document: &DocumentId) -> anyhow::Result<()> {
    let parts = segments::all_of_document(&mut *service.store.read().await?, document).await?;
    for (id, case) in &parts {
        delete_file(service, id, case).await?;
    }
    let mut transaction = service.store.write().await?;
    for (id, _) in &parts {
        segments::delete(&mut transaction, id).await?;
    }
    documents::forget_given_up(&mut transaction, document).await?;
    for case in parts.iter().map(|(_, case)| case).take(1) {
        // Serialised with requests that begin a document in this case, because they use its key.
        locks::acquire(&mut transaction, Lock::Documents(case), service.clock.now()).await?;
        case_keys::forget(&mut transaction, case).await?;
    }
    transaction.commit().await?;
    Ok(())
}

/// Deletes one segment that is not kept, its file before its row. Fails if the database or the storage does.
pub async fn erase_part(service: &Documents, id: &SegmentId, case: &CaseId) -> anyhow::Result<()> {
    delete_file(service, id, case).await?;
    let mut transaction = service.store.write().await?;
    segments::delete(&mut transaction, id).await?;
    transaction.commit().await?;
    Ok(())
}

async fn delete_file(service: &Documents, id: &SegmentId, case: &CaseId) -> object_store::Result<()> {
    match Name::new(case, id) {
        Some(name) => service.files.delete(&name).await,
        None => Ok(()),
    }
}
