//! Files, PIN and keys.

use sscard_commands::{Command, Selection};
use sscard_core::catalogue::{SSSE_NAME, applications};
use sscard_crypto::financial::format_2_block;

use super::{Action, Plain, Verb, VerbDanger, packed};
use crate::functions::OWNERS;
use crate::value::{Arguments, BYTES, Datum, Parameter, ParameterKind};

const SFI: Parameter = Parameter::default("sfi", ParameterKind::Number(0, 30), "0");
const RECORD: Parameter = Parameter::optional("rec", ParameterKind::Number(0, 255));
const TAG: Parameter = Parameter::optional("tag", ParameterKind::Bytes(1, 1));
const MODE: Parameter = Parameter::optional(
    "mode",
    ParameterKind::Name(&["first", "last", "next", "previous", "all", "down"]),
);
const OFFSET: Parameter = Parameter::default("offset", ParameterKind::Number(0, 32_767), "0");
const LE: Parameter = Parameter::default("le", ParameterKind::Number(0, 65_536), "256");
const MAC: Parameter = Parameter::required("mac", ParameterKind::Bytes(4, 4));
const OPTIONAL_MAC: Parameter = Parameter::optional("mac", ParameterKind::Bytes(4, 4));
const DATA: Parameter = Parameter::required("data", BYTES);
const KEY: Parameter = Parameter::required("key", ParameterKind::Bytes(1, 1));
const OWNER: Parameter = Parameter::default("df", ParameterKind::Name(OWNERS), "SSSE");
const CODE: Parameter = Parameter::optional("code", ParameterKind::Bytes(3, 16));
const SUITE: Parameter = Parameter::optional("suite", ParameterKind::Name(&["3des", "sm4"]));

