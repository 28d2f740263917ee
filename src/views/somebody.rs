//! Who: people as they come out, `{id, name}`.

use crate::incident::id::{Position, PrincipalId};
use crate::incident::text::Person;
use crate::log::{Names, Story};
use schemars::JsonSchema;
use serde::Serialize;

/// A person or a tool. One shape for all: `{"id": "u_…", "name": "Ana"}` for a principal, and
/// `{"name": "a customer"}`, the id left out, for words about somebody who is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Somebody {
    /// The principal's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What they were called at the moment of the view; a principal without a name has its id.
    pub name: String,
}

/// What principals are called at one place in the log.
#[derive(Debug, Clone, Copy)]
pub struct People<'a> {
    names: &'a Names,
    as_of: Position,
}

impl<'a> People<'a> {
    /// People as they were called at `as_of`.
    pub fn new(names: &'a Names, as_of: Position) -> People<'a> {
        People { names, as_of }
    }

    /// People as they were called at the last event of `story`.
    pub fn of(story: &'a Story) -> People<'a> {
        People::new(&story.names, story.last().entry.pos)
    }

    /// A principal.
    pub fn principal(&self, id: &PrincipalId) -> Somebody {
        let name = match self.names.at(id.as_str(), self.as_of) {
            Some(name) => name,
            None if id.is_service() => "allclear",
            None => id.as_str(),
        };
        Somebody { id: Some(id.to_string()), name: name.to_owned() }
    }

    /// A person as stored: the id of a principal, else any words.
    pub fn person(&self, person: &Person) -> Somebody {
        match self.names.at(person.as_str(), self.as_of) {
            Some(name) => Somebody { id: Some(person.to_string()), name: name.to_owned() },
            None => Somebody { id: None, name: person.to_string() },
        }
    }

    /// What a person is called.
    pub fn name(&self, person: &Person) -> String {
        self.person(person).name
    }
}
