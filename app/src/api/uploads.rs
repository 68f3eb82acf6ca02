//! Resumable uploads by tus 1.0: one function for each request of the protocol. Retries and the queue are in `sending`.

use ::api::{
    Problem, ProblemCode,
    ids::{CaseId, DocumentId},
};
use gloo_net::http::{Method, RequestBuilder, Response};
use js_sys::Promise;
use leptos::prelude::{set_interval_with_handle, window};
use rules::Coded;
use std::{cell::Cell, rc::Rc, time::Duration};
use wasm_bindgen::{JsCast, prelude::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Blob, ProgressEvent, XmlHttpRequest};

use crate::api::{Failure, PATIENCE_MS, parse};

const VERSION: (&str, &str) = ("tus-resumable", "1.0.0");
const OFFSET: &str = "upload-offset";

/// Creates an upload and returns its id. `sha256` is in hexadecimal, or empty if the browser could not compute it.
pub async fn begin(case: &CaseId, name: &str, size: u64, sha256: &str) -> Result<DocumentId, Failure> {
    let mut metadata = format!("case {},filename {}", in_base64(case)?, in_base64(name)?);
    if !sha256.is_empty() {
        metadata += &format!(",sha256 {}", in_base64(sha256)?);
    }
    let headers = [("upload-length", &*size.to_string()), ("upload-metadata", &*metadata)];
    let response = call(Method::POST, "/api/uploads", &headers).await?;
    let location = response.headers().get("location").ok_or(Failure::Unreadable)?;
    location.rsplit('/').next().map(DocumentId::from).ok_or(Failure::Unreadable)
}

/// The number of bytes that the server has.
pub async fn received(id: &DocumentId) -> Result<u64, Failure> {
    let response = call(Method::HEAD, &format!("/api/uploads/{id}"), &[]).await?;
    response.headers().get(OFFSET).and_then(|offset| offset.parse().ok()).ok_or(Failure::Unreadable)
}

/// Deletes an upload.
pub async fn cancel(id: &DocumentId) -> Result<(), Failure> {
    call(Method::DELETE, &format!("/api/uploads/{id}"), &[]).await.map(|_| ())
}

async fn call(method: Method, url: &str, headers: &[(&str, &str)]) -> Result<Response, Failure> {
    let patience = AbortSignal::timeout_with_u32(PATIENCE_MS);
    let has_body = method != Method::HEAD;
    let mut request =
        RequestBuilder::new(url).method(method).abort_signal(Some(&patience)).header(VERSION.0, VERSION.1);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let response = request.send().await.map_err(|_| Failure::NoAnswer)?;
    if response.ok() {
        return Ok(response);
    }
    if has_body {
        let text = response.text().await.map_err(|_| Failure::NoAnswer)?;
        return Err(Failure::Problem(Box::new(parse(&text)?)));
    }
    Err(by_status(response.status(), response.headers().get("x-request-id")))
}

/// Failure by the status alone, because an answer to HEAD has no body.
fn by_status(status: u16, request_id: Option<String>) -> Failure {
    let code = match status {
        401 => ProblemCode::NotSignedIn,
        404 => ProblemCode::NotFound,
        409 => ProblemCode::Refused,
        410 => ProblemCode::UploadOver,
        423 => ProblemCode::UploadBusy,
        429 => ProblemCode::TooManyRequests,
        503 => ProblemCode::Unavailable,
        _ => return Failure::Unreadable,
    };
    Failure::Problem(Box::new(Problem {
        kind: String::new(),
        title: String::new(),
        status,
        code: code.code().to_owned(),
        detail: String::new(),
        field: None,
        request_id: request_id.unwrap_or_default(),
        decision: None,
        error: None,
        id: None,
        line: None,
        faults: Vec::new(),
        possible_from: None,
    }))
}

fn in_base64(text: &str) -> Result<String, Failure> {
    // `btoa` takes one character for each byte.
    let bytes: String = text.bytes().map(char::from).collect();
    window().btoa(&bytes).map_err(|_| Failure::Unreadable)
}

/// The transfer of the rest of a file. Dropping it does not stop it; an abort ends it with `NoAnswer`.
pub struct Sending {
    request: XmlHttpRequest,
    ended: Promise,
    _progress: Closure<dyn FnMut(ProgressEvent)>,
    moved: Rc<Cell<bool>>,
}

impl Sending {
    /// Starts to send the file from `offset`. `progress` receives the number of bytes of the file that have left.
    /// XMLHttpRequest, because `fetch` has no upload progress.
    pub fn begin(
        id: &DocumentId,
        offset: u64,
        file: &Blob,
        mut progress: impl FnMut(u64) + 'static,
    ) -> Result<Sending, Failure> {
        let moved = Rc::new(Cell::new(true));
        let moves = moved.clone();
        let heard = Closure::<dyn FnMut(ProgressEvent)>::new(move |event: ProgressEvent| {
            moves.set(true);
            progress(offset + event.loaded() as u64);
        });
        let begun = || {
            let request = XmlHttpRequest::new()?;
            request.open_with_async("PATCH", &format!("/api/uploads/{id}"), true)?;
            let offset_text = offset.to_string();
            for (name, value) in [VERSION, (OFFSET, &*offset_text), ("content-type", "application/offset+octet-stream")]
            {
                request.set_request_header(name, value)?;
            }
            request.upload()?.set_onprogress(Some(heard.as_ref().unchecked_ref()));
            // `loadend` follows an answer, a network error and an abort alike.
            let ended = Promise::new(&mut |end, _| request.set_onloadend(Some(&end)));
            request.send_with_opt_blob(Some(&file.slice_with_f64(offset as f64)?))?;
            Ok::<_, wasm_bindgen::JsValue>((request, ended))
        };
        let (request, ended) = begun().map_err(|_| Failure::Unreadable)?;
        Ok(Sending { request, ended, _progress: heard, moved })
    }

    /// The request, for aborting it.
    pub fn request(&self) -> XmlHttpRequest {
        self.request.clone()
    }

    /// Resolves at the end with the number of bytes that the server has.
    pub async fn end(self) -> Result<u64, Failure> {
        // No total timeout, because a large file takes long on a slow line. A transfer without progress for
        // `PATIENCE_MS` is aborted.
        let (request, moved) = (self.request.clone(), self.moved.clone());
        let watch = move || {
            if !moved.replace(false) {
                // A finished request needs no abort.
                request.abort().ok();
            }
        };
        let watching = set_interval_with_handle(watch, Duration::from_millis(PATIENCE_MS.into()));
        JsFuture::from(self.ended).await.ok();
        if let Ok(watching) = watching {
            watching.clear();
        }
        match self.request.status() {
            Ok(200..=299) => {
                let offset = self.request.get_response_header(OFFSET).ok().flatten();
                offset.and_then(|offset| offset.parse().ok()).ok_or(Failure::Unreadable)
            }
            Ok(0) | Err(_) => Err(Failure::NoAnswer),
            Ok(_) => {
                let text = self.request.response_text().ok().flatten().ok_or(Failure::Unreadable)?;
                Err(Failure::Problem(Box::new(parse(&text)?)))
            }
        }
    }
}
