//! After an `Err` the response is empty, on every transport; the fault layer alone can keep a stale answer.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use sscard_apdu::{ClassByte, CommandApdu, EmitError, StatusWord};
use sscard_core::{Card, Protocol};
use sscard_host::{
    Disposition, FaultInjector, FaultPlan, Follow, InProcess, Recorder, Secrets, Transport,
    TransportError,
};
use sscard_profile::{MasterKeys, built_in, issue, synthetic_holder};

const CHALLENGE: [u8; 5] = [0x00, 0x84, 0x00, 0x00, 0x08];

fn card() -> Card {
    let profile = built_in("gen3").expect("built in");
    issue(&profile, &synthetic_holder(7), &MasterKeys::test()).expect("a card")
}

fn in_process() -> InProcess {
    InProcess::power_on(card()).expect("power")
}

/// Without power: every exchange ends in [`TransportError::Removed`].
fn mute() -> InProcess {
    let mut card = in_process();
    card.card_mut().power_off();
    card
}

fn plan(executes: bool) -> FaultPlan {
    FaultPlan::new(0, TransportError::Reset).executing(executes).staying(true)
}

/// A card that answers one byte, or begins a long answer and then ends.
struct Broken(Vec<&'static [u8]>);

impl Transport for Broken {
    fn atr(&self) -> &[u8] {
        &[0x3B, 0x00]
    }

    fn protocol(&self) -> Protocol {
        Protocol::T0
    }

    fn exchange(&mut self, _: &[u8], response: &mut Vec<u8>) -> Result<(), TransportError> {
        response.clear();
        response.extend_from_slice(self.0.pop().ok_or(TransportError::Removed)?);
        Ok(())
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        Ok(())
    }

    fn close(self: Box<Self>, _: Disposition) -> Result<(), TransportError> {
        Ok(())
    }
}

#[test]
fn every_transport_leaves_an_empty_response_behind_an_error() {
    let mut borrowed = mute();
    let transports: [(&str, Box<dyn Transport + '_>); 11] = [
        ("in process", Box::new(mute())),
        ("borrowed", Box::new(&mut borrowed)),
        ("boxed", Box::new(Box::new(mute()))),
        ("follow", Box::new(Follow::new(mute()))),
        ("follow, one byte", Box::new(Follow::new(Broken(vec![&[0x90]])))),
        ("follow, midway", Box::new(Follow::new(Broken(vec![&[0x01, 0x61, 0x08]])))),
        (
            "follow, one byte midway",
            Box::new(Follow::new(Broken(vec![&[0x90], &[0x01, 0x61, 0x08]]))),
        ),
        ("recorder", Box::new(Recorder::new(mute(), Secrets::Redacted))),
        ("fault", Box::new(FaultInjector::new(in_process(), plan(false)))),
        ("fault, carried out", Box::new(FaultInjector::new(in_process(), plan(true)))),
        ("fault of a mute card", Box::new(FaultInjector::new(mute(), plan(true)))),
    ];
    for (name, mut transport) in transports {
        let mut response = b"stale\x90\x00".to_vec();
        transport.transmit(&CHALLENGE, &mut response).expect_err(name);
        assert_eq!(response, [], "{name}");
        let command = CommandApdu::parse(&CHALLENGE).expect("a command");
        transport.send(&command).expect_err(name);
    }
}

#[test]
fn fewer_than_four_bytes_are_not_sent() {
    for length in 0..4 {
        let mut card = in_process();
        let before = card.card().bytes_until_cut();
        let mut response = b"stale".to_vec();
        let refused = card.transmit(&[0x00, 0xA4, 0x04][..length], &mut response);
        assert_eq!(refused, Err(TransportError::TooShort { bytes: length }));
        assert_eq!((response.len(), card.card().bytes_until_cut()), (0, before));
        card.transmit(&CHALLENGE, &mut response).expect("the card is still there");
    }
    let mut response = Vec::new();
    in_process().transmit(&[0x00, 0xA4, 0x04, 0x00], &mut response).expect("four are a command");
    assert!(response.len() >= 2);
}

/// A wire of somebody's own, which thinks of no length.
struct Own(usize);

impl Transport for Own {
    fn atr(&self) -> &[u8] {
        &[0x3B, 0x00]
    }

    fn protocol(&self) -> Protocol {
        Protocol::T1
    }

    fn exchange(&mut self, _: &[u8], response: &mut Vec<u8>) -> Result<(), TransportError> {
        self.0 += 1;
        response.extend_from_slice(&[0x90, 0x00]);
        Ok(())
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        Ok(())
    }

    fn close(self: Box<Self>, _: Disposition) -> Result<(), TransportError> {
        Ok(())
    }
}

#[test]
fn a_transport_of_ones_own_sends_no_fewer_than_four_bytes() {
    let mut own = Own(0);
    for length in 0..4 {
        let mut response = b"stale".to_vec();
        let refused = own.transmit(&[0x00, 0xA4, 0x04][..length], &mut response);
        assert_eq!(refused, Err(TransportError::TooShort { bytes: length }));
        assert_eq!((response.len(), own.0), (0, 0));
        let refused = Recorder::new(&mut own, Secrets::Redacted)
            .transmit(&[0x00, 0xA4, 0x04][..length], &mut response);
        assert_eq!(refused, Err(TransportError::TooShort { bytes: length }));
    }
    let mut response = b"stale".to_vec();
    own.transmit(&CHALLENGE, &mut response).expect("a command");
    assert_eq!((response.as_slice(), own.0), (&[0x90, 0x00][..], 1));
}

#[test]
fn the_fault_layer_refuses_what_is_too_short_and_counts_it_not() {
    for executes in [false, true] {
        let mut card = FaultInjector::new(Own(0), plan(executes)).keeping_stale_answers();
        let mut response = b"stale".to_vec();
        let refused = card.transmit(&[0x00, 0xA4], &mut response);
        assert_eq!(refused, Err(TransportError::TooShort { bytes: 2 }));
        assert_eq!(response, []);
        assert_eq!(card.transmit(&CHALLENGE, &mut response), Err(TransportError::Reset));
    }
}

#[test]
fn following_leaves_nothing_of_an_answer_whose_rest_was_lost() {
    let plan = FaultPlan::new(1, TransportError::Reset);
    let inner = FaultInjector::new(Broken(vec![&[0x01, 0x61, 0x08]]), plan).keeping_stale_answers();
    let mut response = b"stale".to_vec();
    assert_eq!(Follow::new(inner).transmit(&CHALLENGE, &mut response), Err(TransportError::Reset));
    assert_eq!(response, [], "neither data nor a 61xx");
}

#[test]
fn following_an_answer_without_end_is_an_error() {
    for endless in [&[0x61, 0x08][..], &[0xAA, 0x61, 0x01], &[0x6C, 0x04]] {
        let mut card = Follow::new(Broken(vec![endless; 1000]));
        let mut response = Vec::new();
        let error = card.transmit(&CHALLENGE, &mut response).expect_err("no end");
        assert_eq!(
            error.to_string(),
            "protocol error: cannot follow: the answer has no end after 300 exchanges"
        );
        assert_eq!(response, []);
    }
}

#[test]
fn the_fault_layer_can_keep_a_stale_answer() {
    for executes in [false, true] {
        let plan = FaultPlan::new(1, TransportError::Reset).executing(executes);
        let mut card = Recorder::new(
            FaultInjector::new(in_process(), plan).keeping_stale_answers(),
            Secrets::Redacted,
        );
        let mut response = Vec::new();
        card.transmit(&CHALLENGE, &mut response).expect("answers");
        let old = response.clone();
        assert_eq!(card.transmit(&CHALLENGE, &mut response), Err(TransportError::Reset));
        assert_eq!(response, old, "the buffer is as the caller left it");
        assert_eq!(
            card.exchanges()[1].response,
            Err(TransportError::Reset),
            "and is not an answer"
        );
        card.transmit(&CHALLENGE, &mut response).expect("answers again");
        assert_ne!(response, old);
    }
}

#[test]
fn sending_goes_the_way_of_the_transport() {
    let select =
        CommandApdu::new(ClassByte::new(0x00), 0xA4, 0x04, 0x00).with_data(b"1PAY.SYS.DDF01");
    let mut bare = in_process();
    let waits = bare.send(&select).expect("answers");
    assert_eq!((waits.status.sw1(), waits.data.len()), (0x61, 0));
    let mut following = Recorder::new(Follow::new(in_process()), Secrets::Redacted);
    let whole = following.send(&select).expect("answers");
    assert_eq!(whole.status, StatusWord::SUCCESS);
    assert_eq!(Some(whole.data.len()), waits.status.bytes_available());
    assert_eq!(following.exchanges().len(), 1, "what wraps sees what is sent");
    let boxed: &mut dyn Transport = &mut following;
    assert_eq!(boxed.send(&select), Ok(whole));
    let too_much = select.with_ne(0x1_0001);
    let refused = boxed.send(&too_much);
    assert_eq!(refused, Err(TransportError::Unwritable(EmitError::NeTooLarge)));
}
