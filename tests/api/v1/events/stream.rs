//! `/v1/events/stream` (promise P14).

use crate::outside::{Frame, Server, announce, append, note, play, until};
use serde_json::{Value, json};

#[test]
fn the_stream_tells_what_the_pages_tell_and_then_what_comes() {
    let server = Server::start();
    let admin = server.admin();
    let incident = play(&server.responder("ana"));
    let page = admin.get("/v1/events").is(200)["events"].as_array().unwrap().clone();
    let mut stream = admin.follow("/v1/events/stream", None);
    let frames = stream.take(page.len());
    let told: Vec<Value> = frames.iter().map(|frame| frame.data.clone()).collect();
    assert_eq!(told, page);
    assert!(frames.iter().all(|frame| {
        frame.data["position"] == frame.id && frame.data["type"] == frame.event.as_str()
    }));
    append(&admin, &incident, &note("live")).is(201);
    let live = stream.next().unwrap();
    assert_eq!(live.data["data"]["text"], "live");
    assert_eq!(live.id, server.position());
}

#[test]
fn a_client_that_comes_back_gets_exactly_the_rest() {
    let server = Server::start();
    let admin = server.admin();
    play(&server.responder("ana"));
    let last = server.position();
    for seen in [0, 1, 7, last - 1] {
        let rest = admin.follow("/v1/events/stream", Some(seen)).take((last - seen) as usize);
        let ids: Vec<u64> = rest.iter().map(|frame| frame.id).collect();
        assert_eq!(ids, (seen + 1..=last).collect::<Vec<_>>());
        let by_query = format!("/v1/events/stream?after={seen}");
        assert_eq!(admin.follow(&by_query, None).take(rest.len()), rest);
    }
    // What the client saw last counts more than where it once began.
    let both = admin.follow("/v1/events/stream?after=2", Some(last - 1)).next().unwrap();
    assert_eq!(both.id, last);
}

#[test]
fn nothing_is_missed_or_told_twice_over_reconnections_while_others_append() {
    let server = Server::start();
    let admin = server.admin();
    let incident = announce(&admin);
    let writer = admin.clone();
    let frames: Vec<Frame> = std::thread::scope(|scope| {
        let writing = scope.spawn(|| {
            (0..120).for_each(|number| {
                append(&writer, &incident, &note(&number.to_string())).is(201);
            });
        });
        let mut frames: Vec<Frame> = Vec::new();
        for _ in 0..4 {
            let last = frames.last().map(|frame| frame.id);
            frames.extend(admin.follow("/v1/events/stream", last).take(31));
        }
        writing.join().unwrap();
        frames
    });
    let ids: Vec<u64> = frames.iter().map(|frame| frame.id).collect();
    assert_eq!(ids, (1..=124).collect::<Vec<_>>());
}

#[test]
fn the_acts_of_the_service_are_not_told_to_responders() {
    let server = Server::start();
    let ana = server.responder("ana");
    announce(&ana);
    server.responder("ben");
    announce(&ana);
    let frames = ana.follow("/v1/events/stream", None).take(2);
    assert!(frames.iter().all(|frame| frame.event == "announced"));
}

#[test]
fn a_place_that_this_server_never_gave_is_refused() {
    let server = Server::start();
    let admin = server.admin();
    for cursor in ["-1", "one", "1e3", "99999999999999999999"] {
        let by_header = admin.with("Last-Event-ID", cursor);
        by_header.get("/v1/events/stream").is_problem(400, "bad_cursor");
        admin.get(&format!("/v1/events/stream?after={cursor}")).is_problem(400, "bad_cursor");
        admin.get(&format!("/v1/events?after={cursor}")).is_problem(400, "bad_cursor");
    }
    admin.get("/v1/events/stream?limit=3").is_problem(400, "bad_query");
}

#[test]
fn an_open_stream_ends_in_order_when_the_service_stops() {
    let server = Server::start();
    let admin = server.admin();
    let incident = announce(&admin);
    let mut streams = [
        admin.follow("/v1/events/stream", Some(5)),
        admin.follow(&format!("/v1/incidents/{incident}/stream"), Some(5)),
    ];
    let ended = server.stop();
    assert!(ended.status.success(), "{}", ended.stderr);
    assert!(!ended.stderr.contains("cut off"), "{}", ended.stderr);
    for stream in &mut streams {
        assert_eq!(stream.next(), None);
    }
}

/// Far more than what is at hand, and more than lies in the buffers on the way.
#[test]
fn those_who_do_not_read_hold_nobody_up_and_get_the_same_when_they_do() {
    let server = Server::start();
    let (ana, bo) = (server.responder("ana"), server.responder("bo"));
    let incident = announce(&ana);
    let paths = ["/v1/events/stream".into(), format!("/v1/incidents/{incident}/stream")];
    let mut asleep: Vec<_> = (0..4).map(|number| ana.follow(&paths[number % 2], None)).collect();
    let mut awake = bo.follow(&paths[0], None);
    let mut frames = awake.take(1);
    for number in 0..45 {
        let notes = vec![note(&format!("{number} {}", "x".repeat(4_000))); 32];
        append(&ana, &incident, &json!(notes)).is(201);
        if number % 9 == 8 {
            frames.extend(awake.take(9 * 32));
        }
    }
    for slow in &mut asleep {
        assert!(slow.take(frames.len()) == frames, "the same, in the same order");
    }
}

#[test]
fn one_principal_holds_so_many_streams_and_takes_none_from_others() {
    let server = Server::start();
    let (ana, bo) = (server.responder("ana"), server.responder("bo"));
    let incident = announce(&ana);
    let of_incident = format!("/v1/incidents/{incident}/stream");
    let paths = ["/v1/events/stream", &of_incident];
    let mut streams: Vec<_> = (0..32).map(|number| ana.follow(paths[number % 2], None)).collect();
    for path in paths {
        let refused = ana.get(path);
        refused.is_problem(429, "too_many_requests");
        assert_eq!(refused.header("retry-after"), Some("1"));
    }
    assert_eq!(bo.follow("/v1/events/stream", None).take(1).len(), 1);
    ana.get("/v1/incidents").is(200);
    streams.pop();
    until("the place of a stream that ended is free", || {
        let mut connection = server.connect();
        connection.send(&ana.request("GET", "/v1/events/stream", None)).unwrap();
        connection.head().unwrap().0 == 200
    });
}
