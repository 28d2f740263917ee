//! The guide: where an incident stands in the procedure, what comes next, and the commands for it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use allclear::incident::field::Pointer;
use allclear::incident::runbook::{BUILT_IN_TEXT, Runbook, read};
use allclear::incident::{Incident, Rejection};
use allclear::views::Guide;
use serde_json::{Value, json};
use std::process::Command;
use std::sync::Arc;
use support::{claim, incident, minute, who};

const CATALOGUE: &str = r##"
[services.checkout]
platform = "kubernetes"
namespace = "shop"
health_url = "https://checkout.example.com/health"
channel = "#checkout"
queries = { http_5xx_rate = "rate(http_5xx[5m])", disk = "not watched" }

[services.billing]
platform = "compose"
"##;

/// An incident under a runbook, told event by event, a minute each.
struct Scene {
    incident: Incident,
    runbook: Runbook,
    minute: i64,
}

impl Scene {
    /// The built-in runbook with a catalogue.
    fn of(announced: Value) -> Scene {
        Scene::under(&format!("{BUILT_IN_TEXT}\n{CATALOGUE}"), announced)
    }

    fn under(runbook: &str, announced: Value) -> Scene {
        let runbook = read(runbook).unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
        let mut scene = Scene { incident: incident(), runbook, minute: 0 };
        scene.tell("announced", announced);
        scene
    }

    fn tell(&mut self, kind: &str, data: Value) {
        let told = self.try_tell(kind, data);
        told.unwrap_or_else(|why| panic!("{kind} was turned away: {why:?}"));
    }

    fn try_tell(&mut self, kind: &str, data: Value) -> Result<(), Rejection> {
        let claim = claim(&json!({ "type": kind, "data": data })).map_err(Rejection::Invalid)?;
        let at = minute(self.minute);
        let recorded =
            self.incident.judge(claim, &who("ana"), at, &self.runbook, &Pointer::Root)?;
        self.incident.fold(Arc::new(recorded));
        self.minute += 1;
        Ok(())
    }

    fn later(&mut self, minutes: i64) {
        self.minute += minutes;
    }

    fn guide(&self) -> Value {
        let guide = Guide::new(&self.incident, &self.runbook, minute(self.minute));
        serde_json::to_value(guide.unwrap()).unwrap()
    }

    fn step(&self, name: &str) -> Value {
        let guide = self.guide();
        let steps = guide["steps"].as_array().unwrap();
        steps.iter().find(|step| step["step"] == name).unwrap().clone()
    }

    /// How the seven steps stand, a letter each: done, now, next (>), not applicable (-), open (.).
    fn stands(&self) -> String {
        let letter = |step: &Value| match step["standing"].as_str().unwrap() {
            "done" => 'd',
            "now" => 'N',
            "next" => '>',
            "not_applicable" => '-',
            "open" => '.',
            other => panic!("{other}"),
        };
        self.guide()["steps"].as_array().unwrap().iter().map(letter).collect()
    }

    fn comes_next(&self) -> Vec<String> {
        let guide = self.guide();
        let lines = guide["comes_next"].as_array().unwrap().iter();
        lines.map(|it| it.as_str().unwrap().to_owned()).collect()
    }

    fn remedy(&self, kind: &str) -> Value {
        let guide = self.guide();
        let remedies = guide["scenario"]["remedies"].as_array().unwrap();
        remedies.iter().find(|it| it["kind"] == kind).unwrap().clone()
    }

    /// Which guards of a remedy of the scenario are met.
    fn first(&self, kind: &str) -> Vec<(String, bool)> {
        let remedy = self.remedy(kind);
        let first = remedy["first"].as_array().cloned().unwrap_or_default();
        let told =
            |it: &Value| (it["code"].as_str().unwrap().to_owned(), it["met"].as_bool().unwrap());
        first.iter().map(told).collect()
    }

    fn command(&self, step: &str) -> Value {
        self.step(step)["commands"][0].clone()
    }
}

fn codes(step: &Value) -> Vec<&str> {
    let waits = step["waits_for"].as_array().map(Vec::as_slice).unwrap_or_default();
    waits.iter().filter_map(|wait| wait["code"].as_str()).collect()
}

