//! Starting and ending the real binary.

use super::{Actor, Connection};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How long anything may take before a test gives up on it.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// The binary under test, with no setting from the environment of whoever runs the tests.
pub fn allclear() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_allclear"));
    for name in [
        "DATA",
        "LISTEN",
        "CHECKPOINTS",
        "CONFIG",
        "SERVER",
        "CA",
        "TOKEN",
        "RUNBOOK",
        "MASKS",
        "HOST",
        "TLS_CERT",
        "TLS_KEY",
        "TRUSTED_PROXY",
        "LOG",
    ] {
        command.env_remove(format!("ALLCLEAR_{name}"));
    }
    command
}

/// The command of a server on that data directory, at any free port.
fn serving(data: &Path) -> Command {
    let mut command = allclear();
    command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(data);
    // What an actor does is counted; what the service adds by itself has tests of its own.
    command.env("ALLCLEAR_NO_REMINDERS", "true");
    command
}

/// A directory that nobody else uses, gone when dropped.
pub struct Scratch(PathBuf);

impl Scratch {
    pub fn new() -> Scratch {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("allclear-test-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir(&path).unwrap();
        Scratch(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// A data directory in it, which is not there yet.
    pub fn data(&self) -> PathBuf {
        self.0.join("data")
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A running server. Dropped, it is killed: its own process by its handle, nothing else.
pub struct Server {
    pub address: SocketAddr,
    pub data: PathBuf,
    child: Child,
    stderr: Stderr,
    _scratch: Option<Scratch>,
}

/// What a server says on stderr, heard as it is said.
struct Stderr {
    said: Arc<Mutex<String>>,
    hearing: Option<JoinHandle<()>>,
}

impl Stderr {
    /// Hears all of it; `told` gets the address that it says it listens on.
    fn hear(stderr: ChildStderr, told: mpsc::Sender<SocketAddr>) -> Stderr {
        let said = Arc::new(Mutex::new(String::new()));
        let heard = Arc::clone(&said);
        let hearing = std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                let told_where = line.split_once(" on http://").or(line.split_once(" on https://"));
                if let Some((_, address)) = told_where {
                    let address = address.split_whitespace().next().unwrap_or_default();
                    let _ = told.send(address.parse::<SocketAddr>().unwrap());
                }
                *heard.lock().unwrap() += &format!("{line}\n");
            }
        });
        Stderr { said, hearing: Some(hearing) }
    }

    /// All that was said, once the server has ended.
    fn all(&mut self) -> String {
        self.hearing.take().unwrap().join().unwrap();
        self.said.lock().unwrap().clone()
    }
}

/// How a server ended.
pub struct Ended {
    pub status: ExitStatus,
    pub stderr: String,
}

impl Server {
    /// A server on a data directory of its own.
    pub fn start() -> Server {
        let scratch = Scratch::new();
        let mut server = Server::on(&scratch.data());
        server._scratch = Some(scratch);
        server
    }

    /// A server on that data directory.
    pub fn on(data: &Path) -> Server {
        Server::of(serving(data), data)
    }

    /// A server on a data directory of its own that may open so many files.
    pub fn with_files(files: u32) -> Server {
        let scratch = Scratch::new();
        let serve = serving(&scratch.data());
        let mut command = Command::new("sh");
        command.args(["-c", &format!("ulimit -n {files}; exec \"$@\""), "sh"]);
        command.arg(serve.get_program()).args(serve.get_args());
        for (name, value) in serve.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        let mut server = Server::of(command, &scratch.data());
        server._scratch = Some(scratch);
        server
    }

    /// The server that this command starts, once it says where it listens.
    pub fn of(command: Command, data: &Path) -> Server {
        Server::try_of(command, data)
            .unwrap_or_else(|ended| panic!("the server did not start: {}", ended.stderr))
    }

    /// The same, or how it ended instead.
    pub fn try_of(mut command: Command, data: &Path) -> Result<Server, Ended> {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (told, address) = mpsc::channel();
        let mut stderr = Stderr::hear(child.stderr.take().unwrap(), told);
        match address.recv_timeout(PATIENCE) {
            Ok(address) => {
                let data = data.to_owned();
                Ok(Server { address, data, child, stderr, _scratch: None })
            }
            Err(error) => {
                if error == mpsc::RecvTimeoutError::Timeout {
                    let _ = child.kill();
                }
                let status = child.wait().unwrap();
                Err(Ended { status, stderr: stderr.all() })
            }
        }
    }

    /// The first admin, whose token is in the data directory.
    pub fn admin(&self) -> Actor {
        let token = std::fs::read_to_string(self.data.join("admin-token")).unwrap();
        Actor::new(self.address, token.trim())
    }

    /// Somebody without a token.
    pub fn nobody(&self) -> Actor {
        Actor::new(self.address, "")
    }

    /// Somebody or something with a token made for it.
    pub fn make(&self, claim: Value) -> Actor {
        let made = self.admin().post("/v1/tokens", &claim).is(201);
        Actor::new(self.address, made["secret"].as_str().unwrap())
    }

    /// A person with that name and role.
    pub fn person(&self, name: &str, role: &str) -> Actor {
        self.make(json!({ "name": name, "role": role }))
    }

    /// A responder.
    pub fn responder(&self, name: &str) -> Actor {
        self.person(name, "responder")
    }

    /// A tool with these scopes.
    pub fn tool(&self, name: &str, scopes: &[&str]) -> Actor {
        self.make(json!({ "name": name, "kind": "tool", "scopes": scopes }))
    }

    /// How many events the log has, as stored.
    pub fn position(&self) -> u64 {
        let ready = self.nobody().get("/readyz?verbose").is(200);
        ready["position"].as_u64().unwrap()
    }

    pub fn connect(&self) -> Connection {
        Connection::open(self.address).unwrap()
    }

    /// Whether it has said that on stderr.
    pub fn has_said(&self, words: &str) -> bool {
        self.stderr.said.lock().unwrap().contains(words)
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to end, and waits until it has.
    pub fn stop(mut self) -> Ended {
        terminate(self.child.id());
        self.ended()
    }

    /// Ends it between two of its instructions, as a crash would.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits until it ends by itself.
    pub fn ended(&mut self) -> Ended {
        let mut status = None;
        until("the server ends", || {
            status = self.child.try_wait().unwrap();
            status.is_some()
        });
        Ended { status: status.unwrap(), stderr: self.stderr.all() }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends SIGTERM to a process that this test started.
pub fn terminate(pid: u32) {
    let sent = Command::new("kill").args(["-TERM", &pid.to_string()]).status().unwrap();
    assert!(sent.success());
}

/// Looks again and again until it is so, within bounds.
pub fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < PATIENCE, "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}
