//! What is measured, a file for each part, and what they measure with.

pub mod append;
pub mod bare;
pub mod draft;
pub mod fill;
pub mod followers;
pub mod growth;
pub mod ledger;
pub mod load;
pub mod process;
pub mod program;
pub mod read;
pub mod scratch;
pub mod service;
pub mod stream;
pub mod table;
pub mod verify;

use std::time::Duration;

/// The middle one of some figures.
pub fn median(figures: impl IntoIterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = figures.into_iter().collect();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

/// A span in milliseconds.
pub fn ms(span: Duration) -> f64 {
    span.as_secs_f64() * 1_000.0
}
