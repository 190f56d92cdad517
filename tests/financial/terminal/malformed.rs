//! I-19: answers that cannot be used, each with its typed error.

use sscard_apdu::StatusWord;
use sscard_elements::tag;
use sscard_host::TransportError;
use sscard_terminal::payment::{Outcome, Payment, PaymentError, Settings, TestIssuer};

use super::liar::{card, pay_card, removed, replaced, rewrite};
use crate::harness::bytes;

type Change = Box<dyn FnMut(&[u8], &mut Vec<u8>)>;

/// Gives another answer to each command that begins like this.
fn answered(command: &str, answer: &str) -> Change {
    let (command, answer) = (bytes(command), bytes(answer));
    Box::new(move |sent, response| {
        if sent.starts_with(&command) {
            response.clone_from(&answer);
        }
    })
}

/// Changes the answer to each command that begins like this.
fn edited(command: &str, mut edit: impl FnMut(&mut Vec<u8>) + 'static) -> Change {
    let command = bytes(command);
    Box::new(move |sent, response| {
        if sent.starts_with(&command) {
            edit(response);
        }
    })
}

fn run(contactless: bool, change: &mut Change) -> Result<Payment, PaymentError> {
    let settings = Settings { amount: 500, contactless, ..Settings::default() };
    pay_card(card(""), &settings, &mut TestIssuer::default(), change)
}

const SELECT: &str = "00A4040008A0000003";
const OPTIONS: &str = "80A8";
const GENERATE: &str = "80AE";

#[test]
fn i_19_a_malformed_card_is_a_typed_error() {
    let broken_list = |response: &mut Vec<u8>| {
        // The list's last tag goes on and never ends.
        let end = response.windows(3).position(|w| w == [0xDF, 0x69, 0x01]).expect("PDOL");
        response[end + 1] |= 0x80;
    };
    let without = |tag| move |response: &mut Vec<u8>| rewrite(response, tag, &mut |_| None);
    let cut = |response: &mut Vec<u8>| {
        response.remove(10);
    };
    let contact: Vec<(&str, &str, u32, Change)> = vec![
        ("a cut FCI", "SELECT", 0x6F, edited(SELECT, cut)),
        ("an FCI without a name", "SELECT", 0x84, edited(SELECT, without(0x84))),
        ("a broken PDOL", "SELECT", 0x9F38, edited(SELECT, broken_list)),
        ("no options", "GET PROCESSING OPTIONS", 0x80, answered(OPTIONS, "9000")),
        ("half an AIP", "GET PROCESSING OPTIONS", 0x80, answered(OPTIONS, "80017D9000")),
        ("no AIP", "GET PROCESSING OPTIONS", 0x82, answered(OPTIONS, "77069404080101009000")),
        ("a long AIP", "GET PROCESSING OPTIONS", 0x82, answered(OPTIONS, "770582037D00009000")),
        ("no AFL", "GET PROCESSING OPTIONS", 0x94, answered(OPTIONS, "80027D009000")),
        ("half an entry", "GET PROCESSING OPTIONS", 0x94, answered(OPTIONS, "80057D000801019000")),
        ("backwards", "GET PROCESSING OPTIONS", 0x94, answered(OPTIONS, "80067D00080201009000")),
        ("file 31", "GET PROCESSING OPTIONS", 0x94, answered(OPTIONS, "80067D00F80101009000")),
        ("no record", "READ RECORD", 0x70, answered("00B2011C", "9000")),
        ("another template", "READ RECORD", 0x70, answered("00B2011C", "6103500101 9000")),
        ("two templates", "READ RECORD", 0x70, answered("00B20114", "7000 7000 9000")),
        ("an object cut", "READ RECORD", 0x70, answered("00B20124", "70035A059900 9000")),
        ("an object twice", "READ RECORD", 0x5A, answered("00B20124", "70035A0199 9000")),
        ("no CDOL1", "READ RECORD", 0x8C, Box::new(removed(0x8C))),
        ("a broken CDOL1", "READ RECORD", 0x8C, Box::new(replaced(0x8C, vec![0x9F]))),
        ("a broken CDOL2", "READ RECORD", 0x8D, Box::new(replaced(0x8D, vec![0x9F, 0x02]))),
        ("a short CVM list", "READ RECORD", 0x8E, Box::new(replaced(0x8E, vec![0; 7]))),
        ("an odd CVM list", "READ RECORD", 0x8E, Box::new(replaced(0x8E, vec![0; 9]))),
        ("another object", "GET DATA", 0x9F36, answered("80CA9F36", "9F130200019000")),
        ("no object", "GET DATA", 0x9F13, answered("80CA9F13", "9000")),
        ("a short cryptogram", "GENERATE AC", 0x80, answered(GENERATE, "80038000019000")),
        ("another template", "GENERATE AC", 0x77, answered(GENERATE, "70009000")),
        ("nothing", "GENERATE AC", 0x77, answered(GENERATE, "9000")),
        ("no kind", "GENERATE AC", 0x9F27, answered(GENERATE, "77059F360200019000")),
        ("no counter", "GENERATE AC", 0x9F36, answered("80AE", "77049F2701009000")),
    ];
    let quick: Vec<(&str, &str, u32, Change)> = vec![
        ("format 1", "GET PROCESSING OPTIONS", 0x80, answered(OPTIONS, "80067D00080101009000")),
        ("no issuer data", "GET PROCESSING OPTIONS", 0x9F10, edited(OPTIONS, without(0x9F10))),
        (
            "other issuer data",
            "GET PROCESSING OPTIONS",
            0x9F10,
            Box::new(replaced(0x9F10, vec![0x06, 0x01])),
        ),
        ("no counter", "GET PROCESSING OPTIONS", 0x9F36, edited(OPTIONS, without(0x9F36))),
        (
            "a short cryptogram",
            "GET PROCESSING OPTIONS",
            0x9F26,
            Box::new(replaced(0x9F26, vec![0; 7])),
        ),
        ("no AFL", "GET PROCESSING OPTIONS", 0x94, edited(OPTIONS, without(0x94))),
        ("the counter again", "READ RECORD", 0x9F36, answered("00B20114", "70059F360200019000")),
    ];
    for (contactless, cases) in [(false, contact), (true, quick)] {
        for (name, command, tag, mut change) in cases {
            match run(contactless, &mut change) {
                Err(PaymentError::Malformed { command: c, tag: t, .. }) => {
                    assert_eq!((c, t.number()), (command, tag), "{name}");
                }
                other => panic!("{name}: {:?}", other.map(|payment| payment.outcome)),
            }
        }
    }
}

