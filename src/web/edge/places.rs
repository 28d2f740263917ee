//! The places that connections hold, as many as the process has files for ([`connections`]).
//!
//! When all are taken, a newcomer gets the place of a connection that is nobody's, the one that was
//! quiet for longest: a crowd that only holds connections cannot keep a responder out. A connection
//! becomes somebody's when a valid token comes on it, a quarter of all for each principal at most
//! ([`SHARE_OF_ONE`]), so that one token cannot keep the others out either. Only when every place is
//! somebody's is a newcomer turned away, with an answer where one can be given at once.

use super::head::Refusal;
use super::limits::{FILES_ASSUMED, SHARE_OF_ONE, connections};
use super::shares::Shares;
use crate::incident::id::PrincipalId;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Instant;
use tokio::sync::Notify;

/// One connection's place, seen from its gate, its requests, and the door.
#[derive(Debug)]
pub struct Place {
    begun: Instant,
    /// Milliseconds from `begun` to the last sign of life.
    active_ms: AtomicU64,
    /// Requests that have been handed to the service.
    requests: AtomicU64,
    /// Those of them that have no answer yet.
    busy: AtomicU64,
    /// Whose it is.
    holder: OnceLock<PrincipalId>,
    refused: OnceLock<(u64, Refusal)>,
    given_away: Notify,
}

impl Place {
    fn new() -> Place {
        Place {
            begun: Instant::now(),
            active_ms: AtomicU64::new(0),
            requests: AtomicU64::new(0),
            busy: AtomicU64::new(0),
            holder: OnceLock::new(),
            refused: OnceLock::new(),
            given_away: Notify::new(),
        }
    }

    /// A request begins; the refusal that it stands for, if it is that of a refused one.
    pub fn begin(&self) -> Option<Refusal> {
        self.busy.fetch_add(1, Ordering::Relaxed);
        let number = self.requests.fetch_add(1, Ordering::Relaxed) + 1;
        self.stir();
        self.refused.get().filter(|(at, _)| *at == number).map(|(_, refusal)| *refusal)
    }

    /// A request has its answer.
    pub fn answered(&self) {
        self.busy.fetch_sub(1, Ordering::Relaxed);
        self.stir();
    }

    /// Whether a request has no answer yet.
    pub fn is_busy(&self) -> bool {
        self.busy.load(Ordering::Relaxed) > 0
    }

    /// Whether a request ever came.
    pub fn has_asked(&self) -> bool {
        self.requests.load(Ordering::Relaxed) > 0
    }

    /// The request of that number was refused; it is the last.
    pub fn refuse(&self, number: u64, refusal: Refusal) {
        let _ = self.refused.set((number, refusal));
    }

    /// The connection shows that it lives.
    pub fn stir(&self) {
        let now = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.active_ms.store(now, Ordering::Relaxed);
    }

    /// Resolves when the place is given to somebody else.
    pub async fn given_away(&self) {
        self.given_away.notified().await;
    }

    fn last_active(&self) -> Instant {
        self.begun + std::time::Duration::from_millis(self.active_ms.load(Ordering::Relaxed))
    }
}

/// All places, and those that are taken.
#[derive(Debug, Clone)]
pub struct Places {
    max: usize,
    taken: Arc<Mutex<Taken>>,
}

#[derive(Debug, Default)]
struct Taken {
    next: u64,
    places: HashMap<u64, Arc<Place>>,
    /// How many are whose.
    held: Shares,
}

/// A place, given back when dropped.
#[derive(Debug)]
pub struct Seat {
    /// The place.
    pub place: Arc<Place>,
    number: u64,
    places: Places,
}

impl Default for Places {
    fn default() -> Places {
        Places::of(FILES_ASSUMED)
    }
}

impl Places {
    /// The places of a process that may open so many files.
    pub fn of(files: usize) -> Places {
        Places { max: connections(files), taken: Arc::default() }
    }

    /// How many there are.
    pub fn max(&self) -> usize {
        self.max
    }

    /// How many one principal keeps.
    pub fn share(&self) -> usize {
        self.max / SHARE_OF_ONE
    }

