//! The board's query: constant text for each filter that is set, and values as parameters only.

use super::rows::{self, stored};
use crate::incident::id::{IncidentId, Number};
use crate::incident::time::Moment;
use crate::ledger::BoardFilter;
use crate::log::BoardRow;
use rusqlite::types::Value;
use rusqlite::{Connection, Result, params, params_from_iter};

/// A page of the board, newest number first, at most `limit` rows below `before`.
pub(super) fn page(
    connection: &Connection,
    filter: &BoardFilter,
    before: Option<Number>,
    limit: u64,
) -> Result<Vec<BoardRow>> {
    let mut query = Query::default();
    query.conditions(filter, before);
    let text = format!(
        "SELECT number, id, version, state, severity, service, title, commander,
                announced_at, restored_at, resolved_at, updated_at, due_at
         FROM incident {} ORDER BY number DESC LIMIT ?",
        query.text
    );
    query.values.push(Value::Integer(stored(limit)));
    let mut statement = connection.prepare_cached(&text)?;
    statement.query_map(params_from_iter(query.values), rows::board)?.collect()
}

/// The incidents whose next communication fell due at or before `now`, the longest due first.
pub(super) fn due(connection: &Connection, now: Moment, limit: u64) -> Result<Vec<IncidentId>> {
    let mut statement = connection.prepare_cached(
        "SELECT id FROM incident WHERE due_at <= ?1 ORDER BY due_at, number LIMIT ?2",
    )?;
    let id = |row: &rusqlite::Row<'_>| Ok(IncidentId(rows::uuid(row, 0)?));
    statement.query_map(params![now.0, stored(limit)], id)?.collect()
}

#[derive(Default)]
struct Query {
    text: String,
    values: Vec<Value>,
}

impl Query {
    fn conditions(&mut self, filter: &BoardFilter, before: Option<Number>) {
        if let Some(Number(before)) = before {
            self.and("number < ?", [Value::Integer(stored(before))]);
        }
        if !filter.states.is_empty() {
            // There are few states, so each number of them is a statement worth keeping.
            let marks = vec!["?"; filter.states.len()].join(", ");
            let states = filter.states.iter().map(|state| text(state.word()));
            self.and(&format!("state IN ({marks})"), states);
        }
        if let Some(service) = &filter.service {
            self.and("service = ?", [text(service)]);
        }
        if let Some(severity) = &filter.severity {
            self.and("severity = ?", [text(severity)]);
        }
        if let Some(commander) = &filter.commander {
            self.and("commander = ?", [text(commander)]);
        }
        if let Some(since) = filter.since {
            self.and("announced_at >= ?", [Value::Integer(since.0)]);
        }
        if let Some(until) = filter.until {
            self.and("announced_at < ?", [Value::Integer(until.0)]);
        }
        if let Some(words) = &filter.words {
            // Not LIKE: a pattern that is too long would be an error of the storage, and stop us.
            const FOUND: &str =
                "(INSTR(LOWER(title), LOWER(?)) > 0 OR INSTR(LOWER(service), LOWER(?)) > 0)";
            self.and(FOUND, [text(words), text(words)]);
        }
    }

    fn and(&mut self, condition: &str, values: impl IntoIterator<Item = Value>) {
        self.text.push_str(if self.text.is_empty() { "WHERE " } else { " AND " });
        self.text.push_str(condition);
        self.values.extend(values);
    }
}

fn text(value: &str) -> Value {
    Value::Text(value.to_owned())
}
