//! The settings of `serve`: flags, then environment, then the TOML file, then the defaults.

use super::Failed;
use super::args::ServeArgs;
use crate::engine::Reminders;
use serde::Deserialize;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

/// Where the data are when nobody says.
pub const DATA_DEFAULT: &str = "./allclear-data";

/// Where it listens when nobody says: on this machine only.
pub const LISTEN_DEFAULT: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 7373);

/// The settings of `serve`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The data directory.
    pub data: PathBuf,
    /// Where to listen.
    pub listen: SocketAddr,
    /// Where checkpoints are published; none means beside the data directory.
    pub checkpoints: Option<PathBuf>,
    /// Whether what falls due is told by events in the log.
    pub reminders: Reminders,
    /// The file with the runbook that new incidents pin; none is the built-in one.
    pub runbook: Option<PathBuf>,
    /// The file that says what else is masked as a secret.
    pub masks: Option<PathBuf>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    data: Option<PathBuf>,
    listen: Option<SocketAddr>,
    checkpoints: Option<PathBuf>,
    reminders: Option<bool>,
    runbook: Option<PathBuf>,
    masks: Option<PathBuf>,
}

impl Settings {
    /// What flags, environment, file and defaults say together.
    pub fn read(args: ServeArgs) -> Result<Settings, Failed> {
        let file = args.config.as_deref().map(File::read).transpose()?.unwrap_or_default();
        let is_off = args.no_reminders || file.reminders == Some(false);
        Ok(Settings {
            data: args.data.or(file.data).unwrap_or_else(|| DATA_DEFAULT.into()),
            listen: args.listen.or(file.listen).unwrap_or(LISTEN_DEFAULT),
            checkpoints: args.checkpoints.or(file.checkpoints),
            reminders: if is_off { Reminders::Off } else { Reminders::On },
            runbook: args.runbook.or(file.runbook),
            masks: args.masks.or(file.masks),
        })
    }
}

impl File {
    fn read(path: &Path) -> Result<File, Failed> {
        let said =
            |error: &dyn std::fmt::Display| Failed::undone(format!("{}: {error}", path.display()));
        let text = std::fs::read_to_string(path).map_err(|error| said(&error))?;
        toml::from_str(&text).map_err(|error| said(&error))
    }
}
