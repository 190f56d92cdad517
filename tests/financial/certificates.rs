//! V9: chains of certificates from the test authority's own keys, in every size; docs/standards/financial.md
//! §2 and §3: the SM algorithms.

use sscard_crypto::Key;
use sscard_crypto::financial::certificate::{
    self, CertificateError, CombinedData, Validity, authority_key_check, recover_card_key,
    recover_issuer_key,
};
use sscard_crypto::financial::{
    Cipher, DerivationOption, Fold, card_key, discretionary_mac, rsa, script_mac, sha1,
    sm_certificate, sm3,
};
use sscard_profile::{RID, RsaPair, TestKeys};

use super::bank::{AAC, ARQC, Ac, Bank, TC, UN};
use super::d4_qpboc::Answer;
use crate::harness::{bytes, hex};

const VALID: Validity = Validity { expiry: [0x12, 0x49], serial: [0x00, 0x00, 0x07] };
const PAN: [u8; 10] = [0x99, 0x99, 0x99, 0x00, 0x02, 0x03, 0x05, 0x32, 0x26, 0x32];
const ISSUER: [u8; 4] = [0x99, 0x99, 0x99, 0xFF];
const STATIC: &[u8] = b"static data to be authenticated";

fn pair(name: &str) -> &'static RsaPair {
    TestKeys::get().rsa(name).unwrap_or_else(|| panic!("{name}"))
}

/// Authorities, issuers and cards: 768 to 1984 bits, exponents 3 and 65537, with and without a
/// remainder.
const CHAINS: [[&str; 3]; 6] = [
    ["ca-1984", "issuer-1408", "card-1152"],
    ["ca-1984", "issuer-1408", "card-1024"],
    ["ca-1984", "issuer-1152", "card-768"],
    ["ca-1408", "issuer-1152", "card-1152"],
    ["ca-1408", "issuer-1408", "card-1024"],
    ["ca-1408", "ca-1984", "card-768"],
];

#[test]
fn v9_chains_of_rsa_certificates() {
    for names in CHAINS {
        let [authority, issuer, card] = names.map(pair);
        let of_issuer = certificate::issue_issuer_certificate(
            &authority.private,
            ISSUER,
            VALID,
            &issuer.public,
        )
        .expect("issuer certificate");
        let fits = issuer.public.modulus().len() + 36 <= authority.public.modulus().len();
        assert_eq!(of_issuer.remainder.is_empty(), fits, "{names:?}");
        let exponent = issuer.public.exponent().bytes();
        let (recovered, validity) = recover_issuer_key(
            &authority.public,
            &of_issuer.certificate,
            &of_issuer.remainder,
            exponent,
            &PAN,
        )
        .expect("issuer key");
        assert_eq!((recovered, validity), (issuer.public.clone(), VALID));
        let of_card =
            certificate::issue_card_certificate(&issuer.private, PAN, VALID, &card.public, STATIC)
                .expect("card certificate");
        let exponent = card.public.exponent().bytes();
        let recover = |certificate: &[u8], data: &[u8], pan: &[u8]| {
            recover_card_key(&issuer.public, certificate, &of_card.remainder, exponent, data, pan)
        };
        let (recovered, _) = recover(&of_card.certificate, STATIC, &PAN).expect("card key");
        assert_eq!(recovered, card.public, "{names:?}");
        assert_eq!(
            recover(&of_card.certificate, b"other data", &PAN).err(),
            Some(CertificateError::Hash)
        );
        assert_eq!(
            recover(&of_card.certificate, STATIC, &[0x99, 0x99]).err(),
            Some(CertificateError::Account)
        );
        for at in 0..of_card.certificate.len() {
            let mut changed = of_card.certificate.clone();
            changed[at] ^= 0x01;
            assert!(recover(&changed, STATIC, &PAN).is_err(), "{names:?}: byte {at}");
        }
        let signed = certificate::sign_static_data(&issuer.private, [0xDA, 0xC5], STATIC);
        let signed = signed.expect("SSAD");
        assert_eq!(
            certificate::verify_static_data(&issuer.public, &signed, STATIC),
            Ok([0xDA, 0xC5])
        );
        let dynamic = [0x02, 0x02, 0x40];
        let signed =
            certificate::sign_dynamic_data(&card.private, &dynamic, &bytes(UN)).expect("SDAD");
        assert_eq!(
            certificate::verify_dynamic_data(&card.public, &signed, &bytes(UN)),
            Ok(dynamic.to_vec())
        );
        assert_eq!(
            certificate::verify_dynamic_data(&card.public, &signed, &[0; 4]),
            Err(CertificateError::Hash)
        );
    }
}

