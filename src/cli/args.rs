//! The arguments, as people type them; their documentation is the help.

use super::forms::{self, Form};
use crate::incident::id::IncidentRef;
use crate::incident::runbook::Zone;
use crate::incident::scope::{self, Scope};
use crate::incident::system::{PrincipalKind, PrincipalRole};
use crate::incident::time::Instant;
use crate::views::replay::Stop;
use crate::web::Network;
use clap::{Parser, Subcommand, ValueEnum};
use serde::Deserialize;
use std::path::PathBuf;

/// The flight recorder and rule-keeper of an incident
#[derive(Debug, Parser)]
#[command(version)]
#[command(after_help = "Exit codes: 0 done, 1 could not be done, 2 wrong usage, \
4 to 7 what verify or import found, also in a backup, \
70 the storage failed while serving, 71 the data directory was refused at the start, \
78 the settings would expose the service.")]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the API on one data directory
    Serve(ServeArgs),
    /// Play a real incident through the API, in a data directory of its own
    Demo(DemoArgs),
    /// Make, list and revoke tokens, through the running server
    Token(TokenArgs),
    /// Check a runbook, or show one
    Runbook(RunbookArgs),
    /// Tell an incident's timeline, read from a data directory without a server
    Timeline(TimelineArgs),
    /// Draft an incident's post-mortem, read from a data directory without a server
    Postmortem(PostmortemArgs),
    /// Replay an incident event by event, read from a data directory without a server: what today's
    /// machines say of each, and what was known, open and owed then
    Replay(ReplayArgs),
    /// List an incident's events as JSON lines, read from a data directory without a server
    Events(ReadArgs),
    /// Verify a log, running or not, or a bundle of one, without trusting whoever kept it; nothing in it is changed
    Verify(VerifyArgs),
    /// Carry an incident, or the whole log, out in a bundle that anybody can check without allclear
    Export(ExportArgs),
    /// Build a log again from the bundle of a whole one, in a data directory that is empty or not there
    Import(ImportArgs),
    /// Write one moment of the log into a file, beside a running server or without one, and verify it
    Backup(BackupArgs),
    /// Say that an older copy of the log was put back on purpose
    Restore(RestoreArgs),
}

