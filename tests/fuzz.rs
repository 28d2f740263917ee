//! What is fuzzed (`fuzz/run`), over the inputs that were kept: each as it is, and cut off anywhere.

#[path = "../fuzz/src/lib.rs"]
mod targets;

use std::fs;
use std::panic::catch_unwind;
use std::path::Path;
use targets::{Check, TARGETS};

/// How many cuts of one input are tried; of a longer one each so many bytes apart.
const CUTS_MAX: usize = 100;

/// The inputs that do not hold; how many were tried.
fn broken(corpus: &Path, check: Check) -> (Vec<String>, usize) {
    let (mut broken, mut tried) = (Vec::new(), 0);
    for file in fs::read_dir(corpus).expect("the target has a corpus") {
        let path = file.expect("the corpus can be read").path();
        let input = fs::read(&path).expect("the corpus can be read");
        for cut in (0..input.len()).step_by(input.len() / CUTS_MAX + 1).chain([input.len()]) {
            tried += 1;
            if catch_unwind(|| check(&input[..cut])).is_err() {
                broken.push(format!("{}, its first {cut} bytes", path.display()));
            }
        }
    }
    (broken, tried)
}

fn corpus(target: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target)
}

#[test]
fn every_input_that_was_kept_holds() {
    for (target, check) in TARGETS {
        let (broken, tried) = broken(&corpus(target), check);
        assert!(broken.is_empty(), "{target}: {}", broken.join("; "));
        assert!(tried > 100, "{target}: a corpus of {tried} inputs says little");
    }
}

#[test]
fn every_target_has_a_program_and_a_corpus_and_nothing_else_has() {
    let names = |folder: &str| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz").join(folder);
        let files = fs::read_dir(root).expect("the folder is there");
        let stem = |path: &Path| path.file_stem().map(|it| it.to_string_lossy().into_owned());
        let mut names: Vec<String> =
            files.filter_map(|file| stem(&file.expect("it can be read").path())).collect();
        names.sort();
        names
    };
    let targets = TARGETS.map(|(name, _)| name.to_owned());
    assert_eq!(names("corpus"), targets);
    assert_eq!(names("targets"), targets);
}

/// A replay that cannot be seen to fail proves nothing.
#[test]
fn a_planted_panic_is_found() {
    let (found, tried) = broken(&corpus("note"), |input| assert!(input.len() != 40));
    assert!(!found.is_empty() && found.len() < tried, "{} of {tried}", found.len());
}
