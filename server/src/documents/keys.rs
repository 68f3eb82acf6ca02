//! Keys of documents: an age identity for each case, itself encrypted for the house key (age-encryption.org/v1, X25519 and
//! ChaCha20-Poly1305).
//!
//! `receive` encrypts by them and `documents::open` decrypts. `cli::options` reads the setting of the house key.

use api::ids::CaseId;
use std::{
    io::{self, Write},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use age::{
    Decryptor, Encryptor,
    secrecy::ExposeSecret,
    stream::StreamWriter,
    x25519::{Identity, Recipient},
};
use anyhow::{Context, bail, ensure};
use axum::body::Bytes;
use base64::{Engine, prelude::BASE64_STANDARD};
use futures_util::{AsyncReadExt, Stream, TryStreamExt, stream};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::{
    secrets,
    store::{Connection, Store, case_keys},
};

/// The house key. New keys of cases are encrypted for the first identity. The others are earlier ones, which still open what was
/// encrypted for them.
#[derive(Clone)]
pub struct HouseKey(Arc<[Identity]>);

impl HouseKey {
    /// Parses secret identities, AGE-SECRET-KEY-1…, one a line, as `age-keygen` writes them. Lines that begin with # are skipped.
    /// Fails if a line is not an identity, or if there is none.
    pub fn read(text: &str) -> anyhow::Result<HouseKey> {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let keys: Vec<Identity> = lines
            // The error does not repeat the line, because even a mistyped key is a secret.
            .map(|line| line.parse().map_err(|_| anyhow::anyhow!("a line of it is no AGE-SECRET-KEY-1…")))
            .collect::<anyhow::Result<_>>()?;
        ensure!(!keys.is_empty(), "there is no key in it");
        Ok(HouseKey(keys.into()))
    }

    /// Returns the keyed hash (HMAC-SHA256) of a text, in hexadecimal, for comparing texts. Without the key a short text cannot be
    /// found by trying. After a key rotation the hash of a text differs.
    pub fn keyed_hash(&self, purpose: &str, text: &str) -> anyhow::Result<String> {
        let first = self.0.first().context("the house has no key")?;
        let mut mac = Hmac::<Sha256>::new_from_slice(first.to_string().expose_secret().as_bytes())?;
        for part in [purpose, text] {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        Ok(secrets::hex(&mac.finalize().into_bytes()))
    }

    /// Returns a new secret identity.
    pub fn new_secret() -> String {
        Identity::generate().to_string().expose_secret().to_owned()
    }

    /// Returns a key derived for another purpose, which reveals nothing about the house key.
    pub fn derived(&self, purpose: &str) -> secrets::Key {
        let first = self.0.first().map(Identity::to_string);
        secrets::Key::new(first.as_ref().map_or("", |first| first.expose_secret()), purpose)
    }

    /// Reads the house key from a file. If the file is missing and `is_new` is `true`, it creates one that only its owner can read.
    /// Fails if it is missing although documents were encrypted by it, or cannot be used.
    pub fn in_file(file: &Path, is_new: bool) -> anyhow::Result<HouseKey> {
        let text = match std::fs::read_to_string(file) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound && !is_new => {
                bail!("{} is gone, and there are documents that only it opens: put its copy back", file.display())
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let text = format!("{}\n", HouseKey::new_secret());
                if let Some(folder) = file.parent() {
                    std::fs::create_dir_all(folder)?;
                }
                write_once(file, &text).with_context(|| format!("cannot write {}", file.display()))?;
                // Another process may have written the file first; its key counts.
                std::fs::read_to_string(file)?
            }
            Err(error) => return Err(error).with_context(|| format!("cannot read {}", file.display())),
        };
        HouseKey::read(&text).with_context(|| format!("{} cannot be used", file.display()))
    }
}

/// Writes a secret to a temporary file and links it into place, so no reader sees half of it. An existing file stays.
fn write_once(file: &Path, text: &str) -> io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let beside = file.with_extension(format!("new-{}", std::process::id()));
    let mut new = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
    new.write_all(text.as_bytes())?;
    new.sync_all()?;
    let linked = std::fs::hard_link(&beside, file);
    std::fs::remove_file(&beside)?;
    match linked {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        outcome => outcome,
    }
}

