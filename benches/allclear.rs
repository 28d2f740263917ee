//! `cargo bench`: how fast it is, beside the least that could do the same job.
//!
//! Every figure is measured in this run, in turns with what it is held against, and its worth is
//! the ratio of the two: times alone say more about the machine. One table goes to stdout, what is
//! being done to stderr. Everything listens on loopback, lives in the temporary directory, and
//! ends by itself.
//!
//! `cargo bench -- append growth` leaves out the parts not named. `ALLCLEAR_BENCH_LOG_MAX=10000000
//! cargo bench -- growth` takes in the longest log, which takes 18 GB for a while; a smaller number
//! leaves out what is longer.

mod parts;

use parts::{append, draft, followers, growth, ledger, read, stream, table::Table, verify};

fn main() {
    let named: Vec<String> = std::env::args().skip(1).filter(|it| !it.starts_with('-')).collect();
    if named.first().is_some_and(|it| it == followers::NAME) {
        return followers::run(&named[1..]);
    }
    let is_wanted = |part: &str| named.is_empty() || named.iter().any(|it| it == part);
    let mut table = Table::default();
    if is_wanted("append") {
        append::measure(&mut table);
    }
    if is_wanted("ledger") {
        ledger::measure(&mut table);
    }
    if is_wanted("read") {
        read::measure(&mut table);
    }
    if is_wanted("draft") {
        draft::measure(&mut table);
    }
    if is_wanted("verify") {
        verify::measure(&mut table);
    }
    if is_wanted("stream") {
        stream::measure(&mut table);
    }
    if is_wanted("growth") {
        growth::measure(&mut table);
    }
    print!("{table}");
}
