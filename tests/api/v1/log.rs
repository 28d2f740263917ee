use crate::outside::{Server, announce};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use ed25519_dalek::{Signature, Verifier, VerifyingKey};
use rusqlite::{Connection, OpenFlags};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// The size and the root of a signed note, once its signature holds under the verifier key: read
/// by hand, as an outsider would.
fn opened(note: &str, verifier_key: &str) -> (u64, [u8; 32]) {
    let (text, signatures) = note.split_once("\n\n").unwrap();
    let text = format!("{text}\n");
    let key = BASE64_STANDARD.decode(verifier_key.trim().splitn(3, '+').nth(2).unwrap()).unwrap();
    let signature = signatures.lines().next().unwrap().rsplit(' ').next().unwrap();
    let signature = BASE64_STANDARD.decode(signature).unwrap();
    let signature = Signature::from_slice(&signature[4..]).unwrap();
    let key = VerifyingKey::from_bytes(key[1..].try_into().unwrap()).unwrap();
    key.verify(text.as_bytes(), &signature).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    (lines[1].parse().unwrap(), hash(lines[2]))
}

fn hash(base64: &str) -> [u8; 32] {
    BASE64_STANDARD.decode(base64).unwrap().try_into().unwrap()
}

fn entry(server: &Server, position: u64) -> String {
    let file = server.data.join("allclear.db");
    let database = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let sql = "SELECT entry FROM event WHERE position = ?1";
    database.query_row(sql, [position as i64], |row| row.get(0)).unwrap()
}

#[test]
fn a_checkpoint_its_key_and_a_proof_convince_an_outsider() {
    let server = Server::start();
    let admin = server.admin();
    let note = admin.get("/v1/log/checkpoint");
    assert_eq!(note.header("content-type").unwrap(), "text/plain; charset=utf-8");
    let key = admin.get("/v1/log/key").text();
    let (size, root) = opened(&note.text(), &key);
    assert_eq!(size, 1, "the start itself is sealed before the first answer");
    let leaf: [u8; 32] = Sha256::digest([b"\0", entry(&server, 1).as_bytes()].concat()).into();
    assert_eq!(leaf, root, "a tree of one leaf is that leaf");
    let text = admin.get("/v1/log/proof?format=text").text();
    assert_eq!(text, format!("c2sp.org/tlog-proof@v1\nindex 0\n\n{}", note.text()));
    let told = admin.get("/v1/log/proof?position=1").is(200);
    assert_eq!((told["size"].as_u64(), told["index"].as_u64()), (Some(1), Some(0)));
    assert_eq!(
        (hash(told["leaf"].as_str().unwrap()), &told["path"]),
        (leaf, &Value::Array(vec![]))
    );
    let joined = admin.get("/v1/log/consistency").is(200);
    assert_eq!((joined["from"].as_u64(), joined["to"].as_u64()), (Some(1), Some(1)));
}

#[test]
fn a_restarted_log_is_proven_as_a_whole() {
    let scratch = crate::outside::Scratch::new();
    let server = Server::on(&scratch.data());
    let before = server.admin().get("/v1/log/checkpoint").text();
    announce(&server.admin());
    assert!(server.stop().status.success());
    let server = Server::on(&scratch.data());
    let admin = server.admin();
    let key = admin.get("/v1/log/key").text();
    let (size, root) = opened(&admin.get("/v1/log/checkpoint").text(), &key);
    let (first, first_root) = opened(&before, &key);
    let joined = admin.get(&format!("/v1/log/consistency?from={first}&to={size}")).is(200);
    assert_eq!(hash(joined["from_root"].as_str().unwrap()), first_root);
    assert_eq!(hash(joined["to_root"].as_str().unwrap()), root);
    for position in 1..=size {
        let told = admin.get(&format!("/v1/log/proof?position={position}&size={size}")).is(200);
        let path: Vec<_> = told["path"].as_array().unwrap().iter().collect();
        let (mut number, mut last) = (position - 1, size - 1);
        let mut up: [u8; 32] =
            Sha256::digest([b"\0", entry(&server, position).as_bytes()].concat()).into();
        for step in path {
            let step = hash(step.as_str().unwrap());
            let is_right = number % 2 == 1 || number == last;
            let (left, right) = if is_right { (step, up) } else { (up, step) };
            up = Sha256::digest([&[1], left.as_slice(), &right].concat()).into();
            while is_right && number.is_multiple_of(2) && number != 0 {
                (number, last) = (number / 2, last / 2);
            }
            (number, last) = (number / 2, last / 2);
        }
        assert_eq!((up, last), (root, 0), "position {position} of {size}");
    }
    let verbose = server.nobody().get("/readyz?verbose").is(200);
    assert_eq!(verbose["checkpoint"]["position"], size);
    assert!(verbose["checkpoint"]["age_s"].as_u64().unwrap() < 60);
}

#[test]
fn what_cannot_be_proven_is_a_problem() {
    let server = Server::start();
    let admin = server.admin();
    let problems = [
        ("/v1/log/proof?position=0", 400, "bad_query"),
        ("/v1/log/proof?position=9", 400, "bad_query"),
        ("/v1/log/proof?position=1&size=900", 404, "not_found"),
        ("/v1/log/proof?size=9223372036854775807", 404, "not_found"),
        ("/v1/log/proof?size=x", 400, "bad_query"),
        ("/v1/log/proof?format=markdown", 406, "not_acceptable"),
        ("/v1/log/consistency?from=0", 400, "bad_query"),
        ("/v1/log/consistency?from=2&to=1", 400, "bad_query"),
        ("/v1/log/consistency?to=900", 404, "not_found"),
        ("/v1/log/checkpoint?x=1", 400, "bad_query"),
        ("/v1/log/key?x=1", 400, "bad_query"),
    ];
    for (address, status, code) in problems {
        admin.get(address).is_problem(status, code);
    }
    // A size at which nothing was signed can be proven, but not as a text with its checkpoint.
    let scratch = crate::outside::Scratch::new();
    assert!(Server::on(&scratch.data()).stop().status.success());
    let server = Server::on(&scratch.data());
    let admin = server.admin();
    assert_eq!(admin.get("/v1/log/proof?position=1&size=3").is(200)["checkpoint"], Value::Null);
    admin.get("/v1/log/proof?position=1&size=3&format=text").is_problem(404, "not_found");
}
