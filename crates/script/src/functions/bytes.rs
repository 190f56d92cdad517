//! Bytes, digits, text, dates, TLV.

use sscard_apdu::bcd;
use sscard_apdu::dol::{self, Alignment};
use sscard_apdu::tlv::{self, Tag, Writer};
use sscard_elements::element;
use sscard_profile::gbk;

use super::{Call, ResultLength, ScriptFunction, found};
use crate::value::{BYTES, Datum, Parameter, ParameterKind};

const DATA: Parameter = Parameter::required("data", BYTES);
const COUNT: Parameter = Parameter::required("count", ParameterKind::Number(0, 65_535));
const BLOCK: Parameter = Parameter::default("block", ParameterKind::Number(1, 255), "8");
const DIGITS: Parameter = Parameter::required("digits", ParameterKind::Digits(0, 510));
const TEXT: Parameter = Parameter::required("text", ParameterKind::Text);

const fn number(most: u64) -> Parameter {
    Parameter::required("number", ParameterKind::Number(0, most))
}

pub(super) const FUNCTIONS: &[ScriptFunction] = &[
    ScriptFunction::new(
        "atr",
        &[],
        ResultLength::Varies,
        |call| found(call.context.atr.clone()),
        "the card's answer to reset",
        "ISO/IEC 7816-3",
    )
    .impure(),
    ScriptFunction::new(
        "bcd",
        &[DIGITS, Parameter::optional("length", ParameterKind::Number(0, 255))],
        ResultLength::Varies,
        packed,
        "digits, two a byte, from the left; F fills the rest",
        "format cn",
    ),
    ScriptFunction::new(
        "bcd_right",
        &[DIGITS, Parameter::required("length", ParameterKind::Number(1, 255))],
        ResultLength::Said(1),
        packed_right,
        "digits, two a byte, at the right; zeros in front",
        "format n",
    ),
    ScriptFunction::new(
        "date",
        &[
            Parameter::required("date", ParameterKind::Text),
            Parameter::default("format", ParameterKind::Text, "YYYYMMDD"),
        ],
        ResultLength::Varies,
        date,
        "a date such as 2026-11-24, or 2026-11-24T13:05:09, as BCD: YYYY YY MM \
             DD hh mm ss in any order",
        "format n",
    ),
    ScriptFunction::new(
        "digits",
        &[DATA],
        ResultLength::Varies,
        |call| {
            let digits = bcd::digits(call.bytes(0)).map_err(|error| error.to_string())?;
            Ok(Datum::Text(digits.collect()))
        },
        "the digits of BCD as a string, up to the first F",
        "format cn",
    ),
    ScriptFunction::new(
        "dol",
        &[Parameter::required("list", BYTES), Parameter::required("objects", BYTES)],
        ResultLength::Varies,
        filled,
        "what answers a data object list, out of TLV objects one after another; \
        zeros for what they lack",
        "EMV Book 3 §5.4",
    ),
    ScriptFunction::new(
        "gbk",
        &[TEXT],
        ResultLength::Varies,
        |call| found(gbk::encode(call.text(0)).map_err(|error| error.to_string())?),
        "text in GBK",
        "GB 18030",
    ),
    ScriptFunction::new(
        "hex",
        &[DATA],
        ResultLength::Varies,
        |call| Ok(Datum::Text(crate::value::hex(call.bytes(0)))),
        "bytes as hex digits, a string",
        "",
    ),
    ScriptFunction::new(
        "left",
        &[DATA, COUNT],
        ResultLength::Said(1),
        |call| {
            let wanted = call.length(1);
            let short = || format!("there {}, not {wanted}", are(call.bytes(0).len()));
            found(call.bytes(0).get(..wanted).ok_or_else(short)?)
        },
        "the first bytes",
        "",
    ),
    ScriptFunction::new(
        "len",
        &[DATA],
        ResultLength::Exactly(1),
        |call| {
            let length = u8::try_from(call.bytes(0).len());
            found([length.map_err(|_| "longer than 255 bytes: use len16".to_owned())?])
        },
        "how many bytes, in one byte",
        "",
    ),
    ScriptFunction::new(
        "len16",
        &[DATA],
        ResultLength::Exactly(2),
        |call| {
            let length = u16::try_from(call.bytes(0).len());
            found(length.map_err(|_| "longer than 65535 bytes".to_owned())?.to_be_bytes())
        },
        "how many bytes, in two bytes",
        "",
    ),
    ScriptFunction::new(
        "not",
        &[DATA],
        ResultLength::As(0),
        |call| found(call.bytes(0).iter().map(|byte| !byte).collect::<Vec<_>>()),
        "every bit turned round",
        "",
    ),
    ScriptFunction::new(
        "pad0",
        &[DATA, BLOCK],
        ResultLength::Varies,
        |call| {
            let mut bytes = call.bytes(0).to_vec();
            bytes.resize(bytes.len().next_multiple_of(call.length(1)), 0);
            found(bytes)
        },
        "zeros up to whole blocks, none when they are whole",
        "ISO/IEC 9797-1 method 1",
    ),
    ScriptFunction::new(
        "pad80",
        &[DATA, BLOCK],
        ResultLength::Varies,
        |call| found(pad80(call.bytes(0), call.length(1))),
        "80, then zeros up to whole blocks",
        "ISO/IEC 9797-1 method 2",
    ),
    ScriptFunction::new(
        "random",
        &[COUNT],
        ResultLength::Said(0),
        |call| {
            let length = call.length(0);
            found(call.context.random(length))
        },
        "random bytes from @seed",
        "",
    )
    .impure(),
    ScriptFunction::new(
        "right",
        &[DATA, COUNT],
        ResultLength::Said(1),
        |call| {
            let (data, wanted) = (call.bytes(0), call.length(1));
            let short = || format!("there {}, not {wanted}", are(data.len()));
            found(
                data.len()
                    .checked_sub(wanted)
                    .and_then(|from| data.get(from..))
                    .ok_or_else(short)?,
            )
        },
        "the last bytes",
        "",
    ),
    ScriptFunction::new(
        "slice",
        &[DATA, Parameter::required("from", ParameterKind::Number(0, 65_535)), COUNT],
        ResultLength::Said(2),
        |call| {
            let (data, from, count) = (call.bytes(0), call.length(1), call.length(2));
            let short = || format!("there {}, not {count} from {from}", are(data.len()));
            found(data.get(from..).and_then(|rest| rest.get(..count)).ok_or_else(short)?)
        },
        "bytes from an offset",
        "",
    ),
    ScriptFunction::new(
        "text",
        &[DATA],
        ResultLength::Varies,
        |call| Ok(Datum::Text(sscard_lexicon::text(call.bytes(0)))),
        "what GBK bytes say, without the zeros that fill an item; bytes that say nothing become U+FFFD",
        "format an",
    ),
    ScriptFunction::new(
        "tlv",
        &[Parameter::required("tag", ParameterKind::Bytes(1, 4)), DATA],
        ResultLength::Varies,
        object,
        "a BER-TLV object",
        "ISO/IEC 7816-4 §6.3",
    ),
    ScriptFunction::new(
        "u16",
        &[number(0xFFFF)],
        ResultLength::Exactly(2),
        |call| integer(call, 2),
        "a number in two bytes",
        "",
    ),
    ScriptFunction::new(
        "u32",
        &[number(0xFFFF_FFFF)],
        ResultLength::Exactly(4),
        |call| integer(call, 4),
        "a number in four bytes",
        "",
    ),
    ScriptFunction::new(
        "u8",
        &[number(0xFF)],
        ResultLength::Exactly(1),
        |call| integer(call, 1),
        "a number in one byte",
        "",
    ),
    ScriptFunction::new(
        "utf8",
        &[TEXT],
        ResultLength::Varies,
        |call| found(call.text(0).as_bytes()),
        "text in UTF-8",
        "",
    ),
    ScriptFunction::new(
        "zeros",
        &[COUNT],
        ResultLength::Said(0),
        |call| found(vec![0; call.length(0)]),
        "so many zeros",
        "",
    ),
];

