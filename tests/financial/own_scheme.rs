//! A payment application of another scheme: own AID, version, session keys, issuer's answer.

use sscard_core::{CryptogramPlan, ResponseMethod};
use sscard_crypto::Key;
use sscard_crypto::financial::{
    Cipher, CryptogramScheme, DerivationOption, Padding, SessionKeyScheme, arpc_method_2, card_key,
    mac_algorithm_3,
};
use sscard_host::{Follow, InProcess};
use sscard_profile::bank_keys;
use sscard_terminal::payment::{Outcome, Settings, TestIssuer, pay};

use super::own_bank::{card, send};
use crate::harness::{bytes, hex};

/// A card whose AIP has no offline data authentication.
fn profile(settings: &str) -> String {
    format!(
        "base = \"gen3\"\nprotocol = \"T=1\"\n[financial]\naid = \"A0000000031010\"\nlabel = \"TEST CREDIT\"\n\
         pan = \"4761739001010010\"\naip = \"1C00\"\npdol = \"\"\nafl = \"08010100 18010100\"\n\
         cdol1 = \"9F0206 9F0306 9F1A02 9505 5F2A02 9A03 9C01 9F3704\"\n\
         cdol2 = \"8A02 9F0206 9F0306 9F1A02 9505 5F2A02 9A03 9C01 9F3704\"\n{settings}\n\
         [financial.keys]\nac = \"2315208C9110AD402315208C9110AD40\"\n"
    )
}

const TERMINAL: &str = "000000001234000000000000015600000000000156261124000A0B0C0D";

fn udk() -> Key {
    let master = Key::new(bytes("2315208C9110AD402315208C9110AD40").try_into().expect("16 bytes"));
    card_key(Cipher::TripleDes, DerivationOption::A, &master, "4761739001010010", "01")
        .expect("PAN")
}

/// Counter, cryptogram and issuer application data of the first GENERATE AC.
fn first(profile: &str) -> (Vec<u8>, Vec<u8>, Vec<u8>, sscard_core::Card) {
    let mut card = card(profile);
    assert!(send(&mut card, "00A4040007A0000000031010").ends_with("9000"));
    assert_eq!(send(&mut card, "80A8000002830000"), "800A1C0008010100180101009000");
    let answer = bytes(&send(&mut card, &format!("80AE80001D{TERMINAL}00")));
    (answer[3..5].to_vec(), answer[5..13].to_vec(), answer[13..answer.len() - 2].to_vec(), card)
}

#[test]
fn visa_cvn_10_takes_the_card_key_itself_and_pads_with_zeros() {
    let (atc, ac, iad, _) = first(&profile("scheme = \"visa-cvn10\""));
    assert_eq!(hex(&iad), "06010A03A01000");
    let data = [bytes(TERMINAL), bytes("1C00"), atc, iad[3..7].to_vec()].concat();
    assert_eq!(ac, mac_algorithm_3(&udk(), &[&data], Padding::Zeros));
}

#[test]
fn visa_cvn_18_covers_the_issuer_data_under_the_common_session_key() {
    let (atc, ac, iad, mut card) = first(&profile("scheme = \"visa-cvn18\""));
    assert_eq!(hex(&iad), "06011203A01000");
    let session = SessionKeyScheme::EmvCommon.for_cryptogram(
        Cipher::TripleDes,
        &udk(),
        [atc[0], atc[1]],
        [0; 4],
    );
    let data = [bytes(TERMINAL), bytes("1C00"), atc, iad].concat();
    assert_eq!(ac, mac_algorithm_3(&session, &[&data], Padding::Bit));
    // ARPC method 2: approved by byte 2 bit 8 of the card status update.
    let ac = ac.try_into().expect("8 bytes");
    let arpc = arpc_method_2(Cipher::TripleDes, &session, &ac, [0, 0x80, 0, 0], &[]);
    assert_eq!(send(&mut card, &format!("0082000008{}00800000", hex(&arpc))), "9000");
    let second = send(&mut card, &format!("80AE40001F3030{TERMINAL}00"));
    assert_eq!(&second[4..6], "40", "TC: {second}");
}

#[test]
fn a_wrong_short_arpc_fails() {
    let (.., mut card) = first(&profile("scheme = \"visa-cvn18\""));
    assert_eq!(send(&mut card, "00820000080011223300800000"), "6300");
}

