//! Reading beside the writer: a few read-only connections, each used by one reader at a time, on
//! threads where waiting for a disk holds nobody up.

use crate::ledger::{LedgerError, Reader};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

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
            Arc::clone(&self.places).acquire_owned().await.map_err(|_| LedgerError::Busy)?;
        let idle = Arc::clone(&self.idle);
        let task = tokio::task::spawn_blocking(move || read(Lent::take(idle, place).reader()));
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

/// A connection that is being read with; it goes back whatever becomes of the read.
struct Lent {
    reader: Option<Box<dyn Reader>>,
    idle: Arc<Mutex<Vec<Box<dyn Reader>>>>,
    /// Given up last, when the connection is back.
    _place: OwnedSemaphorePermit,
}

impl Lent {
    fn take(idle: Arc<Mutex<Vec<Box<dyn Reader>>>>, place: OwnedSemaphorePermit) -> Lent {
        let reader = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        Lent { reader, idle, _place: place }
    }

    fn reader(&mut self) -> &mut dyn Reader {
        self.reader.as_deref_mut().expect("there are as many places as connections")
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).extend(self.reader.take());
    }
}

#[cfg(test)]
mod tests {
    use super::Readers;
    use crate::ledger::{Ledger, Seeds, SqliteLedger};
    use crate::log::Salt;
    use uuid::Uuid;

    #[tokio::test]
    async fn a_read_that_panics_costs_no_connection() {
        let place = std::env::temp_dir().join(format!("readers-{}", std::process::id()));
        let seeds = Seeds { origin: Uuid::from_u128(7), receipt_key: Salt([9; 32]) };
        let ledger = SqliteLedger::open(&place, seeds).unwrap();
        let readers = Readers::new(vec![ledger.reader().unwrap()]);
        for _ in 0..3 {
            assert!(readers.read::<(), _>(|_| panic!("a fault of ours")).await.is_err());
            assert!(readers.read(|reader| reader.head()).await.is_ok());
        }
        std::fs::remove_dir_all(place).unwrap();
    }
}