pub(super) fn pad80(data: &[u8], block: usize) -> Vec<u8> {
    let mut bytes = data.to_vec();
    bytes.push(0x80);
    bytes.resize(bytes.len().next_multiple_of(block), 0);
    bytes
}

fn integer(call: &Call<'_>, length: usize) -> Result<Datum, String> {
    let bytes = call.arguments.number(0).to_be_bytes();
    let from = bytes.len().saturating_sub(length);
    found(bytes.get(from..).unwrap_or(&[]))
}

fn packed(call: &mut Call<'_>) -> Result<Datum, String> {
    let digits = call.text(0);
    let length = if call.arguments.has(1) { call.length(1) } else { digits.len().div_ceil(2) };
    let mut bytes = vec![0; length];
    bcd::encode(digits, &mut bytes).map_err(|error| error.to_string())?;
    found(bytes)
}

fn packed_right(call: &mut Call<'_>) -> Result<Datum, String> {
    let (digits, length) = (call.text(0), call.length(1));
    let width = length.saturating_mul(2);
    if digits.len() > width {
        return Err(format!(
            "{} digits do not fit into {}",
            digits.len(),
            sscard_lexicon::counted(length, "byte")
        ));
    }
    let mut bytes = vec![0; length];
    let padded = format!("{digits:0>width$}");
    bcd::encode(&padded, &mut bytes).map_err(|error| error.to_string())?;
    found(bytes)
}