fn checkout() -> Value {
    json!({ "service": "checkout", "reason": "5xx after 2.4.1", "running": "2.4.1" })
}

fn in_scenario(scenario: &str) -> Scene {
    let mut announced = checkout();
    announced["scenario"] = json!(scenario);
    Scene::of(announced)
}

#[test]
fn before_its_announcement_an_incident_has_no_guide() {
    assert!(Guide::new(&incident(), &read(BUILT_IN_TEXT).unwrap(), minute(0)).is_none());
}

#[test]
fn the_seven_steps_stand_as_the_happy_path_goes() {
    let mut scene = Scene::of(checkout());
    assert_eq!(scene.stands(), "N>.--..");
    assert_eq!(scene.comes_next().len(), 2, "to post it, and to take command");
    scene.tell("update_posted", json!({ "purposes": ["announcement"], "channel": "#incidents" }));
    assert_eq!(scene.stands(), "N>.--..");
    assert_eq!(
        scene.comes_next(),
        ["Nobody commands: record role_assigned with the role commander."]
    );
    scene.tell("role_assigned", json!({ "role": "commander", "to": "ana" }));
    assert_eq!(scene.stands(), "dN>--..");
    assert_eq!(scene.step("announce")["events"], json!([1, 2, 3]));
    assert_eq!(codes(&scene.step("identify")), ["target_unknown"]);
    assert_eq!(codes(&scene.step("rollback")), ["undecided", "target_unknown"]);
    scene.tell(
        "stable_version_identified",
        json!({ "components": [{ "name": "checkout", "version": "2.4.0" }] }),
    );
    assert_eq!(scene.stands(), "ddN-->.");
    assert_eq!(scene.step("identify")["events"], json!([4]));
    assert_eq!(codes(&scene.step("rollback")), ["undecided"]);
    scene.tell("response_decided", json!({ "situations": ["service_down"], "chosen": "rollback" }));
    assert_eq!(
        scene.comes_next(),
        ["Nothing stands against it: record remedy_started of the rollback."]
    );
    scene.tell(
        "remedy_started",
        json!({ "kind": "rollback", "components": [{ "name": "checkout" }] }),
    );
    assert_eq!(scene.stands(), "ddN-->.");
    assert!(scene.comes_next()[0].starts_with("R1 still runs"), "{:?}", scene.comes_next());
    scene.tell(
        "remedy_finished",
        json!({ "remedy": "R1", "observed": [{ "name": "checkout", "version": "2.4.0" }] }),
    );
    assert_eq!(scene.stands(), "ddd--N>");
    assert_eq!(scene.step("rollback")["events"], json!([6, 7]));
    assert_eq!(codes(&scene.step("verify")), ["checks_missing"]);
    for check in ["health", "smoke"] {
        scene.tell("check_recorded", json!({ "check": check, "ok": true }));
    }
    assert_eq!(scene.comes_next(), ["Record checks_passed."]);
    scene.tell("checks_passed", json!({ "posted": { "channel": "#incidents" } }));
    assert_eq!(scene.stands(), "ddd--Nd");
    assert_eq!(codes(&scene.step("verify")), ["watch_too_short", "signal_missing"]);
    scene.later(15);
    for signal in ["http_5xx_rate", "p99_latency", "db_pool"] {
        scene.tell("check_recorded", json!({ "check": signal, "ok": true }));
    }
    assert_eq!(scene.comes_next(), ["Record resolved."]);
    scene.tell("resolved", json!({}));
    assert_eq!(scene.stands(), "ddd--dd");
    let guide = scene.guide();
    assert_eq!((guide.get("now"), &guide["comes_next"]), (None, &json!([])));
}

#[test]
fn what_was_passed_over_stays_open_and_is_still_said() {
    let mut scene = Scene::of(checkout());
    scene.tell("response_decided", json!({ "situations": ["service_down"], "chosen": "rollback" }));
    scene.tell(
        "remedy_started",
        json!({ "kind": "rollback", "components": [{ "name": "checkout", "to": "2.4.0" }] }),
    );
    assert_eq!(scene.stands(), ".dN-->.");
    assert_eq!(scene.step("announce")["waits_for"].as_array().unwrap().len(), 2);
}

