//! Codes and dates in records of the social security application, in words.

use sscard_apdu::bcd;
use sscard_core::catalogue::Item;

use crate::item::{is_date, is_day};

/// Sexes by their digit (GB/T 2261.1).
const SEXES: [(char, &str); 4] = [
    ('0', "未知 (unknown)"),
    ('1', "男 (male)"),
    ('2', "女 (female)"),
    ('9', "未说明 (not stated)"),
];

/// Ethnic groups by their number, from 01 (GB/T 3304): Chinese name and Roman letters.
const ETHNIC_GROUPS: [(&str, &str); 56] = [
    ("汉", "Han"),
    ("蒙古", "Mongol"),
    ("回", "Hui"),
    ("藏", "Zang"),
    ("维吾尔", "Uygur"),
    ("苗", "Miao"),
    ("彝", "Yi"),
    ("壮", "Zhuang"),
    ("布依", "Buyei"),
    ("朝鲜", "Chosen"),
    ("满", "Man"),
    ("侗", "Dong"),
    ("瑶", "Yao"),
    ("白", "Bai"),
    ("土家", "Tujia"),
    ("哈尼", "Hani"),
    ("哈萨克", "Kazak"),
    ("傣", "Dai"),
    ("黎", "Li"),
    ("傈僳", "Lisu"),
    ("佤", "Va"),
    ("畲", "She"),
    ("高山", "Gaoshan"),
    ("拉祜", "Lahu"),
    ("水", "Sui"),
    ("东乡", "Dongxiang"),
    ("纳西", "Naxi"),
    ("景颇", "Jingpo"),
    ("柯尔克孜", "Kirgiz"),
    ("土", "Tu"),
    ("达斡尔", "Daur"),
    ("仫佬", "Mulao"),
    ("羌", "Qiang"),
    ("布朗", "Blang"),
    ("撒拉", "Salar"),
    ("毛南", "Maonan"),
    ("仡佬", "Gelao"),
    ("锡伯", "Xibe"),
    ("阿昌", "Achang"),
    ("普米", "Pumi"),
    ("塔吉克", "Tajik"),
    ("怒", "Nu"),
    ("乌孜别克", "Uzbek"),
    ("俄罗斯", "Russ"),
    ("鄂温克", "Ewenki"),
    ("德昂", "Deang"),
    ("保安", "Bonan"),
    ("裕固", "Yugur"),
    ("京", "Gin"),
    ("塔塔尔", "Tatar"),
    ("独龙", "Derung"),
    ("鄂伦春", "Oroqen"),
    ("赫哲", "Hezhen"),
    ("门巴", "Monba"),
    ("珞巴", "Lhoba"),
    ("基诺", "Jino"),
];

/// What a code or a date stands for; `None` when the item is none, or its value is not one of them.
pub(crate) fn words(item: &Item, value: &[u8]) -> Option<String> {
    match (item.name_zh, value) {
        ("性别", [digit]) => {
            let (digit, word) = SEXES.iter().find(|(known, _)| *known == char::from(*digit))?;
            Some(format!("{digit} {word}"))
        }
        ("民族", [_]) => {
            let number: usize = bcd::digits(value).ok()?.to_string().parse().ok()?;
            let (zh, letters) = ETHNIC_GROUPS.get(number.checked_sub(1)?)?;
            Some(format!("{zh} ({letters})"))
        }
        (_, &[a, b, c, d]) if is_date(item) && is_day([a, b, c, d]) => {
            let digits = bcd::digits(value).ok()?.to_string();
            let parts = (digits.get(..4)?, digits.get(4..6)?, digits.get(6..8)?);
            Some(format!("{}-{}-{}", parts.0, parts.1, parts.2))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sscard_core::catalogue;

    fn of(path: &str, tag: u8, value: &[u8]) -> Option<String> {
        words(catalogue::file(path).unwrap().item(tag).unwrap(), value)
    }

    #[test]
    fn codes_and_dates_have_words() {
        assert_eq!(of("SSSE/EF06", 0x0A, b"1").as_deref(), Some("1 男 (male)"));
        assert_eq!(of("SSSE/EF06", 0x0A, b"2").as_deref(), Some("2 女 (female)"));
        assert_eq!(of("SSSE/EF06", 0x0A, b"3"), None);
        assert_eq!(of("SSSE/EF06", 0x0B, &[0x01]).as_deref(), Some("汉 (Han)"));
        assert_eq!(of("SSSE/EF06", 0x0B, &[0x56]).as_deref(), Some("基诺 (Jino)"));
        assert_eq!(of("SSSE/EF06", 0x0B, &[0x57]), None);
        assert_eq!(of("SSSE/EF06", 0x0B, &[0x00]), None);
        assert_eq!(of("SSSE/EF06", 0x0D, &[0x19, 0x81, 0x01, 0x01]).as_deref(), Some("1981-01-01"));
        assert_eq!(of("SSSE/EF06", 0x0D, &[0x19, 0x81, 0x13, 0x01]), None);
        assert_eq!(of("SSSE/EF06", 0x0D, &[0xFF; 4]), None);
        assert_eq!(of("SSSE/EF05", 0x06, &[0x20, 0x34, 0x01, 0x01]).as_deref(), Some("2034-01-01"));
        assert_eq!(of("SSSE/EF06", 0x09, b"\xD5\xC5"), None);
    }
}
