//! docs/standards/financial.md §3: the chain of certificates, and what the terminal refuses in it.

use sscard_crypto::financial::certificate::CertificateError;
use sscard_crypto::financial::{rsa, sha1, sm2};
use sscard_elements::tag;
use sscard_profile::{RID, TestKeys};
use sscard_terminal::payment::{
    AuthenticationFailure, AuthenticationMethod, Payment, RevokedCertificate, Settings, TestIssuer,
};

use super::liar::{card, honest, pay_card, replaced};
use crate::harness::{bytes, hex};

/// Methods: third byte of the terminal capabilities, TVR byte 1 when it fails.
const METHODS: [(AuthenticationMethod, u8, u8); 3] = [
    (AuthenticationMethod::Sda, 0x80, 0x42),
    (AuthenticationMethod::Dda, 0x40, 0x08),
    (AuthenticationMethod::Cda, 0x08, 0x04),
];

/// The fields of an issuer certificate that the terminal looks at.
#[derive(Clone, Copy)]
struct Fields {
    format: u8,
    issuer: [u8; 4],
    expiry: [u8; 2],
    serial: [u8; 3],
    algorithm: u8,
}

fn sm2_key(name: &str) -> &'static sm2::Sm2PrivateKey {
    TestKeys::get().sm2(name).expect("key")
}

/// An SM2 issuer certificate, byte by byte, rightly signed.
fn of_sm2(fields: Fields) -> Vec<u8> {
    let Fields { format, issuer, expiry, serial, algorithm } = fields;
    let mut certificate = vec![format];
    certificate.extend([&issuer[..], &expiry, &serial, &[algorithm, 0x00, 0x11, 0x40]].concat());
    certificate.extend(sm2_key("issuer").public_key().bytes());
    let signature = sm2_key("ca").sign(&[&certificate], &[0x5A; 32]).expect("nonce");
    certificate.extend(signature);
    certificate
}

/// An RSA issuer certificate, byte by byte, rightly signed.
fn of_rsa(fields: Fields) -> Vec<u8> {
    let Fields { format, issuer, expiry, serial, algorithm } = fields;
    let keys = TestKeys::get();
    let (authority, key) =
        (keys.rsa("ca-1984").expect("key"), keys.rsa("issuer-1408").expect("key"));
    let modulus = key.public.modulus();
    let exponent = key.public.exponent().bytes();
    let length = authority.public.modulus().len();
    let mut block = vec![0x6A, format];
    block.extend([&issuer[..], &expiry, &serial, &[0x01, algorithm]].concat());
    block.extend([modulus.len() as u8, exponent.len() as u8]);
    block.extend(modulus);
    block.resize(length - 21, 0xBB);
    let hash = sha1(&[&block[1..], exponent]);
    block.extend(hash);
    block.push(0xBC);
    authority.private.apply(&block).expect("below the modulus")
}

fn pay_with(sm: bool, method: u8, certificate: Vec<u8>, revoked: &[RevokedCertificate]) -> Payment {
    let settings = Settings {
        amount: 1234,
        sm,
        capabilities: [0xE0, 0xE8, method],
        revoked: revoked.to_vec(),
        ..Settings::default()
    };
    let mut change = replaced(0x90, certificate);
    let payment = pay_card(card(""), &settings, &mut TestIssuer::default(), &mut change);
    payment.expect("payment")
}

