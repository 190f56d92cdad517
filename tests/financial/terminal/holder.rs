//! EMV Book 3 §10.5: the list of cardholder verification methods: conditions, order, results.

use sscard_elements::tag;
use sscard_terminal::payment::{HolderVerification, Payment, Settings, TestIssuer};

use super::liar::{card, pay_card, rewrite};
use crate::harness::{bytes, hex};

/// 20.00 and 50.00.
const X: u32 = 2_000;
const Y: u32 = 5_000;

const PLAIN_PIN: u8 = 0x01;
const ONLINE_PIN: u8 = 0x02;
const SIGNATURE: u8 = 0x1E;
const NONE: u8 = 0x1F;
/// Bit 7: the next rule when this one fails.
const NEXT: u8 = 0x40;

/// Of the terminal: the lists here are changed on their way, so that data authentication would fail, and a card where it
/// failed is told no PIN.
const NO_AUTHENTICATION: [u8; 3] = [0xE0, 0xE8, 0x00];

fn settings() -> Settings {
    Settings { amount: 100, capabilities: NO_AUTHENTICATION, ..Settings::default() }
}

/// Pays with a card whose list is this.
fn paid(rules: &[[u8; 2]], settings: &Settings) -> Payment {
    paid_changing(rules, settings, &mut |_| ())
}

fn paid_changing(
    rules: &[[u8; 2]],
    settings: &Settings,
    more: &mut dyn FnMut(&mut Vec<u8>),
) -> Payment {
    let list = [&X.to_be_bytes()[..], &Y.to_be_bytes(), &rules.concat()].concat();
    let mut change = |_: &[u8], response: &mut Vec<u8>| {
        rewrite(response, 0x8E, &mut |_| Some(list.clone()));
        more(response);
    };
    let payment = pay_card(card(""), settings, &mut TestIssuer::default(), &mut change);
    payment.unwrap_or_else(|error| panic!("{error}"))
}

/// Byte 3 of the results, and the CVM results.
fn seen(payment: &Payment) -> (u8, String) {
    (payment.tvr.bytes()[2], payment.data.value(tag::CVM_RESULTS).map(hex).unwrap_or_default())
}

#[test]
fn d_10_5_amounts_at_x_and_y() {
    let rules = |condition| [[NONE | NEXT, condition], [SIGNATURE, 0x00]];
    for (condition, limit) in [(0x06, X), (0x07, X), (0x08, Y), (0x09, Y)] {
        for difference in [-1_i64, 0, 1] {
            let amount = (i64::from(limit) + difference).unsigned_abs();
            let under = matches!(condition, 0x06 | 0x08);
            let applies = if under { difference < 0 } else { difference > 0 };
            let payment = paid(&rules(condition), &Settings { amount, ..settings() });
            let expected = if applies {
                HolderVerification::NoneRequired
            } else {
                HolderVerification::Signature
            };
            assert_eq!(payment.holder, expected, "{condition:02X} {amount}");
            assert_eq!(payment.tvr.bytes()[2], 0, "{condition:02X} {amount}");
        }
    }
}

#[test]
fn d_10_5_amounts_count_in_the_applications_currency_only() {
    for condition in [0x06_u8, 0x07, 0x08, 0x09] {
        let amount = if matches!(condition, 0x06 | 0x08) { 1 } else { 9_999 };
        let rules = [[NONE | NEXT, condition], [SIGNATURE, 0x00]];
        for (currency, expected) in [
            ([0x01, 0x56], HolderVerification::NoneRequired),
            ([0x08, 0x40], HolderVerification::Signature),
        ] {
            let settings = Settings { amount, ..settings() };
            let mut own = |response: &mut Vec<u8>| {
                rewrite(response, 0x9F42, &mut |_| Some(currency.to_vec()));
                // Cards without one get one beside the expiry date.
                if !response.windows(2).any(|pair| pair == [0x9F, 0x42]) {
                    add(response, 0x5F24, &[&[0x9F, 0x42, 0x02][..], &currency].concat());
                }
            };
            let payment = paid_changing(&rules, &settings, &mut own);
            assert_eq!(payment.holder, expected, "{condition:02X} {currency:02X?}");
        }
    }
}

