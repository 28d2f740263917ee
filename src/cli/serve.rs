//! `allclear serve`: opens the ledger, starts the engine, listens, and ends in order.

use super::Failed;
use super::args::{Log, ServeArgs};
use super::files;
use super::key;
use super::runbook;
use super::settings::Settings;
use super::tls;
use crate::access::{Directory, Principal, Secret, SecretKind};
use crate::engine::{
    Ask, Book, Chance, Ended, Failure, NewToken, Options, Request, Running, SEAL_EVERY, Sealing,
    StartError, SystemChance, SystemClock, service,
};
use crate::incident::system::{PrincipalKind, PrincipalRole};
use crate::incident::time::Moment;
use crate::ledger::{LedgerError, Seeds, SqliteLedger};
use crate::log::Salt;
use crate::mask::Masks;
use crate::web::{self, App, Edge, Lines, Places, Tls};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::Signal;
use tokio::sync::watch;

/// How long requests that are under way may take when the service stops.
const GRACE: Duration = Duration::from_secs(10);

/// How long the last answers may take when the storage has failed: it ends within a second.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// How long the first admin's token lives: a year.
const ADMIN_LIFE_US: i64 = 365 * 86_400_000_000;

/// The name of the file, in the data directory, with the first admin's token.
const ADMIN_TOKEN: &str = "admin-token";

/// Serves until it is told to stop.
pub fn run(args: ServeArgs) -> Result<(), Failed> {
    let settings = Settings::read(args)?;
    // Before the data directory is opened, or made: nothing comes up on half a runbook.
    let book = settings.runbook.as_deref().map_or_else(|| Ok(Book::built_in()), runbook::book)?;
    let masks = settings.masks.as_deref().map_or_else(|| Ok(Masks::default()), masks_of)?;
    let options =
        Options { book, reminders: settings.reminders, masks: Arc::new(masks), sealing: None };
    let runtime = tokio::runtime::Runtime::new().map_err(Failed::undone)?;
    runtime.block_on(async {
        let stop = told_to_stop();
        let service = Service::start(&settings, options).await?;
        let scheme = if settings.tls.is_some() { "https" } else { "http" };
        eprintln!("allclear {} on {scheme}://{}", env!("CARGO_PKG_VERSION"), service.address);
        eprintln!("data in {}: {}", settings.data.display(), service.held());
        if let Some(file) = &service.admin_token {
            eprintln!("the first admin's token is in {}", file.display());
        }
        eprintln!("checkpoints in {}", service.checkpoints.display());
        eprintln!("key {}", service.verifier_key);
        service.until(stop).await
    })
}

/// What is masked: what is known without being told, and what the file says.
fn masks_of(file: &Path) -> Result<Masks, Failed> {
    let said =
        |error: &dyn std::fmt::Display| Failed::undone(format!("{}: {error}", file.display()));
    let text = std::fs::read_to_string(file).map_err(|error| said(&error))?;
    Masks::with(&text).map_err(|error| said(&error))
}

/// A running service.
pub struct Service {
    /// Where it listens.
    pub address: SocketAddr,
    /// The file with an admin's token, when one was made at this start.
    pub admin_token: Option<PathBuf>,
    /// Where checkpoints are published.
    pub checkpoints: PathBuf,
    /// The key that others check them with.
    pub verifier_key: String,
    running: Running,
    listener: TcpListener,
    statement: Arc<BTreeMap<String, String>>,
    edge: Edge,
    certificate: Option<(tls::Files, Signal)>,
}

