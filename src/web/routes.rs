//! Every operation of the API, with what its documentation says of it. A new one does not compile
//! until it has a route, and does not run until it has a handler.

mod log;
mod people;

use crate::access::Action;
use crate::incident::words::words;

words! {
    /// The operations of the API; their words are the operation ids of the OpenAPI document.
    pub enum Operation {
        /// Announces an incident.
        Announce = "announceIncident",
        /// Lists incidents.
        ListIncidents = "listIncidents",
        /// Gets one incident.
        GetIncident = "getIncident",
        /// Appends events.
        AppendEvents = "appendEvents",
        /// Lists the events of an incident.
        ListEvents = "listIncidentEvents",
        /// Tells the timeline.
        Timeline = "getTimeline",
        /// Tells the figures.
        Figures = "getFigures",
        /// Tells the figures of many incidents.
        FiguresAcross = "getFiguresAcross",
        /// Holds an incident against its runbook.
        Conformance = "getConformance",
        /// Drafts the post-mortem.
        Postmortem = "getPostmortem",
        /// Replays an incident.
        Replay = "getReplay",
        /// Follows an incident.
        FollowIncident = "followIncident",
        /// Carries an incident out.
        ExportIncident = "exportIncident",
        /// Carries the whole log out.
        ExportLog = "exportLog",
        /// Lists the whole log.
        ListLog = "listLog",
        /// Follows the whole log.
        FollowLog = "followLog",
        /// Shows the newest checkpoint.
        LogCheckpoint = "getCheckpoint",
        /// Shows the key that checkpoints are checked with.
        LogKey = "getKey",
        /// Proves that an event is in the log.
        LogProof = "getInclusionProof",
        /// Proves that the log begins with an earlier one.
        LogConsistency = "getConsistencyProof",
        /// Shows the runbook.
        Runbook = "getRunbook",
        /// Recommends a response.
        Assess = "assess",
        /// Lists tokens.
        ListTokens = "listTokens",
        /// Makes a token.
        MakeToken = "makeToken",
        /// Takes a token back.
        RevokeToken = "revokeToken",
        /// Lists principals.
        ListPrincipals = "listPrincipals",
        /// Changes what a principal may do.
        ChangePrincipal = "changePrincipal",
        /// Says that the process lives.
        Livez = "livez",
        /// Says whether it can serve.
        Readyz = "readyz",
        /// Exports figures for Prometheus.
        Metrics = "metrics",
        /// Describes the API.
        OpenApi = "openapi",
        /// Documents the API for people.
        Docs = "docs",
    }
}

/// What the documentation says of an operation.
#[derive(Debug, Clone, Copy)]
pub struct Route {
    /// `get`, `post`, `patch` or `delete`.
    pub method: &'static str,
    /// The path, with its parameters in braces.
    pub path: &'static str,
    /// What it does, in a line.
    pub summary: &'static str,
    /// What the caller may rely on.
    pub description: &'static str,
    /// The parameters of its query: name and meaning.
    pub query: &'static [(&'static str, &'static str)],
    /// The media types of its answer.
    pub answers: &'static [&'static str],
    /// The row of the permission matrix that says who may, asked before the handler runs; without
    /// one it is open to everybody, and needs no token.
    pub action: Option<Action>,
}

const JSON: &[&str] = &["application/json"];
const DOCUMENT: &[&str] = &["application/json", "text/markdown", "text/plain"];
const BUNDLE: &[&str] = &["application/jsonl"];
const STREAM: &[&str] = &["text/event-stream"];
const POINT: &[(&str, &str)] = &[
    ("version", "As it stood at that version."),
    (
        "at",
        "As it stood at that instant (RFC 3339): up to the last event recorded at or before it.",
    ),
];
const PAGE: &[(&str, &str)] = &[
    ("after", "Only what follows this version (of an incident) or position (of the log)."),
    ("limit", "At most so many, 1 to 1000."),
];
const VIEW: &[(&str, &str)] = &[
    ("version", "As it stood at that version."),
    ("at", "As it stood at that instant (RFC 3339)."),
    ("format", "json, markdown or text; else what Accept prefers."),
];
const DRAFT: &[(&str, &str)] = &[
    ("version", "As it stood at that version."),
    ("at", "As it stood at that instant (RFC 3339)."),
    ("tz", "A zone of the IANA database whose clock is shown in the timeline beside UTC."),
    ("judged_at", "The moment to judge promises at; else the last event's."),
    ("format", "json, markdown or html; else what Accept prefers."),
];

