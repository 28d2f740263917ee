//! What it was, how it began, and who felt it.

use super::Source;
use super::document::{SectionName, SectionOut, Statement};
use crate::incident::Event;
use crate::incident::event::Announced;
use crate::incident::facts::{Mark, Window};
use crate::views::figures::{Figure, FigureName};
use crate::views::sentence::{joined, sentence, spaced, versions};
use crate::views::somebody::People;
use crate::views::timeline::level;
use crate::views::when::utc;

impl Source<'_> {
    /// A sentence for each event that `tells` picks, as corrected; withdrawn ones count for nothing.
    pub(super) fn statements(&self, tells: impl Fn(&Event) -> bool) -> Vec<Statement> {
        let people = People::of(self.story);
        let state = |told: &crate::views::told::Told<'_>| {
            let event = told.said.as_ref().filter(|event| tells(event))?;
            let text = format!("{}: {}", utc(told.happened), sentence(event, &people));
            let corrections = told.amendment.iter().flat_map(|it| it.by.iter().copied());
            Some(Statement::new(text, told.recorded.version).and(corrections))
        };
        self.told.iter().filter_map(state).collect()
    }

    /// The statement of a figure that is known; what is not known is asked at the end.
    pub(super) fn figure(&self, name: FigureName) -> Option<Statement> {
        let figure = self.figures.get(name)?;
        (!figure.events.is_empty()).then(|| stated(figure)).flatten()
    }
}

/// A figure as a statement; none when no event has to do with it.
pub fn stated(figure: &Figure) -> Option<Statement> {
    let (first, others) = figure.events.split_first()?;
    Some(Statement::new(figure.sentence(), *first).and(others.iter().copied()))
}

/// The title block.
pub fn incident(source: &Source<'_>) -> SectionOut {
    let mut statements = Vec::new();
    if let Some((mark, it)) = &source.story.incident.facts.announced {
        statements.extend(of_announcement(*mark, it));
    }
    statements.extend(standing(source));
    statements.extend(source.statements(|event| {
        matches!(event, Event::SeverityChanged(_) | Event::RoleAssigned(_) | Event::RoleReleased(_))
    }));
    SectionOut::new(SectionName::Incident, statements)
}

fn of_announcement(mark: Mark, it: &Announced) -> Vec<Statement> {
    let listed = |components: &[_]| (!components.is_empty()).then(|| versions(components));
    let affected = (!it.affected.is_empty()).then(|| joined(&it.affected));
    [
        Some(format!("Service: {}", it.service)),
        it.environment.as_ref().map(|it| format!("Environment: {it}")),
        Some(format!("Announced: {}", utc(mark.happened))),
        it.severity.as_ref().map(|it| format!("Severity when announced: {it}")),
        it.scenario.as_ref().map(|it| format!("Scenario when announced: {}", spaced(it))),
        affected.map(|it| format!("Affected: {it}")),
        listed(it.running.listed()).map(|it| format!("Running when announced: {it}")),
        listed(it.previous.listed()).map(|it| format!("Running before that: {it}")),
        it.source.as_ref().map(|it| format!("Announced from: {it}")),
        (it.retrospective == Some(true)).then(|| "Entered afterwards".to_owned()),
    ]
    .into_iter()
    .flatten()
    .map(|text| Statement::new(format!("{text}."), mark.version))
    .collect()
}

fn standing(source: &Source<'_>) -> Option<Statement> {
    let state = source.story.incident.state;
    let since = source.told.iter().rev().take_while(|told| told.recorded.to == state).last()?;
    Some(Statement::new(format!("State: {state}."), since.recorded.version))
}

/// The summary.
pub fn summary(source: &Source<'_>) -> SectionOut {
    let mut statements = Vec::new();
    if let Some((mark, it)) = &source.story.incident.facts.announced {
        let mut text = format!("{}: {}", it.service, it.reason);
        if !it.symptoms.is_empty() {
            text.push_str(&format!(" Seen: {}.", joined(&it.symptoms)));
        }
        statements.push(Statement::new(text, mark.version));
    }
    statements.extend(source.figure(FigureName::Restore));
    statements.extend(source.figure(FigureName::Resolve));
    let ends = |event: &Event| {
        matches!(event, Event::Resolved(_) | Event::Cancelled(_) | Event::Reopened(_))
    };
    statements.extend(source.statements(ends));
    SectionOut::new(SectionName::Summary, statements)
}

/// The impact, window by window.
pub fn impact(source: &Source<'_>) -> SectionOut {
    let windows = &source.story.incident.facts.impact;
    let mut statements: Vec<Statement> = windows.iter().map(window).collect();
    statements.extend(source.statements(|event| matches!(event, Event::ImpactChanged(_))));
    if !windows.is_empty() {
        statements.extend(source.figure(FigureName::Impact));
    }
    SectionOut::new(SectionName::Impact, statements)
}

fn window(window: &Window) -> Statement {
    let scope = window.scope.as_ref().map(|scope| format!(" in {scope}")).unwrap_or_default();
    let till = match window.till {
        Some((till, _)) => format!("until {}", utc(till)),
        None => "its end not recorded".to_owned(),
    };
    let levels = joined(&window.levels.iter().map(level).collect::<Vec<_>>());
    let text = format!("Impact{scope} ({levels}): from {}, {till}.", utc(window.from));
    let others = window.levels.iter().map(|level| level.mark.version);
    let ended = window.till.map(|(_, event)| event);
    Statement::new(text, window.from_event).and(others.chain(ended))
}

/// How it was noticed.
pub fn detection(source: &Source<'_>) -> SectionOut {
    let notices = |event: &Event| {
        matches!(event, Event::Detected(_) | Event::AlertAttached(_) | Event::AlertDetached(_))
    };
    let mut statements = source.statements(notices);
    if !source.story.incident.facts.detections.is_empty() {
        statements.extend(source.figure(FigureName::Detect));
        statements.extend(source.figure(FigureName::Declare));
    }
    SectionOut::new(SectionName::Detection, statements)
}