/// Arguments of `serve`.
#[derive(Debug, clap::Args)]
pub struct ServeArgs {
    /// The data directory; made at the first start [default: ./allclear-data]
    #[arg(long, env = "ALLCLEAR_DATA", value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Where to listen [default: 127.0.0.1:7373]
    #[arg(long, env = "ALLCLEAR_LISTEN", value_name = "ADDR")]
    pub listen: Option<std::net::SocketAddr>,
    /// Where checkpoints are published, outside the data directory [default: beside it, DIR-checkpoints]
    #[arg(long, env = "ALLCLEAR_CHECKPOINTS", value_name = "DIR")]
    pub checkpoints: Option<PathBuf>,
    /// Do not tell what has fallen due by events in the log: another tool reminds
    #[arg(long, env = "ALLCLEAR_NO_REMINDERS")]
    pub no_reminders: bool,
    /// The runbook that new incidents pin [default: the built-in one]
    #[arg(long, env = "ALLCLEAR_RUNBOOK", value_name = "FILE")]
    pub runbook: Option<PathBuf>,
    /// What else is masked as a secret before it is recorded, beside the kinds that are built in
    #[arg(long, env = "ALLCLEAR_MASKS", value_name = "FILE")]
    pub masks: Option<PathBuf>,
    /// A name that the service answers to, besides localhost and its own address; may be repeated
    #[arg(long, env = "ALLCLEAR_HOST", value_name = "NAME", value_delimiter = ',')]
    pub host: Vec<String>,
    /// The certificate that is shown, in PEM, with those that lead to its root behind it; TLS ends
    /// here then, and nothing is answered in the clear. It is read again at SIGHUP
    #[arg(long, env = "ALLCLEAR_TLS_CERT", value_name = "FILE")]
    pub tls_cert: Option<PathBuf>,
    /// Its private key, in PEM, which nobody else may read (chmod 600)
    #[arg(long, env = "ALLCLEAR_TLS_KEY", value_name = "FILE")]
    pub tls_key: Option<PathBuf>,
    /// A network of proxies that end TLS before the service; this or a certificate is needed to
    /// listen on anything but loopback. Only they connect then, and are believed in
    /// X-Forwarded-For. May be repeated
    #[arg(long, env = "ALLCLEAR_TRUSTED_PROXY", value_name = "CIDR", value_delimiter = ',')]
    pub trusted_proxy: Vec<Network>,
    /// A line of JSON on stderr for each request [default: on, unless stderr is a terminal]
    #[arg(long, env = "ALLCLEAR_LOG", value_enum, value_name = "WHEN")]
    pub log: Option<Log>,
    /// A TOML file with the same settings (data, listen, checkpoints, reminders, runbook, masks, hosts, tls_cert, tls_key, trusted_proxies, log); flags and environment come before it
    #[arg(long, env = "ALLCLEAR_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// Arguments of `verify`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Exit codes: 0 clean, 4 events are damaged, 5 the storage is damaged, \
6 the log is older than a checkpoint, 7 the log is not the one that a checkpoint was made of; \
of several the first of 5, 4, 7, 6. Notes are no damage.")]
pub struct VerifyArgs {
    /// A bundle that `export` made; without one the data directory is verified
    #[arg(value_name = "BUNDLE", conflicts_with = "data")]
    pub bundle: Option<PathBuf>,
    /// The data directory, a copy of one, or a backup [env: ALLCLEAR_DATA] [default: ./allclear-data]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// A checkpoint that was kept elsewhere: is it the beginning of this log? May be repeated
    #[arg(long, value_name = "FILE")]
    pub checkpoint: Vec<PathBuf>,
    /// The verifier key, or a file with it [default: that of the data directory, or the one in the bundle]
    #[arg(long, value_name = "FILE|KEY")]
    pub key: Option<String>,
    /// Tell each finding as a line of JSON, and the summary in the last one
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `export`.
#[derive(Debug, clap::Args)]
pub struct ExportArgs {
    /// The incident, INC-42 or its UUID
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    pub incident: Option<IncidentRef>,
    /// The whole log, with the service's own acts
    #[arg(long)]
    pub all: bool,
    /// Write it to that file instead of stdout
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// The data directory
    #[arg(long, env = "ALLCLEAR_DATA", default_value = "./allclear-data", value_name = "DIR")]
    pub data: PathBuf,
    /// The verifier key, or a file with it [default: that of the data directory]
    #[arg(long, value_name = "FILE|KEY")]
    pub key: Option<String>,
}

/// Arguments of `import`.
#[derive(Debug, clap::Args)]
pub struct ImportArgs {
    /// The bundle, made by `export --all`
    pub bundle: PathBuf,
    /// The data directory to make
    #[arg(long, env = "ALLCLEAR_DATA", default_value = "./allclear-data", value_name = "DIR")]
    pub data: PathBuf,
    /// The verifier key, or a file with it [default: the one in the bundle]
    #[arg(long, value_name = "FILE|KEY")]
    pub key: Option<String>,
}

/// Arguments of `backup`.
#[derive(Debug, clap::Args)]
#[command(after_help = "The log is in it, with its tokens (hashed), runbooks and signed \
checkpoints. Left out: the key that signs (checkpoint-key), admin-token, and the checkpoints that \
were published. To start from it: as allclear.db in an empty data directory, with the key if you \
have it; then restore --accept-rollback, when serve says that the data are older than what was \
published. Exit codes: as verify, 1 when there is no backup.")]
pub struct BackupArgs {
    /// The file to be written (mode 0600); never one that is there already
    pub file: PathBuf,
    /// The data directory
    #[arg(long, env = "ALLCLEAR_DATA", default_value = "./allclear-data", value_name = "DIR")]
    pub data: PathBuf,
}

/// Arguments of `restore`.
#[derive(Debug, clap::Args)]
pub struct RestoreArgs {
    /// Accept that events which were published are not in it: a new generation of the log begins
    #[arg(long, required = true)]
    pub accept_rollback: bool,
    /// The data directory, with no server running on it
    #[arg(long, env = "ALLCLEAR_DATA", default_value = "./allclear-data", value_name = "DIR")]
    pub data: PathBuf,
    /// Where checkpoints are published [default: beside the data directory, DIR-checkpoints]
    #[arg(long, env = "ALLCLEAR_CHECKPOINTS", value_name = "DIR")]
    pub checkpoints: Option<PathBuf>,
}

/// Whether a line is written for each request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Log {
    /// A line for each
    On,
    /// None
    Off,
}

/// Arguments of `demo`.
#[derive(Debug, clap::Args)]
pub struct DemoArgs {
    /// Which of the three incidents
    #[arg(long, value_enum, default_value = "rollback-without-effect")]
    pub incident: DemoIncident,
    /// Leave the server up when the incident is told, until it is interrupted
    #[arg(long)]
    pub keep: bool,
}

/// The three real incidents of the demo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DemoIncident {
    /// A rollback that took, and changed nothing
    RollbackWithoutEffect,
    /// A configuration put back in four minutes
    ConfigReverted,
    /// A migration that failed
    MigrationFailed,
}

