//! The bank card (JR/T 0025.5 annex B).

use super::{Plain, Verb};
use crate::value::{BYTES, Parameter, ParameterKind};
use sscard_commands::ins;

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
            Ok(Plain::new([0x80, ins::GET_PROCESSING_OPTIONS, 0, 0])
                .with_data(template)
                .with_ne(256))
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
            let kind = match arguments.text(0) {
                "tc" => 0x40,
                "arqc" => 0x80,
                _ => 0x00,
            };
            let p1 = if arguments.has(2) { kind | 0x10 } else { kind };
            Ok(Plain::new([0x80, ins::GENERATE_AC, p1, 0])
                .with_data(arguments.bytes(1))
                .with_ne(256))
        },
        "80 AE type 00 Lc data Le",
        "GENERATE AC with CDOL data; cda combines it with dynamic authentication",
    ),
    Verb::new(
        "get_data",
        &[TAG],
        |arguments| {
            let [p1, p2] = two(arguments.bytes(0));
            Ok(Plain::new([0x80, ins::GET_DATA, p1, p2]).with_ne(256))
        },
        "80 CA tag Le",
        "GET DATA",
    ),
    Verb::new(
        "put_data",
        &[TAG, Parameter::required("data", BYTES), MAC],
        |arguments| {
            let [p1, p2] = two(arguments.bytes(0));
            let data = [arguments.bytes(1), arguments.bytes(2)].concat();
            Ok(Plain::new([0x04, ins::PUT_DATA, p1, p2]).with_data(data))
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
            Ok(Plain::new([0, ins::EXTERNAL_AUTHENTICATE, 0, 0]).with_data(data))
        },
        "00 82 00 00 Lc arpc arc",
        "EXTERNAL AUTHENTICATE: the issuer's answer",
    )
    .dangerous(),
    Verb::new(
        "app_block",
        &[MAC, P2],
        |arguments| {
            Ok(Plain::new([0x84, ins::APPLICATION_BLOCK, 0, arguments.byte(1)])
                .with_data(arguments.bytes(0)))
        },
        "84 1E 00 p2 04 mac",
        "APPLICATION BLOCK; p2=01 in the social security application",
    )
    .dangerous(),
    Verb::new(
        "app_unblock",
        &[MAC],
        |arguments| {
            Ok(Plain::new([0x84, ins::APPLICATION_UNBLOCK, 0, 0]).with_data(arguments.bytes(0)))
        },
        "84 18 00 00 04 mac",
        "APPLICATION UNBLOCK",
    )
    .dangerous(),
    Verb::new(
        "card_block",
        &[MAC],
        |arguments| Ok(Plain::new([0x84, ins::CARD_BLOCK, 0, 0]).with_data(arguments.bytes(0))),
        "84 16 00 00 04 mac",
        "CARD BLOCK",
    )
    .dangerous(),
    Verb::new(
        "pin_change_unblock",
        &[MAC, Parameter::default("enc", BYTES, ""), P2],
        |arguments| {
            let data = [arguments.bytes(1), arguments.bytes(0)].concat();
            Ok(Plain::new([0x84, ins::PIN_UNBLOCK, 0, arguments.byte(2)]).with_data(data))
        },
        "84 24 00 p2 Lc enc mac",
        "PIN CHANGE/UNBLOCK: p2=00 tries, 01 with the old PIN, 02 without it",
    )
    .dangerous(),
];

/// A tag in P1 and P2.
fn two(tag: &[u8]) -> [u8; 2] {
    match tag {
        [high, low] => [*high, *low],
        [low] => [0, *low],
        _ => [0, 0],
    }
}
