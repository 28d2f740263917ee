//! Syncs that really fail: the disk is an image in a folder that has no room left, so the page
//! cache takes what is written and cannot write it back.
//!
//! Where only the call is made to fail, the page cache still has what the disk has. Here it has
//! more: whoever starts again and builds upon that loses what is acknowledged *next*.

use crate::cuts::cut;
use crate::load::{Defect, Disk, Findings, Kind, Load, Trial, done, planted};
use crate::outside::{Scratch, Server, skip};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

const RUNS: u64 = 10;

/// Within how many runs a service that builds upon what is not on the disk must be found out.
const FOUND_OUT_MAX: u64 = 5;

/// From the last free block to the end of the process: some turns, and the promised second.
const END_MAX: Duration = Duration::from_secs(2);

/// A small file system in memory, for the image of a disk. Unmounted when dropped.
struct Room(PathBuf);

impl Room {
    fn make(scratch: &Path) -> Result<Room, String> {
        let room = scratch.join("room");
        std::fs::create_dir(&room).unwrap();
        done(Command::new("mount").args(["-t", "tmpfs", "-o", "size=24m", "tmpfs"]).arg(&room))?;
        Ok(Room(room))
    }

    /// Takes all of it.
    fn fill(&self) {
        let mut ballast = std::fs::File::create(self.ballast()).unwrap();
        while ballast.write_all(&[1; 4096]).is_ok() {}
    }

    /// Gives it back.
    fn free(&self) {
        std::fs::remove_file(self.ballast()).unwrap();
    }

    fn ballast(&self) -> PathBuf {
        self.0.join("ballast")
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        let _ = done(Command::new("umount").arg("--lazy").arg(&self.0));
    }
}

/// Takes the room from under the service, and sees that it ends by itself.
fn fail(room: &Room) -> impl FnOnce(&Load<'_>, Server) {
    |_, mut server| {
        room.fill();
        let since = Instant::now();
        let ended = server.ended();
        assert_eq!(ended.status.code(), Some(70), "{}", ended.stderr);
        assert!(since.elapsed() < END_MAX, "it ended after {:?}", since.elapsed());
        room.free();
    }
}

fn thin_disk(scratch: &Scratch) -> Result<(Room, Disk), String> {
    let room = Room::make(scratch.path())?;
    let disk = Disk::make(Kind::Thin, &room.0)?;
    Ok((room, disk))
}

#[test]
fn nothing_acknowledged_is_lost_by_syncs_that_fail_nor_by_a_power_cut_after_them() {
    let started = Instant::now();
    for run in 0..RUNS {
        let scratch = Scratch::new();
        let (room, disk) = match thin_disk(&scratch) {
            Ok(made) => made,
            Err(why) => return skip(&format!("no thin disk: {why}")),
        };
        let (mut trial, server) = Trial::start(&disk.folder().join("data"));
        trial.load(server, 2 * run, fail(&room));
        let server = trial.judge(0);
        trial.load(server, 2 * run + 1, cut(&disk));
        disk.mount_again();
        let server = trial.judge(1);
        println!("run {run}: {}", trial.told());
        trial.end(server);
    }
    println!("{RUNS} syncs that failed, in {:?}", started.elapsed());
}

/// What some syncs that failed, each with a start and a power cut after it, find wrong with a
/// planted service; none when there is no disk for it.
fn found(defect: Defect) -> Option<Findings> {
    let mut findings = Findings::new();
    for run in 0..FOUND_OUT_MAX {
        let scratch = Scratch::new();
        let (room, disk) = match thin_disk(&scratch) {
            Ok(made) => made,
            Err(why) => {
                skip(&format!("no thin disk: {why}"));
                return None;
            }
        };
        let data = disk.folder().join("data");
        let mut journal = findings.load(planted(&data, defect), 2 * run, fail(&room));
        journal.extend(findings.load(planted(&data, defect), 2 * run + 1, cut(&disk)));
        disk.mount_again();
        findings.judge(&data, &journal);
    }
    println!("{defect:?}: {} of {FOUND_OUT_MAX} syncs that failed lost something", findings.losses);
    Some(findings)
}

#[test]
fn a_service_that_builds_upon_what_is_not_on_the_disk_is_found_out() {
    let Some(found) = found(Defect::Trusting) else { return };
    assert!(found.losses > 0, "{FOUND_OUT_MAX} runs found nothing lost");
}

#[test]
fn the_same_service_that_makes_it_durable_first_is_not() {
    let Some(found) = found(Defect::None) else { return };
    assert_eq!((found.wrong, found.losses), (Vec::new(), 0));
}
