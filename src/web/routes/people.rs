//! The operations about those who may speak.

use super::{JSON, Route};
use crate::access::Action;

/// `GET /v1/tokens`.
pub const LIST_TOKENS: Route = Route {
    method: "get",
    path: "/v1/tokens",
    summary: "List tokens",
    description: "One's own; admins and auditors see everybody's. Never a secret. In the order in \
                  which they end.",
    query: &[],
    answers: JSON,
    action: Some(Action::OwnTokens),
};

/// `POST /v1/tokens`.
pub const MAKE_TOKEN: Route = Route {
    method: "post",
    path: "/v1/tokens",
    summary: "Make a token",
    description: "For oneself when name is left out; for others, there or new, by admins only. The \
                  secret is shown this once, so there is no Idempotency-Key: whoever missed the \
                  answer revokes that token and makes another.",
    query: &[],
    answers: JSON,
    action: Some(Action::OwnTokens),
};

/// `DELETE /v1/tokens/{token}`.
pub const REVOKE_TOKEN: Route = Route {
    method: "delete",
    path: "/v1/tokens/{token}",
    summary: "Revoke a token",
    description: "One's own, or anybody's for admins. It stops working at once, open streams \
                  included. Repeating it changes nothing.",
    query: &[],
    answers: JSON,
    action: Some(Action::OwnTokens),
};

/// `GET /v1/principals`.
pub const LIST_PRINCIPALS: Route = Route {
    method: "get",
    path: "/v1/principals",
    summary: "List those who may speak",
    description: "People with their roles, and tools; for admins and auditors.",
    query: &[],
    answers: JSON,
    action: Some(Action::ReadPrincipals),
};

/// `PATCH /v1/principals/{principal}`.
pub const CHANGE_PRINCIPAL: Route = Route {
    method: "patch",
    path: "/v1/principals/{principal}",
    summary: "Change what a principal may do",
    description: "A person's role, or whether everything of a principal is refused, named by id or \
                  name; what is left out stays. It holds at once, for open streams too. Admins \
                  only; 409 when no admin would be left.",
    query: &[],
    answers: JSON,
    action: Some(Action::ChangePrincipals),
};
