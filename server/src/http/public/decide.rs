//! The rules for anybody: one question, one answer.

use api::{
    Decision, Facts, Problem, ProblemCode,
    decision::{answer_line, explain_line},
    facts::FactsErrorCode,
};
use axum::{
    Json,
    extract::{Query, Request, State, rejection::QueryRejection},
};
use serde::Deserialize;

use crate::http::body;
use crate::{
    error::{Error, Result},
    state::AppState,
};

/// The query of the request.
#[derive(Deserialize)]
pub struct Options {
    #[serde(default)]
    trace: bool,
}

/// Answers one question by the rules. Nothing is stored.
#[utoipa::path(
    post,
    path = "/api/decide",
    request_body = Facts,
    params(("trace" = Option<bool>, Query, description = "true: with every rule that was looked at")),
    responses((status = 200, body = Decision), (status = 422, body = Problem, description = "The facts cannot be read"))
)]
pub async fn answer(
    State(state): State<AppState>,
    options: Result<Query<Options>, QueryRejection>,
    request: Request,
) -> Result<Json<Decision>> {
    let Query(options) = options.map_err(|_| Error::at(ProblemCode::InvalidField, "trace"))?;
    let json = body::json(request).await?;
    let answer = if options.trace { explain_line } else { answer_line };
    answer(&state.policy_at(state.clock.now()).policy, &json, 1).map(Json).map_err(|error| {
        let code = match error.error.code {
            FactsErrorCode::InvalidJson => ProblemCode::InvalidJson,
            FactsErrorCode::InvalidFacts => ProblemCode::InvalidFacts,
        };
        Error {
            field: error.error.field.clone(),
            detail: Some(error.error.message.clone()),
            facts: Some(Box::new(error)),
            ..Error::new(code)
        }
    })
}
