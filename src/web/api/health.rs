//! Health and figures: whether the process lives, whether it can serve, what it has done.

use crate::incident::time::Moment;
use crate::web::App;
use crate::web::identity::Identity;
use crate::web::problem::Problem;
use crate::web::request::Params;
use axum::Json as JsonOut;
use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use std::fmt::Write;

/// `GET /livez`.
pub async fn livez() -> &'static str {
    "ok\n"
}

/// `GET /readyz`.
pub async fn readyz(Shared(app): Shared<App>, mut params: Params) -> Result<Response, Problem> {
    let verbose = params.text("verbose")?.is_some();
    params.close()?;
    let stored = app.engine.stored_head().await;
    let is_stopping = *app.stopping.borrow();
    let log = if stored.is_ok() { "ok" } else { "cannot be read" };
    let service = if is_stopping { "stopping" } else { "ok" };
    let is_ready = stored.is_ok() && !is_stopping;
    let mut answer = json!({ "ready": is_ready, "checks": { "log": log, "service": service } });
    if let (true, Ok(head)) = (verbose, stored) {
        answer["position"] = json!(head.position);
        answer["statement"] = json!(*app.statement);
        answer["checkpoint"] = checkpoint(&app);
    }
    let status = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    Ok((status, JsonOut(answer)).into_response())
}

/// The last checkpoint's position and age, and why there is no newer one if there should be.
fn checkpoint(app: &App) -> Value {
    let status = app.engine.proof_status();
    let age = |at: Moment| app.engine.now().0.saturating_sub(at.0) / 1_000_000;
    let mut said = match status.checkpoint {
        Some((position, at)) => json!({ "position": position, "age_s": age(at) }),
        None => json!({}),
    };
    if status.trouble.is_some() {
        // The sentence names files of this machine: the operator has it on stderr.
        said["trouble"] = json!("no new checkpoint is made; the server's log says why");
    }
    said
}

/// `GET /metrics`.
pub async fn metrics(Shared(app): Shared<App>, _: Identity) -> String {
    let counts = app.engine.counts();
    let counters = [
        ("allclear_log_events_total", "Events made durable by this process.", counts.events),
        (
            "allclear_log_commits_total",
            "Commits by this process, each with one fsync.",
            counts.commits,
        ),
        (
            "allclear_requests_total",
            "Requests to the log answered on their merits.",
            counts.requests,
        ),
        ("allclear_requests_turned_away_total", "Requests turned away.", counts.turned_away),
        (
            "allclear_requests_replayed_total",
            "Requests answered before under their key.",
            counts.replayed,
        ),
        ("allclear_requests_refused_total", "Requests refused for want of rights.", counts.refused),
        (
            "allclear_requests_unauthenticated_total",
            "Requests without a valid token.",
            counts.strangers,
        ),
    ];
    let mut text = String::new();
    for (name, help, value) in counters {
        write!(text, "# HELP {name} {help}\n# TYPE {name} counter\n{name} {value}\n")
            .expect("a string takes everything");
    }
    write!(text, "# HELP allclear_log_lines_lost_total Lines about requests that nobody read in time.\n# TYPE allclear_log_lines_lost_total counter\nallclear_log_lines_lost_total {}\n", app.edge.lines.lost())
        .expect("a string takes everything");
    app.edge.figures.tell(&mut text).expect("a string takes everything");
    let places = &app.edge.places;
    for (name, help, value) in [
        ("allclear_connections", "Connections that are open.", places.count()),
        ("allclear_connections_max", "Connections that may be open at once.", places.max()),
    ] {
        write!(text, "# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}\n")
            .expect("a string takes everything");
    }
    let position = *app.engine.head().borrow();
    let gauge = "allclear_log_position";
    write!(text, "# HELP {gauge} The last durable position of the log.\n# TYPE {gauge} gauge\n{gauge} {position}\n")
        .expect("a string takes everything");
    text
}
