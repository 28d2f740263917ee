//! An operator's runbook.

use allclear::incident::runbook;

/// A runbook is read, or has mistakes, each in a line that it has.
pub fn check(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let Err(mistakes) = runbook::read(text) else { return };
    assert!(!mistakes.is_empty(), "neither read nor at fault");
    let lines = text.matches('\n').count() + 1;
    assert!(mistakes.iter().all(|it| (1..=lines).contains(&it.line)), "{mistakes:?}");
}
