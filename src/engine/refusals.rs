//! Refusals for want of rights (promise P20): counted as they come, and one act of `SYS` for each
//! principal when its minute is over. What waits here is bounded by the principals that there are:
//! whoever is not known is never counted, so outsiders cannot grow the log.

use super::request::{Ask, Failure, Request};
use super::{Engine, plan};
use crate::access::Action;
use crate::incident::id::PrincipalId;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long the refusals of one principal are counted before they are recorded.
pub const REFUSALS_SPAN: Duration = Duration::from_secs(60);

/// How often what is due is looked for.
const REFUSALS_POLL: Duration = Duration::from_secs(1);

/// How many principals' refusals one request records.
const REFUSALS_MAX: usize = 256;

/// The refusals of one principal, together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Who tried.
    pub principal: PrincipalId,
    /// What they tried, in the order of the matrix.
    pub actions: BTreeSet<Action>,
    /// How often.
    pub count: i64,
    /// When counting began, in the time that the process has run.
    since: Duration,
}

/// What was refused and is not recorded yet.
#[derive(Debug, Default)]
pub struct Refusals(Mutex<BTreeMap<PrincipalId, Refusal>>);

impl Refusals {
    fn waiting(&self) -> MutexGuard<'_, BTreeMap<PrincipalId, Refusal>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts one more.
    pub(super) fn note(&self, principal: &PrincipalId, action: Action, running: Duration) {
        self.add(Refusal {
            principal: principal.clone(),
            actions: BTreeSet::from([action]),
            count: 1,
            since: running,
        });
    }

    fn add(&self, more: Refusal) {
        let mut waiting = self.waiting();
        match waiting.get_mut(&more.principal) {
            Some(known) => {
                known.actions.extend(more.actions);
                known.count = known.count.saturating_add(more.count);
                known.since = known.since.min(more.since);
            }
            None => {
                waiting.insert(more.principal.clone(), more);
            }
        }
    }

    /// Takes those whose counting began no later than that, at most so many as one request records.
    fn take(&self, until: Duration) -> Vec<Refusal> {
        let mut waiting = self.waiting();
        waiting
            .extract_if(.., |_, it| it.since <= until)
            .map(|it| it.1)
            .take(REFUSALS_MAX)
            .collect()
    }
}

/// Records what is due, again and again, until it is dropped.
pub(super) async fn run(engine: Engine) {
    loop {
        tokio::time::sleep(REFUSALS_POLL).await;
        // What could not be recorded now still waits, and is counted on.
        let _ = record_refusals(&engine).await;
    }
}

/// Records the refusals whose minute is over.
///
/// # Errors
///
/// Why they could not be recorded; they still wait then.
pub async fn record_refusals(engine: &Engine) -> Result<(), Failure> {
    match engine.clock.running().checked_sub(REFUSALS_SPAN) {
        Some(until) => record(engine, until).await,
        None => Ok(()),
    }
}

/// Records all of them, whether their minute is over or not.
pub(super) async fn record_rest(engine: &Engine) -> Result<(), Failure> {
    record(engine, Duration::MAX).await
}

async fn record(engine: &Engine, until: Duration) -> Result<(), Failure> {
    loop {
        let due = engine.refusals.take(until);
        if due.is_empty() {
            return Ok(());
        }
        let ask = Ask::Refused(due.clone());
        let done = engine.submit(Request { who: plan::service(), key: None, ask }).await;
        if let Err(failure) = done {
            due.into_iter().for_each(|it| engine.refusals.add(it));
            return Err(failure);
        }
    }
}
