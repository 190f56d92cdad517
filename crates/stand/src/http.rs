//! The stand over HTTP/1.1.
//!
//! ```text
//! connection ─► guard: Host, Origin, token ─► body, at most 1 MiB, in time ─► route ─► Stand ─► JSON
//! ```
//!
//! Happening enters: requests from this machine, or with a token. Happening leaves: JSON, a live stream of events, the page. A request that is
//! slow, large, for another place or of another method gets a 4xx with a sentence, and harms nobody else.

mod answer;
mod guard;
mod live;
mod route;

use std::convert::Infallible;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};

pub use guard::Token;

use crate::stand::Stand;

/// The API in OpenAPI 3.1.
pub const DESCRIPTION: &str = include_str!("openapi.json");

/// Most bytes in a request's body.
const LARGEST: usize = 0x10_0000;
/// So long a client may take for its request's head, and for its body.
const PATIENCE: Duration = Duration::from_secs(10);
/// Connections at a time.
const CONNECTIONS: usize = 256;

/// The body of an answer.
pub(crate) type Body = UnsyncBoxBody<Bytes, Infallible>;

/// Happening is served beside the API.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Pages {
    /// `/openapi.json`.
    pub description: &'static str,
    /// `/`.
    pub page: &'static str,
}

/// Who may do what.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Policy {
    /// Happening every request must show, when there is one.
    pub token: Option<Token>,
    /// Whether a card's keys and PINs may be seen.
    pub shows_secrets: bool,
}

impl Pages {
    /// These.
    #[must_use]
    pub const fn new(description: &'static str, page: &'static str) -> Self {
        Self { description, page }
    }
}

impl Policy {
    /// For whoever is on this machine, without secrets.
    #[must_use]
    pub fn open() -> Self {
        Self::default()
    }

    /// Only for who has the token.
    #[must_use]
    pub fn with_token(self, token: Token) -> Self {
        Self { token: Some(token), ..self }
    }

    /// Keys and PINs are shown.
    #[must_use]
    pub fn showing_secrets(self, shows_secrets: bool) -> Self {
        Self { shows_secrets, ..self }
    }
}

/// A stand, what is beside it, and who may use it.
pub(crate) struct Service {
    pub(crate) stand: Arc<Stand>,
    pub(crate) pages: Pages,
    pub(crate) policy: Policy,
}

/// A server that is bound, and not serving yet.
pub struct Server {
    service: Arc<Service>,
    listener: Listening,
}

enum Listening {
    Tcp(TcpListener),
    #[cfg(unix)]
    Unix(std::os::unix::net::UnixListener),
}

/// Why the API cannot be bound.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BindError {
    /// The address is not this machine's own, and there is no token.
    #[error(
        "{0} can be reached from outside this machine: give a token with --api-token, or use 127.0.0.1"
    )]
    Outside(SocketAddr),
    /// The system refuses.
    #[error("{address}: {source}")]
    System {
        /// The address.
        address: String,
        /// Why.
        source: io::Error,
    },
}

impl Server {
    /// Binds an address of this machine.
    ///
    /// # Errors
    /// [`BindError::Outside`] for one that others can reach, without a token; [`BindError::System`].
    pub fn bind(
        address: SocketAddr,
        stand: Arc<Stand>,
        pages: Pages,
        policy: Policy,
    ) -> Result<Self, BindError> {
        if policy.token.is_none() && !address.ip().is_loopback() {
            return Err(BindError::Outside(address));
        }
        let system = |source| BindError::System { address: address.to_string(), source };
        let listener = TcpListener::bind(address).map_err(system)?;
        listener.set_nonblocking(true).map_err(system)?;
        let service = Arc::new(Service { stand, pages, policy });
        Ok(Self { service, listener: Listening::Tcp(listener) })
    }

    /// Binds a socket of the file system, for its owner.
    ///
    /// # Errors
    /// [`BindError::System`], also when something is at that path.
    #[cfg(unix)]
    pub fn bind_unix(
        path: &std::path::Path,
        stand: Arc<Stand>,
        pages: Pages,
        policy: Policy,
    ) -> Result<Self, BindError> {
        let system = |source| BindError::System { address: path.display().to_string(), source };
        let listener = std::os::unix::net::UnixListener::bind(path).map_err(system)?;
        let owner = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(path, owner).map_err(system)?;
        listener.set_nonblocking(true).map_err(system)?;
        let service = Arc::new(Service { stand, pages, policy });
        Ok(Self { service, listener: Listening::Unix(listener) })
    }

