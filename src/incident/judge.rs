//! Judging: from a claim to the event as it will be recorded, or to the reason why not.
//!
//! Everything is checked before anything is changed: a claim that is turned away leaves no trace.

use super::claim::Claim;
use super::code::Code;
use super::event::Event;
use super::field::{Fault, Faults, Pointer};
use super::fit::not_ahead;
use super::incident::Incident;
use super::meaning::is_move;
use super::recorded::{Recorded, Who};
use super::refusal::{Refusal, Rejection, Unmet};
use super::runbook::Runbook;
use super::time::{Claimed, Moment, Precision};
use super::words::Role;

impl Incident {
    /// Judges a claim at `at`, the moment of recording. `pointer` is where in the request it
    /// stands; people and incidents in it are already named by their ids.
    ///
    /// # Errors
    ///
    /// [`Rejection::Invalid`] when it does not fit what is known here, with every fault;
    /// [`Rejection::NotTheCommander`] when it overrides without the right to;
    /// [`Rejection::NotAnAdmin`] when it erases without the right to;
    /// [`Rejection::ReplacementMissing`] when it erases facts and puts nothing in their place;
    /// [`Rejection::Refused`] with every guard that is not met.
    pub fn judge(
        &self,
        claim: Claim,
        who: &Who,
        at: Moment,
        runbook: &Runbook,
        pointer: &Pointer<'_>,
    ) -> Result<Recorded, Rejection> {
        if claim.override_reason.is_some() && !self.may_override(who) {
            return Err(Rejection::NotTheCommander);
        }
        if matches!(claim.event, Event::Redacted(_)) && !who.may_redact() {
            return Err(Rejection::NotAnAdmin);
        }
        let mut event = claim.event;
        if let Event::Redacted(it) = &mut event {
            self.settle_redaction(it, &Pointer::Key(pointer, "data"))?;
        }
        let mut faults = Faults::default();
        self.settle(&mut event, at, runbook, &Pointer::Key(pointer, "data"), &mut faults);
        let occurred = self.occurred(&event, claim.occurred, at, pointer, &mut faults);
        faults.or(Some(()))?;
        let happened = occurred.unwrap_or(Claimed::At(at.instant(), Precision::Second));
        let (to, unmet) = self.rule(&event, happened, runbook);
        let (over, dev) = self
            .let_through(unmet, claim.override_reason.is_some(), happened)
            .map_err(Rejection::Refused)?;
        Ok(Recorded {
            version: self.version().next(),
            at,
            occurred,
            to,
            by: who.by.clone(),
            on_behalf_of: who.on_behalf_of.clone(),
            actor: claim.actor,
            override_reason: claim.override_reason,
            as_written: claim.as_written,
            over,
            dev,
            kind: Some(event.kind()),
            event: Some(event),
        })
    }

    /// Guards are overridden by whoever commands the incident, or by an admin (design 2.3).
    fn may_override(&self, who: &Who) -> bool {
        let commander = self.facts.holder(Role::Commander);
        who.is_admin
            || commander.is_some_and(|holder| holder.person.as_str() == who.judged().as_str())
    }

    /// Makes the event what will be stored, and finds what is wrong with it.
    fn settle(
        &self,
        event: &mut Event,
        now: Moment,
        runbook: &Runbook,
        at: &Pointer<'_>,
        faults: &mut Faults,
    ) {
        if let Event::Corrected(it) = event {
            self.settle_correction(it, now, runbook, at, faults);
        }
        self.complete(event, runbook);
        self.check(event, now, runbook, at, faults);
        self.check_taken_back(event, at, faults);
    }

    /// When it is claimed to have happened, as it will be stored.
    fn occurred(
        &self,
        event: &Event,
        claimed: Option<Claimed>,
        now: Moment,
        at: &Pointer<'_>,
        faults: &mut Faults,
    ) -> Option<Claimed> {
        let at = Pointer::Key(at, "occurred");
        let (is_told_afterwards, must_say) = match event {
            Event::Announced(it) => (it.retrospective == Some(true), false),
            _ => (self.facts.is_retrospective(), is_move(event, &self.facts)),
        };
        match claimed {
            None if is_told_afterwards && must_say => {
                let detail = "is missing: an incident told afterwards says when each move happened, \
                              or \"unknown\"";
                faults.add(Fault::new(&at, detail));
            }
            Some(claimed) => not_ahead(claimed, now, at.to_string(), faults),
            None => {}
        }
        claimed.or(is_told_afterwards.then_some(Claimed::Unknown))
    }

    /// What is not met is overridden, or only marked, or else refuses: codes for `over` and `dev`.
    pub(super) fn let_through(
        &self,
        unmet: Vec<Unmet>,
        is_overridden: bool,
        happened: Claimed,
    ) -> Result<(Vec<Code>, Vec<Code>), Refusal> {
        let codes: Vec<Code> = unmet.iter().map(|unmet| unmet.code).collect();
        let can_pass = codes.iter().all(|code| code.is_overridable());
        match codes {
            codes if codes.is_empty() => Ok((codes, Vec::new())),
            codes if can_pass && is_overridden => Ok((codes, Vec::new())),
            codes if can_pass && self.is_waived(happened) => Ok((Vec::new(), codes)),
            _ => Err(Refusal { unmet, state: self.state, version: self.version() }),
        }
    }

    /// A story told afterwards has happened already: its guards only mark (design 2.3). That goes
    /// for what is claimed to have happened before the announcement was recorded; an end that
    /// nobody knows is no later than that.
    fn is_waived(&self, happened: Claimed) -> bool {
        let Some((announced, _)) = &self.facts.announced else { return false };
        let is_before = match happened {
            Claimed::At(at, _) => at.moment() < announced.at,
            Claimed::Within(from, till) => {
                till.or(from).is_some_and(|latest| latest.moment() < announced.at)
            }
            Claimed::Unknown => true,
        };
        self.facts.is_retrospective() && is_before
    }
}
