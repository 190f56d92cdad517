//! The terminal's security module (PSAM), part 9; docs/psam.md.

use sscard_commands::{class, ins};

use super::{Plain, Verb};
use crate::value::{BYTES, Parameter, ParameterKind};

const AMOUNT: ParameterKind = ParameterKind::Number(0, 0xFFFF_FFFF);
const ONE: ParameterKind = ParameterKind::Bytes(1, 1);
const MAC: Parameter = Parameter::required("mac", ParameterKind::Bytes(4, 4));
const FACTORS: Parameter = Parameter::required("factors", ParameterKind::Bytes(8, 24));
const VERSION: Parameter = Parameter::optional("version", ONE);

pub(super) const VERBS: &[Verb] = &[
    Verb::new(
        "load_session_key",
        &[
            Parameter::required("usage", ONE),
            Parameter::required("id", ONE),
            FACTORS,
            Parameter::required("random", ParameterKind::Bytes(8, 16)),
            VERSION,
        ],
        |arguments| {
            let data = [arguments.bytes(2), arguments.bytes(3), arguments.bytes(4)].concat();
            let header = [class::PSAM, ins::LOAD_SESSION_KEY, arguments.byte(0), arguments.byte(1)];
            Ok(Plain::new(header).with_data(data))
        },
        "BF DE usage id Lc factors random version",
        "LOAD SESSION KEY: of the card and the city that the factors name, and of a random",
    ),
    Verb::new(
        "load_key",
        &[Parameter::required("usage", ONE), Parameter::required("id", ONE), FACTORS, VERSION],
        |arguments| {
            let data = [arguments.bytes(2), arguments.bytes(3)].concat();
            let header = [class::PSAM, ins::LOAD_KEY, arguments.byte(0), arguments.byte(1)];
            Ok(Plain::new(header).with_data(data))
        },
        "BF EC usage id Lc factors version",
        "LOAD KEY: a card's key itself, for certificates",
    ),
    Verb::new(
        "cipher",
        &[Parameter::required("blocks", BYTES)],
        |arguments| {
            let blocks = arguments.bytes(0);
            let header = [class::PROPRIETARY, ins::CIPHER, 0x00, 0x00];
            Ok(Plain::new(header).with_data(blocks).with_ne(blocks.len()))
        },
        "80 FA 00 00 Lc blocks Le",
        "CIPHER: whole blocks under the loaded key, each by itself",
    ),
    Verb::new(
        "cipher_mac",
        &[
            Parameter::required("blocks", BYTES),
            Parameter::default(
                "part",
                ParameterKind::Name(&["whole", "first", "next", "last"]),
                "whole",
            ),
        ],
        |arguments| {
            let p1 = match arguments.text(1) {
                "first" => 0x07,
                "next" => 0x03,
                "last" => 0x01,
                _ => 0x05,
            };
            let ne = if matches!(p1, 0x01 | 0x05) { 4 } else { 0 };
            let header = [class::PROPRIETARY, ins::CIPHER, p1, 0x00];
            Ok(Plain::new(header).with_data(arguments.bytes(0)).with_ne(ne))
        },
        "80 FA 05|07|03|01 00 Lc blocks Le",
        "CIPHER: the MAC of whole blocks under the loaded key, an initial value in front of the first",
    ),
    Verb::new(
        "init_sam",
        &[
            Parameter::required("random", ParameterKind::Bytes(4, 4)),
            Parameter::required("counter", ParameterKind::Bytes(2, 2)),
            Parameter::required("account", AMOUNT),
            Parameter::required("time", ParameterKind::Bytes(7, 7)),
            FACTORS,
            Parameter::default("holder", AMOUNT, "0"),
            Parameter::default("fund", AMOUNT, "0"),
            Parameter::default("type", ONE, "32"),
            Parameter::default("version", ONE, "01"),
            Parameter::default("algorithm", ONE, "00"),
        ],
        |arguments| {
            let [account, holder, fund] = [2, 5, 6].map(|at| {
                let [_, _, _, _, cents @ ..] = arguments.number(at).to_be_bytes();
                cents
            });
            let data = [
                arguments.bytes(0),
                arguments.bytes(1),
                &account,
                &holder,
                &fund,
                arguments.bytes(7),
                arguments.bytes(3),
                arguments.bytes(8),
                arguments.bytes(9),
                arguments.bytes(4),
            ]
            .concat();
            let header = [class::PROPRIETARY, ins::INIT_SAM_FOR_PURCHASE, 0x00, 0x00];
            Ok(Plain::new(header).with_data(data).with_ne(8))
        },
        "80 70 00 00 Lc random counter account holder fund type time version algorithm factors Le",
        "INIT SAM FOR PURCHASE: the terminal's counter and MAC1; amounts in cents",
    ),
    Verb::new(
        "credit_sam",
        &[MAC],
        |arguments| {
            let header = [class::PROPRIETARY, ins::CREDIT_SAM_FOR_PURCHASE, 0x00, 0x00];
            Ok(Plain::new(header).with_data(arguments.bytes(0)))
        },
        "80 72 00 00 04 mac",
        "CREDIT SAM FOR PURCHASE: whether this is the purse's MAC2",
    ),
    Verb::new(
        "write_key",
        &[
            Parameter::required("enc", BYTES),
            MAC,
            Parameter::default("what", ParameterKind::Name(&["key", "master"]), "key"),
        ],
        |arguments| {
            let [p1, p2] = if arguments.text(2) == "master" { [1, 0] } else { [0, 1] };
            let data = [arguments.bytes(0), arguments.bytes(1)].concat();
            let header = [class::PROPRIETARY_PROTECTED, ins::WRITE_KEY, p1, p2];
            Ok(Plain::new(header).with_data(data))
        },
        "84 D4 00|01 01|00 Lc enc mac",
        "WRITE KEY: usage byte, identifier, version and key enciphered under the master key",
    )
    .dangerous(),
];
