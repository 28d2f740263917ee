//! The key that signs checkpoints: a file of the data directory that only its owner reads.

use super::Failed;
use crate::engine::Chance;
use crate::ledger::Ledger;
use crate::log::{CheckpointRow, SigningSeed, hex};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The name of the file: 32 bytes in hexadecimal.
const KEY: &str = "checkpoint-key";

/// More than the file of a key ever has.
const KEY_BYTES_MAX: u64 = 128;

/// The key of the log, made when its generation has signed nothing yet. A key that is missing, open to
/// others, or not the one that signed before is refused: nothing is signed with a doubtful key.
pub fn of(ledger: &dyn Ledger, data: &Path, chance: &dyn Chance) -> Result<SigningSeed, Failed> {
    let mut reader = ledger.reader().map_err(Failed::undone)?;
    let log = reader.head().map_err(Failed::undone)?.origin;
    let sealed = reader.sealed().map_err(Failed::undone)?;
    // A generation that has signed nothing yet may have a key of its own.
    let last = sealed.checkpoint.filter(|last| last.generation == sealed.generation);
    let key = match (read(data)?, &last) {
        (Some(key), _) => key,
        (None, None) => make(data, chance)?,
        (None, Some(_)) => return Err(refused(data, "is missing; put it back from your backup")),
    };
    let signed = |last: &CheckpointRow| key.public().open(&last.text, log).is_ok();
    match last {
        Some(last) if !signed(&last) => {
            Err(refused(data, "is not the key that signed this log; put that one back"))
        }
        _ => Ok(key),
    }
}

/// The key in the data directory; none when there is none.
pub fn read(data: &Path) -> Result<Option<SigningSeed>, Failed> {
    let path = path(data);
    let about = match fs::symlink_metadata(&path) {
        Ok(about) => about,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(refused(data, &format!("cannot be read: {error}"))),
    };
    if !about.is_file() {
        return Err(refused(data, "is no plain file; put the key itself there"));
    }
    if about.mode() & 0o077 != 0 {
        return Err(refused(data, "can be read by others; make it yours alone: chmod 600"));
    }
    let mut text = String::new();
    File::open(&path)
        .and_then(|file| file.take(KEY_BYTES_MAX).read_to_string(&mut text))
        .map_err(|error| refused(data, &format!("cannot be read: {error}")))?;
    let seed = seed(text.trim()).ok_or_else(|| {
        refused(data, "is not 64 hexadecimal digits; put it back from your backup")
    })?;
    Ok(Some(SigningSeed::new(&seed)))
}

/// Where the key of a data directory is.
pub fn path(data: &Path) -> PathBuf {
    data.join(KEY)
}

/// Draws a key and keeps it, durably, before anything is signed with it.
pub fn make(data: &Path, chance: &dyn Chance) -> Result<SigningSeed, Failed> {
    let mut seed = [0; 32];
    chance.fill(&mut seed);
    let path = path(data);
    let kept = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).and_then(
        |mut file| {
            writeln!(file, "{}", hex(&seed))?;
            file.sync_all()?;
            File::open(data)?.sync_all()
        },
    );
    kept.map_err(|error| refused(data, &format!("cannot be made: {error}")))?;
    Ok(SigningSeed::new(&seed))
}

fn seed(digits: &str) -> Option<[u8; 32]> {
    let is_hex = digits.len() == 64 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    let byte = |at: usize| u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).ok();
    let bytes: Option<Vec<u8>> = is_hex.then(|| (0..32).map(byte).collect())?;
    bytes?.try_into().ok()
}

fn refused(data: &Path, why: &str) -> Failed {
    Failed::NotStarted(format!("{} {why}", path(data).display()))
}

/// Where checkpoints are published: what was chosen, else beside the data directory. Never in it:
/// who replaces the one must not have replaced the other.
pub fn published(data: &Path, chosen: Option<PathBuf>) -> Result<PathBuf, Failed> {
    let whole = |path: &Path| std::path::absolute(path).map_err(Failed::undone);
    let data = data.canonicalize().or_else(|_| whole(data))?;
    let beside =
        || Some(data.with_file_name(format!("{}-checkpoints", data.file_name()?.to_str()?)));
    let place = match chosen.or_else(beside) {
        Some(place) => place.canonicalize().or_else(|_| whole(&place))?,
        None => {
            return Err(Failed::undone("say with --checkpoints where checkpoints are published"));
        }
    };
    if place.starts_with(&data) {
        let place = place.display();
        return Err(Failed::undone(format!(
            "{place} is in the data directory; choose --checkpoints outside of it"
        )));
    }
    Ok(place)
}
