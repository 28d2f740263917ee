//! TLS: the certificate that is shown, and the handshake that comes before any request.
//!
//! TLS 1.2 and 1.3 with the suites of `rustls`, HTTP/1.1 by ALPN. No certificate is asked of clients,
//! and no data are taken before the handshake is done (no 0-RTT): a token shows who is asking.

use super::limits::HEAD_TIME;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::SystemTime;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::client::verify_server_cert_signed_by_trust_anchor;
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use tokio_rustls::rustls::server::ParsedCertificate;
use tokio_rustls::rustls::{
    CertificateError, Error, InconsistentKeys, RootCertStore, ServerConfig,
};
use tokio_rustls::server::TlsStream;

/// The certificate and the key; replaced while connections last, which keep what they began with.
#[derive(Debug, Clone)]
pub struct Tls(Arc<RwLock<Arc<ServerConfig>>>);

/// Why a certificate and a key do not serve.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// There is no certificate in PEM.
    #[error("there is no certificate in it: a file in PEM is expected, the service's own first")]
    NoCertificate,
    /// There is no private key in PEM.
    #[error(
        "there is no private key in the file of the key: one in PEM is expected, without a passphrase"
    )]
    NoKey,
    /// Its time is over.
    #[error("the certificate has expired: get a new one")]
    Expired,
    /// Its time has not begun.
    #[error("the certificate is not valid yet: look at the clock of this machine")]
    NotYetValid,
    /// The key is that of another certificate.
    #[error("the key is not that of the certificate: put the pair together that was made together")]
    OtherKey,
    /// It is something else.
    #[error("certificate and key cannot be used: {0}")]
    Unusable(Error),
}

impl Tls {
    /// What these files of PEM say, as of that moment: the certificate with those that lead to its
    /// root, and its key.
    ///
    /// # Errors
    ///
    /// [`TlsError`], by the first thing that is wrong.
    pub fn new(certificates: &[u8], key: &[u8], now: SystemTime) -> Result<Tls, TlsError> {
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(certificates).collect();
        let chain = chain.ok().filter(|chain| !chain.is_empty()).ok_or(TlsError::NoCertificate)?;
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| TlsError::NoKey)?;
        let provider = Arc::new(ring::default_provider());
        in_its_time(&chain[0], &provider, now)?;
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(TlsError::Unusable)?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .map_err(|error| match error {
                Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => TlsError::OtherKey,
                other => TlsError::Unusable(other),
            })?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Tls(Arc::new(RwLock::new(Arc::new(config)))))
    }

    /// Shows another's certificate from now on.
    pub fn become_like(&self, other: &Tls) {
        let config = other.config();
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = config;
    }

    /// The stream behind the handshake; none when it fails, or takes longer than a head may.
    pub async fn accept<S>(&self, stream: S) -> Option<TlsStream<S>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let handshake = TlsAcceptor::from(self.config()).accept(stream);
        tokio::time::timeout(HEAD_TIME, handshake).await.ok()?.ok()
    }

    fn config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Whether clients would find it valid at that moment; who signed it, they judge themselves. The
/// time is the first thing that is looked at, so an empty list of roots says no less.
fn in_its_time(
    certificate: &CertificateDer<'_>,
    provider: &CryptoProvider,
    now: SystemTime,
) -> Result<(), TlsError> {
    let parsed = ParsedCertificate::try_from(certificate).map_err(TlsError::Unusable)?;
    let since = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let now = UnixTime::since_unix_epoch(since);
    let judged = verify_server_cert_signed_by_trust_anchor(
        &parsed,
        &RootCertStore::empty(),
        &[],
        now,
        provider.signature_verification_algorithms.all,
    );
    match judged {
        Err(Error::InvalidCertificate(
            CertificateError::Expired | CertificateError::ExpiredContext { .. },
        )) => Err(TlsError::Expired),
        Err(Error::InvalidCertificate(
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. },
        )) => Err(TlsError::NotYetValid),
        _ => Ok(()),
    }
}