    /// The valid token of `principal` came on that connection. It is theirs from now on, unless it
    /// is somebody's already, or they have enough.
    pub fn recognise(&self, place: &Place, principal: &PrincipalId) {
        if place.holder.get().is_some() {
            return;
        }
        let mut taken = self.lock();
        if taken.held.give(principal, self.share()) && place.holder.set(principal.clone()).is_err()
        {
            taken.held.take_back(principal);
        }
    }

    /// Takes a place; none when each is somebody's.
    pub fn take(&self) -> Option<Seat> {
        let mut taken = self.lock();
        if taken.places.len() >= self.max {
            let number = taken.least()?;
            taken.places.remove(&number)?.given_away.notify_one();
        }
        let (number, place) = (taken.next, Arc::new(Place::new()));
        taken.next += 1;
        taken.places.insert(number, Arc::clone(&place));
        Some(Seat { place, number, places: self.clone() })
    }

    /// How many are taken.
    pub fn count(&self) -> usize {
        self.lock().places.len()
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Taken {
    /// Of those that are nobody's, which was quiet for longest.
    fn least(&self) -> Option<u64> {
        let nobodys = self.places.iter().filter(|(_, place)| place.holder.get().is_none());
        nobodys.min_by_key(|(number, place)| (place.last_active(), **number)).map(|(it, _)| *it)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.places.lock();
        taken.places.remove(&self.number);
        self.place.holder.get().into_iter().for_each(|holder| taken.held.take_back(holder));
    }
}

#[cfg(test)]
mod tests {
    use super::super::limits::{CONNECTIONS_MAX, CONNECTIONS_MIN};
    use super::*;

    /// Places of a process with few files, all of them taken.
    fn full() -> (Places, Vec<Seat>) {
        let places = Places::of(200);
        let seats = (0..places.max()).map(|_| places.take().unwrap()).collect();
        (places, seats)
    }

    #[test]
    fn there_are_half_as_many_as_files_within_bounds_and_a_quarter_is_ones() {
        for (files, max) in [(0, CONNECTIONS_MIN), (130, 65), (1_024, 512), (8_192, 4_096)] {
            assert_eq!((Places::of(files).max(), Places::of(files).share()), (max, max / 4));
        }
        assert_eq!(Places::of(usize::MAX).max(), CONNECTIONS_MAX);
    }

    #[test]
    fn a_newcomer_gets_the_place_of_the_stranger_who_was_quiet_for_longest() {
        let (places, mut seats) = full();
        places.recognise(&seats[0].place, &PrincipalId("u_ana".into()));
        std::thread::sleep(std::time::Duration::from_millis(3));
        seats[1].place.stir();
        seats.push(places.take().unwrap());
        assert_eq!(places.count(), places.max());
        let is_there = |number: u64| places.lock().places.contains_key(&number);
        assert!(is_there(0) && is_there(1) && !is_there(2) && is_there(3));
        seats.clear();
        assert_eq!(places.count(), 0);
    }

    #[test]
    fn whoever_has_a_place_of_their_own_is_never_sent_away() {
        let (places, seats) = full();
        for (number, seat) in seats.iter().enumerate() {
            let principal = PrincipalId(format!("u_{}", number / places.share()));
            places.recognise(&seat.place, &principal);
            places.recognise(&seat.place, &principal);
        }
        assert!(places.take().is_none());
        drop(seats);
        assert!(places.lock().held.is_empty());
    }

    #[test]
    fn nobody_has_more_than_their_share() {
        let (places, seats) = full();
        let ana = PrincipalId("u_ana".into());
        seats.iter().for_each(|seat| places.recognise(&seat.place, &ana));
        for _ in places.share()..places.max() {
            std::mem::forget(places.take().expect("the rest of them give way"));
        }
        let held = seats.iter().filter(|seat| seat.place.holder.get().is_some()).count();
        assert_eq!(held, places.share());
    }

    #[test]
    fn a_refusal_is_that_of_its_own_request() {
        let place = Place::new();
        place.refuse(2, Refusal::Late);
        assert_eq!((place.begin(), place.begin()), (None, Some(Refusal::Late)));
    }
}
