//! The directory of published checkpoints, outside the data directory: what somebody who changes
//! the log has to change as well, and what others copy away.
//!
//! The newest lies there as `checkpoint`, and each for ever under its size (`1024`; `g2-1024` in a
//! later generation). A file is whole or not there: it is written beside, made durable, renamed.

use crate::log::CheckpointRow;
use std::fs::{self, DirBuilder, File};
use std::io::{self, Read, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// The newest checkpoint.
const NEWEST: &str = "checkpoint";

/// The verifier key.
const KEY: &str = "key";

/// The most bytes of a checkpoint that are read: no note of ours has a tenth of it.
const TEXT_MAX: u64 = 16 * 1024;

/// The directory of published checkpoints.
#[derive(Debug, Clone)]
pub struct Published(PathBuf);

impl Published {
    /// The directory at that path; it need not be there yet.
    pub fn at(path: &Path) -> Published {
        Published(path.to_owned())
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The newest checkpoint as it lies there; none when none was ever published there.
    pub fn newest(&self) -> io::Result<Option<String>> {
        let file = match File::open(self.0.join(NEWEST)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut text = String::new();
        file.take(TEXT_MAX).read_to_string(&mut text)?;
        Ok(Some(text))
    }

    /// Publishes a checkpoint under its size, then as the newest.
    pub fn put(&self, checkpoint: &CheckpointRow) -> io::Result<()> {
        let CheckpointRow { generation, size, text, .. } = checkpoint;
        let name = match generation {
            1 => size.to_string(),
            later => format!("g{later}-{size}"),
        };
        self.write(&name, text)?;
        self.write(NEWEST, text)
    }

    /// Publishes the verifier key.
    pub fn put_key(&self, verifier_key: &str) -> io::Result<()> {
        self.write(KEY, &format!("{verifier_key}\n"))
    }

    fn write(&self, name: &str, text: &str) -> io::Result<()> {
        DirBuilder::new().recursive(true).mode(0o755).create(&self.0)?;
        let beside = self.0.join(format!(".{name}.new"));
        let mut file = File::create(&beside)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&beside, self.0.join(name))?;
        File::open(&self.0)?.sync_all()
    }
}
