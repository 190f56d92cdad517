//! Each bit of each action code, each limit at one below, at it and one above.

use sscard_core::Protocol;
use sscard_host::{Disposition, Follow, TransportError};

use super::*;
use crate::payment::Settings;

const AAC: Cid = Cid::AAC;
const TC: Cid = Cid::TC;
const ARQC: Cid = Cid::ARQC;
const NOTHING: [u8; 5] = [0; 5];

/// A card that answers GET DATA of these tags, and 6A88.
struct Objects(Vec<(Tag, Vec<u8>)>);

impl Transport for Objects {
    fn atr(&self) -> &[u8] {
        &[]
    }

    fn protocol(&self) -> Protocol {
        Protocol::T1
    }

    fn exchange(&mut self, command: &[u8], response: &mut Vec<u8>) -> Result<(), TransportError> {
        let tag = Tag::from_number(u16::from_be_bytes([command[2], command[3]]).into());
        response.clear();
        match self.0.iter().find(|(known, _)| *known == tag) {
            Some((_, value)) => {
                tag.emit(response);
                response.push(u8::try_from(value.len()).expect("short"));
                response.extend_from_slice(value);
                response.extend_from_slice(&[0x90, 0x00]);
            }
            None => response.extend_from_slice(&[0x6A, 0x88]),
        }
        Ok(())
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        Ok(())
    }

    fn close(self: Box<Self>, _: Disposition) -> Result<(), TransportError> {
        Ok(())
    }
}

