//! Attributes of readers (PC/SC part 3): what programs ask for, and nothing that these readers do not have.

use crate::{LONGEST_EXCHANGE, ScardError};

const VENDOR_NAME: u32 = 0x0001_0100;
const VENDOR_IFD_TYPE: u32 = 0x0001_0101;
const VENDOR_IFD_VERSION: u32 = 0x0001_0102;
const MAX_INPUT: u32 = 0x0007_A007;
const CURRENT_PROTOCOL_TYPE: u32 = 0x0008_0201;
const ICC_PRESENCE: u32 = 0x0009_0300;
const ICC_INTERFACE_STATUS: u32 = 0x0009_0301;
const ATR_STRING: u32 = 0x0009_0303;
const DEVICE_FRIENDLY_NAME: u32 = 0x7FFF_0003;
const DEVICE_SYSTEM_NAME: u32 = 0x7FFF_0004;

/// Version 1.0, build 0.
const VERSION: u32 = 0x0100_0000;

/// A card is in, and where it belongs.
const SWALLOWED: u8 = 2;

/// The value of an attribute, names with the zero byte that ends them, numbers as this machine writes them.
pub(crate) fn value(
    number: u32,
    reader: &str,
    atr: &[u8],
    protocol: u32,
) -> Result<Vec<u8>, ScardError> {
    let is_there = !atr.is_empty();
    match number {
        VENDOR_NAME => Ok(text("sscard")),
        VENDOR_IFD_TYPE => Ok(text("virtual reader")),
        VENDOR_IFD_VERSION => Ok(VERSION.to_ne_bytes().to_vec()),
        MAX_INPUT => Ok(u32::try_from(LONGEST_EXCHANGE).unwrap_or(u32::MAX).to_ne_bytes().to_vec()),
        CURRENT_PROTOCOL_TYPE => Ok(protocol.to_ne_bytes().to_vec()),
        ICC_PRESENCE => Ok(vec![if is_there { SWALLOWED } else { 0 }]),
        ICC_INTERFACE_STATUS => Ok(vec![u8::from(is_there)]),
        ATR_STRING if is_there => Ok(atr.to_vec()),
        DEVICE_FRIENDLY_NAME | DEVICE_SYSTEM_NAME => Ok(text(reader)),
        _ => Err(ScardError::UNSUPPORTED_FEATURE),
    }
}

/// No attribute can be set.
pub(crate) fn set(_number: u32) -> Result<(), ScardError> {
    Err(ScardError::NOT_TRANSACTED)
}

fn text(text: &str) -> Vec<u8> {
    text.bytes().chain([0]).collect()
}
