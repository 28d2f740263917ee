//! The names of the guards (design 2.1, 2.2) and of the other reasons for a refusal.

use super::words::words;

words! {
    /// A guard that was not met, or another reason for a refusal. First what is no guard, because
    /// there is no such move at all; then the guards in the order of the tables of design 2.1 and
    /// 2.2, which is also the order in which they are stored.
    pub enum Code {
        /// The incident has no such move in its state.
        NotInThisState = "not_in_this_state",
        /// The remedy has no such move in its state.
        RemedyOrder = "remedy_order",
        /// No remedy has that name.
        RemedyUnknown = "remedy_unknown",
        /// Another one has that name.
        NameTaken = "name_taken",
        /// An incident is announced once.
        AlreadyAnnounced = "already_announced",
        /// A remedy of ours runs.
        RemedyRunning = "remedy_running",
        /// The choice is not the recommended one, and nobody says why.
        RationaleMissing = "rationale_missing",
        /// No decision to act stands since the last reopening.
        Undecided = "undecided",
        /// Nothing that was done stands finished since the last reopening.
        NothingRemedied = "nothing_remedied",
        /// Health and smoke have not both passed since the last change.
        ChecksMissing = "checks_missing",
        /// The checks never passed.
        Unverified = "unverified",
        /// The watch has not run its time.
        WatchTooShort = "watch_too_short",
        /// A watched signal was not read at the end of the watch.
        SignalMissing = "signal_missing",
        /// A watched signal read bad at the end of the watch.
        SignalBad = "signal_bad",
        /// It would end before it began.
        EndsBeforeStart = "ends_before_start",
        /// A remedy of ours was started.
        RemedyStarted = "remedy_started",
        /// A component has no version to go back to.
        TargetUnknown = "target_unknown",
        /// A component runs in that version already.
        TargetIsCurrent = "target_is_current",
        /// Nobody has seen that the old code runs on that schema.
        SchemaUnchecked = "schema_unchecked",
        /// Nobody has seen that the migration is the cause.
        CauseUnconfirmed = "cause_unconfirmed",
        /// The migration destroyed data: restore a backup instead.
        Destructive = "destructive",
        /// The code goes back before the schema does.
        CodeFirst = "code_first",
        /// What was to be there was not seen there.
        TargetNotObserved = "target_not_observed",
        /// Somebody else holds the role.
        RoleHeld = "role_held",
    }
}

impl Code {
    /// Whether the commander may override it with a reason (the ○ of the tables).
    pub const fn is_overridable(self) -> bool {
        match self {
            Code::RemedyRunning
            | Code::RationaleMissing
            | Code::Undecided
            | Code::NothingRemedied
            | Code::ChecksMissing
            | Code::Unverified
            | Code::WatchTooShort
            | Code::SignalMissing
            | Code::SignalBad
            | Code::RemedyStarted
            | Code::TargetUnknown
            | Code::TargetIsCurrent
            | Code::SchemaUnchecked
            | Code::CauseUnconfirmed
            | Code::Destructive
            | Code::CodeFirst
            | Code::TargetNotObserved => true,
            Code::NotInThisState
            | Code::RemedyOrder
            | Code::RemedyUnknown
            | Code::NameTaken
            | Code::AlreadyAnnounced
            | Code::EndsBeforeStart
            | Code::RoleHeld => false,
        }
    }
}
