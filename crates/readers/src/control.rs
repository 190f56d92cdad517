//! Control codes (PC/SC part 10): which features a reader has, and its properties.

use crate::ScardError;

/// CM_IOCTL_GET_FEATURE_REQUEST of pcsc-lite.
const FEATURE_REQUEST: u32 = 0x4200_0D48;

/// What the one feature is asked by: the number that the free CCID driver uses.
const TLV_PROPERTIES: u32 = 0x4233_0012;

/// FEATURE_GET_TLV_PROPERTIES.
const FEATURE_TLV_PROPERTIES: u8 = 0x12;

/// bPPDUSupport: features are asked for by control codes alone.
const PPDU_SUPPORT: [u8; 3] = [9, 1, 0];

/// dwMaxAPDUDataSize, the lowest byte first: what fits an extended length.
const LARGEST_DATA: [u8; 6] = [10, 4, 0, 0, 1, 0];

/// What the reader answers to a control code.
pub(crate) fn answer(code: u32, _input: &[u8]) -> Result<Vec<u8>, ScardError> {
    match code {
        FEATURE_REQUEST => {
            let [a, b, c, d] = TLV_PROPERTIES.to_be_bytes();
            Ok(vec![FEATURE_TLV_PROPERTIES, 4, a, b, c, d])
        }
        TLV_PROPERTIES => Ok([&PPDU_SUPPORT[..], &LARGEST_DATA[..]].concat()),
        _ => Err(ScardError::UNSUPPORTED_FEATURE),
    }
}
