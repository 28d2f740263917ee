//! The handlers, a file for each kind of thing that is asked.

mod answers;
mod events;
mod export;
mod figures;
mod health;
mod incidents;
mod log;
mod principals;
mod reach;
mod runbook;
mod stream;
mod system;
mod tokens;
mod views;

pub use answers::answer;

use super::problem::{Kind, Problem};
use super::routes::Operation;
use super::{App, openapi, pages};
use crate::incident::id::Position;
use crate::incident::time::Moment;
use crate::incident::{Code, EventType, Incident, Next, Runbook, Unmet};
use crate::log::Names;
use crate::views::People;
use axum::http::{Method, Uri};
use axum::routing::{MethodRouter, delete, get, patch, post};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

/// The handler of an operation.
pub fn handler(operation: Operation) -> MethodRouter<App> {
    match operation {
        Operation::Announce => post(incidents::announce),
        Operation::ListIncidents => get(incidents::list),
        Operation::GetIncident => get(incidents::get),
        Operation::AppendEvents => post(events::append),
        Operation::ListEvents => get(events::list),
        Operation::Timeline => get(views::timeline),
        Operation::Figures => get(views::figures),
        Operation::FiguresAcross => get(figures::across),
        Operation::Conformance => get(views::conformance),
        Operation::Postmortem => get(views::postmortem),
        Operation::Replay => get(views::replay),
        Operation::FollowIncident => get(stream::incident),
        Operation::ExportIncident => get(export::incident),
        Operation::ExportLog => get(export::log),
        Operation::ListLog => get(events::list_log),
        Operation::FollowLog => get(stream::log),
        Operation::LogCheckpoint => get(log::checkpoint),
        Operation::LogKey => get(log::key),
        Operation::LogProof => get(log::proof),
        Operation::LogConsistency => get(log::consistency),
        Operation::Runbook => get(runbook::show),
        Operation::Assess => post(runbook::assess),
        Operation::ListTokens => get(tokens::list),
        Operation::MakeToken => post(tokens::make),
        Operation::RevokeToken => delete(tokens::revoke),
        Operation::ListPrincipals => get(principals::list),
        Operation::ChangePrincipal => patch(principals::change),
        Operation::Livez => get(health::livez),
        Operation::Readyz => get(health::readyz),
        Operation::Metrics => get(health::metrics),
        Operation::OpenApi => get(openapi::show),
        Operation::Docs => get(pages::docs),
    }
}

/// There is nothing at this address.
pub async fn no_such_address(uri: Uri) -> Problem {
    let detail = format!("There is nothing at {}: the addresses are listed at /docs.", uri.path());
    Problem::new(Kind::NotFound, detail)
}

/// There is, but not for this method.
pub async fn no_such_method(method: Method, uri: Uri) -> Problem {
    let detail = format!("{} does not take {method}: see /docs.", uri.path());
    Problem::new(Kind::MethodNotAllowed, detail)
}

/// Whether a type of event may be appended, as it comes out.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct NextOut {
    r#type: EventType,
    allowed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: Option<RefusalOut>,
}

/// Why not.
#[derive(Debug, Clone, Serialize, JsonSchema)]
struct RefusalOut {
    code: Code,
    detail: String,
    unmet: Vec<Unmet>,
}

/// What may happen next in an incident, at that moment.
pub fn next_of(incident: &Incident, runbook: &Runbook, now: Moment) -> Vec<NextOut> {
    let told = |next: Next| NextOut {
        r#type: next.kind,
        allowed: next.refusal.is_none(),
        refusal: next.refusal.map(|refusal| RefusalOut {
            code: refusal.code(),
            detail: refusal.detail(),
            unmet: refusal.unmet,
        }),
    };
    incident.next(now, runbook).into_iter().map(told).collect()
}

/// People as they are called now.
fn people(names: &Names) -> People<'_> {
    People::new(names, Position(u64::MAX))
}

/// The JSON Schema of what an assessment is asked on.
pub fn assess_schema() -> Value {
    <runbook::Ask as crate::incident::field::Field>::schema()
}

/// The JSON Schema of a token that is to be made.
pub fn token_schema() -> Value {
    <tokens::TokenClaim as crate::incident::field::Field>::schema()
}

/// The JSON Schema of a change of a principal.
pub fn principal_schema() -> Value {
    <principals::ChangeClaim as crate::incident::field::Field>::schema()
}
