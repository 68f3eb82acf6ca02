//! The tus protocol 1.0 (<https://tus.io/protocols/resumable-upload>): its headers, read and written. Extensions: creation,
//! expiration, checksum and termination.
//!
//! The handlers in `applicant/uploads.rs` call these functions; nothing here knows a case or the database.

use api::{ProblemCode, ids::CaseId};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{DateTime, Utc};
use tower_http::set_header::SetResponseHeaderLayer;

use crate::{
    documents::receive::Checksum,
    error::{Error, Result},
    store::documents::Upload,
};

const VERSION: &str = "1.0.0";
pub(super) const EXTENSIONS: &str = "creation,expiration,checksum,termination";
pub(super) const ALGORITHMS: &str = "sha1,sha256";

const TUS_RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
const TUS_VERSION: HeaderName = HeaderName::from_static("tus-version");
pub(super) const TUS_EXTENSION: HeaderName = HeaderName::from_static("tus-extension");
pub(super) const TUS_MAX_SIZE: HeaderName = HeaderName::from_static("tus-max-size");
pub(super) const TUS_CHECKSUM_ALGORITHM: HeaderName = HeaderName::from_static("tus-checksum-algorithm");
pub(super) const UPLOAD_OFFSET: HeaderName = HeaderName::from_static("upload-offset");
pub(super) const UPLOAD_LENGTH: HeaderName = HeaderName::from_static("upload-length");
pub(super) const UPLOAD_METADATA: HeaderName = HeaderName::from_static("upload-metadata");
pub(super) const UPLOAD_EXPIRES: HeaderName = HeaderName::from_static("upload-expires");
const UPLOAD_CHECKSUM: HeaderName = HeaderName::from_static("upload-checksum");
const UPLOAD_CONCAT: HeaderName = HeaderName::from_static("upload-concat");
const UPLOAD_DEFER_LENGTH: HeaderName = HeaderName::from_static("upload-defer-length");
const METHOD_OVERRIDE: &str = "x-http-method-override";

/// Returns the layers that add the protocol's version to every answer about uploads.
pub(super) fn version() -> (SetResponseHeaderLayer<HeaderValue>, SetResponseHeaderLayer<HeaderValue>) {
    let says = |name| SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(VERSION));
    (says(TUS_RESUMABLE), says(TUS_VERSION))
}

/// Checks that the client speaks this version of the protocol. Fails with `TusVersion` if not.
pub(super) fn speaks_tus(headers: &HeaderMap) -> Result<()> {
    let version = headers.get(TUS_RESUMABLE).and_then(|value| value.to_str().ok());
    if version == Some(VERSION) { Ok(()) } else { Err(Error::at(ProblemCode::TusVersion, "Tus-Resumable")) }
}

/// Refuses the extensions that this server does not have. A client that already sends a part of the file is told that nothing of
/// it was taken.
pub(super) fn without_other_extensions(headers: &HeaderMap) -> Result<()> {
    for name in [UPLOAD_CONCAT, UPLOAD_DEFER_LENGTH] {
        if headers.contains_key(&name) {
            let detail = Some(format!("{name} is not known here. Send one whole file whose length you know."));
            return Err(Error { detail, ..Error::at(ProblemCode::InvalidField, name.as_str()) });
        }
    }
    Ok(())
}

/// Returns the method of a client that can send nothing but POST (`X-HTTP-Method-Override`); `None` if there is none.
pub(super) fn overriding_method(headers: &HeaderMap) -> Option<Method> {
    headers.get(METHOD_OVERRIDE).and_then(|value| Method::from_bytes(value.as_bytes()).ok())
}

/// Reads a number of bytes. Fails with `InvalidField` if the header is missing or no such number.
pub(super) fn number(headers: &HeaderMap, name: &HeaderName) -> Result<u64> {
    /// The largest integer that JavaScript represents exactly.
    const LARGEST: u64 = 1 << 53;
    let value = headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_number = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    let number = value.parse().ok().filter(|number| is_number && *number <= LARGEST);
    number.ok_or_else(|| {
        let detail = format!("{name} is missing, or is no number of bytes.");
        Error { detail: Some(detail), ..Error::at(ProblemCode::InvalidField, name.as_str()) }
    })
}

/// Returns the length of the request's body in bytes; `None` if it is not declared.
pub(super) fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok())
}

/// Formats an instant as an HTTP date.
pub(super) fn instant(at: DateTime<Utc>) -> Result<HeaderValue> {
    HeaderValue::try_from(at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()).map_err(Error::internal)
}

/// Reads the checksum of a segment; `None` if the sender declares none. Fails with `ChecksumUnknown` for another algorithm.
pub(super) fn checksum(headers: &HeaderMap) -> Result<Option<Checksum>> {
    let unknown = || Error::at(ProblemCode::ChecksumUnknown, "Upload-Checksum");
    let Some(value) = headers.get(UPLOAD_CHECKSUM) else { return Ok(None) };
    let (algorithm, hash) = value.to_str().ok().and_then(|value| value.split_once(' ')).ok_or_else(unknown)?;
    let hash = BASE64_STANDARD.decode(hash.trim()).map_err(|_| unknown())?;
    match (algorithm, hash.len()) {
        ("sha1", 20) => Ok(Some(Checksum::Sha1(hash))),
        ("sha256", 32) => Ok(Some(Checksum::Sha256(hash))),
        _ => Err(unknown()),
    }
}

/// The sender's declaration of the file.
pub(super) struct Metadata {
    /// The id of the case.
    pub(super) case: CaseId,
    pub(super) name: String,
    /// In hexadecimal; empty if it is not declared.
    pub(super) sha256: String,
}

impl Metadata {
    /// Formats the metadata as it was declared, for a client that resumes the upload elsewhere.
    pub(super) fn written(upload: &Upload) -> String {
        let mut pairs = vec![("case", upload.case.as_str()), ("filename", &upload.name)];
        if !upload.sha256.is_empty() {
            pairs.push(("sha256", &upload.sha256));
        }
        pairs
            .iter()
            .map(|(key, value)| format!("{key} {}", BASE64_STANDARD.encode(value)))
            .collect::<Vec<_>>()
            .join(",")
    }

    /// Reads `Upload-Metadata`. Missing fields are empty. Fails if a value is not UTF-8 in base64, or if the hash is no SHA-256.
    pub(super) fn read(headers: &HeaderMap) -> Result<Metadata> {
        let mut read = Metadata { case: CaseId::default(), name: String::new(), sha256: String::new() };
        let header = headers.get(UPLOAD_METADATA).and_then(|value| value.to_str().ok()).unwrap_or_default();
        for pair in header.split(',') {
            let (key, value) = pair.trim().split_once(' ').unwrap_or((pair.trim(), ""));
            let value = BASE64_STANDARD.decode(value.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
            // Other keys of a client are ignored.
            if !["case", "filename", "sha256"].contains(&key) {
                continue;
            }
            let wrong = || {
                let detail = format!("What Upload-Metadata says of {key} is not UTF-8 in base64.");
                Error { detail: Some(detail), ..Error::at(ProblemCode::InvalidField, "Upload-Metadata") }
            };
            let value = value.ok_or_else(wrong)?;
            match key {
                "case" => read.case = value.into(),
                "filename" => read.name = value,
                _ => read.sha256 = value,
            }
        }
        let is_hash =
            read.sha256.len() == 64 && read.sha256.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        if !read.sha256.is_empty() && !is_hash {
            return Err(Error::at(ProblemCode::ChecksumUnknown, "Upload-Metadata"));
        }
        Ok(read)
    }
}
