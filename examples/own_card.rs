//! A card of one's own, served wherever one of ours is: to a program's PC/SC calls, in a slot of the bench, to pcscd's driver, to a
//! script or a terminal.
//!
//! `cargo run --package sscard-tests --example own_card`
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "an example, which may panic"
)]

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use sscard_faults::{Faults, Misbehaving};
use sscard_host::vpcd::{self, Slot};
use sscard_host::{PoweredCard, SmartCard, Transport, TransportError};
use sscard_readers::{HeldCard, IccSlot, PcscContext, ResourceManager, ShareMode, protocols};

/// Counts its commands while it has power.
struct Counter(u8);

impl SmartCard for Counter {
    fn power_on(&mut self) -> Result<(), TransportError> {
        self.0 = 0;
        Ok(())
    }

    fn power_off(&mut self) {}

    /// T=1, no historical bytes.
    fn atr(&self) -> Vec<u8> {
        vec![0x3B, 0x80, 0x01, 0x81]
    }

    fn transmit(&mut self, _: &[u8], response: &mut Vec<u8>) -> Result<(), TransportError> {
        self.0 = self.0.wrapping_add(1);
        response.extend([self.0, 0x90, 0x00]);
        Ok(())
    }
}

const COMMAND: [u8; 4] = [0x80, 0x10, 0x00, 0x00];

fn main() {
    // Behind PC/SC: `sscard_readers::serve` gives these readers to other programs, as `sscard with` does.
    let slot: Arc<dyn IccSlot> = Arc::new(HeldCard::own(Counter(0)));
    let context = ResourceManager::new([slot]).establish();
    let connected =
        context.connect("sscard 00 00", ShareMode::Shared, protocols::T1, Duration::ZERO);
    let (connection, protocol) = connected.expect("a card").expect("nobody else is there");
    let mut answer = Vec::new();
    connection
        .transmit(protocol, &COMMAND, &mut |bytes| answer = bytes.to_vec())
        .expect("an answer");
    assert_eq!(answer, [0x01, 0x90, 0x00]);
    println!("by PC/SC: {answer:02X?}");

    // At pcscd's driver, which is played here: `vpcd::PORT` is where the real one listens.
    let driver = TcpListener::bind("127.0.0.1:0").expect("a port");
    let mut slot = Slot::connect(driver.local_addr().expect("an address")).expect("connected");
    let (mut driver, _) = driver.accept().expect("a card");
    let served = thread::spawn(move || {
        let (mut card, mut response) = (Counter(0), Vec::new());
        while let Ok(request) = slot.next(Duration::from_secs(1)) {
            vpcd::serve(&mut slot, request, &mut card, &mut response).expect("answered");
        }
    });
    driver.write_all(&[0, 1, 1, 0, 4, 0x80, 0x10, 0x00, 0x00]).expect("power on, and a command");
    let mut answer = [0; 5];
    driver.read_exact(&mut answer).expect("an answer");
    assert_eq!(answer, [0, 3, 0x01, 0x90, 0x00]);
    println!("by vpcd: {:02X?}", &answer[2..]);
    drop(driver);
    served.join().expect("ended");

    // As a transport, with a fault of the bench: whatever takes one takes this card.
    let fault = "sw=6F00@2".parse().expect("a fault");
    let mut faults = Faults::default();
    faults.arm(fault);
    let card = PoweredCard::power_on(Counter(0)).expect("power");
    let mut card = Misbehaving::new(card, faults);
    let mut response = Vec::new();
    card.transmit(&COMMAND, &mut response).expect("an answer");
    card.transmit(&COMMAND, &mut response).expect("an answer");
    assert_eq!(response, [0x02, 0x6F, 0x00]);
    println!("as a transport, with a fault: {response:02X?}");
}
