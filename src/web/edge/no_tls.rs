//! TLS in a build without the feature `tls`: there is none, and whoever asks for it is told so.

use std::time::SystemTime;

/// A certificate and a key, of which there are none in this build.
#[derive(Debug, Clone)]
pub enum Tls {}

/// Why a certificate and a key do not serve.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// This build has no TLS.
    #[error(
        "this allclear was built without TLS: build it with --features tls, or put a proxy before it"
    )]
    NotBuilt,
}

impl Tls {
    /// # Errors
    ///
    /// [`TlsError::NotBuilt`].
    pub fn new(_: &[u8], _: &[u8], _: SystemTime) -> Result<Tls, TlsError> {
        Err(TlsError::NotBuilt)
    }

    /// Shows another's certificate from now on.
    pub fn become_like(&self, other: &Tls) {
        match *other {}
    }

    /// The stream behind the handshake.
    pub async fn accept<S>(&self, _: S) -> Option<S> {
        match *self {}
    }
}
