//! Text for the card: GBK, and nothing that GBK cannot say.

use encoding_rs::GBK;

/// A character that GBK lacks, at this position (counted in characters from 1).
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("character {position}, '{character}' (U+{:04X}), is not in GBK and cannot stand on a card", u32::from(*.character))]
pub struct NotInGbk {
    /// The character.
    pub character: char,
    /// Its position, the first is 1.
    pub position: usize,
}

/// Encodes text.
///
/// # Errors
/// The first character outside GBK.
pub fn encode(text: &str) -> Result<Vec<u8>, NotInGbk> {
    let mut bytes = Vec::with_capacity(text.len());
    for (position, character) in (1..).zip(text.chars()) {
        bytes.extend(encode_character(character).ok_or(NotInGbk { character, position })?);
    }
    Ok(bytes)
}

/// The bytes of one character, if GBK has it.
fn encode_character(character: char) -> Option<Vec<u8>> {
    let mut buffer = [0; 4];
    let (bytes, _, unmappable) = GBK.encode(character.encode_utf8(&mut buffer));
    (!unmappable).then(|| bytes.into_owned())
}

/// Encodes a name and splits it between two characters: what does not fit into `first` bytes is
/// the extension.
///
/// # Errors
/// The first character outside GBK.
pub fn encode_split(text: &str, first: usize) -> Result<(Vec<u8>, Vec<u8>), NotInGbk> {
    let (mut head, mut tail) = (Vec::new(), Vec::new());
    for (position, character) in (1..).zip(text.chars()) {
        let bytes = encode_character(character).ok_or(NotInGbk { character, position })?;
        if tail.is_empty() && head.len().saturating_add(bytes.len()) <= first {
            head.extend(bytes);
        } else {
            tail.extend(bytes);
        }
    }
    Ok((head, tail))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(bytes: &[u8]) -> String {
        GBK.decode_without_bom_handling(bytes).0.into_owned()
    }

    #[test]
    fn chinese_text_goes_to_gbk_and_back() {
        assert_eq!(encode("社会保障").unwrap(), b"\xC9\xE7\xBB\xE1\xB1\xA3\xD5\xCF");
        assert_eq!(decode(b"\xC9\xE7\xBB\xE1\xB1\xA3\xD5\xCF"), "社会保障");
    }

    #[test]
    fn rare_character_of_gbk_is_kept() {
        assert_eq!(encode("䶮").unwrap(), b"\xFE\x9F");
    }

    #[test]
    fn a_character_outside_gbk_is_refused_by_name() {
        let refused = encode("王𠮷").unwrap_err();
        assert_eq!(refused, NotInGbk { character: '𠮷', position: 2 });
        assert_eq!(
            refused.to_string(),
            "character 2, '𠮷' (U+20BB7), is not in GBK and cannot stand on a card"
        );
    }

    #[test]
    fn a_long_name_is_split_between_characters() {
        let (head, tail) = encode_split("一二三A四", 7).unwrap();
        assert_eq!((decode(&head), decode(&tail)), ("一二三A".into(), "四".into()));
        let (head, tail) = encode_split("一二三四五", 7).unwrap();
        assert_eq!((decode(&head), decode(&tail)), ("一二三".into(), "四五".into()));
    }
}
