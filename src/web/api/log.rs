//! The proof of the log: the signed checkpoint, the key, and proofs that an outsider checks.

use crate::engine::NoProof;
use crate::incident::id::Position;
use crate::web::App;
use crate::web::format::Format;
use crate::web::identity::Identity;
use crate::web::problem::{Kind, Problem};
use crate::web::request::Params;
use axum::extract::State as Shared;
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::json;

/// `GET /v1/log/checkpoint`.
pub async fn checkpoint(
    Shared(app): Shared<App>,
    _: Identity,
    params: Params,
) -> Result<Response, Problem> {
    params.close()?;
    let newest = app.engine.checkpoint().await?;
    newest.map(|row| Format::Text.answer(row.text)).ok_or_else(|| NoProof::NothingSealed.into())
}

/// `GET /v1/log/key`.
pub async fn key(
    Shared(app): Shared<App>,
    _: Identity,
    params: Params,
) -> Result<Response, Problem> {
    params.close()?;
    let key = app.engine.verifier_key().await?;
    key.map(|key| Format::Text.answer(key + "\n")).ok_or_else(|| NoProof::NothingSealed.into())
}

/// `GET /v1/log/proof`.
pub async fn proof(
    Shared(app): Shared<App>,
    _: Identity,
    headers: HeaderMap,
    mut params: Params,
) -> Result<Response, Problem> {
    let format = Format::choose(&mut params, &headers, &[Format::Json, Format::Text])?;
    let position = params.number("position", 1, i64::MAX as u64)?.map(Position);
    let size = params.number("size", 1, i64::MAX as u64)?;
    params.close()?;
    let proven = app.engine.inclusion(position, size).await??;
    let checkpoint = proven.checkpoint.map(|row| row.text);
    let proof = proven.proof;
    if format == Format::Text {
        let checkpoint = checkpoint.ok_or_else(no_checkpoint_there)?;
        return Ok(format.answer(proof.text(&checkpoint)));
    }
    let path: Vec<String> = proof.path.iter().map(ToString::to_string).collect();
    let document = json!({
        "position": proof.position, "index": proof.position.0 - 1, "size": proof.size,
        "leaf": proof.leaf.to_string(), "root": proven.root.to_string(), "path": path,
        "checkpoint": checkpoint,
    });
    Ok(format.answer(document.to_string()))
}

/// `GET /v1/log/consistency`.
pub async fn consistency(
    Shared(app): Shared<App>,
    _: Identity,
    mut params: Params,
) -> Result<Response, Problem> {
    let from = params.number("from", 1, i64::MAX as u64)?;
    let to = params.number("to", 1, i64::MAX as u64)?;
    params.close()?;
    let proven = app.engine.consistency(from, to).await??;
    let (proof, earlier) = proven.proof;
    let path: Vec<String> = proof.path.iter().map(ToString::to_string).collect();
    let document = json!({
        "from": proof.from, "to": proof.to, "from_root": earlier.to_string(),
        "to_root": proven.root.to_string(), "path": path,
        "checkpoint": proven.checkpoint.map(|row| row.text),
    });
    Ok(Format::Json.answer(document.to_string()))
}

fn no_checkpoint_there() -> Problem {
    let detail = "No checkpoint was signed at just that size: leave size out for the newest, or ask \
                  for JSON, which needs none.";
    Problem::new(Kind::NotFound, detail)
}

impl From<NoProof> for Problem {
    fn from(none: NoProof) -> Problem {
        match none {
            NoProof::NothingSealed => Problem::new(
                Kind::NotFound,
                "There is no checkpoint yet: one is made within ten seconds of an event.",
            ),
            NoProof::NotSealedYet(size) => Problem::new(
                Kind::NotFound,
                format!(
                    "Proofs reach to position {size} so far: further ones follow within ten seconds."
                ),
            ),
            NoProof::OutOfRange => Problem::new(
                Kind::BadQuery,
                "What is to be proven must lie within the size that it is proven in.",
            ),
        }
    }
}
