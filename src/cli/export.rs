//! `allclear export`: an incident, or the whole log, as a bundle that is checked without us; read
//! from a data directory, beside a running server or without one. Nothing in it is changed.

use super::args::ExportArgs;
use super::{Failed, key, verify};
use crate::engine::{Export, NoProof, NotExported};
use crate::ledger::{Reader, SqliteLedger};
use crate::log::PublicKey;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Writes the bundle, and says on stderr how much of the log is not in it yet.
pub fn run(args: ExportArgs) -> Result<(), Failed> {
    let mut reader = SqliteLedger::open_offline(&args.data)?;
    let key = public_key(&args)?;
    let incident = match args.incident {
        None => None,
        Some(named) => match reader.find(named).map_err(Failed::undone)? {
            Some(id) => Some(id),
            None => return Err(Failed::undone(format!("there is no {named}"))),
        },
    };
    let mut export = Export::begin(&mut reader, &key, incident).map_err(not_exported)?;
    match &args.output {
        None => write(&mut export, &mut reader, &mut io::stdout().lock())?,
        Some(file) => write_file(&mut export, &mut reader, file)?,
    }
    let left = export.left_behind(&mut reader).map_err(Failed::undone)?;
    if left > 0 {
        eprintln!(
            "allclear: {left} events behind the newest checkpoint are not in it; a running server \
             makes one within ten seconds of an event"
        );
    }
    Ok(())
}

fn public_key(args: &ExportArgs) -> Result<PublicKey, Failed> {
    match &args.key {
        Some(given) => verify::public_key(given),
        None => key::read(&args.data)?.map(|key| key.public()).ok_or_else(|| {
            Failed::undone("the data directory has no key; give the verifier key with --key")
        }),
    }
}

fn not_exported(why: NotExported) -> Failed {
    Failed::undone(match why {
        NotExported::Unproven(NoProof::NotSealedYet(size)) => format!(
            "the newest checkpoint covers {size} events, and not yet what is to be exported; start \
             the server, and export again when it has made one"
        ),
        other => format!("nothing can be exported: {other}"),
    })
}

/// Writes it beside its place, and puts it there when it is whole.
fn write_file(export: &mut Export, reader: &mut dyn Reader, file: &Path) -> Result<(), Failed> {
    let failed =
        |why: io::Error| Failed::undone(format!("{} was not written: {why}", file.display()));
    let mut part = file.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    // It has everything in it that was ever recorded.
    let mut options = OpenOptions::new();
    let mut to =
        options.write(true).create(true).truncate(true).mode(0o600).open(&part).map_err(failed)?;
    let written = write(export, reader, &mut to)
        .and_then(|()| to.sync_all().and_then(|()| fs::rename(&part, file)).map_err(failed));
    if written.is_err() {
        // What is left of it harms nobody, and the first failure is the one to tell.
        let _ = fs::remove_file(&part);
    }
    written
}

fn write(export: &mut Export, reader: &mut dyn Reader, to: &mut dyn Write) -> Result<(), Failed> {
    while let Some(lines) = export.next(reader).map_err(not_exported)? {
        to.write_all(lines.as_bytes()).map_err(Failed::undone)?;
    }
    to.flush().map_err(Failed::undone)
}