impl Service {
    /// Opens the log and listens; port 0 takes any free one. How the log is sealed is settled here.
    pub async fn start(settings: &Settings, options: Options) -> Result<Service, Failed> {
        let Settings { data, listen, .. } = settings;
        let hangups = settings.tls.as_ref().map(|_| tls::hangups()).transpose()?;
        let tls = settings.tls.as_ref().map(tls::Files::read).transpose()?;
        let chance = Arc::new(SystemChance);
        let checkpoints = key::published(data, settings.checkpoints.clone())?;
        let ledger = SqliteLedger::open(data, seeds(chance.as_ref()))?;
        let key = Arc::new(key::of(&ledger, data, chance.as_ref())?);
        let listener = web::edge::listen(*listen).map_err(|error| {
            Failed::undone(format!(
                "{listen} cannot be listened on: {error}; choose another --listen"
            ))
        })?;
        let address = listener.local_addr().map_err(Failed::undone)?;
        let statement = Arc::new(statement(&ledger));
        let clock = Arc::new(SystemClock::start());
        let sealing = Sealing { key, directory: checkpoints.clone(), every: SEAL_EVERY, tell };
        let options = Options { sealing: Some(sealing), ..options };
        let mut running = Running::start(Box::new(ledger), options, clock, chance).await?;
        let admin_token = first_admin(&mut running, data).await?;
        let verifier_key = running.engine.verifier_key().await.map_err(Failed::undone)?;
        let verifier_key = verifier_key.unwrap_or_default();
        Ok(Service {
            address,
            admin_token,
            checkpoints,
            verifier_key,
            running,
            listener,
            statement,
            edge: edge(settings, tls),
            certificate: settings.tls.clone().zip(hangups),
        })
    }

    /// What durability really holds, in a line.
    fn held(&self) -> String {
        let said: Vec<String> =
            self.statement.iter().map(|(name, value)| format!("{name} {value}")).collect();
        said.join(", ")
    }

    /// Serves until `stop` resolves or the storage fails; then ends the streams, answers what was
    /// asked before, says goodbye in the log, and closes it.
    pub async fn until(
        self,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), Failed> {
        let Service { mut running, listener, statement, edge, certificate, .. } = self;
        if let (Some((files, hangups)), Some(tls)) = (certificate, edge.tls.clone()) {
            tokio::spawn(files.follow(hangups, tls));
        }
        let (stopping, is_stopping) = watch::channel(false);
        let app = App {
            engine: Arc::new(running.engine.clone()),
            statement,
            stopping: is_stopping.clone(),
            edge: Arc::new(edge),
        };
        let mut told = is_stopping.clone();
        let stopped = async move {
            let _ = told.wait_for(|stopping| *stopping).await;
        };
        let mut server = tokio::spawn(web::serve(listener, app, stopped));
        tokio::select! {
            () = stop => {}
            ended = &mut running.ended => {
                // Whoever waits is told that the outcome is unknown, and nobody is served any more.
                stopping.send_replace(true);
                let _ = tokio::time::timeout(LAST_WORDS, &mut server).await;
                return Err(Failed::Storage(Ended::cause(ended.ok())));
            }
            served = &mut server => return Err(Failed::undone(format!("the server ended: {served:?}"))),
        }
        stopping.send_replace(true);
        if tokio::time::timeout(GRACE, &mut server).await.is_err() {
            eprintln!("allclear: requests still under way after {GRACE:?} were cut off");
            server.abort();
        }
        match running.stop().await.map_err(Failed::undone)? {
            Ended::Cleanly => {}
            Ended::Unrecorded(why) => tell(&format!(
                "it stopped, but the log does not say so, because {why}: nothing acknowledged is \
                 lost, and the next start will say that it was killed"
            )),
            Ended::Untidied(why) => tell(&format!(
                "it stopped, but its files are not tidied, because {why}: nothing acknowledged is \
                 lost, and the next start checks them"
            )),
            Ended::StorageFailed(cause) => return Err(Failed::Storage(cause)),
        }
        Ok(())
    }
}

fn edge(settings: &Settings, tls: Option<Tls>) -> Edge {
    let lines = match settings.log {
        Log::On => Lines::to(std::io::stderr()),
        Log::Off => Lines::default(),
    };
    let (hosts, proxies) = (settings.hosts.clone(), settings.proxies.clone());
    let places = files::open_max().map_or_else(Places::default, Places::of);
    Edge { places, hosts, proxies, tls, lines, ..Edge::default() }
}

/// What the operator must know while the service runs.
fn tell(sentence: &str) {
    eprintln!("allclear: {sentence}");
}

const DISK_FULL: &str =
    "the disk is full: the start could not be recorded; free some space and start again";

