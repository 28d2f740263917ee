//! Carrying a log, or one incident of it, out in a bundle that an outsider checks without us
//! (design 5.5). Written step by step: memory does not grow with the log, and nobody's reading is
//! held open for whoever takes it slowly.
//!
//! A bundle goes to the newest checkpoint and no further, so everything in it is proven; the same
//! log and checkpoint give the same bytes.

use super::proofs::NoProof;
use super::{Engine, read_rows};
use crate::incident::id::{IncidentId, Position, Version};
use crate::incident::system::Act;
use crate::ledger::{LedgerError, PAGE_MAX, Reader};
use crate::log::tree::{self, Hash};
use crate::log::{
    BundleEnd, BundleEvent, BundleLine, BundleRunbook, CheckpointRow, Entry, Inclusion, Logged,
    PublicKey, Row, Said,
};
use std::collections::HashSet;

/// How many events one step of an export takes.
pub const EXPORT_STEP: usize = 256;

/// Why nothing, or nothing more, is carried out.
#[derive(Debug, thiserror::Error)]
pub enum NotExported {
    /// It cannot be proven yet.
    #[error("no checkpoint covers it yet")]
    Unproven(NoProof),
    /// The newest checkpoint is not one of the key that goes with it.
    #[error("the newest checkpoint was not signed with this key: give the one that it was")]
    OtherKey,
    /// Words were erased, and no checkpoint covers the redaction yet.
    #[error("words were erased meanwhile: export it again")]
    Erased,
    /// The log could not be read.
    #[error(transparent)]
    Unread(#[from] LedgerError),
}

/// An export under way.
pub struct Export {
    /// The lines that every bundle begins with, until they are written.
    opening: Vec<BundleLine>,
    checkpoint: CheckpointRow,
    carried: Carried,
    /// How many events were written.
    written: u64,
    /// The runbooks that were written.
    books: HashSet<String>,
    has_ended: bool,
}

/// What is carried out.
enum Carried {
    /// Every event up to the checkpoint.
    Log,
    /// The events at these positions, in order.
    Some(Vec<Position>),
}

impl Export {
    /// Begins the export of one incident, or of the whole log.
    ///
    /// # Errors
    ///
    /// [`NotExported`], when no checkpoint covers it, or the log cannot be read.
    pub fn begin(
        reader: &mut dyn Reader,
        key: &PublicKey,
        incident: Option<IncidentId>,
    ) -> Result<Export, NotExported> {
        let unproven = |why| Err(NotExported::Unproven(why));
        let Some(checkpoint) = reader.sealed()?.checkpoint else {
            return unproven(NoProof::NothingSealed);
        };
        let opened = key.open(&checkpoint.text, reader.head()?.origin);
        let origin = opened.map_err(|_| NotExported::OtherKey)?.origin;
        let carried = match incident {
            None => Carried::Log,
            Some(id) => Carried::Some(of_incident(reader, id, checkpoint.size)?),
        };
        let is_empty = matches!(&carried, Carried::Some(positions) if positions.is_empty());
        if is_empty || !is_settled(reader, checkpoint.size)? {
            return unproven(NoProof::NotSealedYet(checkpoint.size));
        }
        let opening = BundleLine::opening(&checkpoint, origin, key, incident);
        let books = HashSet::new();
        Ok(Export { opening, checkpoint, carried, written: 0, books, has_ended: false })
    }

    /// How many events behind the checkpoint are not carried out.
    pub fn left_behind(&self, reader: &mut dyn Reader) -> Result<u64, LedgerError> {
        Ok(reader.head()?.position.0.saturating_sub(self.checkpoint.size))
    }

