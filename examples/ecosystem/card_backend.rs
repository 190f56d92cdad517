//! Our cards for programs that speak `card-backend` 0.2 (the OpenPGP card's crates and others), and their cards for ours.
//!
//! `cargo run --package sscard-tests --example card_backend`
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "an example, which may panic"
)]

use card_backend::{CardBackend, CardCaps, CardTransaction, PinType, SmartcardError};
use sscard_core::Protocol;
use sscard_host::{Disposition, Follow, InProcess, Transport, TransportError, first_protocol};
use sscard_profile::{MasterKeys, built_in, issue, synthetic_holder};
use sscard_terminal::{ReadOptions, SoftwareModule, read_card};

/// One of our transports as their backend. Their callers expect whole answers: 61xx and 6Cxx are followed.
struct Ours<T>(Follow<T>);

impl<T: Transport + Send + Sync> CardBackend for Ours<T> {
    fn limit_card_caps(&self, card_caps: CardCaps) -> CardCaps {
        card_caps
    }

    fn transaction(
        &mut self,
        reselect: Option<&[u8]>,
    ) -> Result<Box<dyn CardTransaction + Send + Sync + '_>, SmartcardError> {
        self.0.begin().map_err(theirs)?;
        let mut transaction = OurTransaction { transport: &mut self.0, was_reset: false };
        if let Some(application) = reselect {
            transaction.select(application)?;
        }
        Ok(Box::new(transaction))
    }
}

struct OurTransaction<'t, T: Transport> {
    transport: &'t mut Follow<T>,
    was_reset: bool,
}

impl<T: Transport + Send + Sync> CardTransaction for OurTransaction<'_, T> {
    fn transmit(&mut self, command: &[u8], _room: usize) -> Result<Vec<u8>, SmartcardError> {
        let mut response = Vec::new();
        let sent = self.transport.transmit(command, &mut response);
        self.was_reset |= sent == Err(TransportError::Reset);
        sent.map_err(theirs)?;
        Ok(response)
    }

    fn feature_pinpad_verify(&self) -> bool {
        false
    }

    fn feature_pinpad_modify(&self) -> bool {
        false
    }

    fn pinpad_verify(
        &mut self,
        _: PinType,
        _: &Option<CardCaps>,
    ) -> Result<Vec<u8>, SmartcardError> {
        Err(SmartcardError::Error("no pinpad".to_owned()))
    }

    fn pinpad_modify(
        &mut self,
        _: PinType,
        _: &Option<CardCaps>,
    ) -> Result<Vec<u8>, SmartcardError> {
        Err(SmartcardError::Error("no pinpad".to_owned()))
    }

    fn was_reset(&self) -> bool {
        self.was_reset
    }
}

impl<T: Transport> Drop for OurTransaction<'_, T> {
    fn drop(&mut self) {
        // A card that is gone has no transaction either.
        let _ = self.transport.end();
    }
}

fn theirs(error: TransportError) -> SmartcardError {
    match error {
        TransportError::Timeout { .. } => SmartcardError::NotTransacted,
        TransportError::NoCard { reader } => SmartcardError::CardNotFound(reader),
        other => SmartcardError::Error(other.to_string()),
    }
}

/// One of their cards as our transport, for a reader or a script of ours; their ATR is not to be had from them.
struct Theirs<B> {
    backend: B,
    atr: Vec<u8>,
}

impl<B: CardBackend> Transport for Theirs<B> {
    fn atr(&self) -> &[u8] {
        &self.atr
    }

    fn protocol(&self) -> Protocol {
        first_protocol(&self.atr)
    }

    fn exchange(&mut self, command: &[u8], response: &mut Vec<u8>) -> Result<(), TransportError> {
        let mut transaction = self.backend.transaction(None).map_err(ours)?;
        // The longest answer that a card can give.
        *response = transaction.transmit(command, 65_538).map_err(ours)?;
        Ok(())
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        Err(TransportError::told("their cards are reset by their readers alone"))
    }

    fn close(self: Box<Self>, _: Disposition) -> Result<(), TransportError> {
        Ok(())
    }
}

fn ours(error: SmartcardError) -> TransportError {
    match error {
        SmartcardError::NotTransacted => TransportError::Timeout { milliseconds: None },
        other => TransportError::told(other.to_string()),
    }
}

fn main() {
    let profile = built_in("gen3").expect("built-in");
    let card = issue(&profile, &synthetic_holder(1), &MasterKeys::test()).expect("a card");
    let card = InProcess::power_on(card).expect("power");
    let atr = card.atr().to_vec();

    // Theirs over ours.
    let mut backend = Ours(Follow::new(card));
    {
        let mut transaction = backend.transaction(None).expect("a transaction");
        let name = b"sx1.sh.\xC9\xE7\xBB\xE1\xB1\xA3\xD5\xCF";
        let fci = transaction.select(name).expect("an answer");
        assert_eq!((fci[0], &fci[fci.len() - 2..]), (0x6F, &[0x90, 0x00][..]));
        println!("card-backend selects the environment: {} bytes", fci.len());
    }

    // And ours over theirs: the terminal reads the card through both.
    let mut there_and_back = Follow::new(Theirs { backend, atr });
    let mut module = SoftwareModule::test(1);
    let report = read_card(&mut there_and_back, &mut module, ReadOptions::default());
    let files = report.expect("a report").files.len();
    assert_eq!(files, 2, "EF05 and EF06");
    println!("our terminal reads {files} files through card-backend");
}
