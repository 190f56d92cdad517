//! Powers computed with Python's `pow`, for the TEST key and a key of two well-known primes.

use alloc::{format, vec};

use Exponent::{FermatFour, Three};

use super::*;
use crate::financial::test_key::{modulus, parts, private, public};
use crate::financial::vectors::{bytes, hex};

/// `00 01 02 …`, below every modulus.
fn message<const N: usize>() -> [u8; N] {
    core::array::from_fn(|at| at as u8)
}

#[test]
fn an_exponent_is_3_or_65537() {
    for exponent in [Three, FermatFour] {
        assert_eq!(Exponent::from_bytes(exponent.bytes()), Some(exponent));
        assert_eq!(Exponent::from_bytes(&[&[0x00], exponent.bytes()].concat()), Some(exponent));
    }
    assert_eq!((Three.bytes(), FermatFour.bytes()), (&[0x03][..], &[0x01, 0x00, 0x01][..]));
    for other in [&[][..], &[0x00], &[0x02], &[0x05], &[0x03, 0x00], &[0x01, 0x00, 0x00]] {
        assert_eq!(Exponent::from_bytes(other), None, "{other:02X?}");
    }
}

#[test]
fn a_modulus_is_odd_64_to_248_bytes_without_a_leading_zero() {
    for length in [64, 144, 248] {
        let key = RsaPublicKey::new(&vec![0xFF; length], FermatFour).unwrap();
        assert_eq!((key.modulus(), key.exponent()), (&vec![0xFF; length][..], FermatFour));
    }
    for length in [0, 63, 249] {
        assert_eq!(RsaPublicKey::new(&vec![0xFF; length], Three), None, "{length} bytes");
    }
    assert_eq!(RsaPublicKey::new(&[0xFE; 144], Three), None, "even");
    assert_eq!(
        RsaPublicKey::new(&[&[0x00], &modulus()[1..]].concat(), Three),
        None,
        "leading zero"
    );
    assert_eq!(public(Three).modulus(), modulus());
}

#[test]
fn powers_of_exponent_3() {
    let (message, private, public) = (message::<144>(), private(Three), public(Three));
    let cube = public.apply(&message).unwrap();
    assert_eq!(
        hex(&cube),
        "7EFBE556D3DD96A1520C9AB14E3432DCBC18CF06E3568B7CC279BACA96A0D69C\
         E2AB853C3F40351CBC809A3BD993DBB8ABD21F678D4DBA8962807E977F6DDD2C\
         CD0A1EDFF154FDBF5103CC3C32E2DD0FAF62DD4F867590E2C43BF4F3DCAEEA02\
         A6DAC578583A465EF3EA5323863338A5221205A11FD96B604CE7EFEF1F7852C5\
         461B89FACB72C2026152DD0C9625F172"
    );
    assert_eq!(private.apply(&cube).unwrap(), message);
    let root = private.apply(&message).unwrap();
    assert_eq!(
        hex(&root),
        "3AFA24395099983C203A7BF90740C06CF45E7D2643CED81F0AAE4715C429C8E4\
         273F43D3EE9F537C95072979CFC171A44F8A6FBFCFDB0B7A7D25A3CBD1D4019D\
         FD5F679DC5E396F5B72D43996FDF44C59D5A38329BAF2E93CEE45F5E3CE4E72A\
         B10A7C125940DECC6AD3A7E93BC5A6F3EBE62FF9381CEBF30D4B12705B6B6EB3\
         2BCFF4A506DC1B8473C5A7179D9497CD"
    );
    assert_eq!(public.apply(&root).unwrap(), message);
}

#[test]
fn powers_of_exponent_65537() {
    let (message, private, public) = (message::<144>(), private(FermatFour), public(FermatFour));
    let power = public.apply(&message).unwrap();
    assert_eq!(
        hex(&power),
        "792823FA9443983D89CE7F4AE16C219BA81750BEF769306041B94F6814441B86\
         3B5E34C68460A166FC31B441950C4BA8C4747B5CC7D6B5138553911EBF49A230\
         EE2FCEC74CDA2A07F185B7A61FA9033182DA2411345349F831FD874069BB2DED\
         04FC22B9D27A358703F7A977253DB47689FA60198232B892A92D6B707B20C157\
         47B836A27D742D96FF34CDCF7A413C4C"
    );
    assert_eq!(private.apply(&power).unwrap(), message);
    let root = private.apply(&message).unwrap();
    assert_eq!(
        hex(&root),
        "9BEF011DA3CF4E0FBF2B1011F89FE569D976D9416F047B47ADDC8958761E76AE\
         3A36D558F58CA54182B2E359FC94428173B82B32699DAD036E968B8BC7579918\
         4FCC11403143AE27040BEF149273F47C56BF6DA2358BFD44323366CC05F56147\
         522F15B68BDF7ABEC6A025BE090D6BAB0DBCB0B340B1B22163C393157ABE87DE\
         90CB1504F8B393CE759D168CE80E9CC5"
    );
    assert_eq!(public.apply(&root).unwrap(), message);
}

