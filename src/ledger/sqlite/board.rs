//! The board's query: constant text for each filter that is set, and values as parameters only.

use super::rows::{self, stored};
use crate::incident::id::{IncidentId, Number};
use crate::incident::time::Moment;
use crate::incident::words::State;
use crate::ledger::BoardFilter;
use crate::log::BoardRow;
use rusqlite::types::Value;
use rusqlite::{Connection, Result, params, params_from_iter};
use std::collections::BTreeSet;

/// A page of the board, newest number first, at most `limit` rows below `before`.
pub(super) fn page(
    connection: &Connection,
    filter: &BoardFilter,
    before: Option<Number>,
    limit: u64,
) -> Result<Vec<BoardRow>> {
    let query = Query::of(filter, before, limit);
    let mut statement = connection.prepare_cached(&query.text)?;
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
    is_bare: bool,
}

impl Query {
    /// A query for each index that is gone by: each reads it newest first, and they are merged as far
    /// as the page goes.
    ///
    /// Most incidents are resolved. So any other state is gone by, whatever else is asked, and what
    /// is resolved by what else is asked, together with what else has ended.
    fn of(filter: &BoardFilter, before: Option<Number>, limit: u64) -> Query {
        let states: BTreeSet<State> = filter.states.iter().copied().collect();
        let asks_more = !wanted(filter).is_empty();
        let is_by_rest = asks_more && states.contains(&State::Resolved);
        let (most, few): (Vec<State>, Vec<State>) =
            states.iter().partition(|state| is_by_rest && !state.is_open());
        let mut query = Query::default();
        if !most.is_empty() || states.is_empty() {
            query.select(filter, &most, before);
        }
        for state in few {
            query.select_by_state(filter, state, before);
        }
        query.text.push_str(" ORDER BY number DESC LIMIT ?");
        query.values.push(Value::Integer(stored(limit)));
        query
    }

    /// What is in these states, or in any, by the index of what else is asked. A column behind a plus
    /// is looked up in no index.
    fn select(&mut self, filter: &BoardFilter, states: &[State], before: Option<Number>) {
        self.begin();
        if !states.is_empty() {
            let marks = vec!["?"; states.len()].join(", ");
            let words = states.iter().map(|state| text(state.word()));
            self.and(&format!("+state IN ({marks})"), words);
        }
        for (at, (column, value)) in wanted(filter).into_iter().enumerate() {
            let plus = if at == 0 { "" } else { "+" };
            self.and(&format!("{plus}{column} = ?"), [text(value)]);
        }
        self.conditions(filter, before);
    }

    /// What is in this state, by its index.
    fn select_by_state(&mut self, filter: &BoardFilter, state: State, before: Option<Number>) {
        self.begin();
        self.and("state = ?", [text(state.word())]);
        for (column, value) in wanted(filter) {
            self.and(&format!("+{column} = ?"), [text(value)]);
        }
        self.conditions(filter, before);
    }

    fn begin(&mut self) {
        const SELECT: &str = "SELECT number, id, version, state, severity, service, title,
                    commander, announced_at, restored_at, resolved_at, updated_at, due_at
             FROM incident";
        if !self.text.is_empty() {
            self.text.push_str(" UNION ALL ");
        }
        self.text.push_str(SELECT);
        self.is_bare = true;
    }

    fn conditions(&mut self, filter: &BoardFilter, before: Option<Number>) {
        if let Some(Number(before)) = before {
            self.and("number < ?", [Value::Integer(stored(before))]);
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
        self.text.push_str(if self.is_bare { " WHERE " } else { " AND " });
        self.is_bare = false;
        self.text.push_str(condition);
        self.values.extend(values);
    }
}

/// What is asked of the columns that have an index, beside the state: first what as a rule the
/// fewest incidents have.
fn wanted(filter: &BoardFilter) -> Vec<(&'static str, &str)> {
    let asked = [
        ("commander", &filter.commander),
        ("service", &filter.service),
        ("severity", &filter.severity),
    ];
    asked.into_iter().filter_map(|(column, value)| Some((column, value.as_deref()?))).collect()
}

fn text(value: &str) -> Value {
    Value::Text(value.to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

    use super::*;
    use rusqlite::config::DbConfig;

    /// How SQLite would look for a page, a line for each step.
    fn plan(filter: &BoardFilter) -> Vec<String> {
        let connection = Connection::open_in_memory().unwrap();
        let tables = include_str!("../../../schema/sqlite/0001_log.sql");
        connection.execute_batch(tables).unwrap();
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).unwrap();
        let Query { text, values, .. } = Query::of(filter, Some(Number(7)), 50);
        let mut asked = connection.prepare(&format!("EXPLAIN QUERY PLAN {text}")).unwrap();
        let steps = asked.query_map(params_from_iter(values), |row| row.get(3)).unwrap();
        steps.collect::<Result<_>>().unwrap()
    }

    #[test]
    fn no_page_is_sorted_and_few_states_are_found_by_their_index() {
        let states = |is_open: bool| {
            let states = State::ALL.iter().copied().filter(|state| state.is_open() == is_open);
            states.collect::<Vec<State>>()
        };
        for (states, service, index) in [
            (vec![], None, "SEARCH incident USING INTEGER PRIMARY KEY"),
            (vec![], Some("checkout"), "incident_by_service (service=?"),
            (states(true), None, "incident_by_state (state=?"),
            (states(true), Some("checkout"), "incident_by_state (state=?"),
            (states(false), None, "incident_by_state (state=?"),
            (states(false), Some("checkout"), "incident_by_service (service=?"),
            (vec![State::Resolved], Some("checkout"), "incident_by_service (service=?"),
            (vec![State::Cancelled], Some("checkout"), "incident_by_state (state=?"),
        ] {
            let (service, severity) = (service.map(str::to_owned), service.map(|_| "SEV2".into()));
            let plan = plan(&BoardFilter { states, service, severity, ..BoardFilter::default() });
            let searches: Vec<_> = plan.iter().filter(|it| it.contains("SEARCH")).collect();
            assert!(!searches.is_empty(), "{index}: {plan:?}");
            assert!(searches.iter().all(|step| step.contains(index)), "{index}: {plan:?}");
            assert!(!plan.iter().any(|step| step.contains("SCAN incident")), "{plan:?}");
            assert!(!plan.iter().any(|step| step.contains("TEMP B-TREE")), "{plan:?}");
        }
    }
}
