//! Certificates and signatures under the TEST key: what is recovered is compared byte by byte, the
//! hashes are computed with Python's `hashlib`.

use alloc::string::ToString;
use alloc::vec;

use Exponent::{FermatFour, Three};

use super::*;
use crate::financial::test_key::{modulus, private, public};
use crate::financial::vectors::{array, bytes, hex};

const VALID: Validity = Validity { expiry: [0x12, 0x49], serial: [0x00, 0x00, 0x07] };
const ISSUER: [u8; 4] = [0x99, 0x99, 0x99, 0xFF];
const PAN: [u8; 10] = [0x99, 0x99, 0x99, 0x00, 0x02, 0x03, 0x05, 0x32, 0x26, 0x32];
const STATIC: &[u8] = b"static data to be authenticated";
const NUMBER: [u8; 4] = [0x1E, 0x78, 0xEE, 0xBC];

/// The modulus of a card's key of 512 bits: (2²⁵⁶ - 189)(2²⁵⁵ - 19).
const CARD: &str = "\
    7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF8E\
    8000000000000000000000000000000000000000000000000000000000000E07";

fn card() -> RsaPublicKey {
    RsaPublicKey::new(&bytes(CARD), FermatFour).unwrap()
}

/// Signed by the key of exponent 65537, whatever the head says.
fn signed(head: &[u8], covered: &[u8]) -> Vec<u8> {
    sign(&private(FermatFour), head, covered).unwrap()
}

/// A signature by the key of exponent 65537 with a byte of its block xored.
fn altered(signature: &[u8], at: usize, mask: u8) -> Vec<u8> {
    let mut block = public(FermatFour).apply(signature).unwrap();
    block[at] ^= mask;
    private(FermatFour).apply(&block).unwrap()
}

fn card_certificate() -> Certificate {
    issue_card_certificate(&private(FermatFour), PAN, VALID, &card(), STATIC).unwrap()
}

fn open_card(certificate: &[u8]) -> Result<(RsaPublicKey, Validity), CertificateError> {
    recover_card_key(&public(FermatFour), certificate, &[], &[0x01, 0x00, 0x01], STATIC, &PAN)
}

fn open_static(signature: &[u8]) -> Result<[u8; 2], CertificateError> {
    verify_static_data(&public(FermatFour), signature, STATIC)
}

fn open_dynamic(signature: &[u8]) -> Result<Vec<u8>, CertificateError> {
    verify_dynamic_data(&public(FermatFour), signature, &NUMBER)
}

#[test]
fn emv_book_2_5_1_certificate_of_an_issuer() {
    let (authority, key) = (public(Three), public(FermatFour));
    let issued = issue_issuer_certificate(&private(Three), ISSUER, VALID, &key).unwrap();
    let modulus = modulus();
    let (inside, remainder) = modulus.split_at(108);
    assert_eq!(issued.remainder, remainder);
    let recovered = hex(&authority.apply(&issued.certificate).unwrap());
    let (head, hash) =
        ("6A02999999FF124900000701019003", "3DCC96D9D9AA9BEE8BD15EB7CF4DE93F2F611BBC");
    assert_eq!(recovered, [head, &hex(inside), hash, "BC"].concat());
    let exponent = [0x01, 0x00, 0x01];
    let open = |remainder: &[u8], exponent: &[u8]| {
        recover_issuer_key(&authority, &issued.certificate, remainder, exponent, &PAN)
    };
    assert_eq!(open(remainder, &exponent), Ok((key, VALID)));
    // The hash covers remainder and exponent.
    assert_eq!(open(&remainder[1..], &exponent), Err(CertificateError::Hash));
    assert_eq!(open(remainder, &[0x03]), Err(CertificateError::Hash));
}

