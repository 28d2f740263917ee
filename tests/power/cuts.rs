//! The power cuts, and the defect that they must find.

use crate::load::{Defect, Disk, Findings, Kind, Load, Trial, planted};
use crate::outside::{Scratch, Server, skip};
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

/// What some power cuts find wrong with a planted service; none when there is no disk for it.
fn found(kind: Kind, defect: Defect) -> Option<Findings> {
    let mut findings = Findings::new();
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
        let journal = findings.load(server, cycle, cut(&disk));
        disk.mount_again();
        findings.judge(&data, &journal);
    }
    println!("{defect:?} on {kind:?}: {} of {FOUND_OUT_MAX} cuts lost something", findings.losses);
    Some(findings)
}

#[test]
fn a_service_that_does_not_wait_for_the_disk_is_found_out() {
    for kind in [Kind::Ext4, Kind::Xfs] {
        let Some(found) = found(kind, Defect::Lax) else { return };
        assert!(found.losses > 0, "{FOUND_OUT_MAX} cuts found nothing lost");
    }
}

#[test]
fn the_same_service_that_waits_is_not() {
    for kind in [Kind::Ext4, Kind::Xfs] {
        let Some(found) = found(kind, Defect::None) else { return };
        assert_eq!((found.wrong, found.losses), (Vec::new(), 0));
    }
}
