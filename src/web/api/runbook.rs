//! The runbook: its text, and what it recommends.

use crate::incident::Runbook;
use crate::incident::event::Measured;
use crate::incident::field::{Fault, Faults, Field, List, Pointer, record};
use crate::incident::text::{Line, Name, Sha256};
use crate::views::{Assessment, Grounds};
use crate::web::App;
use crate::web::identity::Identity;
use crate::web::problem::{Kind, Problem};
use crate::web::request::{Json, Params};
use axum::Json as JsonOut;
use axum::extract::State as Shared;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use std::sync::Arc;

record! {
    /// The grounds on which a response is recommended.
    pub struct Ask {
        /// The situations of the decision table that hold; empty when nobody is sure.
        situations: List<Name>,
        /// What was measured.
        measured: Option<Measured>,
        /// The scenario that it is taken for.
        scenario: Option<Name>,
        /// What is seen, in short phrases.
        symptoms: List<Line>,
        /// The SHA-256 of the runbook to ask; the one that stands now when it is left out.
        runbook: Option<Sha256>,
    }
}

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

/// `POST /v1/runbook/assess`.
pub async fn assess(
    Shared(app): Shared<App>,
    _: Identity,
    params: Params,
    body: Json,
) -> Result<JsonOut<Assessment>, Problem> {
    params.close()?;
    let mut faults = Faults::default();
    let runbook = asked_runbook(&app, &body.value, &mut faults).await?;
    if let Some(runbook) = &runbook {
        check_names(&body.value, runbook, &mut faults);
    }
    let ask = Ask::read(body.value, &Pointer::Root, &mut faults);
    let (ask, runbook) = faults.or(ask.zip(runbook))?;
    let grounds = Grounds {
        situations: ask.situations.0,
        measured: ask.measured,
        scenario: ask.scenario,
        symptoms: ask.symptoms.0,
    };
    Ok(JsonOut(Assessment::of(&grounds, &runbook)))
}

/// The runbook that is asked. It is looked up before the rest is read, so that a name which it
/// does not know is told together with every other fault.
async fn asked_runbook(
    app: &App,
    body: &Value,
    faults: &mut Faults,
) -> Result<Option<Arc<Runbook>>, Problem> {
    let current = app.engine.book();
    match body.get("runbook").map(|it| it.as_str().and_then(|it| Sha256::new(it).ok())) {
        None => Ok(Some(Arc::clone(&current.runbook))),
        Some(None) => Ok(None),
        Some(Some(sha256)) => {
            let found = app.engine.runbook_with(sha256.to_string()).await?;
            if found.is_none() {
                let detail =
                    "is no runbook that stands now, or was ever pinned here and can be read";
                faults.add(Fault { pointer: "/runbook".into(), detail: detail.into() });
            }
            Ok(found)
        }
    }
}

/// Every situation and the scenario must be ones that the runbook knows. It looks at the values as
/// they were given: what is no name at all is told when they are read.
fn check_names(body: &Value, runbook: &Runbook, faults: &mut Faults) {
    let situations: Vec<&Name> = runbook.decisions.iter().map(|row| &row.situation).collect();
    let given = body["situations"].as_array().map(Vec::as_slice).unwrap_or_default();
    for (index, situation) in given.iter().enumerate() {
        check_name(situation, &situations, format!("/situations/{index}"), faults);
    }
    let scenarios: Vec<&Name> = runbook.scenarios.iter().map(|it| &it.name).collect();
    check_name(&body["scenario"], &scenarios, "/scenario".into(), faults);
}

fn check_name(given: &Value, known: &[&Name], pointer: String, faults: &mut Faults) {
    let Some(name) = given.as_str().and_then(|it| Name::new(it).ok()) else { return };
    if !known.contains(&&name) {
        let known: Vec<&str> = known.iter().map(|it| it.as_str()).collect();
        let detail = format!("is not in the runbook, which knows {}", known.join(", "));
        faults.add(Fault { pointer, detail });
    }
}
