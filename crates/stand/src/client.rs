//! The client of the API.
//!
//! What enters: requests. What leaves: statuses with JSON, and the live stream's events one at a time.

use std::io;
use std::ops::ControlFlow;

use http_body_util::{BodyExt, Full};
pub use hyper::Method;
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::address::ApiAddress;

/// A connection to the API, which is kept.
pub struct Client {
    runtime: Runtime,
    sender: SendRequest<Full<Bytes>>,
    host: String,
    token: Option<String>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// Nobody is there.
    #[error("{address}: {source}; is sscard serve --api there?")]
    Nobody {
        /// Where.
        address: String,
        /// Why.
        source: io::Error,
    },
    /// The connection broke, or what came is no HTTP.
    #[error("the connection to the API: {0}")]
    Broken(String),
    /// The server went while events were awaited.
    #[error("the server has ended: no more events come")]
    Ended,
    /// What came is no JSON.
    #[error("the answer is no JSON: {0}")]
    NoJson(String),
}

fn broken(error: impl std::fmt::Display) -> ClientError {
    ClientError::Broken(error.to_string())
}

/// Why a stream of events stops in the middle: as a rule the server was ended by a signal.
fn cut_off(error: hyper::Error) -> ClientError {
    let source = std::error::Error::source(&error).and_then(|source| source.downcast_ref());
    let is_gone = |error: &io::Error| {
        matches!(error.kind(), io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset)
    };
    if error.is_incomplete_message() || source.is_some_and(is_gone) {
        ClientError::Ended
    } else {
        broken(error)
    }
}

impl Client {
    /// Connects; `token` is shown with each request.
    ///
    /// # Errors
    /// [`ClientError::Nobody`], [`ClientError::Broken`].
    pub fn connect(address: &ApiAddress, token: Option<&str>) -> Result<Self, ClientError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(broken)?;
        let nobody = |source| ClientError::Nobody { address: address.to_string(), source };
        let (sender, host) = runtime.block_on(async {
            match address {
                ApiAddress::Tcp(address) => {
                    let stream = tokio::net::TcpStream::connect(address).await.map_err(nobody)?;
                    stream.set_nodelay(true).map_err(nobody)?;
                    Ok((shake_hands(TokioIo::new(stream)).await?, address.to_string()))
                }
                #[cfg(unix)]
                ApiAddress::Unix(path) => {
                    let stream = tokio::net::UnixStream::connect(path).await.map_err(nobody)?;
                    Ok((shake_hands(TokioIo::new(stream)).await?, "localhost".to_owned()))
                }
                #[cfg(not(unix))]
                ApiAddress::Unix(_) => Err(nobody(io::Error::from(io::ErrorKind::Unsupported))),
            }
        })?;
        Ok(Self { runtime, sender, host, token: token.map(str::to_owned) })
    }

    fn request(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Request<Full<Bytes>>, ClientError> {
        let bytes = body.map(ToString::to_string).unwrap_or_default();
        let mut request = Request::builder().method(method).uri(path).header("host", &self.host);
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        request.body(Full::new(bytes.into())).map_err(broken)
    }

    /// One request; gives the status and what came with it.
    ///
    /// # Errors
    /// [`ClientError::Broken`], [`ClientError::NoJson`].
    pub fn ask(
        &mut self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<(u16, Value), ClientError> {
        let request = self.request(method, path, body)?;
        let Self { runtime, sender, .. } = self;
        runtime.block_on(async {
            sender.ready().await.map_err(broken)?;
            let response = sender.send_request(request).await.map_err(broken)?;
            let status = response.status().as_u16();
            let bytes = response.into_body().collect().await.map_err(broken)?.to_bytes();
            let value = serde_json::from_slice(&bytes);
            Ok((status, value.map_err(|error| ClientError::NoJson(error.to_string()))?))
        })
    }

    /// The live stream of events: `told` is given each with its kind, until it has enough. Gives a refusal, when there is one.
    ///
    /// # Errors
    /// [`ClientError::Broken`], also when the server goes.
    pub fn events(
        mut self,
        path: &str,
        mut told: impl FnMut(&str, &Value) -> ControlFlow<()>,
    ) -> Result<Option<(u16, Value)>, ClientError> {
        let request = self.request(Method::GET, path, None)?;
        self.runtime.block_on(async {
            let response = self.sender.send_request(request).await.map_err(broken)?;
            if response.status().as_u16() != 200 {
                let status = response.status().as_u16();
                let bytes = response.into_body().collect().await.map_err(broken)?.to_bytes();
                return Ok(Some((status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))));
            }
            follow(response, &mut told).await.map(|()| None)
        })
    }
}

async fn shake_hands<S>(stream: TokioIo<S>) -> Result<SendRequest<Full<Bytes>>, ClientError>
where
    TokioIo<S>: hyper::rt::Read + hyper::rt::Write + Unpin + Send + 'static,
{
    let (sender, connection) = http1::handshake(stream).await.map_err(broken)?;
    tokio::spawn(async move {
        // What goes wrong here is told to who waits for an answer.
        let _ = connection.await;
    });
    Ok(sender)
}

async fn follow(
    response: Response<Incoming>,
    told: &mut impl FnMut(&str, &Value) -> ControlFlow<()>,
) -> Result<(), ClientError> {
    let mut body = response.into_body();
    let mut text = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(cut_off)?.into_data() else { continue };
        text.extend_from_slice(&data);
        while let Some(end) = text.windows(2).position(|pair| pair == b"\n\n") {
            let rest = text.split_off(end.saturating_add(2));
            let message = String::from_utf8_lossy(&text).into_owned();
            text = rest;
            let field = |name: &str| message.lines().find_map(|line| line.strip_prefix(name));
            let (Some(kind), Some(data)) = (field("event: "), field("data: ")) else { continue };
            let value = serde_json::from_str(data);
            let value = value.map_err(|error| ClientError::NoJson(error.to_string()))?;
            if told(kind, &value).is_break() {
                return Ok(());
            }
        }
    }
    Err(ClientError::Ended)
}
