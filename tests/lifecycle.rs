//! Prints `docs/lifecycle.md` from the machines themselves, so that it cannot say anything else
//! than they do. `ALLCLEAR_BLESS=1 cargo test --test lifecycle` writes it.

mod support;

use allclear::incident::attempt::{self, Step};
use allclear::incident::event::Intent;
use allclear::incident::lifecycle::{self, Move};
use allclear::incident::words::{RemedyKind, RemedyState, State};
use allclear::incident::{Code, Ruling};
use std::fmt::Write;

#[test]
fn the_printed_lifecycle_is_what_the_machines_do() {
    let mut page = String::new();
    introduction(&mut page);
    states(&mut page);
    overview(&mut page);
    for state in stored_states() {
        moves_of(&mut page, state);
    }
    remedies(&mut page);
    kinds(&mut page);
    codes(&mut page);
    support::expect_file("docs/lifecycle.md", &page);
}

fn stored_states() -> impl Iterator<Item = State> {
    State::ALL.iter().copied().filter(|state| *state != State::Nothing)
}

fn ruling(state: State, a_move: Move, decided: bool) -> Ruling<State> {
    lifecycle::rule(state, a_move, decided, &|_| None)
}

fn introduction(page: &mut String) {
    *page += "\
# The lifecycle of an incident

*This page is printed from the state machines by `tests/lifecycle.rs`. It is never edited by hand.*

An incident stands in one **state** at a time. What happens is recorded as events; what an event
means to the lifecycle is a **move**. A state either takes a move, and says where it leads, or does
not have it. A **guard** is a rule of the runbook that holds a move back until something is true.
Guards marked ○ can be overridden by the incident's commander or an admin, with a reason that is kept
for ever; all others, and moves that a state does not have, are refused whoever asks. A refusal names
everything that is not met at once, so that nobody mends one thing only to run into the next.

Each attempt to restore service is a **remedy** with a small lifecycle of its own. The two are kept
apart on purpose: *done is not effective, mitigated is not resolved.*

";
    *page += &diagram(include_str!("../src/incident/lifecycle.rs"));
}

/// The diagram at the head of a machine's file.
fn diagram(source: &str) -> String {
    let lines = source.lines().map_while(|line| line.strip_prefix("//!"));
    let mut drawing = lines.map(|line| line.strip_prefix(' ').unwrap_or(line));
    let mut text = String::new();
    for line in drawing.by_ref().skip_while(|line| *line != "```text") {
        text += line;
        text.push('\n');
        if line == "```" {
            break;
        }
    }
    text
}

fn states(page: &mut String) {
    *page += "\n## The states\n\n| state | means | on a status page |\n|---|---|---|\n";
    for state in stored_states() {
        let _ = writeln!(page, "| `{state}` | {} | {} |", state.about(), state.status_page_word());
    }
}

fn overview(page: &mut String) {
    *page += "\n## Where each move leads\n\n";
    *page += "Before the first event there is only *announce*. `=` stays, – is refused in that state.\n\n";
    *page += "| move |";
    State::ALL.iter().for_each(|state| {
        let _ =
            write!(page, " {} |", if *state == State::Nothing { "(before)" } else { state.word() });
    });
    *page += "\n|---|";
    State::ALL.iter().for_each(|_| *page += "---|");
    page.push('\n');
    for a_move in Move::ALL {
        let _ = write!(page, "| {} |", a_move.phrase());
        for state in State::ALL {
            let _ = write!(page, " {} |", cell(*state, *a_move));
        }
        page.push('\n');
    }
    *page += "\n¹ assessing when no decision to act stands since the last reopening.\n";
}

fn cell(state: State, a_move: Move) -> String {
    let is_never = ruling(state, a_move, true).named.contains(&Code::AlreadyAnnounced);
    let place = |to: Option<State>| match to {
        None => "–".to_owned(),
        Some(_) if is_never => "–".to_owned(),
        Some(to) if to == state => "=".to_owned(),
        Some(to) => to.word().to_owned(),
    };
    let (decided, undecided) = (ruling(state, a_move, true).to, ruling(state, a_move, false).to);
    match decided == undecided {
        true => place(decided),
        false => format!("{} ¹", place(decided)),
    }
}