#[test]
fn emv_book_2_6_1_certificate_of_a_card() {
    let issued = card_certificate();
    assert!(issued.remainder.is_empty());
    let recovered = hex(&public(FermatFour).apply(&issued.certificate).unwrap());
    let head = "6A0499999900020305322632124900000701014003";
    let (filling, hash) = ("BB".repeat(38), "627CCC9150435E0F3CD9EFFB7E65EE00ABB01419");
    assert_eq!(recovered, [head, CARD, &filling, hash, "BC"].concat());
    assert_eq!(open_card(&issued.certificate), Ok((card(), VALID)));
    let exponent = [0x01, 0x00, 0x01];
    let other = public(FermatFour);
    let other = recover_card_key(&other, &issued.certificate, &[], &exponent, b"other", &PAN);
    assert_eq!(other, Err(CertificateError::Hash));
}

#[test]
fn emv_book_2_5_1_signed_static_data() {
    let signature = sign_static_data(&private(FermatFour), [0xDA, 0xC5], STATIC).unwrap();
    let recovered = hex(&public(FermatFour).apply(&signature).unwrap());
    let hash = "9DA30372F2E01FB63E8484DAF43FE46CD15CA20F";
    assert_eq!(recovered, ["6A0301DAC5", &"BB".repeat(118), hash, "BC"].concat());
    assert_eq!(open_static(&signature), Ok([0xDA, 0xC5]));
    let other = verify_static_data(&public(FermatFour), &signature, b"other");
    assert_eq!(other, Err(CertificateError::Hash));
}

#[test]
fn emv_book_2_6_5_1_signed_dynamic_data() {
    let dynamic = [0x02, 0x02, 0x40];
    let signature = sign_dynamic_data(&private(FermatFour), &dynamic, &NUMBER).unwrap();
    let recovered = hex(&public(FermatFour).apply(&signature).unwrap());
    let hash = "AAB849A64BEFE923731315B41A65F72DB1FFD2EF";
    assert_eq!(recovered, ["6A050103020240", &"BB".repeat(116), hash, "BC"].concat());
    assert_eq!(open_dynamic(&signature), Ok(dynamic.to_vec()));
    let other = verify_dynamic_data(&public(FermatFour), &signature, &[0x00; 4]);
    assert_eq!(other, Err(CertificateError::Hash));
}

#[test]
fn a_signature_is_as_long_as_the_key() {
    for length in [0, 143, 145] {
        let signature = vec![0x00; length];
        assert_eq!(open_card(&signature), Err(CertificateError::Length), "{length}");
        assert_eq!(open_static(&signature), Err(CertificateError::Length), "{length}");
        assert_eq!(open_dynamic(&signature), Err(CertificateError::Length), "{length}");
    }
}

#[test]
fn a_signature_at_the_modulus_recovers_nothing() {
    assert_eq!(open_static(&modulus()), Err(CertificateError::Frame));
}

#[test]
fn the_header_is_6a_and_the_trailer_bc() {
    let certificate = card_certificate().certificate;
    let data = sign_static_data(&private(FermatFour), [0xDA, 0xC5], STATIC).unwrap();
    for at in [0, 143] {
        let (certificate, data) = (altered(&certificate, at, 0x01), altered(&data, at, 0x01));
        assert_eq!(open_card(&certificate), Err(CertificateError::Frame), "byte {at}");
        assert_eq!(open_static(&data), Err(CertificateError::Frame), "byte {at}");
    }
}

#[test]
fn the_format_tells_what_is_signed() {
    let certificate = card_certificate().certificate;
    let fixed = sign_static_data(&private(FermatFour), [0xDA, 0xC5], STATIC).unwrap();
    let dynamic = sign_dynamic_data(&private(FermatFour), &[0x02], &NUMBER).unwrap();
    assert_eq!(open_card(&fixed), Err(CertificateError::Format));
    assert_eq!(open_static(&dynamic), Err(CertificateError::Format));
    assert_eq!(open_dynamic(&certificate), Err(CertificateError::Format));
    let key = public(FermatFour);
    let issuer = recover_issuer_key(&key, &certificate, &[], &[0x01, 0x00, 0x01], &PAN);
    assert_eq!(issuer, Err(CertificateError::Format));
}