/// Puts an object behind one of tag `tag` in the answer's template.
fn add(response: &mut Vec<u8>, tag: u32, object: &[u8]) {
    let Some(at) = response.windows(2).position(|pair| pair == [(tag >> 8) as u8, tag as u8])
    else {
        return;
    };
    let end = at + 3 + usize::from(response[at + 2]);
    response.splice(end..end, object.iter().copied());
    let place = if response[1] == 0x81 { 2 } else { 1 };
    response[place] += u8::try_from(object.len()).expect("short");
}

#[test]
fn d_10_5_conditions_that_never_hold_here_and_unknown_ones() {
    for condition in [0x01_u8, 0x04, 0x05, 0x0A, 0x7F, 0x80, 0xFF] {
        let payment = paid(&[[NONE | NEXT, condition], [SIGNATURE, 0x00]], &settings());
        assert_eq!(payment.holder, HolderVerification::Signature, "{condition:02X}");
    }
    for condition in [0x00_u8, 0x02, 0x03] {
        let payment = paid(&[[NONE | NEXT, condition], [SIGNATURE, 0x00]], &settings());
        assert_eq!(payment.holder, HolderVerification::NoneRequired, "{condition:02X}");
    }
}

#[test]
fn d_10_5_if_the_terminal_supports_it_by_each_bit_of_its_capabilities() {
    for (method, bit, holder) in [
        (NONE, 0x08, HolderVerification::NoneRequired),
        (SIGNATURE, 0x20, HolderVerification::Signature),
        (ONLINE_PIN, 0x40, HolderVerification::OnlinePin),
        (PLAIN_PIN, 0x80, HolderVerification::OfflinePin),
        (0x03, 0x80, HolderVerification::OfflinePin),
    ] {
        for capabilities in [bit, !bit] {
            let settings = Settings {
                pin: Some("123456".to_owned()),
                capabilities: [0xE0, capabilities, 0x00],
                ..settings()
            };
            // The second rule fails for good.
            let payment = paid(&[[method | NEXT, 0x03], [0x00, 0x00]], &settings);
            let expected = if capabilities == bit { holder } else { HolderVerification::Failed };
            assert_eq!(payment.holder, expected, "{method:02X} {capabilities:02X}");
            let failed = payment.tvr.bytes()[2] & 0x80 != 0;
            assert_eq!(failed, capabilities != bit, "{method:02X} {capabilities:02X}");
        }
    }
}

#[test]
fn d_10_5_a_terminal_without_a_pin_pad_supports_no_pin() {
    for method in [PLAIN_PIN, ONLINE_PIN, 0x03, 0x04, 0x05] {
        let payment = paid(&[[method | NEXT, 0x03], [NONE, 0x00]], &settings());
        assert_eq!(payment.holder, HolderVerification::NoneRequired, "{method:02X}");
        assert_eq!(seen(&payment), (0x00, "1F0002".to_owned()), "{method:02X}");
    }
}

#[test]
fn d_10_5_a_failure_goes_on_only_with_bit_7() {
    let wrong = Settings { pin: Some("000000".to_owned()), ..settings() };
    let payment = paid(&[[PLAIN_PIN | NEXT, 0x00], [NONE, 0x00]], &wrong);
    assert_eq!(payment.holder, HolderVerification::NoneRequired);
    assert_eq!(seen(&payment), (0x00, "1F0002".to_owned()));
    let payment = paid(&[[PLAIN_PIN, 0x00], [NONE, 0x00]], &wrong);
    assert_eq!(payment.holder, HolderVerification::Failed);
    assert_eq!(seen(&payment), (0x80, "010001".to_owned()));
    // The last of all fails: so does the list.
    let payment = paid(&[[PLAIN_PIN | NEXT, 0x00]], &wrong);
    assert_eq!(seen(&payment), (0x80, "410001".to_owned()));
    // No rule applies.
    let payment = paid(&[[NONE, 0x01]], &settings());
    assert_eq!(payment.holder, HolderVerification::Failed);
    assert_eq!(seen(&payment), (0x80, "3F0001".to_owned()));
    // "Fail" is a method.
    let payment = paid(&[[0x00, 0x00], [NONE, 0x00]], &settings());
    assert_eq!(seen(&payment), (0x80, "000001".to_owned()));
    let payment = paid(&[[NEXT, 0x00], [NONE, 0x00]], &settings());
    assert_eq!(seen(&payment), (0x00, "1F0002".to_owned()));
}

