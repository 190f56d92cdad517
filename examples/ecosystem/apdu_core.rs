//! Our cards for programs that speak `apdu-core` 0.4, and their handlers for ours. Its extended lengths are written wrongly, so what is
//! composed with it here has short ones.
//!
//! `cargo run --package sscard-tests --example apdu_core`
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "an example, which may panic"
)]

use std::cell::RefCell;

use apdu_core::{Command, HandleError, Handler, HandlerInCtx, Response};
use sscard_core::Protocol;
use sscard_host::{Disposition, Follow, InProcess, Transport, TransportError, first_protocol};
use sscard_profile::{MasterKeys, built_in, issue, synthetic_holder};

/// One of our transports as their handler. A handler is shared and a card is not: one command at a time.
struct Ours<T>(RefCell<T>);

impl<T: Transport> HandlerInCtx<()> for Ours<T> {
    fn handle_in_ctx(&self, (): (), command: &[u8], response: &mut [u8]) -> apdu_core::Result {
        let mut answer = Vec::new();
        let sent = self.0.borrow_mut().transmit(command, &mut answer);
        sent.map_err(|error| HandleError::Nfc(Box::new(error)))?;
        let room = response.get_mut(..answer.len());
        let room = room.ok_or(HandleError::NotEnoughBuffer(answer.len()))?;
        room.copy_from_slice(&answer);
        Ok(answer.len())
    }
}

impl<T: Transport> Handler for Ours<T> {}

/// One of their handlers as our transport; it knows no ATR and no reset.
struct Theirs<H> {
    handler: H,
    atr: Vec<u8>,
}

impl<H: Handler> Transport for Theirs<H> {
    fn atr(&self) -> &[u8] {
        &self.atr
    }

    fn protocol(&self) -> Protocol {
        first_protocol(&self.atr)
    }

    fn exchange(&mut self, command: &[u8], response: &mut Vec<u8>) -> Result<(), TransportError> {
        // The longest answer that a card can give: a handler that finds no room has sent the command already.
        response.resize(65_538, 0);
        match self.handler.handle(command, response) {
            Ok(length) => response.truncate(length),
            Err(error) => {
                response.clear();
                return Err(TransportError::told(error.to_string()));
            }
        }
        Ok(())
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        Err(TransportError::told("a handler of apdu-core cannot reset its card"))
    }

    fn close(self: Box<Self>, _: Disposition) -> Result<(), TransportError> {
        Ok(())
    }
}

fn main() {
    let profile = built_in("gen3").expect("built-in");
    let card = issue(&profile, &synthetic_holder(1), &MasterKeys::test()).expect("a card");
    let card = InProcess::power_on(card).expect("power");
    let atr = card.atr().to_vec();

    // Theirs over ours.
    let handler = Ours(RefCell::new(Follow::new(card)));
    let name = b"sx1.sh.\xC9\xE7\xBB\xE1\xB1\xA3\xD5\xCF";
    let select = Command::new_with_payload(0x00, 0xA4, 0x04, 0x00, name);
    let mut bytes = vec![0; select.len()];
    select.write(&mut bytes);
    let mut room = [0; 258];
    let length = handler.handle(&bytes, &mut room).expect("an answer");
    let response = Response::from(&room[..length]);
    assert!(response.is_ok());
    assert_eq!(response.payload[0], 0x6F);
    println!("apdu-core selects the environment: {} bytes", response.payload.len());
    let none = handler.handle(&bytes, &mut []);
    assert!(matches!(none, Err(HandleError::NotEnoughBuffer(32))), "{none:?}");

    // And ours over theirs.
    let mut there_and_back = Theirs { handler, atr };
    let mut response = Vec::new();
    there_and_back.transmit(&bytes, &mut response).expect("an answer");
    assert_eq!(response, room[..length]);
    println!("our transport through apdu-core: the same {} bytes", response.len());
}