/// The head of a card's certificate with these four bytes for algorithms and lengths.
fn head(four: [u8; 4], key: &[u8]) -> Vec<u8> {
    [&[0x04][..], &PAN, &VALID.expiry, &VALID.serial, &four, key].concat()
}

#[test]
fn hash_and_signature_algorithm_are_01() {
    let covered = [&[0x01, 0x00, 0x01], STATIC].concat();
    let open = |four| open_card(&signed(&head(four, &bytes(CARD)), &covered));
    assert_eq!(open([0x01, 0x01, 64, 3]), Ok((card(), VALID)));
    assert_eq!(open([0x02, 0x01, 64, 3]), Err(CertificateError::Algorithm));
    assert_eq!(open([0x01, 0x02, 64, 3]), Err(CertificateError::Algorithm));
    let data = signed(&[0x03, 0x02, 0xDA, 0xC5], STATIC);
    assert_eq!(open_static(&data), Err(CertificateError::Algorithm));
    let data = signed(&[0x05, 0x02, 0x01, 0x02], &NUMBER);
    assert_eq!(open_dynamic(&data), Err(CertificateError::Algorithm));
}

#[test]
fn the_hash_covers_every_byte_behind_the_header() {
    let certificate = card_certificate().certificate;
    let data = sign_static_data(&private(FermatFour), [0xDA, 0xC5], STATIC).unwrap();
    // Filling, the hash itself, subject, serial number, both lengths.
    for at in [122, 123, 142, 2, 16, 19, 20] {
        let certificate = altered(&certificate, at, 0x10);
        assert_eq!(open_card(&certificate), Err(CertificateError::Hash), "byte {at}");
    }
    for at in [3, 4, 5, 122, 123, 142] {
        let data = altered(&data, at, 0x10);
        assert_eq!(open_static(&data), Err(CertificateError::Hash), "byte {at}");
    }
}

#[test]
fn the_key_inside_is_as_long_as_its_certificate_says() {
    let key = bytes(CARD);
    let open = |lengths: [u8; 2], key: &[u8], remainder: &[u8], exponent: &[u8]| {
        let [length, exponent_length] = lengths;
        let covered = [remainder, exponent, STATIC].concat();
        let certificate = signed(&head([0x01, 0x01, length, exponent_length], key), &covered);
        let signer = public(FermatFour);
        recover_card_key(&signer, &certificate, remainder, exponent, STATIC, &PAN)
    };
    let exponent = [0x01, 0x00, 0x01];
    assert_eq!(open([64, 3], &key, &[], &exponent), Ok((card(), VALID)));
    assert_eq!(open([64, 3], &key, &[0x01], &exponent), Err(CertificateError::Key), "remainder");
    assert_eq!(open([144, 3], &key, &[], &exponent), Err(CertificateError::Key), "no remainder");
    assert_eq!(open([64, 1], &key, &[], &exponent), Err(CertificateError::Key), "exponent");
    assert_eq!(open([64, 1], &key, &[], &[0x05]), Err(CertificateError::Key), "exponent 5");
    assert_eq!(open([63, 3], &key, &[], &exponent), Err(CertificateError::Key), "63 bytes");
    assert_eq!(open([64, 3], &[0xFE; 64], &[], &exponent), Err(CertificateError::Key), "even");
}

#[test]
fn an_issuer_is_the_first_3_to_8_digits_of_the_pan() {
    let open = |issuer: &str, pan: &[u8]| {
        let issued = issue_issuer_certificate(&private(Three), array(issuer), VALID, &card());
        let certificate = issued.unwrap().certificate;
        recover_issuer_key(&public(Three), &certificate, &[], &[0x01, 0x00, 0x01], pan)
    };
    for issuer in ["999FFFFF", "9999FFFF", "999999FF", "99999900"] {
        assert_eq!(open(issuer, &PAN), Ok((card(), VALID)), "{issuer}");
    }
    for issuer in ["FFFFFFFF", "99FFFFFF", "998FFFFF", "989FFFFF", "999998FF", "99999901"] {
        assert_eq!(open(issuer, &PAN), Err(CertificateError::Account), "{issuer}");
    }
    assert_eq!(open("999999FF", &[0x99, 0x99]), Err(CertificateError::Account), "short PAN");
    assert_eq!(open("999999FF", &[0x99, 0x99, 0x9F]), Err(CertificateError::Account), "filled");
}

