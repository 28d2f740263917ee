//! The defects that these tests are there to find, in a service that is not ours.

use crate::outside::Server;
use std::path::Path;
use std::process::Command;

/// What is wrong with a planted service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Defect {
    /// Nothing: whatever is found in it is a fault of whoever looks.
    None,
    /// It answers, then commits.
    Early,
    /// It commits without waiting for the disk.
    Lax,
    /// It answers as if a commit that failed had not.
    Careless,
    /// It starts on whatever it finds, without making that durable first.
    Trusting,
}

/// A planted service on that data directory.
pub fn planted(data: &Path, defect: Defect) -> Server {
    Server::of(planting(data, defect), data)
}

/// The command that starts one (`planted.py`).
pub fn planting(data: &Path, defect: Defect) -> Command {
    let defect = match defect {
        Defect::None => "none",
        Defect::Early => "early",
        Defect::Lax => "lax",
        Defect::Careless => "careless",
        Defect::Trusting => "trusting",
    };
    let mut command = Command::new("python3");
    command.arg("tests/load/planted.py").arg(data).arg(defect);
    command
}
