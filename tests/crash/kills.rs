//! The kills, and the defect that they must find.

use crate::load::{Defect, Load, Outsider, Trial, judge, lost, planted};
use crate::outside::{Actor, Scratch};

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

/// What is found wrong with a planted service after a kill, and how much was acknowledged and lost.
fn kill(defect: Defect, cycle: u64, outsider: &mut Outsider) -> (Vec<String>, usize) {
    let scratch = Scratch::new();
    let server = planted(&scratch.data(), defect);
    let incidents: Vec<String> = (1..=20).map(|number| format!("INC-{number}")).collect();
    let load = Load::new(&incidents, cycle);
    let ana = Actor::new(server.address, "");
    let journal = load.until(&ana, |_| server.kill());
    let log = outsider.read(&scratch.data());
    (judge(&journal, &log), lost(&journal, &log).1)
}

#[test]
fn a_service_that_answers_before_it_commits_is_found_out() {
    let mut outsider = Outsider::new();
    let is_found_out = |cycle| kill(Defect::Early, cycle, &mut outsider).1 > 0;
    let kills = (0..FOUND_OUT_MAX).position(is_found_out);
    println!("found out by kill {:?}", kills.map(|before| before + 1));
    assert!(kills.is_some(), "{FOUND_OUT_MAX} kills found nothing lost");
}

#[test]
fn the_same_service_without_that_defect_is_not() {
    let mut outsider = Outsider::new();
    for cycle in 0..SOUND {
        assert_eq!(kill(Defect::None, cycle, &mut outsider), (Vec::new(), 0));
    }
}
