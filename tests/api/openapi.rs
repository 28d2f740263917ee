use crate::outside::{Actor, Server, announce};
use serde_json::{Value, json};

fn document(server: &Server) -> Value {
    server.nobody().get("/openapi.json").is(200)
}

fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let paths = document["paths"].as_object().unwrap().iter();
    let each = paths.flat_map(|(path, operations)| {
        let operations = operations.as_object().unwrap().iter();
        operations.map(move |(method, it)| (method.to_uppercase(), path.clone(), it.clone()))
    });
    each.collect()
}

#[test]
fn every_operation_has_an_id_parameters_that_fit_its_path_and_responses_that_are_described() {
    let document = document(&Server::start());
    assert_eq!(document["openapi"], "3.1.0");
    let mut ids: Vec<String> = Vec::new();
    for (method, path, operation) in operations(&document) {
        ids.push(operation["operationId"].as_str().unwrap().to_owned());
        let responses = operation["responses"].as_object().unwrap();
        assert!(responses.keys().any(|status| status.starts_with('2')), "{method} {path}");
        assert!(responses.contains_key("default"), "{method} {path}");
        for (status, response) in responses {
            let described = response["description"].as_str().is_some_and(|it| !it.is_empty());
            assert!(described, "{method} {path} {status}");
        }
        let parameters = operation["parameters"].as_array().unwrap();
        let in_path = parameters.iter().filter(|parameter| parameter["in"] == "path");
        let named: Vec<String> =
            in_path.map(|it| format!("{{{}}}", it["name"].as_str().unwrap())).collect();
        assert_eq!(path.matches('{').count(), named.len(), "{method} {path}");
        assert!(named.iter().all(|name| path.contains(name.as_str())), "{method} {path}");
    }
    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), count, "operation ids are unique");
}

#[test]
fn every_operation_is_answered_as_described() {
    let server = Server::start();
    let document = document(&server);
    let admin = server.admin();
    let incident = announce(&admin);
    for (method, path, operation) in operations(&document) {
        // A token and a principal of their own, so that the admin who asks stays one.
        let vera = admin.post("/v1/tokens", &json!({ "name": "vera", "role": "viewer" })).is(201);
        let address = path.replace("{id}", &incident);
        let address = address.replace("{token}", vera["token"].as_str().unwrap());
        let address = address.replace("{principal}", "vera");
        if path.ends_with("/stream") {
            admin.follow(&address, None).next().unwrap();
            continue;
        }
        let answer = match method.as_str() {
            "GET" => admin.get(&address),
            _ => admin.send(&method, &address, Some(("application/json", b"{}"))),
        };
        // An empty body does not fit where something is stored, but the address and the method do.
        let takes_a_body = operation.get("requestBody").is_some();
        let expected: u16 = match path.as_str() {
            "/v1/runbook/assess" => 200,
            "/v1/tokens" if takes_a_body => 201,
            _ if takes_a_body => 422,
            _ => 200,
        };
        assert_eq!(answer.status, expected, "{method} {path}: {}", answer.text());
        if method == "GET" {
            let media_type = answer.header("content-type").unwrap().split(';').next().unwrap();
            let offered = operation["responses"]["200"]["content"].as_object().unwrap();
            assert!(offered.contains_key(media_type), "{method} {path} answers {media_type}");
        }
    }
}

#[test]
fn what_is_said_to_need_a_token_does_and_the_rest_does_not() {
    let server = Server::start();
    let document = document(&server);
    let nobody: Actor = server.nobody();
    let incident = announce(&server.admin());
    for (method, path, operation) in operations(&document) {
        let address = path.replace("{id}", &incident);
        let answer = match method.as_str() {
            "GET" => nobody.get(&address),
            _ => nobody.send(&method, &address, Some(("application/json", b"{}"))),
        };
        let needs_token = operation["security"] != serde_json::json!([]);
        assert_eq!(answer.status == 401, needs_token, "{method} {path}");
    }
}

#[test]
fn every_reference_in_it_leads_somewhere() {
    let document = document(&Server::start());
    let mut references = Vec::new();
    collect(&document, &mut references);
    assert!(references.len() > 10);
    for reference in references {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}

fn collect(value: &Value, references: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(reference)) = members.get("$ref") {
                references.push(reference.clone());
            }
            members.values().for_each(|it| collect(it, references));
        }
        Value::Array(items) => items.iter().for_each(|it| collect(it, references)),
        _ => {}
    }
}
