use api::{Decision, Facts, Problem, ProblemCode, decision::answer_line, facts::FactsErrorCode};
use axum::{
    Json,
    extract::{Request, State},
};

use super::body;
use crate::{
    counter::Counter,
    error::{Error, Result},
};

/// The rules' answer to one question. Nothing is stored.
#[utoipa::path(
    post,
    path = "/api/decide",
    request_body = Facts,
    responses((status = 200, body = Decision), (status = 422, body = Problem, description = "The facts cannot be read"))
)]
pub async fn answer(State(counter): State<Counter>, request: Request) -> Result<Json<Decision>> {
    let json = body::json(request, &counter).await?;
    answer_line(&counter.policy, &json, 1).map(Json).map_err(|error| {
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
