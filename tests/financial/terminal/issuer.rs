//! The test bank's host: readings of the standard, online PINs, discretionary data, what it cannot send.

use sscard_crypto::financial::Fold;
use sscard_elements::tag;
use sscard_host::{Follow, InProcess};
use sscard_terminal::payment::{
    HolderVerification, IssuerScript, Outcome, Settings, TestIssuer, pay,
};

use super::liar::{card, honest, pay_card, rewrite};
use crate::harness::hex;

#[test]
fn sm4_macs_of_both_readings() {
    let settings = Settings { amount: 500, sm: true, ..Settings::default() };
    for (profile, fold, outcome) in [
        ("sm4_fold = \"xor\"\n", Fold::Xor, Outcome::Approved),
        ("sm4_fold = \"xor\"\n", Fold::Left, Outcome::Failed),
        ("", Fold::Left, Outcome::Approved),
    ] {
        let mut issuer = TestIssuer { fold, ..TestIssuer::default() };
        let payment = honest(card(profile), &settings, &mut issuer);
        assert_eq!(payment.outcome, outcome, "{profile}");
        let arqc_ok = payment.issuer.map(|issuer| issuer.arqc_ok);
        assert_eq!(arqc_ok, Some(outcome == Outcome::Approved), "{profile}");
    }
}

#[test]
fn pin_change_keys_of_both_readings() {
    for (profile, unadjusted_pin_key, pin) in [
        ("pin_change_key = \"unadjusted\"\n", true, "4321"),
        ("", false, "4321"),
        ("pin_change_key = \"unadjusted\"\n", false, "123456"),
    ] {
        let scripts = vec![IssuerScript::PinChange("4321".to_owned())];
        let mut issuer = TestIssuer { scripts, unadjusted_pin_key, ..TestIssuer::default() };
        let settings = Settings { amount: 500, ..Settings::default() };
        let mut card = Follow::new(InProcess::power_on(card(profile)).expect("power"));
        pay(&mut card, &mut issuer, &settings).expect("payment");
        let settings = Settings { pin: Some(pin.to_owned()), ..settings };
        let second = pay(&mut card, &mut TestIssuer::default(), &settings);
        let holder = second.expect("payment").holder;
        assert_eq!(holder, HolderVerification::OfflinePin, "{profile} {unadjusted_pin_key}");
    }
}

fn over_the_limit(pin: Option<&str>) -> Settings {
    Settings {
        amount: 30_001,
        contactless: true,
        pin: pin.map(str::to_owned),
        ..Settings::default()
    }
}

#[test]
fn an_online_pin_is_checked_by_the_issuer() {
    for (entered, known, code, outcome) in [
        ("123456", Some("123456"), b"00", Outcome::Approved),
        ("654321", Some("123456"), b"55", Outcome::Declined),
        ("654321", Some("654321"), b"00", Outcome::Approved),
        ("1111", None, b"00", Outcome::Approved),
    ] {
        let online_pin = known.map(str::to_owned);
        let mut issuer = TestIssuer { online_pin, ..TestIssuer::default() };
        let payment = honest(card(""), &over_the_limit(Some(entered)), &mut issuer);
        assert_eq!(payment.holder, HolderVerification::OnlinePin);
        assert_eq!(payment.issuer.map(|issuer| issuer.response_code), Some(*code), "{entered}");
        assert_eq!(payment.outcome, outcome, "{entered}");
    }
    // Over contacts, the list's one rule.
    let mut only_online = |_: &[u8], response: &mut Vec<u8>| {
        let list = [&[0; 8][..], &[0x42, 0x00]].concat();
        rewrite(response, 0x8E, &mut |_| Some(list.clone()));
    };
    for (pin, outcome, tvr_3) in
        [("123456", Outcome::Approved, 0x04), ("1111", Outcome::Declined, 0x04)]
    {
        let settings = Settings {
            amount: 500,
            pin: Some(pin.to_owned()),
            capabilities: [0xE0, 0xE8, 0x00],
            ..Settings::default()
        };
        let mut issuer = TestIssuer::default();
        let payment =
            pay_card(card(""), &settings, &mut issuer, &mut only_online).expect("payment");
        assert_eq!((payment.outcome, payment.tvr.bytes()[2]), (outcome, tvr_3), "{pin}");
    }
    // An entry that the holder skips.
    let settings = Settings {
        amount: 500,
        pin: Some(String::new()),
        capabilities: [0xE0, 0xE8, 0x00],
        ..Settings::default()
    };
    let mut issuer = TestIssuer::default();
    let payment = pay_card(card(""), &settings, &mut issuer, &mut only_online).expect("payment");
    assert_eq!((payment.holder, payment.tvr.bytes()[2]), (HolderVerification::Failed, 0x88));
}

#[test]
fn a_terminal_without_pin_pad_offers_no_online_pin() {
    let payment = honest(card(""), &over_the_limit(None), &mut TestIssuer::default());
    assert_eq!(payment.data.value(tag::TERMINAL_QUALIFIERS).map(hex).as_deref(), Some("32400080"));
    assert_eq!(payment.holder, HolderVerification::Signature);
    let mut demands = |_: &[u8], response: &mut Vec<u8>| {
        rewrite(response, 0x9F6C, &mut |_| Some(vec![0x80, 0x00]));
    };
    let mut issuer = TestIssuer::default();
    let payment = pay_card(card(""), &over_the_limit(None), &mut issuer, &mut demands);
    let payment = payment.expect("payment");
    assert_eq!(payment.holder, HolderVerification::Failed);
    assert_eq!((payment.outcome, payment.issuer), (Outcome::Declined, None));
}

#[test]
fn d_4_3_the_mac_of_the_discretionary_data_is_checked() {
    for sm in [false, true] {
        let settings =
            Settings { amount: 500, sm, capabilities: [0xE0, 0xE8, 0x00], ..Settings::default() };
        let idd = |profile: &str, flip: bool| {
            // 9F10 is the last thing in template 80: the last byte is the MAC's.
            let mut change = |command: &[u8], response: &mut Vec<u8>| {
                if flip && command[1] == 0xAE {
                    let at = response.len() - 3;
                    response[at] ^= 0x01;
                }
            };
            let mut issuer = TestIssuer::default();
            let payment = pay_card(card(profile), &settings, &mut issuer, &mut change);
            let issuer = payment.expect("payment").issuer.expect("online");
            assert!(issuer.arqc_ok);
            issuer.idd_ok
        };
        for id in 1..=5 {
            let profile = format!("discretionary_data = {id}\n");
            assert_eq!(idd(&profile, false), Some(true), "{id}");
            assert_eq!(idd(&profile, true), Some(false), "{id}");
        }
        assert_eq!(idd("discretionary_data = 0\n", false), None);
        assert_eq!(idd("discretionary_data_static = \"A1A2A3\"\n", false), None);
    }
}

#[test]
fn a_script_that_fits_into_no_command_is_not_left_out() {
    let scripts = vec![
        IssuerScript::PutData(tag::LOWER_OFFLINE_LIMIT_OF_CARD, vec![0; 252]),
        IssuerScript::PinUnblock,
    ];
    let mut issuer = TestIssuer { scripts, ..TestIssuer::default() };
    let settings = Settings { amount: 500, ..Settings::default() };
    let payment = honest(card(""), &settings, &mut issuer);
    assert_eq!(payment.issuer.map(|issuer| issuer.response_code), Some(*b"05"));
    assert!(payment.scripts.is_empty());
}
