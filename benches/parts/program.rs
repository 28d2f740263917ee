//! The program itself, as a process of its own: `allclear serve` with everything on. What it takes
//! of memory, and of time to start, is then its own, and nothing of what measures it.

use super::load::{ask, connect};
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::{Request, StatusCode};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

/// What it says when it listens, before the address.
const LISTENS: &str = " on http://";

/// The program, serving.
pub struct Program {
    /// From its start to the first answer that it is ready.
    pub start: Duration,
    address: SocketAddr,
    token: String,
    runtime: Runtime,
    child: Child,
    _stderr: BufReader<ChildStderr>,
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
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("a runtime starts");
        let begun = Instant::now();
        let mut child = Command::new(env!("CARGO_BIN_EXE_allclear"))
            .args(["serve", "--listen", "127.0.0.1:0", "--log", "off", "--data"])
            .arg(data)
            .arg("--checkpoints")
            .arg(data.with_extension("checkpoints"))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut stderr = BufReader::new(child.stderr.take().expect("it is piped"));
        let mut said = String::new();
        stderr.read_line(&mut said).expect("it is text");
        let address = said.split_once(LISTENS).and_then(|(_, address)| address.trim().parse().ok());
        let address = address.unwrap_or_else(|| panic!("it says where it listens: {said}"));
        let ready = request("/readyz").body(Full::default()).expect("it is well-formed");
        runtime.block_on(async {
            ask(&mut connect(address).await, ready, StatusCode::OK).await;
        });
        let start = begun.elapsed();
        let token = std::fs::read_to_string(data.join("admin-token")).expect("the first admin's");
        let token = token.trim().to_owned();
        Program { start, address, token, runtime, child, _stderr: stderr }
    }

    /// Gets what is at `path`.
    pub fn get(&self, path: &str) -> Bytes {
        let request = request(path)
            .header("authorization", format!("Bearer {}", self.token))
            .body(Full::default())
            .expect("it is well-formed");
        self.runtime.block_on(async {
            ask(&mut connect(self.address).await, request, StatusCode::OK).await
        })
    }

    /// What it holds now.
    pub fn memory(&self) -> Memory {
        let status = format!("/proc/{}/status", self.child.id());
        let said = std::fs::read_to_string(status).unwrap_or_default();
        let mib = |name: &str| {
            let line = said.lines().find_map(|line| line.strip_prefix(name));
            let kib = line.and_then(|it| it.split_whitespace().next()?.parse::<f64>().ok());
            kib.unwrap_or(f64::NAN) / 1_024.0
        };
        Memory { resident: mib("VmRSS:"), anonymous: mib("RssAnon:") }
    }

    /// Ends it in order.
    pub fn stop(mut self) {
        let told = Command::new("kill").arg(self.child.id().to_string()).status();
        assert!(told.expect("there is a kill").success(), "it can be told to stop");
        assert!(self.child.wait().expect("it is ours").success(), "it stops cleanly");
    }
}

fn request(path: &str) -> hyper::http::request::Builder {
    Request::get(path).header("host", "localhost")
}
