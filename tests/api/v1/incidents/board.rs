//! `GET /v1/incidents`.

use crate::outside::{Actor, Server, append, minutes_ago, play};
use serde_json::{Value, json};

/// Twelve incidents of two services; the third is cancelled, ben commands every fourth.
fn filled() -> (Server, Actor) {
    let server = Server::start();
    let ana = server.responder("ana");
    server.responder("ben");
    for number in 1..=12 {
        let mut announcement = json!({
            "service": if number % 2 == 0 { "basket" } else { "checkout" },
            "reason": format!("fault number {number}"),
            "severity": if number == 5 { "SEV1" } else { "SEV3" },
            "occurred": minutes_ago(100 - number),
        });
        if number % 4 == 0 {
            announcement["commander"] = json!("ben");
        }
        ana.post("/v1/incidents", &announcement).is(201);
    }
    let cancelled = json!({ "type": "cancelled", "data": { "why": "false_alarm" } });
    append(&ana, "INC-3", &cancelled).is(201);
    (server, ana)
}

fn refs(page: &Value) -> Vec<String> {
    let incidents = page["incidents"].as_array().unwrap().iter();
    incidents
        .map(|it| it["ref"].as_str().unwrap().strip_prefix("INC-").unwrap().to_owned())
        .collect()
}

#[test]
fn the_board_is_filtered_by_everything_that_is_documented() {
    let (_server, ana) = filled();
    let board = |query: &str| refs(&ana.get(&format!("/v1/incidents?{query}")).is(200)).join(" ");
    assert_eq!(board(""), "12 11 10 9 8 7 6 5 4 3 2 1");
    assert_eq!(board("state=cancelled"), "3");
    assert_eq!(board("state=closed"), "3");
    assert_eq!(board("state=open&limit=3"), "12 11 10");
    assert_eq!(board("state=cancelled,announced&limit=1"), "12");
    assert_eq!(board("state=cancelled&state=resolved"), "3");
    assert_eq!(board("service=basket"), "12 10 8 6 4 2");
    assert_eq!(board("service=bask"), "");
    assert_eq!(board("severity=SEV1"), "5");
    assert_eq!(board("commander=ben"), "12 8 4");
    assert_eq!(board("commander=BEN&service=checkout"), "");
    assert_eq!(board("q=NUMBER%201"), "12 11 10 1");
    assert_eq!(board("q=number+7"), "7");
    assert_eq!(board("q=%25"), "");
    let moment = |minutes: i64| minutes_ago(minutes).as_str().unwrap().replace('+', "%2B");
    assert_eq!(board(&format!("since={}", moment(91))), "12 11 10");
    assert_eq!(board(&format!("until={}", moment(99))), "1");
    assert_eq!(board("since=2001-01-01T00:00:00Z&until=2001-01-02T00:00:00Z"), "");
    let ben =
        ana.get("/v1/incidents?service=basket&limit=1").json()["incidents"][0]["commander"].clone();
    assert_eq!(ben["name"], "ben");
    assert_eq!(board(&format!("commander={}", ben["id"].as_str().unwrap())), "12 8 4");
}

#[test]
fn the_board_is_walked_page_by_page_with_its_filter() {
    let (_server, ana) = filled();
    for (query, expected) in [
        ("limit=5", "12 11 10 9 8|7 6 5 4 3|2 1"),
        ("limit=2&service=basket", "12 10|8 6|4 2"),
        ("limit=12", "12 11 10 9 8 7 6 5 4 3 2 1"),
    ] {
        let mut pages = Vec::new();
        let mut address = Some(format!("/v1/incidents?{query}"));
        while let Some(page) = address {
            let answer = ana.get(&page);
            pages.push(refs(&answer.is(200)).join(" "));
            address = answer.next_page();
        }
        assert_eq!(pages.join("|"), expected);
    }
}

#[test]
fn an_incident_that_is_announced_meanwhile_shifts_no_page() {
    let (_server, ana) = filled();
    let first = ana.get("/v1/incidents?limit=6");
    ana.post("/v1/incidents", &json!({ "service": "checkout", "reason": "late" })).is(201);
    let second = ana.get(&first.next_page().unwrap()).is(200);
    assert_eq!(refs(&second).join(" "), "6 5 4 3 2 1");
}

#[test]
fn a_cursor_serves_the_filter_that_it_was_given_for() {
    let (_server, ana) = filled();
    let next = ana.get("/v1/incidents?limit=2&service=basket").next_page().unwrap();
    ana.get(&next.replace("limit=2", "limit=4")).is(200);
    ana.get(&next.replace("basket", "checkout")).is_problem(400, "bad_cursor");
    ana.get(&next.replace("&service=basket", "")).is_problem(400, "bad_cursor");
    let (number, mark) = next.split_once("after=").unwrap().1.split_once('-').unwrap();
    assert_eq!(number, "10");
    for cursor in [
        "7",
        "x",
        "",
        "-",
        &format!("ten-{mark}"),
        &format!("-1-{mark}"),
        &format!("99999999999999999999-{mark}"),
    ] {
        let address = format!("/v1/incidents?service=basket&after={cursor}");
        ana.get(&address).is_problem(400, "bad_cursor");
    }
    let far = format!("/v1/incidents?service=basket&after={}-{mark}", u64::MAX);
    assert_eq!(refs(&ana.get(&far).is(200)).len(), 6);
}

#[test]
fn a_query_that_does_not_read_is_a_problem_and_none_of_it_is_ignored() {
    let server = Server::start();
    let ana = server.responder("ana");
    for query in [
        "limit=0",
        "limit=1001",
        "limit=ten",
        "limit=5&limit=6",
        "state=open,shut",
        "state=",
        "state=nothing",
        "since=yesterday",
        "until=2026-13-01T00:00:00Z",
        "colour=red",
        "Service=x",
    ] {
        ana.get(&format!("/v1/incidents?{query}")).is_problem(400, "bad_query");
    }
}

#[test]
fn a_row_of_the_board_is_the_incident_in_short() {
    let server = Server::start();
    let ana = server.responder("ana");
    let incident = play(&ana);
    let row = ana.get("/v1/incidents").is(200)["incidents"][0].clone();
    let whole = ana.get(&format!("/v1/incidents/{incident}")).is(200);
    for member in ["id", "ref", "version", "state", "service", "title", "severity", "updated_at"] {
        assert_eq!(row[member], whole[member], "{member}");
        assert!(!row[member].is_null(), "{member}");
    }
    assert_eq!(row["commander"]["name"], "ana");
    for member in ["announced_at", "restored_at", "resolved_at"] {
        assert!(row[member].is_string(), "{member}");
    }
}
