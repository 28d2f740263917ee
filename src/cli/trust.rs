//! TLS as the client of a server speaks it: TLS 1.2 and 1.3, believing nobody but the authorities in
//! the file that is named. None are built in.

use super::Failed;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{CertificateError, ClientConfig, Error, RootCertStore};

/// The authorities that are believed, and what is spoken with whom they have signed for.
pub struct Trust {
    file: PathBuf,
    config: Arc<ClientConfig>,
}

impl Trust {
    /// The authorities in the file, in PEM.
    pub fn read(file: Option<&Path>) -> Result<Trust, Failed> {
        let file = file.ok_or_else(|| {
            Failed::undone(
                "a server of https is believed for a certificate only, and no authority is built \
                 in: name the one that signed it with --ca FILE",
            )
        })?;
        let said =
            |why: &dyn std::fmt::Display| Failed::undone(format!("{}: {why}", file.display()));
        let text = std::fs::read(file).map_err(|error| said(&error))?;
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(&text) {
            let added = certificate.map(|certificate| roots.add(certificate));
            added.map_err(|error| said(&error))?.map_err(|error| said(&error))?;
        }
        if roots.is_empty() {
            return Err(said(&"there is no certificate in it: a file in PEM is expected"));
        }
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| said(&error))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Trust { file: file.to_owned(), config: Arc::new(config) })
    }

    /// The stream behind the handshake, with a server that has shown that it is `host`.
    pub async fn shake_hands(
        &self,
        host: &str,
        stream: TcpStream,
    ) -> Result<TlsStream<TcpStream>, Failed> {
        let name = ServerName::try_from(host.to_owned())
            .map_err(|_| Failed::undone(format!("{host} is no name that a certificate has")))?;
        let connector = TlsConnector::from(Arc::clone(&self.config));
        connector
            .connect(name, stream)
            .await
            .map_err(|error| Failed::undone(format!("{host} is not asked: {}", self.why(&error))))
    }

    /// Why there was no handshake, and what to do.
    fn why(&self, error: &io::Error) -> String {
        match error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
            Some(Error::InvalidCertificate(unfit)) => self.unfit(unfit),
            Some(Error::InvalidMessage(_)) => {
                "it does not speak TLS there: look at the address and the port".into()
            }
            Some(_) | None => error.to_string(),
        }
    }

    fn unfit(&self, why: &CertificateError) -> String {
        use CertificateError as Unfit;
        match why {
            Unfit::Expired | Unfit::ExpiredContext { .. } => {
                "its certificate has expired, it needs a new one".into()
            }
            Unfit::NotValidYet | Unfit::NotValidYetContext { .. } => {
                "its certificate is not valid yet: look at the clock of this machine".into()
            }
            Unfit::NotValidForName | Unfit::NotValidForNameContext { .. } => {
                "its certificate is for another name: ask by one that stands in it".into()
            }
            // The second is that of an authority which only has the same name.
            Unfit::UnknownIssuer | Unfit::BadSignature => format!(
                "its certificate is signed by no authority of {}: name the one that signed it \
                 with --ca",
                self.file.display()
            ),
            // As when it is an authority's own, which signs for others and not for itself.
            Unfit::Other(why) => format!(
                "its certificate cannot be used ({why}): it needs one that an authority has signed, \
                 and that is no authority's own"
            ),
            other => format!("its certificate cannot be used: {other}"),
        }
    }
}
