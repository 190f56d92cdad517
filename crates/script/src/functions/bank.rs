//! The bank card's keys, cryptograms, scripts and PIN blocks.

use sscard_crypto::financial::{
    Cipher, CryptogramScheme, DerivationOption, Fold, PersonalisationKey, SessionKeyScheme,
    arpc_method_1, arpc_method_2, card_key, discretionary_mac, encipher_script,
    encipher_script_emv, encipher_script_mastercard, format_2_block, mac, personalisation_key,
    pin_change_block, script_mac, with_odd_parity,
};
use sscard_profile::bank_master_key;

use super::{Call, ResultLength, ScriptFunction, found};
use crate::value::{BYTES, Datum, Parameter, ParameterKind};

const CIPHER: Parameter =
    Parameter::required("cipher", ParameterKind::Name(&["3des", "sm4", "aes"]));
const KEY: Parameter = Parameter::required("key", ParameterKind::Bytes(16, 16));
const DATA: Parameter = Parameter::required("data", BYTES);
const ATC: Parameter = Parameter::required("atc", ParameterKind::Bytes(2, 2));
const CRYPTOGRAM: Parameter = Parameter::required("ac", ParameterKind::Bytes(8, 8));
const FOLD: Parameter = Parameter::default("fold", ParameterKind::Name(&["left", "xor"]), "left");
const SCHEMES: ParameterKind = ParameterKind::Name(&["pboc", "csk", "mchip", "visa", "emv2000"]);
const SCHEME: Parameter = Parameter::required("scheme", SCHEMES);
const PIN: Parameter = Parameter::required("pin", ParameterKind::Digits(4, 12));