#[test]
fn v9_hostile_certificates_are_typed_errors() {
    let issuer = &pair("issuer-1408").public;
    let open = |certificate: &[u8]| {
        certificate::verify_static_data(issuer, certificate, STATIC).expect_err("refused")
    };
    assert_eq!(open(&[]), CertificateError::Length);
    assert_eq!(open(&[0x5A; 175]), CertificateError::Length);
    assert_eq!(open(&[0x5A; 176]), CertificateError::Frame);
    assert_eq!(open(&[0xFF; 176]), CertificateError::Frame, "above the modulus");
    // A card's certificate is no signed static data.
    let key = &pair("card-1024").public;
    let private = &pair("issuer-1408").private;
    let other = certificate::issue_card_certificate(private, PAN, VALID, key, STATIC);
    assert_eq!(open(&other.expect("certificate").certificate), CertificateError::Format);
    assert!(rsa::RsaPublicKey::new(&[0xFF; 63], rsa::Exponent::Three).is_none());
    assert!(rsa::RsaPublicKey::new(&[0xFE; 128], rsa::Exponent::Three).is_none(), "even");
    assert!(
        rsa::RsaPrivateKey::from_parts(&[1; 64], &[1; 63], &[1; 64], &[1; 64], &[1; 64]).is_none()
    );
    assert!(
        rsa::RsaPrivateKey::from_parts(&[0; 64], &[0; 64], &[0; 64], &[0; 64], &[0; 64]).is_none()
    );
    // Numbers that are no primes give another answer, never a panic.
    let odd =
        rsa::RsaPrivateKey::from_parts(&[0xFF; 64], &[0xFF; 64], &[1; 64], &[1; 64], &[1; 64]);
    assert_eq!(odd.expect("odd").apply(&[0x01; 128]).map(|out| out.len()), Some(128));
}

#[test]
fn authority_keys_have_check_values() {
    let check = authority_key_check(RID, 0x01, &pair("ca-1984").public);
    let other = authority_key_check(RID, 0x02, &pair("ca-1984").public);
    assert_ne!(check, other);
    let modulus = pair("ca-1984").public.modulus();
    let parts: [&[u8]; 4] = [&RID, &[0x01], modulus, &[0x03]];
    assert_eq!(check, sha1(&parts));
}

#[test]
fn d_2_sm4_cryptograms_and_scripts() {
    let mut bank = Bank::with(&[]);
    bank.terminal.sm = true;
    assert_eq!(bank.begin(), "80127D00080102004001030018010101200101009000");
    let first = bank.first(ARQC);
    assert_eq!((bank.cipher(), first.iad[7]), (Cipher::Sm4, 0x04));
    assert_eq!(first.ac, bank.expected(&first));
    assert_eq!(bank.issuer("00"), "9000");
    assert_eq!(bank.script("04DA9F79", &bytes("000000200000")), "9000");
    let second = bank.second(TC, "00");
    assert_eq!(second.ac, bank.expected(&second));
    assert_eq!(bank.data(0x9F79), "000000200000");
    let balance = [0x00, 0x00, 0x20, 0x00, 0x00];
    let mac = bank.expected_mac(second.atc, &[balance]);
    assert_eq!(hex(&second.iad[8..]), format!("0A01{}{}", hex(&balance), hex(&mac)));
}

#[test]
fn d_2_sm4_fold_is_a_profile_option() {
    let mut bank = Bank::new("sm4_fold = \"xor\"\n");
    bank.terminal.sm = true;
    bank.begin();
    let first = bank.first(ARQC);
    assert_ne!(first.ac, bank.expected(&first), "not the left half");
    let key =
        sscard_crypto::financial::pboc_session_key(Cipher::Sm4, &bank.card_key("AC"), first.atc);
    let message =
        format!("0000000012340000000000000156000000000001562601 0100{UN}7D000001{}", first.cvr());
    let ac = sscard_crypto::financial::application_cryptogram(
        Cipher::Sm4,
        &key,
        &[&bytes(&message)],
        Fold::Xor,
    );
    assert_eq!(first.ac, ac);
}

