//! Status words as the financial application means them.

use sscard_apdu::StatusWord;
use sscard_commands::ins;

use crate::{Meaning, status};

/// What a status word says after the instruction `ins`.
///
/// Source: JR/T 0025.5 annex B; .12 §7; EMV 4.3 book 3 §6.3.5 where they are silent.
#[must_use]
pub fn status_meaning(word: StatusWord, ins: u8) -> Meaning {
    let (zh, en) = match (word.value(), ins) {
        (0x6283, ins::SELECT) => ("所选应用已锁定", "selected application is blocked"),
        (0x6300, ins::EXTERNAL_AUTHENTICATE) => {
            ("发卡机构认证失败", "issuer authentication failed")
        }
        (0x6983, ins::VERIFY) => {
            ("密码尝试次数在本次交易中用尽", "PIN tries exhausted in this transaction")
        }
        (0x6984, ins::VERIFY) => {
            ("密码在前次交易中已锁定", "PIN was locked in an earlier transaction")
        }
        (0x6985, ins::GET_PROCESSING_OPTIONS) => (
            "使用条件不满足，交易不能进行",
            "no transaction: a restriction of the card, or the counter is exhausted",
        ),
        (0x6985, ins::GENERATE_AC) => {
            ("使用条件不满足", "no further cryptogram in this transaction")
        }
        (0x6985, ins::EXTERNAL_AUTHENTICATE) => {
            ("本次交易已执行发卡机构认证", "issuer authentication already done in this transaction")
        }
        (
            0x6985,
            ins::CARD_BLOCK
            | ins::APPLICATION_UNBLOCK
            | ins::APPLICATION_BLOCK
            | ins::PIN_UNBLOCK
            | ins::PUT_DATA
            | ins::UPDATE_RECORD,
        ) => ("脚本不再接受", "no further script command after a failure"),
        (0x6987, _) => ("缺少安全报文数据", "MAC is missing"),
        (0x6988, _) => ("安全报文数据错误", "wrong MAC"),
        (0x6A81, ins::SELECT) => ("卡片已锁定", "card is blocked"),
        (0x6A82, ins::SELECT) => ("应用未找到", "no such application, or no further one"),
        (0x6A88, ins::GET_DATA) => ("数据对象未找到", "no such data object, or it is not returned"),
        _ => return status::status_meaning(word, ins),
    };
    Meaning::new(zh, en)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_status_word_differs_from_the_social_security_application() {
        let of = |word, ins| status_meaning(StatusWord::new(word), ins).en;
        assert_eq!(of(0x6283, 0xA4), "selected application is blocked");
        assert_eq!(of(0x6A81, 0xA4), "card is blocked");
        assert_eq!(of(0x6984, 0x20), "PIN was locked in an earlier transaction");
        assert_eq!(of(0x6A88, 0xCA), "no such data object, or it is not returned");
        assert_eq!(of(0x63C2, 0x20), "PIN not verified, 2 tries left");
        assert_eq!(of(0x9000, 0xAE), "success");
    }
}
