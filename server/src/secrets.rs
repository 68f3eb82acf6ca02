//! Random values that must not be guessed, and their hashes.

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

/// Six random digits.
pub fn sign_in_code() -> String {
    format!("{:06}", random().random_range(0..1_000_000))
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
