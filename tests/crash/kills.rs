//! The kills, and the defect that they must find.

use crate::load::{Defect, Findings, Trial, planted};
use crate::outside::Scratch;

const KILLS: u64 = 100;

/// Within how many kills a service that answers before it commits must be found out.
const FOUND_OUT_MAX: u64 = 20;

/// How many kills a service without a defect must stand for the others to be found out by theirs.
const SOUND: u64 = 5;

#[test]
fn nothing_acknowledged_is_lost_halved_or_doubled_by_a_hundred_kills() {
    let scratch = Scratch::new();
    let (mut trial, mut server) = Trial::start(&scratch.data());
    let started = std::time::Instant::now();
    for cycle in 0..KILLS {
        trial.load(server, cycle, |_, server| server.kill());
        server = trial.judge(cycle);
    }
    println!("{KILLS} kills in {:?}, {}", started.elapsed(), trial.told());
    trial.assert_met();
    trial.end(server);
}

/// Kills a planted service under load.
fn kill(defect: Defect, cycle: u64, findings: &mut Findings) {
    let scratch = Scratch::new();
    let server = planted(&scratch.data(), defect);
    let journal = findings.load(server, cycle, |_, server| server.kill());
    findings.judge(&scratch.data(), &journal);
}

#[test]
fn a_service_that_answers_before_it_commits_is_found_out() {
    let mut findings = Findings::new();
    let is_found_out = |cycle| {
        kill(Defect::Early, cycle, &mut findings);
        findings.losses > 0
    };
    let kills = (0..FOUND_OUT_MAX).position(is_found_out);
    println!("found out by kill {:?}", kills.map(|before| before + 1));
    assert!(kills.is_some(), "{FOUND_OUT_MAX} kills found nothing lost");
}

#[test]
fn the_same_service_without_that_defect_is_not() {
    let mut findings = Findings::new();
    (0..SOUND).for_each(|cycle| kill(Defect::None, cycle, &mut findings));
    assert_eq!((findings.wrong, findings.losses), (Vec::new(), 0));
}
