//! A directory that is gone when its measurement is.

use std::path::{Path, PathBuf};

/// A directory of its own under the temporary one.
pub struct Scratch(PathBuf);

impl Scratch {
    /// A new one; `name` tells it from the others of this process.
    pub fn new(name: &str) -> Scratch {
        let path =
            std::env::temp_dir().join(format!("allclear-bench-{}-{name}", std::process::id()));
        std::fs::create_dir(&path).expect("the temporary directory can be written");
        Scratch(path)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
