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
    &["service", "from", "to", "namespace", "url", "migration", "flag", "channel"];

/// The names of the placeholders in a command: words of small letters between braces.
pub fn placeholders(run: &str) -> impl Iterator<Item = &str> {
    let names = run.split('{').skip(1).filter_map(|rest| rest.split_once('}'));
    names.map(|(name, _)| name).filter(|name| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
    })
}
