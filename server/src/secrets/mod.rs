//! Random secrets (tokens, codes, booking numbers), their hashes, and keyed hashes. The house key itself is in `documents::keys`.

pub mod settings;

use hmac::{Hmac, KeyInit, Mac};
use rand::{Rng, RngExt, rngs::ThreadRng};
use sha2::{Digest, Sha256};

/// Returns a session token: 256 random bits in hexadecimal.
pub fn session_token() -> String {
    let mut bytes = [0; 32];
    random().fill_bytes(&mut bytes);
    hex(&bytes)
}

/// Returns the name of a session in lists and log lines: the first 16 digits of its token's hash.
pub fn session_name(token_hash: &str) -> &str {
    const DIGITS: usize = 16;
    token_hash.get(..DIGITS).unwrap_or(token_hash)
}

/// Returns a code of `digits` random digits, at most 18.
pub fn sign_in_code(digits: u32) -> String {
    let width = digits as usize;
    format!("{:0width$}", random().random_range(0..10_u64.pow(digits)))
}

/// Returns `true` if a text has the form of a token.
pub fn is_token(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Returns a random booking number that can be read aloud.
pub fn booking_number() -> String {
    format!("{}-{}", letters(4), letters(4))
}

/// Returns the random code of a failed upload, which the applicant reads out on the phone.
pub fn failure_code() -> String {
    format!("{}-{}", letters(3), letters(3))
}

/// Returns random letters and digits that can be read aloud, without 0, O, 1 and I.
fn letters(count: usize) -> String {
    const LETTERS: &[u8] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    let mut random = random();
    (0..count).map(|_| LETTERS[random.random_range(0..LETTERS.len())] as char).collect()
}

/// Returns the SHA-256 over the parts, each preceded by its length, in hexadecimal.
pub fn hash(parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part.as_bytes());
    }
    hex(&hasher.finalize())
}

/// A key for keyed hashes of values that could be guessed, such as network addresses. All servers of one database have the same
/// key.
#[derive(Clone)]
pub struct Key([u8; 32]);

impl Key {
    /// Derives a key for one purpose from a secret.
    pub fn new(secret: &str, purpose: &str) -> Key {
        Key(Key(Sha256::digest(secret).into()).bytes(&[purpose]))
    }

    /// Returns the HMAC-SHA256 over the parts, each preceded by its length, in hexadecimal.
    pub fn hash(&self, parts: &[&str]) -> String {
        hex(&self.bytes(parts))
    }

    fn bytes(&self, parts: &[&str]) -> [u8; 32] {
        // HMAC accepts keys of any length, so this never fails.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else { return [0; 32] };
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        mac.finalize().into_bytes().into()
    }
}

/// Returns the SHA-256 over bytes, in hexadecimal.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Compares two secrets in constant time.
pub fn same(a: &str, b: &str) -> bool {
    subtle::ConstantTimeEq::ct_eq(a.as_bytes(), b.as_bytes()).into()
}

/// Returns the thread's generator, which the operating system seeds and which is safe for secrets.
fn random() -> ThreadRng {
    rand::rng()
}

/// Returns bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
