//! The operations about the log as a whole: its events, and their proof.

use super::{BUNDLE, JSON, PAGE, Route, STREAM};
use crate::access::Action;

/// `GET /v1/events`.
pub const LIST_LOG: Route = Route {
    method: "get",
    path: "/v1/events",
    summary: "List the whole log",
    description: "In the order of positions, with Link rel=next. The service's own acts \
                  (SYS) are shown to auditors and admins.",
    query: PAGE,
    answers: JSON,
    action: Some(Action::Read),
};

/// `GET /v1/events/stream`.
pub const FOLLOW_LOG: Route = Route {
    method: "get",
    path: "/v1/events/stream",
    summary: "Follow the whole log",
    description: "Server-sent events; id is the position. Resumes behind Last-Event-ID \
                  or after.",
    query: &[("after", "Only what follows this position.")],
    answers: STREAM,
    action: Some(Action::Read),
};

/// `GET /v1/export`.
pub const EXPORT_LOG: Route = Route {
    method: "get",
    path: "/v1/export",
    summary: "Carry the whole log out",
    description: "The same of every event, the service's own acts among them; allclear \
                  import makes the same log of it. For auditors and admins.",
    query: &[],
    answers: BUNDLE,
    action: Some(Action::ExportLog),
};

/// `GET /v1/log/checkpoint`.
pub const CHECKPOINT: Route = Route {
    method: "get",
    path: "/v1/log/checkpoint",
    summary: "Show the newest checkpoint",
    description: "The signed size and root of the log (C2SP tlog-checkpoint). Keep it \
                  where the operator of this service cannot change it.",
    query: &[],
    answers: &["text/plain"],
    action: Some(Action::ReadProofs),
};

/// `GET /v1/log/key`.
pub const KEY: Route = Route {
    method: "get",
    path: "/v1/log/key",
    summary: "Show the key that checkpoints are checked with",
    description: "A verifier key of C2SP signed-note, Ed25519.",
    query: &[],
    answers: &["text/plain"],
    action: Some(Action::ReadProofs),
};

/// `GET /v1/log/proof`.
pub const PROOF: Route = Route {
    method: "get",
    path: "/v1/log/proof",
    summary: "Prove that an event is in the log",
    description: "The inclusion proof of RFC 6962 as JSON, hashes in base64; as text one \
                  file with the checkpoint (C2SP tlog-proof).",
    query: &[
        ("position", "The event's position; the last one when left out."),
        ("size", "In the log of so many events; the newest checkpoint's when left out."),
        ("format", "json or text; else what Accept prefers."),
    ],
    answers: &["application/json", "text/plain"],
    action: Some(Action::ReadProofs),
};

/// `GET /v1/log/consistency`.
pub const CONSISTENCY: Route = Route {
    method: "get",
    path: "/v1/log/consistency",
    summary: "Prove that the log begins with an earlier one",
    description: "The consistency proof of RFC 6962, hashes in base64.",
    query: &[
        ("from", "The size of the earlier log; 1 when left out."),
        ("to", "The size of the later one; the newest checkpoint's when left out."),
    ],
    answers: JSON,
    action: Some(Action::ReadProofs),
};