/// 2²⁵⁶ - 189 and 2²⁵⁵ - 19: a length that has no quick way of its own.
#[test]
fn powers_of_512_bits() {
    let p = bytes("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF43");
    let q = bytes("7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFED");
    let dp = bytes("321DCDE2321DCDE2321DCDE2321DCDE2321DCDE2321DCDE2321DCDE2321DCDBD");
    let dq = bytes("690696F9690696F9690696F9690696F9690696F9690696F9690696F9690696E9");
    let q_inverse = bytes("47348E691CD239A47348E691CD239A47348E691CD239A47348E691CD239A4700");
    let private = RsaPrivateKey::from_parts(&p, &q, &dp, &dq, &q_inverse).unwrap();
    assert_eq!(private.modulus_length(), 64);
    let root = private.apply(&message::<64>()).unwrap();
    assert_eq!(
        hex(&root),
        "56FC9036E17C9B7D34A4B335427E48FA1E0823A97AB80A9BE945DC95D68E55F9\
         D66B27BB108CF30F8E17A542E186B6B0FEA3177A6731BDFEBF99431F9B3DA60A"
    );
    let modulus = bytes(
        "7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF8E\
         8000000000000000000000000000000000000000000000000000000000000E07",
    );
    let public = RsaPublicKey::new(&modulus, FermatFour).unwrap();
    assert_eq!(public.apply(&root).unwrap(), message::<64>());
}

/// What the arithmetic rounds up to whole words is cut off again.
#[test]
fn a_modulus_need_not_be_whole_words() {
    let number = |length: usize, last: u8| [vec![0x00; length - 1], vec![last]].concat();
    for length in 64..=72 {
        let public = RsaPublicKey::new(&vec![0xFF; length], Three).unwrap();
        assert_eq!(public.apply(&number(length, 0x02)), Some(number(length, 0x08)));
    }
    for half in 32..=36 {
        // p is odd, q is p - 2, so q⁻¹ is (p - 1) / 2; exponents of 1 give the number itself.
        let p = vec![0xFF; half];
        let q = [&p[1..], &[0xFD]].concat();
        let q_inverse = [&[0x7F], &p[1..]].concat();
        let one = number(half, 0x01);
        let key = RsaPrivateKey::from_parts(&p, &q, &one, &one, &q_inverse).unwrap();
        let message: Vec<u8> = (0..2 * half as u8).collect();
        assert_eq!(key.apply(&message), Some(message), "{half} bytes a prime");
    }
}

#[test]
fn a_public_key_takes_numbers_below_the_modulus_of_its_length() {
    for exponent in [Three, FermatFour] {
        let key = public(exponent);
        assert_eq!(key.apply(&modulus()), None, "the modulus");
        assert_eq!(key.apply(&[0xFF; 144]), None, "above it");
        assert_eq!(key.apply(&[0x00; 143]), None, "too short");
        assert_eq!(key.apply(&[0x00; 145]), None, "too long");
        let mut below = modulus();
        *below.last_mut().unwrap() -= 1;
        // (-1)³ = (-1)⁶⁵⁵³⁷ = -1.
        assert_eq!(key.apply(&below), Some(below));
        assert_eq!(key.apply(&[0x00; 144]), Some(vec![0x00; 144]));
    }
}

#[test]
fn a_private_key_takes_numbers_of_its_length() {
    let key = private(Three);
    assert_eq!(key.modulus_length(), 144);
    assert_eq!(key.apply(&[0x00; 143]), None);
    assert_eq!(key.apply(&[0x00; 145]), None);
    assert_eq!(key.apply(&[]), None);
}

fn from_parts(parts: &[Vec<u8>; 5]) -> Option<RsaPrivateKey> {
    let [p, q, dp, dq, q_inverse] = parts;
    RsaPrivateKey::from_parts(p, q, dp, dq, q_inverse)
}

#[test]
fn a_private_key_keeps_its_parts_in_order() {
    let parts = parts(Three);
    assert_eq!(from_parts(&parts).unwrap().to_bytes().as_slice(), parts.concat());
}

#[test]
fn the_parts_of_a_private_key_are_of_one_length() {
    for at in 0..5 {
        let mut parts = parts(Three);
        parts[at].remove(1);
        assert!(from_parts(&parts).is_none(), "part {at} is shorter");
    }
    // All but q have one length.
    let mut parts = parts(Three);
    parts[1].insert(1, 0x00);
    assert!(from_parts(&parts).is_none(), "q is longer");
}

#[test]
fn a_private_key_has_512_to_1984_bits() {
    for (length, is_key) in [(0, false), (31, false), (32, true), (124, true), (125, false)] {
        let parts = [(); 5].map(|()| vec![0xFF; length]);
        assert_eq!(from_parts(&parts).is_some(), is_key, "{length} bytes a prime");
    }
}

#[test]
fn primes_are_odd_without_a_leading_zero() {
    for prime in [0, 1] {
        let mut even = parts(Three);
        *even[prime].last_mut().unwrap() ^= 0x01;
        assert!(from_parts(&even).is_none(), "part {prime} is even");
        let mut short = parts(Three);
        short[prime][0] = 0x00;
        assert!(from_parts(&short).is_none(), "part {prime} begins with zero");
    }
}

#[test]
fn keys_print_no_secret() {
    assert_eq!(format!("{:?}", private(Three)), "PrivateKey(..)");
    assert_eq!(format!("{:?}", public(Three)), "PublicKey(1152 bits)");
}

/// The parts that Python computed come out of the primes, for both exponents.
#[test]
fn a_key_comes_out_of_its_primes() {
    for exponent in [Three, FermatFour] {
        let [p, q, ..] = parts(exponent);
        let (made, key) = RsaPrivateKey::from_primes(&p, &q, exponent).unwrap();
        assert_eq!(made.modulus(), public(exponent).modulus());
        assert_eq!(*key.to_bytes(), *private(exponent).to_bytes());
        assert!(RsaPrivateKey::from_primes(&p, &q[1..], exponent).is_none());
    }
    // 7 less one is divisible by 3: there is no inverse of the exponent.
    assert_eq!(private_exponent(&[7], Three), None);
    assert_eq!(private_exponent(&[11], Three), Some(vec![7]));
}
