//! The certificate of `serve`: files in PEM, read before anything is opened, and again at SIGHUP.

use super::Failed;
use crate::web::Tls;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// More than a key, or a chain of certificates, ever has.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

/// Where certificate and key are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Files {
    /// The certificate, and behind it those that lead to its root.
    pub certificate: PathBuf,
    /// Its key, which nobody else may read.
    pub key: PathBuf,
}

impl Files {
    /// What they say now.
    pub fn read(&self) -> Result<Tls, Failed> {
        let certificate = read(&self.certificate, |_| Ok(()))?;
        let key = read(&self.key, is_private)?;
        Tls::new(&certificate, &key, SystemTime::now())
            .map_err(|error| Failed::undone(format!("{}: {error}", self.certificate.display())))
    }

    /// Reads them again at each of the `hangups`, for as long as this is polled. What cannot be used
    /// is told, and the old certificate stays.
    pub async fn follow(self, mut hangups: Signal, tls: Tls) {
        while hangups.recv().await.is_some() {
            match self.read() {
                Ok(new) => {
                    tls.become_like(&new);
                    eprintln!("allclear: the certificate was read again");
                }
                Err(failed) => eprintln!("allclear: {failed}; the certificate stays as it was"),
            }
        }
    }
}

/// Every SIGHUP from now on; none of them ends the process any more.
pub fn hangups() -> Result<Signal, Failed> {
    signal(SignalKind::hangup()).map_err(Failed::undone)
}

/// The file, which may be a link to where it is renewed.
fn read(path: &Path, judge: impl Fn(&File) -> io::Result<()>) -> Result<Vec<u8>, Failed> {
    let mut bytes = Vec::new();
    let done = File::open(path).and_then(|file| {
        judge(&file)?;
        file.take(FILE_BYTES_MAX).read_to_end(&mut bytes)
    });
    done.map_err(|error| Failed::undone(format!("{}: {error}", path.display())))?;
    Ok(bytes)
}

/// A key that others read is no secret any more.
fn is_private(file: &File) -> io::Result<()> {
    match file.metadata()?.mode() & 0o077 {
        0 => Ok(()),
        _ => Err(io::Error::other("the key can be read by others; make it yours alone: chmod 600")),
    }
}
