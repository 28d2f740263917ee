//! The vocabulary: every fixed set of words that events, state machines and views share.
//!
//! A word is stored for ever. Words are added, never renamed and never reused.

mod set;

pub(crate) use set::{read_word, words};

words! {
    /// Where an incident stands in its lifecycle (design 2.1).
    pub enum State {
        /// Before the announcement: no incident yet. Never stored, never shown.
        Nothing = "nothing",
        /// Called out, nothing decided yet.
        Announced = "announced",
        /// "Investigate first" was decided, or all is open again.
        Assessing = "assessing",
        /// A response was decided; remedies are planned and run.
        Mitigating = "mitigating",
        /// The remedy is in; health check and smoke tests run.
        Verifying = "verifying",
        /// Checks passed, which is *service restored*; the watch runs.
        Monitoring = "monitoring",
        /// Watched to the end.
        Resolved = "resolved",
        /// False alarm, duplicate, merged, or nothing had to be done.
        Cancelled = "cancelled",
    }
}

impl State {
    /// Whether work on the incident goes on.
    pub const fn is_open(self) -> bool {
        match self {
            State::Announced
            | State::Assessing
            | State::Mitigating
            | State::Verifying
            | State::Monitoring => true,
            State::Nothing | State::Resolved | State::Cancelled => false,
        }
    }

    /// The word that Statuspage uses for it, for pages that customers read.
    pub const fn status_page_word(self) -> &'static str {
        match self {
            State::Nothing | State::Announced | State::Assessing => "investigating",
            State::Mitigating => "identified",
            State::Verifying | State::Monitoring => "monitoring",
            State::Resolved | State::Cancelled => "resolved",
        }
    }
}

words! {
    /// Where one attempt to restore service stands (design 2.2).
    pub enum RemedyState {
        /// Before anybody spoke of it. Never shown.
        New = "new",
        /// Intended, not begun.
        Planned = "planned",
        /// Under way.
        Running = "running",
        /// Done. *Done is not effective.*
        Finished = "finished",
        /// It did not take.
        Failed = "failed",
        /// Given up.
        Abandoned = "abandoned",
        /// Put back to what was there before it.
        Undone = "undone",
    }
}

words! {
    /// The kinds of remedy; with `investigate` also the responses of the decision table.
    pub enum RemedyKind {
        /// Components go back to an earlier version.
        Rollback = "rollback",
        /// A database migration is reverted.
        MigrationDowngrade = "migration_downgrade",
        /// Data come back from a backup.
        BackupRestore = "backup_restore",
        /// A feature is switched off behind its flag.
        FlagOff = "flag_off",
        /// A configuration goes back to what it was.
        ConfigRevert = "config_revert",
        /// A configuration goes forward to something new.
        ConfigChange = "config_change",
        /// More, or less, of what runs.
        Scale = "scale",
        /// The same thing, started again.
        Restart = "restart",
        /// New code that mends the fault.
        Hotfix = "hotfix",
        /// The same or another build, put out again.
        Redeploy = "redeploy",
        /// Anything else that was tried.
        Other = "other",
    }
}

words! {
    /// What a remedy is for.
    pub enum Purpose {
        /// To restore service. The default.
        Remedy = "remedy",
        /// To find something out.
        Diagnosis = "diagnosis",
        /// To keep it from getting worse.
        Precaution = "precaution",
    }
}

words! {
    /// What a response decision chose: to look first, or a kind of remedy.
    pub enum Response {
        /// Look first, act later.
        Investigate = "investigate",
        /// See [`RemedyKind::Rollback`].
        Rollback = "rollback",
        /// See [`RemedyKind::MigrationDowngrade`].
        MigrationDowngrade = "migration_downgrade",
        /// See [`RemedyKind::BackupRestore`].
        BackupRestore = "backup_restore",
        /// See [`RemedyKind::FlagOff`].
        FlagOff = "flag_off",
        /// See [`RemedyKind::ConfigRevert`].
        ConfigRevert = "config_revert",
        /// See [`RemedyKind::ConfigChange`].
        ConfigChange = "config_change",
        /// See [`RemedyKind::Scale`].
        Scale = "scale",
        /// See [`RemedyKind::Restart`].
        Restart = "restart",
        /// See [`RemedyKind::Hotfix`].
        Hotfix = "hotfix",
        /// See [`RemedyKind::Redeploy`].
        Redeploy = "redeploy",
        /// See [`RemedyKind::Other`].
        Other = "other",
    }
}

impl Response {
    /// The kind of remedy that was chosen; none when the choice was to investigate.
    pub fn remedy(self) -> Option<RemedyKind> {
        RemedyKind::parse(self.word())
    }
}

words! {
    /// Where the first sign of an incident came from.
    pub enum DetectionSource {
        /// An alert or a dashboard.
        Monitoring = "monitoring",
        /// Somebody who uses the service.
        Customer = "customer",
        /// Somebody who works on it.
        Staff = "staff",
        /// Anything else.
        Other = "other",
    }
}

words! {
    /// How much of the service is affected.
    pub enum ImpactLevel {
        /// Nobody is affected (any more).
        None = "none",
        /// Some users, or some of what they do.
        Partial = "partial",
        /// Everybody.
        Full = "full",
        /// Nobody knows how much.
        Unknown = "unknown",
    }
}