/// Year, month, day, hour, minute, second out of `2026-11-24T13:05:09`.
fn date(call: &mut Call<'_>) -> Result<Datum, String> {
    let text = call.text(0);
    let wrong = || format!("'{text}' is not a date such as 2026-11-24 or 2026-11-24T13:05:09");
    let (day, time) = text.split_once(['T', ' ']).unwrap_or((text, "00:00:00"));
    let (parts, widths) = (day.split('-').chain(time.split(':')), [4, 2, 2, 2, 2, 2]);
    let parts: Vec<&str> = parts.collect();
    let fits = parts.len() == 6
        && parts.iter().zip(widths).all(|(part, width)| {
            part.len() == width && part.bytes().all(|byte| byte.is_ascii_digit())
        });
    let [year, month, day, hour, minute, second] = parts[..] else { return Err(wrong()) };
    let number = |part: &str| part.parse::<u32>().unwrap_or(u32::MAX);
    let leap = number(year).is_multiple_of(4)
        && (!number(year).is_multiple_of(100) || number(year).is_multiple_of(400));
    let days = match number(month) {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    let exists = (1..=12).contains(&number(month))
        && (1..=days).contains(&number(day))
        && number(hour) < 24
        && number(minute) < 60
        && number(second) < 60;
    if !fits || !exists {
        return Err(wrong());
    }
    let mut digits = String::new();
    let mut format = call.text(1);
    while !format.is_empty() {
        let names = [
            ("YYYY", year),
            ("YY", &year[2..]),
            ("MM", month),
            ("DD", day),
            ("hh", hour),
            ("mm", minute),
            ("ss", second),
        ];
        let known = names.iter().find_map(|(name, part)| Some((format.strip_prefix(name)?, part)));
        let Some((rest, part)) = known else {
            return Err(format!("'{format}' is not part of a date: YYYY, YY, MM, DD, hh, mm, ss"));
        };
        digits.push_str(part);
        format = rest;
    }
    let mut bytes = vec![0; digits.len() / 2];
    bcd::encode(&digits, &mut bytes).map_err(|error| error.to_string())?;
    found(bytes)
}

fn object(call: &mut Call<'_>) -> Result<Datum, String> {
    let mut bytes = Vec::new();
    Writer::new(&mut bytes).primitive(tag(call.bytes(0))?, call.bytes(1));
    found(bytes)
}

fn tag(bytes: &[u8]) -> Result<Tag, String> {
    match Tag::parse(bytes) {
        Ok((tag, [])) => Ok(tag),
        _ => Err(format!("{} is not a tag", crate::value::hex(bytes))),
    }
}

fn filled(call: &mut Call<'_>) -> Result<Datum, String> {
    let objects: Result<Vec<_>, _> = tlv::Reader::new(call.bytes(1)).collect();
    let objects = objects.map_err(|error| format!("the objects: {error}"))?;
    let mut bytes = Vec::new();
    let lookup = |tag: Tag| {
        let object = objects.iter().find(|object| object.tag == tag)?;
        Some((object.value, alignment(tag)))
    };
    dol::fill(call.bytes(0), lookup, &mut bytes).map_err(|error| format!("the list: {error}"))?;
    found(bytes)
}

/// By the format of the element.
fn alignment(tag: Tag) -> Alignment {
    element(tag).map_or(Alignment::Other, |element| element.format.alignment())
}

/// `are 2 bytes`, `is 1 byte`.
fn are(count: usize) -> String {
    format!("{} {}", sscard_lexicon::is_are(count), sscard_lexicon::counted(count, "byte"))
}