/// What a terminal with these settings makes of a transaction that was prepared so.
fn with<R>(
    settings: &Settings,
    objects: &[(Tag, Vec<u8>)],
    act: impl FnOnce(&mut Kernel<'_, Objects>) -> R,
) -> R {
    let mut card = Follow::new(Objects(objects.to_vec()));
    let mut exchanges = Vec::new();
    act(&mut Kernel::new(&mut card, settings, &mut exchanges))
}

fn settings(online: bool, action_codes: [[u8; 5]; 3]) -> Settings {
    Settings { online, action_codes, ..Settings::default() }
}

/// One bit of five bytes.
fn bit(number: usize) -> [u8; 5] {
    let mut bits = NOTHING;
    bits[number / 8] = 0x80 >> (number % 8);
    bits
}

/// The cryptogram that is asked for with these results; denial, online, default of the issuer.
fn wish(settings: &Settings, issuer: [[u8; 5]; 3], tvr: [u8; 5]) -> Cid {
    with(settings, &[], |kernel| {
        for (tag, code) in [
            tag::ISSUER_ACTION_CODE_DENIAL,
            tag::ISSUER_ACTION_CODE_ONLINE,
            tag::ISSUER_ACTION_CODE_DEFAULT,
        ]
        .into_iter()
        .zip(issuer)
        {
            kernel.data.set(tag, code);
        }
        kernel.tvr = Tvr::new(tvr);
        analyse(kernel).expect("decides")
    })
}

/// All bits but one.
fn others([a, b, c, d, e]: [u8; 5]) -> [u8; 5] {
    [!a, !b, !c, !d, !e]
}

#[test]
fn d_10_7_each_bit_of_each_action_code_counts_with_its_own_result_alone() {
    for number in 0..40 {
        let tvr = bit(number);
        let cases = [
            // Which code, of a terminal that can go online or not, and what a hit asks for.
            (0, true, AAC),
            (0, false, AAC),
            (1, true, ARQC),
            (1, false, TC),
            (2, true, TC),
            (2, false, AAC),
        ];
        for (code, online, hit) in cases {
            let mut codes = [NOTHING; 3];
            codes[code] = tvr;
            let [denial, goes_online, default] = codes;
            let of_terminal = [default, denial, goes_online];
            assert_eq!(
                wish(&settings(online, [NOTHING; 3]), codes, tvr),
                hit,
                "issuer {code} {number}"
            );
            assert_eq!(
                wish(&settings(online, of_terminal), [NOTHING; 3], tvr),
                hit,
                "{code} {number}"
            );
            // The other thirty-nine bits say nothing of this one.
            codes[code] = others(tvr);
            let [denial, goes_online, default] = codes;
            let of_terminal = [default, denial, goes_online];
            assert_eq!(
                wish(&settings(online, [NOTHING; 3]), codes, tvr),
                TC,
                "issuer {code} {number}"
            );
            assert_eq!(
                wish(&settings(online, of_terminal), [NOTHING; 3], tvr),
                TC,
                "{code} {number}"
            );
        }
    }
}

#[test]
fn d_10_7_denial_goes_before_online_and_before_default() {
    let all = [0xFF; 5];
    for online in [true, false] {
        assert_eq!(wish(&settings(online, [NOTHING; 3]), [all; 3], bit(7)), AAC);
        assert_eq!(wish(&settings(online, [all; 3]), [NOTHING; 3], bit(7)), AAC);
        assert_eq!(wish(&settings(online, [all; 3]), [all; 3], NOTHING), TC, "no result, no hit");
    }
}

#[test]
fn d_10_7_what_the_merchant_wants_is_asked_for() {
    for wanted in [AAC, ARQC] {
        let settings = Settings { wish: Some(wanted.byte()), ..settings(true, [[0xFF; 5]; 3]) };
        assert_eq!(wish(&settings, [[0xFF; 5]; 3], bit(0)), wanted);
    }
}

#[test]
fn d_10_7_codes_of_another_length_are_none() {
    let offline = settings(false, [NOTHING; 3]);
    for (tag, expected) in
        [(tag::ISSUER_ACTION_CODE_DENIAL, TC), (tag::ISSUER_ACTION_CODE_DEFAULT, AAC)]
    {
        let asked = with(&offline, &[], |kernel| {
            for code in [
                tag::ISSUER_ACTION_CODE_DENIAL,
                tag::ISSUER_ACTION_CODE_ONLINE,
                tag::ISSUER_ACTION_CODE_DEFAULT,
            ] {
                kernel.data.set(code, NOTHING);
            }
            kernel.data.set(tag, [0xFF; 4]);
            kernel.tvr = Tvr::new(bit(3));
            analyse(kernel).expect("decides")
        });
        assert_eq!(asked, expected, "{tag}");
    }
}

fn risk(
    amount: u64,
    floor_limit: u64,
    aip: [u8; 2],
    lower: u8,
    upper: u8,
    counters: [u16; 2],
) -> ([u8; 5], [u8; 2]) {
    let settings = Settings { amount, floor_limit, ..Settings::default() };
    let [atc, last] = counters.map(|counter| counter.to_be_bytes().to_vec());
    with(
        &settings,
        &[(tag::TRANSACTION_COUNTER, atc), (tag::LAST_ONLINE_COUNTER, last)],
        |kernel| {
            kernel.data.set(tag::INTERCHANGE_PROFILE, aip);
            kernel.data.set(tag::LOWER_OFFLINE_LIMIT, [lower]);
            kernel.data.set(tag::UPPER_OFFLINE_LIMIT, [upper]);
            manage_risk(kernel).expect("manages");
            (kernel.tvr.bytes(), kernel.tsi.bytes())
        },
    )
}

#[test]
fn d_10_6_1_floor_limit() {
    for (amount, byte) in [(0, 0x00), (99, 0x00), (100, 0x80), (101, 0x80)] {
        assert_eq!(risk(amount, 100, [0x08, 0], 9, 9, [2, 1]).0, [0, 0, 0, byte, 0], "{amount}");
        // The floor limit holds without terminal risk management.
        assert_eq!(risk(amount, 100, [0xF7, 0], 0, 0, [9, 1]), ([0, 0, 0, byte, 0], [0, 0]));
    }
    assert_eq!(risk(0, 0, [0x08, 0], 9, 9, [2, 1]).0[3], 0x80, "no limit: everything is above");
}

#[test]
fn d_10_6_3_velocity_at_both_limits() {
    for (atc, last, byte) in [
        (6, 5, 0x00),
        (8, 5, 0x00),
        (9, 5, 0x40),
        (10, 5, 0x40),
        (11, 5, 0x60),
        (0xFFFF, 0xFFFC, 0x00),
        (0xFFFF, 0xFFFB, 0x40),
        (0xFFFF, 1, 0x60),
        // A counter that runs backwards is not above a limit.
        (5, 6, 0x00),
    ] {
        let (tvr, tsi) = risk(1, 100, [0x08, 0], 3, 5, [atc, last]);
        assert_eq!((tvr, tsi), ([0, 0, 0, byte, 0], [0x08, 0]), "{atc} {last}");
    }
    assert_eq!(risk(1, 100, [0x08, 0], 255, 255, [256, 1]).0, NOTHING);
    assert_eq!(risk(1, 100, [0x08, 0], 255, 255, [257, 1]).0[3], 0x60);
}

#[test]
fn d_10_6_3_a_new_card_is_one_that_was_never_online() {
    assert_eq!(risk(1, 100, [0x08, 0], 3, 5, [1, 0]).0, [0, 0x08, 0, 0, 0]);
    assert_eq!(risk(1, 100, [0x08, 0], 3, 5, [2, 1]).0, NOTHING);
}

#[test]
fn d_10_6_3_counters_that_the_card_does_not_give_are_above_both_limits() {
    let settings = Settings { amount: 1, floor_limit: 100, ..Settings::default() };
    for objects in [
        vec![],
        vec![(tag::TRANSACTION_COUNTER, vec![0, 2])],
        vec![(tag::LAST_ONLINE_COUNTER, vec![0, 1])],
        vec![(tag::TRANSACTION_COUNTER, vec![0, 2]), (tag::LAST_ONLINE_COUNTER, vec![1])],
    ] {
        let of = |limits: &[Tag]| {
            with(&settings, &objects, |kernel| {
                kernel.data.set(tag::INTERCHANGE_PROFILE, [0x08, 0]);
                limits.iter().for_each(|tag| kernel.data.set(*tag, [9]));
                manage_risk(kernel).expect("manages");
                kernel.tvr.bytes()
            })
        };
        assert_eq!(
            of(&[tag::LOWER_OFFLINE_LIMIT, tag::UPPER_OFFLINE_LIMIT]),
            [0, 0, 0, 0x60, 0],
            "{objects:?}"
        );
        assert_eq!(of(&[tag::LOWER_OFFLINE_LIMIT]), NOTHING, "one limit alone is none");
        assert_eq!(of(&[tag::UPPER_OFFLINE_LIMIT]), NOTHING);
    }
}

fn restricted(objects: &[(Tag, &[u8])]) -> [u8; 5] {
    let settings = Settings { date: [0x26, 0x11, 0x24], ..Settings::default() };
    with(&settings, &[], |kernel| {
        objects.iter().for_each(|(tag, value)| kernel.data.set(*tag, *value));
        restrict(kernel.settings, &kernel.data, &mut kernel.tvr);
        kernel.tvr.bytes()
    })
}

#[test]
fn d_10_4_restrictions_are_byte_2_of_the_results() {
    for (tag, value, byte) in [
        (tag::APPLICATION_VERSION, &[0x00, 0x30][..], 0x00),
        (tag::APPLICATION_VERSION, &[0x00, 0x20], 0x80),
        (tag::APPLICATION_VERSION, &[0x01, 0x30], 0x80),
        // Expiry: the day itself is good.
        (tag::EXPIRATION_DATE, &[0x26, 0x11, 0x24], 0x00),
        (tag::EXPIRATION_DATE, &[0x26, 0x11, 0x23], 0x40),
        (tag::EXPIRATION_DATE, &[0x26, 0x10, 0x31], 0x40),
        (tag::EXPIRATION_DATE, &[0x25, 0x12, 0x31], 0x40),
        (tag::EXPIRATION_DATE, &[0x27, 0x01, 0x01], 0x00),
        (tag::EXPIRATION_DATE, &[0x49, 0x12, 0x31], 0x00),
        (tag::EXPIRATION_DATE, &[0x50, 0x01, 0x01], 0x40),
        // Effective: the day itself is good.
        (tag::EFFECTIVE_DATE, &[0x26, 0x11, 0x24], 0x00),
        (tag::EFFECTIVE_DATE, &[0x26, 0x11, 0x25], 0x20),
        (tag::EFFECTIVE_DATE, &[0x26, 0x12, 0x01], 0x20),
        (tag::EFFECTIVE_DATE, &[0x49, 0x12, 0x31], 0x20),
        (tag::EFFECTIVE_DATE, &[0x50, 0x01, 0x01], 0x00),
    ] {
        assert_eq!(restricted(&[(tag, value)]), [0, byte, 0, 0, 0], "{tag} {value:02X?}");
    }
    assert_eq!(restricted(&[]), NOTHING, "what is not there restricts nothing");
}

#[test]
fn d_10_4_2_application_usage_control() {
    let home = [0x01, 0x56];
    let abroad = [0x08, 0x40];
    for (control, country, byte) in [
        ([0x21, 0x00], home, 0x00),
        ([0x11, 0x00], home, 0x10),
        ([0x20, 0x00], home, 0x10),
        ([0xDE, 0x00], home, 0x10),
        ([0x11, 0x00], abroad, 0x00),
        ([0x21, 0x00], abroad, 0x10),
        ([0x10, 0x00], abroad, 0x10),
        ([0xFF, 0xFF], abroad, 0x00),
    ] {
        let found = restricted(&[(tag::USAGE_CONTROL, &control), (tag::ISSUER_COUNTRY, &country)]);
        assert_eq!(found, [0, byte, 0, 0, 0], "{control:02X?} {country:02X?}");
    }
    assert_eq!(restricted(&[(tag::USAGE_CONTROL, &[0x21, 0])])[1], 0x10, "no country is abroad");
}

fn cash(online: bool, tvr: [u8; 5], amount: u64, balance: u8, threshold: u8) -> Cid {
    let settings = Settings {
        amount,
        online,
        electronic_cash: true,
        action_codes: [[0xFF; 5], NOTHING, [0xFF; 5]],
        ..Settings::default()
    };
    let cents = |last: u8| vec![0, 0, 0, 0, 0, last];
    with(
        &settings,
        &[(tag::CASH_BALANCE, cents(balance)), (tag::CASH_RESET_THRESHOLD, cents(threshold))],
        |kernel| {
            kernel.data.set(tag::CASH_AUTHORISATION_CODE, *b"123456");
            kernel.tvr = Tvr::new(tvr);
            analyse(kernel).expect("decides")
        },
    )
}

#[test]
fn d_7_5_e_cash_at_the_reset_threshold() {
    for (amount, online, wish) in [
        (9, true, TC),
        (10, true, TC),
        (11, true, ARQC),
        (20, true, ARQC),
        (21, true, ARQC),
        (11, false, TC),
    ] {
        // 20 cents and a threshold of 10.
        assert_eq!(cash(online, NOTHING, amount, 0x20, 0x10), wish, "{amount} {online}");
    }
}

#[test]
fn d_7_5_e_cash_is_not_paid_with_a_result_of_the_first_three_bytes() {
    for number in 0..40 {
        let bound = number < 24;
        assert_eq!(cash(true, bit(number), 1, 0x99, 0), if bound { ARQC } else { TC }, "{number}");
        assert_eq!(cash(false, bit(number), 1, 0x99, 0), if bound { AAC } else { TC }, "{number}");
    }
}
