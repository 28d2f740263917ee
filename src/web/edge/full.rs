//! What a newcomer is told when every place is held by somebody known: that it is so, in one write
//! that waits for nobody.

use crate::web::layer;
use crate::web::problem::{Kind, Problem};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use std::io::{self, Read, Write};
use tokio::net::TcpStream;

/// Answers before anything was asked, says how many places there are, and hangs up.
///
/// # Errors
///
/// The client has gone, or its system took no answer at once; nobody waits for it.
pub fn turn_away(stream: TcpStream, places: usize) -> io::Result<()> {
    let mut stream = stream.into_std()?;
    stream.write_all(&answer(places))?;
    // What has come already is read: closing over it would reset the connection under the answer.
    stream.read(&mut [0; 4096]).map(drop)
}

fn answer(places: usize) -> Vec<u8> {
    let detail =
        format!("All {places} connections are held by others. Nothing was read: try again.");
    let request_id = layer::request_id();
    let body = Problem::new(Kind::Overloaded, detail).to_json(&request_id);
    let mut headers = HeaderMap::from_iter([
        (header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json")),
        (header::CONTENT_LENGTH, HeaderValue::from(body.len())),
        (header::CONNECTION, HeaderValue::from_static("close")),
        (header::RETRY_AFTER, HeaderValue::from_static("1")),
    ]);
    layer::secure(&mut headers, &request_id);
    let mut answer = format!("HTTP/1.1 {}\r\n", StatusCode::SERVICE_UNAVAILABLE).into_bytes();
    for (name, value) in &headers {
        answer.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    answer.extend([b"\r\n", body.as_bytes()].concat());
    answer
}
