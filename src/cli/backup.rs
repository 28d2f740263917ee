//! `allclear backup`: one moment of the log in a file of its own, verified once it is written.

use super::args::BackupArgs;
use super::{Failed, key, print, verify};
use crate::engine::audit::Outcome;
use crate::ledger::{BackupError, OpenError, SqliteBackup};
use indicatif::{ProgressBar, ProgressStyle};
use std::path::Path;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

/// How often the progress is looked at.
const LOOK: Duration = Duration::from_millis(200);

/// Writes a backup beside a running server or without one, and verifies what was written.
pub fn run(args: BackupArgs) -> Result<(), Failed> {
    let backup = SqliteBackup::begin(&args.data, &args.file).map_err(failed)?;
    let file = watched(backup)?;
    // A key that we may not read is no reason not to verify: signatures are then not checked.
    let key = key::read(&args.data).ok().flatten().map(|key| key.public());
    let verified = verify::all_of(&file, key, &[], false);
    let name = file.display();
    if let Err(Failed::Verified(_)) = &verified {
        eprintln!("allclear: {name} is written and kept; it is as damaged as the log");
        return verified;
    }
    verified?;
    eprintln!(
        "Not in it, on purpose: the key that signs checkpoints ({}), the admin's first token, and \
         what was published outside. Keep a copy of the key apart from your backups.",
        key::path(&args.data).display()
    );
    print(&format!("{name} is whole, and verified\n"))
}

/// Writes it, and shows on a terminal how far it has come.
fn watched(backup: SqliteBackup) -> Result<std::path::PathBuf, Failed> {
    let bar = bar(backup.bytes());
    let part = backup.part().to_owned();
    let (done, is_done) = mpsc::channel::<()>();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            while is_done.recv_timeout(LOOK) == Err(RecvTimeoutError::Timeout) {
                bar.set_position(size(&part));
            }
            bar.finish_and_clear();
        });
        let finished = backup.finish().map_err(failed);
        drop(done);
        finished
    })
}

fn size(file: &Path) -> u64 {
    std::fs::metadata(file).map_or(0, |file| file.len())
}

fn failed(error: BackupError) -> Failed {
    match error {
        BackupError::Damaged(..) | BackupError::Unopened(OpenError::Damaged(..)) => {
            eprintln!("allclear: {error}");
            Failed::Verified(Outcome::StorageDamaged)
        }
        BackupError::Unopened(refused) => refused.into(),
        BackupError::Taken(_)
        | BackupError::Begun(_)
        | BackupError::Inside(_)
        | BackupError::Unwritable(..) => Failed::undone(error),
    }
}

/// Shown on a terminal only, on stderr.
fn bar(bytes: u64) -> ProgressBar {
    let bar = ProgressBar::new(bytes);
    let style = ProgressStyle::with_template("{bar:40} {bytes} of {total_bytes} {eta} left");
    style.map_or(bar.clone(), |style| bar.with_style(style))
}
