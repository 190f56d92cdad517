//! The matrix: whole transactions over everything that can differ, each with its expected end, and
//! every cryptogram computed again by the issuer's side.

use sscard_apdu::StatusWord;
use sscard_core::Card;
use sscard_elements::tag;
use sscard_host::{Follow, InProcess};
use sscard_profile::{MasterKeys, issue, load, synthetic_holder};
use sscard_terminal::payment::{
    AuthenticationMethod, HolderVerification, IssuerScript, Outcome, Payment, PaymentError,
    Settings, TestIssuer, pay,
};

fn card(protocol: &str, financial: &str) -> Card {
    let text = format!("base = \"gen2\"\nprotocol = \"{protocol}\"\n[financial]\n{financial}");
    let profile = load(&text).expect("profile");
    issue(&profile, &synthetic_holder(7), &MasterKeys::test()).expect("card")
}

fn transact(
    card: Card,
    settings: &Settings,
    issuer: &mut TestIssuer,
) -> (Result<Payment, PaymentError>, Card) {
    let card =
        if settings.contactless { InProcess::enter_field(card) } else { InProcess::power_on(card) };
    let mut card = Follow::new(card.expect("power"));
    let payment = pay(&mut card, issuer, settings);
    (payment, card.into_inner().into_card())
}

fn statuses(payment: &Payment) -> Vec<Option<u16>> {
    payment.scripts.iter().map(|script| script.status.map(StatusWord::value)).collect()
}

/// A card whose application, or that itself, was blocked by its issuer.
fn blocked(protocol: &str, script: IssuerScript) -> Card {
    let mut issuer = TestIssuer { scripts: vec![script], ..TestIssuer::default() };
    let settings = Settings { amount: 1, ..Settings::default() };
    let (payment, card) = transact(card(protocol, ""), &settings, &mut issuer);
    assert_eq!(statuses(&payment.expect("payment")), [Some(0x9000)]);
    card
}

const METHODS: [(AuthenticationMethod, u8); 4] = [
    (AuthenticationMethod::None, 0x00),
    (AuthenticationMethod::Sda, 0x80),
    (AuthenticationMethod::Dda, 0xC0),
    (AuthenticationMethod::Cda, 0xC8),
];

#[derive(Clone, Copy, PartialEq, Debug)]
enum Pin {
    Right,
    Wrong,
    Blocked,
}

#[test]
fn contact_by_method_algorithm_pin_request_and_connection() {
    let mut count = 0;
    for protocol in ["T=0", "T=1"] {
        let fresh = card(protocol, "");
        let mut exhausted = fresh.clone();
        for _ in 0..3 {
            let settings =
                Settings { pin: Some("000000".to_owned()), amount: 1, ..Settings::default() };
            exhausted = transact(exhausted, &settings, &mut TestIssuer::default()).1;
        }
        for (method, capability) in METHODS {
            for sm in [false, true] {
                for pin in [Pin::Right, Pin::Wrong, Pin::Blocked] {
                    for wish in [None, Some(0x00), Some(0x40), Some(0x80)] {
                        for online in [true, false] {
                            let settings = Settings {
                                amount: 1234,
                                sm,
                                online,
                                wish,
                                pin: Some(
                                    if pin == Pin::Wrong { "000000" } else { "123456" }.to_owned(),
                                ),
                                floor_limit: if online { 0 } else { u64::MAX },
                                capabilities: [0xE0, 0xE8, capability],
                                ..Settings::default()
                            };
                            let card =
                                if pin == Pin::Blocked { exhausted.clone() } else { fresh.clone() };
                            let at = format!(
                                "{protocol} {method:?} sm {sm} {pin:?} {wish:X?} online {online}"
                            );
                            check_contact(card, &settings, method, pin, &at);
                            count += 1;
                        }
                    }
                }
            }
        }
    }
    assert_eq!(count, 384);
}

fn check_contact(
    card: Card,
    settings: &Settings,
    method: AuthenticationMethod,
    pin: Pin,
    at: &str,
) {
    let (payment, _) = transact(card, settings, &mut TestIssuer::default());
    let payment = payment.unwrap_or_else(|error| panic!("{at}: {error}"));
    let declined = settings.wish == Some(0x00)
        // Not authenticated offline, and nobody to ask: the default action codes say no, before the
        // first cryptogram or before the second.
        || matches!(settings.wish, None | Some(0x80))
            && !settings.online
            && method == AuthenticationMethod::None
        // The wrong PIN goes on to the issuer.
        || pin == Pin::Wrong && payment.issuer.is_some();
    let expected = if declined { Outcome::Declined } else { Outcome::Approved };
    assert_eq!(payment.outcome, expected, "{at}");
    assert_eq!(payment.authentication.method, method, "{at}");
    assert_eq!(payment.authentication.ok, method != AuthenticationMethod::None, "{at}");
    assert_eq!(payment.authentication.sm, settings.sm && method != AuthenticationMethod::None);
    let holder = match (pin, settings.online) {
        (Pin::Right, _) => HolderVerification::OfflinePin,
        (_, true) => HolderVerification::OnlinePin,
        (_, false) => HolderVerification::Signature,
    };
    assert_eq!(payment.holder, holder, "{at}");
    let went_online = payment.second.is_some();
    let asked = settings.wish == Some(0x80) || settings.wish.is_none() && settings.online;
    assert_eq!(went_online, asked || payment.first.as_ref().unwrap().kind() == "ARQC", "{at}");
    assert_eq!(payment.issuer.is_some(), went_online && settings.online, "{at}");
    if let Some(issuer) = &payment.issuer {
        assert!(issuer.arqc_ok, "{at}");
        assert_eq!(issuer.status, Some(StatusWord::SUCCESS), "{at}");
    }
}

