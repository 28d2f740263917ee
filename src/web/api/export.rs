//! Carrying an incident, or the whole log, out as a bundle. That it was done is recorded, durably,
//! before the first byte leaves; what cannot be recorded is not done.

use crate::access::Caller;
use crate::engine::{Ask, NotExported, ReadFailed, Request, Told, Until};
use crate::incident::id::IncidentId;
use crate::web::App;
use crate::web::identity::Identity;
use crate::web::problem::{Kind, Problem};
use crate::web::request::{Named, Params};
use axum::body::Body;
use axum::extract::State as Shared;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use std::io;

/// The media type of a bundle: a JSON value a line.
const LINES: &str = "application/jsonl";

/// `GET /v1/incidents/{id}/export`.
pub async fn incident(
    Shared(app): Shared<App>,
    Identity(caller): Identity,
    Named(named): Named,
    params: Params,
) -> Result<Response, Problem> {
    params.close()?;
    let Told::Story(story) = app.engine.story(named, Until::Now).await? else {
        return Err(Problem::incident_unknown());
    };
    let incident = &story.incident;
    carry_out(app, &caller, Some(incident.id), &incident.number.to_string()).await
}

/// `GET /v1/export`.
pub async fn log(
    Shared(app): Shared<App>,
    Identity(caller): Identity,
    params: Params,
) -> Result<Response, Problem> {
    params.close()?;
    carry_out(app, &caller, None, "log").await
}

async fn carry_out(
    app: App,
    caller: &Caller,
    incident: Option<IncidentId>,
    name: &str,
) -> Result<Response, Problem> {
    let request = Request { who: caller.who(), key: None, ask: Ask::Exported(incident) };
    let recorded = app.engine.submit(request).await?;
    recorded.map_err(|away| Problem::of(away, ToOwned::to_owned))?;
    let export = app.engine.export(incident).await?;
    // A step that fails breaks the connection off: what arrived has no end, and is no bundle.
    let lines = stream::try_unfold((export, app), |(export, app)| async move {
        if *app.stopping.borrow() {
            return Err(io::Error::other("the service is stopping"));
        }
        let step = app.engine.exported(export).await.map_err(io::Error::other)?;
        Ok(step.map(|(lines, export)| (lines, (export, app))))
    });
    let file = format!("attachment; filename=\"{name}.jsonl\"");
    let headers = [(header::CONTENT_TYPE, LINES), (header::CONTENT_DISPOSITION, &file)];
    Ok((headers, Body::from_stream(lines)).into_response())
}

impl From<NotExported> for Problem {
    fn from(why: NotExported) -> Problem {
        match why {
            NotExported::Unproven(none) => none.into(),
            NotExported::OtherKey => Problem::new(
                Kind::NotFound,
                "The newest checkpoint is not signed with the key of now: the next one will be.",
            ),
            NotExported::Erased => {
                Problem::new(Kind::Busy, "Words were erased meanwhile: export it again.")
            }
            NotExported::Unread(cause) => ReadFailed::from(cause).into(),
        }
    }
}
