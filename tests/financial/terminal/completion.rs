//! EMV Book 3 §10.8 to §10.11: what the terminal makes of the issuer's answer, the card's and scripts'.

use sscard_elements::tag;
use sscard_terminal::payment::{
    Authorisation, AuthorisationRequest, Cryptogram, DataStore, Issuer, IssuerScript, Outcome,
    Settings, TestIssuer,
};

use sscard_core::Protocol;
use sscard_host::{Disposition, Follow, InProcess, Transport, TransportError};
use sscard_terminal::payment::pay;

use super::generate;
use super::liar::{card, honest, pay_card, rewrite};
use crate::harness::bytes;

fn settings() -> Settings {
    Settings { amount: 500, capabilities: super::DDA, ..Settings::default() }
}

/// An issuer with another response code.
struct Says([u8; 2], TestIssuer);

impl Issuer for Says {
    fn authorise(&mut self, request: &AuthorisationRequest<'_>) -> Option<Authorisation> {
        let answer = self.1.authorise(request)?;
        Some(Authorisation { response_code: self.0, ..answer })
    }

    fn recognises(&self, cryptogram: &Cryptogram, data: &DataStore) -> bool {
        self.1.recognises(cryptogram, data)
    }
}

/// Answers commands of this instruction so.
fn answered(ins: u8, answer: &'static str) -> impl FnMut(&[u8], &mut Vec<u8>) {
    move |command, response| {
        if command[1] == ins {
            *response = bytes(answer);
        }
    }
}

#[test]
fn d_10_9_a_refused_issuer_is_byte_5_bit_7_of_the_results() {
    for (answer, tvr_5) in [("9000", 0x00), ("6300", 0x40), ("6985", 0x40)] {
        let mut change = answered(0x82, answer);
        let payment =
            pay_card(card(""), &settings(), &mut TestIssuer::default(), &mut change).expect("pays");
        assert_eq!(payment.tvr.bytes()[4], tvr_5, "{answer}");
        assert_eq!(payment.tsi.bytes()[0] & 0x30, 0x30, "{answer}");
    }
}

#[test]
fn d_10_9_no_external_authenticate_that_the_card_does_not_offer() {
    for (aip, sent) in [("7D00", true), ("7900", false)] {
        let payment =
            honest(card(&format!("aip = \"{aip}\"\n")), &settings(), &mut TestIssuer::default());
        let found = payment.exchanges.iter().any(|exchange| exchange.command[1] == 0x82);
        assert_eq!((found, payment.tsi.bytes()[0] & 0x10 != 0), (sent, sent), "{aip}");
        assert_eq!(payment.outcome, Outcome::Approved, "{aip}");
    }
}

#[test]
fn d_10_10_a_script_goes_on_after_a_warning_and_ends_with_an_error() {
    for (answer, result, sent) in [
        ("9000", "20", 2),
        ("6200", "20", 2),
        ("6310", "20", 2),
        ("6400", "11", 1),
        ("6985", "11", 1),
        ("9001", "20", 2),
    ] {
        let put = || IssuerScript::PutData(tag::LOWER_OFFLINE_LIMIT_OF_CARD, vec![0x05]);
        let mut issuer = TestIssuer { scripts: vec![put(), put()], ..TestIssuer::default() };
        let mut change = answered(0xDA, answer);
        let payment = pay_card(card(""), &settings(), &mut issuer, &mut change).expect("pays");
        let results = crate::harness::hex(&payment.issuer_script_results[0][..1]);
        assert_eq!(results, result, "{answer}");
        let found = payment.scripts.iter().filter(|script| script.status.is_some()).count();
        assert_eq!(found, sent, "{answer}");
        assert_eq!(payment.tvr.bytes()[4] & 0x10 != 0, result != "20", "{answer}");
        assert_eq!(payment.tsi.bytes()[0] & 0x04, 0x04, "{answer}");
    }
}

#[test]
fn d_10_8_an_offline_terminal_sends_no_scripts() {
    let scripts = vec![IssuerScript::PutData(tag::LOWER_OFFLINE_LIMIT_OF_CARD, vec![0x05])];
    for (online, sent) in [(true, 1), (false, 0)] {
        let mut issuer = TestIssuer { scripts: scripts.clone(), ..TestIssuer::default() };
        let settings = Settings { wish: Some(0x00), online, ..settings() };
        let payment = honest(card(""), &settings, &mut issuer);
        assert_eq!((payment.outcome, payment.scripts.len()), (Outcome::Declined, sent), "{online}");
    }
}

#[test]
fn d_10_9_response_codes_that_approve() {
    for (code, p1) in [
        (*b"00", "40"),
        (*b"10", "40"),
        (*b"11", "40"),
        (*b"01", "00"),
        (*b"02", "00"),
        (*b"05", "00"),
        (*b"12", "00"),
    ] {
        let mut issuer = Says(code, TestIssuer::default());
        let payment = honest(card(""), &settings(), &mut issuer);
        assert_eq!(generate(&payment)[1][4..6], *p1, "{code:?}");
    }
}

#[test]
fn d_4_4_a_quick_payment_is_not_approved_with_a_restriction() {
    let settings = Settings { amount: 500, contactless: true, ..Settings::default() };
    for (tag, value) in [
        (0x9F07_u32, vec![0xC0, 0x00]),
        (0x5F24, vec![0x20, 0x01, 0x01]),
        (0x5F25, vec![0x49, 0x01, 0x01]),
    ] {
        let mut change = |_: &[u8], response: &mut Vec<u8>| {
            rewrite(response, tag, &mut |_| Some(value.clone()));
        };
        let payment = pay_card(card(""), &settings, &mut TestIssuer::default(), &mut change);
        let payment = payment.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(payment.outcome, Outcome::Declined, "{tag:04X}");
        assert_ne!(payment.tvr.bytes()[1] & 0x70, 0, "{tag:04X}");
        // The card debits when its last record is read.
        let last = [0x00, 0xB2, 0x01, 0x2C];
        let read = payment.exchanges.iter().any(|exchange| exchange.command.starts_with(&last));
        assert!(!read, "{tag:04X}");
    }
}

/// A card that gives a TC where an AAC is asked for the second time.
struct Generous(InProcess, usize);

impl Transport for Generous {
    fn atr(&self) -> &[u8] {
        self.0.atr()
    }

    fn protocol(&self) -> Protocol {
        self.0.protocol()
    }

    fn exchange(&mut self, command: &[u8], response: &mut Vec<u8>) -> Result<(), TransportError> {
        let mut command = command.to_vec();
        if command[1] == 0xAE {
            self.1 += 1;
            if self.1 == 2 {
                command[2] = 0x40;
            }
        }
        self.0.transmit(&command, response)
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        self.0.reset()
    }

    fn close(self: Box<Self>, _: Disposition) -> Result<(), TransportError> {
        Ok(())
    }
}

#[test]
fn d_9_3_a_second_cryptogram_goes_no_further_than_it_is_asked() {
    // Nobody answers, and the floor limit is in the default action codes: an AAC is asked for.
    let card = InProcess::power_on(card("")).expect("power");
    let mut card = Follow::new(Generous(card, 0));
    let payment = pay(&mut card, &mut super::unreachable(), &settings()).expect("pays");
    assert_eq!(generate(&payment)[1][4..6], *"00");
    assert_eq!(payment.second.as_ref().map(Cryptogram::kind), Some("TC"));
    assert_eq!(payment.outcome, Outcome::Failed);
}
