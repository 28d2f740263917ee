//! What clients remember of their requests, and what of it is stored.

use crate::outside::{Actor, Answer, events_of};
use serde_json::{Value, json};
use std::io;

/// What a client knows of a request.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// Answered 2xx: position and version of each event.
    Acknowledged(Vec<(u64, u64)>),
    /// Answered 4xx.
    TurnedAway,
    /// Not answered, or 5xx, or answered when answers counted for nothing any more.
    Unknown,
}

impl Outcome {
    /// What that answer says.
    pub fn of(answer: &io::Result<Answer>) -> Outcome {
        match answer {
            Ok(answer) if answer.status == 201 => {
                let events = answer.json()["events"].as_array().unwrap().clone();
                let number = |event: &Value, name: &str| event[name].as_u64().unwrap();
                let place = |event: &Value| (number(event, "position"), number(event, "version"));
                Outcome::Acknowledged(events.iter().map(place).collect())
            }
            Ok(answer) if (400..500).contains(&answer.status) => Outcome::TurnedAway,
            Ok(_) | Err(_) => Outcome::Unknown,
        }
    }
}

/// A request as its client remembers it; each event of it has a text of its own.
#[derive(Debug, Clone)]
pub struct Sent {
    pub key: String,
    pub incident: String,
    pub texts: Vec<String>,
    /// The version that it must stand at, when that was asked for.
    pub if_match: Option<u64>,
    pub outcome: Outcome,
}

impl Sent {
    /// Asks for it, with an event more that no incident of these takes when it is to be illegal.
    pub fn ask(&self, who: &Actor, is_illegal: bool) -> io::Result<Answer> {
        let note = |text: &String| json!({ "type": "note_added", "data": { "text": text } });
        let mut events: Vec<Value> = self.texts.iter().map(note).collect();
        events.extend(is_illegal.then(|| json!({ "type": "resolved" })));
        let body = Value::Array(events).to_string();
        let mut who = who.key(&self.key);
        if let Some(version) = self.if_match {
            who = who.with("If-Match", &format!("\"{version}\""));
        }
        who.try_send(
            "POST",
            &events_of(&self.incident),
            Some(("application/json", body.as_bytes())),
        )
    }
}

/// An event as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    pub position: u64,
    pub incident: String,
    pub version: u64,
    pub batch: String,
    /// None for what is no note: announcements, and the service's own acts.
    pub text: Option<String>,
}

impl Stored {
    /// An event as the service tells it, and as the outsider does.
    pub fn read(event: &Value) -> Stored {
        Stored {
            position: event["position"].as_u64().unwrap(),
            incident: event["ref"].as_str().unwrap().to_owned(),
            version: event["version"].as_u64().unwrap(),
            batch: event["batch"].as_str().unwrap().to_owned(),
            text: event["data"]["text"].as_str().map(ToOwned::to_owned),
        }
    }
}
