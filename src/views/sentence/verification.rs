//! Whether it is well again.

use super::impact::impact_since;
use super::phrase::{Phrase, spaced, versions};
use crate::incident::event::{
    Cancelled, CheckClaim, ChecksPassed, Reopened, Resolved, VerificationStarted,
};
use crate::incident::time::ImpactEnd;
use crate::views::when::utc;

pub fn verification_started(it: &VerificationStarted) -> String {
    Phrase::new("Checking begins")
        .part("nothing was remedied because ", it.without_remedy_because.as_ref())
        .end()
}

pub fn check_recorded(it: &CheckClaim) -> String {
    let outcome = match (it.ok, &it.not_applicable) {
        (Some(true), _) => "good".to_owned(),
        (Some(false), _) => "not good".to_owned(),
        (None, Some(why)) => format!("does not apply, {why}"),
        (None, None) => "no outcome given".to_owned(),
    };
    Phrase::new(format!("Check {}: {outcome}", it.check))
        .part("value ", it.value)
        .part("held against ", it.threshold)
        .part("measured by ", it.source.as_ref())
        .time("looked at from ", it.from.map(|from| from.0))
        .time("looked at until ", it.to.map(|to| to.0))
        .end()
}

pub fn checks_passed(it: &ChecksPassed) -> String {
    Phrase::new("Checks passed: service is restored, the watch begins")
        .part("", it.note.as_ref())
        .part("nothing was remedied because ", it.without_remedy_because.as_ref())
        .part("", it.impact_ended.map(impact_ended))
        .posted(it.posted.as_ref())
        .end()
}

pub fn resolved(it: &Resolved) -> String {
    let restored = it.restored.listed();
    Phrase::new("Resolved")
        .part("", it.summary.as_ref())
        .part("running now: ", (!restored.is_empty()).then(|| versions(restored)))
        .part("left of it: ", it.residual.as_ref())
        .part("", it.impact_ended.map(impact_ended))
        .posted(it.posted.as_ref())
        .end()
}

pub fn reopened(it: &Reopened) -> String {
    Phrase::new(format!("Reopened: {}", it.reason))
        .part("", it.impact.as_ref().map(impact_since))
        .posted(it.posted.as_ref())
        .end()
}

pub fn cancelled(it: &Cancelled) -> String {
    Phrase::new(format!("Cancelled: {}", spaced(it.why))).part("told in ", it.of.as_ref()).end()
}

fn impact_ended(end: ImpactEnd) -> String {
    match end {
        ImpactEnd::WithThis => "impact ended with this".into(),
        ImpactEnd::At(when) => format!("impact ended {}", utc(when.0)),
    }
}