#[test]
fn d_3_issuer_certificate_checks() {
    for sm in [true, false] {
        let (format, algorithm, authority) = if sm { (0x12, 0x04, 3) } else { (0x02, 0x01, 1) };
        let good = Fields {
            format,
            issuer: [0x99, 0x99, 0x99, 0xFF],
            expiry: [0x01, 0x26],
            serial: [0xAB, 0xCD, 0xEF],
            algorithm,
        };
        let make = if sm { of_sm2 } else { of_rsa };
        let revoke = |rid, authority, serial| RevokedCertificate { rid, authority, serial };
        let other_lists = [
            revoke([0xA0, 0x00, 0x00, 0x00, 0x03], authority, good.serial),
            revoke(RID, authority + 1, good.serial),
            revoke(RID, authority, [0xAB, 0xCD, 0xEE]),
        ];
        let is_on_list = [other_lists[0], revoke(RID, authority, good.serial)];
        let mut flipped = make(good);
        *flipped.last_mut().expect("signature") ^= 0x01;
        let wrong = |error| AuthenticationFailure::Certificate("issuer certificate (90)", error);
        let expired = |expiry| AuthenticationFailure::Expired {
            certificate: "issuer certificate (90)",
            expiry,
        };
        let year_of_last_century = Fields { expiry: [0x12, 0x99], ..good };
        let cases: [(&str, Vec<u8>, &[RevokedCertificate], AuthenticationFailure); 7] = [
            ("format", make(Fields { format: 0x13, ..good }), &[], wrong(CertificateError::Format)),
            (
                "issuer",
                make(Fields { issuer: [0x99, 0x99, 0x98, 0xFF], ..good }),
                &[],
                wrong(CertificateError::Account),
            ),
            ("expired", make(Fields { expiry: [0x12, 0x25], ..good }), &[], expired([0x12, 0x25])),
            ("of 1999", make(year_of_last_century), &[], expired([0x12, 0x99])),
            (
                "revoked",
                make(good),
                &is_on_list,
                AuthenticationFailure::Revoked { serial: good.serial },
            ),
            (
                "algorithm",
                make(Fields { algorithm: 0x02, ..good }),
                &[],
                wrong(CertificateError::Algorithm),
            ),
            (
                "signature",
                flipped,
                &[],
                wrong(if sm { CertificateError::Hash } else { CertificateError::Frame }),
            ),
        ];
        for (method, capability, failed) in METHODS {
            // Good to the last day of its month; the lists name others.
            let payment = pay_with(sm, capability, make(good), &other_lists);
            assert!(payment.authentication.ok, "{:?}", payment.authentication);
            for (name, certificate, revoked, reason) in &cases {
                let payment = pay_with(sm, capability, certificate.clone(), revoked);
                let authentication = &payment.authentication;
                let at = format!("sm {sm} {method:?} {name}");
                assert_eq!((authentication.method, authentication.sm), (method, sm), "{at}");
                assert_eq!(authentication.reason, Some(*reason), "{at}");
                assert!(!authentication.ok, "{at}");
                assert_eq!(payment.tvr.bytes()[0], failed, "{at}");
            }
        }
    }
}

#[test]
fn d_3_a_card_certificate_expires_too() {
    // The built-in card's expires with 12/49: good on the last day of that month.
    for sm in [false, true] {
        let settings =
            Settings { amount: 1234, sm, date: [0x49, 0x12, 0x31], ..Settings::default() };
        let payment = honest(card(""), &settings, &mut TestIssuer::default());
        assert!(payment.authentication.ok);
    }
    let keys = TestKeys::get();
    let settings = Settings { amount: 1234, ..Settings::default() };
    let payment = honest(card(""), &settings, &mut TestIssuer::default());
    let mut block =
        apply("issuer-1408", payment.data.value(tag::ICC_CERTIFICATE).expect("certificate"));
    assert_eq!(hex(&block[12..14]), "1249");
    block[12..14].copy_from_slice(&[0x11, 0x25]);
    let data = static_data(&payment);
    let end = block.len() - 21;
    let remainder = payment.data.value(tag::ICC_KEY_REMAINDER).unwrap_or_default();
    let exponent = payment.data.value(tag::ICC_KEY_EXPONENT).expect("exponent");
    let hash = sha1(&[&block[1..end], remainder, exponent, &data]);
    block[end..end + 20].copy_from_slice(&hash);
    let certificate = keys.rsa("issuer-1408").expect("key").private.apply(&block).expect("block");
    let mut change = replaced(0x9F46, certificate);
    let payment = pay_card(card(""), &settings, &mut TestIssuer::default(), &mut change);
    let payment = payment.expect("payment");
    let reason = AuthenticationFailure::Expired {
        certificate: "card certificate (9F46)",
        expiry: [0x11, 0x25],
    };
    assert_eq!(payment.authentication.reason, Some(reason));
    assert_eq!(reason.to_string(), "card certificate (9F46): it expired with 11/25");
    assert_eq!(payment.tvr.bytes()[0], 0x04);
}