/// The public half of a case's key, which encrypts.
pub struct CaseKey(Recipient);

/// Returns the key that encrypts a case's documents, and creates one if there is none. Fails if the house key does not open an
/// existing one. The caller serialises calls for the same case, and commits.
pub async fn of_case(house: &HouseKey, connection: &mut Connection, case: &CaseId) -> anyhow::Result<CaseKey> {
    if let Some(kept) = case_keys::find(connection, case).await? {
        // A document that nobody could decrypt again must not be accepted.
        secret_of(house, &kept)?;
        return Ok(CaseKey(recipient(&kept.recipient)?));
    }
    let Some(first) = house.0.first() else { bail!("the house has no key") };
    let new = Identity::generate();
    let wrapped = age::encrypt(&first.to_public(), new.to_string().expose_secret().as_bytes())?;
    let kept = case_keys::Kept { recipient: new.to_public().to_string(), wrapped: BASE64_STANDARD.encode(wrapped) };
    case_keys::add(connection, case, &kept).await?;
    Ok(CaseKey(new.to_public()))
}

fn recipient(text: &str) -> anyhow::Result<Recipient> {
    text.parse().map_err(|error| anyhow::anyhow!("the case's key cannot be read: {error}"))
}

/// The secret half of a case's key, which decrypts.
#[derive(Clone)]
pub struct Opener(Arc<Identity>);

/// Returns the key that decrypts a case's documents. Fails if the case has none, or if the house key does not open it.
pub async fn opener(house: &HouseKey, connection: &mut Connection, case: &CaseId) -> anyhow::Result<Opener> {
    let kept = case_keys::find(connection, case).await?.context("the case has no key")?;
    Ok(Opener(Arc::new(secret_of(house, &kept)?)))
}

/// Decrypts the secret half of a case's key. Fails if the house key does not open it.
fn secret_of(house: &HouseKey, kept: &case_keys::Kept) -> anyhow::Result<Identity> {
    let wrapped = BASE64_STANDARD.decode(&kept.wrapped).context("the case's key is not base64")?;
    let decryptor = Decryptor::new_buffered(&wrapped[..]).context("the case's key cannot be read")?;
    let keys = house.0.iter().map(|key| key as &dyn age::Identity);
    let mut secret = String::new();
    let mut reader = decryptor.decrypt(keys).context("the case's key was encrypted for another house")?;
    io::Read::read_to_string(&mut reader, &mut secret)?;
    secret.parse().map_err(|error| anyhow::anyhow!("the case's key is none: {error}"))
}

/// Fails if the house key does not open the documents on record. It is then wrong or lost, and new documents would be encrypted by
/// another one. Two cases are tried, those with the first and the last id.
pub async fn fits(house: &HouseKey, connection: &mut Connection) -> anyhow::Result<()> {
    for case in case_keys::ends(connection).await?.into_iter().flatten() {
        opener(house, connection, &case).await.context(
            "the key of the house does not open the documents that are there: put the right one into DOCUMENTS_KEY, or its copy \
             into documents.key in the data folder",
        )?;
    }
    Ok(())
}

/// Rewraps the key of every case for the first house key, one case a transaction. Returns how many were rewrapped, and how many
/// there are. Fails if one cannot be opened, or if the first house key does not open all of them in the end.
pub async fn rewrap(house: &HouseKey, store: &Store) -> anyhow::Result<(usize, usize)> {
    let Some(first) = house.0.first() else { bail!("the house has no key") };
    let only_first = HouseKey(Arc::new([first.clone()]));
    let mut wrapped = 0;
    for case in case_keys::all(&mut *store.read().await?).await? {
        let mut transaction = store.write().await?;
        // The key is deleted with the last document of a case, perhaps meanwhile.
        let Some(kept) = case_keys::find(&mut transaction, &case).await? else { continue };
        if secret_of(&only_first, &kept).is_ok() {
            continue;
        }
        let secret = secret_of(house, &kept).with_context(|| format!("the key of case {case}"))?;
        let anew = age::encrypt(&first.to_public(), secret.to_string().expose_secret().as_bytes())?;
        case_keys::wrap(&mut transaction, &case, &BASE64_STANDARD.encode(anew)).await?;
        transaction.commit().await?;
        wrapped += 1;
    }
    // A server whose first key is still the old one may have added one meanwhile.
    let mut connection = store.read().await?;
    let all = case_keys::all(&mut connection).await?;
    for case in &all {
        let Some(kept) = case_keys::find(&mut connection, case).await? else { continue };
        secret_of(&only_first, &kept).with_context(|| {
            format!("the key of case {case} was added by a server with another first key: do it once more")
        })?;
    }
    Ok((wrapped, all.len()))
}

