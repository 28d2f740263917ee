//! Pages for people. So far one: the API, told from the same document as `/openapi.json`.

use super::problem::Kind;
use super::routes::Operation;
use crate::incident::Claim;
use crate::incident::event::EventType;
use crate::incident::is_claimable;
use axum::http::{HeaderValue, header};
use axum::response::{Html, IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// `GET /docs`: one page without scripts.
pub async fn docs() -> Response {
    let mut page = String::from(HEAD);
    operations(&mut page).expect("a string takes everything");
    events(&mut page).expect("a string takes everything");
    problems(&mut page).expect("a string takes everything");
    page.push_str("</main></body></html>\n");
    let policy = HeaderValue::from_str(&policy()).expect("the policy is plain ASCII");
    ([(header::CONTENT_SECURITY_POLICY, policy)], Html(page)).into_response()
}

/// What the page allows a browser to do: to apply its own style.
fn policy() -> String {
    let style = HEAD.split("<style>").nth(1).and_then(|rest| rest.split("</style>").next());
    let hash = STANDARD.encode(Sha256::digest(style.unwrap_or_default()));
    format!(
        "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'"
    )
}

const HEAD: &str = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>Allclear API</title>\
<style>:root{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;margin:0}\
main{max-width:60rem;margin:0 auto;padding:1.5rem}code,pre{font-family:ui-monospace,monospace}\
pre{overflow-x:auto;padding:.75rem;border:1px solid #8886;border-radius:.3rem}\
section{border-top:1px solid #8886;margin-top:1.5rem}dt{font-weight:600}</style></head><body><main>\
<h1>Allclear API</h1><p>Every address but the health checks, this page and \
<a href=\"/openapi.json\">the OpenAPI document</a> needs <code>Authorization: Bearer</code> with a \
token. Every error is a problem of RFC 9457 with a stable <code>code</code>; what stands between \
2xx and 4xx is never stored by half.</p>";

fn operations(page: &mut String) -> std::fmt::Result {
    page.push_str("<h2>Addresses</h2>");
    for operation in Operation::ALL {
        let route = operation.route();
        let (method, path) = (route.method.to_uppercase(), route.path);
        write!(
            page,
            "<section id=\"{}\"><h3><code>{method} {path}</code></h3><p><strong>{}.</strong> {}</p>",
            operation.word(),
            escaped(route.summary),
            escaped(route.description)
        )?;
        if !route.query.is_empty() {
            page.push_str("<dl>");
            for (name, meaning) in route.query {
                write!(page, "<dt><code>?{name}</code></dt><dd>{}</dd>", escaped(meaning))?;
            }
            page.push_str("</dl>");
        }
        page.push_str("</section>");
    }
    Ok(())
}

fn events(page: &mut String) -> std::fmt::Result {
    page.push_str("<h2>Events</h2>");
    for kind in EventType::ALL.iter().copied().filter(|kind| is_claimable(*kind)) {
        let schema = serde_json::to_string_pretty(&Claim::schema_of(kind)).unwrap_or_default();
        write!(
            page,
            "<details id=\"event-{kind}\"><summary><code>{kind}</code></summary><pre>{}</pre></details>",
            escaped(&schema)
        )?;
    }
    Ok(())
}

fn problems(page: &mut String) -> std::fmt::Result {
    page.push_str("<h2>Problems</h2><dl>");
    for kind in Kind::ALL {
        write!(
            page,
            "<dt id=\"problem-{0}\"><code>{1} {0}</code></dt><dd>{2}.{3}</dd>",
            kind.code(),
            kind.status().as_u16(),
            escaped(kind.title()),
            escaped(kind.meaning())
        )?;
    }
    page.push_str("</dl>");
    Ok(())
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
