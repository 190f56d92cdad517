//! Commands of the crate `iso7816` 0.2 for our cards, and an application of its dispatchers (`apdu-app` 0.2) as a card that can be served
//! wherever ours can. It reads classes 4x wrongly, so channels from 4 on are ours alone.
//!
//! `cargo run --package sscard-tests --example iso7816`
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "an example, which may panic"
)]

use apdu_app::{App, VecView};
use iso7816::command::{CommandBuilder, CommandView, class};
use iso7816::{Aid, Instruction, Interface, Status};
use sscard_apdu::CommandApdu;
use sscard_host::{Follow, InProcess, PoweredCard, SmartCard, Transport, TransportError};
use sscard_profile::{MasterKeys, built_in, issue, synthetic_holder};

/// One application as a whole card: SELECT by its name reaches it, everything else after that.
struct AppCard<A> {
    app: A,
    selected: bool,
}

impl<A: App> AppCard<A> {
    fn answer(&mut self, command: CommandView<'_>, reply: &mut VecView<u8>) -> Status {
        let is_select = command.instruction() == Instruction::Select && command.p1 == 0x04;
        let done = if is_select {
            self.selected = self.app.aid().matches(command.data());
            if !self.selected {
                return Status::NotFound;
            }
            self.app.select(Interface::Contact, command, reply)
        } else if self.selected {
            self.app.call(Interface::Contact, command, reply)
        } else {
            Err(Status::ConditionsOfUseNotSatisfied)
        };
        done.map_or_else(|status| status, |()| Status::Success)
    }
}

impl<A: App + Send> SmartCard for AppCard<A> {
    fn power_on(&mut self) -> Result<(), TransportError> {
        self.power_off();
        Ok(())
    }

    fn power_off(&mut self) {
        if std::mem::take(&mut self.selected) {
            self.app.deselect();
        }
    }

    fn atr(&self) -> Vec<u8> {
        vec![0x3B, 0x80, 0x01, 0x81]
    }

    fn transmit(&mut self, command: &[u8], response: &mut Vec<u8>) -> Result<(), TransportError> {
        let mut reply = heapless::Vec::<u8, 256>::new();
        let status = match CommandView::try_from(command) {
            Ok(command) => self.answer(command, reply.as_mut_view()),
            Err(_) => Status::WrongLength,
        };
        response.extend_from_slice(&reply);
        response.extend_from_slice(&<[u8; 2]>::from(status));
        Ok(())
    }
}

/// Says how often it was called.
struct Counting(u8);

impl iso7816::App for Counting {
    fn aid(&self) -> Aid {
        Aid::new(b"\xF0count")
    }
}

impl App for Counting {
    fn select(
        &mut self,
        _: Interface,
        _: CommandView<'_>,
        _: &mut VecView<u8>,
    ) -> apdu_app::Result {
        self.0 = 0;
        Ok(())
    }

    fn deselect(&mut self) {}

    fn call(
        &mut self,
        _: Interface,
        _: CommandView<'_>,
        reply: &mut VecView<u8>,
    ) -> apdu_app::Result {
        self.0 += 1;
        reply.push(self.0).map_err(|_| Status::NotEnoughMemory)
    }
}

fn main() {
    // A command of theirs on a card of ours, and in our types.
    let profile = built_in("gen3").expect("built-in");
    let card = issue(&profile, &synthetic_holder(1), &MasterKeys::test()).expect("a card");
    let mut card = Follow::new(InProcess::power_on(card).expect("power"));
    let name: &[u8] = b"sx1.sh.\xC9\xE7\xBB\xE1\xB1\xA3\xD5\xCF";
    let no_class = class::Class::try_from(0x00).expect("a class");
    let select = CommandBuilder::new(no_class, Instruction::Select, 0x04, 0x00, name, 0x100);
    let bytes = select.serialize_to_vec();
    let ours = CommandApdu::parse(&bytes).expect("the same command");
    assert_eq!((ours.data, ours.to_vec().as_deref()), (name, Ok(&*bytes)));
    let mut response = Vec::new();
    card.transmit(&bytes, &mut response).expect("an answer");
    assert_eq!((response[0], response.last_chunk()), (0x6F, Some(&[0x90, 0x00])));
    println!("iso7816 selects the environment: {} bytes", response.len());

    // An application of theirs as a card of its own.
    let mut served =
        PoweredCard::power_on(AppCard { app: Counting(0), selected: false }).expect("power");
    let mut answers = |command: &[u8]| {
        served.transmit(command, &mut response).expect("an answer");
        response.clone()
    };
    assert_eq!(answers(&[0x80, 0x10, 0x00, 0x00]), [0x69, 0x85], "nothing is selected");
    assert_eq!(answers(b"\x00\xA4\x04\x00\x06\xF0count"), [0x90, 0x00]);
    assert_eq!(answers(&[0x80, 0x10, 0x00, 0x00]), [0x01, 0x90, 0x00]);
    assert_eq!(answers(&[0x80, 0x10, 0x00, 0x00]), [0x02, 0x90, 0x00]);
    println!("an application of apdu-app answers as a card");
}
