//! A wall clock that is set while the service runs (promises P13), with libfaketime: the service
//! asks the operating system as always, and is told another time.

use crate::outside::{
    Actor, Scratch, Server, allclear, announce, append, events_of, note, skip, until,
};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

const HOUR: i64 = 3_600;

/// A quarter of an hour before 32 bits of seconds run out, in 2038.
const BEFORE_THE_END: i64 = (1 << 31) - 900;

/// The second day and nearly the last one to which Linux lets anybody set a clock.
const IN_1970: i64 = 86_400;
const IN_2232: i64 = 8_276_000_000;

const IN_2100: i64 = 4_102_444_800;

/// How much time may lie between the clock that is set and what is recorded, in seconds.
const NEAR: i64 = 10;

/// Which clocks of a service are in the hands of a test.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Moved {
    /// The one on the wall.
    Wall,
    /// The monotonic one with it, so that the service has nothing to hold the other against: the
    /// defect that these tests must find.
    Both,
}

/// The clock of a service, in the hands of a test.
struct Wall {
    file: PathBuf,
    library: PathBuf,
}

impl Wall {
    /// None when the library is not here.
    fn hang(scratch: &Scratch) -> Option<Wall> {
        let library = library()?;
        let wall = Wall { file: scratch.path().join("clock"), library };
        wall.set(0);
        Some(wall)
    }

    /// The clock is that many seconds ahead of the machine's from now on.
    fn set(&self, ahead: i64) {
        let new = self.file.with_extension("new");
        std::fs::write(&new, format!("{ahead:+}")).unwrap();
        std::fs::rename(&new, &self.file).unwrap();
    }

    /// A server that looks at this clock; its monotonic one is the machine's, as a rule.
    fn server(&self, data: &Path, moved: Moved) -> Server {
        let mut serve = allclear();
        serve.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(data);
        serve.env("LD_PRELOAD", &self.library).env("FAKETIME_TIMESTAMP_FILE", &self.file);
        serve.env("FAKETIME_NO_CACHE", "1").env("NO_FAKE_STAT", "1");
        serve.env("ALLCLEAR_NO_REMINDERS", "true");
        if moved == Moved::Wall {
            serve.env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        }
        Server::of(serve, data)
    }
}

/// Where the system keeps it: `/usr/lib/x86_64-linux-gnu/faketime`, or one of its like.
fn library() -> Option<PathBuf> {
    let places = ["/usr/lib", "/usr/lib64", "/usr/local/lib"].map(PathBuf::from);
    let below = places.iter().filter_map(|place| std::fs::read_dir(place).ok()).flatten();
    let below = below.filter_map(|entry| Some(entry.ok()?.path()));
    let candidates = below.map(|place| place.join("faketime")).chain(places.clone());
    let files = candidates.flat_map(|place| {
        [place.join("libfaketimeMT.so.1"), place.join("faketime/libfaketimeMT.so.1")]
    });
    files.into_iter().find(|file| file.exists())
}

const ABSENT: &str = "libfaketime is not here";

fn now() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    i64::try_from(since.as_secs()).unwrap()
}

/// The steps of the clock that are on record, in seconds, and against what each was seen.
fn steps(admin: &Actor) -> Vec<(i64, String)> {
    let acts = admin.get("/v1/incidents/SYS/events").is(200);
    let steps = acts["events"].as_array().unwrap().clone();
    let steps = steps.iter().filter(|act| act["type"] == "clock_stepped");
    let step = |act: &Value| {
        let micros = act["data"]["step_us"].as_i64().unwrap();
        let against = act["data"]["against"].as_str().unwrap().to_owned();
        ((micros + micros.signum() * 500_000) / 1_000_000, against)
    };
    steps.map(step).collect()
}

/// Whether these are the steps expected, of which the time between two readings is a part.
fn are(found: &[(i64, String)], expected: &[(i64, &str)]) -> bool {
    let is_near = |(found, expected): (&(i64, String), &(i64, &str))| {
        (found.0 - expected.0).abs() <= NEAR && found.1 == expected.1
    };
    found.len() == expected.len() && found.iter().zip(expected).all(is_near)
}

fn assert_steps(found: &[(i64, String)], expected: &[(i64, &str)]) {
    assert!(are(found, expected), "{found:?}, {expected:?}");
}