pub(super) const VERBS: &[Verb] = &[
    Verb::new(
        "select",
        &[
            Parameter::required("file", ParameterKind::File),
            Parameter::default("occurrence", ParameterKind::Name(&["first", "next"]), "first"),
        ],
        select,
        "00 A4 04|00 00|02 Lc file Le",
        "SELECT by name (SSSE, PSE, PPSE, MF, DF01…, a DF name in hex or as a string) or by file identifier \
         (two bytes, EF05…)",
    ),
    Verb::new(
        "read_record",
        &[SFI, RECORD, TAG, MODE, LE],
        read_record,
        "00 B2 rec|tag sfi|mode Le",
        "READ RECORD by number or by tag, of a file or of the current one",
    ),
    Verb::new(
        "update_record",
        &[SFI, RECORD, TAG, DATA, MODE, OPTIONAL_MAC],
        update_record,
        "00|04 DC rec|tag sfi|mode Lc data mac",
        "UPDATE RECORD; with a MAC under secure messaging",
    )
    .dangerous_with(5),
    Verb::new(
        "read_binary",
        &[SFI, OFFSET, LE],
        |arguments| {
            let [p1, p2] = place(arguments)?;
            Ok(Command::ReadBinary { p1, p2, ne: arguments.length(2) }.into())
        },
        "00 B0 sfi|offset offset Le",
        "READ BINARY",
    ),
    Verb::new(
        "update_binary",
        &[SFI, OFFSET, DATA, OPTIONAL_MAC],
        |arguments| {
            let [p1, p2] = place(arguments)?;
            let data = [arguments.bytes(2), arguments.bytes(3)].concat();
            let protected = arguments.has(3);
            Ok(Command::UpdateBinary { protected, p1, p2, data: &data }.into())
        },
        "00|04 D6 sfi|offset offset Lc data mac",
        "UPDATE BINARY; with a MAC under secure messaging",
    )
    .dangerous_with(3),
    Verb::new(
        "get_challenge",
        &[Parameter::default("length", ParameterKind::Number(1, 256), "8")],
        |arguments| Ok(Command::GetChallenge { ne: arguments.length(0) }.into()),
        "00 84 00 00 Le",
        "GET CHALLENGE: a random number",
    ),
    Verb::new(
        "verify",
        &[
            Parameter::optional("pin", ParameterKind::Digits(0, 12)),
            Parameter::default("format", ParameterKind::Name(&["social", "emv"]), "social"),
        ],
        verify,
        "00 20 00 00|80 Lc pin",
        "VERIFY: the PIN as BCD (social) or as a block of format 2 (emv); \
             without one it asks for the tries",
    )
    .dangerous_with(0),
    Verb::new(
        "change_pin",
        &[
            Parameter::required("old", ParameterKind::Digits(0, 16)),
            Parameter::required("new", ParameterKind::Digits(4, 16)),
        ],
        |arguments| {
            let data =
                [&packed(arguments.text(0))?[..], &[0xFF], &packed(arguments.text(1))?].concat();
            Ok(Command::ChangePin { pins: &data }.into())
        },
        "80 5E 01 00 Lc old FF new",
        "CHANGE PIN",
    )
    .dangerous(),
    Verb::new(
        "external_authenticate",
        &[KEY, Parameter::required("data", ParameterKind::Bytes(8, 17))],
        |arguments| {
            let (key, data) = (arguments.byte(0), arguments.bytes(1));
            Ok(Command::ExternalAuthenticate { key, data }.into())
        },
        "00 82 00 key Lc data",
        "EXTERNAL AUTHENTICATE: authentication data, original information",
    )
    .dangerous(),
    Verb::new(
        "internal_authenticate",
        &[DATA, Parameter::default("key", ParameterKind::Bytes(1, 1), "00")],
        |arguments| {
            let (key, data) = (arguments.byte(1), arguments.bytes(0));
            Ok(Command::InternalAuthenticate { key, data, ne: 256 }.into())
        },
        "00 88 00 key Lc data Le",
        "INTERNAL AUTHENTICATE: process factor and original information, or \
             DDOL data",
    ),
    Verb::new(
        "unblock_pin",
        &[MAC],
        |arguments| Ok(Command::PinUnblock { p2: 0, data: arguments.bytes(0) }.into()),
        "84 24 00 00 04 mac",
        "PIN UNBLOCK: all tries back",
    )
    .dangerous(),
    Verb::new(
        "reload_pin",
        &[Parameter::required("enc", BYTES), MAC],
        |arguments| {
            let data = [arguments.bytes(0), arguments.bytes(1)].concat();
            Ok(Command::PinUnblock { p2: 1, data: &data }.into())
        },
        "84 24 00 01 Lc enc mac",
        "RELOAD PIN: a new PIN, enciphered",
    )
    .dangerous(),
    Verb::new(
        "activate_file",
        &[],
        |_| Ok(Command::ActivateFile.into()),
        "00 44 00 00",
        "ACTIVATE FILE: the social security function begins",
    ),
    Verb::new(
        "deactivate_file",
        &[],
        |_| Ok(Command::DeactivateFile.into()),
        "00 04 00 00",
        "DEACTIVATE FILE: the social security function rests",
    )
    .dangerous(),
    Verb::new(
        "get_response",
        &[LE, Parameter::default("cla", ParameterKind::Bytes(1, 1), "00")],
        |arguments| {
            let plain = Plain::from(Command::GetResponse { ne: arguments.length(0) });
            Ok(plain.with_class(arguments.byte(1)))
        },
        "cla C0 00 00 Le",
        "GET RESPONSE: what waits after 61xx",
    ),
    Verb::new(
        "manage_channel",
        &[
            Parameter::required("what", ParameterKind::Name(&["open", "close"])),
            Parameter::default("channel", ParameterKind::Number(0, 3), "0"),
        ],
        |arguments| {
            let channel = arguments.small(1)?;
            Ok(match arguments.text(0) {
                "open" => {
                    let plain = Plain::from(Command::ManageChannel { close: false, channel });
                    Plain { ne: 1, ..plain }
                }
                _ => Command::ManageChannel { close: true, channel }.into(),
            })
        },
        "00 70 00|80 channel Le",
        "MANAGE CHANNEL",
    ),
    Verb {
        name: "authenticate",
        parameters: &[KEY, OWNER, CODE, SUITE],
        apdu: "00 84 00 00 08; 00 82 00 key 10 authentication data, original information",
        description: "GET CHALLENGE and EXTERNAL AUTHENTICATE with the TEST key of this card: ATR, the card \
                      identification code that was read (READ RECORD 01 of EF05 is sent when none was; code= \
                      says it), the algorithm of the FCI",
        danger: VerbDanger::Always,
        action: Action::Authenticate,
    },
    Verb {
        name: "protected",
        parameters: &[
            Parameter::required("ins", ParameterKind::Bytes(1, 1)),
            Parameter::required("p1", ParameterKind::Bytes(1, 1)),
            Parameter::required("p2", ParameterKind::Bytes(1, 1)),
            Parameter::optional("data", BYTES),
            Parameter::optional("enc", BYTES),
            Parameter::default("cla", ParameterKind::Bytes(1, 1), "84"),
            Parameter::default("key", ParameterKind::Bytes(1, 1), "02"),
            OWNER,
            CODE,
            SUITE,
        ],
        apdu: "00 84 00 00 08; cla ins p1 p2 Lc data mac",
        description: "GET CHALLENGE and a command under secure messaging with STK (key 02, or 82 of a DF), a \
                      TEST key: data in the clear, or enc to be enciphered, in front of the MAC",
        danger: VerbDanger::Always,
        action: Action::Protected,
    },
    Verb {
        name: "write_item",
        parameters: &[
            Parameter::required("df", ParameterKind::Name(OWNERS)),
            Parameter::required("ef", ParameterKind::Bytes(2, 2)),
            Parameter::required("tag", ParameterKind::Bytes(1, 1)),
            Parameter::required("value", BYTES),
            Parameter::optional("version", ParameterKind::Text),
        ],
        apdu: "00 DC tag sfi Lc tag length value",
        description: "UPDATE RECORD of an item of the norms in the selected application: on a card of version 1.0 \
                      the value is filled at the right with E where the item was another one then. The version \
                      is that of the card, record 03 of EF05, once it was read; version= says it",
        danger: VerbDanger::Never,
        action: Action::WriteItem,
    },
];

