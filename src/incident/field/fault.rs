//! What is wrong with a request, and where in it.

use std::fmt;

/// How many faults one request is told of; the rest are counted only.
pub const FAULTS_MAX: usize = 100;

/// One thing wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Fault {
    /// Where, as a JSON pointer into the request.
    pub pointer: String,
    /// What is wrong, and what is expected instead.
    pub detail: String,
}

impl Fault {
    /// A fault of the value at `at`.
    pub fn new(at: &Pointer<'_>, detail: impl Into<String>) -> Fault {
        Fault { pointer: at.to_string(), detail: detail.into() }
    }
}

/// Every fault found so far, at most [`FAULTS_MAX`] of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// Remembers one more.
    pub fn add(&mut self, fault: Fault) {
        if self.0.len() < FAULTS_MAX {
            self.0.push(fault);
        }
    }

    /// Whether nothing was wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The faults in the order in which they were found.
    pub fn into_vec(self) -> Vec<Fault> {
        self.0
    }

    /// `value` when nothing was wrong, else the faults.
    pub fn or<T>(self, value: Option<T>) -> Result<T, Faults> {
        match value {
            Some(value) if self.is_empty() => Ok(value),
            _ => Err(self),
        }
    }
}

impl From<Fault> for Faults {
    fn from(fault: Fault) -> Faults {
        Faults(vec![fault])
    }
}

/// Where in the request a value stands: a chain of keys and indices, written as a JSON pointer.
#[derive(Clone, Copy)]
pub enum Pointer<'a> {
    /// The whole request.
    Root,
    /// A member of the object at the parent.
    Key(&'a Pointer<'a>, &'a str),
    /// An item of the array at the parent.
    Index(&'a Pointer<'a>, usize),
}

impl fmt::Display for Pointer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Pointer::Root => Ok(()),
            Pointer::Key(parent, key) => {
                write!(f, "{parent}/{}", key.replace('~', "~0").replace('/', "~1"))
            }
            Pointer::Index(parent, index) => write!(f, "{parent}/{index}"),
        }
    }
}
