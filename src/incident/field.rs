//! Reading what a client claims, field by field, until every fault has been found.
//!
//! A type that implements [`Field`] says once how it is given, what its bounds are, and how that
//! reads as JSON Schema. Reading never stops at the first fault: the caller gets all of them, each
//! with its JSON pointer (RFC 6901). What has been stored is read by serde instead, and trusted.

mod fault;
mod record;

pub use fault::{FAULTS_MAX, Fault, Faults, Pointer};
pub use record::Shape;
pub(crate) use record::{plain, record};

use serde_json::{Map, Value, json};

/// How many items a list in an event may have.
pub const LIST_MAX: usize = 100;

/// What is shown a text, and gives the words that are to stand in its place, if any.
pub type Reword<'a> = dyn FnMut(&str) -> Option<String> + 'a;

/// A value that a client may give.
pub trait Field: Sized {
    /// Reads it, or adds to `faults` and returns nothing.
    fn read(value: Value, at: &Pointer<'_>, faults: &mut Faults) -> Option<Self>;

    /// How it is given, as JSON Schema (2020-12).
    fn schema() -> Value;

    /// What stands for it when it is left out; nothing when it must be given.
    fn when_absent() -> Option<Self> {
        None
    }

    /// Whether it is left out when written.
    fn is_absent(&self) -> bool {
        false
    }

    /// Shows each free text in it, and keeps the words that come back. They may be longer than the
    /// bound of what a client gives.
    fn reword(&mut self, _: &mut Reword<'_>) {}

    /// Whether only the product itself may give it: a client that does is told so.
    const OURS: bool = false;
}

/// An object being read: takes the known members out, then closes on what is left over.
pub struct Members<'a> {
    left: Map<String, Value>,
    at: &'a Pointer<'a>,
    known: Vec<&'static str>,
}

impl<'a> Members<'a> {
    /// Opens the object at `at`.
    pub fn open(value: Value, at: &'a Pointer<'a>, faults: &mut Faults) -> Option<Members<'a>> {
        match value {
            Value::Object(left) => Some(Members { left, at, known: Vec::new() }),
            _ => {
                faults.add(Fault::new(at, "an object is expected"));
                None
            }
        }
    }

    /// Takes the member `key`.
    pub fn take<T: Field>(&mut self, key: &'static str, faults: &mut Faults) -> Option<T> {
        if T::OURS {
            return T::when_absent();
        }
        self.known.push(key);
        let at = Pointer::Key(self.at, key);
        match self.left.shift_remove(key) {
            Some(value) => T::read(value, &at, faults),
            None => {
                let stand_in = T::when_absent();
                if stand_in.is_none() {
                    faults.add(Fault::new(&at, "is missing"));
                }
                stand_in
            }
        }
    }

    /// Ends the object: a member that nobody took is a fault, never silently dropped.
    pub fn close(self, faults: &mut Faults) {
        for key in self.left.keys() {
            let known = self.known.join(", ");
            faults.add(Fault::new(
                &Pointer::Key(self.at, key),
                format!("is not known here; known are {known}"),
            ));
        }
    }
}

impl<T: Field> Field for Option<T> {
    fn read(value: Value, at: &Pointer<'_>, faults: &mut Faults) -> Option<Self> {
        match value {
            Value::Null => {
                faults.add(Fault::new(at, "null is not a value: leave it out"));
                None
            }
            value => T::read(value, at, faults).map(Some),
        }
    }

    fn schema() -> Value {
        T::schema()
    }

    fn when_absent() -> Option<Self> {
        Some(None)
    }

    fn is_absent(&self) -> bool {
        self.is_none()
    }

    fn reword(&mut self, to: &mut Reword<'_>) {
        self.iter_mut().for_each(|it| it.reword(to));
    }
}

impl Field for bool {
    fn read(value: Value, at: &Pointer<'_>, faults: &mut Faults) -> Option<Self> {
        let given = value.as_bool();
        if given.is_none() {
            faults.add(Fault::new(at, "true or false is expected"));
        }
        given
    }

