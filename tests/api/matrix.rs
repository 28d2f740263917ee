//! The permission matrix, cell by cell, at the real server: who × what × own, somebody else's or
//! nobody's command. What is expected stands here in full, as promises 4.3 has it, and is not asked
//! of the function that the server asks.

use crate::outside::{Actor, Answer, Connection, Server, append, note};
use allclear::access::Action;
use allclear::web::Operation;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Who may do what. `own`: only in an incident that they command, or the person they speak for
/// does. `–`: 403. `404`: they may not even know.
const EXPECTED: &str = "
                   viewer responder auditor admin | tools: read append act_as export all | all, for a: viewer responder auditor admin | act_as, for an admin
read               yes    yes       yes     yes     yes    –      –      –      yes                    yes    yes       yes     yes     –
announce           –      yes       –       yes     –      yes    –      –      yes                    –      yes       –       yes     –
append             –      yes       –       yes     –      yes    –      –      yes                    –      yes       –       yes     –
assign_command     –      yes       –       yes     –      yes    –      –      yes                    –      yes       –       yes     –
override           –      own       –       yes     –      –      –      –      –                      –      own       –       own     –
redact             –      –         –       yes     –      –      –      –      –                      –      –         –       –       –
read_system        404    404       yes     yes     404    404    404    404    404                    404    404       404     404     404
read_proofs        yes    yes       yes     yes     yes    –      –      –      yes                    yes    yes       yes     yes     –
own_tokens         yes    yes       yes     yes     –      –      –      –      –                      –      –         –       –       –
read_principals    –      –         yes     yes     –      –      –      –      –                      –      –         –       –       –
change_principals  –      –         –       yes     –      –      –      –      –                      –      –         –       –       –
export_incident    –      own       yes     yes     –      –      –      yes    yes                    –      own       yes     yes     –
export_log         –      –         yes     yes     –      –      –      –      –                      –      –         –       –       –
";

/// Every operation that needs a token, with its row.
const ROUTES: &str = "
read: listIncidents getIncident listIncidentEvents getTimeline getFigures getFiguresAcross
    getConformance getPostmortem getReplay followIncident listLog followLog getRunbook assess metrics
announce: announceIncident
append: appendEvents
read_proofs: getCheckpoint getKey getInclusionProof getConsistencyProof
own_tokens: listTokens makeToken revokeToken
read_principals: listPrincipals
change_principals: changePrincipal
export_incident: exportIncident
export_log: exportLog
";

/// Whose command the incident is under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Command {
    Own,
    Foreign,
    Nobodys,
}

/// Somebody who tries everything.
struct Who {
    actor: Actor,
    /// Whose rights count; who commands where the command is their own.
    judged: &'static str,
}

struct World {
    server: Server,
    admin: Actor,
}