/// Arguments of `token`.
#[derive(Debug, clap::Args)]
pub struct TokenArgs {
    /// What to do with tokens.
    #[command(subcommand)]
    pub command: TokenCommand,
}

/// What to do with tokens.
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Make a token for somebody or something; its secret is printed once, on stdout
    Create(CreateArgs),
    /// List one's own tokens; an admin's or auditor's token lists everybody's
    List(ServerArgs),
    /// Take a token back; it stops working at once
    Revoke(RevokeArgs),
}

/// Which server is asked, and with which token.
#[derive(Debug, clap::Args)]
pub struct ServerArgs {
    /// The running server
    #[arg(long, env = "ALLCLEAR_SERVER", default_value = "http://127.0.0.1:7373")]
    pub server: String,
    /// The authorities that may have signed the certificate of a server of https, in PEM; no others
    /// are believed
    #[arg(long, env = "ALLCLEAR_CA", value_name = "FILE")]
    pub ca: Option<PathBuf>,
    /// The data directory whose admin-token is used when ALLCLEAR_TOKEN is not set
    #[arg(long, env = "ALLCLEAR_DATA", default_value = "./allclear-data", value_name = "DIR")]
    pub data: PathBuf,
}

/// Arguments of `token revoke`.
#[derive(Debug, clap::Args)]
pub struct RevokeArgs {
    /// The token's id, k_…, as list shows it; never its secret
    pub token: String,
    /// Which server is asked.
    #[command(flatten)]
    pub asked: ServerArgs,
}

/// Arguments of `token create`.
#[derive(Debug, clap::Args)]
pub struct CreateArgs {
    /// The name of the person or tool [default: whoever asks]
    #[arg(long)]
    pub name: Option<String>,
    /// What a new person may do: viewer, responder, auditor or admin [default: responder]
    #[arg(long, value_parser = role)]
    pub role: Option<PrincipalRole>,
    /// What somebody or something new is: person or tool [default: person]
    #[arg(long, value_parser = kind)]
    pub kind: Option<PrincipalKind>,
    /// What a tool may do: read, append, act_as, export; may be repeated. append may be narrowed to
    /// types of events and services, as in append:detected,alert_attached@checkout
    #[arg(long, value_parser = scope)]
    pub scope: Vec<Scope>,
    /// When it ends (RFC 3339) [default: in 90 days]
    #[arg(long, value_parser = instant)]
    pub expires: Option<Instant>,
    /// Which server is asked.
    #[command(flatten)]
    pub asked: ServerArgs,
}

/// Arguments of `runbook`.
#[derive(Debug, clap::Args)]
pub struct RunbookArgs {
    /// What to do with runbooks.
    #[command(subcommand)]
    pub command: RunbookCommand,
}

/// What to do with runbooks.
#[derive(Debug, Subcommand)]
pub enum RunbookCommand {
    /// Tell every mistake in a runbook, on stdout as FILE:line:column: what is wrong
    Check {
        /// The runbook
        file: PathBuf,
    },
    /// Show the built-in runbook, or one that an incident has pinned
    Show(ShowArgs),
}

