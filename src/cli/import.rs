//! `allclear import`: builds a log again from the bundle of a whole one. The bundle is verified
//! first, the log is made beside its place and moved there when it is whole: whatever fails leaves
//! nothing behind.

use super::args::ImportArgs;
use super::{Failed, print, verify};
use crate::engine::audit::Outcome;
use crate::engine::{Chance, Clock, Imported, SystemChance, SystemClock, import};
use crate::incident::id::Position;
use crate::ledger::{BundleAudit, Ledger, LedgerError, Seeds, SqliteLedger};
use crate::log::{Checkpoint, GenerationRow, Salt};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// Verifies the bundle, and makes the data directory.
pub fn run(args: ImportArgs) -> Result<(), Failed> {
    let data = std::path::absolute(&args.data).map_err(Failed::undone)?;
    refuse_unless_free(&data)?;
    let (mut audit, key) = verify::open(&args.bundle, args.key.as_deref())?;
    if audit.incident().is_some() {
        let detail = "it is the bundle of one incident; a log is built from one of export --all";
        return Err(Failed::undone(format!("{}: {detail}", args.bundle.display())));
    }
    let events = audit.events_count();
    let outcome = verify::walk(&mut audit, events, Some(key), Vec::new(), false)?.outcome();
    if outcome != Outcome::Clean {
        return Err(Failed::Verified(outcome));
    }
    let building = building(&data)?;
    let built = build(&mut audit, &building).and_then(|built| {
        let refused = |why| Failed::undone(format!("{} was not made: {why}", data.display()));
        put(&building, &data).map(|()| built).map_err(refused)
    });
    let built = built.inspect_err(|_| {
        // The first failure is the one to tell.
        let _ = fs::remove_dir_all(&building);
    })?;
    print(&format!(
        "{} events, {} incidents\nroot {}\na new generation begins behind them; the first start \
         makes a key and an admin's token\n",
        built.events, built.incidents, built.root
    ))
}

fn refuse_unless_free(data: &Path) -> Result<(), Failed> {
    let place = data.display();
    match fs::read_dir(data).map(|mut entries| entries.next().is_none()) {
        Ok(true) => Ok(()),
        Ok(false) => Err(Failed::undone(format!(
            "{place} is not empty; choose a --data that is empty or not there"
        ))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(Failed::undone(format!("{place} cannot be used: {error}"))),
    }
}

/// The directory, beside the other, in which the log is made.
fn building(data: &Path) -> Result<PathBuf, Failed> {
    let name = data.file_name().ok_or_else(|| Failed::undone("--data must name a directory"))?;
    let mut building = name.to_owned();
    building.push(".importing");
    let building = data.with_file_name(building);
    if fs::symlink_metadata(&building).is_ok() {
        let place = building.display();
        return Err(Failed::undone(format!(
            "{place} is left from an import that was killed, or one is under way; remove it first"
        )));
    }
    Ok(building)
}

fn build(audit: &mut BundleAudit, building: &Path) -> Result<Imported, Failed> {
    let mut receipt_key = Salt([0; 32]);
    SystemChance.fill(&mut receipt_key.0);
    let origin = audit.origin();
    let given_up = audit.checkpoint_text().to_owned();
    let checkpoint = Checkpoint::read(&given_up).map_err(Failed::undone)?;
    let number = origin.generation.checked_add(1);
    let generation = GenerationRow {
        number: number.ok_or_else(|| Failed::undone("no generation can follow its last one"))?,
        position: Position(checkpoint.size),
        at: SystemClock::start().now(),
        given_up,
    };
    let mut ledger = SqliteLedger::open(building, Seeds { origin: origin.log, receipt_key })?;
    let imported = import(audit, &mut ledger, generation)
        .and_then(|imported| Box::new(ledger).close().map(|()| imported));
    let imported = imported.map_err(|error| match error {
        LedgerError::Full => Failed::undone("the disk is full; nothing was imported"),
        error => Failed::undone(format!("nothing was imported: {error}")),
    })?;
    if imported.root != checkpoint.root {
        return Err(Failed::undone("nothing was imported: another root came out of it"));
    }
    Ok(imported)
}

/// Gives the finished directory its name, durably.
fn put(building: &Path, data: &Path) -> io::Result<()> {
    fs::rename(building, data)?;
    data.parent().map_or(Ok(()), |parent| File::open(parent)?.sync_all())
}
