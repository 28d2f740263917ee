//! What the sequencer shows to readers after each commit: the head, the newest rows, who may speak,
//! and what people are called. Nothing here is shown before it is durable.

use super::books::Books;
use super::plan::Plan;
use super::recent::Recent;
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
    directory: watch::Sender<Arc<Directory>>,
    names: RwLock<Arc<Names>>,
    books: Books,
    recent: Recent,
    erasures: AtomicU64,
    proof: RwLock<ProofStatus>,
}

impl Shared {
    /// As the log stands when the process starts.
    pub fn new(head: Position, directory: Directory, names: Names, books: Books) -> Shared {
        Shared {
            head: watch::Sender::new(head),
            directory: watch::Sender::new(Arc::new(directory)),
            names: RwLock::new(Arc::new(names)),
            books,
            recent: Recent::new(head),
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
        Arc::clone(&self.directory.borrow())
    }

    /// A receiver that wakes whenever that has changed.
    pub fn directories(&self) -> watch::Receiver<Arc<Directory>> {
        self.directory.subscribe()
    }

    /// The newest rows.
    pub fn recent(&self) -> &Recent {
        &self.recent
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

    /// Shows what was just committed, and wakes the readers. The order is that of `recent`: what is
    /// erased goes before that is counted, and names are known before the rows that need them.
    pub(super) fn publish(&self, plan: &Plan<'_>) {
        let is_shown = |shown: &Arc<Names>| Arc::ptr_eq(shown, &plan.names);
        // Most turns change nothing of either, and readers are not held up for that.
        if !is_shown(&self.names.read().unwrap_or_else(PoisonError::into_inner)) {
            let mut shown = self.names.write().unwrap_or_else(PoisonError::into_inner);
            *shown = Arc::clone(&plan.names);
        }
        self.directory.send_if_modified(|shown| {
            let is_shown = Arc::ptr_eq(shown, &plan.directory);
            *shown = Arc::clone(&plan.directory);
            !is_shown
        });
        self.recent.take(&plan.batch, plan.position);
        self.erasures.fetch_add(plan.batch.erasures.len() as u64, Ordering::SeqCst);
        self.head.send_replace(plan.position);
    }
}
