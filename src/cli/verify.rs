//! `allclear verify`: everything that can be known of a log, or of a bundle of one, without trusting
//! whoever kept it.

use super::args::VerifyArgs;
use super::settings::DATA_DEFAULT;
use super::{Failed, key, print};
use crate::engine::audit::{Auditor, Finding, Given, Outcome, Step, Summary};
use crate::ledger::audit::Audit;
use crate::ledger::{BUNDLE_LIMITS, BundleAudit, BundleError, OpenError, SqliteAudit};
use crate::log::PublicKey;
use crate::views::escape;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// Verifies a data directory or a bundle, tells everything that is wrong, and says by the exit code
/// what it comes to.
pub fn run(args: VerifyArgs) -> Result<(), Failed> {
    if let Some(file) = &args.bundle {
        return verify_bundle(&args, file);
    }
    let data = data(args.data);
    let key = match &args.key {
        Some(given) => Some(public_key(given)?),
        // A key that we may not read is no reason not to verify: signatures are then not checked.
        None => key::read(&data).ok().flatten().map(|key| key.public()),
    };
    all_of(&data, key, &args.checkpoint, args.json)
}

/// The data directory where none was given with a flag. A bundle stands against the flag only: the
/// environment may name a directory that is meant for everything else.
fn data(given: Option<PathBuf>) -> PathBuf {
    given
        .or_else(|| std::env::var_os("ALLCLEAR_DATA").map(PathBuf::from))
        .unwrap_or_else(|| PathBuf::from(DATA_DEFAULT))
}

/// Verifies a data directory or a backup, with checkpoints from outside.
pub fn all_of(
    data: &Path,
    key: Option<PublicKey>,
    checkpoints: &[PathBuf],
    as_json: bool,
) -> Result<(), Failed> {
    let mut audit = match SqliteAudit::open(data) {
        Ok(audit) => audit,
        Err(OpenError::Damaged(_, why)) => {
            print(&line(&Finding::storage(why), as_json))?;
            return end(as_json, &Summary { storage: 1, ..Summary::default() });
        }
        Err(refused) => return Err(refused.into()),
    };
    let claims = audit.claims().ok();
    let log = claims.as_ref().map(|claims| claims.origin);
    let given = given(checkpoints, key.as_ref(), log)?;
    let events = claims.map_or(0, |claims| claims.position);
    end(as_json, &walk(&mut audit, events, key, given, as_json)?)
}

fn verify_bundle(args: &VerifyArgs, file: &Path) -> Result<(), Failed> {
    let (mut audit, key) = match open(file, args.key.as_deref()) {
        Ok(opened) => opened,
        Err(Failed::NotABundle(why)) if args.json => {
            print(&line(&Finding::storage(&why), true))?;
            let summary = Summary { storage: 1, ..Summary::default() };
            print(&report(&summary))?;
            return Err(Failed::NotABundle(why));
        }
        Err(failed) => return Err(failed),
    };
    if args.key.is_none() {
        eprintln!(
            "allclear: the key came with the bundle, which so far only agrees with itself; give \
             one with --key that you got another way"
        );
    }
    let given = given(&args.checkpoint, Some(&key), Some(audit.origin().log))?;
    let events = audit.events_count();
    end(args.json, &walk(&mut audit, events, Some(key), given, args.json)?)
}

/// Reads a bundle, with the key that its signature is checked with: the one that was given, else
/// its own, which says only that it agrees with itself.
pub fn open(file: &Path, given: Option<&str>) -> Result<(BundleAudit, PublicKey), Failed> {
    let named = |error: &dyn std::fmt::Display| format!("{}: {error}", file.display());
    let from = File::open(file).map_err(|error| Failed::undone(named(&error)))?;
    let audit = BundleAudit::read(BufReader::new(from), BUNDLE_LIMITS).map_err(|error| {
        // It may quote the bundle, which may want to write on the terminal.
        let said = escape::terminal(&named(&error));
        match error {
            BundleError::Malformed(..) => Failed::NotABundle(said),
            BundleError::Unreadable(_) | BundleError::NotLaidOut(..) => Failed::Undone(said),
        }
    })?;
    let key = match given {
        Some(given) => public_key(given)?,
        None => PublicKey::read(audit.key())
            .ok_or_else(|| Failed::NotABundle(named(&"line 3 of the bundle: it is no key")))?,
    };
    Ok((audit, key))
}