/// Appends, and holds the moment that is recorded against the clock that was set.
fn append_at(ana: &Actor, ahead: i64) {
    let recorded = append(ana, "INC-1", &note("a")).is(201);
    let at = recorded["events"][0]["recorded_at"].as_str().unwrap().to_owned();
    let at = allclear::incident::time::Instant::parse(&at).unwrap().moment().0 / 1_000_000;
    assert!((at - now() - ahead).abs() <= NEAR, "{at}, {ahead} ahead of {}", now());
}

#[test]
fn a_clock_that_jumps_by_an_hour_and_back_is_recorded_as_it_was_and_each_jump_is_told() {
    let scratch = Scratch::new();
    let Some(wall) = Wall::hang(&scratch) else { return skip(ABSENT) };
    let server = wall.server(&scratch.data(), Moved::Wall);
    let ana = server.responder("ana");
    announce(&ana);
    for ahead in [HOUR, 0, -HOUR, 0] {
        wall.set(ahead);
        append_at(&ana, ahead);
    }
    let monotonic = |step: i64| (step, "monotonic");
    assert_steps(&steps(&server.admin()), &[HOUR, -HOUR, -HOUR, HOUR].map(monotonic));
    let told = server.admin().get("/v1/incidents/SYS/timeline?format=text").text();
    assert_eq!(told.matches("The clock stepped by").count(), 4, "{told}");
    let events = ana.get(&events_of("INC-1")).is(200);
    let versions: Vec<&Value> =
        events["events"].as_array().unwrap().iter().map(|event| &event["version"]).collect();
    assert_eq!(versions, [&json!(1), &json!(2), &json!(3), &json!(4), &json!(5)]);
    assert!(server.stop().status.success());

    // Set back while nothing ran: seen against the last event of the log.
    wall.set(-HOUR);
    let server = wall.server(&scratch.data(), Moved::Wall);
    assert_steps(&steps(&server.admin())[4..], &[(-HOUR, "log")]);
    append_at(&ana.at(server.address), -HOUR);
    assert!(server.stop().status.success());
    let verified = allclear().args(["verify", "--data"]).arg(scratch.data()).output().unwrap();
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
}

#[test]
fn a_clock_that_passes_the_end_of_32_bits_and_comes_back_goes_on() {
    let scratch = Scratch::new();
    let Some(wall) = Wall::hang(&scratch) else { return skip(ABSENT) };
    let ahead = BEFORE_THE_END - now();
    wall.set(ahead);
    let server = wall.server(&scratch.data(), Moved::Wall);
    let ana = server.responder("ana");
    announce(&ana);
    for step in [HOUR, 0] {
        wall.set(ahead + step);
        append_at(&ana, ahead + step);
    }
    assert_steps(&steps(&server.admin()), &[(HOUR, "monotonic"), (-HOUR, "monotonic")]);
    assert!(server.stop().status.success());
}

#[test]
fn a_clock_that_is_wrong_by_many_years_and_put_right_leaves_nothing_wrong() {
    let scratch = Scratch::new();
    let Some(wall) = Wall::hang(&scratch) else { return skip(ABSENT) };
    let server = wall.server(&scratch.data(), Moved::Wall);
    let ana = server.responder("ana");
    announce(&ana);
    for at in [BEFORE_THE_END, IN_2100, IN_2232] {
        wall.set(at - now());
        // By such a clock every credential has ended; nothing but that is refused.
        until("the clock is seen", || append(&ana, "INC-1", &note("a")).status == 401);
        assert_eq!(server.nobody().get("/livez").status, 200);
        wall.set(0);
        append_at(&ana, 0);
    }
    for ahead in [IN_1970 - now(), 0] {
        wall.set(ahead);
        append_at(&ana, ahead);
    }
    assert_eq!(ana.get("/v1/incidents/INC-1").is(200)["version"], 6);
    let ended = server.stop();
    assert!(ended.status.success() && !ended.stderr.contains("panicked"), "{}", ended.stderr);
}

#[test]
fn a_service_that_has_no_other_clock_to_hold_it_against_is_found_out() {
    let scratch = Scratch::new();
    let Some(wall) = Wall::hang(&scratch) else { return skip(ABSENT) };
    let server = wall.server(&scratch.data(), Moved::Both);
    let ana = server.responder("ana");
    announce(&ana);
    wall.set(HOUR);
    // By its clock the connection has been idle for an hour: it may be gone.
    let at_last = || ana.clone().try_send("GET", "/v1/incidents/INC-1", None).is_ok();
    until("it takes requests again", at_last);
    append_at(&ana.clone(), HOUR);
    assert!(!are(&steps(&server.admin()), &[(HOUR, "monotonic")]));
}
