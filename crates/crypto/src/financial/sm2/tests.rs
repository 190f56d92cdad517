//! The example of GB/T 32918.5 annex A, also computed with an independent implementation, and the
//! bounds of keys and signatures.

use alloc::format;

use super::*;
use crate::financial::vectors::{array, hex};

const SECRET: &str = "3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8";
const NONCE: &str = "59276E27D506861A16680F3AD9C02DCCEF3CC1FA3CDBE4CE6D54B80DEAC1BC21";
const PUBLIC: &str = "09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020\
    CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13";
const SIGNATURE: &str = "F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3\
    B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA";
/// The curve's order n, and around it.
const ORDER: &str = "FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123";
const ORDER_LESS_1: &str = "FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54122";
const ORDER_LESS_2: &str = "FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54121";

fn key() -> Sm2PrivateKey {
    Sm2PrivateKey::from_bytes(&array(SECRET)).unwrap()
}

#[test]
fn gbt_32918_5_annex_a_signature() {
    let key = key();
    assert_eq!(hex(key.public_key().bytes()), PUBLIC);
    let signature = key.sign(&[b"message digest"], &array(NONCE)).unwrap();
    assert_eq!(hex(&signature), SIGNATURE);
    // Parts are signed one after another.
    assert_eq!(key.sign(&[b"message", b" ", b"digest"], &array(NONCE)), Some(signature));
    assert_eq!(key.prepared().sign(&[b"message digest"], &array(NONCE)), Some(signature));
}

#[test]
fn gbt_32918_5_annex_a_verification() {
    let public = Sm2PublicKey::from_bytes(&array(PUBLIC)).unwrap();
    assert_eq!(&public, key().public_key());
    let signature = array(SIGNATURE);
    assert!(public.verify(&[b"message digest"], &signature));
    assert!(public.verify(&[b"message ", b"digest"], &signature));
    assert!(!public.verify(&[b"message digesT"], &signature));
    for at in 0..SIGNATURE_LENGTH {
        let mut changed = signature;
        changed[at] ^= 0x01;
        assert!(!public.verify(&[b"message digest"], &changed), "byte {at}");
    }
    let one = Sm2PrivateKey::from_bytes(&one()).unwrap();
    assert!(!one.public_key().verify(&[b"message digest"], &signature), "another key");
}

fn one() -> [u8; 32] {
    let mut one = [0; 32];
    one[31] = 0x01;
    one
}

#[test]
fn gbt_32918_2_7_r_s_and_their_sum_are_1_to_the_order_less_1() {
    let public = *key().public_key();
    let (r, s): ([u8; 32], [u8; 32]) = (array(&SIGNATURE[..64]), array(&SIGNATURE[64..]));
    let verify = |r: [u8; 32], s: [u8; 32]| {
        public.verify(&[b"message digest"], &[r, s].concat().try_into().unwrap())
    };
    assert!(verify(r, s));
    assert!(!verify([0; 32], s));
    assert!(!verify(r, [0; 32]));
    assert!(!verify([0; 32], [0; 32]));
    assert!(!verify(one(), array(ORDER_LESS_1)), "the sum is the order");
    assert!(!verify(array(ORDER), s));
    assert!(!verify(r, array(ORDER)));
    assert!(!verify([0xFF; 32], [0xFF; 32]));
}

#[test]
fn gbt_32918_2_6_a_nonce_is_1_to_the_order_less_1() {
    for key in [key(), key().prepared()] {
        for (nonce, is_nonce) in [
            ([0; 32], false),
            (one(), true),
            (array(ORDER_LESS_1), true),
            (array(ORDER), false),
            ([0xFF; 32], false),
        ] {
            let signature = key.sign(&[b"message digest"], &nonce);
            assert_eq!(signature.is_some(), is_nonce, "{}", hex(&nonce));
        }
    }
}

#[test]
fn gbt_32918_1_6_1_a_private_key_is_1_to_the_order_less_2() {
    let public = |bytes: [u8; 32]| {
        let key = Sm2PrivateKey::from_bytes(&bytes)?;
        assert_eq!(*key.to_bytes(), bytes);
        Some(hex(key.public_key().bytes()))
    };
    assert_eq!(public([0; 32]), None);
    assert_eq!(
        public(one()).as_deref(),
        Some(
            "32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7\
                 BC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0"
        ),
        "the generator"
    );
    assert_eq!(
        public(array(ORDER_LESS_2)).as_deref(),
        Some(
            "56CEFD60D7C87C000D58EF57FA73BA4D9C0DFA08C08A7331495C2E1DA3F2BD52\
                 CE481818337E760997ACA31F07150E429217B3E6D093718F9087F2C568F5DC3C"
        ),
        "twice the generator, below the axis"
    );
    assert_eq!(public(array(ORDER_LESS_1)), None);
    assert_eq!(public(array(ORDER)), None);
    assert_eq!(public([0xFF; 32]), None);
}

#[test]
fn a_public_key_is_a_point_of_the_curve() {
    let coordinates: [u8; PUBLIC_KEY_LENGTH] = array(PUBLIC);
    for at in 32..PUBLIC_KEY_LENGTH {
        let mut changed = coordinates;
        changed[at] ^= 0x01;
        assert_eq!(Sm2PublicKey::from_bytes(&changed), None, "byte {at}");
    }
    assert_eq!(Sm2PublicKey::from_bytes(&[0x00; 64]), None);
    assert_eq!(Sm2PublicKey::from_bytes(&[0xFF; 64]), None);
}

#[test]
fn keys_print_no_secret() {
    assert_eq!(format!("{:?}", key()), "PrivateKey(..)");
    assert_eq!(format!("{:?}", key().public_key()), "PublicKey(SM2)");
}
