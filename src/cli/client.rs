//! A client of our own API: one request on one connection, in the clear or over TLS.

use super::Failed;
use super::trust::Trust;
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::http::uri::Authority;
use hyper::{Request, StatusCode, header};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use std::path::Path;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

/// How long a request may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A client of one server, with one token.
pub struct Client {
    authority: Authority,
    token: String,
    /// Whose certificates are believed, when the server is asked over TLS.
    trust: Option<Trust>,
}

/// What the server answered.
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The body.
    pub body: String,
}

impl Client {
    /// A client of the server at `url`, such as `http://127.0.0.1:7373`. One of `https` is believed
    /// when an authority of the file `ca` has signed its certificate, and else never.
    pub fn new(url: &str, ca: Option<&Path>, token: &str) -> Result<Client, Failed> {
        let (trust, authority) = match (url.strip_prefix("https://"), url.strip_prefix("http://")) {
            (Some(rest), _) => (Some(Trust::read(ca)?), rest),
            (None, rest) => (None, rest.unwrap_or_default()),
        };
        let authority = authority.trim_end_matches('/').parse().map_err(|_| {
            Failed::undone(format!("{url} is no server: give one such as http://127.0.0.1:7373"))
        })?;
        Ok(Client { authority, token: token.trim().to_owned(), trust })
    }

    /// Gets a document.
    pub async fn get(&self, path: &str) -> Result<Answer, Failed> {
        self.send("GET", path, None).await
    }

    /// Posts JSON.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Answer, Failed> {
        self.send("POST", path, Some(body)).await
    }

    /// Deletes what is at that address.
    pub async fn delete(&self, path: &str) -> Result<Answer, Failed> {
        self.send("DELETE", path, None).await
    }

    async fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Answer, Failed> {
        let exchange = self.exchange(method, path, body);
        tokio::time::timeout(PATIENCE, exchange).await.map_err(|_| {
            Failed::undone(format!("{} did not answer within {PATIENCE:?}", self.authority))
        })?
    }

    async fn exchange(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Answer, Failed> {
        let bytes = body.map(|body| Bytes::from(body.to_string())).unwrap_or_default();
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, self.authority.as_str())
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token))
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::new(bytes))
            .map_err(Failed::undone)?;
        let stream = self.connect().await?;
        match &self.trust {
            None => self.ask(stream, request).await,
            Some(trust) => {
                let host = self.authority.host().trim_matches(['[', ']']);
                self.ask(trust.shake_hands(host, stream).await?, request).await
            }
        }
    }

    async fn connect(&self) -> Result<TcpStream, Failed> {
        let default = if self.trust.is_some() { 443 } else { 80 };
        let server =
            format!("{}:{}", self.authority.host(), self.authority.port_u16().unwrap_or(default));
        TcpStream::connect(&server).await.map_err(|error| {
            Failed::undone(format!(
                "there is no server at {server}: {error}. Is allclear serve running?"
            ))
        })
    }

    async fn ask<S>(&self, stream: S, request: Request<Full<Bytes>>) -> Result<Answer, Failed>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let broken = |error: hyper::Error| Failed::undone(format!("{}: {error}", self.authority));
        let handshake = hyper::client::conn::http1::handshake(TokioIo::new(stream));
        let (mut sender, connection) = handshake.await.map_err(broken)?;
        tokio::spawn(connection);
        let response = sender.send_request(request).await.map_err(broken)?;
        let status = response.status();
        let body = response.into_body().collect().await.map_err(broken)?.to_bytes();
        Ok(Answer { status, body: String::from_utf8_lossy(&body).into_owned() })
    }
}

impl Answer {
    /// The body as JSON, when the request was done; else what the server said against it.
    pub fn done(&self) -> Result<Value, Failed> {
        let body: Value = serde_json::from_str(&self.body).unwrap_or_default();
        if self.status.is_success() {
            return Ok(body);
        }
        let detail = body["detail"].as_str().unwrap_or("no reason was given");
        Err(Failed::undone(format!("the server answered {}: {detail}", self.status.as_u16())))
    }
}
