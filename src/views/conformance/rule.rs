//! The rules that a history is held against, and the lines of the runbook that they come from.

use crate::incident::Runbook;
use crate::incident::code::Code;
use crate::incident::runbook::StepName;
use crate::incident::words::words;

words! {
    /// A rule of the runbook that was departed from.
    pub enum Rule {
        /// A promised communication was made after its grace.
        ObligationLate = "obligation_late",
        /// A promised communication was not made before the next fell due.
        ObligationMissed = "obligation_missed",
        /// Nobody commanded within five minutes of the announcement.
        NoCommander = "no_commander",
        /// Another response was chosen than the runbook recommends, with a rationale.
        OtherChoice = "other_choice",
        /// Another response was chosen than the runbook recommends, and no rationale is on record.
        ChoiceUnexplained = "choice_unexplained",
        /// A remedy of another kind than chosen, and not of the scenario, was started.
        OtherRemedy = "other_remedy",
        /// A guard was overridden.
        GuardOverridden = "guard_overridden",
        /// A guard was not met, and let through because the story was told afterwards.
        GuardWaived = "guard_waived",
        /// A watched signal read bad during the watch, before it read good.
        BadReading = "bad_reading",
        /// The resolution was not announced.
        ResolutionUnannounced = "resolution_unannounced",
        /// A public post was not followed by one that says it is over.
        StatusPageOpen = "status_page_open",
        /// Restoring service took longer than the scenario's window.
        SlowRecovery = "slow_recovery",
        /// An item of the checklist is open, or a question without an answer, after the resolution.
        ChecklistOpen = "checklist_open",
    }
}

/// What the runbook says in a step, by the number of the line; the step's title when it says less.
pub fn of_step(runbook: &Runbook, step: StepName, line: usize) -> String {
    match runbook.steps.iter().find(|it| it.step == step) {
        Some(it) => it.says.get(line).map_or_else(|| it.title.to_string(), ToString::to_string),
        None => step.about().to_owned(),
    }
}

/// The line of the runbook that a guard keeps.
pub fn of_guard(runbook: &Runbook, code: Code) -> String {
    let step = |step, line| of_step(runbook, step, line);
    match code {
        Code::RationaleMissing | Code::Undecided => {
            "Before initiating a rollback, determine the correct response".to_owned()
        }
        Code::RemedyRunning | Code::NothingRemedied => title_of(runbook, StepName::Rollback),
        Code::ChecksMissing | Code::Unverified => verify_commands(runbook),
        Code::WatchTooShort => step(StepName::Verify, 0),
        Code::SignalMissing | Code::SignalBad => step(StepName::Verify, 1),
        Code::RemedyStarted => step(StepName::Resolution, 0),
        Code::TargetUnknown | Code::TargetIsCurrent => title_of(runbook, StepName::Identify),
        Code::CauseUnconfirmed => step(StepName::Migrations, 0),
        Code::SchemaUnchecked => step(StepName::Migrations, 1),
        Code::Destructive => step(StepName::Migrations, 2),
        Code::CodeFirst => {
            "Roll back the application code first (it must work with the old schema).".to_owned()
        }
        Code::TargetNotObserved => title_of(runbook, StepName::Verify),
        Code::NotInThisState
        | Code::RemedyOrder
        | Code::RemedyUnknown
        | Code::NameTaken
        | Code::AlreadyAnnounced
        | Code::EndsBeforeStart
        | Code::RoleHeld => code.about().to_owned(),
    }
}

fn title_of(runbook: &Runbook, step: StepName) -> String {
    let step = runbook.steps.iter().find(|it| it.step == step);
    step.map_or_else(|| "Step-by-Step Rollback Procedure".to_owned(), |it| it.title.to_string())
}

fn verify_commands(runbook: &Runbook) -> String {
    let mut commands = runbook.commands.iter().filter(|it| it.step == StepName::Verify);
    let says = commands.next().map(|it| it.says.to_string());
    says.unwrap_or_else(|| title_of(runbook, StepName::Verify))
}
