use crate::outside::Server;

#[test]
fn livez_needs_no_token() {
    let server = Server::start();
    let answer = server.nobody().get("/livez");
    assert_eq!((answer.status, answer.text().as_str()), (200, "ok\n"));
}
