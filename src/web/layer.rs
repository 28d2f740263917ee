//! The outermost layer: every request gets an id, every panic becomes an answer, every problem
//! its document, and every answer the headers that keep browsers from making more of it.

use super::edge::{Edge, Line, Peer, Refusal};
use super::identity::Asked;
use super::problem::{Kind, Problem};
use axum::body::Body;
use axum::extract::{MatchedPath, Request, State as Shared};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use std::net::{IpAddr, Ipv4Addr};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// Asked every few seconds by whoever watches the service: no line is written of them.
const QUIET: [&str; 3] = ["/livez", "/readyz", "/metrics"];

/// For how long a browser that was here over TLS asks in no other way: a year.
const STRICT: HeaderValue = HeaderValue::from_static("max-age=31536000");

const SECURITY: [(&str, &str); 5] = [
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
];

/// Finishes an answer, whatever became of the request.
pub async fn finish(Shared(edge): Shared<Arc<Edge>>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let request_id = request_id();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let is_secure = request.extensions().get::<Peer>().is_some_and(|peer| peer.is_secure);
    let answered = AssertUnwindSafe(answered(&edge, request, next)).catch_unwind().await;
    let mut response = answered.unwrap_or_else(|_| {
        let detail = "The service went wrong; whether anything was stored is unknown. \
                      Repeat it with the same Idempotency-Key, and report the request_id.";
        Problem::new(Kind::Internal, detail).into_response()
    });
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        response = with_document(response, &problem, &request_id);
    }
    secure(response.headers_mut(), &request_id);
    if is_secure {
        response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, STRICT);
    }
    let route = route.as_ref().map(MatchedPath::as_str);
    let (status, took) = (response.status().as_u16(), began.elapsed());
    edge.figures.answered(method.as_str(), route, status, took);
    if edge.lines.are_on() && !route.is_some_and(|route| QUIET.contains(&route)) {
        let asked = response.extensions().get::<Asked>();
        edge.lines.say(&Line {
            at: chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Millis, true),
            method: method.as_str(),
            route,
            status,
            duration_ms: took.as_secs_f64() * 1e3,
            principal: asked.map(|asked| asked.0.as_str()),
            request_id: &request_id,
        });
    }
    response
}

/// An id that no other request has.
pub fn request_id() -> String {
    uuid::Uuid::now_v7().simple().to_string()
}

/// What holds of every answer: it has the id of its request, and nothing is kept, guessed, framed,
/// or given to pages of others. Where a page allows itself more, it has said so before.
pub fn secure(headers: &mut HeaderMap, request_id: &str) {
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    let policy = HeaderValue::from_static(
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(policy);
    for (name, value) in SECURITY {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert(REQUEST_ID, id);
    }
}

/// What was refused at the edge goes no further.
async fn answered(edge: &Edge, request: Request, next: Next) -> Response {
    if let Some(refusal) = request.extensions().get::<Refusal>() {
        return Problem::from(*refusal).into_response();
    }
    let local = request.extensions().get::<Peer>().map_or(LOOPBACK, |peer| peer.local);
    if !edge.hosts.know(request.headers(), request.uri(), local) {
        let detail = "The Host of the request is none that this service answers to: ask it by its \
                      address, or start it with --host and that name.";
        return Problem::new(Kind::WrongHost, detail).into_response();
    }
    next.run(request).await
}

fn with_document(response: Response, problem: &Problem, request_id: &str) -> Response {
    let (mut parts, _) = response.into_parts();
    let media_type = HeaderValue::from_static("application/problem+json");
    parts.headers.insert(header::CONTENT_TYPE, media_type);
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(problem.to_json(request_id)))
}

#[cfg(test)]
mod tests {
    use super::finish;
    use axum::Router;
    use axum::routing::get;
    use std::io::{Read, Write};
    use std::net::{SocketAddr, TcpStream};
    use std::sync::Arc;

    /// Gets `path` on a connection of its own; the whole answer as it came.
    fn ask(address: SocketAddr, path: &str) -> String {
        let mut stream = TcpStream::connect(address).unwrap();
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    #[tokio::test]
    async fn a_panic_is_a_problem_that_tells_nothing_of_it_and_the_next_request_is_served() {
        async fn panics() -> &'static str {
            panic!("the password is hunter2")
        }
        let router = Router::new()
            .route("/panics", get(panics))
            .route("/well", get(async || "well"))
            .layer(axum::middleware::from_fn_with_state(Arc::default(), finish));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async { axum::serve(listener, router).await });
        let answers =
            tokio::task::spawn_blocking(move || (ask(address, "/panics"), ask(address, "/well")));
        let (panicked, well) = answers.await.unwrap();
        let (head, body) = panicked.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 500 "), "{head}");
        assert!(head.contains("content-type: application/problem+json"), "{head}");
        let problem: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!(problem["code"], "internal");
        let id = problem["request_id"].as_str().unwrap();
        assert!(id.len() == 32 && head.contains(id), "{head}");
        assert!(!panicked.contains("hunter2"));
        assert!(well.ends_with("well"));
    }
}
