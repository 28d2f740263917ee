//! A log in one data directory that is ended by one fault after the other, and judged each time
//! over all of them.

use super::{Load, Outcome, Outsider, Sent, Stored, judge, lost, told_after};
use crate::outside::{Actor, Server, allclear, announce};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const INCIDENTS: usize = 20;

/// How long a start takes that has to recover, as a rule: promised are two seconds.
const START_MAX: Duration = Duration::from_secs(2);

/// How many cycles one `verify` of the whole log is for: damage stays where it was done.
const VERIFIED_EVERY: u64 = 10;

/// The service, its clients and all they were ever told.
pub struct Trial {
    data: PathBuf,
    ana: Actor,
    incidents: Vec<String>,
    journal: Vec<Sent>,
    outsider: Outsider,
    /// The log as it was told when the last cycle ended.
    log: Vec<Stored>,
    /// How many requests of unknown fate were settled by asking again.
    settled: usize,
    /// How long each start took.
    starts: Vec<Duration>,
}

impl Trial {
    /// A new log, and the service on it.
    pub fn start(data: &Path) -> (Trial, Server) {
        let server = Server::on(data);
        let ana = server.responder("ana");
        let incidents = (0..INCIDENTS).map(|_| announce(&ana)).collect();
        let trial = Trial {
            data: data.to_owned(),
            ana,
            incidents,
            journal: Vec::new(),
            outsider: Outsider::new(),
            log: told_after(&server, 0),
            settled: 0,
            starts: Vec::new(),
        };
        (trial, server)
    }

    /// Lets the clients at it and brings the fault, which ends the service.
    pub fn load(&mut self, server: Server, cycle: u64, fault: impl FnOnce(&Load<'_>, Server)) {
        let ana = self.ana.at(server.address);
        let load = Load::new(&self.incidents, cycle);
        let known = load.until(&ana, |load| fault(load, server));
        self.journal.extend(known);
    }

    /// Judges the files as the fault has left them, starts the service on them, settles what is of
    /// unknown fate, and judges what it tells then.
    pub fn judge(&mut self, cycle: u64) -> Server {
        if cycle % VERIFIED_EVERY == VERIFIED_EVERY - 1 {
            self.assert_verifies_clean();
        }
        let image = self.outsider.read(&self.data);
        assert_eq!(judge(&self.journal, &image), [""; 0], "cycle {cycle}, the file as it was left");
        let known = self.log.len();
        assert_eq!(image[..known], self.log[..], "cycle {cycle}: what was told before");
        let started = Instant::now();
        let server = Server::on(&self.data);
        self.starts.push(started.elapsed());
        self.log.extend(told_after(&server, known));
        assert_eq!(self.log[..image.len()], image[..], "cycle {cycle}: told as it is stored");
        assert_eq!(self.log.len(), image.len() + 1, "cycle {cycle}: and that the service started");
        self.settle(&server);
        self.log.extend(told_after(&server, self.log.len()));
        assert_eq!(judge(&self.journal, &self.log), [""; 0], "cycle {cycle}, settled");
        server
    }

    /// Ends it in order, and holds all that was ever told against what is told now.
    pub fn end(&self, server: Server) {
        assert_eq!(told_after(&server, 0), self.log, "the same from the beginning");
        assert!(server.stop().status.success());
        self.assert_verifies_clean();
    }

    /// The faults must have met requests under way, and requests each other, to prove anything.
    pub fn assert_met(&self) {
        assert!(self.settled > 0, "no fault met a request under way");
        assert!(self.late() > 0, "no two clients meant the same version");
        let mut starts = self.starts.clone();
        starts.sort();
        let median = starts[starts.len() / 2];
        assert!(median < START_MAX, "starts take {median:?}");
    }

    /// How many requests somebody else was before.
    fn late(&self) -> usize {
        let is_late = |it: &&Sent| it.if_match.is_some() && it.outcome == Outcome::TurnedAway;
        self.journal.iter().filter(is_late).count()
    }

    /// What it came to, in words.
    pub fn told(&self) -> String {
        let (acknowledged, lost) = lost(&self.journal, &self.log);
        format!(
            "{} requests: {acknowledged} acknowledged, {lost} lost, {} too late for their \
             If-Match, {} of unknown fate settled; the slowest start {:?}",
            self.journal.len(),
            self.late(),
            self.settled,
            self.starts.iter().max().unwrap()
        )
    }

    /// Whatever the fault left behind is whole to `verify`, and goes on from what was published.
    fn assert_verifies_clean(&self) {
        let mut verify = allclear();
        verify.args(["verify", "--data"]).arg(&self.data);
        let published = format!("{}-checkpoints/checkpoint", self.data.display());
        let said = verify.args(["--checkpoint", &published]).output().unwrap();
        assert_eq!(said.status.code(), Some(0), "{}", String::from_utf8_lossy(&said.stdout));
    }

    /// Asks again, with the same keys, about everything of unknown fate: it is stored after that,
    /// or comes too late for the version that it meant.
    fn settle(&mut self, server: &Server) {
        let ana = self.ana.at(server.address);
        let unknown = self.journal.iter_mut().filter(|sent| sent.outcome == Outcome::Unknown);
        for sent in unknown {
            let answer = sent.ask(&ana, false);
            sent.outcome = Outcome::of(&answer);
            let is_late =
                sent.if_match.is_some() && answer.as_ref().is_ok_and(|it| it.status == 412);
            assert!(is_late || matches!(sent.outcome, Outcome::Acknowledged(_)), "{answer:?}");
            self.settled += 1;
        }
    }
}
