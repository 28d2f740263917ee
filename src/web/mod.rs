//! web: the API over HTTP. It reads requests, asks the engine, and tells answers and views.
//!
//! No SQL, no settings, and nothing is decided here: whether an event may happen is the
//! incident's, in which order the engine's. Every error leaves as an RFC 9457 problem.

mod api;
pub mod edge;
mod format;
mod identity;
mod layer;
mod openapi;
mod pages;
pub mod problem;
mod request;
mod routes;

pub use edge::{Edge, Hosts, Lines, Network, Places, Proxies, Tls, TlsError};
pub use openapi::document as openapi;
pub use request::{BODY_MAX, KEY_MAX};
pub use routes::{Operation, Route};

use crate::engine::Engine;
use axum::Router;
use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// What every handler has at hand.
#[derive(Clone)]
pub struct App {
    /// The engine; shared, since every request has all of this at hand.
    pub engine: Arc<Engine>,
    /// What durability really holds, in words, for `/readyz?verbose`.
    pub statement: Arc<BTreeMap<String, String>>,
    /// Turns true when the service stops: streams end then.
    pub stopping: watch::Receiver<bool>,
    /// What all connections share.
    pub edge: Arc<Edge>,
}

/// The whole API.
pub fn router(app: App) -> Router {
    let routes = Operation::ALL.iter().fold(Router::new(), |router, operation| {
        // The one place where a handler gets its address, behind the one check of rights.
        let admit =
            axum::middleware::from_fn_with_state((app.clone(), *operation), identity::admit);
        router.route(operation.route().path, api::handler(*operation).route_layer(admit))
    });
    routes
        .fallback(api::no_such_address)
        .method_not_allowed_fallback(api::no_such_method)
        .layer(axum::middleware::from_fn_with_state(Arc::clone(&app.edge), layer::finish))
        .with_state(app)
}

/// Serves the API on `listener` until `stop` resolves; then ends the streams, answers what was
/// asked before, and returns.
pub async fn serve(
    listener: TcpListener,
    app: App,
    stop: impl Future<Output = ()> + Send + 'static,
) {
    edge::serve(listener, app.clone(), router(app), stop).await;
}
