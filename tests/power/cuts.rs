//! The power cuts, and the defect that they must find.

use crate::load::{Defect, Disk, Kind, Load, Outsider, Trial, judge, lost, planted};
use crate::outside::{Actor, Scratch, Server, skip};
use std::process::Command;
use std::time::Instant;

/// On each of the two file systems.
const CUTS: u64 = 30;

/// Within how many cuts a service that does not wait for the disk must be found out.
const FOUND_OUT_MAX: u64 = 5;

/// Whoever reads an answer after the cut may have been told of what was only in memory then.
pub fn cut(disk: &Disk) -> impl FnOnce(&Load<'_>, Server) {
    let cutter = disk.cutter();
    move |load, server| {
        load.deafen();
        cutter.cut();
        server.kill();
    }
}

fn stands_power_cuts(kind: Kind) {
    let scratch = Scratch::new();
    let disk = match Disk::make(kind, scratch.path()) {
        Ok(disk) => disk,
        Err(why) => return skip(&format!("no file system of one's own: {why}")),
    };
    let (mut trial, mut server) = Trial::start(&disk.folder().join("data"));
    let started = Instant::now();
    for cycle in 0..CUTS {
        trial.load(server, cycle, cut(&disk));
        disk.mount_again();
        server = trial.judge(cycle);
    }
    println!("{CUTS} power cuts on {kind:?} in {:?}, {}", started.elapsed(), trial.told());
    trial.assert_met();
    trial.end(server);
}

#[test]
fn nothing_acknowledged_is_lost_by_power_cuts_on_ext4() {
    stands_power_cuts(Kind::Ext4);
}

#[test]
fn nothing_acknowledged_is_lost_by_power_cuts_on_xfs() {
    stands_power_cuts(Kind::Xfs);
}

/// What is found wrong with a planted service after each of some power cuts, and how many of the
/// cuts lost something acknowledged; none when there is no disk for it.
fn found(kind: Kind, defect: Defect) -> Option<(Vec<String>, u64)> {
    let mut outsider = Outsider::new();
    let (mut wrong, mut losses) = (Vec::new(), 0);
    let incidents: Vec<String> = (1..=20).map(|number| format!("INC-{number}")).collect();
    for cycle in 0..FOUND_OUT_MAX {
        let scratch = Scratch::new();
        let disk = match Disk::make(kind, scratch.path()) {
            Ok(disk) => disk,
            Err(why) => {
                skip(&format!("no file system of one's own: {why}"));
                return None;
            }
        };
        let data = disk.folder().join("data");
        let server = planted(&data, defect);
        // The power does not fail in the second in which the log is made.
        assert!(Command::new("sync").arg("-f").arg(&data).status().unwrap().success());
        let ana = Actor::new(server.address, "");
        let cut = cut(&disk);
        let journal = Load::new(&incidents, cycle).until(&ana, |load| cut(load, server));
        disk.mount_again();
        let log = outsider.read(&data);
        wrong.extend(judge(&journal, &log));
        losses += u64::from(lost(&journal, &log).1 > 0);
    }
    println!("{defect:?} on {kind:?}: {losses} of {FOUND_OUT_MAX} cuts lost something");
    Some((wrong, losses))
}

#[test]
fn a_service_that_does_not_wait_for_the_disk_is_found_out() {
    for kind in [Kind::Ext4, Kind::Xfs] {
        let Some((_, losses)) = found(kind, Defect::Lax) else { return };
        assert!(losses > 0, "{FOUND_OUT_MAX} cuts found nothing lost");
    }
}

#[test]
fn the_same_service_that_waits_is_not() {
    for kind in [Kind::Ext4, Kind::Xfs] {
        let Some(found) = found(kind, Defect::None) else { return };
        assert_eq!(found, (Vec::new(), 0));
    }
}