#[test]
fn d_3_9f4a_other_than_82_fails() {
    for sm in [false, true] {
        for (method, capability, failed) in METHODS {
            for list in ["8284", "84", ""] {
                let settings = Settings {
                    amount: 1234,
                    sm,
                    capabilities: [0xE0, 0xE8, capability],
                    ..Settings::default()
                };
                let mut change = replaced(0x9F4A, bytes(list));
                let payment =
                    pay_card(card(""), &settings, &mut TestIssuer::default(), &mut change);
                let payment = payment.expect("payment");
                let reason = AuthenticationFailure::Mismatch("tag 9F4A lists more than 82");
                assert_eq!(payment.authentication.reason, Some(reason), "{method:?} {list}");
                assert_eq!(payment.tvr.bytes()[0], failed, "sm {sm} {method:?} {list}");
            }
        }
    }
}

#[test]
fn d_3_sm2_chain_of_certificates() {
    let settings = Settings { amount: 1234, sm: true, ..Settings::default() };
    let payment = honest(card(""), &settings, &mut TestIssuer::default());
    let value = |tag| payment.data.value(sscard_apdu::tlv::Tag::from_number(tag)).expect("value");
    let data = static_data(&payment);
    let verifies = |key: &str, message: &[&[u8]], signature: &[u8]| {
        let signature = signature.try_into().expect("64 bytes");
        sm2_key(key).public_key().verify(message, signature)
    };
    // 12 | issuer | expiry | serial | 04 00 11 40 | key, signed by the authority of index 03.
    let of_issuer = value(0x90);
    assert_eq!((value(0x8F), of_issuer.len()), (&[0x03][..], 142));
    assert_eq!(hex(&of_issuer[..14]), "12999999FF124900000304001140");
    assert_eq!(of_issuer[14..78], sm2_key("issuer").public_key().bytes()[..]);
    assert!(verifies("ca", &[&of_issuer[..78]], &of_issuer[78..]));
    // 14 | account | … over 84 bytes and the static data.
    let of_card = value(0x9F46);
    let pan = format!("{:F<20}", hex(value(0x5A)));
    assert_eq!((value(0x9F4A), of_card.len()), (&[0x82][..], 148));
    assert_eq!(hex(&of_card[..20]), format!("14{pan}124900000404001140"));
    assert_eq!(of_card[20..84], sm2_key("card").public_key().bytes()[..]);
    assert!(verifies("issuer", &[&of_card[..84], &data], &of_card[84..]));
    // 13 | code, over these and the static data.
    let signed = value(0x93);
    assert_eq!((hex(&signed[..3]).as_str(), signed.len()), ("130001", 67));
    assert!(verifies("issuer", &[&signed[..3], &data], &signed[3..]));
    // Neither the records nor the AIP alone.
    assert!(!verifies("issuer", &[&signed[..3], &data[..data.len() - 2]], &signed[3..]));
}

/// What the card's certificate covers: the record of file 3 without its template, and the AIP.
fn static_data(payment: &Payment) -> Vec<u8> {
    let record =
        payment.exchanges.iter().find(|exchange| exchange.command[..4] == [0, 0xB2, 1, 0x1C]);
    let answer = record.expect("read").data();
    assert_eq!((answer[0], answer[1]), (0x70, 0x81));
    [&answer[3..], payment.data.value(tag::INTERCHANGE_PROFILE).expect("AIP")].concat()
}

fn apply(name: &str, block: &[u8]) -> Vec<u8> {
    let key: &rsa::RsaPublicKey = &TestKeys::get().rsa(name).expect("key").public;
    key.apply(block).expect("below the modulus")
}
