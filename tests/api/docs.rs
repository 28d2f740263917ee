use crate::outside::Server;

#[test]
fn the_docs_are_one_page_with_every_address_every_event_and_every_problem() {
    let server = Server::start();
    let answer = server.nobody().get("/docs");
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
    let page = answer.text();
    assert!(!page.contains("<script"));
    let document = server.nobody().get("/openapi.json").is(200);
    for (path, operations) in document["paths"].as_object().unwrap() {
        for method in operations.as_object().unwrap().keys() {
            let heading = format!("<code>{} {path}</code>", method.to_uppercase());
            assert!(page.contains(&heading), "{heading} is missing");
        }
    }
    assert!(page.contains("id=\"event-remedy_started\""));
    assert!(!page.contains("id=\"event-reminder_sent\""), "a client cannot send it");
}

#[test]
fn the_type_of_a_problem_leads_to_its_place_in_the_docs() {
    let server = Server::start();
    let problem = server.nobody().get("/v1/incidents").is_problem(401, "unauthorized");
    let (page, anchor) = problem["type"].as_str().unwrap().split_once('#').unwrap();
    let page = server.nobody().get(page).text();
    assert!(page.contains(&format!("id=\"{anchor}\"")));
}