fn select(arguments: &Arguments) -> Result<Plain, String> {
    let datum = arguments.datum(0).ok_or("a file is wanted")?;
    let name = match datum {
        Datum::Word(word) => named(word),
        _ => None,
    };
    let (by_name, data) = match (name, datum) {
        (Some(found), _) => found,
        (None, Datum::Text(text)) => (true, Datum::Text(text.clone()).bytes()?.into_owned()),
        (None, _) => {
            let bytes = datum.bytes().map_err(|error| {
                format!("{error}; a file is SSSE, PSE, PPSE, MF, two bytes, or a DF name")
            })?;
            (bytes.len() != 2, bytes.into_owned())
        }
    };
    if by_name && !(1..=16).contains(&data.len()) {
        return Err(format!("a DF name has 1 to 16 bytes, this has {}", data.len()));
    }
    let by = if by_name { Selection::Name } else { Selection::FileId };
    Ok(Command::Select { by, next: arguments.text(1) == "next", name: &data }.into())
}

/// Names of a card: whether it is a DF name, and its bytes.
fn named(word: &str) -> Option<(bool, Vec<u8>)> {
    Some(match word.to_ascii_uppercase().as_str() {
        "SSSE" => (true, SSSE_NAME.to_vec()),
        "PSE" => (true, b"1PAY.SYS.DDF01".to_vec()),
        "PPSE" => (true, b"2PAY.SYS.DDF01".to_vec()),
        "MF" => (false, vec![0x3F, 0x00]),
        name => {
            let known = applications().find(|application| application.name == name)?;
            (false, known.fid.to_be_bytes().to_vec())
        }
    })
}

/// P1 and P2 of a record: which one, and the file.
fn record(arguments: &Arguments, mode: usize) -> Result<[u8; 2], String> {
    let file = arguments.small(0)? << 3;
    let order = match arguments.text(mode) {
        "last" => 1,
        "next" => 2,
        "previous" => 3,
        "all" => 5,
        "down" => 6,
        _ => 0,
    };
    match (arguments.has(1), arguments.has(2)) {
        (true, true) => Err("a record is named by rec or by tag, not by both".to_owned()),
        (false, true) if order <= 3 => Ok([arguments.byte(2), file | order]),
        (false, true) => Err("all and down go with rec".to_owned()),
        (true, false) if arguments.has(mode) && order < 4 => {
            Err("first, last, next and previous go with tag, or stand alone".to_owned())
        }
        (true, false) => Ok([arguments.small(1)?, file | if order == 0 { 4 } else { order }]),
        (false, false) if arguments.has(mode) && order <= 3 => Ok([0, file | order]),
        (false, false) => Err("which record is meant: rec=7, tag=09, or mode=next".to_owned()),
    }
}

fn read_record(arguments: &Arguments) -> Result<Plain, String> {
    let [p1, p2] = record(arguments, 3)?;
    Ok(Command::ReadRecord { p1, p2, ne: arguments.length(4) }.into())
}

fn update_record(arguments: &Arguments) -> Result<Plain, String> {
    let [p1, p2] = record(arguments, 4)?;
    let data = [arguments.bytes(3), arguments.bytes(5)].concat();
    Ok(Command::UpdateRecord { protected: arguments.has(5), p1, p2, data: &data }.into())
}

/// P1 and P2 of a transparent file: which one, and where in it.
fn place(arguments: &Arguments) -> Result<[u8; 2], String> {
    let (sfi, offset) = (arguments.small(0)?, arguments.number(1));
    let [.., high, low] = offset.to_be_bytes();
    match sfi {
        0 => Ok([high, low]),
        _ if high == 0 => Ok([0x80 | sfi, low]),
        _ => Err("with a short identifier the offset is at most 255".to_owned()),
    }
}

fn verify(arguments: &Arguments) -> Result<Plain, String> {
    let pin = arguments.text(0);
    let emv = arguments.text(1) == "emv";
    let reference = if emv { 0x80 } else { 0x00 };
    if pin.is_empty() {
        return Ok(Command::Verify { reference, pin: &[] }.into());
    }
    if !emv {
        return Ok(Command::Verify { reference, pin: &packed(pin)? }.into());
    }
    let block = format_2_block(pin).ok_or("a PIN of format 2 has 4 to 12 digits")?;
    Ok(Command::Verify { reference, pin: &*block }.into())
}
