//! Timers: tells the commander, once, what has fallen due, by an event in the log.
//!
//! Nothing is remembered here. What is due is a column that the sequencer keeps, and whether it was
//! told is in the log; so a restart, a crash or a jump of the clock neither loses nor repeats one.

use super::request::{Ask, Failure, Request};
use super::{Engine, plan};
use std::time::Duration;

/// How often what is due is looked for.
pub const TIMER_POLL: Duration = Duration::from_secs(1);

/// How many incidents one look takes; the rest are taken by the next.
pub const TIMER_PAGE: usize = 100;

/// Looks for what is due, again and again, until it is dropped.
pub async fn run(engine: Engine) {
    loop {
        tokio::time::sleep(TIMER_POLL).await;
        // What could not be told now is still due at the next look.
        let _ = remind_due(&engine).await;
    }
}

/// Tells of everything that is due now, a page of incidents at a time.
///
/// # Errors
///
/// The failure of the first incident that could not be told; those after it are still due.
pub async fn remind_due(engine: &Engine) -> Result<(), Failure> {
    let due = engine.due(engine.now(), TIMER_PAGE).await.map_err(|_| Failure::Busy)?;
    for incident in due {
        let request = Request { who: plan::service(), key: None, ask: Ask::Remind(incident) };
        // One that is turned away was told, paid or closed since we looked, or pins a runbook that
        // this release cannot read; it stays due, and the others are told.
        let _ = engine.submit(request).await?;
    }
    Ok(())
}