    /// The next lines; none at the end.
    ///
    /// # Errors
    ///
    /// [`NotExported`]: what was written so far is no bundle then, for it has no end.
    pub fn next(&mut self, reader: &mut dyn Reader) -> Result<Option<String>, NotExported> {
        if self.has_ended {
            return Ok(None);
        }
        let mut lines: Vec<BundleLine> = std::mem::take(&mut self.opening);
        let rows = self.rows(reader)?;
        let is_erased = rows.iter().any(|row| row.data.is_none());
        if is_erased && !is_settled(reader, self.checkpoint.size)? {
            return Err(NotExported::Erased);
        }
        self.written += rows.len() as u64;
        self.has_ended = rows.is_empty();
        for event in self.proven(reader, rows)? {
            lines.extend(self.runbook(reader, &event)?);
            lines.push(BundleLine::Event(event));
        }
        if self.has_ended {
            lines.push(BundleLine::End(BundleEnd { events: self.written }));
        }
        Ok(Some(lines.iter().map(BundleLine::to_line).collect()))
    }

    /// Rows that follow each other, with what proves them.
    fn proven(
        &self,
        reader: &mut dyn Reader,
        rows: Vec<Row>,
    ) -> Result<Vec<BundleEvent>, LedgerError> {
        let CheckpointRow { size, text, .. } = &self.checkpoint;
        match self.carried {
            Carried::Log => {
                let mut hashes = hashes_of(reader, &rows)?.into_iter();
                let hashed = |row: Row| {
                    let complete = complete_by(row.position);
                    BundleEvent::of(row).hashed(hashes.by_ref().take(complete))
                };
                Ok(rows.into_iter().map(hashed).collect())
            }
            Carried::Some(_) => {
                let mut read = |places: &[u64]| reader.hashes(places);
                let proven = |row: Row| {
                    let proof = Inclusion::read(row.position, *size, &mut read)?;
                    Ok(BundleEvent::of(row).proven(proof.text(text)))
                };
                rows.into_iter().map(proven).collect()
            }
        }
    }

    /// The next rows as they are now; none at the end.
    fn rows(&self, reader: &mut dyn Reader) -> Result<Vec<Row>, LedgerError> {
        let written = usize::try_from(self.written).unwrap_or(usize::MAX);
        let places: Vec<Position> = match &self.carried {
            Carried::Log => {
                let last = self.checkpoint.size.min(self.written + EXPORT_STEP as u64);
                (self.written + 1..=last).map(Position).collect()
            }
            Carried::Some(positions) => {
                positions.iter().skip(written).take(EXPORT_STEP).copied().collect()
            }
        };
        let rows = match self.carried {
            Carried::Log if places.is_empty() => Vec::new(),
            Carried::Log => reader.events(Position(self.written), places.len())?,
            Carried::Some(_) => {
                let one = |place: &Position| reader.events(Position(place.0 - 1), 1);
                let found: Result<Vec<_>, _> = places.iter().map(one).collect();
                found?.into_iter().flatten().collect()
            }
        };
        if !rows.iter().map(|row| row.position).eq(places) {
            return Err(LedgerError::Storage("an event is missing; run allclear verify".into()));
        }
        Ok(rows)
    }

    /// The runbook that an event pins, the first time that one does.
    fn runbook(
        &mut self,
        reader: &mut dyn Reader,
        event: &BundleEvent,
    ) -> Result<Option<BundleLine>, LedgerError> {
        let is_first = event.version == Version(1) && !event.incident.is_system();
        let entry = is_first.then(|| Entry::from_line(&event.entry)).transpose();
        let entry = entry.map_err(|error| LedgerError::Storage(error.to_string()))?;
        let Some(sha256) = entry.and_then(|entry| entry.book) else { return Ok(None) };
        if !self.books.insert(sha256.clone()) {
            return Ok(None);
        }
        let text = reader.runbook(&sha256)?;
        Ok(text.map(|text| BundleLine::Runbook(BundleRunbook { sha256, text })))
    }
}

/// How many hashes become complete by the event at that position.
fn complete_by(position: Position) -> usize {
    let complete = tree::hashes_of(position.0) - tree::hashes_of(position.0 - 1);
    usize::try_from(complete).expect("at most 64 become complete at once")
}

/// The hashes that become complete by rows that follow each other.
fn hashes_of(reader: &mut dyn Reader, rows: &[Row]) -> Result<Vec<Hash>, LedgerError> {
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return Ok(Vec::new()) };
    let places = tree::hashes_of(first.position.0 - 1)..tree::hashes_of(last.position.0);
    reader.hashes(&places.collect::<Vec<_>>())
}

