//! FF behind the objects of a template: padding of erased memory, which is legal (ISO/IEC 7816-4 §5.2.2.1). 00 between objects
//! is passed over by every reader.

use sscard_apdu::tlv::{Reader, Tag, TlvError};

/// The objects of a template without FF behind them: the longest beginning that reads as objects, with nothing but FF after it.
pub(crate) fn without_padding(bytes: &[u8]) -> &[u8] {
    let is_sound = |bytes: &[u8]| Reader::new(bytes).all(|object| object.is_ok());
    let padding = bytes.iter().rev().take_while(|byte| **byte == 0xFF).count();
    let lengths = (bytes.len().saturating_sub(padding)..=bytes.len()).rev();
    lengths.filter_map(|length| bytes.get(..length)).find(|bytes| is_sound(bytes)).unwrap_or(bytes)
}

/// The value at the end of a path of tags, with padding in every template on the way; `None` when one is not there.
///
/// # Errors
/// What cannot be read.
pub(crate) fn find<'b>(bytes: &'b [u8], path: &[Tag]) -> Result<Option<&'b [u8]>, TlvError> {
    let mut inner = bytes;
    for tag in path {
        let mut found = None;
        for object in Reader::new(without_padding(inner)) {
            let object = object?;
            if object.tag == *tag {
                found = Some(object.value);
                break;
            }
        }
        match found {
            Some(value) => inner = value,
            None => return Ok(None),
        }
    }
    Ok(Some(inner))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ff_behind_objects_is_no_object_and_ff_in_a_value_is_one() {
        let cases: [(&[u8], usize); 5] = [
            (&[0x5A, 0x01, 0x12, 0xFF, 0xFF], 3),
            (&[0x5A, 0x01, 0xFF, 0xFF, 0xFF], 3),
            (&[0x5A, 0x03, 0xFF, 0xFF, 0xFF], 5),
            (&[0xFF, 0xFF], 0),
            // Not padding: nothing but FF must follow.
            (&[0x5A, 0x01, 0x12, 0xFF, 0x01], 5),
        ];
        for (bytes, length) in cases {
            assert_eq!(without_padding(bytes).len(), length, "{bytes:02X?}");
        }
    }

    #[test]
    fn a_path_goes_through_padded_templates() {
        let fci = [0x6F, 0x09, 0xA5, 0x05, 0x88, 0x01, 0x1E, 0xFF, 0xFF, 0xFF, 0xFF];
        let path = [0x6F, 0xA5, 0x88].map(Tag::from_number);
        assert_eq!(find(&fci, &path), Ok(Some(&[0x1E][..])));
        let path = [0x6F, 0xA5, 0x86].map(Tag::from_number);
        assert_eq!(find(&fci, &path), Ok(None));
        assert!(find(&[0x6F, 0x02, 0xA5, 0x05], &path).is_err());
    }
}
