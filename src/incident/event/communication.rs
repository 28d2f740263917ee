//! Who was told: posts and escalations.

use crate::incident::field::{Fault, Faults, Field, List, Pointer, Reword, record};
use crate::incident::text::{Person, Phrase, Text, Url};
use crate::incident::time::When;
use crate::incident::words::{Audience, UpdatePurpose};
use serde_json::Value;

record! {
    /// That an event was also posted where people read; then it counts as the post.
    pub struct Posted {
        /// Where: a chat channel, a status page.
        channel: Phrase,
        /// A link to it.
        url: Option<Url>,
    }
}

record! {
    /// Something that was posted.
    pub struct Update {
        /// What it was for; it pays the obligations of these names.
        purposes: List<UpdatePurpose>,
        /// Where: a chat channel, a status page.
        channel: Phrase,
        /// What it said.
        text: Option<Text>,
        /// Who could read it.
        audience: Option<Audience>,
        /// The status that it gave.
        status: Option<Phrase>,
        /// When things are expected to be well.
        eta: Option<When>,
        /// A link to it.
        url: Option<Url>,
        /// The earlier post that it goes on from.
        of: Option<Url>,
    }
}

/// Something was posted where people read.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct UpdatePosted(pub Update);

impl Field for UpdatePosted {
    fn read(value: Value, at: &Pointer<'_>, faults: &mut Faults) -> Option<Self> {
        let update = Update::read(value, at, faults)?;
        if update.purposes.is_empty() {
            let purposes = Pointer::Key(at, "purposes");
            faults.add(Fault::new(&purposes, "names what the post was for: at least one purpose"));
        }
        Some(UpdatePosted(update))
    }

    fn schema() -> Value {
        Update::schema()
    }

    fn reword(&mut self, to: &mut Reword<'_>) {
        self.0.reword(to);
    }
}

record! {
    /// Somebody else was called in.
    pub struct Escalated {
        /// Who.
        to: Person,
        /// Why.
        reason: Text,
        /// That it was also posted where people read.
        posted: Option<Posted>,
    }
}
