//! The one loop of everybody who follows the log: read a page behind my position; when it is
//! empty, wait for the head to move (design 4.4). Catching up and living on are the same code, and
//! a slow reader costs only itself.

use super::{Engine, ReadFailed};
use crate::incident::id::{IncidentId, Position, Version};
use crate::log::Row;
use tokio::sync::watch;

/// How many events one read of a follower takes.
pub const TAIL_PAGE: usize = 100;

/// What is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The whole log.
    Log,
    /// One incident, from the version that the position belongs to.
    Incident(IncidentId),
}

/// Somebody who follows the log.
pub struct Tail {
    engine: Engine,
    scope: Scope,
    after: Position,
    version: Version,
    head: watch::Receiver<Position>,
}

impl Tail {
    /// A follower of `scope` that has seen everything up to `after`.
    pub fn new(engine: Engine, scope: Scope, after: Position) -> Tail {
        let head = engine.head();
        Tail { engine, scope, after, version: Version(0), head }
    }

    /// The next events, at least one; waits until there is one.
    pub async fn next(&mut self) -> Result<Vec<Row>, ReadFailed> {
        loop {
            self.head.borrow_and_update();
            let page = self.page().await?;
            if let Some(last) = page.last() {
                self.after = last.position;
                return Ok(page);
            }
            self.head.changed().await.expect("the engine that this follows keeps its head");
        }
    }

    async fn page(&mut self) -> Result<Vec<Row>, ReadFailed> {
        match self.scope {
            Scope::Log => self.engine.events(self.after, TAIL_PAGE).await,
            Scope::Incident(id) => loop {
                let mut page = self.engine.events_of(id, self.version, TAIL_PAGE).await?;
                let Some(last) = page.last() else { return Ok(page) };
                self.version = last.version;
                page.retain(|row| row.position > self.after);
                if !page.is_empty() {
                    return Ok(page);
                }
            },
        }
    }
}
