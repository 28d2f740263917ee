//! Who was told.

use super::phrase::{Phrase, joined, spaced};
use crate::incident::event::{Escalated, Update};
use crate::views::somebody::People;

pub fn update_posted(it: &Update) -> String {
    let purposes: Vec<String> = it.purposes.iter().map(spaced).collect();
    Phrase::new(format!("Posted in {} ({})", it.channel, joined(&purposes)))
        .part("", it.text.as_ref())
        .part("audience: ", it.audience)
        .part("status: ", it.status.as_ref())
        .time("expected to be well ", it.eta.map(|eta| eta.0))
        .part("", it.url.as_ref())
        .part("going on from ", it.of.as_ref())
        .end()
}

pub fn escalated(it: &Escalated, people: &People<'_>) -> String {
    Phrase::new(format!("Called in {}: {}", people.name(&it.to), it.reason))
        .posted(it.posted.as_ref())
        .end()
}
