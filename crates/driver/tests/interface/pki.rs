//! PKI_SignData and its relatives.

use std::ffi::c_long;

use SSCardDriver::interface;
use sscard_apdu::hex;

use crate::harness::{Answer, alone, c, failed, host, large, last, own_card, small};

fn sign(pin: &str, message: &str) -> Answer {
    let (pin, message) = (c(pin), c(message));
    // SAFETY: the buffer has the documented room; so below.
    small(|out| unsafe { interface::PKI_SignData(pin.as_ptr(), message.as_ptr(), 1, out) })
}

fn verify(certificate: &str, message: &str, signature: &str) -> c_long {
    let (certificate, message, signature) = (c(certificate), c(message), c(signature));
    // SAFETY: as above.
    small(|out| unsafe {
        interface::PKI_VerifySign(
            c("").as_ptr(),
            certificate.as_ptr(),
            message.as_ptr(),
            signature.as_ptr(),
            1,
            out,
        )
    })
    .0
}

fn certificate(kind: i32) -> Answer {
    // SAFETY: as above.
    large(|out| unsafe { interface::PKI_ReadCert(kind, 1, out) })
}

fn seal(certificate: &str, message: &str) -> Answer {
    let (certificate, message) = (c(certificate), c(message));
    // SAFETY: as above.
    large(|out| unsafe {
        interface::PKI_EncryptEnvelope(certificate.as_ptr(), message.as_ptr(), 1, out)
    })
}

fn open(pin: &str, envelope: &str) -> Answer {
    let (pin, envelope) = (c(pin), c(envelope));
    // SAFETY: as above.
    large(|out| unsafe { interface::PKI_DecryptEnvelope(pin.as_ptr(), envelope.as_ptr(), 1, out) })
}

#[test]
fn what_the_card_signs_verifies_by_its_certificate_and_by_the_card() {
    let _host = alone("gen3", "");
    let (number, signature) = sign("123456", "门诊 2026-11-30");
    assert_eq!((number, signature.len()), (0, 129), "{}", last());
    let (number, der) = certificate(1);
    assert_eq!(number, 0, "{}", last());
    assert_eq!(verify(&der, "门诊 2026-11-30", &signature), 0, "{}", last());
    assert_eq!(verify("", "门诊 2026-11-30", &signature), 0);
    assert_eq!(verify(&der, "门诊 2026-12-01", &signature), -15);
    let (_, other) = certificate(2);
    assert_eq!(verify(&other, "门诊 2026-11-30", &signature), -15, "the encryption pair's");
}

#[test]
fn what_is_sealed_for_the_card_opens_there() {
    let _host = alone("gen3", "");
    let (_, der) = certificate(2);
    for certificate in [der.as_str(), ""] {
        let (number, envelope) = seal(certificate, "处方 7");
        assert_eq!(number, 0, "{}", last());
        assert_eq!(open("123456", &envelope), (0, "处方 7".to_owned()), "{}", last());
    }
    let (_, envelope) = seal("", "处方 7");
    let mut bytes = hex::decode(envelope.trim_end_matches('|')).expect("hex");
    *bytes.last_mut().expect("bytes") ^= 1;
    assert_ne!(open("123456", &hex::encode(&bytes)).0, 0);
}

#[test]
fn codes_of_pins() {
    let _host = alone("gen3", "");
    assert_eq!(sign("000000", "a"), failed(-51, "PIN校验失败，剩余次数5次"));
    assert_eq!(open("000000", "00").0, -51);
    assert_eq!(sign("123", "a"), failed(-33, "输入密码长度错"));
    assert_eq!(sign("12345x", "a").0, -41);
    for _ in 0..4 {
        assert_eq!(sign("000000", "a").0, -51);
    }
    assert_eq!(sign("123456", "a"), failed(-52, "PIN锁定"));
}

#[test]
fn codes_of_certificates_signatures_and_envelopes_that_are_none() {
    let _host = alone("gen3", "");
    let signature = "00".repeat(64);
    for (certificate, signature, number) in [
        ("00", signature.as_str(), -23),
        ("0G", signature.as_str(), -41),
        ("", "00", -42),
        ("", "zz", -41),
        ("", signature.as_str(), -15),
    ] {
        assert_eq!(verify(certificate, "a", signature), number, "{certificate}");
    }
    assert_eq!(seal("3000", "a").0, -23);
    assert_eq!(open("123456", "0011").0, -23);
    assert_eq!(open("123456", "x").0, -41);
    assert_eq!(certificate(3), failed(-14, "命令参数错"));
    assert_eq!(certificate(0).0, -14);
}

#[test]
fn a_card_without_the_application_or_its_certificates() {
    {
        let _host = alone("gen2", "");
        assert_eq!(sign("123456", "a"), failed(-27266, "未找到文件"));
        assert_eq!(certificate(1).0, -27266);
    }
    {
        let (_folder, _host) = own_card("base = \"gen3\"\n[pki]\nkeys = \"none\"\n", "", "");
        assert_eq!(sign("123456", "a").0, -27272, "{}", last());
        assert_eq!(certificate(1).0, -15, "{}", last());
    }
    let _host = host("[card]\nnone = true");
    assert_eq!(sign("123456", "a").0, -2);
}