#[test]
fn a_card_certificate_names_the_whole_pan() {
    let open = |account: &str, pan: &str| {
        let signer = private(FermatFour);
        let issued = issue_card_certificate(&signer, array(account), VALID, &card(), STATIC);
        let certificate = issued.unwrap().certificate;
        let signer = public(FermatFour);
        let exponent = [0x01, 0x00, 0x01];
        recover_card_key(&signer, &certificate, &[], &exponent, STATIC, &bytes(pan))
    };
    let account = "9999990002030532FFFF";
    for pan in [account, "9999990002030532", "9999990002030532FF"] {
        assert_eq!(open(account, pan), Ok((card(), VALID)), "{pan}");
    }
    for pan in ["9999990002030522", "9999990002030533", "999999000203053F", "99999900020305320F"] {
        assert_eq!(open(account, pan), Err(CertificateError::Account), "{pan}");
    }
}

#[test]
fn what_is_signed_fits_between_header_and_hash() {
    let key = private(FermatFour);
    // 144 - 22 bytes, of which format, algorithm and length are three.
    let dynamic = [0x5A; 119];
    let signature = sign_dynamic_data(&key, &dynamic, &NUMBER).unwrap();
    let recovered = public(FermatFour).apply(&signature).unwrap();
    assert_eq!(hex(&recovered[..123]), ["6A050177", &"5A".repeat(119)].concat());
    assert_eq!(open_dynamic(&signature), Ok(dynamic.to_vec()));
    assert_eq!(sign_dynamic_data(&key, &[0x5A; 120], &NUMBER), None);
    assert_eq!(sign_dynamic_data(&key, &[0x5A; 256], &NUMBER), None);
}

#[test]
fn dynamic_data_lies_inside_the_signature() {
    let whole = open_dynamic(&signed(&[0x05, 0x01, 119], &NUMBER));
    assert_eq!(whole, Ok(vec![0xBB; 119]));
    let more = open_dynamic(&signed(&[0x05, 0x01, 120], &NUMBER));
    assert_eq!(more, Err(CertificateError::DynamicData));
}

#[test]
fn emv_book_2_6_6_1_dynamic_data_of_a_combined_cryptogram() {
    let cryptogram = array("5D016C91005E7CC2");
    let data = combined_dynamic_data(&[0x02, 0x40], 0x80, &cryptogram, &[0x5A; 20]);
    assert_eq!(hex(&data), ["020240805D016C91005E7CC2", &"5A".repeat(20)].concat());
    let parts = CombinedData {
        number: &[0x02, 0x40],
        cid: 0x80,
        cryptogram,
        transaction_hash: &[0x5A; 20],
    };
    assert_eq!(CombinedData::parse(&data), Ok(parts));
    for length in 0..12 {
        let parsed = CombinedData::parse(&data[..length]);
        assert_eq!(parsed, Err(CertificateError::DynamicData), "{length}");
    }
}

#[test]
fn the_check_value_of_an_authority_key() {
    let check = authority_key_check(array("A000000333"), 0x01, &public(Three));
    assert_eq!(hex(&check), "69411003EB3718227B4067B2C69043B02B825D02");
}

#[test]
fn errors_say_what_is_wrong() {
    for (error, text) in [
        (CertificateError::Length, "it is not as long as the key that signed it"),
        (CertificateError::Frame, "recovered, it does not begin with 6A and end with BC"),
        (CertificateError::Format, "recovered, it has another format"),
        (CertificateError::Algorithm, "its hash or signature algorithm is not supported"),
        (CertificateError::Hash, "its hash does not match"),
        (CertificateError::Key, "the key inside is not a key"),
        (CertificateError::Account, "it was made for another account"),
        (CertificateError::DynamicData, "the dynamic data inside is not as it should be"),
    ] {
        assert_eq!(error.to_string(), text);
    }
}
