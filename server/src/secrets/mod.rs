//! Random values that must not be guessed, and their hashes.

pub mod settings;

use hmac::{Hmac, KeyInit, Mac};
use rand::{Rng, RngExt, rngs::ThreadRng};
use sha2::{Digest, Sha256};

/// A session's token: 256 random bits in hexadecimal.
pub fn session_token() -> String {
    let mut bytes = [0; 32];
    random().fill_bytes(&mut bytes);
    hex(&bytes)
}

/// The name of a session in lists and log lines: the first digits of its token's hash, enough to tell sessions apart.
pub fn session_name(token_hash: &str) -> &str {
    const DIGITS: usize = 16;
    token_hash.get(..DIGITS).unwrap_or(token_hash)
}

/// So many random digits, at most 18.
pub fn sign_in_code(digits: u32) -> String {
    let width = digits as usize;
    format!("{:0width$}", random().random_range(0..10_u64.pow(digits)))
}

/// Whether a text could be a token of ours.
pub fn is_token(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// A booking number that can be read out.
pub fn booking_number() -> String {
    format!("{}-{}", letters(4), letters(4))
}

/// What somebody reads out on the telephone because their documents could not be sent.
pub fn failure_code() -> String {
    format!("{}-{}", letters(3), letters(3))
}

/// Letters and digits that can be read out: no 0 or O, no 1 or I.
fn letters(count: usize) -> String {
    const LETTERS: &[u8] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    let mut random = random();
    (0..count).map(|_| LETTERS[random.random_range(0..LETTERS.len())] as char).collect()
}

/// SHA-256 over the parts, each with its length before it, in hexadecimal.
pub fn hash(parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part.as_bytes());
    }
    hex(&hasher.finalize())
}

/// A secret key for hashes of what could be guessed, such as a network address. All servers of a counter have the same.
#[derive(Clone)]
pub struct Key([u8; 32]);

impl Key {
    /// A key for a purpose, from another secret.
    pub fn new(secret: &str, purpose: &str) -> Key {
        Key(Key(Sha256::digest(secret).into()).bytes(&[purpose]))
    }

    /// HMAC-SHA256 over the parts, each with its length before it, in hexadecimal.
    pub fn hash(&self, parts: &[&str]) -> String {
        hex(&self.bytes(parts))
    }

    fn bytes(&self, parts: &[&str]) -> [u8; 32] {
        // HMAC takes keys of any length.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else { return [0; 32] };
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        mac.finalize().into_bytes().into()
    }
}

/// SHA-256 over bytes, in hexadecimal.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Compares in a time that does not tell where two secrets differ.
pub fn same(a: &str, b: &str) -> bool {
    subtle::ConstantTimeEq::ct_eq(a.as_bytes(), b.as_bytes()).into()
}

/// A thread's generator is seeded by the operating system and safe for secrets.
fn random() -> ThreadRng {
    rand::rng()
}

/// Bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
