//! Names of what a terminal's security module (PSAM) has.

use sscard_core::catalogue::PsamClass;
use sscard_core::catalogue::{PSAM_AID, PSAM_SM4, PSAM_SSF33, psam_key_of};

/// The application or environment of this DF name; the environment for triple DES has the name of a card's.
pub(crate) fn name(df_name: &[u8]) -> Option<&'static str> {
    let names: [(&[u8], _); 3] = [
        (&PSAM_AID, "PSAM 终端安全模块"),
        (&PSAM_SSF33, "PSAM 环境 (SSF33)"),
        (&PSAM_SM4, "PSAM 环境 (SM4)"),
    ];
    names.into_iter().find(|(known, _)| *known == df_name).map(|(_, name)| name)
}

/// The key that a usage byte and an identifier name.
pub(crate) fn key(usage: u8, id: u8) -> String {
    let above = match usage >> 5 {
        1 => "its city's",
        2 => "its province's",
        3 => "the ministry's",
        _ => "no other key",
    };
    match psam_key_of(usage, id) {
        Some(entry) if entry.class == PsamClass::Purse => {
            format!("{} v{} from {above}", entry.name, entry.first)
        }
        Some(entry) => format!("{} from {above}", entry.name),
        None => format!("{id:02X} of usage {usage:02X}"),
    }
}

/// What 80FA does, by P1.
pub(crate) const fn operation(p1: u8) -> &'static str {
    match p1 {
        0x00 | 0x02 => "encipher",
        0x05 => "MAC",
        0x07 => "MAC, first part",
        0x03 => "MAC, next part",
        0x01 => "MAC, last part",
        _ => "",
    }
}