pub(super) const FUNCTIONS: &[ScriptFunction] = &[
    ScriptFunction::new(
        "ac",
        &[CIPHER, KEY, DATA, FOLD],
        ResultLength::Exactly(8),
        cryptogram,
        "application cryptogram (TC, ARQC, AAC) under a session key",
        "JR/T 0025.5 annex D, .17 §8.1; V1, V11",
    ),
    ScriptFunction::new(
        "ac_cvn10",
        &[KEY, DATA],
        ResultLength::Exactly(8),
        |call| {
            let scheme = CryptogramScheme::VisaCvn10;
            found(scheme.cryptogram(Cipher::TripleDes, &call.key(0)?, call.bytes(1), Fold::Left))
        },
        "application cryptogram of Visa CVN 10: the card key itself, padding with zeros",
        "V5",
    ),
    ScriptFunction::new(
        "arpc",
        &[CIPHER, KEY, CRYPTOGRAM, Parameter::required("arc", ParameterKind::Bytes(2, 2))],
        ResultLength::Exactly(8),
        |call| found(arpc_method_1(cipher(call), &call.key(1)?, &call.array(2)?, call.array(3)?)),
        "the issuer's answer, method 1",
        "JR/T 0025.5 annex D.3, .17 §8.3; V1, V11",
    ),
    ScriptFunction::new(
        "arpc2",
        &[
            CIPHER,
            KEY,
            CRYPTOGRAM,
            Parameter::required("csu", ParameterKind::Bytes(4, 4)),
            Parameter::default("own", ParameterKind::Bytes(0, 8), ""),
        ],
        ResultLength::Exactly(4),
        |call| {
            let (key, ac, csu) = (call.key(1)?, call.array(2)?, call.array(3)?);
            found(arpc_method_2(cipher(call), &key, &ac, csu, call.bytes(4)))
        },
        "the issuer's answer, method 2",
        "EMV Book 2 §8.2.2, V5",
    ),
    ScriptFunction::new(
        "arqc",
        &[CIPHER, KEY, DATA, FOLD],
        ResultLength::Exactly(8),
        cryptogram,
        "the same as ac",
        "JR/T 0025.5 annex D, .17 §8.1; V1, V11",
    ),
    ScriptFunction::new(
        "bank_key",
        &[Parameter::required("usage", ParameterKind::Name(&["AC", "MAC", "ENC"]))],
        ResultLength::Exactly(16),
        |call| found(*bank_master_key(call.text(0)).expose()),
        "TEST master key of the test bank",
        "docs/decisions.md",
    ),
    ScriptFunction::new(
        "iad_mac",
        &[CIPHER, KEY, ATC, Parameter::required("amounts", ParameterKind::Bytes(5, 10)), FOLD],
        ResultLength::Exactly(4),
        discretionary,
        "MAC of the issuer discretionary data in 9F10: one or two amounts of five bytes",
        "JR/T 0025.13 §7.6; V1, V2",
    ),
    ScriptFunction::new(
        "kcv",
        &[CIPHER, KEY],
        ResultLength::Exactly(3),
        |call| {
            let block: &[u8] = if cipher(call) == Cipher::Aes { &[1; 16] } else { &[0; 16] };
            let name = match cipher(call) {
                Cipher::TripleDes => "tdes_ecb",
                Cipher::Sm4 => "sm4_ecb",
                Cipher::Aes => "aes_ecb",
            };
            let arguments =
                [call.bytes(1), block].map(|bytes| crate::value::Argument::Bytes(bytes.to_vec()));
            let arguments = crate::value::Arguments(arguments.into_iter().map(Some).collect());
            let function = super::function(name).ok_or_else(|| format!("no {name}"))?;
            let enciphered = function.call(&arguments, call.context)?;
            found(enciphered.bytes()?.get(..3).unwrap_or(&[]))
        },
        "key check value: zeros enciphered, 01… under AES; three bytes",
        "V6, V7",
    ),
    ScriptFunction::new(
        "odd_parity",
        &[KEY],
        ResultLength::Exactly(16),
        |call| found(*with_odd_parity(&call.key(0)?).expose()),
        "a DES key with odd parity",
        "JR/T 0025.7 §11.1.4",
    ),
    ScriptFunction::new(
        "personal_key",
        &[
            CIPHER,
            Parameter::required("kmc", ParameterKind::Bytes(16, 16)),
            Parameter::required("keydata", ParameterKind::Bytes(6, 6)),
            Parameter::required("which", ParameterKind::Name(&["ENC", "MAC", "DEK"])),
        ],
        ResultLength::Exactly(16),
        |call| {
            let which = match call.text(3) {
                "ENC" => PersonalisationKey::Encipherment,
                "MAC" => PersonalisationKey::Mac,
                _ => PersonalisationKey::Data,
            };
            found(*personalisation_key(cipher(call), &call.key(1)?, call.array(2)?, which).expose())
        },
        "a card's personalisation key out of KMC and the last six bytes of KEYDATA",
        "JR/T 0025.17 §10.6, V11",
    ),
    ScriptFunction::new(
        "pin_block",
        &[PIN],
        ResultLength::Exactly(8),
        |call| {
            let block = format_2_block(call.text(0)).ok_or_else(|| "no PIN".to_owned())?;
            found(*block)
        },
        "PIN block of format 2, as VERIFY takes it",
        "ISO 9564-1, V6",
    ),
    ScriptFunction::new(
        "pin_change_block",
        &[KEY, PIN, Parameter::optional("old", ParameterKind::Digits(4, 12))],
        ResultLength::Exactly(8),
        |call| {
            let old = call.arguments.has(2).then(|| call.text(2));
            let block = pin_change_block(&call.key(0)?, call.text(1), old);
            found(*block.ok_or_else(|| "no PIN".to_owned())?)
        },
        "the block of a PIN change, before encipherment; the key is the card's for encipherment, odd \
            under 3DES",
        "JR/T 0025.5 annex B.10; V11, V12",
    ),
    ScriptFunction::new(
        "script_encipher",
        &[CIPHER, KEY, DATA],
        ResultLength::Varies,
        |call| {
            let enciphered = encipher_script(cipher(call), &call.key(1)?, call.bytes(2));
            found(enciphered.ok_or_else(|| "longer than 255 bytes".to_owned())?)
        },
        "script data enciphered, its length in front",
        "JR/T 0025.5 annex C.3; V11, V12",
    ),
    ScriptFunction::new(
        "script_encipher_emv",
        &[KEY, DATA],
        ResultLength::Varies,
        |call| found(encipher_script_emv(&call.key(0)?, call.bytes(1))),
        "script data in CBC, padding 80 00… always",
        "EMV Book 2 annex A1.1, V6",
    ),
    ScriptFunction::new(
        "script_encipher_mchip",
        &[KEY, DATA],
        ResultLength::Varies,
        |call| found(encipher_script_mastercard(&call.key(0)?, call.bytes(1))),
        "script data in CBC, padding only where blocks are not whole",
        "V6",
    ),
    ScriptFunction::new(
        "script_mac",
        &[
            CIPHER,
            KEY,
            Parameter::required("header", ParameterKind::Bytes(5, 5)),
            ATC,
            CRYPTOGRAM,
            Parameter::default("data", BYTES, ""),
            FOLD,
        ],
        ResultLength::Exactly(4),
        |call| {
            let (key, header, atc, ac) =
                (call.key(1)?, call.array(2)?, call.array(3)?, call.array(4)?);
            found(script_mac(cipher(call), &key, header, atc, &ac, call.bytes(5), fold(call, 6)))
        },
        "MAC of a script command: header (Lc counts the MAC), counter, first cryptogram, data",
        "JR/T 0025.5 annex C.2; V11, V12",
    ),
    ScriptFunction::new(
        "script_session_key",
        &[SCHEME, CIPHER, KEY, ATC, CRYPTOGRAM],
        ResultLength::Exactly(16),
        |call| {
            let (key, atc, ac) = (call.key(2)?, call.array(3)?, call.array(4)?);
            found(
                *scheme(call.text(0))
                    .for_script(cipher_named(call.text(1)), &key, atc, ac)
                    .expose(),
            )
        },
        "session key of script MACs and encipherment",
        "JR/T 0025.7 §11.1.3, V1; EMV Book 2 annex A1.3, V6",
    ),
    ScriptFunction::new(
        "session_key",
        &[
            SCHEME,
            CIPHER,
            KEY,
            ATC,
            Parameter::default("un", ParameterKind::Bytes(4, 4), "00000000"),
        ],
        ResultLength::Exactly(16),
        |call| {
            let (key, atc, un) = (call.key(2)?, call.array(3)?, call.array(4)?);
            found(
                *scheme(call.text(0))
                    .for_cryptogram(cipher_named(call.text(1)), &key, atc, un)
                    .expose(),
            )
        },
        "session key of cryptograms; un is M/Chip's unpredictable number, visa \
             xors the counter in",
        "JR/T 0025.7 §11.1.3, V1; EMV Book 2 annex A1.3, V5, V6",
    ),
    ScriptFunction::new(
        "udk",
        &[
            CIPHER,
            Parameter::required("imk", ParameterKind::Bytes(16, 16)),
            Parameter::required("pan", ParameterKind::Digits(1, 19)),
            Parameter::default("psn", ParameterKind::Digits(2, 2), "00"),
            Parameter::default("option", ParameterKind::Name(&["A", "B"]), "A"),
        ],
        ResultLength::Exactly(16),
        |call| {
            let option =
                if call.text(4) == "B" { DerivationOption::B } else { DerivationOption::A };
            let key = card_key(cipher(call), option, &call.key(1)?, call.text(2), call.text(3));
            found(*key.map_err(|error| error.to_string())?.expose())
        },
        "a card's key out of the issuer's master key",
        "JR/T 0025.7 §11.1.1, .17 §6; V1, V6, V11",
    ),
];

