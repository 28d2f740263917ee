//! `allclear runbook`: every mistake in a runbook, told before anybody depends on it; and its text.

use super::args::{RunbookArgs, RunbookCommand, ShowArgs};
use super::{Failed, print};
use crate::engine::Book;
use crate::incident::runbook::{BUILT_IN_TEXT, Mistake};
use crate::ledger::{Reader, SqliteLedger};
use std::path::Path;

/// Does what the arguments say with runbooks.
pub fn run(args: RunbookArgs) -> Result<(), Failed> {
    match args.command {
        RunbookCommand::Check { file } => check(&file),
        RunbookCommand::Show(args) => show(&args),
    }
}

/// The mistakes are what was asked for, so they go to stdout.
fn check(file: &Path) -> Result<(), Failed> {
    match Book::read(text(file)?) {
        Ok(book) => {
            let (file, sha256) = (file.display(), book.sha256);
            print(&format!("{file}: a whole runbook, SHA-256 {sha256}\n"))
        }
        Err(mistakes) => {
            print(&(told(file, &mistakes) + "\n"))?;
            Err(failed(file, &mistakes))
        }
    }
}

fn show(args: &ShowArgs) -> Result<(), Failed> {
    let (Some(data), Some(sha256)) = (&args.data, &args.sha256) else {
        return print(BUILT_IN_TEXT);
    };
    let mut reader = SqliteLedger::open_offline(data)?;
    match reader.runbook(sha256).map_err(Failed::undone)? {
        Some(text) => print(&text),
        None => Err(Failed::undone(format!(
            "no runbook with the SHA-256 {sha256} was ever pinned in {}",
            data.display()
        ))),
    }
}

/// The runbook in a file, to serve with; every mistake in it is told on the way out.
pub fn book(file: &Path) -> Result<Book, Failed> {
    Book::read(text(file)?).map_err(|mistakes| {
        eprintln!("{}", told(file, &mistakes));
        failed(file, &mistakes)
    })
}

fn text(file: &Path) -> Result<String, Failed> {
    std::fs::read_to_string(file)
        .map_err(|error| Failed::undone(format!("{}: {error}", file.display())))
}

fn told(file: &Path, mistakes: &[Mistake]) -> String {
    let line = |mistake: &Mistake| format!("{}:{mistake}", file.display());
    mistakes.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn failed(file: &Path, mistakes: &[Mistake]) -> Failed {
    let file = file.display();
    Failed::undone(match mistakes.len() {
        1 => format!("{file} is no whole runbook: it has the one mistake told above"),
        many => format!("{file} is no whole runbook: it has the {many} mistakes told above"),
    })
}
