//! I-19: each answer of good transactions cut, changed, emptied, replaced.

use sscard_apdu::tlv::Tag;
use sscard_core::{Card, Protocol};
use sscard_crypto::financial::IssuerApplicationData;
use sscard_host::{Disposition, Follow, InProcess, Transport, TransportError};
use sscard_terminal::payment::{
    AuthenticationMethod, Outcome, Payment, PaymentError, Settings, TestIssuer, pay,
};

use super::liar::card;
use crate::harness::hex;

/// One exchange of a good transaction, and the card after it.
struct Step {
    command: Vec<u8>,
    response: Vec<u8>,
    after: Card,
}

/// A card that plays a good transaction up to `at`, gives `answer` there, and goes on by itself.
struct Player<'s> {
    steps: &'s [Step],
    at: usize,
    answer: &'s [u8],
    next: usize,
    card: Option<Card>,
}

impl Transport for Player<'_> {
    fn atr(&self) -> &[u8] {
        &[]
    }

    fn protocol(&self) -> Protocol {
        Protocol::T1
    }

    fn exchange(&mut self, command: &[u8], response: &mut Vec<u8>) -> Result<(), TransportError> {
        let next = self.next;
        self.next += 1;
        if next > self.at {
            let steps = self.steps;
            let card = self.card.get_or_insert_with(|| steps[self.at].after.clone());
            card.transmit(command, response);
            return Ok(());
        }
        assert_eq!(hex(command), hex(&self.steps[next].command), "the terminal is deterministic");
        let answer = if next == self.at { self.answer } else { &self.steps[next].response };
        response.clear();
        response.extend_from_slice(answer);
        Ok(())
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        Ok(())
    }

    fn close(self: Box<Self>, _: Disposition) -> Result<(), TransportError> {
        Ok(())
    }
}

/// Writes a good transaction down.
struct Scribe {
    card: InProcess,
    steps: Vec<Step>,
}

impl Transport for Scribe {
    fn atr(&self) -> &[u8] {
        self.card.atr()
    }

    fn protocol(&self) -> Protocol {
        self.card.protocol()
    }

    fn exchange(&mut self, command: &[u8], response: &mut Vec<u8>) -> Result<(), TransportError> {
        self.card.transmit(command, response)?;
        let after = self.card.card().clone();
        self.steps.push(Step { command: command.to_vec(), response: response.clone(), after });
        Ok(())
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        self.card.reset()
    }

    fn close(self: Box<Self>, _: Disposition) -> Result<(), TransportError> {
        Ok(())
    }
}

fn record(settings: &Settings) -> (Payment, Vec<Step>) {
    let card = card("");
    let card =
        if settings.contactless { InProcess::enter_field(card) } else { InProcess::power_on(card) };
    let mut scribe = Follow::new(Scribe { card: card.expect("power"), steps: Vec::new() });
    let payment = pay(&mut scribe, &mut TestIssuer::default(), settings).expect("payment");
    assert_eq!(payment.outcome, Outcome::Approved);
    (payment, scribe.into_inner().steps)
}

/// Other answers in the place of this one.
fn mutants(response: &[u8], others: &[Step]) -> Vec<Vec<u8>> {
    let (data, status) = response.split_last_chunk::<2>().expect("status word");
    let mut mutants: Vec<Vec<u8>> =
        ["", "90", "9000", "6283", "6985", "6A82", "6F00", "6100", "6C05"]
            .iter()
            .map(|text| crate::harness::bytes(text))
            .collect();
    let pieces = data.len().div_ceil(6).max(1);
    mutants.extend((0..data.len()).step_by(pieces).map(|n| [&data[..n], status].concat()));
    mutants.push(response[..response.len() / 2].to_vec());
    mutants.push([data, data, status].concat());
    mutants.push([&[0xFF; 254][..], status].concat());
    mutants.extend(others.iter().map(|step| step.response.clone()));
    mutants.extend((0..response.len()).map(|at| {
        let mut changed = response.to_vec();
        changed[at] ^= 1 << (at % 8);
        changed
    }));
    mutants.retain(|mutant| mutant != response);
    mutants
}

