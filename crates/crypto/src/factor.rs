//! Diversification factors (分散因子): what tells the key of one province, city or card from the
//! key above it.
//!
//! The administrative division of a card identification code or the historical bytes of an answer
//! to reset enter, 8 bytes for [`Suite::diversify`](crate::Suite::diversify) leave.

/// The factor of a province: 2 digits, `0000`, `sh`.
///
/// `division` is the administrative division code (行政区划代码) in 6 ASCII digits; the digits are
/// taken as they are.
///
/// # Reference
/// 《社会保障（个人）卡规范》 part 9 §7.3, level 1
pub fn province(division: &[u8; 6]) -> [u8; 8] {
    let [a, b, ..] = *division;
    [a, b, b'0', b'0', b'0', b'0', b's', b'h']
}

/// The factor of a city: 6 digits, `sx`.
///
/// Province 33, Zhejiang, has one factor for all districts of a city: 4 digits, `00`, `sx`.
/// `division` is the administrative division code (行政区划代码) in 6 ASCII digits.
///
/// # Reference
/// 《社会保障（个人）卡规范》 part 9 §7.3, level 2
pub fn city(division: &[u8; 6]) -> [u8; 8] {
    match *division {
        [b'3', b'3', c, d, ..] => [b'3', b'3', c, d, b'0', b'0', b's', b'x'],
        [a, b, c, d, e, f] => [a, b, c, d, e, f, b's', b'x'],
    }
}

/// The factor of a card: the last 8 of the historical bytes (历史字节), T6 to T13 of the 13.
///
/// `None` when there are fewer than 8.
///
/// # Reference
/// 《社会保障（个人）卡规范》 part 9 §7.3, level 3
pub fn card(historical: &[u8]) -> Option<[u8; 8]> {
    historical.last_chunk().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn part_9_7_3_province() {
        assert_eq!(&province(b"650100"), b"650000sh");
        assert_eq!(province(b"650100"), [0x36, 0x35, 0x30, 0x30, 0x30, 0x30, 0x73, 0x68]);
        assert_eq!(&province(b"330523"), b"330000sh");
    }

    #[test]
    fn part_9_7_3_city() {
        assert_eq!(&city(b"650100"), b"650100sx");
        assert_eq!(&city(b"411623"), b"411623sx");
    }

    #[test]
    fn part_9_7_3_city_of_zhejiang() {
        assert_eq!(&city(b"330523"), b"330500sx");
        assert_eq!(&city(b"330500"), b"330500sx");
        assert_eq!(&city(b"133523"), b"133523sx");
        assert_eq!(&city(b"320523"), b"320523sx");
    }

    #[test]
    fn part_9_7_3_card() {
        let historical = [0x00, 0x81, 0x54, 0x4C, 0x92, 0x86, 0x84, 0x42, 0x01, 0, 0, 0x01, 0x35];
        assert_eq!(card(&historical), Some([0x86, 0x84, 0x42, 0x01, 0, 0, 0x01, 0x35]));
        assert_eq!(card(&historical[5..]), card(&historical));
        assert_eq!(card(&historical[6..]), None);
        assert_eq!(card(&[]), None);
    }
}
