use crate::outside::Server;
use serde_json::json;

#[test]
fn readyz_says_whether_it_can_serve_and_verbosely_what_holds() {
    let server = Server::start();
    let nobody = server.nobody();
    let short = nobody.get("/readyz").is(200);
    assert_eq!(short, json!({ "ready": true, "checks": { "log": "ok", "service": "ok" } }));
    let verbose = nobody.get("/readyz?verbose").is(200);
    // The start, and the first admin: principal, name, token.
    assert_eq!(verbose["position"], 4);
    assert_eq!(verbose["statement"]["durability"], "local");
    assert_eq!(verbose["statement"]["journal_mode"], "wal");
    assert_eq!(verbose["statement"]["synchronous"], "full");
    nobody.get("/readyz?vrebose").is_problem(400, "bad_query");
}
