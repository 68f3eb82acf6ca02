//! Responses to errors. The status is the code's; `http/log.rs` writes the body, because it knows the request's id.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};

use crate::error::Error;

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}