#[test]
fn issuer_answers_and_scripts() {
    let approve = TestIssuer::default;
    let with = |change: &dyn Fn(&mut TestIssuer)| {
        let mut issuer = TestIssuer::default();
        change(&mut issuer);
        issuer
    };
    let put = || IssuerScript::PutData(tag::LOWER_OFFLINE_LIMIT_OF_CARD, vec![0x05]);
    let cases: Vec<(&str, TestIssuer, Outcome, Vec<Option<u16>>)> = vec![
        ("approves", approve(), Outcome::Approved, vec![]),
        ("declines", with(&|i| i.declines = true), Outcome::Declined, vec![]),
        // The amount is above the floor limit of 0, and the default action codes have that bit.
        ("cannot be reached", with(&|i| i.unreachable = true), Outcome::Declined, vec![]),
        // Default action C000: a failed issuer authentication declines.
        ("wrong ARPC", with(&|i| i.wrong_arpc = true), Outcome::Declined, vec![]),
        ("no ARPC", with(&|i| i.omits_arpc = true), Outcome::Approved, vec![]),
        (
            "good scripts",
            with(&|i| i.scripts = vec![put(), IssuerScript::PinUnblock, put()]),
            Outcome::Approved,
            vec![Some(0x9000); 3],
        ),
        (
            "wrong MACs",
            with(&|i| {
                i.scripts = vec![put(), put()];
                i.wrong_macs = true;
            }),
            Outcome::Approved,
            vec![Some(0x6988), None],
        ),
        (
            "scripts after a wrong ARPC",
            with(&|i| {
                i.scripts = vec![put()];
                i.wrong_arpc = true;
            }),
            Outcome::Declined,
            vec![Some(0x6985)],
        ),
        (
            "a script that the card refuses",
            with(&|i| {
                i.scripts = vec![IssuerScript::PutData(tag::RISK_CURRENCY, vec![0x01, 0x56])];
            }),
            Outcome::Approved,
            vec![Some(0x6A80)],
        ),
    ];
    for protocol in ["T=0", "T=1"] {
        for sm in [false, true] {
            for (name, issuer, outcome, scripts) in &cases {
                let mut issuer = TestIssuer {
                    declines: issuer.declines,
                    unreachable: issuer.unreachable,
                    wrong_arpc: issuer.wrong_arpc,
                    omits_arpc: issuer.omits_arpc,
                    scripts: issuer.scripts.clone(),
                    wrong_macs: issuer.wrong_macs,
                    ..TestIssuer::default()
                };
                let settings = Settings { amount: 1234, sm, ..Settings::default() };
                let (payment, _) = transact(card(protocol, ""), &settings, &mut issuer);
                let payment = payment.unwrap_or_else(|error| panic!("{name}: {error}"));
                assert_eq!(payment.outcome, *outcome, "{protocol} sm {sm}: {name}");
                assert_eq!(&statuses(&payment), scripts, "{protocol} sm {sm}: {name}");
            }
        }
    }
}

#[test]
fn every_script_does_what_it_says() {
    for sm in [false, true] {
        let scripts = [
            "pin-change=4321",
            "pin-change=123456:987654",
            "pin-unblock",
            "put-data=9F79:000000200000",
            "update-record=4:1:70089F1401059F230106",
            "application-block",
            "application-unblock",
        ];
        for text in scripts {
            let scripts = vec![text.parse().expect("script")];
            let mut issuer = TestIssuer { scripts, ..TestIssuer::default() };
            let settings = Settings { amount: 1234, sm, ..Settings::default() };
            let (payment, card) = transact(card("T=0", ""), &settings, &mut issuer);
            let payment = payment.expect("payment");
            assert_eq!(statuses(&payment), [Some(0x9000)], "{text}");
            let pin = match text {
                "pin-change=4321" => "4321",
                "pin-change=123456:987654" => "987654",
                _ => "123456",
            };
            let settings = Settings { pin: Some(pin.to_owned()), ..settings };
            let (payment, _) = transact(card, &settings, &mut TestIssuer::default());
            let payment = payment.expect("payment");
            let blocked = text == "application-block";
            let expected = if blocked { Outcome::Declined } else { Outcome::Approved };
            assert_eq!(payment.outcome, expected, "{text}");
            assert_eq!(payment.holder, HolderVerification::OfflinePin, "{text}");
        }
    }
}