#[test]
fn done_is_not_effective_and_the_guide_says_so() {
    let mut scene = Scene::of(checkout());
    scene.tell("response_decided", json!({ "situations": ["service_down"], "chosen": "rollback" }));
    scene.tell(
        "remedy_started",
        json!({ "kind": "rollback", "components": [{ "name": "checkout", "to": "2.4.0" }] }),
    );
    scene.tell(
        "remedy_finished",
        json!({ "remedy": "R1", "observed": [{ "name": "checkout", "version": "2.4.0" }] }),
    );
    assert!(!scene.comes_next()[0].contains("did not help"));
    scene.tell("effect_observed", json!({ "remedy": "R1", "effect": "none" }));
    assert_eq!(scene.step("rollback")["notes"], json!(["R1 is finished, and changed nothing."]));
    assert!(scene.comes_next()[0].contains("did not help"), "{:?}", scene.comes_next());
    scene.tell("effect_observed", json!({ "remedy": "R1", "effect": "effective" }));
    assert!(!scene.comes_next()[0].contains("did not help"));
    scene.tell("verification_started", json!({}));
    scene.tell("verification_failed", json!({ "reason": "Still 5xx." }));
    assert!(scene.comes_next()[0].contains("did not help"), "{:?}", scene.comes_next());
}

#[test]
fn a_reopened_incident_begins_again_with_what_is_known() {
    let mut scene = Scene::of(checkout());
    scene.tell("response_decided", json!({ "situations": ["service_down"], "chosen": "rollback" }));
    scene.tell(
        "remedy_started",
        json!({ "kind": "rollback", "components": [{ "name": "checkout", "to": "2.4.0" }] }),
    );
    scene.tell(
        "remedy_finished",
        json!({ "remedy": "R1", "observed": [{ "name": "checkout", "version": "2.4.0" }] }),
    );
    for check in ["health", "smoke"] {
        scene.tell("check_recorded", json!({ "check": check, "ok": true }));
    }
    scene.tell("checks_passed", json!({ "posted": { "channel": "#incidents" } }));
    scene.later(15);
    for signal in ["http_5xx_rate", "p99_latency", "db_pool"] {
        scene.tell("check_recorded", json!({ "check": signal, "ok": true }));
    }
    scene.tell("resolved", json!({}));
    scene.tell("reopened", json!({ "reason": "It is back." }));
    assert_eq!(scene.stands(), "N>.--..");
    assert_eq!(codes(&scene.step("rollback")), ["undecided", "target_unknown"]);
}

#[test]
fn a_resolution_is_told_and_a_status_page_that_was_posted_is_updated() {
    let mut scene = Scene::of(checkout());
    let page = |purpose: &str| json!({ "purposes": [purpose], "channel": "status page", "audience": "public" });
    scene.tell("update_posted", page("progress"));
    for check in ["health", "smoke"] {
        scene.tell("check_recorded", json!({ "check": check, "ok": true }));
    }
    scene.tell("checks_passed", json!({ "without_remedy_because": "It went away." }));
    scene.later(15);
    for signal in ["http_5xx_rate", "p99_latency", "db_pool"] {
        scene.tell("check_recorded", json!({ "check": signal, "ok": true }));
    }
    scene.tell("resolved", json!({}));
    assert_eq!(scene.guide()["now"], "resolution");
    assert_eq!(scene.comes_next().len(), 2, "{:?}", scene.comes_next());
    scene.tell("update_posted", json!({ "purposes": ["resolution"], "channel": "#incidents" }));
    assert_eq!(scene.comes_next().len(), 1);
    assert!(scene.comes_next()[0].contains("status page"), "{:?}", scene.comes_next());
    scene.tell("update_posted", page("resolution"));
    assert_eq!(scene.step("resolution")["standing"], "done");
    assert_eq!(scene.guide().get("now"), None);
}

#[test]
fn nothing_comes_next_in_a_cancelled_incident() {
    let mut scene = Scene::of(checkout());
    scene.tell("cancelled", json!({ "why": "false_alarm" }));
    assert_eq!(scene.stands(), "-------");
    assert_eq!(scene.comes_next(), [""; 0]);
}

