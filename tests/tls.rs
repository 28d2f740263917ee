//! TLS that ends in the service itself, as curl and openssl see it; needs the feature `tls`.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod outside;

use allclear::web::{Tls, TlsError};
use outside::{Scratch, Server, allclear, until};
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

/// A certificate of its own signature, and its key.
struct Pair {
    certificate: PathBuf,
    key: PathBuf,
}

impl Pair {
    /// A pair for `localhost`, valid for 30 days from now on.
    fn make(folder: &Path, name: &str) -> Pair {
        let pair = Pair {
            certificate: folder.join(format!("{name}.pem")),
            key: folder.join(format!("{name}.key")),
        };
        openssl(&["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out"], &pair.key);
        let key = pair.key.to_str().unwrap();
        let alternative = "subjectAltName=DNS:localhost,IP:127.0.0.1";
        let made = ["req", "-x509", "-key", key, "-subj", "/CN=localhost", "-addext", alternative];
        openssl(&[&made[..], &["-days", "30", "-out"]].concat(), &pair.certificate);
        private(&pair.key, 0o600);
        pair
    }

    /// A pair for that name, signed by this one.
    fn sign(&self, folder: &Path, name: &str, host: &str) -> Pair {
        let signed = Pair {
            certificate: folder.join(format!("{name}.pem")),
            key: folder.join(format!("{name}.key")),
        };
        openssl(&["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out"], &signed.key);
        private(&signed.key, 0o600);
        let [ca, ca_key, key] =
            [&self.certificate, &self.key, &signed.key].map(|file| file.to_str().unwrap());
        let alternative = format!("subjectAltName=DNS:{host}");
        let made =
            ["req", "-x509", "-CA", ca, "-CAkey", ca_key, "-key", key, "-subj", "/CN=signed"];
        let with = ["-addext", &alternative, "-addext", "basicConstraints=critical,CA:FALSE"];
        openssl(&[&made[..], &with, &["-days", "30", "-out"]].concat(), &signed.certificate);
        signed
    }

    fn serve(&self, listen: &str, data: &Path) -> Command {
        let mut command = allclear();
        command.args(["serve", "--listen", listen, "--no-reminders", "--data"]).arg(data);
        command.arg("--tls-cert").arg(&self.certificate).arg("--tls-key").arg(&self.key);
        command
    }

    /// What it says at a start that must not be.
    fn refused(&self) -> String {
        let scratch = Scratch::new();
        let ended = self.serve("127.0.0.1:0", &scratch.data()).output().unwrap();
        assert_eq!(ended.status.code(), Some(1));
        assert!(!scratch.data().exists(), "nothing is made before it is refused");
        String::from_utf8(ended.stderr).unwrap()
    }
}