fn moves_of(page: &mut String, state: State) {
    let _ = write!(page, "\n### {state}\n\n{}\n\n", state.about());
    *page += "| move | leads to | refused as |\n|---|---|---|\n";
    let has = |a_move: &&Move| ruling(state, **a_move, true).to.is_some();
    for a_move in Move::ALL.iter().filter(has) {
        let ruling = ruling(state, *a_move, true);
        let to = cell(state, *a_move).replace('=', "stays");
        let _ = writeln!(page, "| {} | {to} | {} |", a_move.phrase(), marked(&ruling.named));
    }
    let lacking = Move::ALL.iter().filter(|a_move| !has(a_move)).map(|a_move| a_move.phrase());
    let lacking = lacking.collect::<Vec<_>>().join(" · ");
    let _ = write!(page, "\nNot in this state: {lacking}.\n");
}

fn marked(codes: &[Code]) -> String {
    let mark = |code: &Code| format!("`{code}`{}", if code.is_overridable() { " ○" } else { "" });
    codes.iter().map(mark).collect::<Vec<_>>().join(", ")
}

fn remedies(page: &mut String) {
    *page += "\n## One remedy\n\n";
    *page += &diagram(include_str!("../src/incident/attempt.rs"));
    *page += "\n| state | means |\n|---|---|\n";
    let known = || RemedyState::ALL.iter().filter(|state| **state != RemedyState::New);
    for state in known() {
        let _ = writeln!(page, "| `{state}` | {} |", state.about());
    }
    *page += "\n`=` stays, – is refused as `remedy_order`.\n\n| step |";
    for state in RemedyState::ALL {
        let name = if *state == RemedyState::New { "(before)" } else { state.word() };
        let _ = write!(page, " {name} |");
    }
    *page += "\n|---|";
    RemedyState::ALL.iter().for_each(|_| *page += "---|");
    page.push('\n');
    for step in Step::ALL {
        let _ = write!(page, "| {step} |");
        for state in RemedyState::ALL {
            let _ = write!(page, " {} |", remedy_cell(*state, *step));
        }
        page.push('\n');
    }
    *page += "\n² once it was started.\n";
}

fn remedy_cell(state: RemedyState, step: Step) -> String {
    let to = |started| attempt::rule(state, step, RemedyKind::Other, started, &|_| None).to;
    let place = |to: Option<RemedyState>| match to {
        None => "–".to_owned(),
        Some(to) if to == state => "=".to_owned(),
        Some(to) => to.word().to_owned(),
    };
    let always = to(true) == to(false);
    if always { place(to(true)) } else { format!("{} ²", place(to(true))) }
}

fn kinds(page: &mut String) {
    *page += "\n## The kinds of remedy\n\n";
    *page += "Guards hold back remedies of ours only: what another team does is recorded as it is told.\n\n";
    *page += "| kind | means | must name | may name | to start it | to finish it |\n|---|---|---|---|---|---|\n";
    for kind in RemedyKind::ALL {
        let (must, may) = Intent::members(*kind);
        let named = |state, step| marked(&attempt::rule(state, step, *kind, true, &|_| None).named);
        let _ = writeln!(
            page,
            "| `{kind}` | {} | {} | {} | {} | {} |",
            kind.about(),
            must.join(", "),
            may.join(", "),
            named(RemedyState::Planned, Step::Start),
            named(RemedyState::Running, Step::Finish),
        );
    }
}

fn codes(page: &mut String) {
    *page += "\n## The codes of a refusal\n\n";
    *page += "In the order in which a refusal lists them; the first one names it. ○ can be overridden.\n\n";
    *page += "| code | ○ | says |\n|---|---|---|\n";
    for code in Code::ALL {
        let mark = if code.is_overridable() { "○" } else { "" };
        let _ = writeln!(page, "| `{code}` | {mark} | {} |", code.about());
    }
}
