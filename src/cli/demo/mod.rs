//! `allclear demo`: a data directory of its own, a real server on a loopback port, and one of three
//! real incidents, entered through the public API as its responders would enter it afterwards.

use super::args::{DemoArgs, DemoIncident, Log};
use super::client::Client;
use super::serve::{Service, told_to_stop};
use super::settings::Settings;
use super::{Failed, print};
use crate::engine::{Book, Options, Reminders};
use crate::web::{Hosts, Proxies};
use serde::Deserialize;
use serde_json::Value;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::oneshot;

/// An incident as requests: the announcement, then a batch of events a request.
#[derive(Deserialize)]
struct Script {
    announce: Value,
    events: Vec<Vec<Value>>,
}

impl DemoIncident {
    fn script(self) -> Result<Script, Failed> {
        let text = match self {
            DemoIncident::RollbackWithoutEffect => include_str!("rollback-without-effect.json"),
            DemoIncident::ConfigReverted => include_str!("config-reverted.json"),
            DemoIncident::MigrationFailed => include_str!("migration-failed.json"),
        };
        serde_json::from_str(text).map_err(Failed::undone)
    }
}

/// Plays the incident, tells it, and, unless it is to be kept, leaves nothing behind.
pub fn run(args: DemoArgs) -> Result<(), Failed> {
    let script = args.incident.script()?;
    let data = Scratch::new()?;
    let runtime = tokio::runtime::Runtime::new().map_err(Failed::undone)?;
    runtime.block_on(async {
        let options = Options {
            book: Book::built_in(),
            reminders: Reminders::On,
            masks: Arc::default(),
            sealing: None,
        };
        let service = Service::start(&data.settings(), options).await?;
        let url = format!("http://{}", service.address);
        let token = std::fs::read_to_string(data.settings().data.join("admin-token"))
            .map_err(Failed::undone)?;
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::spawn(service.until(async {
            let _ = stopped.await;
        }));
        let played = play(&Client::new(&url, None, &token)?, script).await;
        if args.keep && played.is_ok() {
            eprintln!("\nThe server stays up on {url} until you press Ctrl-C.");
            eprintln!(
                "Its admin's token is in {}",
                data.settings().data.join("admin-token").display()
            );
            told_to_stop().await;
        }
        let _ = stop.send(());
        serving.await.map_err(Failed::undone)??;
        played
    })
}

async fn play(client: &Client, script: Script) -> Result<(), Failed> {
    let incident = client.post("/v1/incidents", &script.announce).await?.done()?;
    let name = incident["ref"].as_str().unwrap_or_default().to_owned();
    print(&format!("POST /v1/incidents → {name}: {}\n", text(&incident["title"])))?;
    for batch in script.events {
        let types: Vec<String> = batch.iter().map(|event| text(&event["type"])).collect();
        let path = format!("/v1/incidents/{name}/events");
        let answer = client.post(&path, &Value::Array(batch)).await?.done()?;
        let (state, version) = (text(&answer["state"]), &answer["version"]);
        print(&format!("POST {path} → {state} at version {version}: {}\n", types.join(", ")))?;
    }
    for (path, title) in
        [("timeline?format=text", "Timeline"), ("postmortem?format=markdown", "Post-mortem draft")]
    {
        let path = format!("/v1/incidents/{name}/{path}");
        let document = client.get(&path).await?;
        if !document.status.is_success() {
            document.done()?;
        }
        print(&format!("\n── {title}: GET {path} ──\n\n{}", document.body))?;
    }
    Ok(())
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// A directory that goes when the demo ends.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Result<Scratch, Failed> {
        let name = format!("allclear-demo-{}", uuid::Uuid::now_v7().simple());
        let path = std::env::temp_dir().join(name);
        if Path::new(&path).exists() {
            return Err(Failed::undone(format!("{} is there already", path.display())));
        }
        Ok(Scratch(path))
    }
}

impl Scratch {
    /// A server of its own, with everything that it makes in this directory.
    fn settings(&self) -> Settings {
        Settings {
            data: self.0.join("data"),
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            checkpoints: None,
            reminders: Reminders::On,
            runbook: None,
            masks: None,
            hosts: Hosts::default(),
            tls: None,
            proxies: Proxies::default(),
            log: Log::Off,
        }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Nothing depends on it: the system clears its temporary directory too.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