words! {
    /// What the impact is about.
    pub enum ImpactKind {
        /// The service does not answer.
        Availability = "availability",
        /// It answers slowly.
        Performance = "performance",
        /// Data are wrong or gone.
        Data = "data",
        /// Somebody can do what they must not.
        Security = "security",
    }
}

words! {
    /// What somebody does in an incident.
    pub enum Role {
        /// Decides. One at a time.
        Commander = "commander",
        /// Tells everybody else. One at a time.
        Communications = "communications",
        /// Writes down. One at a time.
        Scribe = "scribe",
        /// Works on it. As many as it takes.
        Responder = "responder",
    }
}

impl Role {
    /// Whether at most one person holds it at a time.
    pub const fn has_one_holder(self) -> bool {
        match self {
            Role::Commander | Role::Communications | Role::Scribe => true,
            Role::Responder => false,
        }
    }
}

words! {
    /// What a remedy did to the impact.
    pub enum Effect {
        /// It ended it.
        Effective = "effective",
        /// It lessened it.
        Partial = "partial",
        /// It changed nothing.
        None = "none",
        /// It made things worse.
        Harmful = "harmful",
    }
}

words! {
    /// What a post was for (design 3, obligations).
    pub enum UpdatePurpose {
        /// T+0: there is an incident.
        Announcement = "announcement",
        /// T+5: first assessment and planned action.
        Assessment = "assessment",
        /// T+15: where the rollback stands.
        Progress = "progress",
        /// T+30: stable, or escalated.
        Stability = "stability",
        /// T+60: the final status.
        Final = "final",
        /// Step 7: the service is restored.
        Resolution = "resolution",
        /// Anything else.
        Other = "other",
    }
}

words! {
    /// Who could read a post.
    pub enum Audience {
        /// Colleagues.
        Internal = "internal",
        /// Customers and the world.
        Public = "public",
    }
}

words! {
    /// Why an incident was cancelled.
    pub enum CancelReason {
        /// Nothing was wrong.
        FalseAlarm = "false_alarm",
        /// It is told in another incident already.
        Duplicate = "duplicate",
        /// It goes on in another incident.
        Merged = "merged",
        /// It went away before anybody acted.
        NothingToDo = "nothing_to_do",
    }
}

words! {
    /// Which part of the explanation a cause is.
    pub enum CausePart {
        /// What set it off.
        Trigger = "trigger",
        /// What made it possible.
        Root = "root",
        /// What made it worse or longer.
        Contributing = "contributing",
    }
}

words! {
    /// How sure anybody is of a cause.
    pub enum CauseStanding {
        /// Thought of.
        Suspected = "suspected",
        /// Shown.
        Confirmed = "confirmed",
        /// Shown not to be.
        Rejected = "rejected",
    }
}

words! {
    /// Whether an alert fires.
    pub enum AlertStatus {
        /// It fires.
        Firing = "firing",
        /// It has stopped.
        Resolved = "resolved",
    }
}

words! {
    /// How another incident relates to this one.
    pub enum Relation {
        /// The other brought this one about.
        CausedBy = "caused_by",
        /// The other tells the same story.
        DuplicateOf = "duplicate_of",
        /// This one waits for the other.
        BlockedBy = "blocked_by",
        /// The other was the same thing earlier.
        RecurrenceOf = "recurrence_of",
        /// What the other did helped here.
        MitigatedBy = "mitigated_by",
        /// Somehow.
        Related = "related",
    }
}

words! {
    /// What became of an item of the checklist.
    pub enum ItemOutcome {
        /// It was done.
        Done = "done",
        /// It does not apply here.
        NotApplicable = "not_applicable",
        /// It is open again.
        Open = "open",
    }
}

words! {
    /// What a lesson is about.
    pub enum LessonKind {
        /// Keep doing this.
        WentWell = "went_well",
        /// Change this.
        WentBadly = "went_badly",
        /// Do not count on this.
        Lucky = "lucky",
    }
}

words! {
    /// What a follow-up is to achieve.
    pub enum FollowUpKind {
        /// It does not happen again.
        Prevent = "prevent",
        /// It is seen sooner.
        Detect = "detect",
        /// It hurts less.
        Mitigate = "mitigate",
        /// People work better together.
        Process = "process",
    }
}

words! {
    /// Where a follow-up stands.
    pub enum FollowUpStatus {
        /// To do. The default.
        Open = "open",
        /// Under way.
        InProgress = "in_progress",
        /// Done.
        Done = "done",
        /// Decided against.
        Dropped = "dropped",
    }
}

words! {
    /// The sections of a post-mortem that people write themselves.
    pub enum Section {
        /// What happened, in a paragraph.
        Summary = "summary",
        /// Who felt it, how much, how long.
        Impact = "impact",
        /// How it was noticed.
        Detection = "detection",
        /// What was decided and why.
        Decision = "decision",
        /// What was done about it.
        Response = "response",
        /// Why it happened.
        RootCause = "root_cause",
        /// What went well, badly, and by luck.
        Lessons = "lessons",
        /// What will be done.
        FollowUps = "follow_ups",
        /// Anything else.
        Notes = "notes",
    }
}
