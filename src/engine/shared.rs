//! What the sequencer shows to readers after each commit: the head, who may speak, and what
//! people are called. Nothing here is shown before it is durable.

use super::books::Books;
use super::plan::Plan;
use super::sealer::ProofStatus;
use crate::access::Directory;
use crate::incident::id::Position;
use crate::log::Names;
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::watch;

/// What readers see of the sequencer's work.
pub struct Shared {
    head: watch::Sender<Position>,
    directory: RwLock<Arc<Directory>>,
    names: RwLock<Arc<Names>>,
    books: Books,
    proof: RwLock<ProofStatus>,
}

impl Shared {
    /// As the log stands when the process starts.
    pub fn new(head: Position, directory: Directory, names: Names, books: Books) -> Shared {
        Shared {
            head: watch::Sender::new(head),
            directory: RwLock::new(Arc::new(directory)),
            names: RwLock::new(Arc::new(names)),
            books,
            proof: RwLock::default(),
        }
    }

    /// The runbooks at hand.
    pub fn books(&self) -> &Books {
        &self.books
    }

    /// A receiver that wakes whenever the head has moved.
    pub fn head(&self) -> watch::Receiver<Position> {
        self.head.subscribe()
    }

    /// Who may speak.
    pub fn directory(&self) -> Arc<Directory> {
        Arc::clone(&self.directory.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// What people are called.
    pub fn names(&self) -> Arc<Names> {
        Arc::clone(&self.names.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// How sealing stands.
    pub fn proof(&self) -> ProofStatus {
        self.proof.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Shows how sealing stands.
    pub(super) fn show_proof(&self, status: ProofStatus) {
        *self.proof.write().unwrap_or_else(PoisonError::into_inner) = status;
    }

    /// Shows what was just committed, and wakes the readers.
    pub(super) fn publish(&self, plan: &Plan<'_>) {
        if !plan.acts.is_empty() {
            let mut names = self.names.write().unwrap_or_else(PoisonError::into_inner);
            plan.acts.iter().for_each(|act| Arc::make_mut(&mut names).take(act));
            let directory = Arc::clone(&plan.directory);
            *self.directory.write().unwrap_or_else(PoisonError::into_inner) = directory;
        }
        self.head.send_replace(plan.position);
    }
}
