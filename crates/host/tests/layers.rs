//! What stands around a transport hands on everything that it does not change.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::cell::RefCell;
use std::rc::Rc;

use sscard_apdu::{CommandApdu, ResponseBuf};
use sscard_core::Protocol;
use sscard_host::{
    Disposition, FaultInjector, FaultPlan, Follow, Recorder, Secrets, Transport, TransportError,
};

/// Writes down what it is asked for.
#[derive(Clone, Default)]
struct Asked(Rc<RefCell<Vec<&'static str>>>);

impl Asked {
    fn note(&self, what: &'static str) {
        self.0.borrow_mut().push(what);
    }
}

impl Transport for Asked {
    fn atr(&self) -> &[u8] {
        &[0x3B, 0x00]
    }

    fn protocol(&self) -> Protocol {
        Protocol::T1
    }

    fn exchange(&mut self, _: &[u8], response: &mut Vec<u8>) -> Result<(), TransportError> {
        self.note("transmit");
        response.clear();
        response.extend([0x90, 0x00]);
        Ok(())
    }

    fn send(&mut self, _: &CommandApdu<'_>) -> Result<ResponseBuf, TransportError> {
        self.note("send");
        ResponseBuf::try_from(vec![0x90, 0x00]).map_err(|_| TransportError::Removed)
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        self.note("reset");
        Ok(())
    }

    fn begin(&mut self) -> Result<(), TransportError> {
        self.note("begin");
        Ok(())
    }

    fn end(&mut self) -> Result<(), TransportError> {
        self.note("end");
        Ok(())
    }

    fn close(self: Box<Self>, _: Disposition) -> Result<(), TransportError> {
        self.note("close");
        Ok(())
    }
}

fn everything<T: Transport>(wrap: impl FnOnce(Asked) -> T) -> Vec<&'static str> {
    let asked = Asked::default();
    let mut card = wrap(asked.clone());
    assert_eq!((card.atr(), card.protocol()), (&[0x3B, 0x00][..], Protocol::T1));
    let select = [0x00, 0xA4, 0x00, 0x00];
    card.begin().expect("begins");
    card.transmit(&select, &mut Vec::new()).expect("answers");
    card.send(&CommandApdu::parse(&select).expect("a command")).expect("answers");
    card.reset().expect("resets");
    card.end().expect("ends");
    Box::new(card).close(Disposition::Leave).expect("closes");
    asked.0.take()
}

#[test]
fn layers_hand_on_what_they_do_not_change() {
    let plan = FaultPlan::new(9, TransportError::Reset);
    // What a layer makes of a command in types goes through its own way with bytes.
    let all = ["begin", "transmit", "transmit", "reset", "end", "close"];
    assert_eq!(everything(|card| Recorder::new(card, Secrets::Redacted)), all);
    assert_eq!(everything(Follow::new), all);
    assert_eq!(everything(|card| FaultInjector::new(card, plan)), all);
    let boxed: fn(Asked) -> Box<dyn Transport> = |card| Box::new(card);
    assert_eq!(everything(boxed), ["begin", "transmit", "send", "reset", "end", "close"]);
    assert_eq!(everything(Box::new), ["begin", "transmit", "send", "reset", "end", "close"]);
}

#[test]
fn a_borrowed_transport_is_not_closed() {
    let mut asked = Asked::default();
    let lent: &mut Asked = &mut asked;
    Box::new(lent).close(Disposition::PowerOff).expect("nothing");
    assert!(asked.0.take().is_empty());
}