impl Opener {
    /// Decrypts a file. The stream fails if the file is altered or truncated.
    pub fn open(
        self,
        sealed: impl Stream<Item = io::Result<Bytes>> + Unpin + Send + 'static,
    ) -> impl Stream<Item = io::Result<Bytes>> + Send {
        const PIECE: usize = 64 * 1024;
        let begin = async move {
            let decryptor = Decryptor::new_async_buffered(sealed.into_async_read()).await.map_err(io::Error::other)?;
            decryptor.decrypt_async(std::iter::once(&*self.0 as &dyn age::Identity)).map_err(io::Error::other)
        };
        stream::once(begin)
            .map_ok(|reader| {
                stream::try_unfold(reader, |mut reader| async move {
                    let mut piece = vec![0; PIECE];
                    let count = reader.read(&mut piece).await?;
                    piece.truncate(count);
                    Ok((count > 0).then(|| (Bytes::from(piece), reader)))
                })
            })
            .try_flatten()
    }
}

/// An encrypting writer, piece by piece.
pub struct Sealer {
    writer: StreamWriter<Pieces>,
    pieces: Pieces,
}

impl Sealer {
    pub fn new(key: &CaseKey) -> anyhow::Result<Sealer> {
        let pieces = Pieces::default();
        let recipients = std::iter::once(&key.0 as &dyn age::Recipient);
        let writer = Encryptor::with_recipients(recipients)?.wrap_output(pieces.clone())?;
        Ok(Sealer { writer, pieces })
    }

    /// Encrypts bytes. Returns the encrypted bytes that are ready so far, perhaps none.
    pub fn seal(&mut self, bytes: &[u8]) -> io::Result<Bytes> {
        self.writer.write_all(bytes)?;
        Ok(self.pieces.take())
    }

    /// Ends the encryption and returns the remaining bytes.
    pub fn finish(self) -> io::Result<Bytes> {
        self.writer.finish()?;
        Ok(self.pieces.take())
    }
}

/// A buffer of encrypted bytes that are not taken yet.
#[derive(Clone, Default)]
struct Pieces(Arc<Mutex<Vec<u8>>>);

impl Pieces {
    fn take(&self) -> Bytes {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner)).into()
    }
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_of_the_house_is_read_as_age_writes_it() {
        let key = Identity::generate();
        let text =
            format!("# created: 2021-03-22\n# public key: {}\n{}\n", key.to_public(), key.to_string().expose_secret());
        assert_eq!(HouseKey::read(&text).unwrap().0.len(), 1);
        for (text, says) in
            [("", "no key in it"), ("# nothing", "no key in it"), ("AGE-SECRET-KEY-1ABC", "no AGE-SECRET-KEY")]
        {
            let error = HouseKey::read(text).err().unwrap().to_string();
            assert!(error.contains(says) && !error.contains("1ABC"), "{text}: {error}");
        }
    }

    #[test]
    fn a_key_is_written_once_and_for_its_owner_only() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("documents.key");
        assert!(HouseKey::in_file(&file, false).is_err(), "what is lost is not made anew");
        let first = HouseKey::in_file(&file, true).unwrap();
        let again = HouseKey::in_file(&file, false).unwrap();
        assert_eq!(first.0[0].to_public().to_string(), again.0[0].to_public().to_string());
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
