//! Preparation of a chosen file for sending: its final content, name and hash, and the checks that a browser can make.
//! The transfer itself is in `sending`.

use ::api::{
    ProblemCode,
    documents::{Document, is_name},
};
use js_sys::Uint8Array;
use leptos::prelude::window;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, File};

use crate::upload::picture;

/// The content to send: the file, or a smaller picture in its place.
#[derive(Clone)]
pub struct PreparedFile {
    pub blob: Blob,
    pub name: String,
    /// Size in bytes.
    pub size: u64,
    /// SHA-256 in hexadecimal; empty if the browser does not offer it.
    pub sha256: String,
}

impl PreparedFile {
    /// Reads the file and hashes it; `smaller` allows the conversion of a picture. `None` if the file cannot be read.
    pub async fn of(file: &File, smaller: bool) -> Option<PreparedFile> {
        let (mut blob, mut name): (Blob, String) = (file.clone().into(), file.name());
        if smaller && let Some(made) = picture::made_smaller(&blob).await {
            (blob, name) = (made, picture::name_as_jpeg(&name));
        }
        Some(PreparedFile { size: blob.size() as u64, sha256: sha256(&blob).await?, blob, name })
    }

    /// Returns `true` if the document has the same content and name, whether it was sent completely or in part. `false`
    /// without a hash.
    pub fn is(&self, document: &Document) -> bool {
        !self.sha256.is_empty()
            && self.sha256 == document.sha256
            && self.size == document.size
            && self.name == document.name
    }

    /// Returns `false` if the file was changed or moved since it was chosen: browsers then refuse to read it.
    pub async fn can_be_read(&self) -> bool {
        let Ok(first) = self.blob.slice_with_f64_and_f64(0.0, 1.0) else { return false };
        JsFuture::from(first.array_buffer()).await.is_ok()
    }
}

/// The fault of a file, as far as a browser sees it; `None` if it may be sent. `kind` is the browser's media type,
/// possibly empty; `most` is the limit in bytes.
pub fn fault(name: &str, kind: &str, size: u64, most: u64) -> Option<ProblemCode> {
    let lower = name.to_lowercase();
    let ends_in = |endings: &[&str]| endings.iter().any(|ending| lower.ends_with(ending));
    let is_document = matches!(kind, "application/pdf" | "image/jpeg" | "image/png" | "image/tiff")
        || ends_in(&[".pdf", ".jpg", ".jpeg", ".png", ".tif", ".tiff"])
        // Files without a media type and without an extension are checked by the server, by their content.
        || (kind.is_empty() && !name.contains('.'));
    if size == 0 {
        Some(ProblemCode::FileEmpty)
    } else if !is_name(name) {
        Some(ProblemCode::FileName)
    } else if kind == "image/heic" || kind == "image/heif" || ends_in(&[".heic", ".heif"]) {
        Some(ProblemCode::Heic)
    } else if !is_document {
        Some(ProblemCode::NotADocument)
    } else {
        (size > most).then_some(ProblemCode::FileTooLarge)
    }
}

/// SHA-256 in hexadecimal. Empty without the browser's help, and the file is then not recognised later. `None` if it
/// cannot be read.
async fn sha256(blob: &Blob) -> Option<String> {
    let bytes = JsFuture::from(blob.array_buffer()).await.ok()?;
    let digest = async {
        let crypto = window().crypto().ok()?;
        // Browsers offer `subtle` in secure contexts only.
        let has_subtle = js_sys::Reflect::get(&crypto, &JsValue::from_str("subtle")).is_ok_and(|it| it.is_object());
        if !has_subtle {
            return None;
        }
        let digest = crypto.subtle().digest_with_str_and_buffer_source("SHA-256", bytes.unchecked_ref()).ok()?;
        JsFuture::from(digest).await.ok()
    };
    let digest = digest.await.map(|digest| Uint8Array::new(&digest).to_vec());
    Some(digest.unwrap_or_default().iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOST: u64 = 20_000_000;

    #[wasm_bindgen_test::wasm_bindgen_test]
    fn a_browser_sees_what_cannot_be_sent() {
        let long = format!("{}.pdf", "a".repeat(300));
        for (name, kind, size, expected) in [
            ("passport.pdf", "application/pdf", 1, None),
            ("PASS.PDF", "", MOST, None),
            ("photo.jpeg", "image/jpeg", 1, None),
            ("scan.tif", "image/tiff", 1, None),
            ("scan", "", 1, None),
            ("passport.pdf", "application/pdf", 0, Some(ProblemCode::FileEmpty)),
            ("passport.pdf", "application/pdf", MOST + 1, Some(ProblemCode::FileTooLarge)),
            ("photo.HEIC", "", 1, Some(ProblemCode::Heic)),
            ("photo", "image/heif", 1, Some(ProblemCode::Heic)),
            ("letter.docx", "", 1, Some(ProblemCode::NotADocument)),
            ("letter", "text/plain", 1, Some(ProblemCode::NotADocument)),
            ("../passport.pdf", "application/pdf", 1, Some(ProblemCode::FileName)),
            ("exe.\u{202e}fdp.pdf", "application/pdf", 1, Some(ProblemCode::FileName)),
            (&long, "application/pdf", 1, Some(ProblemCode::FileName)),
        ] {
            assert_eq!(fault(name, kind, size, MOST), expected, "{name} {kind} {size}");
        }
    }
}
