//! `allclear restore`: says that an older copy of the log was put back on purpose.

use super::args::RestoreArgs;
use super::{Failed, key, print};
use crate::engine::{Clock, Comparison, Published, SystemChance, SystemClock, compare};
use crate::incident::id::Position;
use crate::ledger::{Ledger, LedgerError, Reader, SqliteLedger};
use crate::log::{Batch, Checkpoint, GenerationRow, Seal};
use std::path::Path;

/// Begins the next generation of the log, from where it stands now: what was signed before stays
/// what it was, and is never contradicted under the same name.
pub fn run(args: RestoreArgs) -> Result<(), Failed> {
    let place = key::published(&args.data, args.checkpoints)?;
    let has_key = key::read(&args.data)?.is_some();
    let newest = Published::at(&place).newest().map_err(Failed::undone)?;
    let given_up = match newest {
        // What the lost key has signed is then only in the log itself.
        None if !has_key => kept(&args.data)?,
        newest => newest,
    };
    let Some(text) = given_up else {
        let place = place.display();
        return Err(Failed::undone(format!("nothing was published in {place}: serve will start")));
    };
    let published = Checkpoint::read(&text).map_err(|error| {
        Failed::undone(format!("the checkpoint in {}: {error}", place.display()))
    })?;
    let mut ledger = SqliteLedger::open_existing(&args.data)?;
    let begun = begin(&mut ledger, &published, text, has_key).map_err(Failed::undone)?;
    Box::new(ledger).close().map_err(Failed::undone)?;
    if let (Begun::Generation(..), false) = (&begun, has_key) {
        // A copy may come without its key: the new generation signs with a new one.
        key::make(&args.data, &SystemChance)?;
    }
    match begun {
        Begun::NotNeeded => Err(Failed::undone(
            "the published checkpoint is the beginning of this log: there is nothing to accept",
        )),
        Begun::OtherLog => Err(Failed::undone(format!(
            "the checkpoint in {} is another log's; choose --checkpoints",
            place.display()
        ))),
        Begun::Generation(number, position) => print(&format!(
            "accepted: generation {number} begins at position {position}; checkpoints of earlier \
             generations stay in {}\n",
            place.display()
        )),
    }
}

/// The last checkpoint that the log keeps.
fn kept(data: &Path) -> Result<Option<String>, Failed> {
    let sealed = SqliteLedger::open_offline(data)?.sealed().map_err(Failed::undone)?;
    Ok(sealed.checkpoint.map(|row| row.text))
}

enum Begun {
    NotNeeded,
    OtherLog,
    Generation(u32, Position),
}

fn begin(
    ledger: &mut SqliteLedger,
    published: &Checkpoint,
    text: String,
    has_key: bool,
) -> Result<Begun, LedgerError> {
    let mut reader = ledger.reader()?;
    let (head, sealed) = (reader.head()?, reader.sealed()?);
    if published.origin.log != head.origin {
        return Ok(Begun::OtherLog);
    }
    // Without the key there is something to give up, even where no event is missing.
    if has_key && compare(reader.as_mut(), published)? == Comparison::Beginning {
        return Ok(Begun::NotNeeded);
    }
    drop(reader);
    let number = sealed.generation.max(published.origin.generation) + 1;
    let (position, at) = (head.position, SystemClock::start().now());
    let row = GenerationRow { number, position, at, given_up: text };
    let seals = vec![Seal::Generation(row)];
    let mut turn = ledger.begin()?;
    turn.write(&Batch { seals, incidents: head.incidents, ..Batch::default() })?;
    turn.commit()?;
    Ok(Begun::Generation(number, position))
}