/// Audits it all, and tells each finding on stdout.
pub fn walk(
    audit: &mut dyn Audit,
    events: u64,
    key: Option<PublicKey>,
    given: Vec<Given>,
    as_json: bool,
) -> Result<Summary, Failed> {
    let bar = bar(events);
    let mut printed = Ok(());
    let mut found = |finding: &Finding| {
        let told = bar.suspend(|| print(&line(finding, as_json)));
        printed = std::mem::replace(&mut printed, Ok(())).and(told);
    };
    let mut walked = |step| match step {
        Step::Walked(count) => bar.inc(count),
        Step::Again(count) => bar.inc_length(count),
    };
    let auditor = Auditor { audit, key, given, found: &mut found, walked: &mut walked };
    let summary = auditor.run();
    bar.finish_and_clear();
    printed.map(|()| summary)
}

fn end(as_json: bool, summary: &Summary) -> Result<(), Failed> {
    let outcome = summary.outcome();
    print(&if as_json { report(summary) } else { text(summary) })?;
    if outcome == Outcome::Clean { Ok(()) } else { Err(Failed::Verified(outcome)) }
}

fn report(summary: &Summary) -> String {
    format!("{}\n", json!({ "outcome": summary.outcome(), "summary": summary }))
}

fn line(finding: &Finding, as_json: bool) -> String {
    if as_json { format!("{}\n", json!(finding)) } else { format!("{finding}\n") }
}

fn text(summary: &Summary) -> String {
    let Summary { events, incidents, covered, checkpoints, root, .. } = summary;
    format!(
        "{events} events, {incidents} incidents; hashed up to position {covered}; {checkpoints} \
         checkpoints compared\nroot {root}\n"
    )
}

/// A verifier key, given as itself or as a file.
pub fn public_key(given: &str) -> Result<PublicKey, Failed> {
    if let Some(key) = PublicKey::read(given) {
        return Ok(key);
    }
    let text = std::fs::read_to_string(given)
        .map_err(|error| Failed::undone(format!("{given} is neither a key nor a file: {error}")))?;
    PublicKey::read(&text).ok_or_else(|| {
        Failed::undone(format!("{given} has no verifier key in it; see GET /v1/log/key"))
    })
}

fn given(
    checkpoints: &[PathBuf],
    key: Option<&PublicKey>,
    log: Option<Uuid>,
) -> Result<Vec<Given>, Failed> {
    checkpoints.iter().map(|file| given_in(file, key, log)).collect()
}

/// A checkpoint from outside counts only with the right signature.
fn given_in(file: &Path, key: Option<&PublicKey>, log: Option<Uuid>) -> Result<Given, Failed> {
    let name = file.display().to_string();
    let text = std::fs::read_to_string(file)
        .map_err(|error| Failed::undone(format!("{name} cannot be read: {error}")))?;
    let key = key.ok_or_else(|| {
        Failed::undone(format!("{name} cannot be checked without a key; give --key"))
    })?;
    let log = log.ok_or_else(|| {
        Failed::undone("the log does not say which one it is: verify it without --checkpoint first")
    })?;
    let checkpoint = key
        .open(&text, log)
        .map_err(|error| Failed::undone(format!("{name} is refused: {error}")))?;
    Ok(Given { name, checkpoint })
}

/// Shown on a terminal only, on stderr.
fn bar(events: u64) -> ProgressBar {
    let bar = ProgressBar::new(events);
    let style = ProgressStyle::with_template("{bar:40} {percent}% {per_sec} {eta} left");
    style.map_or(bar.clone(), |style| bar.with_style(style))
}