/// Where the events of an incident stand up to `size`, and those of `SYS` that give the names in
/// them.
fn of_incident(
    reader: &mut dyn Reader,
    id: IncidentId,
    size: u64,
) -> Result<Vec<Position>, LedgerError> {
    let mut rows = read_rows(reader, id, Version(i64::MAX as u64))?;
    rows.retain(|row| row.position.0 <= size);
    let mut positions: Vec<Position> = rows.iter().map(|row| row.position).collect();
    if !rows.is_empty() {
        positions.extend(namings(reader, &ids_in(&rows), size)?);
    }
    positions.sort_unstable();
    Ok(positions)
}

/// The ids of principals that rows have in them, as members of their JSON.
fn ids_in(rows: &[Row]) -> HashSet<String> {
    let texts = rows.iter().flat_map(|row| [Some(row.entry.as_str()), row.data.as_deref()]);
    let words = texts.flatten().flat_map(|text| text.split('"'));
    let is_id = |word: &&str| word.starts_with("u_") || word.starts_with("t_");
    words.filter(is_id).map(ToOwned::to_owned).collect()
}

/// Where each of these principals was given a name that stands.
fn namings(
    reader: &mut dyn Reader,
    ids: &HashSet<String>,
    size: u64,
) -> Result<Vec<Position>, LedgerError> {
    let (mut found, mut after) = (Vec::new(), Version(0));
    loop {
        let page =
            reader.incident(IncidentId::SYSTEM, after, Version(i64::MAX as u64), PAGE_MAX)?;
        let Some(last) = page.last() else { return Ok(found) };
        after = last.version;
        for row in page.iter().filter(|row| row.position.0 <= size) {
            let logged = Logged::read(row).map_err(|it| LedgerError::Storage(it.to_string()))?;
            if let Said::Act(Act::PrincipalNamed(named)) = &logged.said
                && ids.contains(named.principal.as_str())
            {
                found.push(row.position);
            }
        }
    }
}

/// Whether no redaction stands behind that position: what is erased before it is then named by a
/// redaction before it too.
fn is_settled(reader: &mut dyn Reader, size: u64) -> Result<bool, LedgerError> {
    let mut after = Position(size);
    loop {
        let page = reader.events(after, PAGE_MAX)?;
        let Some(last) = page.last() else { return Ok(true) };
        after = last.position;
        // An entry has no words of a client in it, so it has this only where it is its type.
        if page.iter().any(|row| row.entry.contains(r#""type":"redacted""#)) {
            return Ok(false);
        }
    }
}

impl Engine {
    /// Begins the export of one incident, or of the whole log, up to a checkpoint that is made now.
    pub async fn export(&self, incident: Option<IncidentId>) -> Result<Export, NotExported> {
        self.seal().await;
        let key = self.key.ok_or(NotExported::Unproven(NoProof::NothingSealed))?;
        let begun = move |reader: &mut dyn Reader| Ok(Export::begin(reader, &key, incident));
        self.readers.read(begun).await?
    }

    /// The next lines of an export, and the export; none at the end.
    pub async fn exported(
        &self,
        mut export: Export,
    ) -> Result<Option<(String, Export)>, NotExported> {
        let next = |reader: &mut dyn Reader| {
            let lines = export.next(reader);
            Ok(lines.map(|lines| lines.map(|lines| (lines, export))))
        };
        self.readers.read(next).await?
    }
}
