//! `allclear verify`: everything that can be known of a log without trusting whoever kept it.

use super::args::VerifyArgs;
use super::{Failed, key, print};
use crate::engine::audit::{Auditor, Finding, Given, Outcome, Summary};
use crate::ledger::audit::Audit;
use crate::ledger::{OpenError, SqliteAudit};
use crate::log::PublicKey;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// Verifies a data directory, tells everything that is wrong, and says by the exit code what it
/// comes to.
pub fn run(args: VerifyArgs) -> Result<(), Failed> {
    all_of(&args.data, public_key(&args)?, &args.checkpoint, args.json)
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
        Err(OpenError::Damaged(_, why)) => return unopened(as_json, why),
        Err(refused) => return Err(refused.into()),
    };
    let claims = audit.claims().ok();
    let log = claims.as_ref().map(|claims| claims.origin);
    let given = checkpoints.iter().map(|file| given(file, key.as_ref(), log));
    let given = given.collect::<Result<Vec<_>, _>>()?;
    let bar = bar(claims.map_or(0, |claims| claims.position));
    let mut printed = Ok(());
    let mut found = |finding: &Finding| {
        let told = bar.suspend(|| print(&line(finding, as_json)));
        printed = std::mem::replace(&mut printed, Ok(())).and(told);
    };
    let mut walked = |count| bar.inc(count);
    let auditor = Auditor { audit: &mut audit, key, given, found: &mut found, walked: &mut walked };
    let summary = auditor.run();
    bar.finish_and_clear();
    printed?;
    end(as_json, &summary)
}

/// A database of which nothing can be read.
fn unopened(as_json: bool, why: String) -> Result<(), Failed> {
    print(&line(&Finding::storage(why), as_json))?;
    end(as_json, &Summary { storage: 1, ..Summary::default() })
}

fn end(as_json: bool, summary: &Summary) -> Result<(), Failed> {
    let outcome = summary.outcome();
    print(&match as_json {
        true => format!("{}\n", json!({ "outcome": outcome, "summary": summary })),
        false => text(summary),
    })?;
    if outcome == Outcome::Clean { Ok(()) } else { Err(Failed::Verified(outcome)) }
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

/// The key that was given, as itself or as a file; else that of the data directory, which says
/// only that the log agrees with itself.
fn public_key(args: &VerifyArgs) -> Result<Option<PublicKey>, Failed> {
    let Some(given) = &args.key else {
        // A key that we may not read is no reason not to verify: signatures are then not checked.
        return Ok(key::read(&args.data).ok().flatten().map(|key| key.public()));
    };
    if let Some(key) = PublicKey::read(given) {
        return Ok(Some(key));
    }
    let text = std::fs::read_to_string(given)
        .map_err(|error| Failed::undone(format!("{given} is neither a key nor a file: {error}")))?;
    PublicKey::read(&text).map(Some).ok_or_else(|| {
        Failed::undone(format!("{given} has no verifier key in it; see GET /v1/log/key"))
    })
}

/// A checkpoint from outside counts only with the right signature.
fn given(file: &Path, key: Option<&PublicKey>, log: Option<Uuid>) -> Result<Given, Failed> {
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

/// Shown on a terminal only, on stderr; each event is walked twice.
fn bar(events: u64) -> ProgressBar {
    let bar = ProgressBar::new(events.saturating_mul(2));
    let style = ProgressStyle::with_template("{bar:40} {percent}% {per_sec} {eta} left");
    style.map_or(bar.clone(), |style| bar.with_style(style))
}
