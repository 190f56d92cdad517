//! Own vectors, self-consistent: computed block by block with `openssl enc -des-ecb`, `-des-ede`
//! and `-sm4-ecb`, chaining, padding and folding done outside this crate.

use alloc::format;

use super::*;
use crate::Key;

const RANDOM: [u8; 8] = 0x32D9E876ADB31BBF_u64.to_be_bytes();

/// `00 01 02 ..`, of which tests take as much as they need.
const COUNTING: [u8; 255] = {
    let mut bytes = [0; 255];
    let mut i = 0;
    while i < bytes.len() {
        bytes[i] = i as u8;
        i += 1;
    }
    bytes
};

fn key() -> Key {
    Key::new(0x0123456789ABCDEF_FEDCBA9876543210_u128.to_be_bytes())
}

fn des() -> SessionKey {
    Suite::TripleDes.session_key(&key(), &RANDOM)
}

fn sm4() -> SessionKey {
    Suite::Sm4.session_key(&key(), &RANDOM)
}

/// Blocks as they stand, enciphered without LD or padding of their own.
fn raw(session: &SessionKey, blocks: &[u8]) -> Vec<u8> {
    let mut bytes = blocks.to_vec();
    match &session.0 {
        Material::Des(key) => encrypt_ecb(&Des::new(key.into()), &mut bytes),
        Material::Sm4(key) => encrypt_ecb(&Sm4::new(key.into()), &mut bytes),
    }
    bytes
}

#[test]
fn suite_is_remembered() {
    assert_eq!(des().suite(), Suite::TripleDes);
    assert_eq!(sm4().suite(), Suite::Sm4);
}

#[test]
fn debug_shows_no_key_bytes() {
    assert_eq!(format!("{:?} {:#?}", des(), sm4()), "SessionKey(..) SessionKey(..)");
}

#[test]
fn zeroize_wipes_the_bytes() {
    for mut session in [des(), sm4()] {
        session.zeroize();
        assert!(session.expose().iter().all(|byte| *byte == 0));
    }
}

#[test]
fn part_4_9_3_authentication_data() {
    let original = 0xDBF7A936D0D18C9E_u64.to_be_bytes();
    assert_eq!(des().authentication_data(&original), 0x57F49EBD1D020424_u64.to_be_bytes());
    assert_eq!(sm4().authentication_data(&original), 0xDAF4719D2A93CA0C_u64.to_be_bytes());
}

#[test]
fn part_4_8_2_mac_by_length() {
    for (length, of_des, of_sm4) in [
        (0, 0x5D78C865_u32, 0x35A1BAC1_u32),
        (8, 0x6C26371A, 0x4A5666FD),
        (16, 0xCE0219DB, 0x4032FA37),
        (29, 0x0DF5BC25, 0xDA37DB12),
        (32, 0xDBE544F1, 0xED427987),
    ] {
        let data = &COUNTING[..length];
        assert_eq!(des().mac(data), of_des.to_be_bytes(), "DES, {length} bytes");
        assert_eq!(sm4().mac(data), of_sm4.to_be_bytes(), "SM4, {length} bytes");
    }
}

/// One block of padding more for an aligned message: it never shares the MAC of its unpadded self.
#[test]
fn part_4_8_2_padding_is_never_left_out() {
    let padded = [0x84, 0x24, 0x00, 0x00, 0x04, 0x80, 0x00, 0x00];
    for session in [des(), sm4()] {
        assert_ne!(session.mac(&padded), session.mac(&padded[..5]));
    }
    let mut by_hand = raw(&des(), &padded);
    for (cell, byte) in by_hand.iter_mut().zip([0x80, 0, 0, 0, 0, 0, 0, 0]) {
        *cell ^= byte;
    }
    assert_eq!(des().mac(&padded), raw(&des(), &by_hand)[..4]);
}

/// PIN UNBLOCK: nothing but a MAC in the data field, and Lc counts it. DES pads with `80 00 00`.
#[test]
fn part_4_8_2_mac_of_a_command_counts_itself_in_lc() {
    let header = [0x84, 0x24, 0x00, 0x00, 0x04];
    assert_eq!(des().mac(&header), 0xEEB229E6_u32.to_be_bytes());
    assert_eq!(sm4().mac(&header), 0xA734A604_u32.to_be_bytes());
    let padded = [0x84, 0x24, 0x00, 0x00, 0x04, 0x80, 0x00, 0x00];
    assert_eq!(des().mac(&header), raw(&des(), &padded)[..4]);
}

/// PIN RELOAD: the MAC covers the header and the cryptogram.
#[test]
fn part_4_8_2_mac_of_a_command_covers_the_cryptogram() {
    let pin = [0x12, 0x34, 0x56];
    let header = [0x84, 0x24, 0x00, 0x01, 0x0C];
    let cryptogram = des().encipher(&pin).unwrap();
    assert_eq!(des().mac_parts(&[&header, &cryptogram]), 0xAFC93FEF_u32.to_be_bytes());

    let header = [0x84, 0x24, 0x00, 0x01, 0x14];
    let cryptogram = sm4().encipher(&pin).unwrap();
    assert_eq!(sm4().mac_parts(&[&header, &cryptogram]), 0xF09F24FC_u32.to_be_bytes());
}

