//! Key pairs: generated, used, imported.

use super::*;
use sscard_crypto::financial::sm2::{Sm2PrivateKey, Sm2PublicKey};

const NONCE: [u8; 32] = [0x3C; 32];

fn public(desk: &mut Desk, fid: &str) -> Sm2PublicKey {
    desk.all_ok(&[&format!("00A4000002{fid}")]);
    let file = bytes(&desk.data("00B0000042"));
    Sm2PublicKey::from_bytes(file[2..].try_into().expect("64 bytes")).expect("a point")
}

#[test]
fn pki_a_generated_pair_is_another_each_time_and_signs() {
    let mut desk = user();
    let delivered = public(&mut desk, "0012");
    assert_eq!(desk.send(GENERATE_SIGNATURE), "9000");
    let first = public(&mut desk, "0012");
    assert_eq!(desk.send(GENERATE_SIGNATURE), "9000");
    let second = public(&mut desk, "0012");
    assert!(delivered != first && first != second);
    let digest = second.message_digest(&[b"a message"]);
    let signature = bytes(&desk.data(&format!("002A9E9A20{}40", hex(&digest))));
    let signature: [u8; 64] = signature.try_into().expect("64 bytes");
    assert!(second.verify(&[b"a message"], &signature));
    assert!(!first.verify(&[b"a message"], &signature));
    let check = format!("9A20{}9E40{}", hex(&digest), hex(&signature));
    assert_eq!(desk.send(&format!("002A00A864{check}")), "9000");
    assert_eq!(desk.send(&format!("002A00A8A6{check}CA40{}", hex(first.bytes()))), "6300");
    assert_eq!(desk.send(&format!("002A00A8A6{check}CA40{}", hex(second.bytes()))), "9000");
    assert_eq!(desk.send(&format!("002A00A8A6{check}CA40{}", "11".repeat(64))), "6A80");
    assert_eq!(desk.send("002A9E9A0112"), "6700");
}

#[test]
fn pki_the_same_card_generates_the_same_pair() {
    let desk = user();
    let [mut one, mut other] = [desk.clone(), desk];
    assert_eq!(one.send(GENERATE_SIGNATURE), other.send(GENERATE_SIGNATURE));
    assert!(public(&mut one, "0012") == public(&mut other, "0012"));
    assert!(one.card.digest() == other.card.digest());
}

#[test]
fn pki_what_is_enciphered_for_the_card_is_deciphered_after_the_pin() {
    let mut desk = selected();
    let key = public(&mut desk, "0014");
    let cipher = key.encrypt(b"for the card", &NONCE).expect("a ciphertext");
    let command = format!("002A8086{:02X}00{}00", cipher.len() + 1, hex(&cipher));
    assert_eq!(desk.send(&command), "6982");
    assert_eq!(verify(&mut desk, 0x00, &ADMINISTRATOR), "9000");
    assert_eq!(desk.send(&command), "6982", "the administrator does not use the user's keys");
    assert_eq!(verify(&mut desk, 0x81, &USER), "9000");
    assert_eq!(desk.data(&command), hex(b"for the card"));
    let changed = format!("{}FF00", &command[..command.len() - 4]);
    assert_eq!(desk.send(&changed), "6A80");
    assert_eq!(desk.send("002A80860201AA00"), "6A80", "another padding indicator");
}

/// `804E000178`, `804A021012`, `80C2400046`, `80C2C00126`, as programs of the field send them.
#[test]
fn pki_an_encryption_pair_is_imported_in_an_envelope() {
    let mut desk = user();
    let signature_key = public(&mut desk, "0012");
    let pair = Sm2PrivateKey::from_bytes(&[0x21; 32]).expect("a key");
    let session = [0x77; 16];
    let envelope = signature_key.encrypt(&session, &NONCE).expect("an envelope");
    let open = format!("804E000178C2020013C1820070{}", hex(&envelope));
    assert_eq!(desk.data(&format!("{open}10")), hex(&session));
    assert_eq!(desk.send(&format!("804A021012C110{}", hex(&session))), "9000");
    let public_half = format!("80C2400046C0020014CA40{}", hex(pair.public_key().bytes()));
    assert_eq!(desk.send(&public_half), "9000");
    let cipher = pair.public_key().encrypt(b"late", &NONCE).expect("a ciphertext");
    let decipher = format!("002A8086{:02X}00{}00", cipher.len() + 1, hex(&cipher));
    assert_eq!(desk.send(&decipher), "6A88", "half a pair deciphers nothing");
    let private_half =
        format!("80C2C00126C2020015CB20{}", hex(&under(session, pair.to_bytes().as_ref())));
    assert_eq!(desk.send(&private_half), "9000");
    assert_eq!(desk.data(&decipher), hex(b"late"));
    assert_eq!(desk.send(&private_half), "6985", "the session key is used up");
}

#[test]
fn pki_what_does_not_belong_together_is_not_imported() {
    let mut desk = user();
    let before = desk.card.inspect_pki();
    let session = [0x77; 16];
    desk.all_ok(&[&format!("804A021012C110{}", hex(&session))]);
    let other = format!("80C2C00126C2020015CB20{}", hex(&under(session, &[0x21; 32])));
    assert_eq!(desk.send(&other), "6A80", "not the public half's");
    let to_signature = format!("80C2400046C0020012CA40{}", "11".repeat(64));
    assert_eq!(desk.send(&to_signature), "6A80", "that pair is generated on the card");
    assert_eq!(desk.send(&format!("80C2400046C0020014CA40{}", "11".repeat(64))), "6A80");
    assert_eq!(desk.send(&format!("80C2400046C0020019CA40{}", "11".repeat(64))), "6A80");
    assert_eq!(desk.send(&format!("80C2400046C0020020CA40{}", "11".repeat(64))), "6A82");
    let envelope = format!("804E000178C2020013C1820070{}", "11".repeat(112));
    assert_eq!(desk.send(&envelope), "6A80");
    assert_eq!(desk.send("804E000108C2020013C1021111"), "6A80");
    assert_eq!(desk.card.inspect_pki(), before);
}

#[test]
fn pki_an_empty_application_has_no_keys_until_it_is_given_some() {
    let mut desk = Desk::toml("base = \"gen3\"\nprotocol = \"T=1\"\n[pki]\nkeys = \"none\"\n");
    desk.all_ok(&[SELECT_ADF]);
    assert_eq!(desk.data("00B0920042"), "00".repeat(66));
    assert_eq!(desk.send("80C9820008C0020012C2020013"), "6A88");
    assert_eq!(verify(&mut desk, 0x81, &USER), "9000");
    assert_eq!(desk.send(&format!("002A9E9A20{}40", "11".repeat(32))), "6A88");
    assert_eq!(desk.send("8040000008C0020014C2020015"), "9000");
    assert_eq!(desk.send("80C9820008C0020014C2020015"), "9000");
    assert!(desk.data("80C9828042").starts_with("CA40"));
    assert_eq!(desk.send("80C9820008C0020012C2020013"), "6A88");
}