    /// The address, of a port that the system chose, too.
    #[must_use]
    pub fn address(&self) -> Option<SocketAddr> {
        match &self.listener {
            Listening::Tcp(listener) => listener.local_addr().ok(),
            #[cfg(unix)]
            Listening::Unix(_) => None,
        }
    }

    /// Serves until `stop` is resolved.
    ///
    /// # Errors
    /// The system gives no runtime.
    pub fn serve(self, stop: impl Future<Output = ()>) -> io::Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let service = self.service;
        runtime.block_on(async {
            let accept = async {
                match self.listener {
                    Listening::Tcp(listener) => match tokio::net::TcpListener::from_std(listener) {
                        Ok(listener) => accept_tcp(listener, service).await,
                        Err(error) => Err(error),
                    },
                    #[cfg(unix)]
                    Listening::Unix(listener) => {
                        match tokio::net::UnixListener::from_std(listener) {
                            Ok(listener) => accept_unix(listener, service).await,
                            Err(error) => Err(error),
                        }
                    }
                }
            };
            let (mut accept, mut stop) = (std::pin::pin!(accept), std::pin::pin!(stop));
            std::future::poll_fn(|context| match stop.as_mut().poll(context) {
                std::task::Poll::Ready(()) => std::task::Poll::Ready(Ok(())),
                std::task::Poll::Pending => accept.as_mut().poll(context),
            })
            .await
        })
    }
}

async fn accept_tcp(listener: tokio::net::TcpListener, service: Arc<Service>) -> io::Result<()> {
    let open = Arc::new(AtomicUsize::new(0));
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                // A matter of speed only.
                let _ = stream.set_nodelay(true);
                converse(TokioIo::new(stream), &service, &open);
            }
            // Too many open files, an aborted connection: the next one may do.
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

#[cfg(unix)]
async fn accept_unix(listener: tokio::net::UnixListener, service: Arc<Service>) -> io::Result<()> {
    let open = Arc::new(AtomicUsize::new(0));
    loop {
        match listener.accept().await {
            Ok((stream, _)) => converse(TokioIo::new(stream), &service, &open),
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

fn converse<S>(stream: TokioIo<S>, service: &Arc<Service>, open: &Arc<AtomicUsize>)
where
    TokioIo<S>: hyper::rt::Read + hyper::rt::Write + Unpin + Send + 'static,
{
    if open.fetch_add(1, Ordering::Relaxed) >= CONNECTIONS {
        open.fetch_sub(1, Ordering::Relaxed);
        return;
    }
    let (service, open) = (Arc::clone(service), Arc::clone(open));
    tokio::spawn(async move {
        let answer = service_fn(move |request: Request<Incoming>| {
            let service = Arc::clone(&service);
            async move { Ok::<_, Infallible>(respond(&service, request).await) }
        });
        let mut server = http1::Builder::new();
        server.timer(TokioTimer::new()).header_read_timeout(PATIENCE).max_buf_size(0x4000);
        // A client that goes, or speaks another language, is its own loss.
        let _ = server.serve_connection(stream, answer).await;
        open.fetch_sub(1, Ordering::Relaxed);
    });
}

async fn respond(service: &Service, request: Request<Incoming>) -> Response<Body> {
    if let Err(refusal) = guard::admit(request.method(), request.headers(), &service.policy) {
        return refusal;
    }
    let (head, body) = request.into_parts();
    let announced = hyper::body::Body::size_hint(&body).lower();
    if announced > LARGEST as u64 {
        return answer::refusal(413, "a request's body has at most 1 MiB");
    }
    let collected = tokio::time::timeout(PATIENCE, Limited::new(body, LARGEST).collect()).await;
    let body = match collected {
        Ok(Ok(body)) => body.to_bytes(),
        Ok(Err(_)) => return answer::refusal(413, "a request's body has at most 1 MiB"),
        Err(_) => {
            return answer::refusal(408, "the request's body did not come within ten seconds");
        }
    };
    route::route(service, &head.method, &head.uri, &body).await
}
