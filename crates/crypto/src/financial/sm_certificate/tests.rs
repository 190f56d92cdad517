//! Certificates and signatures under the keys of GB/T 32918.5 annex A and of V13, both public;
//! computed with an independent implementation.

use alloc::vec;

use CertificateError::{Account, DynamicData, Format, Hash, Key, Length};

use super::*;
use crate::financial::vectors::{array, bytes, hex};

const VALID: Validity = Validity { expiry: [0x12, 0x49], serial: [0x00, 0x00, 0x07] };
const ISSUER: [u8; 4] = [0x99, 0x99, 0x99, 0xFF];
const PAN: [u8; 10] = [0x99, 0x99, 0x99, 0x00, 0x02, 0x03, 0x05, 0x32, 0x26, 0x32];
const STATIC: &[u8] = b"static data to be authenticated";
const NUMBER: [u8; 4] = [0x1E, 0x78, 0xEE, 0xBC];

fn authority() -> Sm2PrivateKey {
    let secret = "3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8";
    Sm2PrivateKey::from_bytes(&array(secret)).unwrap()
}

fn issuer() -> Sm2PrivateKey {
    let secret = "128B2FA8BD433C6C068C8D803DFF79792A519A55171B1B650C23661D15897263";
    Sm2PrivateKey::from_bytes(&array(secret)).unwrap()
}

fn nonce() -> [u8; 32] {
    array("59276E27D506861A16680F3AD9C02DCCEF3CC1FA3CDBE4CE6D54B80DEAC1BC21")
}

#[test]
fn jrt_0025_17_5_certificate_of_an_issuer() {
    let (authority, issuer) = (authority(), issuer());
    let key = issuer.public_key();
    let issued = issue_issuer_certificate(&authority, &nonce(), ISSUER, VALID, key).unwrap();
    let head = "12999999FF124900000704001140";
    let signature = "0DA9BB4C0A5535DB45DE59168FF869613CE5FC24906AB5EEE747ABD1A7F0B6E8\
         F6005058AC3A8A9B6AE95090D6B6EAED428220217F267183C4FF6AEB81EC0356";
    assert_eq!(hex(&issued), [head, &hex(key.bytes()), signature].concat());
    let open = |pan: &[u8]| verify_issuer_certificate(authority.public_key(), &issued, pan);
    assert_eq!(open(&PAN), Ok((*key, VALID)));
    assert_eq!(open(&[0x99, 0x99, 0x98]), Err(Account));
}

#[test]
fn jrt_0025_17_5_certificate_of_a_card() {
    let (authority, issuer) = (authority(), issuer());
    let key = authority.public_key();
    let issued = issue_card_certificate(&issuer, &nonce(), PAN, VALID, key, STATIC).unwrap();
    let head = "1499999900020305322632124900000704001140";
    let signature = "698E096F84D76CB9FFABE097E8DF793A14BA166CC8A368596AAF1169EC10C165\
         358BC6B20928A92C8887B7370BC8C6399B0B0FA219E36BA8CE60BAE645B3E71E";
    assert_eq!(hex(&issued), [head, &hex(key.bytes()), signature].concat());
    let open =
        |data: &[u8], pan: &[u8]| verify_card_certificate(issuer.public_key(), &issued, data, pan);
    assert_eq!(open(STATIC, &PAN), Ok((*key, VALID)));
    assert_eq!(open(STATIC, &[&PAN[..], &[0xFF]].concat()), Ok((*key, VALID)), "filled");
    assert_eq!(open(b"other", &PAN), Err(Hash));
    assert_eq!(open(STATIC, &PAN[..9]), Err(Account));
    let mut other = PAN;
    other[9] ^= 0x01;
    assert_eq!(open(STATIC, &other), Err(Account));
}

#[test]
fn jrt_0025_17_5_signed_static_data() {
    let issuer = issuer();
    let signed = sign_static_data(&issuer, &nonce(), [0xDA, 0xC5], STATIC).unwrap();
    let signature = "6FCE894A01CAD90D79260C353C85D6EF31121A67F8A21375D05A02699E4028FE\
         04FE46791500A03FE4456B0297E90DE6E19912E96B3758DDBAAF9C713C7B7931";
    assert_eq!(hex(&signed), ["13DAC5", signature].concat());
    let open = |signed: &[u8]| verify_static_data(issuer.public_key(), signed, STATIC);
    assert_eq!(open(&signed), Ok([0xDA, 0xC5]));
    for (at, error) in [(0, Format), (1, Hash), (2, Hash), (3, Hash), (66, Hash)] {
        let mut changed = signed.clone();
        changed[at] ^= 0x01;
        assert_eq!(open(&changed), Err(error), "byte {at}");
    }
    assert_eq!(open(&signed[..66]), Err(Length));
    assert_eq!(open(&[&signed[..], &[0x00]].concat()), Err(Length));
    assert_eq!(open(&[]), Err(Length));
}

#[test]
fn jrt_0025_17_5_signed_dynamic_data() {
    let card = issuer();
    let signed = sign_dynamic_data(&card, &nonce(), &[0x02, 0x02, 0x40], &NUMBER).unwrap();
    let open = |signed: &[u8]| verify_dynamic_data(card.public_key(), signed, &NUMBER);
    assert_eq!(open(&signed), Ok(vec![0x02, 0x02, 0x40]));
    for (at, error) in [(0, Format), (1, DynamicData), (2, Hash), (4, Hash), (68, Hash)] {
        let mut changed = signed.clone();
        changed[at] ^= 0x01;
        assert_eq!(open(&changed), Err(error), "byte {at}");
    }
    assert_eq!(open(&signed[..65]), Err(Length));
    assert_eq!(sign_dynamic_data(&card, &nonce(), &[0x5A; 256], &NUMBER), None);
}

#[test]
fn an_unusable_nonce_signs_nothing() {
    let (card, zero) = (issuer(), [0; 32]);
    let key = card.public_key();
    assert_eq!(issue_issuer_certificate(&card, &zero, ISSUER, VALID, key), None);
    assert_eq!(issue_card_certificate(&card, &zero, PAN, VALID, key, STATIC), None);
    assert_eq!(sign_static_data(&card, &zero, [0xDA, 0xC5], STATIC), None);
    assert_eq!(sign_dynamic_data(&card, &zero, &[0x02], &NUMBER), None);
}

#[test]
fn the_key_inside_is_a_point_of_the_curve() {
    let authority = authority();
    let head = bytes("12 999999FF 1249 000007 04 00 11 40");
    let signed = [head, vec![0x00; 64]].concat();
    let signature = authority.sign(&[&signed], &nonce()).unwrap();
    let certificate = [&signed[..], &signature].concat();
    let opened = verify_issuer_certificate(authority.public_key(), &certificate, &PAN);
    assert_eq!(opened, Err(Key));
}
