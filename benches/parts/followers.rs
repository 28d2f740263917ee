//! Readers of streams, a thousand in a process of their own, as cheap as they can be: one thread
//! that reads what has come into one buffer, counts the ends of events in it, and keeps nothing.

use super::stream::with_files;
use std::cell::RefCell;
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

/// How many there are.
pub const READERS: usize = 1_000;

/// What the program is called with to be them.
pub const NAME: &str = "followers";

/// What is read at once.
const BUFFER: usize = 64 * 1024;

/// How long what is to come may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// The readers, seen from whoever started them.
pub struct Followers {
    child: Child,
    told: ChildStdin,
    said: BufReader<ChildStdout>,
}

impl Followers {
    /// Starts them: half follow the log and half the incident at `path`, behind that position.
    pub fn start(to: SocketAddr, path: &str, after: u64, tokens: &[String]) -> Followers {
        let program = std::env::current_exe().expect("it is running");
        let mut command: Command = with_files(&program);
        command.args([NAME, &to.to_string(), path, &after.to_string()]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("it starts");
        let mut told = child.stdin.take().expect("it is a pipe");
        writeln!(told, "{}", tokens.join(" ")).expect("it listens");
        let said = BufReader::new(child.stdout.take().expect("it is a pipe"));
        let mut followers = Followers { child, told, said };
        assert_eq!(followers.hear(), "all follow");
        followers
    }

    /// Waits until each has so many events, and ends them; how many they have together, and how
    /// long that took.
    pub fn await_each(mut self, events: u64) -> (u64, Duration) {
        let begun = Instant::now();
        writeln!(self.told, "{events}").expect("it listens");
        let delivered = self.hear().parse().expect("a number");
        let behind = begun.elapsed();
        let _ = self.child.wait();
        (delivered, behind)
    }

    fn hear(&mut self) -> String {
        let mut line = String::new();
        self.said.read_line(&mut line).expect("it speaks UTF-8");
        line.trim().into()
    }
}

/// What the readers have counted, each for itself.
struct Counts {
    buffer: RefCell<Vec<u8>>,
    events: RefCell<Vec<u64>>,
}

/// Is the readers, in their own process.
pub fn run(arguments: &[String]) {
    let [to, path, after] = arguments else { panic!("an address, a path and a position") };
    let to: SocketAddr = to.parse().expect("an address");
    let tokens = heard();
    let tokens: Vec<&str> = tokens.split(' ').collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime starts");
    let all = tokio::task::LocalSet::new();
    let counts = Rc::new(Counts {
        buffer: RefCell::new(vec![0; BUFFER]),
        events: RefCell::new(vec![0; READERS]),
    });
    all.block_on(&runtime, async {
        for number in 0..READERS {
            let path = if number % 2 == 0 { "/v1/events" } else { path };
            let token = tokens[number % tokens.len()];
            let request = format!(
                "GET {path}/stream?after={after} HTTP/1.1\r\nHost: localhost\r\n\
                 Authorization: Bearer {token}\r\n\r\n"
            );
            let stream = follow(to, &request).await;
            tokio::task::spawn_local(count(stream, number, Rc::clone(&counts)));
        }
    });
    println!("all follow");
    let (tell, mut told) = tokio::sync::mpsc::channel(1);
    // Standard input is waited for beside the readers.
    std::thread::spawn(move || tell.blocking_send(heard()));
    all.block_on(&runtime, async {
        let events: u64 = told.recv().await.expect("a line").parse().expect("a number");
        let until = Instant::now() + PATIENCE;
        let is_done = || counts.events.borrow().iter().all(|it| *it >= events);
        while !is_done() && Instant::now() < until {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        // One that were told twice would come now.
        println!("{}", counts.events.borrow().iter().sum::<u64>());
    });
}

/// The next line of standard input.
fn heard() -> String {
    let line = std::io::stdin().lines().next().expect("a line");
    line.expect("it is UTF-8")
}

/// Asks for a stream, and reads the head of the answer.
async fn follow(to: SocketAddr, request: &str) -> TcpStream {
    let mut stream = TcpStream::connect(to).await.expect("the server listens");
    stream.write_all(request.as_bytes()).await.expect("it is heard");
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        stream.readable().await.expect("it is answered");
        let mut byte = [0; 1];
        match stream.try_read(&mut byte) {
            Ok(0) => panic!("hung up: {}", String::from_utf8_lossy(&head)),
            Ok(_) => head.push(byte[0]),
            Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock, "{error}"),
        }
    }
    assert!(head.starts_with(b"HTTP/1.1 200 "), "{}", String::from_utf8_lossy(&head));
    stream
}

/// Counts the events that come: each ends with an empty line, and nothing else in a stream does,
/// since lines of chunks end in CR LF.
async fn count(stream: TcpStream, number: usize, counts: Rc<Counts>) {
    let mut last = 0;
    while stream.readable().await.is_ok() {
        let mut buffer = counts.buffer.borrow_mut();
        let length = match stream.try_read(&mut buffer) {
            Ok(0) => return,
            Ok(length) => length,
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => continue,
            Err(_) => return,
        };
        let read = &buffer[..length];
        let ends = read.iter().zip(&read[1..]).filter(|(a, b)| **a == b'\n' && **b == b'\n');
        let events = ends.count() + usize::from(last == b'\n' && read[0] == b'\n');
        last = read[length - 1];
        counts.events.borrow_mut()[number] += events as u64;
    }
}
