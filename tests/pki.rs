//! The PKI application of the third generation (real cards' commands, and what is ours in docs/decisions.md).

mod commands;
mod independent;
mod keys;
mod life;
mod matrix;
mod pins;
mod tear;
mod terminal;

use sscard_crypto::pki::{pin_key, pin_proof};
use sscard_crypto::{Key, Suite};

use crate::harness::{Desk, bytes, hex};

/// SELECT of the DDF `PKI.社会保障`.
const SELECT_DDF: &str = "00A404000C504B492EC9E7BBE1B1A3D5CF";
/// SELECT of the ADF `SS.CERT.ADF1`.
const SELECT_ADF: &str = "00A404000C53532E434552542E41444631";
const USER: [u8; 3] = [0x12, 0x34, 0x56];
const ADMINISTRATOR: [u8; 4] = [0x12, 0x34, 0x56, 0x78];
const GENERATE_SIGNATURE: &str = "8040000008C0020012C2020013";

/// A card on T=1 with the application selected.
fn selected() -> Desk {
    let mut desk = Desk::t1("gen3");
    desk.all_ok(&[SELECT_DDF, "00A4000002DF01"]);
    desk
}

/// VERIFY of a PIN over a challenge of 16 bytes; the command.
fn proof(desk: &mut Desk, reference: u8, pin: &[u8]) -> String {
    let challenge = bytes(&desk.data("0084000010"));
    let proof = pin_proof(&pin_key(pin), &challenge);
    format!("002001{reference:02X}10{}", hex(&proof))
}

/// The same, sent; the status word.
fn verify(desk: &mut Desk, reference: u8, pin: &[u8]) -> String {
    let command = proof(desk, reference, pin);
    desk.status(&command)
}

/// The application with the user's PIN verified.
fn user() -> Desk {
    let mut desk = selected();
    assert_eq!(verify(&mut desk, 0x81, &USER), "9000");
    desk
}

/// The application with the administrator's PIN verified.
fn administrator() -> Desk {
    let mut desk = selected();
    assert_eq!(verify(&mut desk, 0x00, &ADMINISTRATOR), "9000");
    desk
}

/// A command under secure messaging with a PIN's key: `header` is CLA INS P1 P2; `new` is the PIN it brings.
fn protected(desk: &mut Desk, pin: &[u8], header: &str, new: Option<&[u8]>) -> String {
    let challenge = bytes(&desk.data("0084000008"));
    let session = Suite::Sm4.session_key(&pin_key(pin), &challenge);
    let body = new.map_or_else(Vec::new, |new| session.encipher(new).expect("a short PIN"));
    let header = [&bytes(header)[..], &[body.len() as u8 + 4]].concat();
    let mac = session.mac_parts(&[&header, &body]);
    hex(&[&header[..], &body, &mac].concat())
}

/// SM4 in ECB under a session key.
fn under(key: [u8; 16], plain: &[u8]) -> Vec<u8> {
    let mut blocks = plain.to_vec();
    sscard_crypto::pki::encipher(&Key::new(key), &mut blocks);
    blocks
}
