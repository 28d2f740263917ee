//! What is left to do after the resolution: the checklist.

use super::rule::Rule;
use super::{Deviation, Source};
use crate::incident::runbook::ChecklistItem;
use crate::incident::words::{ItemOutcome, State};

/// Items of the checklist that are open once the incident is resolved, and questions that were
/// ticked without an answer.
pub fn checklist(source: &Source<'_>) -> Vec<Deviation> {
    let incident = &source.story.incident;
    let resolved = incident.facts.resolutions.last().filter(|_| incident.state == State::Resolved);
    let Some(resolved) = resolved else { return Vec::new() };
    let left = |item: &ChecklistItem| {
        let marked = incident.facts.checklist.get(&item.item);
        let says = match marked.map(|(_, it)| (it.outcome, it.answer.is_some())) {
            Some((ItemOutcome::NotApplicable, _) | (ItemOutcome::Done, true)) => return None,
            Some((ItemOutcome::Done, false)) if !item.is_question() => return None,
            Some((ItemOutcome::Done, false)) => "Marked as done, and its answer is not on record.",
            Some((ItemOutcome::Open, _)) | None => "Open after the resolution.",
        };
        let event = marked.map_or(resolved.version, |(mark, _)| mark.version);
        Some(Deviation::new(Rule::ChecklistOpen, says, [event], item.says.as_str()))
    };
    source.runbook.checklist.iter().filter_map(left).collect()
}