#[test]
fn the_first_scenario_rolls_the_image_back_and_leaves_the_database_alone() {
    let mut scene = in_scenario("bad_deploy");
    let scenario = scene.guide()["scenario"].clone();
    assert_eq!(scenario["title"], "Bad Deploy (Application Error)");
    assert_eq!(scenario["recovery_minutes"], json!([2, 5]));
    assert_eq!(scenario["symptoms"].as_array().unwrap().len(), 2);
    assert_eq!(scene.remedy("rollback")["standing"], "next");
    assert_eq!(scene.step("migrations")["standing"], "not_applicable");
    scene.tell("response_decided", json!({ "situations": ["service_down"], "chosen": "rollback" }));
    scene.tell(
        "remedy_started",
        json!({ "kind": "rollback", "components": [{ "name": "checkout", "to": "2.4.0" }] }),
    );
    let expected = json!({ "kind": "rollback", "standing": "now", "attempts": [{ "remedy": "R1", "state": "running" }] });
    assert_eq!(scene.remedy("rollback"), expected);
}

#[test]
fn the_second_scenario_has_the_code_first_two_checks_and_a_backup_when_data_are_gone() {
    let mut scene = in_scenario("db_migration_failure");
    let guide = scene.guide();
    let kinds: Vec<&str> = guide["scenario"]["remedies"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["rollback", "migration_downgrade", "backup_restore"]);
    let met = |code: &str, met| (code.to_owned(), met);
    assert_eq!(
        scene.first("rollback"),
        [
            met("target_unknown", false),
            met("target_is_current", true),
            met("schema_unchecked", false)
        ]
    );
    assert_eq!(
        scene.first("migration_downgrade"),
        [
            met("schema_unchecked", false),
            met("cause_unconfirmed", false),
            met("destructive", true),
            met("code_first", false),
        ]
    );
    // The first compatibility check: the old code runs on the schema as it is now.
    scene.tell(
        "schema_checked",
        json!({ "migration": "ab12", "is_cause": true, "on_current": true }),
    );
    scene.tell("response_decided", json!({ "situations": ["service_down"], "chosen": "rollback" }));
    assert_eq!(
        scene.first("rollback"),
        [
            met("target_unknown", false),
            met("target_is_current", true),
            met("schema_unchecked", true)
        ]
    );
    assert_eq!(scene.stands(), "N>..-..");
    scene.tell(
        "remedy_started",
        json!({ "kind": "rollback", "components": [{ "name": "checkout", "to": "2.4.0" }] }),
    );
    assert!(scene.first("migration_downgrade").contains(&met("code_first", false)));
    scene.tell(
        "remedy_finished",
        json!({ "remedy": "R1", "observed": [{ "name": "checkout", "version": "2.4.0" }] }),
    );
    assert_eq!(scene.stands(), ".ddN->.");
    // The second one: it runs on the schema that the downgrade leads to.
    assert_eq!(codes(&scene.step("migrations")), ["schema_unchecked"]);
    scene.tell(
        "schema_checked",
        json!({ "migration": "ab12", "is_cause": true, "on_target": true }),
    );
    assert!(scene.first("migration_downgrade").iter().all(|(_, met)| *met));
    assert_eq!(scene.remedy("migration_downgrade")["standing"], "next");
    // What is destroyed comes back from a backup, not by a downgrade.
    scene.tell(
        "schema_checked",
        json!({ "migration": "ab12", "is_cause": true, "on_target": true, "destructive": true }),
    );
    assert_eq!(scene.remedy("migration_downgrade")["standing"], "not_applicable");
    assert_eq!(scene.remedy("backup_restore")["standing"], "next");
    assert_eq!(codes(&scene.step("migrations")), ["destructive"]);
    scene.tell("remedy_started", json!({ "kind": "backup_restore", "backup": "nightly" }));
    scene.tell("remedy_finished", json!({ "remedy": "R2" }));
    assert_eq!(scene.stands(), ".ddd-N>");
}

