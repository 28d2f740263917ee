//! The runbooks at hand: the one that new incidents pin, and those that older ones have pinned.

use crate::incident::Incident;
use crate::incident::runbook::{self, Mistake, Runbook};
use crate::log::sha256_hex;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

/// A runbook with its text.
#[derive(Debug, Clone)]
pub struct Book {
    /// SHA-256 of the text: by this an incident pins it.
    pub sha256: String,
    /// The text.
    pub text: String,
    /// What it says.
    pub runbook: Arc<Runbook>,
}

impl Book {
    /// Reads a runbook's text, or tells every mistake in it.
    pub fn read(text: impl Into<String>) -> Result<Book, Vec<Mistake>> {
        let text = text.into();
        let runbook = Arc::new(runbook::read(&text)?);
        Ok(Book { sha256: sha256_hex(text.as_bytes()), text, runbook })
    }

    /// The built-in one.
    pub fn built_in() -> Book {
        let text = runbook::BUILT_IN_TEXT.to_owned();
        Book { sha256: sha256_hex(text.as_bytes()), text, runbook: runbook::built_in() }
    }
}

/// The runbooks at hand.
pub struct Books {
    current: Book,
    known: RwLock<HashMap<String, Arc<Runbook>>>,
}

impl Books {
    /// New incidents pin `current`.
    pub fn new(current: Book) -> Books {
        let known = HashMap::from([(current.sha256.clone(), Arc::clone(&current.runbook))]);
        Books { current, known: RwLock::new(known) }
    }

    /// The one that an incident pins when it is announced now.
    pub fn current(&self) -> &Book {
        &self.current
    }

    /// The one that an incident has pinned, if it is at hand.
    pub fn of(&self, incident: &Incident) -> Option<Arc<Runbook>> {
        self.get(incident.book.as_deref()?)
    }

    /// The one with that SHA-256, if it is at hand.
    pub fn get(&self, sha256: &str) -> Option<Arc<Runbook>> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).get(sha256).cloned()
    }

    /// Takes a pinned text to hand; one that this release cannot read is left out.
    pub fn learn(&self, sha256: &str, text: &str) -> Option<Arc<Runbook>> {
        let runbook = Arc::new(runbook::read(text).ok()?);
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.insert(sha256.to_owned(), Arc::clone(&runbook));
        Some(runbook)
    }
}
