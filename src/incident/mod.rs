//! incident
pub mod code;
pub mod event;
pub mod field;
pub mod id;
pub mod json;
pub mod recorded;
pub mod text;
pub mod time;
pub mod words;
