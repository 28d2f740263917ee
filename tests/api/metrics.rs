use crate::outside::{Server, announce, append, note};

#[test]
fn metrics_count_events_commits_and_requests() {
    let server = Server::with_files(300);
    let ana = server.responder("ana");
    let incident = announce(&ana);
    append(&ana.key("k"), &incident, &note("once")).is(201);
    append(&ana.key("k"), &incident, &note("once")).is(201);
    append(&ana, "INC-7", &note("nowhere")).is_problem(404, "incident_unknown");
    let metrics = ana.get("/metrics").text();
    let value = |name: &str| {
        let line = metrics.lines().find_map(|line| line.strip_prefix(&format!("{name} ")));
        line.unwrap_or_else(|| panic!("{name} is not in {metrics}")).parse::<u64>().unwrap()
    };
    // The start, two principals with a name and a token each, the announcement and the note.
    assert_eq!(value("allclear_log_events_total"), 9);
    assert_eq!(value("allclear_log_position"), 9);
    assert_eq!(value("allclear_log_commits_total"), 5);
    assert_eq!(value("allclear_requests_replayed_total"), 1);
    assert_eq!(value("allclear_requests_turned_away_total"), 1);
    assert_eq!(value("allclear_log_lines_lost_total"), 0);
    assert!(value("allclear_connections") >= 1);
    assert_eq!(value("allclear_connections_max"), 150);
    let appends = "http_request_method=\"POST\",http_route=\"/v1/incidents/{id}/events\"";
    let took = "http_server_request_duration_seconds";
    assert_eq!(value(&format!("{took}_count{{{appends},http_response_status_code=\"201\"}}")), 2);
    let within =
        format!("{took}_bucket{{{appends},http_response_status_code=\"404\",le=\"+Inf\"}}");
    assert_eq!(value(&within), 1);
}

#[test]
fn metrics_need_a_token() {
    Server::start().nobody().get("/metrics").is_problem(401, "unauthorized");
}
