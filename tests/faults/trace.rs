//! Faults put in the way of a running server's system calls, with strace.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Whether anybody may trace here.
pub fn can_trace() -> bool {
    let traced = Command::new("strace").args(["-o", "/dev/null", "true"]).output();
    traced.is_ok_and(|it| it.status.success())
}

/// A fault that lasts until this is dropped.
pub struct Fault(Child);

impl Fault {
    /// Every such call of the process on that file fails from now on; none when nobody may trace.
    pub fn inject(pid: u32, calls: &str, error: &str, file: &Path) -> Option<Fault> {
        let mut strace = Command::new("strace");
        strace.args(["-f", "-o", "/dev/null", "-p", &pid.to_string(), "-P"]).arg(file);
        strace.arg(format!("--trace={calls}")).arg(format!("--inject={calls}:error={error}"));
        strace.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = strace.spawn().ok()?;
        let mut said = BufReader::new(child.stderr.take().unwrap()).lines();
        let is_attached = said.find_map(|line| {
            let line = line.unwrap_or_default();
            (line.contains("attached") || line.contains("ptrace"))
                .then(|| line.contains("attached"))
        });
        // What it says further on is read, so that it never waits for us.
        std::thread::spawn(move || said.for_each(drop));
        let fault = Fault(child);
        is_attached.unwrap_or(false).then_some(fault)
    }
}

impl Drop for Fault {
    fn drop(&mut self) {
        // Asked to end, it lets go of the server; killed, it might take it along.
        crate::outside::terminate(self.0.id());
        let _ = self.0.wait();
    }
}