impl Operation {
    /// What the documentation says of it.
    pub const fn route(self) -> Route {
        match self {
            Operation::Announce => Route {
                method: "post",
                path: "/v1/incidents",
                summary: "Announce an incident",
                description: "The data of announced, with occurred, as_written, actor, commander and \
                              further events in the same batch: all or none. Answers 201 with \
                              Location and ETag. Send an Idempotency-Key to be able to repeat it, \
                              and no If-Match: what is not there yet has no version, 412.",
                query: &[],
                answers: JSON,
                action: Some(Action::Announce),
            },
            Operation::ListIncidents => Route {
                method: "get",
                path: "/v1/incidents",
                summary: "List incidents, newest first",
                description: "A page, with Link rel=next when there are more.",
                query: &[
                    (
                        "state",
                        "Only these states; may be repeated. open and closed stand for all such.",
                    ),
                    ("service", "Only this service."),
                    ("severity", "Only this severity."),
                    ("commander", "Only what this person commands, by name or id."),
                    ("since", "Only what was announced at or after this instant (RFC 3339)."),
                    ("until", "Only what was announced before this instant (RFC 3339)."),
                    ("q", "Only what has these words in its title or service."),
                    ("limit", "At most so many, 1 to 1000; 50 when left out."),
                    ("after", "The cursor of the page before, from its Link."),
                ],
                answers: JSON,
                action: Some(Action::Read),
            },
            Operation::GetIncident => Route {
                method: "get",
                path: "/v1/incidents/{id}",
                summary: "Get an incident",
                description: "Everything folded; the guide: where it stands in the procedure of its \
                              runbook, what comes next, and the commands for its service; and \
                              next: for every type of event whether it may be appended now, and \
                              if not, why. The ETag serves If-Match.",
                query: POINT,
                answers: JSON,
                action: Some(Action::Read),
            },
            Operation::AppendEvents => Route {
                method: "post",
                path: "/v1/incidents/{id}/events",
                summary: "Append events",
                description: "One event or an array of at most 32, all or none. If-Match makes it \
                              conditional on the version that was seen; events of the service's own \
                              making do not count. 409 says what stands against it. Of SYS, the \
                              service's own acts, an admin may erase a name so, by redacted.",
                query: &[],
                answers: JSON,
                action: Some(Action::Append),
            },
            Operation::ListEvents => Route {
                method: "get",
                path: "/v1/incidents/{id}/events",
                summary: "List the events of an incident",
                description: "As recorded, in the order of their versions, with Link rel=next. Those of \
                              SYS are the service's own acts, for auditors and admins.",
                query: PAGE,
                answers: JSON,
                action: Some(Action::Read),
            },
            Operation::Timeline => Route {
                method: "get",
                path: "/v1/incidents/{id}/timeline",
                summary: "Tell the timeline",
                description: "Who did what, when it happened, when and by whom it was recorded. Of SYS, \
                              the service's own acts, for auditors and admins: a page, with after, \
                              limit and format alone.",
                query: &[
                    ("version", "As it stood at that version."),
                    ("at", "As it stood at that instant (RFC 3339)."),
                    ("order", "occurred (default) or recorded."),
                    ("tz", "A zone of the IANA database whose clock is shown beside UTC."),
                    ("noise", "false leaves the service's own events out."),
                    ("judged_at", "The moment to judge promises at; else the last event's."),
                    ("format", "json, markdown, text or html; else what Accept prefers."),
                ],
                answers: &["application/json", "text/markdown", "text/plain", "text/html"],
                action: Some(Action::Read),
            },
            Operation::Figures => Route {
                method: "get",
                path: "/v1/incidents/{id}/figures",
                summary: "Tell the figures",
                description: "Each with its definition and the events that it comes from, or unknown \
                              with the reason.",
                query: VIEW,
                answers: DOCUMENT,
                action: Some(Action::Read),
            },
            Operation::FiguresAcross => Route {
                method: "get",
                path: "/v1/figures",
                summary: "Tell the figures of many incidents together",
                description: "Of the incidents announced in a time: for each figure the median and the \
                              90th percentile, the number of incidents that it rests on, and how many \
                              were left out for want of a time. Reads at most 1000 incidents.",
                query: &[
                    ("from", "Only what was announced at or after this instant (RFC 3339)."),
                    ("to", "Only what was announced before this instant (RFC 3339)."),
                    ("by", "service, scenario or month: also a group for each."),
                    ("format", "json or markdown; else what Accept prefers."),
                ],
                answers: &["application/json", "text/markdown"],
                action: Some(Action::Read),
            },
            Operation::Conformance => Route {
                method: "get",
                path: "/v1/incidents/{id}/conformance",
                summary: "Hold an incident against its runbook",
                description: "Every deviation with its rule, its events and the line of the runbook; \
                              every promised communication with what became of it; the time to \
                              restore against the window of the scenario.",
                query: &[
                    ("version", "As it stood at that version."),
                    ("at", "As it stood at that instant (RFC 3339)."),
                    (
                        "judged_at",
                        "Judged at that instant (RFC 3339); else at the recording of its last event.",
                    ),
                    ("format", "json, markdown or text; else what Accept prefers."),
                ],
                answers: DOCUMENT,
                action: Some(Action::Read),
            },
            Operation::Postmortem => Route {
                method: "get",
                path: "/v1/incidents/{id}/postmortem",
                summary: "Draft the post-mortem",
                description: "Every statement cites its events; what nobody recorded is said so.",
                query: DRAFT,
                answers: &["application/json", "text/markdown", "text/html"],
                action: Some(Action::Read),
            },
            Operation::Replay => Route {
                method: "get",
                path: "/v1/incidents/{id}/replay",
                summary: "Replay an incident",
                description: "Each event in turn: the verdict of today's machines beside the recorded \
                              one, and what was known, unknown, open and owed when it was recorded.",
                query: &[
                    ("version", "As it stood at that version: nothing later is known."),
                    ("at", "As it stood at that instant (RFC 3339)."),
                    (
                        "until",
                        "Stops behind that version, or behind the last event recorded by that \
                         instant; later corrections are still named.",
                    ),
                    ("format", "json, markdown or text; else what Accept prefers."),
                ],
                answers: DOCUMENT,
                action: Some(Action::Read),
            },
            Operation::FollowIncident => Route {
                method: "get",
                path: "/v1/incidents/{id}/stream",
                summary: "Follow an incident",
                description: "Server-sent events; id is the position. Resumes behind Last-Event-ID \
                              or after. Ends when the token is revoked or its rights change. Of SYS \
                              for auditors and admins.",
                query: &[("after", "Only what follows this position.")],
                answers: STREAM,
                action: Some(Action::Read),
            },
            Operation::ExportIncident => Route {
                method: "get",
                path: "/v1/incidents/{id}/export",
                summary: "Carry an incident out",
                description: "A bundle that anybody checks without this service: its events, proofs, \
                              names, runbook, the checkpoint and the key, as lines of JSON. For its \
                              commander, auditors, admins, and tools with the scope export. Recorded \
                              as exported before the first byte; without its last line it was broken \
                              off.",
                query: &[],
                answers: BUNDLE,
                action: Some(Action::ExportIncident),
            },
            Operation::ExportLog => log::EXPORT_LOG,
            Operation::ListLog => log::LIST_LOG,
            Operation::FollowLog => log::FOLLOW_LOG,
            Operation::LogCheckpoint => log::CHECKPOINT,
            Operation::LogKey => log::KEY,
            Operation::LogProof => log::PROOF,
            Operation::LogConsistency => log::CONSISTENCY,
            Operation::Runbook => Route {
                method: "get",
                path: "/v1/runbook",
                summary: "Show the runbook",
                description: "The text that an incident announced now would pin, or any text that was \
                              ever pinned.",
                query: &[("sha256", "The runbook with that SHA-256.")],
                answers: &["application/toml"],
                action: Some(Action::Read),
            },
            Operation::Assess => Route {
                method: "post",
                path: "/v1/runbook/assess",
                summary: "Recommend a response",
                description: "The situations that hold and what was measured give the recommended \
                              response, with the row of the decision table that says so; the first \
                              row that holds decides, and whoever is unsure rolls back. Symptoms \
                              suggest a scenario. Nothing is stored.",
                query: &[],
                answers: JSON,
                action: Some(Action::Read),
            },
            Operation::ListTokens => people::LIST_TOKENS,
            Operation::MakeToken => people::MAKE_TOKEN,
            Operation::RevokeToken => people::REVOKE_TOKEN,
            Operation::ListPrincipals => people::LIST_PRINCIPALS,
            Operation::ChangePrincipal => people::CHANGE_PRINCIPAL,
            Operation::Livez => Route {
                method: "get",
                path: "/livez",
                summary: "Whether the process lives",
                description: "Depends on nothing.",
                query: &[],
                answers: &["text/plain"],
                action: None,
            },
            Operation::Readyz => Route {
                method: "get",
                path: "/readyz",
                summary: "Whether it can serve",
                description: "200 or 503. verbose adds what durability really holds.",
                query: &[("verbose", "Adds the statement of what holds.")],
                answers: JSON,
                action: None,
            },
            Operation::Metrics => Route {
                method: "get",
                path: "/metrics",
                summary: "Figures for Prometheus",
                description: "The text format of Prometheus.",
                query: &[],
                answers: &["text/plain"],
                action: Some(Action::Read),
            },
            Operation::OpenApi => Route {
                method: "get",
                path: "/openapi.json",
                summary: "This document",
                description: "OpenAPI 3.1.",
                query: &[],
                answers: JSON,
                action: None,
            },
            Operation::Docs => Route {
                method: "get",
                path: "/docs",
                summary: "The API for people",
                description: "One page without scripts, made from the same document.",
                query: &[],
                answers: &["text/html"],
                action: None,
            },
        }
    }
}
