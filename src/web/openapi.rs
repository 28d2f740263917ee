//! The OpenAPI 3.1 document, made from the routes, the catalogue of events and the kinds of
//! problem: what the API does and what it says of itself cannot drift apart.

use super::api;
use super::problem::Kind;
use super::routes::{Operation, Route};
use crate::incident::Claim;
use crate::incident::event::{Event, EventType};
use crate::incident::field::Field;
use crate::incident::is_claimable;
use crate::incident::text::{Person, Text};
use crate::incident::time::Claimed;
use crate::views::schema::Shapes;
use axum::Json;
use serde_json::{Map, Value, json};

/// `GET /openapi.json`.
pub async fn show() -> Json<Value> {
    Json(document())
}

/// The whole document.
pub fn document() -> Value {
    let mut shapes = Shapes::under("/components/schemas");
    let mut paths = Map::new();
    for operation in Operation::ALL {
        let route = operation.route();
        let path = paths.entry(route.path).or_insert_with(|| json!({}));
        path[route.method] = described(*operation, &route, &mut shapes);
    }
    let mut schemas = schemas();
    schemas.extend(shapes.parts());
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Allclear",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "The flight recorder and rule-keeper of an incident. Every error is an \
                            RFC 9457 problem with a stable code.",
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } },
        },
    })
}

fn described(operation: Operation, route: &Route, shapes: &mut Shapes) -> Value {
    let mut out = json!({
        "operationId": operation.word(),
        "summary": route.summary,
        "description": route.description,
        "parameters": parameters(operation, route),
        "responses": responses(operation, route, shapes),
        "security": if route.action.is_some() { json!([{ "token": [] }]) } else { json!([]) },
    });
    if let Some(body) = body(operation) {
        out["requestBody"] =
            json!({ "required": true, "content": { "application/json": { "schema": body } } });
    }
    out
}

/// The parameters of paths: name and meaning.
const PATH: &[(&str, &str)] = &[
    ("id", "INC-42, or the incident's UUID; SYS for the service's own acts."),
    ("token", "The token's id, k_…; never its secret."),
    ("principal", "The principal's id or name."),
];

fn parameters(operation: Operation, route: &Route) -> Vec<Value> {
    let text = json!({ "type": "string" });
    let query = route.query.iter().map(|(name, meaning)| {
        json!({ "name": name, "in": "query", "description": meaning, "schema": text })
    });
    let named = PATH.iter().filter(|(name, _)| route.path.contains(&format!("{{{name}}}")));
    let path = named.map(|(name, meaning)| {
        json!({ "name": name, "in": "path", "required": true, "schema": text, "description": meaning })
    });
    let header = |name: &str, meaning: &str| json!({ "name": name, "in": "header", "description": meaning, "schema": text });
    let key = header(
        "Idempotency-Key",
        "The same key again is the same request: it gets the first answer.",
    );
    let condition =
        header("If-Match", "The ETag that was seen: 412 when others have appended since.");
    let person = header("On-Behalf-Of", "The person that a tool with the scope act_as speaks for.");
    let preference = header(
        "Prefer",
        "return=minimal leaves next out of the answer, which is most of it (RFC 7240).",
    );
    let headers = match operation {
        Operation::Announce => vec![key, person],
        Operation::AppendEvents => vec![key, condition, person, preference],
        _ => Vec::new(),
    };
    path.chain(query).chain(headers).collect()
}

fn responses(operation: Operation, route: &Route, shapes: &mut Shapes) -> Value {
    let status = match operation {
        Operation::Announce | Operation::AppendEvents | Operation::MakeToken => "201",
        _ => "200",
    };
    let shape = api::answer(operation, shapes);
    let content: Map<String, Value> = route
        .answers
        .iter()
        .map(|media_type| match (*media_type, &shape) {
            ("application/json", Some(shape)) => (media_type, json!({ "schema": shape })),
            _ => (media_type, json!({})),
        })
        .map(|(media_type, content)| ((*media_type).to_owned(), content))
        .collect();
    json!({
        status: { "description": route.summary, "content": content },
        "default": {
            "description": "A problem; nothing was stored unless its code says that the outcome is unknown.",
            "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } },
        },
    })
}

fn body(operation: Operation) -> Option<Value> {
    match operation {
        Operation::Announce => Some(json!({ "$ref": "#/components/schemas/Announcement" })),
        Operation::AppendEvents => Some(json!({ "oneOf": [
            { "$ref": "#/components/schemas/Claim" },
            { "type": "array", "minItems": 1, "maxItems": crate::engine::EVENTS_MAX,
              "items": { "$ref": "#/components/schemas/Claim" } },
        ] })),
        Operation::Assess => Some(api::assess_schema()),
        Operation::MakeToken => Some(api::token_schema()),
        Operation::ChangePrincipal => Some(api::principal_schema()),
        _ => None,
    }
}

fn schemas() -> Map<String, Value> {
    let mut schemas = Map::new();
    let claimable: Vec<EventType> =
        EventType::ALL.iter().copied().filter(|kind| is_claimable(*kind)).collect();
    let named = |kind: &EventType| format!("#/components/schemas/{}", kind.word());
    let any: Vec<Value> = claimable.iter().map(|kind| json!({ "$ref": named(kind) })).collect();
    for kind in &claimable {
        schemas.insert(kind.word().into(), Claim::schema_of(*kind));
    }
    schemas.insert("Claim".into(), json!({ "oneOf": any }));
    schemas.insert("Announcement".into(), announcement());
    schemas.insert("Problem".into(), problem());
    schemas
}

fn announcement() -> Value {
    let mut schema = Event::schema(EventType::Announced);
    let claims = json!({ "type": "array", "items": { "$ref": "#/components/schemas/Claim" } });
    let further = [
        ("occurred", Claimed::schema()),
        ("as_written", Text::schema()),
        ("actor", Person::schema()),
        ("commander", Person::schema()),
        ("events", claims),
    ];
    for (name, member) in further {
        schema["properties"][name] = member;
    }
    schema
}

fn problem() -> Value {
    let codes: Vec<&str> = Kind::ALL.iter().map(|kind| kind.code()).collect();
    let about = format!(
        "One of {}; for a refusal the code of the first guard that is not met.",
        codes.join(", ")
    );
    json!({ "type": "object", "required": ["type", "title", "status", "detail", "code", "request_id"],
        "properties": {
            "type": { "type": "string" },
            "title": { "type": "string" },
            "status": { "type": "integer" },
            "detail": { "type": "string" },
            "code": { "type": "string", "description": about },
            "request_id": { "type": "string" },
            "errors": { "type": "array", "items": { "type": "object", "properties": {
                "pointer": { "type": "string" }, "detail": { "type": "string" } } } },
            "unmet": { "type": "array", "items": { "type": "object", "properties": {
                "code": { "type": "string" }, "detail": { "type": "string" },
                "overridable": { "type": "boolean" } } } },
        } })
}
