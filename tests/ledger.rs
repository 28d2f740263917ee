//! The ledger's contract, tried against the engine that there is, and what a data directory
//! promises. The contract's stories know only the traits, so that another engine can be put in.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use allclear::incident::id::{
    IncidentId, IncidentRef, Number, Position, PrincipalId, TokenId, Version,
};
use allclear::incident::time::Moment;
use allclear::incident::words::State;
use allclear::ledger::{
    BoardFilter, Ledger, LedgerError, OpenError, PAGE_MAX, Reader, Seeds, SqliteLedger,
};
use allclear::log::tree::Hash;
use allclear::log::{
    Batch, BoardRow, CheckpointRow, Erasure, GenerationRow, PrincipalRow, Receipt, Row, Salt, Seal,
    Sealed, TokenRow,
};
use rusqlite::Connection;
use std::fs;
use std::ops::Deref;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use uuid::Uuid;

/// A directory of the test's own, removed at the end.
struct Place(PathBuf);

impl Place {
    fn new() -> Place {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("ledger-{}-{number}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        Place(path)
    }

    fn database(&self) -> PathBuf {
        self.join("allclear.db")
    }

    /// Another hand on the file, with nothing that our own connections forbid themselves.
    fn tamper(&self, sql: &str) -> rusqlite::Result<()> {
        Connection::open(self.database()).unwrap().execute_batch(sql)
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

impl Deref for Place {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.0
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn seeds() -> Seeds {
    Seeds { origin: Uuid::from_u128(7), receipt_key: Salt([9; 32]) }
}

fn open(place: &Path) -> SqliteLedger {
    SqliteLedger::open(place, seeds()).unwrap()
}

fn refused(place: &Path) -> OpenError {
    match SqliteLedger::open(place, seeds()) {
        Ok(_) => panic!("{} was opened", place.display()),
        Err(error) => error,
    }
}

fn refused_offline(place: &Path) -> OpenError {
    match SqliteLedger::open_offline(place) {
        Ok(_) => panic!("{} was opened", place.display()),
        Err(error) => error,
    }
}

fn incident(number: u128) -> IncidentId {
    IncidentId(Uuid::from_u128(number))
}

fn row(position: u64, of: u128, version: u64) -> Row {
    Row {
        position: Position(position),
        incident: incident(of),
        version: Version(version),
        entry: format!(r#"{{"v":1,"pos":{position},"note":"\u0000 é 🚒"}}"#),
        salt: Some(Salt([position as u8; 32])),
        data: Some(r#"{"data":{"n":1.0,"n2":1e3,"a": "b"}}"#.into()),
    }
}

fn board_row(number: u64) -> BoardRow {
    BoardRow {
        incident: incident(number.into()),
        number: Number(number),
        version: Version(1),
        state: State::Announced,
        severity: None,
        service: "checkout".into(),
        title: "5xx after 2.4.1".into(),
        commander: None,
        announced_at: Moment(number as i64),
        restored_at: None,
        resolved_at: None,
        updated_at: Moment(number as i64),
        due_at: None,
    }
}

fn receipt(key: &str) -> Receipt {
    Receipt {
        principal: PrincipalId("u_ana".into()),
        key: key.into(),
        incident: incident(1),
        first: Version(1),
        last: Version(2),
        fingerprint: Some([3; 32]),
    }
}

/// Three events of two incidents, with a receipt.
fn first_batch() -> Batch {
    Batch {
        rows: vec![row(1, 1, 1), row(2, 2, 1), row(3, 1, 2)],
        board: vec![board_row(1), board_row(2)],
        receipts: vec![receipt("first")],
        incidents: 2,
        ..Batch::default()
    }
}

/// What may come after it.
fn next_batch(rows: Vec<Row>) -> Batch {
    Batch { rows, incidents: 2, ..Batch::default() }
}

/// The same, with a redaction of that event.
fn erasing(version: u64, rows: Vec<Row>) -> Batch {
    let erasures =
        vec![Erasure { incident: incident(1), version: Version(version), is_copied: false }];
    Batch { erasures, ..next_batch(rows) }
}

fn store(ledger: &mut dyn Ledger, batch: &Batch) -> Result<(), LedgerError> {
    let mut turn = ledger.begin()?;
    turn.write(batch)?;
    turn.commit()
}

fn all(ledger: &dyn Ledger) -> (Vec<Row>, Vec<BoardRow>, Position) {
    let mut reader = ledger.reader().unwrap();
    let rows = reader.events(Position(0), PAGE_MAX).unwrap();
    let board = reader.board(&BoardFilter::default(), None, PAGE_MAX).unwrap();
    (rows, board, reader.head().unwrap().position)
}

/// The batch is refused loudly, and leaves no trace.
fn assert_refused(ledger: &mut dyn Ledger, batch: &Batch) {
    let before = all(ledger);
    assert!(matches!(store(ledger, batch), Err(LedgerError::Storage(_))), "{batch:?}");
    assert_eq!(all(ledger), before);
}

/// The contract of every ledger. Each story begins with an empty log.
mod contract {
    use super::*;

    pub fn rows_come_back_byte_for_byte(ledger: &mut dyn Ledger) {
        let mut batch = first_batch();
        batch.rows[1] = Row { salt: None, data: None, ..row(2, 2, 1) };
        store(ledger, &batch).unwrap();

        let mut reader = ledger.reader().unwrap();
        assert_eq!(reader.events(Position(0), PAGE_MAX).unwrap(), batch.rows);
        assert_eq!(reader.events(Position(1), 1).unwrap(), batch.rows[1..2]);
        assert_eq!(reader.events(Position(3), 1).unwrap(), []);
        let first = [batch.rows[0].clone(), batch.rows[2].clone()];
        let mut of_first =
            |after, upto, limit| reader.incident(incident(1), Version(after), Version(upto), limit);
        assert_eq!(of_first(0, u64::MAX, 9).unwrap(), first);
        assert_eq!(of_first(1, u64::MAX, 9).unwrap(), first[1..]);
        assert_eq!(of_first(0, 1, 9).unwrap(), first[..1]);
        assert_eq!(of_first(0, u64::MAX, 1).unwrap(), first[..1]);
        assert_eq!(ledger.begin().unwrap().incident(incident(1)).unwrap(), first);
        assert_eq!(ledger.begin().unwrap().incident(incident(9)).unwrap(), []);
    }

    pub fn the_head_moves_to_the_last_event(ledger: &mut dyn Ledger) {
        let new = ledger.begin().unwrap().head().unwrap();
        assert_eq!((new.position, new.incidents), (Position(0), 0));
        let mut turn = ledger.begin().unwrap();
        turn.write(&first_batch()).unwrap();
        let head = turn.head().unwrap();
        turn.commit().unwrap();
        assert_eq!((head.position, head.incidents), (Position(3), 2));
        assert_eq!((head.origin, head.receipt_key), (new.origin, new.receipt_key));
        assert_eq!(ledger.reader().unwrap().head().unwrap(), head);
        store(ledger, &next_batch(vec![])).unwrap();
        assert_eq!(ledger.reader().unwrap().head().unwrap(), head);
    }

    pub fn a_dropped_turn_leaves_nothing(ledger: &mut dyn Ledger) {
        let before = all(ledger);
        let mut turn = ledger.begin().unwrap();
        turn.write(&first_batch()).unwrap();
        drop(turn);
        assert_eq!(all(ledger), before);
        store(ledger, &first_batch()).unwrap();
    }

    pub fn a_reader_sees_nothing_before_the_commit(ledger: &mut dyn Ledger) {
        let mut reader = ledger.reader().unwrap();
        let mut turn = ledger.begin().unwrap();
        turn.write(&first_batch()).unwrap();
        assert_eq!(reader.head().unwrap().position, Position(0));
        assert_eq!(reader.events(Position(0), 9).unwrap(), []);
        turn.commit().unwrap();
        assert_eq!(reader.head().unwrap().position, Position(3));
        assert_eq!(reader.events(Position(0), 9).unwrap().len(), 3);
    }

    pub fn a_batch_that_failed_half_way_cannot_be_committed(ledger: &mut dyn Ledger) {
        let batch = Batch { receipts: vec![receipt("k"), receipt("k")], ..first_batch() };
        let mut turn = ledger.begin().unwrap();
        assert!(turn.write(&batch).is_err());
        assert!(matches!(turn.commit(), Err(LedgerError::Storage(_))));
        assert_eq!(all(ledger), (vec![], vec![], Position(0)));
    }

    pub fn positions_have_no_gap_and_versions_are_unique(ledger: &mut dyn Ledger) {
        assert_refused(ledger, &next_batch(vec![row(2, 1, 1)]));
        store(ledger, &first_batch()).unwrap();
        assert_refused(ledger, &next_batch(vec![row(3, 1, 3)]));
        assert_refused(ledger, &next_batch(vec![row(5, 1, 3)]));
        assert_refused(ledger, &next_batch(vec![row(4, 1, 3), row(6, 1, 4)]));
        assert_refused(ledger, &next_batch(vec![row(4, 1, 2)]));
        assert_refused(ledger, &next_batch(vec![row(4, 1, 3), row(5, 1, 3)]));
        assert_refused(ledger, &next_batch(vec![Row { salt: None, ..row(4, 1, 3) }]));
        assert_refused(ledger, &Batch { incidents: 1, ..next_batch(vec![row(4, 1, 3)]) });
        store(ledger, &next_batch(vec![row(4, 1, 3), row(5, 2, 2)])).unwrap();
    }

    pub fn a_number_belongs_to_one_incident(ledger: &mut dyn Ledger) {
        store(ledger, &first_batch()).unwrap();
        let of = |number, id| {
            let board = vec![BoardRow { number: Number(number), ..board_row(id) }];
            Batch { board, incidents: 3, ..next_batch(vec![row(4, id.into(), 9)]) }
        };
        assert_refused(ledger, &of(1, 3));
        assert_refused(ledger, &of(3, 1));
        store(ledger, &of(3, 3)).unwrap();
    }

    pub fn a_receipt_is_found_for_ever(ledger: &mut dyn Ledger) {
        let ana = PrincipalId("u_ana".into());
        assert_eq!(ledger.begin().unwrap().receipt(&ana, "first").unwrap(), None);
        let erased = Receipt { fingerprint: None, ..receipt("erased") };
        let receipts = vec![receipt("first"), erased.clone()];
        store(ledger, &Batch { receipts, ..first_batch() }).unwrap();
        let mut turn = ledger.begin().unwrap();
        assert_eq!(turn.receipt(&ana, "first").unwrap(), Some(receipt("first")));
        assert_eq!(turn.receipt(&ana, "erased").unwrap(), Some(erased));
        assert_eq!(turn.receipt(&ana, "FIRST").unwrap(), None);
        assert_eq!(turn.receipt(&PrincipalId("u_ben".into()), "first").unwrap(), None);
    }

    pub fn a_key_twice_is_refused(ledger: &mut dyn Ledger) {
        store(ledger, &first_batch()).unwrap();
        let again = |receipt| Batch { receipts: vec![receipt], ..next_batch(vec![row(4, 1, 3)]) };
        assert_refused(ledger, &again(receipt("first")));
        let of_another = Receipt { principal: PrincipalId("u_ben".into()), ..receipt("first") };
        store(ledger, &again(of_another)).unwrap();
    }

    pub fn what_is_erased_is_gone_with_its_fingerprint_and_nothing_else_is(
        ledger: &mut dyn Ledger,
    ) {
        let elsewhere = Receipt { incident: incident(2), ..receipt("elsewhere") };
        let later = Receipt { first: Version(3), last: Version(3), ..receipt("later") };
        let receipts = vec![receipt("first"), elsewhere.clone(), later.clone()];
        store(ledger, &Batch { receipts, ..first_batch() }).unwrap();
        assert!(!ledger.is_erasing());
        let mut expected = all(ledger);
        store(ledger, &erasing(2, vec![row(4, 1, 3)])).unwrap();
        expected.0[2].erase();
        expected.0.push(row(4, 1, 3));
        expected.2 = Position(4);
        assert_eq!(all(ledger), expected);
        let mut turn = ledger.begin().unwrap();
        let ana = PrincipalId("u_ana".into());
        let erased = Receipt { fingerprint: None, ..receipt("first") };
        assert_eq!(turn.receipt(&ana, "first").unwrap(), Some(erased));
        assert_eq!(turn.receipt(&ana, "elsewhere").unwrap(), Some(elsewhere));
        assert_eq!(turn.receipt(&ana, "later").unwrap(), Some(later));
        drop(turn);
        assert!(ledger.is_erasing());
        ledger.erase().unwrap();
        assert!(!ledger.is_erasing());
        assert_eq!(all(ledger), expected);
    }

    pub fn what_is_not_there_cannot_be_erased_and_what_is_gone_can(ledger: &mut dyn Ledger) {
        store(ledger, &first_batch()).unwrap();
        assert_refused(ledger, &erasing(9, vec![]));
        store(ledger, &erasing(3, vec![row(4, 1, 3)])).unwrap();
        store(ledger, &erasing(3, vec![row(5, 1, 4)])).unwrap();
        let (rows, ..) = all(ledger);
        assert_eq!((rows[3].salt, rows[3].data.as_ref()), (None, None));
        ledger.erase().unwrap();
        ledger.erase().unwrap();
    }

    pub fn an_incident_is_found_by_number_and_by_identity(ledger: &mut dyn Ledger) {
        store(ledger, &first_batch()).unwrap();
        let names = [
            (IncidentRef::Number(Number(2)), Some(incident(2))),
            (IncidentRef::Id(incident(2)), Some(incident(2))),
            (IncidentRef::Number(Number(3)), None),
            (IncidentRef::Number(Number(u64::MAX)), None),
            (IncidentRef::Id(incident(3)), None),
            (IncidentRef::Id(IncidentId::SYSTEM), None),
        ];
        for (named, expected) in names {
            assert_eq!(ledger.reader().unwrap().find(named).unwrap(), expected, "{named}");
            assert_eq!(ledger.begin().unwrap().find(named).unwrap(), expected, "{named}");
        }
    }

    /// Five incidents, no two alike.
    fn a_board(ledger: &mut dyn Ledger) -> Box<dyn Reader> {
        let mut board: Vec<BoardRow> = (1..=5).map(board_row).collect();
        board[1].state = State::Resolved;
        board[2].service = "Search_1".into();
        board[2].severity = Some("sev1".into());
        board[3].title = "Disk 100% full".into();
        board[3].commander = Some("u_ana".into());
        board[4].state = State::Monitoring;
        board[4].severity = Some("sev1".into());
        let rows = (1..=5).map(|at| row(at, at.into(), 1)).collect();
        store(ledger, &Batch { rows, board, incidents: 5, ..Batch::default() }).unwrap();
        ledger.reader().unwrap()
    }

    pub fn the_board_filters(ledger: &mut dyn Ledger) {
        let mut reader = a_board(ledger);
        let all = BoardFilter::default;
        let some = |word: &str| Some(word.to_owned());
        let states = |states: &[State]| BoardFilter { states: states.into(), ..all() };
        let words = |words| BoardFilter { words: some(words), ..all() };
        let cases: Vec<(BoardFilter, &[u64])> = vec![
            (all(), &[5, 4, 3, 2, 1]),
            (states(&[State::Resolved]), &[2]),
            (states(&[State::Resolved, State::Monitoring]), &[5, 2]),
            (states(&[State::Resolved, State::Resolved]), &[2]),
            (states(State::ALL), &[5, 4, 3, 2, 1]),
            (states(&[State::Cancelled]), &[]),
            (BoardFilter { service: some("Search_1"), ..all() }, &[3]),
            (BoardFilter { service: some("search_1"), ..all() }, &[]),
            (BoardFilter { severity: some("sev1"), ..all() }, &[5, 3]),
            (BoardFilter { commander: some("u_ana"), ..all() }, &[4]),
            (BoardFilter { since: Some(Moment(4)), ..all() }, &[5, 4]),
            (BoardFilter { until: Some(Moment(2)), ..all() }, &[1]),
            (BoardFilter { severity: some("sev1"), ..states(&[State::Monitoring]) }, &[5]),
            (BoardFilter { service: some("checkout"), ..states(State::ALL) }, &[5, 4, 2, 1]),
            (BoardFilter { severity: some("sev1"), ..states(&[State::Resolved]) }, &[]),
            (words("SEARCH"), &[3]),
            (words("5XX AFTER"), &[5, 3, 2, 1]),
            (words("100%"), &[4]),
            (words("%"), &[4]),
            (words("_"), &[3]),
            (words("' OR 1=1 --"), &[]),
            (words(&"x".repeat(200_000)), &[]),
        ];
        for (filter, expected) in cases {
            let page = reader.board(&filter, None, PAGE_MAX).unwrap();
            let numbers: Vec<u64> = page.iter().map(|row| row.number.0).collect();
            assert_eq!(numbers, expected, "{filter:?}");
        }
    }

    pub fn the_board_pages_newest_first(ledger: &mut dyn Ledger) {
        let mut reader = a_board(ledger);
        let mut page = |before, limit| -> Vec<u64> {
            let page = reader.board(&BoardFilter::default(), before, limit).unwrap();
            page.iter().map(|row| row.number.0).collect()
        };
        assert_eq!(page(None, 2), [5, 4]);
        assert_eq!(page(Some(Number(4)), 2), [3, 2]);
        assert_eq!(page(Some(Number(2)), 2), [1]);
        assert_eq!(page(Some(Number(1)), 2), [0; 0]);
        assert_eq!(page(Some(Number(u64::MAX)), 1), [5]);
        let merged = BoardFilter { states: State::ALL.into(), ..BoardFilter::default() };
        let page = reader.board(&merged, Some(Number(5)), 3).unwrap();
        assert_eq!(page.iter().map(|row| row.number.0).collect::<Vec<_>>(), [4, 3, 2]);
    }

    pub fn a_board_row_is_replaced_as_a_whole(ledger: &mut dyn Ledger) {
        store(ledger, &first_batch()).unwrap();
        let changed = BoardRow {
            version: Version(3),
            state: State::Resolved,
            severity: Some("sev2".into()),
            service: "search".into(),
            title: "other".into(),
            commander: Some("u_ana".into()),
            announced_at: Moment(-1),
            restored_at: Some(Moment(-80)),
            resolved_at: Some(Moment(90)),
            updated_at: Moment(i64::MIN),
            due_at: Some(Moment(i64::MAX)),
            ..board_row(1)
        };
        let board = vec![changed.clone()];
        store(ledger, &Batch { board, ..next_batch(vec![row(4, 1, 3)]) }).unwrap();
        assert_eq!(all(ledger).1, [board_row(2), changed]);
    }

    fn ana() -> PrincipalRow {
        PrincipalRow {
            principal: PrincipalId("u_ana".into()),
            kind: "person".into(),
            name: "Ana".into(),
            role: Some("responder".into()),
            disabled: false,
        }
    }

    fn with(row: &PrincipalRow) -> Batch {
        Batch { principals: vec![row.clone()], ..Batch::default() }
    }

    pub fn a_runbook_is_kept_by_its_hash(ledger: &mut dyn Ledger) {
        let sha256 = "a".repeat(64);
        let runbooks =
            vec![(sha256.clone(), "first".to_owned()), (sha256.clone(), "second".to_owned())];
        store(ledger, &Batch { runbooks, ..Batch::default() }).unwrap();
        let mut reader = ledger.reader().unwrap();
        assert_eq!(reader.runbook(&sha256).unwrap().as_deref(), Some("first"));
        assert_eq!(reader.runbook("other").unwrap(), None);
    }

    pub fn a_principals_name_is_its_own_case_aside(ledger: &mut dyn Ledger) {
        store(ledger, &with(&ana())).unwrap();
        let ben = PrincipalRow { principal: PrincipalId("u_ben".into()), ..ana() };
        assert_refused(ledger, &with(&PrincipalRow { name: "ANA".into(), ..ben.clone() }));
        let ben = PrincipalRow { name: "Ben".into(), role: None, disabled: true, ..ben };
        store(ledger, &with(&ben)).unwrap();
        let renamed = PrincipalRow { name: "ana".into(), ..ana() };
        store(ledger, &with(&renamed)).unwrap();
        assert_eq!(ledger.reader().unwrap().principals().unwrap(), [renamed, ben]);
    }

    pub fn a_credential_is_kept_and_revoked(ledger: &mut dyn Ledger) {
        let key = TokenRow {
            token: TokenId("k_1".into()),
            secret_sha256: [5; 32],
            principal: ana().principal,
            scopes: "read append".into(),
            expires: Moment(99),
            revoked: false,
        };
        let of = |row: &TokenRow| Batch { tokens: vec![row.clone()], ..Batch::default() };
        assert_refused(ledger, &of(&key));
        store(ledger, &Batch { principals: vec![ana()], ..of(&key) }).unwrap();
        assert_eq!(ledger.reader().unwrap().tokens().unwrap(), std::slice::from_ref(&key));
        assert_refused(ledger, &of(&TokenRow { token: TokenId("k_2".into()), ..key.clone() }));
        let revoked = TokenRow { revoked: true, ..key };
        store(ledger, &of(&revoked)).unwrap();
        assert_eq!(ledger.reader().unwrap().tokens().unwrap(), [revoked]);
    }

    pub fn a_page_is_bounded_and_a_whole_incident_is_not(ledger: &mut dyn Ledger) {
        let rows = (1..=PAGE_MAX as u64 + 1).map(|at| row(at, 1, at)).collect();
        store(ledger, &Batch { rows, ..Batch::default() }).unwrap();
        let mut reader = ledger.reader().unwrap();
        assert_eq!(reader.events(Position(0), usize::MAX).unwrap().len(), PAGE_MAX);
        let page = reader.incident(incident(1), Version(0), Version(u64::MAX), usize::MAX);
        assert_eq!(page.unwrap().len(), PAGE_MAX);
        assert_eq!(ledger.begin().unwrap().incident(incident(1)).unwrap().len(), PAGE_MAX + 1);
    }

    pub fn the_proof_only_grows(ledger: &mut dyn Ledger) {
        let proof = |seal: Seal| Batch { seals: vec![seal], incidents: 2, ..Batch::default() };
        let hashes = |first: u64, count: u8| {
            proof(Seal::Hashes(first, (0..count).map(|n| Hash([n; 32])).collect()))
        };
        let checkpoint = |generation, size| CheckpointRow {
            generation,
            size,
            at: Moment(7),
            text: format!("{generation} {size}"),
        };
        let signed = |generation, size| proof(Seal::Checkpoint(checkpoint(generation, size)));
        let restored = |number| {
            let (position, given_up) = (Position(3), "text".into());
            proof(Seal::Generation(GenerationRow { number, position, at: Moment(8), given_up }))
        };
        let sealed = |ledger: &dyn Ledger| ledger.reader().unwrap().sealed().unwrap();
        let nothing = Sealed { size: 0, generation: 1, checkpoint: None };
        assert_eq!(sealed(ledger), nothing);
        store(ledger, &first_batch()).unwrap();
        assert_refused(ledger, &hashes(1, 1));
        store(ledger, &hashes(0, 3)).unwrap();
        assert_refused(ledger, &hashes(2, 1));
        assert_refused(ledger, &hashes(4, 1));
        store(ledger, &hashes(3, 1)).unwrap();
        assert_eq!(sealed(ledger).size, 3);
        let read = |ledger: &dyn Ledger, places: &[u64]| ledger.reader().unwrap().hashes(places);
        assert_eq!(read(ledger, &[2, 0]).unwrap(), [Hash([2; 32]), Hash([0; 32])]);
        assert!(matches!(read(ledger, &[0, 4]), Err(LedgerError::Storage(_))));
        store(ledger, &signed(1, 3)).unwrap();
        assert_refused(ledger, &signed(1, 3));
        assert_refused(ledger, &signed(1, 2));
        assert_refused(ledger, &restored(1));
        store(ledger, &restored(2)).unwrap();
        assert_refused(ledger, &restored(2));
        store(ledger, &signed(2, 3)).unwrap();
        assert_refused(ledger, &signed(1, 9));
        let newest = Some(checkpoint(2, 3));
        assert_eq!(sealed(ledger), Sealed { size: 3, generation: 2, checkpoint: newest });
        let mut reader = ledger.reader().unwrap();
        assert_eq!(reader.checkpoint(1, 3).unwrap(), Some(checkpoint(1, 3)));
        assert_eq!(reader.checkpoint(1, 4).unwrap(), None);
    }
}

/// Runs each story of the contract on a new log in SQLite.
macro_rules! sqlite_keeps {
    ($($story:ident,)+) => {
        mod sqlite_keeps {
            use super::{Place, contract, open};
            $(#[test] fn $story() { let place = Place::new(); contract::$story(&mut open(&place)); })+
        }
    };
}

sqlite_keeps! {
    rows_come_back_byte_for_byte,
    the_head_moves_to_the_last_event,
    a_dropped_turn_leaves_nothing,
    a_reader_sees_nothing_before_the_commit,
    a_batch_that_failed_half_way_cannot_be_committed,
    positions_have_no_gap_and_versions_are_unique,
    a_number_belongs_to_one_incident,
    a_receipt_is_found_for_ever,
    a_key_twice_is_refused,
    what_is_erased_is_gone_with_its_fingerprint_and_nothing_else_is,
    what_is_not_there_cannot_be_erased_and_what_is_gone_can,
    an_incident_is_found_by_number_and_by_identity,
    the_board_filters,
    the_board_pages_newest_first,
    a_board_row_is_replaced_as_a_whole,
    a_runbook_is_kept_by_its_hash,
    a_principals_name_is_its_own_case_aside,
    a_credential_is_kept_and_revoked,
    a_page_is_bounded_and_a_whole_incident_is_not,
    the_proof_only_grows,
}

/// A log with the first batch in it, closed.
fn a_closed_log() -> Place {
    let place = Place::new();
    let mut ledger = open(&place);
    store(&mut ledger, &first_batch()).unwrap();
    Box::new(ledger).close().unwrap();
    place
}

/// What a killed server leaves: the files as they are.
fn a_killed_log() -> Place {
    let place = Place::new();
    let mut ledger = open(&place);
    store(&mut ledger, &first_batch()).unwrap();
    drop(ledger);
    assert_eq!(place.names(), ["allclear.db", "allclear.db-shm", "allclear.db-wal", "lock"]);
    place
}

#[test]
fn the_hashes_checkpoints_and_restores_are_not_deleted_changed_or_replaced() {
    let place = Place::new();
    let mut ledger = open(&place);
    let checkpoint = CheckpointRow { generation: 1, size: 1, at: Moment(7), text: "text".into() };
    let restored =
        GenerationRow { number: 2, position: Position(3), at: Moment(8), given_up: "text".into() };
    let seals = vec![
        Seal::Hashes(0, vec![Hash([1; 32])]),
        Seal::Checkpoint(checkpoint),
        Seal::Generation(restored),
    ];
    store(&mut ledger, &Batch { seals, ..first_batch() }).unwrap();
    Box::new(ledger).close().unwrap();
    let refused = |sql: &str| assert!(place.tamper(sql).is_err(), "{sql}");
    for table in ["tree", "checkpoint", "generation"] {
        refused(&format!("DELETE FROM {table}"));
    }
    refused("UPDATE tree SET hash = ZEROBLOB(32)");
    refused("UPDATE checkpoint SET text = 'x'");
    refused("UPDATE generation SET given_up = ''");
    refused("INSERT OR REPLACE INTO tree (place, hash) VALUES (0, ZEROBLOB(32))");
    refused("INSERT OR REPLACE INTO checkpoint (generation, size, at, text) VALUES (1, 1, 1, '')");
    refused(
        "INSERT OR REPLACE INTO generation (number, position, at, given_up) VALUES (2, 1, 1, '')",
    );
}

#[test]
fn a_log_without_a_tree_gets_one_at_the_next_start() {
    let place = a_closed_log();
    place.tamper(&format!("{WITHOUT_TREE} PRAGMA journal_mode = WAL;")).unwrap();
    let reader = SqliteLedger::open_offline(&place);
    assert_eq!(reader.unwrap().events(Position(0), 9).unwrap(), first_batch().rows);
    let ledger = open(&place);
    assert_eq!(all(&ledger).0, first_batch().rows);
    assert_eq!(ledger.reader().unwrap().sealed().unwrap().size, 0);
}

/// What undoes the second step of the schema.
const WITHOUT_TREE: &str = "DROP TABLE tree; DROP TABLE checkpoint; DROP TABLE generation;
    UPDATE log SET schema = 1; PRAGMA user_version = 1;";

#[test]
fn an_event_is_not_deleted_changed_or_replaced() {
    let place = a_closed_log();
    let refused = |sql: &str| assert!(place.tamper(sql).is_err(), "{sql}");
    refused("DELETE FROM event");
    refused("DELETE FROM event WHERE position = 3");
    refused("UPDATE event SET entry = 'x' WHERE position = 1");
    refused("UPDATE event SET position = 9 WHERE position = 3");
    refused("UPDATE event SET version = 9 WHERE position = 3");
    refused("UPDATE event SET incident = ZEROBLOB(16) WHERE position = 3");
    refused("UPDATE event SET data = 'x' WHERE position = 1");
    refused("UPDATE event SET data = NULL WHERE position = 1");
    refused("UPDATE event SET salt = NULL WHERE position = 1");
    refused("UPDATE event SET salt = NULL, data = NULL, entry = 'x' WHERE position = 1");
    let copy = "incident, version, 'x', NULL, NULL FROM event WHERE position = 1";
    refused(&format!("REPLACE INTO event SELECT 1, {copy}"));
    refused(&format!("REPLACE INTO event SELECT 4, {copy}"));
    refused("INSERT INTO log SELECT * FROM log");
    assert_eq!(all(&open(&place)).0, first_batch().rows);
}

#[test]
fn salt_and_data_are_taken_away_together() {
    let place = a_closed_log();
    place.tamper("UPDATE event SET salt = NULL, data = NULL WHERE position = 1").unwrap();
    let put_back = "UPDATE event SET salt = ZEROBLOB(32), data = '{}' WHERE position = 1";
    assert!(place.tamper(put_back).is_err());
    let rows = all(&open(&place)).0;
    assert_eq!(rows[0], Row { salt: None, data: None, ..row(1, 1, 1) });
}

/// Whether any file of the directory has these bytes.
fn has(place: &Place, bytes: &[u8]) -> bool {
    place.names().iter().any(|name| {
        let file = fs::read(place.join(name)).unwrap();
        file.windows(bytes.len()).any(|window| window == bytes)
    })
}

#[test]
fn erased_bytes_are_in_no_file_and_the_mark_is_gone_with_them() {
    let place = Place::new();
    let mut ledger = open(&place);
    store(&mut ledger, &first_batch()).unwrap();
    assert!(has(&place, &[1; 32]), "the salt of the event");
    store(&mut ledger, &erasing(1, vec![row(4, 1, 3)])).unwrap();
    assert!(place.names().contains(&"erasing".to_owned()));
    ledger.erase().unwrap();
    assert!(!has(&place, &[1; 32]));
    assert!(has(&place, &[2; 32]), "that of another is there");
    assert!(!place.names().contains(&"erasing".to_owned()));
}

#[test]
fn what_a_killed_process_was_erasing_is_erased_by_the_next_one() {
    let place = Place::new();
    let mut ledger = open(&place);
    store(&mut ledger, &first_batch()).unwrap();
    store(&mut ledger, &erasing(1, vec![row(4, 1, 3)])).unwrap();
    drop(ledger);
    let mut ledger = open(&place);
    assert!(ledger.is_erasing(), "it cannot know what was left in gaps");
    ledger.erase().unwrap();
    assert!(!has(&place, &[1; 32]));
    Box::new(ledger).close().unwrap();
    assert!(!open(&place).is_erasing());
}

#[test]
fn a_redaction_waits_for_who_reads_and_is_done_when_they_are() {
    let place = Place::new();
    let mut ledger = open(&place);
    store(&mut ledger, &first_batch()).unwrap();
    let reader = Connection::open(place.database()).unwrap();
    reader.execute_batch("BEGIN").unwrap();
    let count = |reader: &Connection| {
        reader.query_row("SELECT COUNT(*) FROM event", [], |row| row.get::<_, i64>(0))
    };
    assert_eq!(count(&reader).unwrap(), 3);
    store(&mut ledger, &erasing(1, vec![row(4, 1, 3)])).unwrap();
    assert!(matches!(ledger.erase(), Err(LedgerError::Busy)));
    assert!(ledger.is_erasing());
    store(&mut ledger, &next_batch(vec![row(5, 1, 4)])).unwrap();
    reader.execute_batch("COMMIT").unwrap();
    ledger.erase().unwrap();
    assert!(!has(&place, &[1; 32]));
}

/// Puts bytes into a gap of the file, as SQLite leaves them there when it moves rows about.
fn leave_in_a_gap(place: &Place, bytes: &[u8]) {
    let mut file = fs::read(place.database()).unwrap();
    let gap = file.windows(400).rposition(|window| window == [0; 400]).unwrap() + 100;
    file[gap..gap + bytes.len()].copy_from_slice(bytes);
    fs::write(place.database(), file).unwrap();
}

#[test]
fn a_copy_that_nothing_points_to_is_erased_too() {
    let place = Place::new();
    let mut ledger = open(&place);
    store(&mut ledger, &first_batch()).unwrap();
    Box::new(ledger).close().unwrap();
    leave_in_a_gap(&place, &[1; 32]);
    let mut ledger = open(&place);
    store(&mut ledger, &erasing(2, vec![row(4, 1, 3)])).unwrap();
    ledger.erase().unwrap();
    assert!(has(&place, &[1; 32]), "no copy of that event");
    store(&mut ledger, &erasing(1, vec![row(5, 1, 4)])).unwrap();
    ledger.erase().unwrap();
    assert!(!has(&place, &[1; 32]));
}

#[test]
fn a_title_that_the_board_once_had_is_in_no_file() {
    let place = Place::new();
    let mut ledger = open(&place);
    store(&mut ledger, &first_batch()).unwrap();
    Box::new(ledger).close().unwrap();
    leave_in_a_gap(&place, b"the key is hunter2");
    let mut ledger = open(&place);
    let mut batch = erasing(1, vec![row(4, 1, 3)]);
    batch.erasures[0].is_copied = true;
    store(&mut ledger, &batch).unwrap();
    ledger.erase().unwrap();
    assert!(!has(&place, b"hunter2"));
}

#[test]
fn a_new_directory_is_nobody_elses() {
    let place = Place::new();
    let data = place.join("deep").join("data");
    drop(open(&data));
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&data), 0o700);
    for name in ["lock", "allclear.db", "allclear.db-wal", "allclear.db-shm"] {
        assert_eq!(mode(&data.join(name)), 0o600, "{name}");
    }
}

#[test]
fn a_clean_close_leaves_nothing_beside_the_database() {
    let place = a_closed_log();
    assert_eq!(place.names(), ["allclear.db", "lock"]);
    let ledger = open(&place);
    let reader = ledger.reader().unwrap();
    Box::new(ledger).close().unwrap();
    drop(reader);
    assert_eq!(fs::metadata(place.join("allclear.db-wal")).map_or(0, |wal| wal.len()), 0);
    assert_eq!(all(&open(&place)).0.len(), 3);
}

#[test]
fn a_failure_is_noted_beside_the_database_until_it_is_forgotten() {
    let place = a_closed_log();
    let before = fs::read(place.database()).unwrap();
    let ledger = open(&place);
    assert!(!ledger.failed_before());
    ledger.note_failure();
    drop(ledger);
    assert_eq!(fs::read(place.database()).unwrap(), before);
    let mut ledger = open(&place);
    assert!(ledger.failed_before());
    ledger.forget_failure().unwrap();
    ledger.forget_failure().unwrap();
    assert!(!ledger.failed_before());
    Box::new(ledger).close().unwrap();
    assert_eq!(place.names(), ["allclear.db", "lock"]);
}

#[test]
fn the_seeds_are_those_of_the_first_start() {
    let place = a_closed_log();
    let others = Seeds { origin: Uuid::from_u128(8), receipt_key: Salt([1; 32]) };
    let ledger = SqliteLedger::open(&place, others).unwrap();
    let head = ledger.reader().unwrap().head().unwrap();
    assert_eq!((head.origin, head.receipt_key), (seeds().origin, seeds().receipt_key));
}

#[test]
fn the_mode_is_told_as_read_back() {
    let place = Place::new();
    let ledger = open(&place);
    let mode = ledger.mode();
    assert_eq!(mode.engine_version, rusqlite::version());
    assert_eq!((mode.journal_mode.as_str(), mode.synchronous.as_str()), ("wal", "full"));
    let file = Connection::open(place.database()).unwrap();
    let pragma = |name| file.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(pragma("application_id"), i64::from(u32::from_be_bytes(*b"ALLC")));
    assert_eq!(pragma("user_version"), 2);
}

#[test]
fn a_second_writer_is_locked_out() {
    let place = Place::new();
    let first = open(&place);
    assert!(matches!(refused(&place), OpenError::Locked(_)));
    assert_eq!(all(&first).2, Position(0));
    Box::new(first).close().unwrap();
    open(&place);
}

#[test]
fn a_directory_that_is_not_ours_is_left_as_it_was() {
    let place = Place::new();
    fs::create_dir(&*place).unwrap();
    let file = place.join("thesis.txt");
    fs::write(&file, "do not touch").unwrap();
    assert!(matches!(refused(&place), OpenError::NotOurs(_)));
    assert!(matches!(refused(&file), OpenError::NotOurs(_)));
    assert!(matches!(refused_offline(&place), OpenError::Missing(_)));
    assert_eq!(place.names(), ["thesis.txt"]);
    assert_eq!(fs::read(&file).unwrap(), b"do not touch");
}

#[test]
fn a_database_of_another_application_is_left_as_it_was() {
    let place = Place::new();
    fs::create_dir(&*place).unwrap();
    place.tamper("PRAGMA application_id = 1; CREATE TABLE log (x)").unwrap();
    let before = fs::read(place.database()).unwrap();
    assert!(matches!(refused(&place), OpenError::NotOurs(_)));
    assert!(matches!(refused_offline(&place), OpenError::NotOurs(_)));
    assert_eq!(place.names(), ["allclear.db"]);
    assert_eq!(fs::read(place.database()).unwrap(), before);
}

#[test]
fn a_link_to_a_database_is_not_followed() {
    let place = a_closed_log();
    let linked = Place::new();
    fs::create_dir(&*linked).unwrap();
    std::os::unix::fs::symlink(place.database(), linked.database()).unwrap();
    assert!(matches!(refused(&linked), OpenError::NotOurs(_)));
}

#[test]
fn a_later_schema_is_left_to_a_later_release() {
    let place = a_closed_log();
    place.tamper("PRAGMA user_version = 3").unwrap();
    let before = fs::read(place.database()).unwrap();
    assert!(matches!(refused(&place), OpenError::Newer(_, 3, 2)));
    assert!(matches!(refused_offline(&place), OpenError::Newer(_, 3, 2)));
    assert_eq!(fs::read(place.database()).unwrap(), before);
    assert_eq!(place.names(), ["allclear.db", "lock"]);
}

#[test]
fn a_place_that_cannot_be_written_is_said_so() {
    // Permission bits do not stop root; these file systems stop everybody.
    for path in ["/sys/allclear", "/proc/allclear"] {
        assert!(matches!(refused(Path::new(path)), OpenError::ReadOnly(..)), "{path}");
    }
}

#[test]
fn a_first_start_that_was_cut_off_is_begun_again() {
    let place = Place::new();
    fs::create_dir(&*place).unwrap();
    for name in ["lock", "allclear.db.new", "allclear.db.new-journal"] {
        fs::write(place.join(name), "half").unwrap();
    }
    Box::new(open(&place)).close().unwrap();
    assert_eq!(place.names(), ["allclear.db", "lock"]);
}

#[test]
fn a_file_that_was_tampered_with_is_refused() {
    let tampers = [
        "CREATE TRIGGER extra AFTER INSERT ON event BEGIN DELETE FROM receipt; END",
        "CREATE VIEW extra AS SELECT 1",
        "CREATE TABLE extra (x)",
        "CREATE INDEX extra ON event (entry)",
        "DROP TRIGGER event_is_kept",
        "DROP INDEX incident_by_state",
        "ALTER TABLE receipt ADD COLUMN extra TEXT",
        "PRAGMA writable_schema = ON;
         UPDATE sqlite_schema SET sql = REPLACE(sql, 'CHECK (version > 0)', '')
         WHERE name = 'event'",
        "DELETE FROM log",
        "UPDATE log SET position = 4",
        "UPDATE log SET schema = 3",
        "PRAGMA user_version = 0",
        "PRAGMA journal_mode = DELETE; DROP TRIGGER event_is_final",
    ];
    for sql in tampers {
        let place = a_closed_log();
        place.tamper(sql).unwrap();
        let offline = refused_offline(&place);
        assert!(matches!(offline, OpenError::Damaged(..)), "{sql}: {offline}");
        let writing = refused(&place);
        assert!(matches!(writing, OpenError::Damaged(..)), "{sql}: {writing}");
    }
}

#[test]
fn a_file_that_was_cut_or_garbled_is_refused() {
    type Garble = (&'static str, fn(&mut Vec<u8>));
    let garbles: [Garble; 4] = [
        ("no pages", |bytes| bytes.clear()),
        ("half a head", |bytes| bytes.truncate(60)),
        ("a page less", |bytes| bytes.truncate(bytes.len() - 4096)),
        ("noise for the page of the log", |bytes| bytes[4096..4200].fill(0xA5)),
    ];
    for (garble, apply) in garbles {
        let place = a_closed_log();
        let mut bytes = fs::read(place.database()).unwrap();
        apply(&mut bytes);
        fs::write(place.database(), bytes).unwrap();
        let error = refused(&place);
        assert!(matches!(error, OpenError::Damaged(..)), "{garble}: {error}");
        refused_offline(&place);
    }
}

#[test]
fn a_rollback_journal_is_not_played_back() {
    let place = a_closed_log();
    fs::write(place.join("allclear.db-journal"), "somebody's").unwrap();
    assert!(matches!(refused(&place), OpenError::Damaged(..)));
    assert!(place.join("allclear.db-journal").exists());
}

#[test]
fn what_was_committed_outlives_an_unclean_stop() {
    let killed = a_killed_log();
    // The files as a backup would have them: without the shared memory.
    let copy = Place::new();
    fs::create_dir(&*copy).unwrap();
    for name in ["allclear.db", "allclear.db-wal"] {
        fs::copy(killed.join(name), copy.join(name)).unwrap();
    }
    for place in [killed, copy] {
        let mut ledger = open(&place);
        assert_eq!(all(&ledger).0, first_batch().rows);
        assert_eq!(fs::metadata(place.join("allclear.db-wal")).unwrap().len(), 0);
        store(&mut ledger, &next_batch(vec![row(4, 1, 3)])).unwrap();
    }
}

#[test]
fn a_damaged_page_is_found_after_an_unclean_stop() {
    let place = a_closed_log();
    let sql = "SELECT rootpage FROM sqlite_schema WHERE name = 'incident_by_commander'";
    let file = Connection::open(place.database()).unwrap();
    let root: i64 = file.query_row(sql, [], |row| row.get(0)).unwrap();
    file.close().unwrap();
    let mut bytes = fs::read(place.database()).unwrap();
    let start = (root as usize - 1) * 4096;
    bytes[start + 8..start + 100].fill(0xA5);
    fs::write(place.database(), bytes).unwrap();
    // A write-ahead log that is there and holds nothing.
    fs::write(place.join("allclear.db-wal"), [0; 64]).unwrap();
    let error = refused(&place);
    assert!(matches!(error, OpenError::Damaged(..)), "{error}");
}

#[test]
fn the_write_ahead_log_stays_short() {
    let place = Place::new();
    let mut ledger = open(&place);
    for position in 1..=400 {
        let data = Some("x".repeat(100_000));
        let rows = vec![Row { data, ..row(position, 1, position) }];
        store(&mut ledger, &Batch { rows, ..Batch::default() }).unwrap();
    }
    // 40 MB were written; whenever there were 4,000 pages they went into the database.
    let wal = fs::metadata(place.join("allclear.db-wal")).unwrap().len();
    assert!(wal < 18_000_000, "{wal}");
}

#[test]
fn an_offline_reader_leaves_no_trace() {
    let without_shared_memory = a_killed_log();
    fs::remove_file(without_shared_memory.join("allclear.db-shm")).unwrap();
    for place in [a_closed_log(), a_killed_log(), without_shared_memory] {
        let (names, database) = (place.names(), fs::read(place.database()).unwrap());
        let mut reader = SqliteLedger::open_offline(&place).unwrap();
        assert_eq!(reader.events(Position(0), 9).unwrap(), first_batch().rows);
        assert_eq!(place.names(), names);
        drop(reader);
        assert_eq!(place.names(), names);
        assert_eq!(fs::read(place.database()).unwrap(), database);
        assert_eq!(all(&open(&place)).0, first_batch().rows);
    }
}

#[test]
fn an_offline_reader_works_beside_a_server() {
    let place = Place::new();
    let mut ledger = open(&place);
    let mut offline = SqliteLedger::open_offline(&place).unwrap();
    store(&mut ledger, &first_batch()).unwrap();
    assert_eq!(offline.events(Position(0), 9).unwrap(), first_batch().rows);
    drop(offline);
    store(&mut ledger, &next_batch(vec![row(4, 1, 3)])).unwrap();
    assert_eq!(all(&ledger).2, Position(4));
}

#[test]
fn without_a_log_there_is_nothing_to_read() {
    let place = Place::new();
    assert!(matches!(refused_offline(&place), OpenError::Missing(_)));
    fs::create_dir(&*place).unwrap();
    assert!(matches!(refused_offline(&place), OpenError::Missing(_)));
    assert_eq!(place.names(), [""; 0]);
}

#[test]
fn what_cannot_be_read_is_not_called_missing() {
    let place = Place::new();
    fs::create_dir(&*place).unwrap();
    // Permission bits do not stop root; a link that leads to itself stops everybody.
    std::os::unix::fs::symlink(place.database(), place.database()).unwrap();
    let error = refused_offline(&place);
    assert!(matches!(error, OpenError::Unreadable(..)), "{error}");
}

#[test]
fn a_file_that_somebody_else_writes_to_is_busy() {
    let place = Place::new();
    let mut ledger = open(&place);
    let other = Connection::open(place.database()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert!(matches!(ledger.begin().err(), Some(LedgerError::Busy)));
    other.execute_batch("ROLLBACK").unwrap();
    store(&mut ledger, &first_batch()).unwrap();
}
