//! Everything that reads bytes of others, fed with mutations of what it should read: it answers or
//! refuses, never panics, and what it takes it gives back the same.
//!
//! Two seconds a target; `ALLCLEAR_FUZZ_S` says otherwise. A finding names its seed, and
//! `ALLCLEAR_FUZZ_SEED` begins there again.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod mutation;
mod targets;

use mutation::Mutation;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Runs a target on mutations of its corpus until its time is up.
fn fuzz(corpus: &[Vec<u8>], target: impl Fn(&[u8])) {
    assert!(!corpus.is_empty(), "there is nothing to begin with");
    corpus.iter().for_each(|input| target(input));
    let time = Duration::from_secs(number("ALLCLEAR_FUZZ_S").unwrap_or(2));
    let (started, mut seed) = (Instant::now(), number("ALLCLEAR_FUZZ_SEED").unwrap_or(1));
    while started.elapsed() < time {
        let input = Mutation::new(seed).of(corpus);
        if catch_unwind(AssertUnwindSafe(|| target(&input))).is_err() {
            panic!("seed {seed}: {:?}", String::from_utf8_lossy(&input));
        }
        seed += 1;
    }
    println!("{seed} inputs");
}

#[test]
fn requests() {
    fuzz(&targets::claims(), targets::request);
}

#[test]
fn stored_lines() {
    fuzz(&targets::stored(), targets::line);
}

#[test]
fn bundles() {
    fuzz(&targets::bundles(), targets::bundle_line);
}

#[test]
fn runbooks() {
    fuzz(&targets::runbooks(), targets::runbook);
}

#[test]
fn checkpoints() {
    fuzz(&targets::checkpoints(), targets::checkpoint);
}

#[test]
fn masks() {
    fuzz(&targets::secrets(), targets::mask);
}

/// A target that cannot be seen to fail proves nothing.
#[test]
#[should_panic(expected = "seed ")]
fn a_planted_panic_is_found() {
    fuzz(&[b"{\"a\": 1}".to_vec()], |input| assert!(!input.starts_with(b"{\"a\": 1}{")));
}
