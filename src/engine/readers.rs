//! Reading beside the writer: a few read-only connections, each used by one reader at a time, on
//! threads where waiting for a disk holds nobody up.

use crate::ledger::{LedgerError, Reader};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;

/// How many reads run at once; more of them wait their turn.
pub const READERS_MAX: usize = 4;

/// The reading connections.
#[derive(Clone)]
pub struct Readers {
    idle: Arc<Mutex<Vec<Box<dyn Reader>>>>,
    places: Arc<Semaphore>,
}

impl Readers {
    /// A pool of these connections.
    pub fn new(readers: Vec<Box<dyn Reader>>) -> Readers {
        let places = Arc::new(Semaphore::new(readers.len()));
        Readers { idle: Arc::new(Mutex::new(readers)), places }
    }

    /// Runs `read` with a connection of its own.
    pub async fn read<T, F>(&self, read: F) -> Result<T, LedgerError>
    where
        T: Send + 'static,
        F: FnOnce(&mut dyn Reader) -> Result<T, LedgerError> + Send + 'static,
    {
        let place =
            Arc::clone(&self.places).acquire_owned().await.expect("the pool is never closed");
        let idle = Arc::clone(&self.idle);
        let task = tokio::task::spawn_blocking(move || {
            let lock = || idle.lock().unwrap_or_else(PoisonError::into_inner);
            let mut reader = lock().pop().expect("there are as many places as connections");
            let result = read(reader.as_mut());
            lock().push(reader);
            drop(place);
            result
        });
        task.await.map_err(|error| LedgerError::Storage(error.to_string()))?
    }

    /// Waits for the reads under way and closes every connection; later reads are told *busy*.
    pub async fn close(&self) {
        let all = u32::try_from(READERS_MAX).expect("a handful");
        let everybody = self.places.acquire_many(all).await;
        self.places.close();
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
        drop(everybody);
    }
}