#[test]
fn i_19_a_refusal_names_the_command() {
    for (command, name, answer) in [
        (OPTIONS, "GET PROCESSING OPTIONS", "6985"),
        ("00B2011C", "READ RECORD", "6A83"),
        (GENERATE, "GENERATE AC", "6985"),
        (GENERATE, "GENERATE AC", "6F00"),
    ] {
        let refused = PaymentError::Refused {
            command: name,
            status: StatusWord::from_bytes(bytes(answer).try_into().expect("two bytes")),
        };
        assert_eq!(run(false, &mut answered(command, answer)).err(), Some(refused));
    }
    let nothing = run(false, &mut answered("00A4", "6A82")).err();
    assert_eq!(nothing, Some(PaymentError::NoApplication(StatusWord::FILE_NOT_FOUND)));
    for answer in ["", "90"] {
        let short = run(false, &mut answered(OPTIONS, answer)).err();
        assert!(
            matches!(short, Some(PaymentError::Transport(TransportError::Protocol(_)))),
            "{short:?}"
        );
    }
}

#[test]
fn i_19_what_the_terminal_says_is_not_the_cards_to_say() {
    // The record of the offline limits, which nothing signs, names another amount.
    let mut change = answered("00B20124", "70099F02060000000000019000");
    let payment = run(false, &mut change).expect("payment");
    assert_eq!(payment.outcome, Outcome::Approved);
    assert_eq!(payment.data.value(tag::AMOUNT_AUTHORISED), Some(&[0, 0, 0, 0, 5, 0][..]));
    let generate = payment.exchanges.iter().find(|exchange| exchange.command[1] == 0xAE);
    assert_eq!(generate.expect("sent").command[5..11], [0, 0, 0, 0, 5, 0]);
}

#[test]
fn i_19_a_card_goes_no_further_than_it_is_asked() {
    let settings =
        Settings { amount: 500, capabilities: [0xE0, 0xE8, 0x40], ..Settings::default() };
    // Asked for an ARQC or an AAC, it says more, or something that is no kind.
    for (wish, cid) in [(0x80, 0x40), (0x80, 0xC0), (0x00, 0x80), (0x00, 0x40), (0x00, 0xC0)] {
        let settings = Settings { wish: Some(wish), ..settings.clone() };
        let mut change = edited(GENERATE, move |response| response[2] = cid);
        let payment = pay_card(card(""), &settings, &mut TestIssuer::default(), &mut change);
        assert_eq!(payment.expect("payment").outcome, Outcome::Failed, "{wish:02X} {cid:02X}");
    }
    // The issuer declines, the second cryptogram is an AAC, and is called a TC.
    let mut issuer = TestIssuer { declines: true, ..TestIssuer::default() };
    let mut change = edited("80AE00", |response| response[2] = 0x40);
    let payment = pay_card(card(""), &settings, &mut issuer, &mut change).expect("payment");
    assert_eq!(payment.outcome, Outcome::Failed);
    // Asked for a TC, it gives an AAC, and somebody calls it a TC: the CVR tells.
    let mut issuer = TestIssuer { wrong_arpc: true, ..TestIssuer::default() };
    let mut change = edited("80AE40", |response| response[2] = 0x40);
    let payment = pay_card(card(""), &settings, &mut issuer, &mut change).expect("payment");
    assert_eq!(payment.outcome, Outcome::Failed);
}

#[test]
fn i_19_a_combined_cryptogram_cannot_be_stripped() {
    // Asked for CDA, the card's signature is lost on the way.
    let strip = |response: &mut Vec<u8>| rewrite(response, 0x9F4B, &mut |_| None);
    for mut change in
        [edited(GENERATE, strip), answered(GENERATE, "800B8000011122334455667788 9000")]
    {
        let payment = run(false, &mut change).expect("payment");
        assert_eq!((payment.outcome, payment.authentication.ok), (Outcome::Failed, false));
        assert_eq!(payment.tvr.bytes()[0], 0x24);
    }
}
