//! How it began, and who felt it.

use super::Source;
use super::document::{SectionName, SectionOut, Statement};
use crate::incident::Event;
use crate::incident::facts::Window;
use crate::views::figures::{Figure, FigureName};
use crate::views::sentence::{joined, sentence};
use crate::views::timeline::level;
use crate::views::told::Told;
use crate::views::when::utc;

impl Source<'_> {
    /// A sentence for each event that `tells` picks, as corrected; withdrawn ones count for nothing.
    pub(super) fn statements(&self, tells: impl Fn(&Event) -> bool) -> Vec<Statement> {
        let state = |told: &Told<'_>| {
            let event = told.said.as_ref().filter(|event| tells(event))?;
            let text = format!("{}: {}", utc(told.happened), sentence(event, &self.people));
            Some(Statement::new(text, told.recorded.version))
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