fn openssl(arguments: &[&str], out: &Path) {
    let made = Command::new("openssl").args(arguments).arg(out).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

fn private(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

/// What curl shows of an answer, head and body; or why there is none.
fn curl(server: &Server, trusted: &Path, further: &[&str]) -> Result<String, String> {
    let url = format!("https://localhost:{}/livez", server.address.port());
    let mut command = Command::new("curl");
    command.args(["--silent", "--show-error", "--include", "--max-time", "15", "--cacert"]);
    let ended = command.arg(trusted).args(further).arg(url).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    if ended.status.success() { Ok(text(ended.stdout)) } else { Err(text(ended.stderr)) }
}

/// What `allclear token list` says, on stdout or else on stderr, of the server at `url`.
fn list(url: &str, server: &Server, ca: Option<&Path>) -> Result<String, String> {
    let mut command = allclear();
    command.args(["token", "list", "--server", url, "--data"]).arg(&server.data);
    command.envs(ca.map(|file| ("ALLCLEAR_CA", file)));
    let ended = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    if ended.status.success() { Ok(text(ended.stdout)) } else { Err(text(ended.stderr)) }
}

/// What comes on a connection until its end.
fn rest(stream: &mut TcpStream) -> Vec<u8> {
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let mut bytes = Vec::new();
    match stream.read_to_end(&mut bytes) {
        // An end is an end; to wait for one in vain is none.
        Err(why) if matches!(why.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
            panic!("the connection stays open")
        }
        _ => bytes,
    }
}

#[test]
fn over_tls_it_is_served_and_browsers_are_told_to_stay_there() {
    let scratch = Scratch::new();
    let pair = Pair::make(scratch.path(), "one");
    let server = Server::of(pair.serve("127.0.0.1:0", &scratch.data()), &scratch.data());
    for version in ["--tlsv1.3", "--tls-max=1.2"] {
        let version: Vec<&str> = version.split('=').collect();
        let answer = curl(&server, &pair.certificate, &version).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        assert!(answer.contains("strict-transport-security: max-age=31536000\r\n"), "{answer}");
    }
    let old = curl(&server, &pair.certificate, &["--tls-max", "1.1"]);
    assert!(old.is_err(), "an old version was spoken: {old:?}");
    let other = Pair::make(scratch.path(), "other");
    assert!(curl(&server, &other.certificate, &[]).is_err(), "curl trusts whatever it is shown");
    let plain = Server::start();
    assert_eq!(plain.nobody().get("/livez").header("strict-transport-security"), None);
}

#[test]
fn an_address_that_all_may_reach_is_listened_on_with_a_certificate() {
    let scratch = Scratch::new();
    let pair = Pair::make(scratch.path(), "one");
    let server = Server::of(pair.serve("0.0.0.0:0", &scratch.data()), &scratch.data());
    assert!(curl(&server, &pair.certificate, &[]).unwrap().starts_with("HTTP/1.1 200 "));
}

#[test]
fn what_is_asked_in_the_clear_is_answered_nothing() {
    let scratch = Scratch::new();
    let pair = Pair::make(scratch.path(), "one");
    let server = Server::of(pair.serve("127.0.0.1:0", &scratch.data()), &scratch.data());
    let mut stream = TcpStream::connect(server.address).unwrap();
    stream.write_all(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let answer = rest(&mut stream);
    assert!(!answer.starts_with(b"HTTP"), "{}", String::from_utf8_lossy(&answer));
}

#[test]
fn a_handshake_that_never_ends_is_given_up_and_holds_up_nobody() {
    let scratch = Scratch::new();
    let pair = Pair::make(scratch.path(), "one");
    let server = Server::of(pair.serve("127.0.0.1:0", &scratch.data()), &scratch.data());
    let began = Instant::now();
    let mut silent: Vec<TcpStream> =
        (0..600).map(|_| TcpStream::connect(server.address).unwrap()).collect();
    // The head of a record, and never what it announces.
    silent.iter_mut().step_by(2).for_each(|it| drop(it.write_all(b"\x16\x03\x01\x02\x00\x01")));
    assert!(curl(&server, &pair.certificate, &[]).is_ok());
    assert!(rest(silent.last_mut().unwrap()).is_empty());
    let took = began.elapsed();
    assert!((Duration::from_secs(4)..Duration::from_secs(12)).contains(&took), "{took:?}");
}

#[test]
fn who_holds_a_handshake_does_not_hold_up_the_end() {
    let scratch = Scratch::new();
    let pair = Pair::make(scratch.path(), "one");
    let server = Server::of(pair.serve("127.0.0.1:0", &scratch.data()), &scratch.data());
    let _silent = TcpStream::connect(server.address).unwrap();
    assert!(curl(&server, &pair.certificate, &[]).is_ok());
    let began = Instant::now();
    assert!(server.stop().status.success());
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
}

#[test]
fn files_that_do_not_serve_are_refused_in_a_sentence() {
    let scratch = Scratch::new();
    let folder = scratch.path();
    let pair = Pair::make(folder, "one");
    let other = Pair::make(folder, "other");
    let mixed = Pair { certificate: pair.certificate.clone(), key: other.key.clone() };
    let swapped = Pair { certificate: other.key.clone(), key: pair.key.clone() };
    let keyless = Pair { certificate: pair.certificate.clone(), key: folder.join("text.key") };
    std::fs::write(&keyless.key, "no key").unwrap();
    private(&keyless.key, 0o600);
    let missing = Pair { certificate: folder.join("nowhere.pem"), key: pair.key.clone() };
    for (wrong, said) in [
        (mixed, "the key is not that of the certificate"),
        (swapped, "there is no certificate in it"),
        (keyless, "there is no private key"),
        (missing, "nowhere.pem"),
    ] {
        let refused = wrong.refused();
        assert!(refused.contains(said), "{said}: {refused}");
    }
    private(&pair.key, 0o640);
    let refused = pair.refused();
    assert!(refused.contains("chmod 600"), "{refused}");
}

#[test]
fn a_certificate_serves_in_its_time_and_at_no_other() {
    let scratch = Scratch::new();
    let pair = Pair::make(scratch.path(), "one");
    let [certificate, key] =
        [&pair.certificate, &pair.key].map(|file| std::fs::read(file).unwrap());
    let (now, day) = (SystemTime::now(), Duration::from_secs(86_400));
    let at = |moment| Tls::new(&certificate, &key, moment).map(drop);
    assert!(at(now + day).is_ok() && at(now + 29 * day).is_ok());
    assert!(matches!(at(now + 31 * day), Err(TlsError::Expired)));
    assert!(matches!(at(now - day), Err(TlsError::NotYetValid)));
}

#[test]
fn a_certificate_goes_with_its_key() {
    let scratch = Scratch::new();
    let mut alone = allclear();
    alone.args(["serve", "--tls-cert", "one.pem", "--data"]).arg(scratch.data());
    let refused = alone.stdin(Stdio::null()).output().unwrap();
    assert_eq!(refused.status.code(), Some(1));
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(said.contains("both --tls-cert and --tls-key"), "{said}");
}

#[test]
fn at_sighup_the_certificate_is_read_again_and_one_that_does_not_serve_is_not_taken() {
    let scratch = Scratch::new();
    let pair = Pair::make(scratch.path(), "one");
    let server = Server::of(pair.serve("127.0.0.1:0", &scratch.data()), &scratch.data());
    let hang_up = || {
        let pid = server.pid().to_string();
        assert!(Command::new("kill").args(["-HUP", &pid]).status().unwrap().success());
    };
    let new = Pair::make(scratch.path(), "new");
    let is_shown = |trusted: &Path| curl(&server, trusted, &[]).is_ok();
    // The new certificate without its key: what was shown is shown.
    let old = scratch.path().join("old.pem");
    std::fs::rename(&pair.certificate, &old).unwrap();
    std::fs::copy(&new.certificate, &pair.certificate).unwrap();
    hang_up();
    until("it is told", || server.has_said("the certificate stays as it was"));
    assert!(is_shown(&old) && !is_shown(&new.certificate));
    std::fs::copy(&new.key, &pair.key).unwrap();
    hang_up();
    until("the new certificate is shown", || is_shown(&new.certificate));
    assert!(!is_shown(&old));
}

#[test]
fn tokens_are_made_and_listed_over_tls_by_whoever_names_the_authority() {
    let scratch = Scratch::new();
    let authority = Pair::make(scratch.path(), "authority");
    let pair = authority.sign(scratch.path(), "signed", "localhost");
    let server = Server::of(pair.serve("127.0.0.1:0", &scratch.data()), &scratch.data());
    let url = format!("https://localhost:{}/", server.address.port());
    let mut create = allclear();
    create.args(["token", "create", "--name", "ana", "--server", &url, "--ca"]);
    let made = create.arg(&authority.certificate).arg("--data").arg(&server.data).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    assert!(made.stdout.starts_with(b"alc_pat_"));
    let listed = list(&url, &server, Some(&authority.certificate)).unwrap();
    assert!(listed.contains("  ana  "), "{listed}");
}

#[test]
fn a_server_that_does_not_show_who_it_is_gets_no_token() {
    let scratch = Scratch::new();
    let folder = scratch.path();
    let authority = Pair::make(folder, "authority");
    let stranger = Pair::make(folder, "stranger");
    let other = authority.sign(folder, "other", "other.example");
    for (pair, trusted, expected) in [
        (&other, &authority, "its certificate is for another name"),
        (&other, &stranger, "signed by no authority of"),
        (&authority, &authority, "that is no authority's own"),
    ] {
        let data = folder.join(expected);
        let server = Server::of(pair.serve("127.0.0.1:0", &data), &data);
        let url = format!("https://localhost:{}", server.address.port());
        let said = list(&url, &server, Some(&trusted.certificate)).unwrap_err();
        assert!(said.contains(expected) && said.lines().count() == 1, "{expected}: {said}");
    }
}

#[test]
fn what_cannot_be_asked_over_tls_is_said_in_a_sentence() {
    let scratch = Scratch::new();
    let authority = Pair::make(scratch.path(), "authority");
    let server = Server::start();
    let url = format!("https://localhost:{}", server.address.port());
    let nowhere = scratch.path().join("nowhere.pem");
    for (ca, expected) in [
        (None, "--ca FILE"),
        (Some(&authority.certificate), "it does not speak TLS there"),
        (Some(&authority.key), "there is no certificate in it"),
        (Some(&nowhere), "nowhere.pem"),
    ] {
        let said = list(&url, &server, ca.map(PathBuf::as_path)).unwrap_err();
        assert!(said.contains(expected) && said.lines().count() == 1, "{expected}: {said}");
    }
}
