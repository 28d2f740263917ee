//! The places that connections hold, of which there are [`CONNECTIONS_MAX`].
//!
//! When all are taken, a newcomer gets the place of a connection that never showed a valid token,
//! the one that was quiet for longest: a crowd that only holds connections cannot keep a responder
//! out. Only when every place is held by somebody known is a newcomer turned away, with an answer
//! where one can be given at once.

use super::head::Refusal;
use super::limits::CONNECTIONS_MAX;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
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
    is_known: AtomicBool,
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
            is_known: AtomicBool::new(false),
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

    /// Somebody with a valid token is at the other end.
    pub fn recognise(&self) {
        self.is_known.store(true, Ordering::Relaxed);
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

/// All places that are taken.
#[derive(Debug, Clone, Default)]
pub struct Places(Arc<Mutex<Taken>>);

#[derive(Debug, Default)]
struct Taken {
    next: u64,
    places: HashMap<u64, Arc<Place>>,
}

/// A place, given back when dropped.
#[derive(Debug)]
pub struct Seat {
    /// The place.
    pub place: Arc<Place>,
    number: u64,
    places: Places,
}

impl Places {
    /// Takes a place; none when all are held by somebody known.
    pub fn take(&self) -> Option<Seat> {
        let mut taken = self.lock();
        if taken.places.len() >= CONNECTIONS_MAX {
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
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Taken {
    /// Of those whom nobody knows, who was quiet for longest.
    fn least(&self) -> Option<u64> {
        let strangers =
            self.places.iter().filter(|(_, place)| !place.is_known.load(Ordering::Relaxed));
        strangers.min_by_key(|(number, place)| (place.last_active(), **number)).map(|(it, _)| *it)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.places.lock().places.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newcomer_gets_the_place_of_the_stranger_who_was_quiet_for_longest() {
        let places = Places::default();
        let mut seats: Vec<Seat> = (0..CONNECTIONS_MAX).map(|_| places.take().unwrap()).collect();
        seats[0].place.recognise();
        std::thread::sleep(std::time::Duration::from_millis(3));
        seats[1].place.stir();
        seats.push(places.take().unwrap());
        assert_eq!(places.count(), CONNECTIONS_MAX);
        let is_there = |number: u64| places.lock().places.contains_key(&number);
        assert!(is_there(0) && is_there(1) && !is_there(2) && is_there(3));
        seats.clear();
        assert_eq!(places.count(), 0);
    }

    #[test]
    fn who_is_known_is_never_sent_away() {
        let places = Places::default();
        let seats: Vec<Seat> = (0..CONNECTIONS_MAX).map(|_| places.take().unwrap()).collect();
        seats.iter().for_each(|seat| seat.place.recognise());
        assert!(places.take().is_none());
    }

    #[test]
    fn a_refusal_is_that_of_its_own_request() {
        let place = Place::new();
        place.refuse(2, Refusal::Late);
        assert_eq!((place.begin(), place.begin()), (None, Some(Refusal::Late)));
    }
}
