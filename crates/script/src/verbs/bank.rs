//! The bank card (JR/T 0025.5 annex B).

use super::Verb;
use crate::value::{BYTES, Parameter, ParameterKind};
use sscard_apdu::tlv::Tag;
use sscard_commands::{Command, CryptogramType};

const MAC: Parameter = Parameter::required("mac", ParameterKind::Bytes(4, 4));
const P2: Parameter = Parameter::default("p2", ParameterKind::Bytes(1, 1), "00");
const TAG: Parameter = Parameter::required("tag", ParameterKind::Bytes(1, 2));

pub(super) const VERBS: &[Verb] = &[
    Verb::new(
        "gpo",
        &[Parameter::default("data", ParameterKind::Bytes(0, 250), "")],
        |arguments| {
            let data = arguments.bytes(0);
            let mut template = vec![0x83];
            if data.len() > 127 {
                template.push(0x81);
            }
            template.push(u8::try_from(data.len()).unwrap_or(u8::MAX));
            template.extend_from_slice(data);
            Ok(Command::GetProcessingOptions { data: &template, ne: 256 }.into())
        },
        "80 A8 00 00 Lc 83 length data Le",
        "GET PROCESSING OPTIONS with PDOL data",
    ),
    Verb::new(
        "generate_ac",
        &[
            Parameter::required("type", ParameterKind::Name(&["aac", "tc", "arqc"])),
            Parameter::required("data", BYTES),
            Parameter::optional("with", ParameterKind::Name(&["cda"])),
        ],
        |arguments| {
            let cryptogram = match arguments.text(0) {
                "tc" => CryptogramType::Tc,
                "arqc" => CryptogramType::Arqc,
                _ => CryptogramType::Aac,
            };
            let (combined, data) = (arguments.has(2), arguments.bytes(1));
            Ok(Command::GenerateAc { cryptogram, combined, data, ne: 256 }.into())
        },
        "80 AE type 00 Lc data Le",
        "GENERATE AC with CDOL data; cda combines it with dynamic authentication",
    ),
    Verb::new(
        "get_data",
        &[TAG],
        |arguments| Ok(Command::GetData { tag: two(arguments.bytes(0)), ne: 256 }.into()),
        "80 CA tag Le",
        "GET DATA",
    ),
    Verb::new(
        "put_data",
        &[TAG, Parameter::required("data", BYTES), MAC],
        |arguments| {
            let tag = two(arguments.bytes(0));
            let data = [arguments.bytes(1), arguments.bytes(2)].concat();
            Ok(Command::PutData { protected: true, tag, data: &data }.into())
        },
        "04 DA tag Lc data mac",
        "PUT DATA",
    )
    .dangerous(),
    Verb::new(
        "issuer_authenticate",
        &[
            Parameter::required("arpc", ParameterKind::Bytes(4, 8)),
            Parameter::required("arc", ParameterKind::Bytes(2, 8)),
        ],
        |arguments| {
            let data = [arguments.bytes(0), arguments.bytes(1)].concat();
            Ok(Command::ExternalAuthenticate { key: 0, data: &data }.into())
        },
        "00 82 00 00 Lc arpc arc",
        "EXTERNAL AUTHENTICATE: the issuer's answer",
    )
    .dangerous(),
    Verb::new(
        "app_block",
        &[MAC, P2],
        |arguments| {
            let (p2, mac) = (arguments.byte(1), arguments.bytes(0));
            Ok(Command::ApplicationBlock { p2, mac }.into())
        },
        "84 1E 00 p2 04 mac",
        "APPLICATION BLOCK; p2=01 in the social security application",
    )
    .dangerous(),
    Verb::new(
        "app_unblock",
        &[MAC],
        |arguments| Ok(Command::ApplicationUnblock { mac: arguments.bytes(0) }.into()),
        "84 18 00 00 04 mac",
        "APPLICATION UNBLOCK",
    )
    .dangerous(),
    Verb::new(
        "card_block",
        &[MAC],
        |arguments| Ok(Command::CardBlock { mac: arguments.bytes(0) }.into()),
        "84 16 00 00 04 mac",
        "CARD BLOCK",
    )
    .dangerous(),
    Verb::new(
        "pin_change_unblock",
        &[MAC, Parameter::default("enc", BYTES, ""), P2],
        |arguments| {
            let data = [arguments.bytes(1), arguments.bytes(0)].concat();
            Ok(Command::PinUnblock { p2: arguments.byte(2), data: &data }.into())
        },
        "84 24 00 p2 Lc enc mac",
        "PIN CHANGE/UNBLOCK: p2=00 tries, 01 with the old PIN, 02 without it",
    )
    .dangerous(),
];

/// The tag that P1 and P2 name.
fn two(tag: &[u8]) -> Tag {
    Tag::from_number(tag.iter().fold(0, |number, byte| number << 8 | u32::from(*byte)))
}
