//! The arguments, as people type them; their documentation is the help.

mod document;
mod token;

pub use document::{DocumentArgs, PostmortemArgs, ReadArgs, ReplayArgs, TimelineArgs};
pub use token::{CreateArgs, RevokeArgs, ServerArgs, TokenArgs, TokenCommand};

use crate::incident::id::IncidentRef;
use crate::incident::time::Instant;
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

fn instant(text: &str) -> Result<Instant, String> {
    Instant::parse(text).ok_or_else(|| "an instant such as 2026-11-24T03:12:00Z is expected".into())
}