#[test]
fn blocked_applications_and_cards() {
    for protocol in ["T=0", "T=1"] {
        for contactless in [false, true] {
            for online in [false, true] {
                let settings = Settings {
                    amount: 500,
                    contactless,
                    online,
                    floor_limit: if online { 0 } else { u64::MAX },
                    ..Settings::default()
                };
                let application = blocked(protocol, IssuerScript::ApplicationBlock);
                let (payment, _) = transact(application, &settings, &mut TestIssuer::default());
                assert_eq!(payment.expect("payment").outcome, Outcome::Declined);
                let whole = blocked(protocol, IssuerScript::CardBlock);
                let (payment, _) = transact(whole, &settings, &mut TestIssuer::default());
                let refused = PaymentError::NoApplication(StatusWord::FUNCTION_NOT_SUPPORTED);
                assert_eq!(payment.err(), Some(refused));
            }
        }
    }
    // The way back: the issuer unblocks over the AAC.
    let scripts = vec![IssuerScript::ApplicationUnblock];
    let mut issuer = TestIssuer { scripts, ..TestIssuer::default() };
    let application = blocked("T=0", IssuerScript::ApplicationBlock);
    let settings = Settings { amount: 500, ..Settings::default() };
    let (payment, card) = transact(application, &settings, &mut issuer);
    let payment = payment.expect("payment");
    assert_eq!((payment.outcome, statuses(&payment)), (Outcome::Declined, vec![Some(0x9000)]));
    let (payment, _) = transact(card, &settings, &mut TestIssuer::default());
    assert_eq!(payment.expect("payment").outcome, Outcome::Approved);
}

#[test]
fn contactless_by_amount_algorithm_key_and_connection() {
    let mut count = 0;
    for version in ["01", "17"] {
        for key in [0, 768, 1024, 1152] {
            for sm in [false, true] {
                for online in [true, false] {
                    for (amount, approved) in [(500, true), (200_000, online)] {
                        let card = card(
                            "T=0",
                            &format!(
                                "qpboc_cryptogram_version = \"{version}\"\ncard_key = {key}\n"
                            ),
                        );
                        let settings = Settings {
                            amount,
                            sm,
                            online,
                            contactless: true,
                            qualifiers: if online {
                                [0x26, 0, 0, 0x80]
                            } else {
                                [0x2A, 0, 0, 0x80]
                            },
                            ..Settings::default()
                        };
                        let at =
                            format!("CVN {version} key {key} sm {sm} online {online} {amount}");
                        let (payment, _) = transact(card, &settings, &mut TestIssuer::default());
                        let payment = payment.unwrap_or_else(|error| panic!("{at}: {error}"));
                        let has_key = sm || key != 0;
                        // An approval that cannot be authenticated is none.
                        let approved = approved && (has_key || amount > 500);
                        let expected = if approved { Outcome::Approved } else { Outcome::Declined };
                        assert_eq!(payment.outcome, expected, "{at}");
                        assert_eq!(payment.authentication.ok, amount == 500 && has_key, "{at}");
                        count += 1;
                    }
                }
            }
        }
    }
    assert_eq!(count, 64);
}

#[test]
fn e_cash_until_it_is_spent() {
    for sm in [false, true] {
        let mut card = card("T=0", "");
        let settings = Settings {
            amount: 40_000,
            sm,
            online: false,
            electronic_cash: true,
            floor_limit: u64::MAX,
            ..Settings::default()
        };
        for expected in [true, true, false] {
            let (payment, left) = transact(card, &settings, &mut TestIssuer::default());
            let payment = payment.expect("payment");
            assert_eq!(payment.electronic_cash, expected, "800.00 of 1,000.00 are spent then");
            assert_eq!(payment.outcome, Outcome::Approved);
            card = left;
        }
    }
}

#[test]
fn a_card_that_lies_is_found_out() {
    // Every byte of every record that offline data authentication covers, one at a time.
    let honest = card("T=1", "");
    let settings = Settings { amount: 1234, ..Settings::default() };
    let (payment, _) = transact(honest.clone(), &settings, &mut TestIssuer::default());
    let certificate =
        payment.expect("payment").data.value(tag::ICC_CERTIFICATE).expect("certificate").to_vec();
    let image = honest.image();
    let bytes = image.as_bytes();
    let at = bytes.windows(certificate.len()).position(|w| w == certificate).expect("in the image");
    for offset in [0, 1, 20, certificate.len() - 1] {
        let mut changed = bytes.to_vec();
        changed[at + offset] ^= 0x01;
        let card = crate::fuzz::targets::framed_image(&changed[12..changed.len() - 4], 3);
        let card = Card::from_image(&sscard_core::CardImage::from_bytes(card)).expect("image");
        let (payment, _) = transact(card, &settings, &mut TestIssuer::default());
        let payment = payment.expect("payment");
        assert!(!payment.authentication.ok, "offset {offset}");
        assert_eq!(payment.tvr.bytes()[0] & 0x04, 0x04, "CDA failed");
        // The terminal asks the issuer, which recognises the cryptogram all the same.
        assert_eq!(payment.outcome, Outcome::Approved);
    }
}
