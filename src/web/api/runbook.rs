//! The runbook, as its text.

use crate::web::App;
use crate::web::identity::Identity;
use crate::web::problem::{Kind, Problem};
use crate::web::request::Params;
use axum::extract::State as Shared;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

/// `GET /v1/runbook`.
pub async fn show(
    Shared(app): Shared<App>,
    _: Identity,
    mut params: Params,
) -> Result<Response, Problem> {
    let asked = params.text("sha256")?;
    params.close()?;
    let text = match asked {
        None => app.engine.book().text.clone(),
        Some(sha256) => app.engine.runbook(sha256).await?.ok_or_else(|| {
            Problem::new(Kind::NotFound, "No runbook with that SHA-256 was ever pinned here.")
        })?,
    };
    let media_type = HeaderValue::from_static("application/toml");
    Ok(([(header::CONTENT_TYPE, media_type)], text).into_response())
}
