//! The settings of `serve`: flags, then environment, then the TOML file, then the defaults.

use super::Failed;
use super::args::{Log, ServeArgs};
use super::tls;
use crate::engine::Reminders;
use crate::web::{Hosts, Network, Proxies};
use serde::Deserialize;
use std::io::IsTerminal;
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
    /// The names that it answers to, besides its own address.
    pub hosts: Hosts,
    /// The files of the certificate, when TLS ends here.
    pub tls: Option<tls::Files>,
    /// The proxies that end TLS before it.
    pub proxies: Proxies,
    /// Whether a line is written for each request.
    pub log: Log,
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
    #[serde(default)]
    hosts: Vec<String>,
    tls_cert: Option<PathBuf>,
    tls_key: Option<PathBuf>,
    #[serde(default)]
    trusted_proxies: Vec<String>,
    log: Option<Log>,
}

impl Settings {
    /// What flags, environment, file and defaults say together.
    pub fn read(args: ServeArgs) -> Result<Settings, Failed> {
        let file = args.config.as_deref().map(File::read).transpose()?.unwrap_or_default();
        let parsed = file.trusted_proxies.iter().map(|text| text.parse::<Network>());
        let in_file = parsed.collect::<Result<Vec<_>, _>>().map_err(|error| {
            Failed::undone(format!("trusted_proxies in the file of settings: {error}"))
        })?;
        let proxies = if args.trusted_proxy.is_empty() { in_file } else { args.trusted_proxy };
        let tls = both(args.tls_cert.or(file.tls_cert), args.tls_key.or(file.tls_key))?;
        let is_off = args.no_reminders || file.reminders == Some(false);
        Settings {
            data: args.data.or(file.data).unwrap_or_else(|| DATA_DEFAULT.into()),
            listen: args.listen.or(file.listen).unwrap_or(LISTEN_DEFAULT),
            checkpoints: args.checkpoints.or(file.checkpoints),
            reminders: if is_off { Reminders::Off } else { Reminders::On },
            runbook: args.runbook.or(file.runbook),
            masks: args.masks.or(file.masks),
            hosts: Hosts(if args.host.is_empty() { file.hosts } else { args.host }),
            tls,
            proxies: Proxies(proxies),
            log: args.log.or(file.log).unwrap_or_else(log_default),
        }
        .not_exposed()
    }

    /// Tokens in the clear are for this machine only.
    fn not_exposed(self) -> Result<Settings, Failed> {
        let is_public = !self.listen.ip().to_canonical().is_loopback();
        match is_public && self.tls.is_none() && self.proxies.0.is_empty() {
            false => Ok(self),
            true => Err(Failed::Exposed(self.listen)),
        }
    }
}

/// A certificate is of no use without its key, nor the other way round.
fn both(certificate: Option<PathBuf>, key: Option<PathBuf>) -> Result<Option<tls::Files>, Failed> {
    match (certificate, key) {
        (None, None) => Ok(None),
        (Some(certificate), Some(key)) => Ok(Some(tls::Files { certificate, key })),
        _ => Err(Failed::undone(
            "a certificate and its key go together: give both --tls-cert and --tls-key",
        )),
    }
}

/// Whoever reads a terminal is told what matters; a collector gets everything.
fn log_default() -> Log {
    if std::io::stderr().is_terminal() { Log::Off } else { Log::On }
}

impl File {
    fn read(path: &Path) -> Result<File, Failed> {
        let said =
            |error: &dyn std::fmt::Display| Failed::undone(format!("{}: {error}", path.display()));
        let text = std::fs::read_to_string(path).map_err(|error| said(&error))?;
        toml::from_str(&text).map_err(|error| said(&error))
    }
}
