//! Prints `docs/access.md` from the permission matrix itself, so that it cannot say anything else
//! than every route is asked. `ALLCLEAR_BLESS=1 cargo test --test access` writes it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use allclear::access::{Action, Command, Rights, Secret, SecretKind, Standing, permit};
use allclear::incident::scope::Scope;
use allclear::incident::system::PrincipalRole;
use allclear::web::Operation;
use std::fmt::Write;

/// The columns of people: what is shown, the role, and whether they command.
const PEOPLE: [(&str, PrincipalRole, Command); 5] = [
    ("viewer", PrincipalRole::Viewer, Command::NotOwn),
    ("responder", PrincipalRole::Responder, Command::NotOwn),
    ("commander of the incident", PrincipalRole::Responder, Command::Own),
    ("auditor", PrincipalRole::Auditor, Command::NotOwn),
    ("admin", PrincipalRole::Admin, Command::NotOwn),
];

#[test]
fn the_printed_matrix_is_what_the_function_says() {
    let mut page = String::from(include_str!("access/introduction.md"));
    roles(&mut page);
    matrix(&mut page);
    spoken_for(&mut page);
    addresses(&mut page);
    page += include_str!("access/tokens.md");
    standings(&mut page);
    page += include_str!("access/record.md");
    support::expect_file("docs/access.md", &page);
}

fn roles(page: &mut String) {
    *page += "\n## Roles\n\n| role | |\n|---|---|\n";
    for role in PrincipalRole::ALL {
        let _ = writeln!(page, "| {role} | {} |", role.about());
    }
    *page += "| commander | A responder who holds that role in the incident. Command gives a viewer or \
              an auditor nothing: an admin makes them a responder first. |\n";
}

fn heading(page: &mut String, last: &str) {
    let people: Vec<&str> = PEOPLE.iter().map(|(name, ..)| *name).collect();
    let _ = writeln!(page, "| action | | {}{last} |", people.join(" | "));
    let columns = 2 + PEOPLE.len() + usize::from(!last.is_empty());
    let _ = writeln!(page, "|{}", "---|".repeat(columns));
}

fn matrix(page: &mut String) {
    *page += "\n## The matrix\n\nWhat no cell allows is refused.\n\n";
    heading(page, " | tool");
    for action in Action::ALL {
        let _ = write!(page, "| `{action}` | {}", action.about());
        for (_, role, command) in PEOPLE {
            let _ = write!(page, " | {}", cell(permit(Rights::Person(role), *action, command)));
        }
        let _ = writeln!(page, " | {} |", tool(*action));
    }
    *page +=
        "\n`assign_command`, `override` and `redact` are asked besides `append`, event by event.\n";
    let hidden: Vec<String> = Action::ALL
        .iter()
        .filter(|action| action.is_hidden())
        .map(|action| format!("`{action}`"))
        .collect();
    let _ = writeln!(
        page,
        "\nWho may not is answered 403 with the reason; of {} they may not even know, and are \
         answered 404. In lists and streams of the whole log what they may not read is left out: its \
         positions are simply not there.",
        hidden.join(", ")
    );
}

/// Which address asks which row, from the table that the server takes its addresses from.
fn addresses(page: &mut String) {
    *page += "\n## Addresses\n\n| row | addresses that ask it |\n|---|---|\n";
    let of = |action: Option<Action>| {
        let routes = Operation::ALL.iter().map(|operation| operation.route());
        let asking = routes.filter(|route| route.action == action);
        let named = asking.map(|it| format!("`{} {}`", it.method.to_uppercase(), it.path));
        named.collect::<Vec<_>>().join(", ")
    };
    for action in Action::ALL {
        let addresses = of(Some(*action));
        if !addresses.is_empty() {
            let _ = writeln!(page, "| `{action}` | {addresses} |");
        }
    }
    let _ = writeln!(page, "| open to everybody | {} |", of(None));
    *page += "\nEverything under `/v1/incidents/SYS` asks `read_system` first. What turns on more than the \
              address asks further rows: an event in a batch, and a token of somebody else's \
              (`change_principals`).\n";
}

fn cell<E>(permitted: Result<(), E>) -> &'static str {
    if permitted.is_ok() { "yes" } else { "–" }
}

/// The scope that a tool needs, found by trying.
fn tool(action: Action) -> String {
    let alone = |scope: &&'static str| {
        permit(Rights::Tool(&[Scope::parse(scope).unwrap()]), action, Command::NotOwn).is_ok()
    };
    if let Some(scope) = ["read", "append", "act_as", "export"].into_iter().find(alone) {
        return format!("`{scope}`");
    }
    let for_commander = Rights::ToolFor(&everything(), PrincipalRole::Responder);
    match permit(for_commander, action, Command::Own) {
        Ok(()) => "only for the commander, by `act_as`".into(),
        Err(_) => "never".into(),
    }
}

fn everything() -> [Scope; 4] {
    ["read", "append", "act_as", "export"].map(|word| Scope::parse(word).unwrap())
}

fn spoken_for(page: &mut String) {
    *page += "\nA tool with all four scopes that speaks for somebody is judged as that person:\n\n";
    heading(page, "");
    for action in Action::ALL {
        let _ = write!(page, "| `{action}` | {}", action.about());
        for (_, role, command) in PEOPLE {
            let rights = permit(Rights::ToolFor(&everything(), role), *action, command);
            let _ = write!(page, " | {}", cell(rights));
        }
        *page += " |\n";
    }
    *page += "\nOnly a person in person erases words, reads the service's own acts, exports the whole log, \
              manages tokens, or changes what somebody may do.\n";
}

fn standings(page: &mut String) {
    *page += "\n| standing | |\n|---|---|\n";
    for standing in Standing::ALL {
        let _ = writeln!(page, "| {standing} | {} |", standing.about());
    }
}

#[test]
fn nobody_is_above_their_own_rights_when_a_tool_speaks_for_them_nor_the_tool_above_its_scopes() {
    let scopes = everything();
    for action in Action::ALL {
        for role in PrincipalRole::ALL {
            for command in [Command::Own, Command::NotOwn] {
                let spoken = permit(Rights::ToolFor(&scopes, *role), *action, command).is_ok();
                let in_person = permit(Rights::Person(*role), *action, command).is_ok();
                assert!(!spoken || in_person, "{action} for {role}");
                let without = permit(Rights::ToolFor(&[Scope::ActAs], *role), *action, command);
                assert!(without.is_err(), "{action} for {role} without a scope for it");
            }
        }
        let none = permit(Rights::Tool(&[]), *action, Command::NotOwn);
        assert!(none.is_err(), "{action} without any scope");
    }
}

#[test]
fn the_pattern_for_scanners_finds_every_secret_and_nothing_shorter() {
    let page = include_str!("access/tokens.md");
    let pattern = "alc_(pat|svc)_[0-9A-Za-z]{38}";
    assert!(page.contains(pattern));
    for kind in [SecretKind::Personal, SecretKind::Service] {
        for seed in 0..=255 {
            let secret = Secret::draw(kind, &[seed; 64]);
            let (prefix, rest) = secret.reveal().split_at(8);
            assert!(["alc_pat_", "alc_svc_"].contains(&prefix));
            assert!(rest.len() == 38 && rest.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        }
    }
}
