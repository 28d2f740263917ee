//! The contract of every ledger. Each story begins with an empty log, and knows only the traits.

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
    let receipts = vec![receipt_of(&row(1, 1, 1), "k"), receipt_of(&row(2, 2, 1), "k")];
    let batch = Batch { receipts, ..first_batch() };
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
    let first = receipt_of(&row(1, 1, 1), "first");
    let erased = Receipt { fingerprint: None, ..receipt_of(&row(3, 1, 2), "erased") };
    let receipts = vec![first.clone(), erased.clone()];
    store(ledger, &Batch { receipts, ..first_batch() }).unwrap();
    let mut turn = ledger.begin().unwrap();
    assert_eq!(turn.receipt(&ana, "first").unwrap(), Some(first));
    assert_eq!(turn.receipt(&ana, "erased").unwrap(), Some(erased));
    assert_eq!(turn.receipt(&ana, "FIRST").unwrap(), None);
    assert_eq!(turn.receipt(&PrincipalId("u_ben".into()), "first").unwrap(), None);
}

pub fn a_key_twice_is_refused(ledger: &mut dyn Ledger) {
    store(ledger, &first_batch()).unwrap();
    let next = row(4, 1, 3);
    let again = |receipt| Batch { receipts: vec![receipt], ..next_batch(vec![next.clone()]) };
    assert_refused(ledger, &again(receipt_of(&next, "first")));
    let by = PrincipalId("u_ben".into());
    store(ledger, &again(Receipt { principal: by, ..receipt_of(&next, "first") })).unwrap();
}

pub fn a_receipt_is_of_events_of_its_batch(ledger: &mut dyn Ledger) {
    store(ledger, &first_batch()).unwrap();
    let rows = vec![row(4, 1, 3), row(5, 1, 4), row(6, 2, 2)];
    let of = |receipt| Batch { receipts: vec![receipt], ..next_batch(rows.clone()) };
    let good = Receipt { last: Version(4), ..receipt_of(&rows[0], "k") };
    for wrong in [
        receipt_of(&row(3, 1, 2), "k"),
        receipt_of(&row(7, 1, 5), "k"),
        Receipt { position: Position(5), ..good.clone() },
        Receipt { incident: incident(2), ..good.clone() },
        Receipt { first: Version(2), ..good.clone() },
        Receipt { last: Version(5), ..good.clone() },
        Receipt { last: Version(2), ..good.clone() },
        Receipt { last: Version(u64::MAX), ..good.clone() },
    ] {
        assert_refused(ledger, &of(wrong));
    }
    assert_refused(
        ledger,
        &Batch {
            receipts: vec![good.clone(), receipt_of(&rows[0], "other")],
            ..next_batch(rows.clone())
        },
    );
    store(ledger, &of(good)).unwrap();
}

pub fn what_is_erased_is_gone_with_its_fingerprint_and_nothing_else_is(ledger: &mut dyn Ledger) {
    let rows = [row(1, 1, 1), row(2, 1, 2), row(3, 2, 8), row(4, 1, 3), row(5, 2, 9), row(6, 1, 4)];
    let first = Receipt { last: Version(2), ..receipt_of(&rows[0], "first") };
    let [elsewhere, later] = [2, 5].map(|at| receipt_of(&rows[at], &format!("key-{at}")));
    let receipts = vec![first.clone(), elsewhere.clone(), later.clone()];
    store(ledger, &Batch { rows: rows.to_vec(), receipts, ..first_batch() }).unwrap();
    assert!(!ledger.is_erasing());
    let mut expected = all(ledger);
    let keys = |ledger: &mut dyn Ledger| {
        let (ana, mut turn) = (PrincipalId("u_ana".into()), ledger.begin().unwrap());
        let keys = [&first, &elsewhere, &later].map(|it| it.key.as_str());
        keys.map(|key| turn.receipt(&ana, key).unwrap().unwrap())
    };
    // Behind the receipts of another incident and of their own stand events without one.
    for (version, at) in [(3, 3), (5, 6), (2, 1)] {
        let before = keys(ledger);
        let position = expected.2.0 + 1;
        let redaction = row(position, 1, position - 2);
        store(ledger, &erasing(version, vec![redaction.clone()])).unwrap();
        expected.0[at].erase();
        expected.0.push(redaction);
        expected.2 = Position(position);
        assert_eq!(all(ledger), expected);
        let mut after = before;
        if version == 2 {
            after[0].fingerprint = None;
        }
        assert_eq!(keys(ledger), after);
    }
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

/// Runs each story of the contract on a new log in SQLite.
macro_rules! sqlite_keeps {
    ($($story:ident,)+) => {
        mod sqlite_keeps {
            use crate::{Place, contract, open};
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
    a_receipt_is_of_events_of_its_batch,
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