/// What a cryptogram covers beside the terminal's data: a payment that is approved has it from the
/// card as it was.
fn covered(payment: &Payment) -> (u8, [u8; 2], [u8; 8], u8, [u8; 4]) {
    let last = payment.second.as_ref().or(payment.first.as_ref()).expect("cryptogram");
    let data = IssuerApplicationData::parse(&last.issuer_data).expect("issuer application data");
    (last.cid.kind().byte(), last.atc, last.cryptogram, data.version, data.cvr)
}

/// Tags that offline data authentication vouches for.
const SIGNED: [u32; 18] = [
    0x5A, 0x5F24, 0x5F25, 0x5F28, 0x5F34, 0x82, 0x8C, 0x8D, 0x8E, 0x8F, 0x90, 0x9F07, 0x9F08,
    0x9F0D, 0x9F0E, 0x9F0F, 0x9F49, 0x9F4A,
];

/// How many answers were tried.
fn sweep(settings: &Settings) -> usize {
    let (good, steps) = record(settings);
    let mut count = 0;
    for (at, step) in steps.iter().enumerate() {
        for answer in mutants(&step.response, &steps) {
            let place = format!("{} answered {}", hex(&step.command), hex(&answer));
            let player = Player { steps: &steps, at, answer: &answer, next: 0, card: None };
            let mut player = Follow::new(player);
            let paid = pay(&mut player, &mut TestIssuer::default(), settings);
            count += 1;
            match paid {
                Ok(payment) if payment.outcome == Outcome::Approved => {
                    check(&payment, &good, step, &place);
                }
                Ok(_) => {}
                Err(PaymentError::Malformed { tag, .. }) => assert_ne!(tag.number(), 0, "{place}"),
                Err(
                    PaymentError::Refused { .. }
                    | PaymentError::NoApplication(_)
                    | PaymentError::Transport(TransportError::Protocol(_)),
                ) => {}
                Err(other) => panic!("{place}: {other}"),
            }
        }
    }
    count
}

/// An approved payment in which one answer was another: nothing in it that issuer or terminal vouch
/// for differs from what the card said.
fn check(payment: &Payment, good: &Payment, step: &Step, place: &str) {
    let (kind, atc, ..) = covered(payment);
    assert_eq!((kind, atc), (0x40, [0x00, 0x01]), "{place}");
    let gives_cryptogram = step.command[1] == 0xAE || step.command[1] == 0xA8;
    if gives_cryptogram && payment.tvr == good.tvr {
        assert_eq!(covered(payment), covered(good), "{place}");
    }
    let authentication = &payment.authentication;
    // A changed PDOL may choose the other algorithms, and with them other certificates.
    if authentication.ok && authentication.sm == good.authentication.sm {
        let signature = match authentication.method {
            AuthenticationMethod::Sda => 0x93,
            _ => 0x9F46,
        };
        for tag in SIGNED.iter().chain(&[signature]).map(|tag| Tag::from_number(*tag)) {
            assert_eq!(payment.data.value(tag), good.data.value(tag), "{tag}: {place}");
        }
        if authentication.method == AuthenticationMethod::Cda && step.command[1] == 0xAE {
            panic!("every byte of a combined answer is covered: {place}");
        }
    } else if authentication.ok {
        assert!(!authentication.sm, "{place}");
    } else if authentication.method == AuthenticationMethod::None {
        assert_eq!(payment.tvr.bytes()[0] & 0x80, 0x80, "{place}");
    } else {
        assert_ne!(payment.tvr.bytes()[0] & 0x4C, 0, "{place}");
        assert!(authentication.reason.is_some(), "{place}");
    }
}

fn contact(method: u8, sm: bool) -> Settings {
    Settings { amount: 500, sm, capabilities: [0xE0, 0xE8, method], ..Settings::default() }
}

#[test]
fn i_19_answers_of_contact_transactions_changed() {
    let mut count = 0;
    for (method, sm) in [(0x08, false), (0x40, false), (0x80, false), (0x08, true)] {
        count += sweep(&contact(method, sm));
    }
    assert!(count > 5_000, "{count}");
}

#[test]
fn i_19_answers_of_e_cash_and_quick_transactions_changed() {
    let cash = Settings {
        online: false,
        electronic_cash: true,
        floor_limit: u64::MAX,
        ..contact(0x08, false)
    };
    let mut count = sweep(&cash);
    for sm in [false, true] {
        count += sweep(&Settings { contactless: true, ..contact(0x08, sm) });
    }
    assert!(count > 3_000, "{count}");
}