#[test]
fn emvs_common_session_key_with_own_version_and_elements() {
    let settings = "scheme = \"emv-csk\"\ncryptogram_version = \"2A\"\n\
                    cryptogram_elements = \"9F0206 9F3704 8202 9F3602 CVR\"";
    let (atc, ac, iad, _) = first(&profile(settings));
    assert_eq!(hex(&iad), "06012A03A01000");
    let session = SessionKeyScheme::EmvCommon.for_cryptogram(
        Cipher::TripleDes,
        &udk(),
        [atc[0], atc[1]],
        [0; 4],
    );
    let data = [bytes("0000000012340A0B0C0D1C00"), atc, iad[3..7].to_vec()].concat();
    assert_eq!(ac, mac_algorithm_3(&session, &[&data], Padding::Bit));
}

#[test]
fn pboc_17_covers_four_elements_over_contacts_too() {
    let (atc, ac, iad, _) = first(&profile("cryptogram_version = \"17\"\ndiscretionary_data = 0"));
    assert_eq!(hex(&iad), "07011703A0100001");
    let session =
        SessionKeyScheme::Pboc.for_cryptogram(Cipher::TripleDes, &udk(), [atc[0], atc[1]], [0; 4]);
    let data = [bytes("0000000012340A0B0C0D"), atc, vec![iad[4]]].concat();
    assert_eq!(ac, mac_algorithm_3(&session, &[&data], Padding::Bit));
}

#[test]
fn an_issuer_that_is_told_the_scheme_pays_each_of_them() {
    for scheme in ["pboc", "emv-csk", "visa-cvn10", "visa-cvn18"] {
        let text = profile(&format!("scheme = \"{scheme}\""));
        let issuer =
            TestIssuer { own: Some(bank_keys(&text).expect("keys")), ..TestIssuer::default() };
        for cdol2 in ["", "91"] {
            // Without EXTERNAL AUTHENTICATE the answer is in CDOL2.
            let text = match cdol2 {
                "" => text.clone(),
                _ => text
                    .replace(
                        "\"8A02",
                        if scheme == "visa-cvn18" { "\"9108 8A02" } else { "\"910A 8A02" },
                    )
                    .replace("\"1C00\"", "\"1800\""),
            };
            let own = Some(bank_keys(&text).expect("keys"));
            let mut issuer = TestIssuer { own, ..TestIssuer::default() };
            let settings = Settings {
                amount: 1234,
                pin: Some("123456".to_owned()),
                aid: Some(bytes("A0000000031010")),
                action_codes: [[0; 5]; 3],
                ..Settings::default()
            };
            let mut reader = Follow::new(InProcess::power_on(card(&text)).expect("power"));
            let paid = pay(&mut reader, &mut issuer, &settings).expect("payment");
            assert_eq!(paid.issuer.as_ref().map(|answer| answer.arqc_ok), Some(true), "{scheme}");
            assert_eq!(paid.outcome, Outcome::Approved, "{scheme} {cdol2}");
        }
        drop(issuer);
    }
}

#[test]
fn the_fci_has_own_objects_in_the_places_of_the_usual_ones() {
    let text = profile("scheme = \"emv-csk\"")
        + "[financial.fci]\n\"5F2D\" = \"656E\"\n\"BF0C\" = \"absent\"\n\"9F5A\" = \"0001\"\n";
    let mut card = card(&text);
    assert_eq!(
        send(&mut card, "00A4040007A000000003101000"),
        "6F258407A0000000031010A51A500B54455354204352454449548701015F2D02656E9F5A0200019000"
    );
}

/// A plan is in the card's image where it is not PBOC's.
#[test]
fn an_image_keeps_scheme_and_fci() {
    let text = profile("scheme = \"visa-cvn18\"") + "[financial.fci]\n\"5F2D\" = \"656E\"\n";
    let made = card(&text);
    let again = sscard_core::Card::from_image(&made.image()).expect("image");
    let plan =
        |card: &sscard_core::Card| card.profile().blueprint().financial.applications[0].clone();
    assert_eq!(plan(&again), plan(&made));
    assert_eq!(plan(&again).cryptogram.response, ResponseMethod::Two);
    let of = CryptogramPlan::of(CryptogramScheme::VisaCvn18);
    assert_eq!(plan(&again).cryptogram, of);
}
