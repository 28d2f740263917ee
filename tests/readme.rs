//! The README is run: its walk by a shell, its figures against the build.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

const BINARY: &str = env!("CARGO_BIN_EXE_allclear");

#[test]
fn the_walk_of_the_readme_works_as_it_is_printed() {
    let server = Server::start();
    let blocks = blocks("bash");
    let [start, rest @ ..] = blocks.as_slice() else { panic!("the README has no walk") };
    assert_eq!(
        start.trim(),
        "cargo run --release -- serve --data ./allclear-data --listen 127.0.0.1:7373"
    );
    let walk = format!("set -eu\n{}", rest.concat())
        .replace(
            "cargo run --release --quiet -- token create",
            &format!(
                "{BINARY} token create --server http://{} --data {}",
                server.address,
                server.data.display()
            ),
        )
        .replace("cargo run --release --quiet --", BINARY)
        .replace("./allclear-data", &server.data.display().to_string())
        .replace("127.0.0.1:7373", &server.address);
    let run = Command::new("bash").arg("-c").arg(&walk).output().unwrap();
    let (told, said) =
        (String::from_utf8(run.stdout).unwrap(), String::from_utf8(run.stderr).unwrap());
    assert!(run.status.success(), "{told}\n{said}");
    assert!(told.contains("refused, as it must be"), "{told}");
    assert!(told.contains("\"code\":\"watch_too_short\""), "{told}");
    assert!(told.contains("# Post-mortem") || told.contains("Post-mortem"), "{told}");
    let events = Command::new(BINARY)
        .args(["events", "INC-1", "--data"])
        .arg(&server.data)
        .output()
        .unwrap();
    let events = String::from_utf8(events.stdout).unwrap();
    assert_eq!(events.lines().count(), 14, "the happy path is fourteen events");
    let last = events.lines().rfind(|line| line.contains("\"type\":\"resolved\"")).unwrap();
    assert!(last.contains("\"to\":\"resolved\"") && last.contains("\"overrides\":[]"), "{last}");
    assert_eq!(walk.matches("api /v1/").count(), 6, "five requests, and one that is refused");
}

#[test]
fn the_colophon_counts_the_packages_of_the_default_build() {
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--offline", "--edges", "normal", "--prefix", "none"])
        .output()
        .unwrap();
    let tree = String::from_utf8(tree.stdout).unwrap();
    let mut names: Vec<&str> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    names.sort_unstable();
    names.dedup();
    let said = format!("{} packages in the default build", names.len());
    assert!(readme().contains(&said), "the README should say: {said}");
}

fn readme() -> String {
    std::fs::read_to_string("README.md").unwrap()
}

/// The fenced blocks of a language, in order.
fn blocks(language: &str) -> Vec<String> {
    let readme = readme();
    let fence = format!("```{language}\n");
    let fenced = readme.split(&fence).skip(1);
    fenced.map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

struct Server {
    child: Child,
    address: String,
    data: PathBuf,
}

impl Server {
    fn start() -> Server {
        let data = std::env::temp_dir().join(format!("allclear-readme-{}", std::process::id()));
        let mut child = Command::new(BINARY)
            .args(["serve", "--listen", "127.0.0.1:0", "--no-reminders", "--data"])
            .arg(&data)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let first = lines.next().unwrap().unwrap();
        let address = first.split("http://").nth(1).unwrap().to_owned();
        // The first line comes before the last preparation; the third says where the token is.
        lines.by_ref().take(2).for_each(|line| drop(line.unwrap()));
        std::thread::spawn(move || lines.for_each(drop));
        Server { child, address, data }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.data);
        let _ = std::fs::remove_dir_all(
            self.data.with_file_name(format!("allclear-readme-{}-checkpoints", std::process::id())),
        );
    }
}