#[test]
fn d_2_sm4_fold_xor_in_script_and_idd() {
    let mut bank = Bank::new("sm4_fold = \"xor\"\n");
    bank.terminal.sm = true;
    bank.begin();
    let first = bank.first(ARQC);
    let key = bank.session("MAC");
    let discretionary = |atc, balance: [u8; 5]| {
        let mac = discretionary_mac(Cipher::Sm4, &key, atc, &[balance], Fold::Xor);
        format!("0A01{}{}", hex(&balance), hex(&mac))
    };
    let balance = [0x00, 0x00, 0x10, 0x00, 0x00];
    assert_eq!(hex(&first.iad[8..]), discretionary(first.atc, balance));
    let header: [u8; 5] = [0x04, 0xDA, 0x9F, 0x79, 0x0A];
    let data = bytes("000000200000");
    let command = |fold| {
        let cryptogram = bank.first_cryptogram();
        let mac = script_mac(Cipher::Sm4, &key, header, first.atc, &cryptogram, &data, fold);
        format!("{}{}{}", hex(&header), hex(&data), hex(&mac))
    };
    let (left, xored) = (command(Fold::Left), command(Fold::Xor));
    assert_eq!(bank.clone().send(&left), "6988");
    assert_eq!(bank.send(&xored), "9000");
    let second = bank.second(TC, "00");
    let balance = [0x00, 0x00, 0x20, 0x00, 0x00];
    assert_eq!(hex(&second.iad[8..]), discretionary(second.atc, balance));
}

#[test]
fn d_2_psn_absent_is_00() {
    let master = bytes("F0C34A8124CEE0A91A0B034AA97D6EAC").try_into().expect("16 bytes");
    for (cipher, expected) in [
        (Cipher::TripleDes, "0A43CF5F1A2FEA80E0048AAA7417B50D"),
        (Cipher::Sm4, "284A606B84BC231BFBD70FC31AD7AD18"),
    ] {
        for number in ["", "00"] {
            let key = Key::new(master);
            let key = card_key(cipher, DerivationOption::A, &key, "6228000100001", number);
            assert_eq!(hex(key.expect("PAN").expose()), expected, "{number}");
        }
    }
}

#[test]
fn d_3_sm2_dynamic_signature() {
    let mut bank = Bank::with(&[]);
    bank.terminal.sm = true;
    bank.begin();
    let answer = bank.send(&format!("0088000004{UN}00"));
    let answer = bytes(answer.strip_suffix("9000").expect("9000"));
    assert_eq!(hex(&answer[..7]), "804A1508070001", "74 bytes, format 15, 07 and the counter");
    let key = TestKeys::get().sm2("card").expect("key").public_key();
    let opened = sm_certificate::verify_dynamic_data(key, &answer[2..], &bytes(UN));
    assert_eq!(
        opened.map(|dynamic| (dynamic.len(), dynamic[..3].to_vec())),
        Ok((8, vec![7, 0, 1]))
    );
    assert_eq!(bank.first(AAC).cvr(), "03801002");
}

#[test]
fn d_3_rsa_dynamic_signature() {
    for (bits, length) in [(768, 96), (1024, 128), (1152, 144)] {
        let mut bank = Bank::new(&format!("card_key = {bits}\n"));
        bank.begin();
        let answer = bank.send(&format!("0088000004{UN}00"));
        let answer = bytes(answer.strip_suffix("9000").expect("9000"));
        let signature = &answer[answer.len() - length..];
        let key = &pair(&format!("card-{bits}")).public;
        let opened = certificate::verify_dynamic_data(key, signature, &bytes(UN));
        let opened = opened.expect("a signature");
        assert_eq!((opened.len(), &opened[..3]), (8, &[7, 0, 1][..]));
    }
    let mut bank = Bank::new("card_key = 0\n");
    bank.begin();
    assert_eq!(bank.send(&format!("0088000004{UN}00")), "6985", "no key");
    let mut bank = Bank::with(&[]);
    bank.begin();
    assert_eq!(bank.send("008800000300000000"), "6700");
    bank.first(TC);
    assert_eq!(bank.send(&format!("0088000004{UN}00")), "6985", "after a cryptogram");
}

