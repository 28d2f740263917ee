//! What the sequencer shows to readers after each commit: the head, who may speak, and what
//! people are called. Nothing here is shown before it is durable.

use super::books::Books;
use super::plan::Plan;
use super::sealer::ProofStatus;
use crate::access::Directory;
use crate::incident::id::Position;
use crate::log::Names;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::watch;

/// What readers see of the sequencer's work.
pub struct Shared {
    head: watch::Sender<Position>,
    directory: RwLock<Arc<Directory>>,
    names: RwLock<Arc<Names>>,
    books: Books,
    erasures: AtomicU64,
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
            erasures: AtomicU64::new(0),
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

    /// How many events were erased so far: what was read before the last of them may be erased now.
    pub fn erasures(&self) -> u64 {
        self.erasures.load(Ordering::SeqCst)
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
        show(&self.names, &plan.names);
        show(&self.directory, &plan.directory);
        self.erasures.fetch_add(plan.batch.erasures.len() as u64, Ordering::SeqCst);
        self.head.send_replace(plan.position);
    }
}

/// Most turns change nothing of it, and readers are not held up for that.
fn show<T>(shown: &RwLock<Arc<T>>, now: &Arc<T>) {
    let is_shown = Arc::ptr_eq(&shown.read().unwrap_or_else(PoisonError::into_inner), now);
    if !is_shown {
        *shown.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(now);
    }
}