#[test]
fn the_third_scenario_reverts_the_configuration_in_place_of_the_rollback() {
    let mut scene = in_scenario("configuration_error");
    assert_eq!(scene.stands(), "N->--..");
    assert_eq!(scene.guide()["scenario"]["recovery_minutes"], json!([2, 10]));
    scene.tell(
        "response_decided",
        json!({ "situations": ["service_down"], "chosen": "config_revert" }),
    );
    let step = scene.step("rollback");
    assert_eq!(step["notes"], json!(["Here config_revert takes the place of the rollback."]));
    scene.tell("remedy_started", json!({ "kind": "config_revert", "what": "DATABASE_URL" }));
    scene.tell("remedy_finished", json!({ "remedy": "R1" }));
    assert_eq!(scene.remedy("config_revert")["standing"], "done");
    assert_eq!(scene.remedy("restart")["standing"], "next");
    assert_eq!(scene.stands(), ".-d--N>");
}

#[test]
fn the_fourth_scenario_scales_first_and_knows_a_rollback() {
    let scene = in_scenario("resource_exhaustion");
    assert_eq!(scene.remedy("scale")["standing"], "next");
    assert_eq!(scene.remedy("rollback")["standing"], "open");
    assert_eq!(scene.guide()["scenario"]["recovery_minutes"], json!([5, 15]));
    assert_eq!(scene.stands(), "N>.--..");
}