/// Arguments of `runbook show`.
#[derive(Debug, clap::Args)]
pub struct ShowArgs {
    /// The data directory with the pinned runbook; read without a server
    #[arg(long, value_name = "DIR", requires = "sha256")]
    pub data: Option<PathBuf>,
    /// The SHA-256 of the pinned runbook
    #[arg(long, requires = "data")]
    pub sha256: Option<String>,
}

/// Arguments of what reads one incident from a data directory.
#[derive(Debug, clap::Args)]
pub struct ReadArgs {
    /// The incident, INC-42 or its UUID
    pub incident: IncidentRef,
    /// The data directory
    #[arg(long, env = "ALLCLEAR_DATA", default_value = "./allclear-data", value_name = "DIR")]
    pub data: PathBuf,
    /// As it stood at that version
    #[arg(long, conflicts_with = "at")]
    pub version: Option<u64>,
    /// As it stood at that instant (RFC 3339)
    #[arg(long, value_parser = instant)]
    pub at: Option<Instant>,
}

/// Arguments of what tells a document.
#[derive(Debug, clap::Args)]
pub struct DocumentArgs {
    /// Which incident, and as it stood when.
    #[command(flatten)]
    pub read: ReadArgs,
    /// Write it to that file instead of stdout
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// A time zone whose clock is shown beside UTC, such as Europe/London
    #[arg(long, value_parser = zone, value_name = "ZONE")]
    pub tz: Option<Zone>,
    /// Judge what was promised at that instant instead of the last event's (RFC 3339)
    #[arg(long, value_parser = instant)]
    pub judged_at: Option<Instant>,
}

/// Arguments of `postmortem`.
#[derive(Debug, clap::Args)]
pub struct PostmortemArgs {
    /// The document.
    #[command(flatten)]
    pub document: DocumentArgs,
    /// The form: markdown, html or json
    #[arg(long, value_parser = forms::of_postmortem, default_value = "markdown")]
    pub format: Form,
}

/// Arguments of `timeline`.
#[derive(Debug, clap::Args)]
pub struct TimelineArgs {
    /// The document.
    #[command(flatten)]
    pub document: DocumentArgs,
    /// The form: text, markdown, html or json
    #[arg(long, value_parser = forms::of_timeline, default_value = "text")]
    pub format: Form,
    /// In the order in which things were recorded, not in that in which they happened
    #[arg(long)]
    pub recorded: bool,
    /// Leave out the service's own events
    #[arg(long)]
    pub no_noise: bool,
}

/// Arguments of `replay`.
#[derive(Debug, clap::Args)]
pub struct ReplayArgs {
    /// Which incident, and as it stood when.
    #[command(flatten)]
    pub read: ReadArgs,
    /// Stop behind that version, or behind the last event recorded by that instant (RFC 3339); what
    /// later events correct is still named, which --version and --at leave out
    #[arg(long, value_parser = stop, value_name = "VERSION|INSTANT")]
    pub until: Option<Stop>,
    /// The form: text, markdown or json
    #[arg(long, value_parser = forms::of_replay, default_value = "text")]
    pub format: Form,
    /// Write it to that file instead of stdout
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

fn role(word: &str) -> Result<PrincipalRole, String> {
    PrincipalRole::parse(word).ok_or_else(|| expected(PrincipalRole::ALL))
}

fn kind(word: &str) -> Result<PrincipalKind, String> {
    PrincipalKind::parse(word).ok_or_else(|| expected(PrincipalKind::ALL))
}

fn scope(word: &str) -> Result<Scope, String> {
    Scope::parse(word).ok_or_else(|| scope::EXPECTED.into())
}

fn expected(words: &[impl ToString]) -> String {
    let words: Vec<String> = words.iter().map(ToString::to_string).collect();
    format!("one of {} is expected", words.join(", "))
}

fn instant(text: &str) -> Result<Instant, String> {
    Instant::parse(text).ok_or_else(|| "an instant such as 2026-11-24T03:12:00Z is expected".into())
}

fn stop(text: &str) -> Result<Stop, String> {
    Stop::parse(text).ok_or_else(|| {
        "a version such as 7, or an instant such as 2026-11-24T03:12:00Z is expected".into()
    })
}

fn zone(name: &str) -> Result<Zone, String> {
    let zone = name.parse().map(Zone);
    zone.map_err(|_| "a zone of the IANA database, such as Europe/London, is expected".into())
}
