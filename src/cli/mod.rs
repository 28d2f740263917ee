//! cli: arguments, settings, files and the terminal; the room that puts all the others together.
//!
//! Data go to stdout, talk to stderr. Exit codes: 0 done · 1 could not be done · 2 wrong usage ·
//! of `verify`, `import` and `backup` 4 events damaged · 5 storage damaged, or no bundle · 6 behind a checkpoint ·
//! 7 forked ·
//! 70 the storage failed while serving · 71 the data directory was refused at the start ·
//! 78 the settings would expose the service.

mod args;
mod backup;
mod client;
mod demo;
mod export;
mod files;
mod forms;
mod import;
mod key;
mod offline;
mod restore;
mod runbook;
mod serve;
mod settings;
mod tls;
mod token;
#[cfg_attr(not(feature = "tls"), path = "no_trust.rs")]
mod trust;
mod verify;

use crate::engine::audit::Outcome;
use args::{Args, Command};
use clap::Parser;
use std::process::ExitCode;

/// Why a command ended without having done its work.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    /// It could not be done.
    #[error("{0}")]
    Undone(String),
    /// The storage failed while serving.
    #[error(
        "the storage failed: {0}; nothing more was acknowledged. Check the disk, then start again"
    )]
    Storage(String),
    /// The data directory was refused.
    #[error(transparent)]
    Refused(#[from] crate::ledger::OpenError),
    /// The key, or what was published before, was refused.
    #[error("{0}")]
    NotStarted(String),
    /// The settings would send tokens in the clear.
    #[error(
        "{0} can be reached from elsewhere, and tokens would go there in the clear: listen on \
         127.0.0.1, give it a certificate with --tls-cert and --tls-key, or put a proxy with TLS \
         before it and name its network with --trusted-proxy"
    )]
    Exposed(std::net::SocketAddr),
    /// A log was verified, and is not clean.
    #[error("{}", said(*.0))]
    Verified(Outcome),
    /// A file was to be read as a bundle, and is none.
    #[error("{0}; get the bundle again from where it was made")]
    NotABundle(String),
}

fn said(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Clean => "nothing is wrong",
        Outcome::EventsDamaged => "events are damaged; keep a copy, and compare with a backup",
        Outcome::StorageDamaged => {
            "the storage is damaged; keep a copy, restore a backup, and verify that"
        }
        Outcome::Behind => "the log is older than a checkpoint; look for the newer data",
        Outcome::Forked => "the log is not the one that a checkpoint was made of",
    }
}

impl Failed {
    /// It could not be done, in words.
    pub fn undone(why: impl std::fmt::Display) -> Failed {
        Failed::Undone(why.to_string())
    }

    fn code(&self) -> ExitCode {
        match self {
            Failed::Undone(_) => ExitCode::from(1),
            Failed::Verified(outcome) => ExitCode::from(match outcome {
                Outcome::Clean => 0,
                Outcome::EventsDamaged => 4,
                Outcome::StorageDamaged => 5,
                Outcome::Behind => 6,
                Outcome::Forked => 7,
            }),
            Failed::NotABundle(_) => ExitCode::from(5),
            Failed::Storage(_) => ExitCode::from(70),
            Failed::Exposed(_) => ExitCode::from(78),
            Failed::Refused(_) | Failed::NotStarted(_) => ExitCode::from(71),
        }
    }
}

/// Runs the command that the arguments name.
pub fn run() -> ExitCode {
    let args = Args::parse();
    let done = match args.command {
        Command::Serve(args) => serve::run(args),
        Command::Demo(args) => demo::run(args),
        Command::Token(args) => token::run(args),
        Command::Runbook(args) => runbook::run(args),
        Command::Timeline(args) => offline::timeline(args),
        Command::Postmortem(args) => offline::postmortem(args),
        Command::Replay(args) => offline::replay(args),
        Command::Events(args) => offline::events(args),
        Command::Backup(args) => backup::run(args),
        Command::Restore(args) => restore::run(args),
        Command::Verify(args) => verify::run(args),
        Command::Export(args) => export::run(args),
        Command::Import(args) => import::run(args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failed) => {
            eprintln!("allclear: {failed}");
            failed.code()
        }
    }
}

/// Writes to stdout; a reader that has gone away (`| head`) is no failure.
pub fn print(text: &str) -> Result<(), Failed> {
    use std::io::Write;
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(Failed::undone(error)),
        _ => Ok(()),
    }
}