#[test]
fn d_3_df69_chooses_where_both_are_possible() {
    for (option, sm, afl) in [
        ("sm = \"both\"\n", false, "0801020010010400"),
        ("sm = \"both\"\n", true, "0801020040010300"),
        ("sm = \"no\"\n", true, "0801020010010400"),
        ("sm = \"only\"\n", false, "0801020040010300"),
    ] {
        let mut bank = Bank::new(option);
        bank.terminal.sm = sm;
        assert!(bank.begin().starts_with(&format!("80127D00{afl}")), "{option}");
    }
}

/// Opens the signature of an answer in template 77 and compares everything it covers.
fn check_combined(bank: &Bank, answer: &Answer, kind: u8, lists: &[String]) {
    assert_eq!(answer.tags(), [0x9F27, 0x9F36, 0x9F4B, 0x9F10]);
    assert_eq!(answer.value(0x9F27), format!("{kind:02X}"));
    let signature = bytes(answer.value(0x9F4B));
    let keys = TestKeys::get();
    let dynamic = if bank.terminal.sm {
        assert_eq!(hex(&signature[..2]), "1531", "format 15, 49 bytes");
        assert_eq!(signature.len(), 2 + 49 + 64);
        let key = keys.sm2("card").expect("key").public_key();
        sm_certificate::verify_dynamic_data(key, &signature, &bytes(UN))
    } else {
        certificate::verify_dynamic_data(&pair("card-1152").public, &signature, &bytes(UN))
    };
    let dynamic = dynamic.expect("signature");
    let combined = CombinedData::parse(&dynamic).expect("dynamic data");
    assert_eq!((combined.number.len(), combined.cid), (7, kind));
    assert_eq!(hex(&combined.number[..2]), "0001");
    let iad = bytes(answer.value(0x9F10));
    let ac = Ac { cid: kind, atc: [0, 1], ac: combined.cryptogram, iad };
    assert_eq!(ac.ac, bank.expected(&ac));
    let objects = format!("9F2701{kind:02X}9F360200019F1013{}", answer.value(0x9F10));
    let covered = bytes(&(lists.concat() + &objects));
    let hash = if bank.terminal.sm { hex(&sm3(&[&covered])) } else { hex(&sha1(&[&covered])) };
    assert_eq!(hex(combined.transaction_hash), hash);
}

#[test]
fn d_3_combined_signature_of_both_cryptograms() {
    for sm in [false, true] {
        let mut bank = Bank::with(&[]);
        bank.terminal.sm = sm;
        bank.begin();
        let mut lists = vec![bank.pdol(), bank.cdol1()];
        let first = Answer::parse(&bank.send(&format!("80AE900034{}00", lists[1])));
        check_combined(&bank, &first, ARQC, &lists);
        lists.push(bank.cdol2("Y3"));
        let second = Answer::parse(&bank.send(&format!("80AE500022{}00", lists[2])));
        check_combined(&bank, &second, TC, &lists);
    }
}

#[test]
fn d_3_an_aac_is_never_combined() {
    for sm in [false, true] {
        let mut bank = Bank::with(&[]);
        bank.terminal.sm = sm;
        bank.begin();
        bank.first(ARQC);
        let data = bank.cdol2("05");
        let second = super::bank::parse(&bank.send(&format!("80AE500022{data}00")));
        assert_eq!((second.cid, second.cvr().as_str()), (AAC, "03201400"));
    }
}

#[test]
fn d_3_no_combined_signature_without_aip_or_key() {
    for profile in ["aip = \"7C00\"\n", "card_key = 0\n"] {
        let mut bank = Bank::new(profile);
        bank.begin();
        let data = bank.cdol1();
        let first = super::bank::parse(&bank.send(&format!("80AE500034{data}00")));
        assert_eq!((first.cid, first.cvr().as_str()), (TC, "03901000"), "{profile}");
    }
}