#[test]
fn every_cell_of_the_matrix_is_as_promised() {
    let server = Server::start();
    let admin = server.admin();
    let everybody = everybody(&server);
    let world = World { server, admin };
    let mut wrong = Vec::new();
    let mut cells = 0;
    for (action, row) in rows() {
        assert_eq!(row.len(), everybody.len(), "{action}");
        for (index, (who, expected)) in everybody.iter().zip(row).enumerate() {
            for command in [Command::Own, Command::Foreign, Command::Nobodys] {
                let expected = match (expected, command) {
                    ("own", Command::Own) => "yes",
                    ("own", Command::Foreign | Command::Nobodys) => "–",
                    (cell, _) => cell,
                };
                for (what, status) in world.attempt(who, action, command) {
                    cells += 1;
                    if told(status) != expected {
                        let column = format!("column {}, {}", index + 1, who.judged);
                        wrong.push(format!(
                            "{action}, {column}, {command:?}: {what} is {status}, not {expected}"
                        ));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {cells}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(cells > 1000, "{cells}");
}

#[test]
fn every_address_has_its_row_and_every_row_an_address_or_none_yet() {
    let mut listed = BTreeSet::new();
    let mut action = "";
    for word in ROUTES.split_whitespace() {
        match word.strip_suffix(':') {
            Some(row) => action = row,
            None => assert!(listed.insert((word.to_owned(), action.to_owned())), "{word}"),
        }
    }
    let asked = Operation::ALL.iter().filter_map(|operation| {
        Some((operation.word().to_owned(), operation.route().action?.word().to_owned()))
    });
    assert_eq!(asked.collect::<BTreeSet<_>>(), listed);
    let open = Operation::ALL.iter().filter(|operation| operation.route().action.is_none());
    let open: Vec<&str> = open.map(|operation| operation.word()).collect();
    assert_eq!(open, ["livez", "readyz", "openapi", "docs"]);
    let rows: BTreeSet<Action> = rows().into_iter().map(|(action, _)| action).collect();
    assert_eq!(rows, Action::ALL.iter().copied().collect());
}

fn rows() -> Vec<(Action, Vec<&'static str>)> {
    let lines = EXPECTED.lines().skip(2).map(|line| line.split_whitespace());
    let row = |mut cells: std::str::SplitWhitespace<'static>| {
        let action = Action::parse(cells.next().unwrap()).unwrap();
        (action, cells.collect())
    };
    lines.map(row).collect()
}

/// In the order of the columns.
fn everybody(server: &Server) -> Vec<Who> {
    server.responder("cleo");
    server.person("dora", "viewer");
    let person =
        |name: &'static str, role: &str| Who { actor: server.person(name, role), judged: name };
    let people = [("vera", "viewer"), ("rita", "responder"), ("otto", "auditor"), ("ada", "admin")];
    let mut everybody: Vec<Who> = people.iter().map(|(name, role)| person(name, role)).collect();
    for scope in ["read", "append", "act_as", "export"] {
        let name = Box::leak(format!("tool-{scope}").into_boxed_str());
        everybody.push(Who { actor: server.tool(name, &[scope]), judged: name });
    }
    let all = server.tool("tool-all", &["read", "append", "act_as", "export"]);
    everybody.push(Who { actor: all.clone(), judged: "tool-all" });
    for (name, _) in people {
        everybody.push(Who { actor: all.with("On-Behalf-Of", name), judged: name });
    }
    let actor = server.tool("tool-bare", &["act_as"]).with("On-Behalf-Of", "ada");
    everybody.push(Who { actor, judged: "ada" });
    everybody
}

fn told(status: u16) -> &'static str {
    match status {
        200..300 => "yes",
        403 => "–",
        404 => "404",
        _ => "something else",
    }
}

type Tried = Vec<(String, u16)>;

impl World {
    /// Tries everything that the row is about, in an incident of its own under that command.
    fn attempt(&self, who: &Who, action: Action, command: Command) -> Tried {
        let actor = &who.actor;
        let incident = self.incident(who, command);
        let events = |event: Value| {
            let answer = append(actor, &incident, &event);
            vec![(event["type"].to_string(), answer.status)]
        };
        match action {
            Action::Read
            | Action::ReadProofs
            | Action::ReadPrincipals
            | Action::ExportIncident
            | Action::ExportLog => self.reads(actor, action, &incident),
            Action::Announce => {
                let claim = json!({ "service": "checkout", "reason": "5xx" });
                vec![("announce".into(), actor.post("/v1/incidents", &claim).status)]
            }
            Action::Append => events(note("x")),
            Action::AssignCommand => {
                let mut data = json!({ "role": "commander", "to": "somebody" });
                match command {
                    Command::Own => data["from"] = json!(who.judged),
                    Command::Foreign => data["from"] = json!("cleo"),
                    Command::Nobodys => {}
                }
                events(json!({ "type": "role_assigned", "data": data }))
            }
            Action::Override => events(json!({ "type": "remedy_started",
                "data": { "kind": "restart", "what": "pods" }, "override": { "reason": "now" } })),
            Action::Redact => {
                let version = append(&self.admin, &incident, &note("x")).is(201)["version"].clone();
                events(json!({ "type": "redacted", "data": { "version": version, "reason": "x" } }))
            }
            Action::ReadSystem => self.system(actor),
            Action::OwnTokens => own_tokens(actor),
            Action::ChangePrincipals => self.changes(actor),
        }
    }

    fn incident(&self, who: &Who, command: Command) -> String {
        let mut claim = json!({ "service": "checkout", "reason": "5xx" });
        match command {
            Command::Own => claim["commander"] = json!(who.judged),
            Command::Foreign => claim["commander"] = json!("cleo"),
            Command::Nobodys => {}
        }
        let announced = self.admin.post("/v1/incidents", &claim).is(201);
        announced["ref"].as_str().unwrap().to_owned()
    }

    /// Every address of that row.
    fn reads(&self, actor: &Actor, action: Action, incident: &str) -> Tried {
        let routes = Operation::ALL.iter().map(|operation| operation.route());
        let routes = routes.filter(|route| route.action == Some(action));
        let status = |method: &str, path: &str| match method {
            "get" if path.ends_with("/stream") => self.status_of_stream(actor, path),
            "get" => actor.get(path).status,
            _ => actor.post(path, &json!({})).status,
        };
        let tried = routes.map(|route| {
            let path = route.path.replace("{id}", incident);
            (path.clone(), status(route.method, &path))
        });
        tried.collect()
    }

    /// The status alone: an open stream has no end to wait for.
    fn status_of_stream(&self, actor: &Actor, path: &str) -> u16 {
        let mut connection = Connection::open(self.server.address).unwrap();
        connection.send(&actor.request("GET", path, None)).unwrap();
        connection.head().unwrap().0
    }

    /// The acts alone, and among the events of the whole log for whoever reads that.
    fn system(&self, actor: &Actor) -> Tried {
        let paths = ["/v1/incidents/SYS/events", "/v1/incidents/SYS/timeline"];
        let mut tried: Tried =
            paths.iter().map(|path| ((*path).to_owned(), actor.get(path).status)).collect();
        let log: Answer = actor.get("/v1/events?limit=5");
        if log.status == 200 {
            let events = log.json()["events"].as_array().unwrap().clone();
            let has_acts = events.iter().any(|event| event["ref"] == "SYS");
            tried.push(("SYS in /v1/events".into(), if has_acts { 200 } else { 404 }));
        }
        tried
    }

    fn changes(&self, actor: &Actor) -> Tried {
        let body = json!({ "disabled": false }).to_string();
        let body = Some(("application/json", body.as_bytes()));
        let changed = actor.send("PATCH", "/v1/principals/dora", body);
        let made = actor.post("/v1/tokens", &json!({ "name": "dora" }));
        if made.status == 201 {
            // Room for the next.
            let path = format!("/v1/tokens/{}", made.json()["token"].as_str().unwrap());
            assert_eq!(actor.send("DELETE", &path, None).status, 200);
        }
        vec![("PATCH".into(), changed.status), ("a token for dora".into(), made.status)]
    }
}

fn own_tokens(actor: &Actor) -> Tried {
    let made = actor.post("/v1/tokens", &json!({}));
    let id = match made.status {
        201 => made.json()["token"].as_str().unwrap().to_owned(),
        _ => "k_nothing".into(),
    };
    let revoked = actor.send("DELETE", &format!("/v1/tokens/{id}"), None);
    vec![
        ("GET".into(), actor.get("/v1/tokens").status),
        ("POST".into(), made.status),
        ("DELETE".into(), revoked.status),
    ]
}
