//! Somebody who speaks to the service.

use super::{Answer, Connection, Stream};
use serde_json::Value;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

/// Somebody with a token, and headers that go with every request. A clone talks on a connection of
/// its own.
pub struct Actor {
    address: SocketAddr,
    headers: Vec<(String, String)>,
    idle: Arc<Mutex<Option<Connection>>>,
}

impl Clone for Actor {
    fn clone(&self) -> Actor {
        let headers = self.headers.clone();
        Actor { address: self.address, headers, idle: Arc::default() }
    }
}

impl Actor {
    /// Somebody with that token; with none when it is empty.
    pub fn new(address: SocketAddr, token: &str) -> Actor {
        let bare = Actor { address, headers: Vec::new(), idle: Arc::default() };
        match token {
            "" => bare,
            token => bare.with("Authorization", &format!("Bearer {token}")),
        }
    }

    /// The same on the same connection, with one more header on every request.
    pub fn with(&self, name: &str, value: &str) -> Actor {
        let mut actor = Actor { idle: Arc::clone(&self.idle), ..self.clone() };
        actor.headers.push((name.to_owned(), value.to_owned()));
        actor
    }

    /// The same, elsewhere: at a server that was started again.
    pub fn at(&self, address: SocketAddr) -> Actor {
        Actor { address, ..self.clone() }
    }

    /// The same, with that Idempotency-Key.
    pub fn key(&self, key: &str) -> Actor {
        self.with("Idempotency-Key", key)
    }

    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None)
    }

    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.post_bytes(path, body.to_string().as_bytes())
    }

    /// Posts bytes that are said to be JSON.
    pub fn post_bytes(&self, path: &str, body: &[u8]) -> Answer {
        self.send("POST", path, Some(("application/json", body)))
    }

    pub fn send(&self, method: &str, path: &str, body: Option<(&str, &[u8])>) -> Answer {
        self.try_send(method, path, body).unwrap_or_else(|error| panic!("{method} {path}: {error}"))
    }

    /// Sends a request; an error means that nobody knows what became of it.
    pub fn try_send(
        &self,
        method: &str,
        path: &str,
        body: Option<(&str, &[u8])>,
    ) -> io::Result<Answer> {
        let idle = self.idle.lock().unwrap().take();
        let mut connection = idle.map_or_else(|| Connection::open(self.address), Ok)?;
        let answer = connection.ask(&self.request(method, path, body))?;
        if answer.header("connection") != Some("close") {
            *self.idle.lock().unwrap() = Some(connection);
        }
        Ok(answer)
    }

    /// Follows a stream of events from where `last_seen` says, else from its beginning.
    pub fn follow(&self, path: &str, last_seen: Option<u64>) -> Stream {
        let actor = match last_seen {
            Some(id) => self.with("Last-Event-ID", &id.to_string()),
            None => self.clone(),
        };
        let mut connection = Connection::open(self.address).unwrap();
        connection.send(&actor.request("GET", path, None)).unwrap();
        Stream::open(connection)
    }

    /// The bytes of a request.
    pub fn request(&self, method: &str, path: &str, body: Option<(&str, &[u8])>) -> Vec<u8> {
        let mut head = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\n", self.address);
        for (name, value) in &self.headers {
            head += &format!("{name}: {value}\r\n");
        }
        let Some((media_type, body)) = body else { return format!("{head}\r\n").into_bytes() };
        head += &format!("Content-Type: {media_type}\r\nContent-Length: {}\r\n\r\n", body.len());
        [head.as_bytes(), body].concat()
    }
}
