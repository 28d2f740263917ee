//! A real file system of one's own, on a loop device, that can be cut off from its disk.

use crate::outside::until;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// What a disk is made as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Ext4,
    Xfs,
    /// ext4 without a journal, whose image has no room to grow where its folder has none: a write
    /// then fails when the page cache writes it back, and so the sync that waits for that.
    Thin,
}

impl Kind {
    /// How its file system is made, and how many MiB it has: XFS takes no fewer.
    fn make(self) -> (&'static str, &'static [&'static str], u64) {
        match self {
            Kind::Ext4 => ("mkfs.ext4", &["-q", "-F"], 128),
            Kind::Xfs => ("mkfs.xfs", &["-q", "-f"], 300),
            Kind::Thin => ("mkfs.ext4", &["-q", "-F", "-O", "^has_journal"], 64),
        }
    }
}

/// A file system in a file. It is unmounted when dropped, also by a test that fails.
pub struct Disk {
    kind: Kind,
    image: PathBuf,
    folder: PathBuf,
}

impl Disk {
    /// Makes it in that folder and mounts it there; else says why that cannot be done here.
    pub fn make(kind: Kind, scratch: &Path) -> Result<Disk, String> {
        let (image, folder) = (scratch.join("image"), scratch.join("disk"));
        let (program, arguments, mib) = kind.make();
        std::fs::create_dir(&folder).unwrap();
        std::fs::File::create_new(&image).unwrap().set_len(mib << 20).unwrap();
        done(Command::new(program).args(arguments).arg(&image))?;
        let disk = Disk { kind, image, folder };
        disk.mount()?;
        Ok(disk)
    }

    /// Where it is mounted.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whoever will cut it off, ready to.
    pub fn cutter(&self) -> Cutter {
        let mut command = Command::new("python3");
        command.arg("tests/load/power.py").arg(&self.folder);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let answers = BufReader::new(child.stdout.take().unwrap());
        let mut cutter = Cutter { child, answers };
        cutter.hear("ready");
        cutter
    }

    /// Takes it away, as far as anything keeps it, and brings it again from what is on the disk.
    pub fn mount_again(&self) {
        until("nobody uses the disk", || done(Command::new("umount").arg(&self.folder)).is_ok());
        if self.kind == Kind::Thin {
            // Nothing but a check makes one without a journal whole again; 1 says that it was made.
            let checked = Command::new("e2fsck").args(["-f", "-y"]).arg(&self.image).output();
            let checked = checked.unwrap();
            assert!(matches!(checked.status.code(), Some(0 | 1)), "{checked:?}");
        }
        self.mount().unwrap();
    }

    fn mount(&self) -> Result<(), String> {
        done(Command::new("mount").args(["-o", "loop"]).arg(&self.image).arg(&self.folder))
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if done(Command::new("umount").arg(&self.folder)).is_err() {
            // Somebody still has a file of it open: it is gone for good once they have not.
            let _ = done(Command::new("umount").arg("--lazy").arg(&self.folder));
        }
    }
}

/// Runs a command to its end; what it said when it failed, or that it is not here.
pub fn done(command: &mut Command) -> Result<(), String> {
    let name = command.get_program().display().to_string();
    match command.output() {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(format!("{name}: {}", String::from_utf8_lossy(&output.stderr).trim())),
        Err(error) => Err(format!("{name}: {error}")),
    }
}

/// A process that has the disk open and cuts it off at a word. Dropped, it is gone.
pub struct Cutter {
    child: Child,
    answers: BufReader<std::process::ChildStdout>,
}

impl Cutter {
    /// Cuts it off; that has happened when this returns.
    pub fn cut(mut self) {
        writeln!(self.child.stdin.as_mut().unwrap()).unwrap();
        self.hear("done");
    }

    fn hear(&mut self, word: &str) {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        assert_eq!(line.trim_end(), word);
    }
}

impl Drop for Cutter {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
