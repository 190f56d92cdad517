//! Follows 61xx and 6Cxx as a T=0 reader driver does.
//!
//! Put it over a [`Recorder`](crate::Recorder), and the extra exchanges are in the trace.

use sscard_apdu::{CommandApdu, ResponseApdu};
use sscard_commands::Command;

use crate::{Disposition, Layer, Transport, TransportError};

/// So many exchanges for one command and no more: 64 KiB in pieces of 256 bytes, and some.
const LIMIT: usize = 300;

/// The most bytes of data that one answer to a command with short length fields has (ISO/IEC 7816-4 §5.1).
const MOST_SHORT: usize = 256;

/// A transport that fetches what waits and repeats with the right Le.
pub struct Follow<T> {
    inner: T,
}

impl<T: Transport> Follow<T> {
    /// Wraps a transport.
    pub fn new(inner: T) -> Self {
        Self { inner }
    }

    /// Takes the transport out.
    pub fn into_inner(self) -> T {
        self.inner
    }
}

impl<T: Transport> Layer for Follow<T> {
    type Inner = T;

    fn below(&self) -> &T {
        &self.inner
    }

    fn below_mut(&mut self) -> &mut T {
        &mut self.inner
    }

    /// One command and everything it takes to get its whole answer; `response` is all data and
    /// the last status word. A warning whose data waits (6283 on T=0) keeps its status word.
    fn on_transmit(
        &mut self,
        command: &[u8],
        response: &mut Vec<u8>,
    ) -> Result<(), TransportError> {
        self.inner.transmit(command, response)?;
        let Ok(apdu) = CommandApdu::parse(command) else { return Ok(()) };
        let mut piece = Vec::new();
        let mut data = Vec::new();
        let mut left = LIMIT;
        let mut is_fetching = false;
        loop {
            let Ok(answer) = ResponseApdu::parse(response) else {
                response.clear();
                return Err(TransportError::short_response());
            };
            if !apdu.extended && answer.data.len() > MOST_SHORT {
                let error = format!(
                    "the card answered {} bytes, and a short command has room for {MOST_SHORT}",
                    answer.data.len()
                );
                response.clear();
                return Err(TransportError::Protocol(error));
            }
            let next = if let Some(ne) = answer.status.exact_ne() {
                if !answer.data.is_empty() {
                    break;
                }
                // While pieces are fetched it is GET RESPONSE that has to be repeated.
                if is_fetching { get_response(&apdu, ne) } else { apdu.with_ne(ne) }
            } else if let Some(ne) = answer.status.bytes_available() {
                data.extend_from_slice(answer.data);
                is_fetching = true;
                get_response(&apdu, ne)
            } else {
                break;
            };
            let Some(less) = left.checked_sub(1) else {
                response.clear();
                return Err(TransportError::Protocol(format!(
                    "cannot follow: the answer has no end after {LIMIT} exchanges"
                )));
            };
            left = less;
            piece.clear();
            if let Err(error) = next.emit(&mut piece) {
                response.clear();
                return Err(TransportError::Protocol(format!("cannot follow: {error}")));
            }
            if let Err(error) = self.inner.transmit(&piece, response) {
                // What a layer below left there is at best the 61xx before this piece.
                response.clear();
                return Err(error);
            }
        }
        if !data.is_empty() {
            data.append(response);
            response.append(&mut data);
        }
        Ok(())
    }

    fn on_close(self: Box<Self>, disposition: Disposition) -> Result<(), TransportError> {
        Box::new(self.inner).close(disposition)
    }
}

/// GET RESPONSE on the channel of `apdu`.
fn get_response(apdu: &CommandApdu<'_>, ne: usize) -> CommandApdu<'static> {
    let command = Command::GetResponse { ne }.apdu();
    CommandApdu { class: command.class.with_channel(apdu.class.channel()), ..command }
}
