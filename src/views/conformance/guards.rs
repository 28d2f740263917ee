//! Guards that were passed by: overridden by the commander, or waived because the story was told
//! afterwards. Both stand in the header of their event for ever.

use super::rule::{Rule, of_guard};
use super::{Deviation, Source};
use crate::incident::code::Code;
use crate::views::sentence::spaced;
use crate::views::told::Told;

/// Every guard that was overridden or waived, a deviation for each.
pub fn passed_by(source: &Source<'_>) -> Vec<Deviation> {
    let of_event = |told: &Told<'_>| {
        let over = told.recorded.over.iter().map(|code| overridden(source, told, *code));
        let waived = told.recorded.dev.iter().map(|code| waived(source, told, *code));
        over.chain(waived).collect::<Vec<_>>()
    };
    source.told.iter().flat_map(of_event).collect()
}

fn overridden(source: &Source<'_>, told: &Told<'_>, code: Code) -> Deviation {
    let recorded = told.recorded;
    let by = source.people.principal(recorded.on_behalf_of.as_ref().unwrap_or(&recorded.by));
    let reason = recorded.override_reason.as_ref().map(ToString::to_string);
    let given = reason.clone().unwrap_or_else(|| "not recorded".to_owned());
    let says = format!(
        "{} was overridden at {} by {}. {} The reason given: {given}",
        spaced(code),
        spaced(&told.logged.entry.r#type),
        by.name,
        code.about()
    );
    let line = of_guard(source.runbook, code);
    let deviation = Deviation::new(Rule::GuardOverridden, says, [recorded.version], line);
    Deviation { code: Some(code), by: Some(by), reason, ..deviation }
}

fn waived(source: &Source<'_>, told: &Told<'_>, code: Code) -> Deviation {
    let says = format!(
        "{} was not met at {}, and let through because the story was told afterwards. {}",
        spaced(code),
        spaced(&told.logged.entry.r#type),
        code.about()
    );
    let line = of_guard(source.runbook, code);
    let deviation = Deviation::new(Rule::GuardWaived, says, [told.recorded.version], line);
    Deviation { code: Some(code), ..deviation }
}
