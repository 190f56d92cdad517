//! The stand over HTTP/1.1.
//!
//! ```text
//! connection ─► guard: Host, Origin, token ─► body, at most 1 MiB, in time ─► route ─► Stand ─► JSON
//! ```
//!
//! What enters: requests from this machine, or with a token. What leaves: JSON, a live stream of events, the page. A request that is
//! slow, large, for another place or of another method gets a 4xx with a sentence, and harms nobody else.

mod answer;
mod connections;
mod guard;
mod live;
mod page;
mod route;

use std::convert::Infallible;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};

use connections::{Connection, Connections};
pub use guard::Token;
pub use page::PAGE;

use crate::stand::Stand;
use crate::workshop::Described;

/// The API in OpenAPI 3.1.
pub const DESCRIPTION: &str = include_str!("openapi.json");

/// Most bytes in a request's body.
const LARGEST: usize = 0x10_0000;
/// So long a client may take for its request's head, and for its body.
const PATIENCE: Duration = Duration::from_secs(10);

/// The body of an answer.
pub(crate) type Body = UnsyncBoxBody<Bytes, Infallible>;

/// What is served beside the API.
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
    /// What every request must show, when there is one.
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

    pub(crate) const fn described(&self) -> Described {
        if self.shows_secrets { Described::WithSecrets } else { Described::Openly }
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
    /// Held by each request that waits for something.
    pub(crate) waiting: Arc<()>,
}

impl Service {
    fn new(stand: Arc<Stand>, pages: Pages, policy: Policy) -> Self {
        Self { stand, pages, policy, waiting: Arc::default() }
    }
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
        let service = Arc::new(Service::new(stand, pages, policy));
        Ok(Self { service, listener: Listening::Tcp(listener) })
    }

    /// Binds a socket of the file system, for its owner.
    ///
    /// # Errors
    /// [`BindError::System`], also when something is at that path.
    #[cfg(unix)]
    pub fn bind_unix(
        path: &Path,
        stand: Arc<Stand>,
        pages: Pages,
        policy: Policy,
    ) -> Result<Self, BindError> {
        let system = |source| BindError::System { address: path.display().to_string(), source };
        remove_deserted(path);
        let listener = std::os::unix::net::UnixListener::bind(path).map_err(system)?;
        let owner = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(path, owner).map_err(system)?;
        listener.set_nonblocking(true).map_err(system)?;
        let service = Arc::new(Service::new(stand, pages, policy));
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

    /// Serves in a thread of its own.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn start(self) -> io::Result<Running> {
        let socket = match &self.listener {
            Listening::Tcp(_) => None,
            #[cfg(unix)]
            Listening::Unix(listener) => {
                let address = listener.local_addr().ok();
                address.and_then(|address| address.as_pathname().map(Path::to_owned))
            }
        };
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let serve = move || self.serve(async { stopped.await.unwrap_or(()) });
        let thread = std::thread::Builder::new().name("api".into()).spawn(serve)?;
        Ok(Running { stop: Some(stop), thread: Some(thread), socket })
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

/// Removes a socket that nobody listens on any more.
#[cfg(unix)]
fn remove_deserted(path: &Path) {
    use std::os::unix::fs::FileTypeExt;
    use std::os::unix::net::UnixStream;
    let is_socket =
        std::fs::symlink_metadata(path).is_ok_and(|there| there.file_type().is_socket());
    let refused = |error: io::Error| error.kind() == io::ErrorKind::ConnectionRefused;
    if is_socket && UnixStream::connect(path).err().is_some_and(refused) {
        // What cannot be removed is said when it is bound.
        let _ = std::fs::remove_file(path);
    }
}

/// A server at work, until this value is gone.
pub struct Running {
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<io::Result<()>>>,
    socket: Option<PathBuf>,
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // What goes wrong with a connection ends that connection, and nothing else.
            drop(thread.join());
        }
        if let Some(socket) = &self.socket {
            // A socket that stays is one that nobody listens on: the next server takes its place.
            let _ = std::fs::remove_file(socket);
        }
    }
}

async fn accept_tcp(listener: tokio::net::TcpListener, service: Arc<Service>) -> io::Result<()> {
    let connections = Connections::default();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                // A matter of speed only.
                let _ = stream.set_nodelay(true);
                converse(TokioIo::new(stream), &service, &connections);
            }
            // Too many open files, an aborted connection: the next one may do.
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

#[cfg(unix)]
async fn accept_unix(listener: tokio::net::UnixListener, service: Arc<Service>) -> io::Result<()> {
    let connections = Connections::default();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => converse(TokioIo::new(stream), &service, &connections),
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

fn converse<S>(stream: TokioIo<S>, service: &Arc<Service>, connections: &Connections)
where
    TokioIo<S>: hyper::rt::Read + hyper::rt::Write + Unpin + Send + 'static,
{
    let service = Arc::clone(service);
    connections.begin(|connection| async move {
        let answer = service_fn(move |request: Request<Incoming>| {
            let (service, connection) = (Arc::clone(&service), connection.clone());
            async move {
                let response = respond(&service, &connection, request).await;
                // A stream goes on.
                connection.busy(live::is_stream(&response));
                Ok::<_, Infallible>(response)
            }
        });
        let mut server = http1::Builder::new();
        server.timer(TokioTimer::new()).header_read_timeout(PATIENCE).max_buf_size(0x4000);
        // A client that goes, or speaks another language, is its own loss.
        let _ = server.serve_connection(stream, answer).await;
    });
}

async fn respond(
    service: &Service,
    connection: &Connection,
    request: Request<Incoming>,
) -> Response<Body> {
    if let Some(refusal) = guard::refusal(request.uri(), request.headers(), &service.policy) {
        return refusal;
    }
    let (head, body) = request.into_parts();
    let announced = hyper::body::Body::size_hint(&body).lower();
    if announced > LARGEST as u64 {
        return answer::refusal(413, "large", "a request's body has at most 1 MiB");
    }
    let collected = tokio::time::timeout(PATIENCE, Limited::new(body, LARGEST).collect()).await;
    let body = match collected {
        Ok(Ok(body)) => body.to_bytes(),
        Ok(Err(_)) => return answer::refusal(413, "large", "a request's body has at most 1 MiB"),
        Err(_) => {
            return answer::refusal(
                408,
                "late",
                "the request's body did not come within ten seconds",
            );
        }
    };
    // Whoever has not said all that is asked for makes room for who has.
    connection.busy(true);
    route::route(service, &head, &body).await
}
