//! Rows to values and back, and the questions that a turn and a reader both ask.

use crate::incident::id::{
    IncidentId, IncidentRef, Number, Position, PrincipalId, TokenId, Version,
};
use crate::incident::time::Moment;
use crate::incident::words::State;
use crate::log::{BoardRow, Head, PrincipalRow, Row, Salt, TokenRow};
use rusqlite::types::Type;
use rusqlite::{Connection, Error, OptionalExtension, Result, params};
use uuid::Uuid;

/// A count as SQLite stores it. What no log reaches stands for "all", as in `Version(u64::MAX)`.
pub(super) fn stored(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

pub(super) fn count(row: &rusqlite::Row<'_>, at: usize) -> Result<u64> {
    let stored: i64 = row.get(at)?;
    u64::try_from(stored).map_err(|_| Error::IntegralValueOutOfRange(at, stored))
}

pub(super) fn uuid(row: &rusqlite::Row<'_>, at: usize) -> Result<Uuid> {
    row.get(at).map(Uuid::from_bytes)
}

fn moment(row: &rusqlite::Row<'_>, at: usize) -> Result<Option<Moment>> {
    Ok(row.get::<_, Option<i64>>(at)?.map(Moment))
}

pub(super) fn head(connection: &Connection) -> Result<Head> {
    let mut query = connection
        .prepare_cached("SELECT origin, position, incidents, receipt_key FROM log ORDER BY one")?;
    query.query_row([], |row| {
        Ok(Head {
            origin: uuid(row, 0)?,
            position: Position(count(row, 1)?),
            incidents: count(row, 2)?,
            receipt_key: Salt(row.get(3)?),
        })
    })
}

pub(super) fn find(connection: &Connection, named: IncidentRef) -> Result<Option<IncidentId>> {
    let id = |row: &rusqlite::Row<'_>| uuid(row, 0).map(IncidentId);
    match named {
        IncidentRef::Number(Number(number)) => connection
            .prepare_cached("SELECT id FROM incident WHERE number = ?1 ORDER BY number")?
            .query_row(params![stored(number)], id),
        IncidentRef::Id(IncidentId(wanted)) => connection
            .prepare_cached("SELECT id FROM incident WHERE id = ?1 ORDER BY id")?
            .query_row(params![wanted.as_bytes()], id),
    }
    .optional()
}

/// Events of one incident behind `after` and up to `upto`, in order, at most `limit`.
pub(super) fn incident(
    connection: &Connection,
    id: IncidentId,
    after: Version,
    upto: Version,
    limit: u64,
) -> Result<Vec<Row>> {
    let mut query = connection.prepare_cached(
        "SELECT position, incident, version, entry, salt, data FROM event
         WHERE incident = ?1 AND version > ?2 AND version <= ?3 ORDER BY version LIMIT ?4",
    )?;
    let bounds = (stored(after.0), stored(upto.0), stored(limit));
    query.query_map(params![id.0.as_bytes(), bounds.0, bounds.1, bounds.2], event)?.collect()
}

pub(super) fn events(connection: &Connection, after: Position, limit: u64) -> Result<Vec<Row>> {
    let mut query = connection.prepare_cached(
        "SELECT position, incident, version, entry, salt, data FROM event
         WHERE position > ?1 ORDER BY position LIMIT ?2",
    )?;
    query.query_map(params![stored(after.0), stored(limit)], event)?.collect()
}

fn event(row: &rusqlite::Row<'_>) -> Result<Row> {
    Ok(Row {
        position: Position(count(row, 0)?),
        incident: IncidentId(uuid(row, 1)?),
        version: Version(count(row, 2)?),
        entry: row.get(3)?,
        salt: row.get::<_, Option<[u8; 32]>>(4)?.map(Salt),
        data: row.get(5)?,
    })
}

pub(super) fn runbook(connection: &Connection, sha256: &str) -> Result<Option<String>> {
    let mut query =
        connection.prepare_cached("SELECT text FROM runbook WHERE sha256 = ?1 ORDER BY sha256")?;
    query.query_row(params![sha256], |row| row.get(0)).optional()
}

pub(super) fn principals(connection: &Connection) -> Result<Vec<PrincipalRow>> {
    let mut query = connection
        .prepare_cached("SELECT id, kind, name, role, disabled FROM principal ORDER BY id")?;
    let principal = |row: &rusqlite::Row<'_>| {
        Ok(PrincipalRow {
            principal: PrincipalId(row.get(0)?),
            kind: row.get(1)?,
            name: row.get(2)?,
            role: row.get(3)?,
            disabled: row.get(4)?,
        })
    };
    query.query_map([], principal)?.collect()
}

pub(super) fn tokens(connection: &Connection) -> Result<Vec<TokenRow>> {
    let mut query = connection.prepare_cached(
        "SELECT id, secret_sha256, principal, scopes, expires, revoked FROM token ORDER BY id",
    )?;
    let token = |row: &rusqlite::Row<'_>| {
        Ok(TokenRow {
            token: TokenId(row.get(0)?),
            secret_sha256: row.get(1)?,
            principal: PrincipalId(row.get(2)?),
            scopes: row.get(3)?,
            expires: Moment(row.get(4)?),
            revoked: row.get(5)?,
        })
    };
    query.query_map([], token)?.collect()
}

/// A row of the board, from its columns in the order of [`super::board`].
pub(super) fn board(row: &rusqlite::Row<'_>) -> Result<BoardRow> {
    let word: String = row.get(3)?;
    let state = State::parse(&word).ok_or_else(|| {
        Error::FromSqlConversionFailure(3, Type::Text, format!("{word} is no state").into())
    })?;
    Ok(BoardRow {
        number: Number(count(row, 0)?),
        incident: IncidentId(uuid(row, 1)?),
        version: Version(count(row, 2)?),
        state,
        severity: row.get(4)?,
        service: row.get(5)?,
        title: row.get(6)?,
        commander: row.get(7)?,
        announced_at: Moment(row.get(8)?),
        restored_at: moment(row, 9)?,
        resolved_at: moment(row, 10)?,
        updated_at: Moment(row.get(11)?),
        due_at: moment(row, 12)?,
    })
}
