//! The outermost layer: every request gets an id, every panic becomes an answer, every problem
//! its document, and nothing is kept by a cache.

use super::edge::Refusal;
use super::problem::{Kind, Problem};
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use std::panic::AssertUnwindSafe;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Finishes an answer, whatever became of the request.
pub async fn finish(request: Request, next: Next) -> Response {
    let request_id = uuid::Uuid::now_v7().simple().to_string();
    let answered = AssertUnwindSafe(answered(request, next)).catch_unwind().await;
    let mut response = answered.unwrap_or_else(|_| {
        let detail = "The service went wrong; whether anything was stored is unknown. \
                      Repeat it with the same Idempotency-Key, and report the request_id.";
        Problem::new(Kind::Internal, detail).into_response()
    });
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        response = with_document(response, &problem, &request_id);
    }
    let headers = response.headers_mut();
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Ok(id) = HeaderValue::from_str(&request_id) {
        headers.insert(REQUEST_ID, id);
    }
    response
}

/// What was refused at the edge goes no further.
async fn answered(request: Request, next: Next) -> Response {
    match request.extensions().get::<Refusal>() {
        Some(refusal) => Problem::from(*refusal).into_response(),
        None => next.run(request).await,
    }
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

    /// Gets `path` on a connection of its own; the whole answer as it came.
    fn ask(address: SocketAddr, path: &str) -> String {
        let mut stream = TcpStream::connect(address).unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
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
            .layer(axum::middleware::from_fn(finish));
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
