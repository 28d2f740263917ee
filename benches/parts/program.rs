//! The program itself, as a process of its own: `allclear serve` with everything on. What it takes
//! of memory, and of time to start, is then its own, and nothing of what measures it.

use super::load::{ask, connect};
use super::process::{mib, worked_us};
use super::service::request;
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::{Method, StatusCode};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

/// What it says when it listens, before the address.
const LISTENS: &str = " on http://";

/// The program, serving.
pub struct Program {
    /// From its start to the first answer that it is ready.
    pub start: Duration,
    /// Where it listens.
    pub address: SocketAddr,
    /// The token of its first admin.
    pub token: String,
    /// Where its clients live.
    pub runtime: Runtime,
    child: Child,
}

/// What a process holds, in MiB.
#[derive(Clone, Copy)]
pub struct Memory {
    /// All that is resident: its own, and the pages of the program's file that it has touched.
    pub resident: f64,
    /// What is its own alone, and in no file.
    pub anonymous: f64,
}

impl Program {
    /// Starts it on the log in `data`, and waits until it is ready. Checkpoints lie beside the log.
    pub fn start(data: &Path) -> Program {
        Program::run(Command::new(env!("CARGO_BIN_EXE_allclear")), data, &[])
    }

    /// The same by a command that runs the program, with more arguments.
    pub fn run(mut command: Command, data: &Path, more: &[&str]) -> Program {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("a runtime starts");
        let begun = Instant::now();
        let mut child = command
            .args(["serve", "--listen", "127.0.0.1:0", "--log", "off"])
            .args(more)
            .arg("--data")
            .arg(data)
            .arg("--checkpoints")
            .arg(data.with_extension("checkpoints"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut said = BufReader::new(child.stderr.take().expect("it is piped")).lines();
        let address = said.find_map(|line| {
            let line = line.expect("it is text");
            line.split_once(LISTENS).map(|(_, address)| address.parse().expect("an address"))
        });
        let address = address.expect("it says where it listens");
        // Nobody is to wait for somebody to listen.
        std::thread::spawn(move || said.for_each(drop));
        let ready = request("", Method::GET, "/readyz", "");
        let ready = ready.body(Full::default()).expect("it is well-formed");
        runtime.block_on(async {
            ask(&mut connect(address).await, ready, StatusCode::OK).await;
        });
        let start = begun.elapsed();
        let token = std::fs::read_to_string(data.join("admin-token")).expect("the first admin's");
        let token = token.trim().to_owned();
        Program { start, address, token, runtime, child }
    }

    /// Gets what is at `path`.
    pub fn get(&self, path: &str) -> Bytes {
        let request = request(&self.token, Method::GET, path, "")
            .body(Full::default())
            .expect("it is well-formed");
        self.runtime.block_on(async {
            ask(&mut connect(self.address).await, request, StatusCode::OK).await
        })
    }

    /// What it holds now.
    pub fn memory(&self) -> Memory {
        let mib = |name| mib(self.child.id(), name).unwrap_or(f64::NAN);
        Memory { resident: mib("VmRSS:"), anonymous: mib("RssAnon:") }
    }

    /// How long it has worked, in microseconds.
    pub fn worked_us(&self) -> f64 {
        worked_us(self.child.id())
    }

    /// Ends it in order.
    pub fn stop(mut self) {
        let told = Command::new("kill").arg(self.child.id().to_string()).status();
        assert!(told.expect("there is a kill").success(), "it can be told to stop");
        assert!(self.child.wait().expect("it is ours").success(), "it stops cleanly");
    }
}

impl Drop for Program {
    /// Where a measurement fails, nothing is left behind.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