#[test]
fn symptoms_and_reason_suggest_a_scenario_until_one_is_named() {
    let mut scene = Scene::of(
        json!({ "service": "checkout", "reason": "connection refused", "symptoms": ["5xx"] }),
    );
    let guide = scene.guide();
    let names: Vec<&str> = guide["suggestions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["scenario"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["bad_deploy", "configuration_error"]);
    assert_eq!(guide.get("scenario"), None);
    scene.tell(
        "response_decided",
        json!({ "situations": [], "chosen": "config_revert", "scenario": "configuration_error" }),
    );
    let guide = scene.guide();
    assert_eq!(guide.get("suggestions"), None);
    assert_eq!(guide["scenario"]["scenario"], "configuration_error");
}

#[test]
fn a_flag_is_preferred_as_soon_as_a_decision_says_that_there_is_one() {
    let mut scene = Scene::of(checkout());
    assert_eq!(scene.step("flags")["standing"], "not_applicable");
    scene.tell("response_decided", json!({ "situations": ["service_down"], "chosen": "rollback", "measured": { "flag": true } }));
    let step = scene.step("flags");
    assert_ne!(step["standing"], "not_applicable");
    assert!(step["notes"][0].as_str().unwrap().contains("preferred"), "{step}");
    assert!(step["says"][0].as_str().unwrap().contains("should be preferred when possible"));
    scene.tell(
        "response_decided",
        json!({ "situations": ["feature_misbehaves"], "chosen": "flag_off" }),
    );
    assert_eq!(scene.stands(), "N--->..");
    scene.tell(
        "remedy_started",
        json!({ "kind": "flag_off", "flags": ["new-checkout", "new-cart"] }),
    );
    assert_eq!(scene.stands(), ".---N>.");
    let commands = scene.step("flags")["commands"].clone();
    let runs: Vec<&str> =
        commands.as_array().unwrap().iter().map(|it| it["run"].as_str().unwrap()).collect();
    assert_eq!(runs.len(), 2, "a command for each flag");
    assert!(runs[0].contains("/api/flags/new-checkout \\"), "{}", runs[0]);
    assert!(runs[0].contains("Bearer ${FLAGS_API_TOKEN}"), "the shell fills its own: {}", runs[0]);
    assert!(runs[1].contains("/api/flags/new-cart \\"), "{}", runs[1]);
}

#[test]
fn a_migration_that_is_not_the_cause_stays_where_it_is() {
    let mut scene = in_scenario("db_migration_failure");
    assert_ne!(scene.step("migrations")["standing"], "not_applicable");
    scene.tell("schema_checked", json!({ "migration": "ab12", "is_cause": false }));
    let step = scene.step("migrations");
    assert_eq!((&step["standing"], &step["events"]), (&json!("not_applicable"), &json!([2])));
}

#[test]
fn commands_for_kubernetes_are_filled_in_by_catalogue_and_facts() {
    let mut scene = Scene::of(checkout());
    assert_eq!(scene.guide()["service"]["known"], true);
    let rollback = json!({ "platform": "kubernetes", "says": "Rollback to the previous revision",
        "run": "kubectl rollout undo deployment/checkout -n shop" });
    assert_eq!(scene.step("rollback")["commands"], json!([rollback]));
    assert_eq!(
        scene.command("identify")["run"],
        "kubectl rollout history deployment/checkout -n shop"
    );
    assert_eq!(
        scene.command("verify")["run"],
        "python scripts/health-check.py --url https://checkout.example.com/health\n\
         ./scripts/smoke-test.sh https://checkout.example.com/health"
    );
    assert_eq!(scene.step("verify")["queries"], json!({ "http_5xx_rate": "rate(http_5xx[5m])" }));
    let downgrade = scene.command("migrations");
    assert_eq!(downgrade["unfilled"], json!(["migration"]));
    scene.tell(
        "remedy_planned",
        json!({ "kind": "migration_downgrade", "from": "ab12", "to": "9f01" }),
    );
    let downgrade = scene.command("migrations");
    assert_eq!(downgrade["run"], "alembic current\nalembic downgrade 9f01\nalembic current");
    assert_eq!(downgrade.get("unfilled"), None);
}

#[test]
fn commands_for_compose_name_the_version_that_is_gone_back_to() {
    let mut scene = Scene::of(
        json!({ "service": "billing", "reason": "5xx", "running": "2.4.1", "previous": "2.4.0" }),
    );
    let command = scene.command("rollback");
    assert_eq!(command["platform"], "compose");
    assert_eq!(command["unfilled"], json!(["to"]), "what was there before is not yet stable");
    scene.tell(
        "stable_version_identified",
        json!({ "components": [{ "name": "billing", "version": "2.4.0" }] }),
    );
    let command = scene.command("rollback");
    assert!(
        command["run"].as_str().unwrap().starts_with("export IMAGE_TAG=\"2.4.0\"\n"),
        "{command}"
    );
    assert_eq!(scene.command("verify")["unfilled"], json!(["url"]), "the catalogue has no URL");
}

#[test]
fn the_words_to_post_name_service_versions_and_reason_before_and_after() {
    let mut scene = Scene::of(checkout());
    let says = |scene: &Scene, step: &str| scene.step(step)["says"][0].as_str().unwrap().to_owned();
    assert!(
        says(&scene, "announce")
            .contains("rollback of checkout from 2.4.1 to {to}. Reason: 5xx after 2.4.1.")
    );
    scene.tell("response_decided", json!({ "situations": ["service_down"], "chosen": "rollback" }));
    scene.tell(
        "remedy_started",
        json!({ "kind": "rollback", "components": [{ "name": "checkout", "to": "2.4.0" }] }),
    );
    scene.tell(
        "remedy_finished",
        json!({ "remedy": "R1", "observed": [{ "name": "checkout", "version": "2.4.0" }] }),
    );
    assert!(
        says(&scene, "announce").contains("from 2.4.1 to 2.4.0"),
        "{}",
        says(&scene, "announce")
    );
    assert!(says(&scene, "resolution").contains("Service restored to 2.4.0."));
}

#[test]
fn an_unknown_service_is_said_and_its_commands_keep_their_placeholders() {
    let scene = Scene::of(json!({ "service": "mystery", "reason": "5xx" }));
    let guide = scene.guide();
    assert_eq!(guide["service"]["known"], false);
    assert!(guide["service"]["note"].as_str().unwrap().contains("mystery is not in the catalogue"));
    let commands = scene.step("rollback")["commands"].clone();
    let platforms: Vec<&str> =
        commands.as_array().unwrap().iter().map(|it| it["platform"].as_str().unwrap()).collect();
    assert_eq!(platforms, ["compose", "kubernetes"]);
    assert_eq!(commands[1]["run"], "kubectl rollout undo deployment/mystery -n {namespace}");
    assert_eq!(commands[1]["unfilled"], json!(["namespace"]));
}

/// Values that people might be given by whoever names a version.
const HOSTILE: &[&str] = &[
    "1;rm -rf",
    "$(touch pwned)",
    "`touch pwned`",
    "'; touch pwned; '",
    "\"; touch pwned; \"",
    "a b",
    "a'b",
    "a\"b",
    "a\\",
    "\\'; touch pwned #",
    "${HOME}",
    "$HOME",
    "*",
    "~",
    "&& touch pwned",
    "| touch pwned",
    "> pwned",
    "!!",
    "#",
    "''",
    "\u{202e}",
    "é",
    "%s",
];

fn filled(command: &str, to: &str) -> Value {
    let quoted = serde_json::to_string(command).unwrap();
    let text = format!(
        "{BUILT_IN_TEXT}\n[[commands]]\nstep = \"announce\"\nsays = \"Try\"\nrun = {quoted}\n"
    );
    let mut scene = Scene::under(&text, json!({ "service": "web", "reason": "5xx" }));
    let stable = json!({ "components": [{ "name": "web", "version": to }] });
    scene.tell("stable_version_identified", stable);
    scene.command("announce")
}

#[test]
fn a_hostile_value_is_one_word_of_the_command_that_is_pasted_and_nothing_more() {
    let folder = std::env::temp_dir().join(format!("allclear-guide-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    for value in HOSTILE {
        for template in ["printf '%s' {to}", "printf '%s' \"{to}\"", "printf '%s' '{to}'"] {
            let command = filled(template, value);
            assert_eq!(command.get("unfilled"), None, "{command}");
            for shell in ["sh", "bash"] {
                let run = command["run"].as_str().unwrap();
                let output =
                    Command::new(shell).arg("-c").arg(run).current_dir(&folder).output().unwrap();
                assert_eq!(String::from_utf8(output.stdout).unwrap(), *value, "{shell}: {run}");
                assert!(output.status.success() && output.stderr.is_empty(), "{shell}: {run}");
            }
        }
    }
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0, "something was run");
    std::fs::remove_dir(&folder).unwrap();
}

#[test]
fn a_hostile_value_is_left_out_where_a_shell_would_read_it_again() {
    let templates = [
        "ssh host restart {to}",
        "sh -c 'restart {to}'",
        "bash -lc \"restart {to}\"",
        "eval restart {to}",
        "echo \"$(restart {to})\"",
        "echo `restart {to}`",
        "echo ${TAG:-{to}}",
        "cat <<END\n{to}\nEND",
        "echo $'{to}'",
        "echo \\{to}",
        "# It's {to}\n",
        "kubectl exec web -- sh -c \"restart {to}\"",
        "sed \"s/tag/{to}/\" file",
        "/bin/sh run.sh {to}",
        "x=1; # comment\necho {to}",
    ];
    for template in templates {
        let command = filled(template, "1;rm -rf");
        assert_eq!(command["run"], template, "it stays as it is");
        assert_eq!(command["unfilled"], json!(["to"]));
        let command = filled(template, "2.4.0");
        assert_eq!(command["run"], template.replace("{to}", "2.4.0"), "a plain value is harmless");
    }
}

#[test]
fn a_value_that_a_command_would_take_for_an_option_is_left_out() {
    let command = filled("alembic downgrade {to}", "--sql");
    assert_eq!(
        (&command["run"], &command["unfilled"]),
        (&json!("alembic downgrade {to}"), &json!(["to"]))
    );
}

#[test]
fn the_compose_command_of_the_built_in_runbook_holds_a_hostile_version() {
    let mut scene = Scene::of(json!({ "service": "billing", "reason": "5xx" }));
    let stable = json!({ "components": [{ "name": "billing", "version": "1;rm -rf" }] });
    scene.tell("stable_version_identified", stable);
    let run = scene.command("rollback")["run"].as_str().unwrap().to_owned();
    assert!(run.starts_with("export IMAGE_TAG=\"\"'1;rm -rf'\"\"\n"), "{run}");
}

#[test]
fn a_runbook_with_fewer_steps_guides_through_those() {
    let (before, rest) = BUILT_IN_TEXT.split_once("[[steps]]\nstep = \"flags\"").unwrap();
    let after = rest.split_once("[[steps]]\nstep = \"verify\"").unwrap().1;
    let text = format!("{before}[[steps]]\nstep = \"verify\"{after}");
    let (before, rest) = text.split_once("[[commands]]\nstep = \"flags\"").unwrap();
    let after = rest.split_once("[[commands]]\nstep = \"verify\"").unwrap().1;
    let text = format!("{before}[[commands]]\nstep = \"verify\"{after}");
    let scene = Scene::under(&text, checkout());
    assert_eq!(scene.stands(), "N>.-..");
}
