//! Principals: who may speak, and what each may do.

use super::events::internal;
use crate::access::Principal;
use crate::engine::{Ask, PrincipalChange, Request};
use crate::incident::field::record;
use crate::incident::id::PrincipalId;
use crate::incident::system::{PrincipalKind, PrincipalRole};
use crate::web::App;
use crate::web::identity::Identity;
use crate::web::problem::Problem;
use crate::web::request::{Json, NamedPrincipal, Params, fault, read};
use axum::Json as JsonOut;
use axum::extract::State as Shared;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::json;

record! {
    /// What is to change of a principal.
    pub struct ChangeClaim {
        /// What a person may do from now on.
        role: Option<PrincipalRole>,
        /// Whether everything of it is refused from now on.
        disabled: Option<bool>,
    }
}

/// A principal as it comes out.
#[derive(Serialize)]
struct PrincipalOut<'a> {
    id: &'a PrincipalId,
    name: &'a str,
    kind: PrincipalKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<PrincipalRole>,
    disabled: bool,
}

impl<'a> PrincipalOut<'a> {
    fn new(it: &'a Principal) -> PrincipalOut<'a> {
        let Principal { id, kind, name, role, disabled } = it;
        PrincipalOut { id, name, kind: *kind, role: *role, disabled: *disabled }
    }
}

/// `GET /v1/principals`.
pub async fn list(
    Shared(app): Shared<App>,
    _: Identity,
    params: Params,
) -> Result<Response, Problem> {
    params.close()?;
    let directory = app.engine.directory();
    let principals: Vec<PrincipalOut<'_>> =
        directory.principals().into_iter().map(PrincipalOut::new).collect();
    Ok(JsonOut(json!({ "principals": principals })).into_response())
}

/// `PATCH /v1/principals/{principal}`.
pub async fn change(
    Shared(app): Shared<App>,
    Identity(caller): Identity,
    NamedPrincipal(principal): NamedPrincipal,
    params: Params,
    body: Json,
) -> Result<Response, Problem> {
    params.close()?;
    let ChangeClaim { role, disabled } = read(body.value)?;
    if role.is_none() && disabled.is_none() {
        return Err(fault("", "changes nothing: give role, disabled or both"));
    }
    let change = PrincipalChange { principal: principal.clone(), role, disabled };
    let request = Request { who: caller.who(), key: None, ask: Ask::ChangePrincipal(change) };
    let done = app.engine.submit(request).await?;
    done.map_err(|away| Problem::of(away, ToOwned::to_owned))?;
    let directory = app.engine.directory();
    let changed = directory.find(principal.as_str()).ok_or_else(internal)?;
    Ok(JsonOut(PrincipalOut::new(changed)).into_response())
}