impl From<StartError> for Failed {
    /// What was published is a reason to stay down, as a damaged or full data directory is.
    fn from(error: StartError) -> Failed {
        match error {
            StartError::StorageFailed(cause) | StartError::Ledger(LedgerError::Storage(cause)) => {
                Failed::Storage(cause)
            }
            StartError::Diverged(diverged) => Failed::NotStarted(diverged.to_string()),
            StartError::Damage(damage) => Failed::NotStarted(format!(
                "{damage}; keep a copy, then look at it with allclear verify"
            )),
            StartError::First(Failure::DiskFull) | StartError::Ledger(LedgerError::Full) => {
                Failed::NotStarted(DISK_FULL.into())
            }
            other @ (StartError::First(_) | StartError::Ledger(_)) => Failed::undone(other),
        }
    }
}

/// Resolves on SIGTERM and on Ctrl-C, of which none is missed from now on.
pub fn told_to_stop() -> impl Future<Output = ()> + Send + 'static {
    use tokio::signal::unix::{SignalKind, signal};
    let signals = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()));
    async {
        let (Ok(mut term), Ok(mut interrupt)) = signals else {
            return std::future::pending().await;
        };
        tokio::select! {
            _ = term.recv() => {}
            _ = interrupt.recv() => {}
        }
    }
}

fn seeds(chance: &dyn Chance) -> Seeds {
    let mut origin = [0; 16];
    let mut receipt_key = [0; 32];
    chance.fill(&mut origin);
    chance.fill(&mut receipt_key);
    let origin = uuid::Builder::from_random_bytes(origin).into_uuid();
    Seeds { origin, receipt_key: Salt(receipt_key) }
}

fn statement(ledger: &SqliteLedger) -> BTreeMap<String, String> {
    let mode = ledger.mode();
    BTreeMap::from([
        ("durability".into(), "local".into()),
        ("journal_mode".into(), mode.journal_mode.clone()),
        ("sqlite".into(), mode.engine_version.clone()),
        ("synchronous".into(), mode.synchronous.clone()),
    ])
}

/// Makes an admin's token when there is none that is valid, so that nobody is locked out, and
/// writes it where only the owner of the data directory reads it.
async fn first_admin(running: &mut Running, data: &Path) -> Result<Option<PathBuf>, Failed> {
    let engine = &running.engine;
    if engine.directory().has_admin(engine.now()) {
        return Ok(None);
    }
    let mut chance = [0; 64];
    engine.draw(&mut chance);
    let secret = Secret::draw(SecretKind::Personal, &chance);
    let file = data.join(ADMIN_TOKEN);
    // The file first: a token that nobody can read would lock everybody out.
    write_secret(&file, secret.reveal())
        .map_err(|error| Failed::undone(format!("{}: {error}", file.display())))?;
    let new = NewToken {
        name: admin_name(&engine.directory()),
        kind: PrincipalKind::Person,
        role: Some(PrincipalRole::Admin),
        scopes: Vec::new(),
        expires: Moment(engine.now().0 + ADMIN_LIFE_US),
        secret_sha256: secret.sha256(),
    };
    let request = Request { who: service(), key: None, ask: Ask::MakeToken(new) };
    let made = match engine.submit(request).await {
        Ok(made) => made,
        Err(Failure::Unknown) => {
            let ended = (&mut running.ended).await.ok();
            return Err(Failed::Storage(Ended::cause(ended)));
        }
        Err(Failure::DiskFull) => return Err(Failed::NotStarted(DISK_FULL.into())),
        Err(failure) => return Err(Failed::undone(failure)),
    };
    made.map_err(|away| Failed::undone(format!("the first token was not made: {away:?}")))?;
    Ok(Some(file))
}

/// Whose token it is: no person's name is borrowed, and one that was demoted is not raised again.
fn admin_name(directory: &Directory) -> String {
    let may_bear = |name: &String| directory.find(name).is_none_or(Principal::is_admin);
    let further = (2..).map(|number: u32| format!("admin-{number}"));
    let mut names = std::iter::once("admin".to_owned()).chain(further);
    names.find(may_bear).expect("some number is free")
}

fn write_secret(file: &Path, secret: &str) -> std::io::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let _ = std::fs::remove_file(file);
    let mut out =
        std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)?;
    writeln!(out, "{secret}")?;
    out.sync_all()
}