#[test]
fn d_10_5_methods_and_what_the_results_say_of_them() {
    let pin = |pin: &str| Settings { pin: Some(pin.to_owned()), ..settings() };
    for (method, settings, holder, tvr_3, results) in [
        (PLAIN_PIN, pin("123456"), HolderVerification::OfflinePin, 0x00, "010002"),
        (PLAIN_PIN, pin("000000"), HolderVerification::Failed, 0x80, "010001"),
        (PLAIN_PIN, pin(""), HolderVerification::Failed, 0x88, "010001"),
        (0x03, pin("123456"), HolderVerification::OfflinePin, 0x00, "030002"),
        (ONLINE_PIN, pin("123456"), HolderVerification::OnlinePin, 0x04, "020000"),
        (ONLINE_PIN, pin(""), HolderVerification::Failed, 0x88, "020001"),
        (SIGNATURE, settings(), HolderVerification::Signature, 0x00, "1E0000"),
        (NONE, settings(), HolderVerification::NoneRequired, 0x00, "1F0002"),
        // Unknown methods are told.
        (0x06, settings(), HolderVerification::Failed, 0xC0, "060001"),
        (0x1D, settings(), HolderVerification::Failed, 0xC0, "1D0001"),
        (0x3E, settings(), HolderVerification::Failed, 0xC0, "3E0001"),
    ] {
        let payment = paid(&[[method, 0x00]], &settings);
        assert_eq!(payment.holder, holder, "{method:02X}");
        assert_eq!(seen(&payment), (tvr_3, results.to_owned()), "{method:02X}");
        assert_eq!(payment.tsi.bytes()[0] & 0x40, 0x40, "{method:02X}");
    }
}

#[test]
fn d_10_5_an_offline_terminal_asks_for_no_online_pin() {
    let settings = Settings { pin: Some("123456".to_owned()), online: false, ..settings() };
    let payment = paid(&[[ONLINE_PIN | NEXT, 0x03], [NONE, 0x00]], &settings);
    assert_eq!(payment.holder, HolderVerification::NoneRequired);
    let payment = paid(&[[ONLINE_PIN, 0x00]], &settings);
    assert_eq!((payment.holder, payment.tvr.bytes()[2]), (HolderVerification::Failed, 0x80));
}

#[test]
fn d_10_5_tries_that_are_used_up_are_said_and_not_tried() {
    // The card says that no try is left: VERIFY is not sent.
    let mut none = |response: &mut Vec<u8>| {
        if response.starts_with(&[0x9F, 0x17, 0x01]) {
            response[3] = 0;
        }
    };
    let settings = Settings { pin: Some("123456".to_owned()), ..settings() };
    let payment = paid_changing(&[[PLAIN_PIN, 0x00]], &settings, &mut none);
    assert_eq!(seen(&payment), (0xA0, "010001".to_owned()));
    assert!(payment.exchanges.iter().all(|exchange| exchange.command[1] != 0x20));
    // The last one goes now.
    for status in ["63C0", "6983", "6984"] {
        let list = [&X.to_be_bytes()[..], &Y.to_be_bytes(), &[PLAIN_PIN, 0x00]].concat();
        let mut change = |command: &[u8], response: &mut Vec<u8>| {
            rewrite(response, 0x8E, &mut |_| Some(list.clone()));
            if command[1] == 0x20 {
                *response = bytes(status);
            }
        };
        let payment = pay_card(card(""), &settings, &mut TestIssuer::default(), &mut change);
        let payment = payment.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(seen(&payment), (0xA0, "010001".to_owned()), "{status}");
    }
    let wrong = Settings { pin: Some("000000".to_owned()), ..settings };
    assert_eq!(paid(&[[PLAIN_PIN, 0x00]], &wrong).tvr.bytes()[2], 0x80, "two are left");
}

#[test]
fn a_card_that_is_not_authentic_is_told_no_pin() {
    let settings =
        Settings { capabilities: super::DDA, pin: Some("123456".to_owned()), ..settings() };
    let payment = paid(&[[PLAIN_PIN | NEXT, 0x00], [SIGNATURE, 0x00]], &settings);
    assert_eq!(payment.tvr.bytes()[0], 0x08, "the list is signed");
    assert_eq!(payment.holder, HolderVerification::Signature);
    assert!(payment.exchanges.iter().all(|exchange| exchange.command[1] != 0x20));
}
