//! The steps of the procedure, and their commands.

use crate::incident::field::{List, record};
use crate::incident::text::{Line, Text};
use crate::incident::words::words;

record! {
    /// A step of the procedure.
    pub struct Step {
        /// Which step.
        step: StepName,
        /// Its title in the runbook.
        title: Line,
        /// What to know about it, in the words of the runbook.
        says: List<Text>,
    }
}

words! {
    /// The steps of a rollback (seed, "Step-by-Step Rollback Procedure").
    pub enum StepName {
        /// 1. Announce the incident.
        Announce = "announce",
        /// 2. Identify the previous stable version.
        Identify = "identify",
        /// 3. Execute the rollback.
        Rollback = "rollback",
        /// 4. Roll back database migrations, if applicable.
        Migrations = "migrations",
        /// 5. Disable feature flags, if applicable.
        Flags = "flags",
        /// 6. Verify health after the rollback.
        Verify = "verify",
        /// 7. Announce the resolution.
        Resolution = "resolution",
    }
}

words! {
    /// Where a service runs.
    pub enum Platform {
        /// Docker Compose, on a single host.
        Compose = "compose",
        /// Kubernetes.
        Kubernetes = "kubernetes",
    }
}

record! {
    /// Commands that a step takes, with placeholders in braces.
    pub struct Command {
        /// The step that they belong to.
        step: StepName,
        /// The platform that they are for; left out when they serve any.
        platform: Option<Platform>,
        /// What they do.
        says: Line,
        /// The commands, a line each.
        run: Text,
    }
}

/// The placeholders that a command may have.
pub const TEMPLATE_NAMES: &[&str] =
    &["service", "from", "to", "namespace", "url", "migration", "flag", "channel", "reason"];

/// A piece of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part<'a> {
    /// Words that stay as they are.
    Text(&'a str),
    /// The name of a placeholder, without its braces.
    Placeholder(&'a str),
}

/// A command in pieces. A placeholder is a word of small letters between braces; `${word}` is the
/// shell's own, and stays.
pub fn parts(run: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let (mut begins, mut from) = (0, 0);
    while let Some(open) = run[from..].find('{').map(|at| from + at) {
        from = open + 1;
        if let Some(name) = name_at(run, open) {
            parts.push(Part::Text(&run[begins..open]));
            parts.push(Part::Placeholder(name));
            from = open + name.len() + 2;
            begins = from;
        }
    }
    parts.push(Part::Text(&run[begins..]));
    parts
}

/// The name between the brace at `open` and the next closing one, when it is one.
fn name_at(run: &str, open: usize) -> Option<&str> {
    let (name, _) = run[open + 1..].split_once('}')?;
    let is_name =
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    (is_name && !run[..open].ends_with('$')).then_some(name)
}

/// The names of the placeholders in a command.
pub fn placeholders(run: &str) -> impl Iterator<Item = &str> {
    parts(run).into_iter().filter_map(|part| match part {
        Part::Placeholder(name) => Some(name),
        Part::Text(_) => None,
    })
}
