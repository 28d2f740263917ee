//! What is never masked: the runbook, the incidents of the demo, what stands in a log on a good day.

use crate::support::in_tree;
use allclear::incident::runbook;
use allclear::mask::Masks;
use std::sync::LazyLock;

static MASKS: LazyLock<Masks> = LazyLock::new(Masks::default);

/// What people and tools write in an incident without telling a secret.
const LINES: &[&str] = &[
    "curl -X PATCH https://flags.internal/api/flags/new-checkout -H \"Authorization: Bearer ${FLAGS_API_TOKEN}\" -d '{\"enabled\": false}'",
    "curl -H 'Authorization: Bearer $TOKEN' https://x.example",
    "export IMAGE_TAG=\"<previous-stable-tag>\"",
    "docker compose -f docker-compose.prod.yml up -d --no-build",
    "docker image ls --format \"table {{.Repository}}\\t{{.Tag}}\\t{{.CreatedAt}}\" | head -10",
    "docker run -u 1000:1000 --rm registry.example:5000/checkout:2.4.1",
    "kubectl rollout undo deployment/app -n production --to-revision=42",
    "kubectl get secret checkout-db -o jsonpath='{.data.password}'",
    "kubectl create secret generic db --from-file=password=./password.txt",
    "secret: checkout-tls-2024",
    "secretName: checkout-tls-2024",
    "alembic downgrade -1",
    "git revert 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b",
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "image checkout@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "incident 019ab3c0-7d1e-7c3a-9a52-0242ac120002, token id k_5c1w8r0d9zq2",
    "2.4.1 -> 2.4.0, v1.2.3-rc.4+build.5",
    "2026-11-24T03:12:00.123456Z ERROR checkout: connection refused (os error 111)",
    "FATAL: password authentication failed for user \"app\"",
    "Access denied for user 'app'@'10.0.0.7' (using password: YES)",
    "the password was wrong, the token: expired, the secret = missing",
    "Password: ",
    "DB_PASSWORD=${DB_PASSWORD} PGPASSWORD=$PGPASSWORD ./migrate",
    "PASSWORD=\"$(pass show checkout/db)\"",
    "password = os.environ[\"DB_PASSWORD\"]",
    "password: {{ .Values.db.password }}",
    "password=********",
    "token=<your token>",
    "DB_PASSWORD_FILE=/run/secrets/db-password",
    "secret=/run/secrets/db",
    "PWD=/srv/checkout",
    "max_tokens=4096 next_page=2",
    "let token = std::fs::read_to_string(path)",
    "password = getpass.getpass()",
    "{\"token\":\"k_5c1w8r0d9zq2\",\"principal\":\"u_7f3k9q2m\"}",
    "Authorization: Bearer realm=example".split_at(21).0,
    "WWW-Authenticate: Bearer",
    "authorization: required",
    "authorization failed for ana",
    "bearer of bad news: authentication-service is down",
    "https://grafana.example/d/abc123/checkout?from=1732417200000&to=1732420800000",
    "postgres://app@db.internal:5432/app",
    "postgres://app:${DB_PASSWORD}@db.internal/app",
    "ana@example.com:/srv/backups/nightly.dump",
    "Idempotency-Key: 8e03978e-40d5-43e8-bc93-6894a57f9324",
    "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n-----END PUBLIC KEY-----",
    "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUQ\n-----END CERTIFICATE-----",
    "allclear.example/log+1a2b3c4d+ARpdK9mDqZvw1yQFhqtoQ2uUeXeRrUzTwJ0WQm3M7v0=",
    "Post in #incidents: Rollback complete. Service restored to 2.4.0.",
    "p99 1.2s -> 180ms; 5xx 12% -> 0.02%; pool 40/40",
    "[masked password 8] and [redacted] stay",
];

fn assert_untouched(text: &str) {
    assert_eq!(MASKS.mask(text), None, "{text}");
}

#[test]
fn a_line_without_a_secret_stays_as_it_is() {
    LINES.iter().for_each(|line| assert_untouched(line));
}

#[test]
fn the_runbook_stays_as_it_is() {
    runbook::BUILT_IN_TEXT.lines().for_each(assert_untouched);
    assert_untouched(runbook::BUILT_IN_TEXT);
}

#[test]
fn what_is_in_the_tree_about_real_incidents_stays_as_it_is() {
    let folders = [
        "src/cli/demo",
        "tests/incidents/source",
        "tests/golden",
        "tests/stories",
        "docs",
        "schema",
    ];
    let mut count = 0;
    for file in folders.iter().flat_map(|folder| files_below(&in_tree(folder))) {
        if file.extension().is_some_and(|it| it == "rs") {
            continue;
        }
        let text = std::fs::read_to_string(&file).unwrap();
        let masked = text.lines().filter_map(|line| MASKS.mask(line));
        assert_eq!(masked.collect::<Vec<_>>(), [""; 0], "{}", file.display());
        count += 1;
    }
    assert!(count > 80, "the files were not found");
}

fn files_below(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}
