//! Offices for anybody.

use api::{ProblemCode, offices::Office};
use axum::{
    Json,
    extract::{Path, RawQuery, State},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use axum_extra::extract::CookieJar;

use crate::http::public::start::language_of;
use crate::{error::Result, state::AppState, store::offices, text::calendar};

/// Returns all offices.
#[utoipa::path(get, path = "/api/offices", responses((status = 200, body = [Office])))]
pub async fn list(State(state): State<AppState>) -> Result<Json<Vec<Office>>> {
    let mut connection = state.store.read().await?;
    Ok(Json(offices::list(&mut connection).await?))
}

/// Returns the next time at which an office posts slots, as a calendar file with an alarm.
#[utoipa::path(
    get,
    path = "/api/offices/{office}/posting.ics",
    params(("office" = String, Path), ("lang" = Option<String>, Query, example = "en")),
    responses(
        (status = 200, content_type = "text/calendar", body = String),
        (status = 404, body = api::Problem, description = "No such office, or it posts at no set time")
    )
)]
pub async fn posting(
    State(state): State<AppState>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    jar: CookieJar,
    headers: HeaderMap,
) -> Result<Response> {
    let all = offices::list(&mut *state.store.read().await?).await?;
    let office = all.into_iter().find(|office| office.id.as_str() == id).ok_or(ProblemCode::NotFound)?;
    let language = language_of(&state, query.as_deref(), &jar, &headers);
    let file = calendar::posting(&office, &state.origin, language, state.clock.now()).ok_or(ProblemCode::NotFound)?;
    let headers = [
        (header::CONTENT_TYPE, "text/calendar; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"posting.ics\""),
        (header::VARY, "Accept-Language, Cookie"),
    ];
    Ok((headers, file).into_response())
}
