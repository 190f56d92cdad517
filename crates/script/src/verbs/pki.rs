//! The PKI application of the third generation (docs/decisions.md).

use sscard_commands::ins;
use sscard_crypto::pki::{pin_key, pin_proof};

use super::{Plain, Verb, packed};
use crate::value::{Arguments, Parameter, ParameterKind};

const WHOSE: Parameter =
    Parameter::default("whose", ParameterKind::Name(&["user", "administrator"]), "user");
const PAIR: Parameter =
    Parameter::default("pair", ParameterKind::Name(&["signature", "encryption"]), "signature");
const DIGEST: Parameter = Parameter::required("digest", ParameterKind::Bytes(32, 32));

pub(super) const VERBS: &[Verb] = &[
    Verb::new(
        "pki_verify",
        &[
            Parameter::required("pin", ParameterKind::Digits(4, 16)),
            Parameter::required("challenge", ParameterKind::Bytes(8, 16)),
            WHOSE,
        ],
        |arguments| {
            let key = pin_key(&packed(arguments.text(0))?);
            let proof = pin_proof(&key, arguments.bytes(1));
            Ok(Plain::new([0x00, ins::VERIFY, 0x01, reference(arguments, 2)]).with_data(proof))
        },
        "00 20 01 81|00 10 proof",
        "VERIFY of the PKI application: what SM4 under the PIN's hash makes of the challenge that the card gave",
    )
    .dangerous(),
    Verb::new(
        "pki_tries",
        &[WHOSE],
        |arguments| Ok(Plain::new([0x00, ins::VERIFY, 0x01, reference(arguments, 0)])),
        "00 20 01 81|00",
        "VERIFY without data: how many tries are left",
    ),
    Verb::new(
        "pki_generate",
        &[PAIR],
        |arguments| {
            let header = [0x80, ins::GENERATE_KEY_PAIR, 0x00, 0x00];
            Ok(Plain::new(header).with_data(files(arguments)))
        },
        "80 40 00 00 08 C0 02 00 12|14 C2 02 00 13|15",
        "GENERATE KEY PAIR: a new pair takes the place of the old one",
    )
    .dangerous(),
    Verb::new(
        "pki_name_key",
        &[PAIR],
        |arguments| {
            let header = [0x80, ins::GET_PUBLIC_KEY, 0x82, 0x00];
            Ok(Plain::new(header).with_data(files(arguments)))
        },
        "80 C9 82 00 08 C0 02 00 12|14 C2 02 00 13|15",
        "GET PUBLIC KEY: which pair pki_public_key gives the key of",
    ),
    Verb::new(
        "pki_public_key",
        &[],
        |_| Ok(Plain::new([0x80, ins::GET_PUBLIC_KEY, 0x82, 0x80]).with_ne(66)),
        "80 C9 82 80 42",
        "GET PUBLIC KEY: CA 40 X Y",
    ),
    Verb::new(
        "pki_sign",
        &[DIGEST],
        |arguments| {
            let header = [0x00, ins::PERFORM_SECURITY_OPERATION, 0x9E, 0x9A];
            Ok(Plain::new(header).with_data(arguments.bytes(0)).with_ne(64))
        },
        "00 2A 9E 9A 20 digest Le",
        "COMPUTE DIGITAL SIGNATURE over a digest that the terminal has made",
    ),
    Verb::new(
        "pki_check",
        &[DIGEST, Parameter::required("signature", ParameterKind::Bytes(64, 64))],
        |arguments| {
            let data = [&[0x9A, 0x20], arguments.bytes(0), &[0x9E, 0x40], arguments.bytes(1)];
            let header = [0x00, ins::PERFORM_SECURITY_OPERATION, 0x00, 0xA8];
            Ok(Plain::new(header).with_data(data.concat()))
        },
        "00 2A 00 A8 64 9A 20 digest 9E 40 signature",
        "VERIFY DIGITAL SIGNATURE by the card's own key",
    ),
    Verb::new(
        "pki_decipher",
        &[Parameter::required("cipher", ParameterKind::Bytes(97, 254))],
        |arguments| {
            let data = [&[0x00], arguments.bytes(0)].concat();
            let header = [0x00, ins::PERFORM_SECURITY_OPERATION, 0x80, 0x86];
            Ok(Plain::new(header).with_data(data).with_ne(256))
        },
        "00 2A 80 86 Lc 00 cipher Le",
        "DECIPHER what was enciphered for the encryption pair: X, Y, hash, text",
    ),
];

/// P2 of a PIN.
fn reference(arguments: &Arguments, at: usize) -> u8 {
    if arguments.text(at) == "administrator" { 0x00 } else { 0x81 }
}

/// The two files of the pair that the first argument names.
fn files(arguments: &Arguments) -> [u8; 8] {
    let [public, private] =
        if arguments.text(0) == "encryption" { [0x14, 0x15] } else { [0x12, 0x13] };
    [0xC0, 0x02, 0x00, public, 0xC2, 0x02, 0x00, private]
}