    fn schema() -> Value {
        json!({ "type": "boolean" })
    }
}

/// The largest integer that every JSON reader keeps exact.
pub const INTEGER_MAX: i64 = 1 << 53;

impl Field for i64 {
    fn read(value: Value, at: &Pointer<'_>, faults: &mut Faults) -> Option<Self> {
        let given = value.as_i64().filter(|given| (-INTEGER_MAX..=INTEGER_MAX).contains(given));
        if given.is_none() {
            faults.add(Fault::new(at, "a whole number within ±2^53 is expected"));
        }
        given
    }

    fn schema() -> Value {
        json!({ "type": "integer", "minimum": -INTEGER_MAX, "maximum": INTEGER_MAX })
    }
}

/// A list that may be left out when it is empty.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(transparent)]
pub struct List<T>(pub Vec<T>);

impl<T> Default for List<T> {
    fn default() -> Self {
        List(Vec::new())
    }
}

impl<T> std::ops::Deref for List<T> {
    type Target = Vec<T>;

    fn deref(&self) -> &Vec<T> {
        &self.0
    }
}

impl<'a, T> IntoIterator for &'a List<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl<'de, T: serde::Deserialize<'de>> serde::Deserialize<'de> for List<T> {
    /// An absent list is an empty one: serde offers a missing member as an absent option.
    fn deserialize<D: serde::Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        Ok(List(Option::deserialize(source)?.unwrap_or_default()))
    }
}

impl<T: Field> Field for List<T> {
    fn read(value: Value, at: &Pointer<'_>, faults: &mut Faults) -> Option<Self> {
        let Value::Array(items) = value else {
            faults.add(Fault::new(at, "a list is expected"));
            return None;
        };
        if items.len() > LIST_MAX {
            faults.add(Fault::new(at, format!("at most {LIST_MAX} items are expected")));
            return None;
        }
        let read = |(index, item)| T::read(item, &Pointer::Index(at, index), faults);
        let read: Vec<Option<T>> = items.into_iter().enumerate().map(read).collect();
        read.into_iter().collect::<Option<Vec<T>>>().map(List)
    }

    fn schema() -> Value {
        json!({ "type": "array", "maxItems": LIST_MAX, "items": T::schema() })
    }

    fn when_absent() -> Option<Self> {
        Some(List::default())
    }

    fn is_absent(&self) -> bool {
        self.0.is_empty()
    }

    fn reword(&mut self, to: &mut Reword<'_>) {
        self.0.iter_mut().for_each(|it| it.reword(to));
    }
}

/// A list that must be given, though it may be empty.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Given<T>(pub T);

impl<T> std::ops::Deref for Given<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Field> Field for Given<T> {
    fn read(value: Value, at: &Pointer<'_>, faults: &mut Faults) -> Option<Self> {
        T::read(value, at, faults).map(Given)
    }

    fn schema() -> Value {
        T::schema()
    }

    fn reword(&mut self, to: &mut Reword<'_>) {
        self.0.reword(to);
    }
}

/// A member that we add when the event is recorded; a client never gives it.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[serde(transparent)]
pub struct Ours<T>(pub Option<T>);

impl<'de, T: serde::Deserialize<'de>> serde::Deserialize<'de> for Ours<T> {
    fn deserialize<D: serde::Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        Ok(Ours(Option::deserialize(source)?))
    }
}

impl<T: Field> Field for Ours<T> {
    fn read(_: Value, at: &Pointer<'_>, faults: &mut Faults) -> Option<Self> {
        faults.add(Fault::new(at, "is given by the service, never by a client"));
        None
    }

    fn schema() -> Value {
        T::schema()
    }

    fn when_absent() -> Option<Self> {
        Some(Ours(None))
    }

    fn is_absent(&self) -> bool {
        self.0.is_none()
    }

    const OURS: bool = true;
}
