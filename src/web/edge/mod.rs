//! The edge: connections, and what is asked of a request before anybody reads it.
//!
//! Nothing here knows an incident. Every limit has its reason in [`limits`]; what is refused is
//! answered with a problem while HTTP still allows an answer, else the connection ends.

mod figures;
mod full;
mod gate;
pub mod head;
mod hosts;
pub mod limits;
mod lines;
mod places;
pub mod rates;
mod shares;
mod streams;
mod timed;
#[cfg_attr(not(feature = "tls"), path = "no_tls.rs")]
mod tls;

pub use figures::Figures;
pub use head::Refusal;
pub use hosts::{Hosts, Network, Proxies};
pub use lines::{Line, Lines};
pub use places::{Place, Places};
pub use streams::{Open, Streams};
pub use timed::is_late;
pub use tls::{Tls, TlsError};

use super::App;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, Request, Response, header};
use gate::Gate;
use hyper::body::Incoming;
use hyper::service::{Service, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use limits::{ANSWER_AHEAD, FIELDS_MAX};
use places::Seat;
use rates::Rates;
use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use timed::Timed;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// How long no connection is taken after the system could not give one: it is out of files, and
/// asking again at once would change nothing.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// How long a connection on which nothing was asked yet is waited for when the service stops.
const STOP_PAUSE: Duration = Duration::from_millis(200);

/// What all connections share.
#[derive(Debug, Default)]
pub struct Edge {
    /// The places that they hold.
    pub places: Places,
    /// The streams that are open on them.
    pub streams: Streams,
    /// How often somebody may ask.
    pub rates: Rates,
    /// The names that the service answers to.
    pub hosts: Hosts,
    /// The proxies before it; when there are any, nobody else connects from outside.
    pub proxies: Proxies,
    /// The certificate, when TLS ends here.
    pub tls: Option<Tls>,
    /// How long answers took.
    pub figures: Figures,
    /// Where a line for each request goes.
    pub lines: Lines,
}

/// The connection that a request came on.
#[derive(Clone)]
pub struct Peer {
    /// The address at its other end.
    pub address: IpAddr,
    /// The address of ours that it came to.
    pub local: IpAddr,
    /// Whether nobody on the way can read it.
    pub is_secure: bool,
    /// Its place.
    pub place: Arc<Place>,
}

/// Listens on an address, with room for [`BACKLOG`](limits::BACKLOG) that were not taken yet.
///
/// # Errors
///
/// When the address is not ours, or somebody else listens on it.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // What is left of connections to the service before must not keep this one from starting.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(limits::BACKLOG)
}

/// Takes connections until `stop` resolves; then ends them in order, and returns when all have.
pub async fn serve(
    listener: TcpListener,
    app: App,
    router: Router,
    stop: impl Future<Output = ()>,
) {
    let mut connections = JoinSet::new();
    tokio::pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, address)) => {
                    if !app.edge.proxies.admit(address.ip()) {
                        continue;
                    }
                    match app.edge.places.take() {
                        Some(seat) => {
                            connections.spawn(connection(stream, address, seat, app.clone(), router.clone()));
                        }
                        // In the clear nothing is said where TLS is spoken.
                        None if app.edge.tls.is_some() => {}
                        None => drop(full::turn_away(stream, app.edge.places.max())),
                    }
                }
                Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
            }
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

async fn connection(stream: TcpStream, address: SocketAddr, seat: Seat, app: App, router: Router) {
    // Answers are small and awaited: none waits for the next.
    let _ = stream.set_nodelay(true);
    let local = stream.local_addr().unwrap_or(address).ip().to_canonical();
    let peer = Peer {
        address: address.ip().to_canonical(),
        local,
        is_secure: app.edge.tls.is_some(),
        place: Arc::clone(&seat.place),
    };
    tokio::select! {
        () = served(stream, peer, app, router) => {}
        () = seat.place.given_away() => {}
    }
}

async fn served(stream: TcpStream, peer: Peer, app: App, router: Router) {
    let Some(tls) = &app.edge.tls else {
        return requests(stream, peer, app.stopping.clone(), router).await;
    };
    let mut stopping = app.stopping.clone();
    let stream = tokio::select! {
        shaken = tls.accept(stream) => shaken,
        _ = stopping.wait_for(|stopping| *stopping) => None,
    };
    if let Some(stream) = stream {
        requests(stream, peer, app.stopping.clone(), router).await;
    }
}

/// Serves the requests of one connection, one after the other.
async fn requests<S>(stream: S, peer: Peer, mut stopping: watch::Receiver<bool>, router: Router)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let gate = Gate::new(stream, Arc::clone(&peer.place));
    let router = TowerToHyperService::new(router);
    let place = Arc::clone(&peer.place);
    let service = service_fn(move |request| answer(request, peer.clone(), router.clone()));
    let mut http = hyper::server::conn::http1::Builder::new();
    // The gate has looked at the head and keeps the time.
    http.max_headers(FIELDS_MAX).header_read_timeout(None).max_buf_size(ANSWER_AHEAD);
    let connection = http.serve_connection(TokioIo::new(gate), service);
    tokio::pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => return,
        _ = stopping.wait_for(|stopping| *stopping) => {}
    }
    connection.as_mut().graceful_shutdown();
    match place.has_asked() {
        true => drop(connection.await),
        // What it has just sent is answered; who only holds the connection holds up nobody.
        false => drop(tokio::time::timeout(STOP_PAUSE, connection).await),
    }
}

async fn answer(
    mut request: Request<Incoming>,
    peer: Peer,
    router: TowerToHyperService<Router>,
) -> Result<Response<Body>, Infallible> {
    let place = Arc::clone(&peer.place);
    if let Some(refusal) = place.begin() {
        request.extensions_mut().insert(refusal);
    }
    request.extensions_mut().insert(peer);
    let is_last = request.headers().contains_key(header::TRANSFER_ENCODING);
    let answered = router.call(request.map(|body| Body::new(Timed::new(body)))).await;
    place.answered();
    answered.map(|mut response| {
        // Where a body in chunks ends, the gate does not know: nothing may follow it.
        if is_last {
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response
    })
}

#[cfg(test)]
mod tests;