fn cipher_named(name: &str) -> Cipher {
    match name {
        "sm4" => Cipher::Sm4,
        "aes" => Cipher::Aes,
        _ => Cipher::TripleDes,
    }
}

fn cipher(call: &Call<'_>) -> Cipher {
    cipher_named(call.text(0))
}

fn fold(call: &Call<'_>, at: usize) -> Fold {
    if call.text(at) == "xor" { Fold::Xor } else { Fold::Left }
}

fn scheme(name: &str) -> SessionKeyScheme {
    match name {
        "csk" => SessionKeyScheme::EmvCommon,
        "mchip" => SessionKeyScheme::MChip,
        "visa" => SessionKeyScheme::VisaXor,
        "emv2000" => SessionKeyScheme::Emv2000,
        _ => SessionKeyScheme::Pboc,
    }
}

fn cryptogram(call: &mut Call<'_>) -> Result<Datum, String> {
    found(mac(cipher(call), &call.key(1)?, &[call.bytes(2)], fold(call, 3)))
}

fn discretionary(call: &mut Call<'_>) -> Result<Datum, String> {
    let (amounts, rest) = call.bytes(3).as_chunks::<5>();
    if !rest.is_empty() {
        return Err("amounts are 5 or 10 bytes".to_owned());
    }
    found(discretionary_mac(cipher(call), &call.key(1)?, call.array(2)?, amounts, fold(call, 4)))
}
