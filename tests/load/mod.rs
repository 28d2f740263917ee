//! The service under load, what its clients know of it afterwards, and who judges that: for every
//! test that ends the service in the midst of its work (promises P1 to P5).
//!
//! ```text
//! clients ─▶ requests ─▶ service ─▶ file ─▶ an outsider's copy (Python, an SQLite of its own)
//!    └─▶ journal: what each was told ─▶ judge ◀─ what is stored ◀─┘
//! ```

#![allow(dead_code, unused_imports, reason = "each test binary uses its part of it")]

mod chance;
mod clients;
mod disk;
mod findings;
mod journal;
mod judge;
mod planted;
mod reading;
mod trial;

pub use chance::Chance;
pub use clients::Load;
pub use disk::{Disk, Kind, done};
pub use findings::Findings;
pub use journal::{Outcome, Sent, Stored};
pub use judge::{judge, lost};
pub use planted::{Defect, planted, planting};
pub use reading::{Outsider, told_after};
pub use trial::Trial;
