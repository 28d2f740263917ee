//! The views of one incident, in the form that the client prefers.

use super::events::{internal, pinned};
use super::incidents::{self, not_yet, until};
use super::system;
use crate::incident::id::IncidentRef;
use crate::log::Story;
use crate::views::replay::Stop;
use crate::views::{Conformance, Figures, Manner, Order, Postmortem, Replay, Timeline};
use crate::web::App;
use crate::web::format::Format;
use crate::web::identity::Identity;
use crate::web::problem::{Kind, Problem};
use crate::web::request::{Named, Params, Subject};
use axum::extract::State as Shared;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use serde::Serialize;

/// `GET /v1/incidents/{id}/timeline`.
pub async fn timeline(
    Shared(app): Shared<App>,
    _: Identity,
    subject: Subject,
    headers: HeaderMap,
    uri: Uri,
    mut params: Params,
) -> Result<Response, Problem> {
    let Subject::Incident(named) = subject else {
        return system::timeline(&app, &headers, &uri, params).await;
    };
    let offered = [Format::Json, Format::Markdown, Format::Text, Format::Html];
    let format = Format::choose(&mut params, &headers, &offered)?;
    let order = params.word("order", order, "occurred, recorded")?.unwrap_or(Order::Occurred);
    let noise = params.word("noise", noise, "true, false")?.unwrap_or(true);
    let zone = params.zone("tz")?;
    let judged_at = params.moment("judged_at")?;
    let story = story(&app, named, params).await?;
    let book = app.engine.runbook_of(&story.incident).await?;
    let draw = move || {
        let manner = Manner { order, zone, noise, runbook: book.as_deref(), judged_at };
        let timeline = Timeline::in_manner(&story, &manner);
        match format {
            Format::Json => json(&timeline),
            Format::Markdown => timeline.markdown(),
            Format::Text => timeline.text(),
            Format::Html => timeline.html(),
        }
    };
    Ok(format.answer(drawn(draw).await?))
}

/// `GET /v1/incidents/{id}/figures`.
pub async fn figures(
    Shared(app): Shared<App>,
    _: Identity,
    Named(named): Named,
    headers: HeaderMap,
    mut params: Params,
) -> Result<Response, Problem> {
    let format = Format::choose(&mut params, &headers, &PLAIN)?;
    let story = story(&app, named, params).await?;
    let draw = move || plain(format, &Figures::new(&story), Figures::markdown, Figures::text);
    Ok(format.answer(drawn(draw).await?))
}

/// `GET /v1/incidents/{id}/conformance`.
pub async fn conformance(
    Shared(app): Shared<App>,
    _: Identity,
    Named(named): Named,
    headers: HeaderMap,
    mut params: Params,
) -> Result<Response, Problem> {
    let format = Format::choose(&mut params, &headers, &PLAIN)?;
    let judged_at = params.moment("judged_at")?;
    let story = story(&app, named, params).await?;
    let runbook = pinned(&app, &story.incident).await?;
    let judged_at = judged_at.unwrap_or(story.last().entry.at);
    let draw = move || {
        let conformance = Conformance::new(&story, &runbook, judged_at);
        plain(format, &conformance, Conformance::markdown, Conformance::text)
    };
    Ok(format.answer(drawn(draw).await?))
}

/// `GET /v1/incidents/{id}/postmortem`.
pub async fn postmortem(
    Shared(app): Shared<App>,
    _: Identity,
    Named(named): Named,
    headers: HeaderMap,
    mut params: Params,
) -> Result<Response, Problem> {
    let format =
        Format::choose(&mut params, &headers, &[Format::Json, Format::Markdown, Format::Html])?;
    let (zone, judged_at) = (params.zone("tz")?, params.moment("judged_at")?);
    let story = story(&app, named, params).await?;
    let book = app.engine.runbook_of(&story.incident).await?;
    let draw = move || {
        let manner = Manner { zone, runbook: book.as_deref(), judged_at, ..Manner::default() };
        let postmortem = Postmortem::in_manner(&story, &manner);
        match format {
            Format::Json => json(&postmortem),
            Format::Markdown | Format::Text => postmortem.markdown(),
            Format::Html => postmortem.html(),
        }
    };
    Ok(format.answer(drawn(draw).await?))
}

/// `GET /v1/incidents/{id}/replay`.
pub async fn replay(
    Shared(app): Shared<App>,
    _: Identity,
    Named(named): Named,
    headers: HeaderMap,
    mut params: Params,
) -> Result<Response, Problem> {
    let format = Format::choose(&mut params, &headers, &PLAIN)?;
    let stop = params.text("until")?.map(|text| stop(&text)).transpose()?.unwrap_or(Stop::End);
    let story = story(&app, named, params).await?;
    let runbook = pinned(&app, &story.incident).await?;
    let draw = move || {
        let replay = Replay::new(&story, &runbook, stop)?;
        Some(plain(format, &replay, Replay::markdown, Replay::text))
    };
    Ok(format.answer(drawn(draw).await?.ok_or_else(not_yet)?))
}

/// Draws a document beside the threads that answer: a long one would hold others up.
async fn drawn<D: Send + 'static>(draw: impl FnOnce() -> D + Send + 'static) -> Result<D, Problem> {
    tokio::task::spawn_blocking(draw).await.map_err(|_| internal())
}

/// A version or an instant, as `until` names it.
fn stop(text: &str) -> Result<Stop, Problem> {
    Stop::parse(text).ok_or_else(|| {
        let detail = "The parameter until must be a version such as 7, or an instant such as \
                      2026-11-24T03:12:00Z.";
        Problem::new(Kind::BadQuery, detail)
    })
}

/// The story up to the point that the rest of the query asks for.
async fn story(app: &App, named: IncidentRef, mut params: Params) -> Result<Story, Problem> {
    let until = until(&mut params)?;
    params.close()?;
    incidents::story(app, named, until).await
}

/// The forms of a view that has no page of its own.
pub const PLAIN: [Format; 3] = [Format::Json, Format::Markdown, Format::Text];

/// A view in one of them.
pub fn plain<V: Serialize>(
    format: Format,
    view: &V,
    markdown: fn(&V) -> String,
    text: fn(&V) -> String,
) -> String {
    match format {
        Format::Json => json(view),
        Format::Markdown => markdown(view),
        Format::Text | Format::Html => text(view),
    }
}

pub(super) fn json(document: &impl Serialize) -> String {
    serde_json::to_string(document).expect("a view is plain data, which always serialises")
}

fn order(word: &str) -> Option<Order> {
    match word {
        "occurred" => Some(Order::Occurred),
        "recorded" => Some(Order::Recorded),
        _ => None,
    }
}

fn noise(word: &str) -> Option<bool> {
    word.parse().ok()
}
