//! Reading a runbook's TOML: all mistakes at once, each with its line and column.
//!
//! The text becomes the same JSON that a claim is, beside where each value stands; the records
//! read it, and the pointer of a fault finds its place again.

use super::Runbook;
use super::check::check;
use crate::incident::field::{Fault, Faults, Field, Pointer};
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The longest text of a runbook, in bytes: it is kept for ever.
pub const TEXT_MAX: usize = 1024 * 1024;

/// One mistake in a runbook.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Mistake {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What is wrong, and what is expected instead.
    pub detail: String,
}

impl std::fmt::Display for Mistake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.detail)
    }
}

/// Reads a runbook, or every mistake in it, in the order of the text.
pub fn read(text: &str) -> Result<Runbook, Vec<Mistake>> {
    if text.len() > TEXT_MAX {
        let detail = format!("the text has {} bytes; at most {TEXT_MAX} are kept", text.len());
        return Err(vec![mistake(text, 0, &detail)]);
    }
    let (table, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        let mistake = |error: toml::de::Error| {
            mistake(text, error.span().map_or(0, |span| span.start), error.message())
        };
        return Err(sorted(errors.into_iter().map(mistake).collect()));
    }
    let mut places = HashMap::from([(String::new(), 0)]);
    let value = table_value(table.get_ref(), "", &mut places);
    let mut faults = Faults::default();
    check(&value, &mut faults);
    let runbook = Runbook::read(value, &Pointer::Root, &mut faults);
    faults.or(runbook).map_err(|faults| {
        let mistake = |fault: Fault| {
            let name = fault.pointer.rsplit('/').next().unwrap_or_default();
            mistake(text, place(&places, &fault.pointer), &format!("{name} {}", fault.detail))
        };
        sorted(faults.into_vec().into_iter().map(mistake).collect())
    })
}

fn sorted(mut mistakes: Vec<Mistake>) -> Vec<Mistake> {
    mistakes.sort();
    mistakes
}

/// Where a pointer's value stands, or the nearest one around it when it is missing.
fn place(places: &HashMap<String, usize>, pointer: &str) -> usize {
    match (places.get(pointer), pointer.rfind('/')) {
        (Some(place), _) => *place,
        (None, Some(parent)) => place(places, &pointer[..parent]),
        (None, None) => 0,
    }
}

fn mistake(text: &str, offset: usize, detail: &str) -> Mistake {
    let before = text.get(..offset).unwrap_or(text);
    let line_begins = before.rfind('\n').map_or(0, |end| end + 1);
    Mistake {
        line: before.matches('\n').count() + 1,
        column: before[line_begins..].chars().count() + 1,
        detail: detail.to_owned(),
    }
}

type Places = HashMap<String, usize>;

fn table_value(table: &DeTable<'_>, at: &str, places: &mut Places) -> Value {
    let member = |(key, value): (&Spanned<_>, &Spanned<DeValue<'_>>)| {
        let key: &std::borrow::Cow<'_, str> = key.get_ref();
        let at = format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
        (key.to_string(), spanned_value(value, at, places))
    };
    Value::Object(table.iter().map(member).collect::<Map<_, _>>())
}

fn spanned_value(value: &Spanned<DeValue<'_>>, at: String, places: &mut Places) -> Value {
    places.insert(at.clone(), value.span().start);
    match value.get_ref() {
        DeValue::String(text) => json!(text),
        DeValue::Integer(number) => {
            i64::from_str_radix(number.as_str(), number.radix()).map_or(Value::Null, Value::from)
        }
        DeValue::Float(number) => number.as_str().parse::<f64>().map_or(Value::Null, Value::from),
        DeValue::Boolean(value) => json!(value),
        DeValue::Datetime(value) => json!(value.to_string()),
        DeValue::Array(items) => {
            let item = |(index, item)| spanned_value(item, format!("{at}/{index}"), places);
            Value::Array(items.iter().enumerate().map(item).collect())
        }
        DeValue::Table(table) => table_value(table, &at, places),
    }
}
