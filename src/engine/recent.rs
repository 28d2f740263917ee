//! The newest rows of the log, kept at hand for everybody who follows it.
//!
//! Each follower asks for the page behind its own position, as ever (see [`tail`](super::tail));
//! only where that page comes from depends on how far behind it is. With a thousand followers the
//! same page was read from the database a thousand times and the same text made of it as often:
//! that was most of what the service did, and appends waited for it. Nothing is pushed to anybody:
//! whoever is further behind than what is here reads the database, and costs only itself.
//!
//! ```text
//!   commit ──▶ names, rights ──▶ here ──▶ erasures counted ──▶ head moves ──▶ followers ask
//! ```
//!
//! What is here is what is stored. The sequencer brings the rows of a turn after its commit and
//! before it shows the head, one behind the other without a gap. A turn that erases anything brings
//! nothing and takes everything away, its own rows and the texts of other events with an erased
//! name included; that is before the redaction is acknowledged, and before the erasure is counted,
//! so whoever knows of the erasure finds nothing from before it here.

use super::tail::{Scope, TAIL_BYTES, TAIL_PAGE};
use crate::incident::id::Position;
use crate::log::{Batch, Row};
use std::collections::VecDeque;
use std::ops::Deref;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

/// How many rows are at hand at most: ten seconds of a hundred events a second.
pub const RECENT_ROWS_MAX: usize = 1_024;

/// How many bytes of them; the texts that were made of them take as much again.
pub const RECENT_BYTES_MAX: usize = 4 * 1024 * 1024;

/// A row as its followers have it: with the text that the first of them made of it.
#[derive(Debug)]
pub struct Followed {
    row: Row,
    text: OnceLock<Box<str>>,
}

impl Followed {
    /// A row of which nobody has made a text.
    pub fn new(row: Row) -> Followed {
        Followed { row, text: OnceLock::new() }
    }

    /// What `make` makes of the row: the same for every follower, so it is made once.
    pub fn text(&self, make: impl FnOnce(&Row) -> String) -> &str {
        self.text.get_or_init(|| make(&self.row).into())
    }
}

impl Deref for Followed {
    type Target = Row;

    fn deref(&self) -> &Row {
        &self.row
    }
}

/// What one read of a follower brings.
#[derive(Debug)]
pub struct Page {
    /// The rows, in order; possibly none.
    pub rows: VecDeque<Arc<Followed>>,
    /// Up to where there is nothing more of what is followed.
    pub upto: Position,
}

/// The rows at hand.
#[derive(Debug)]
pub struct Recent(RwLock<Rows>);

#[derive(Debug)]
struct Rows {
    /// Every row behind that position is here.
    behind: Position,
    rows: VecDeque<Arc<Followed>>,
    bytes: usize,
}

/// How much a row counts for.
pub fn weight(row: &Row) -> usize {
    row.entry.len() + row.data.as_ref().map_or(0, String::len)
}

impl Recent {
    /// Nothing at hand of a log that goes up to `head`.
    pub fn new(head: Position) -> Recent {
        Recent(RwLock::new(Rows { behind: head, rows: VecDeque::new(), bytes: 0 }))
    }

    /// Takes in what was just committed, up to `head`.
    pub fn take(&self, committed: &Batch, head: Position) {
        let erases = !committed.erasures.is_empty();
        let kept = if erases { &[][..] } else { &committed.rows[..] };
        let kept: Vec<_> = kept.iter().map(|row| Arc::new(Followed::new(row.clone()))).collect();
        let mut rows = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if erases {
            *rows = Rows { behind: head, rows: VecDeque::new(), bytes: 0 };
        }
        kept.into_iter().for_each(|row| rows.push(row));
    }

    /// The page of `scope` behind a position; none when it begins before what is at hand.
    pub fn page(&self, scope: Scope, after: Position) -> Option<Page> {
        let rows = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let passed = usize::try_from(after.0.checked_sub(rows.behind.0)?).ok()?;
        let mut page = Page { rows: VecDeque::new(), upto: after };
        let mut bytes = 0;
        for row in rows.rows.iter().skip(passed) {
            if scope.has(row) {
                bytes += weight(row);
                let is_full = page.rows.len() == TAIL_PAGE || bytes > TAIL_BYTES;
                if is_full && !page.rows.is_empty() {
                    break;
                }
                page.rows.push_back(Arc::clone(row));
            }
            page.upto = row.position;
        }
        Some(page)
    }
}