#[test]
fn mac_of_parts_is_the_mac_of_their_concatenation() {
    let data = &COUNTING[..40];
    for session in [des(), sm4()] {
        let whole = session.mac(data);
        for cut in 0..=data.len() {
            let (head, tail) = data.split_at(cut);
            assert_eq!(session.mac_parts(&[head, &[], tail]), whole, "cut at {cut}");
        }
        assert_eq!(session.mac_parts(&[]), session.mac(&[]));
    }
}

#[test]
fn verify_mac_wants_all_four_bytes() {
    let header: &[u8] = &[0x84, 0x24, 0x00, 0x00, 0x04];
    for session in [des(), sm4()] {
        let mac = session.mac(header);
        assert!(session.verify_mac(&[header], &mac));
        assert!(session.verify_mac(&[&header[..2], &header[2..]], &mac));
        assert!(!session.verify_mac(&[&header[1..]], &mac));
        assert!(!session.verify_mac(&[header], &[]));
        assert!(!session.verify_mac(&[header], &mac[..3]));
        assert!(!session.verify_mac(&[header], &[&mac[..], &[0]].concat()));
        for bit in 0..32 {
            let wrong = (u32::from_be_bytes(mac) ^ (1 << bit)).to_be_bytes();
            assert!(!session.verify_mac(&[header], &wrong), "bit {bit}");
        }
    }
}

#[test]
fn part_4_8_3_encipher_a_pin() {
    let pin = [0x12, 0x34, 0x56];
    let of_des = des().encipher(&pin).unwrap();
    assert_eq!(of_des, 0xDA576322194FFA5D_u64.to_be_bytes());
    assert_eq!(of_des, raw(&des(), &[0x03, 0x12, 0x34, 0x56, 0x80, 0, 0, 0]));
    assert_eq!(des().decipher(&of_des).unwrap().as_slice(), pin);

    let of_sm4 = sm4().encipher(&pin).unwrap();
    assert_eq!(of_sm4, 0x1D053BD22EF855A3_986F1FD46164F21A_u128.to_be_bytes());
    assert_eq!(sm4().decipher(&of_sm4).unwrap().as_slice(), pin);
}

#[test]
fn part_4_8_3_a_full_block_is_not_padded() {
    let of_des = des().encipher(&COUNTING[..7]).unwrap();
    assert_eq!(of_des, 0x2FA444C05AD0DE0E_u64.to_be_bytes());
    let of_sm4 = sm4().encipher(&COUNTING[..15]).unwrap();
    assert_eq!(of_sm4, 0x39C7AA223D910352_1B2B600D940B056F_u128.to_be_bytes());
}

#[test]
fn encipher_and_decipher_every_length() {
    for session in [des(), sm4()] {
        for length in 0..=254 {
            let plain = &COUNTING[..length];
            let cipher = session.encipher(plain).unwrap();
            let blocks = (1 + length).div_ceil(session.suite().block_length());
            assert_eq!(cipher.len(), blocks * session.suite().block_length());
            assert_eq!(session.decipher(&cipher).unwrap().as_slice(), plain);
        }
        assert_eq!(session.encipher(&COUNTING), Err(EncipherError::TooLong));
        assert_eq!(session.encipher(&[0; 256]), Err(EncipherError::TooLong));
    }
    assert_eq!(format!("{}", EncipherError::TooLong), "plaintext longer than 254 bytes");
}

#[test]
fn decipher_refuses_partial_blocks() {
    for session in [des(), sm4()] {
        let cipher = session.encipher(&COUNTING[..20]).unwrap();
        for length in 0..cipher.len() {
            assert!(session.decipher(&cipher[..length]).is_none(), "{length} bytes");
        }
    }
}

#[test]
fn decipher_refuses_what_encipher_never_makes() {
    for session in [des(), sm4()] {
        let block = session.suite().block_length();
        let refused = |edit: &dyn Fn(&mut [u8]), blocks: usize| {
            let mut bytes = [0; 512];
            let bytes = &mut bytes[..blocks * block];
            edit(bytes);
            session.decipher(&raw(&session, bytes)).is_none()
        };

        assert!(!refused(&|b| b[..2].copy_from_slice(&[0, 0x80]), 1), "empty plaintext");
        assert!(refused(&|b| b[..3].copy_from_slice(&[0, 0x80, 1]), 1), "padding 80 01");
        assert!(refused(&|b| b[..3].copy_from_slice(&[0, 0x00, 0x80]), 1), "padding 00 80");
        assert!(refused(&|b| b[..2].copy_from_slice(&[1, 0x80]), 1), "no padding");
        assert!(refused(&|b| b[..2].copy_from_slice(&[0, 0x80]), 2), "a block too many");
        assert!(!refused(&|b| b[0] = b.len() as u8 - 1, 1), "LD fills the block");
        assert!(refused(&|b| b[0] = b.len() as u8, 1), "LD past the end");
        assert!(refused(&|b| b[0] = 0xFF, 256 / block), "LD FF that fits");
        assert!(
            refused(
                &|b| {
                    b[0] = b.len() as u8 - 1 - block as u8;
                    b[b.len() - block] = 0x80;
                },
                2
            ),
            "a block of nothing but padding"
        );
    }
}