impl Rows {
    fn push(&mut self, row: Arc<Followed>) {
        self.bytes += weight(&row);
        self.rows.push_back(row);
        while self.rows.len() > RECENT_ROWS_MAX || self.bytes > RECENT_BYTES_MAX {
            let Some(oldest) = self.rows.pop_front() else { break };
            self.bytes -= weight(&oldest);
            self.behind = oldest.position;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::id::{IncidentId, Version};
    use crate::log::{Erasure, Salt};
    use uuid::Uuid;

    fn id(number: u64) -> IncidentId {
        IncidentId(Uuid::from_u64_pair(1, number))
    }

    /// Rows from `first` on, in turn of two incidents.
    fn turn(first: u64, count: u64, data: &str) -> Batch {
        let row = |position| Row {
            position: Position(position),
            incident: id(position % 2),
            version: Version(position.div_ceil(2)),
            entry: String::new(),
            salt: Some(Salt([0; 32])),
            data: Some(data.into()),
        };
        Batch { rows: (first..first + count).map(row).collect(), ..Batch::default() }
    }

    fn positions(page: Option<Page>) -> Option<(Vec<u64>, u64)> {
        page.map(|it| (it.rows.iter().map(|row| row.position.0).collect(), it.upto.0))
    }

    #[test]
    fn a_page_is_what_lies_behind_a_position_and_whoever_is_further_behind_gets_none() {
        let recent = Recent::new(Position(10));
        recent.take(&turn(11, 3, "x"), Position(13));
        recent.take(&turn(14, 2, "x"), Position(15));
        let page = |scope, after| positions(recent.page(scope, Position(after)));
        assert_eq!(page(Scope::Log, 9), None);
        assert_eq!(page(Scope::Log, 10), Some(((11..=15).collect(), 15)));
        assert_eq!(page(Scope::Log, 13), Some((vec![14, 15], 15)));
        assert_eq!(page(Scope::Log, 15), Some((vec![], 15)));
        assert_eq!(page(Scope::Log, 1 << 52), Some((vec![], 1 << 52)));
        assert_eq!(page(Scope::Incident(id(0)), 12), Some((vec![14], 15)));
        assert_eq!(page(Scope::Incident(id(7)), 11), Some((vec![], 15)), "nothing up to there");
    }

    #[test]
    fn a_turn_that_erases_leaves_nothing_not_even_its_own_rows() {
        let recent = Recent::new(Position(0));
        recent.take(&turn(1, 4, "x"), Position(4));
        let erasure = Erasure { incident: id(1), version: Version(1), is_copied: false };
        let erasing = Batch { erasures: vec![erasure], ..turn(5, 2, "x") };
        recent.take(&erasing, Position(6));
        let page = |after| positions(recent.page(Scope::Log, Position(after)));
        assert_eq!((page(0), page(5)), (None, None));
        assert_eq!(page(6), Some((vec![], 6)));
        recent.take(&turn(7, 1, "x"), Position(7));
        assert_eq!(page(6), Some((vec![7], 7)), "and it goes on behind it");
    }

    #[test]
    fn rows_and_bytes_are_bounded_and_the_oldest_go_first() {
        let recent = Recent::new(Position(0));
        let most = RECENT_ROWS_MAX as u64;
        recent.take(&turn(1, most + 3, "x"), Position(most + 3));
        let held = |recent: &Recent| {
            let rows = recent.0.read().unwrap();
            assert_eq!(rows.bytes, rows.rows.iter().map(|row| weight(row)).sum::<usize>());
            (rows.rows.len() as u64, rows.behind.0)
        };
        assert_eq!(held(&recent), (most, 3));
        let large = "x".repeat(RECENT_BYTES_MAX / 4);
        recent.take(&turn(most + 4, 5, &large), Position(most + 8));
        assert_eq!(held(&recent), (4, most + 4));
        let larger = "x".repeat(RECENT_BYTES_MAX + 1);
        recent.take(&turn(most + 9, 1, &larger), Position(most + 9));
        assert_eq!(held(&recent), (0, most + 9), "one that is larger than all is not kept");
    }

    #[test]
    fn a_page_is_bounded_too_but_always_has_something() {
        let recent = Recent::new(Position(0));
        recent.take(&turn(1, 150, "x"), Position(150));
        let page = |after| positions(recent.page(Scope::Log, Position(after))).unwrap();
        assert_eq!(page(0), ((1..=TAIL_PAGE as u64).collect(), TAIL_PAGE as u64));
        recent.take(&turn(151, 3, &"x".repeat(TAIL_BYTES * 2 / 3)), Position(153));
        recent.take(&turn(154, 1, &"x".repeat(TAIL_BYTES * 2)), Position(154));
        assert_eq!((page(150), page(153)), ((vec![151], 151), (vec![154], 154)));
    }

    #[test]
    fn a_text_is_made_once() {
        let recent = Recent::new(Position(0));
        recent.take(&turn(1, 1, "x"), Position(1));
        let row = || recent.page(Scope::Log, Position(0)).unwrap().rows.pop_front().unwrap();
        assert_eq!(row().text(|row| format!("{}", row.position)), "1");
        assert_eq!(row().text(|_| panic!("it was made before")), "1");
    }
}
