//! Status words as the social security application means them.

use sscard_apdu::{StatusClass, StatusWord};
use sscard_commands::ins;

use crate::{Meaning, counted};

/// What a status word says after the instruction `ins`.
///
/// Source: 《社会保障（个人）卡规范》 part 5, table 5; ISO/IEC 7816-4 where it is silent.
#[must_use]
pub fn status_meaning(status: StatusWord, ins: u8) -> Meaning {
    if let Some(tries) = status.tries_left() {
        return tries_left(tries, ins);
    }
    if let Some(count) = status.bytes_available() {
        let zh = format!("还有 {count} 字节数据可取");
        return Meaning::new(zh, format!("{} for GET RESPONSE", waiting(count)));
    }
    if let Some(ne) = status.exact_ne() {
        let zh = format!("Le 错误，应为 {ne}");
        return Meaning::new(zh, format!("wrong Le: repeat with Le={:02X}", ne & 0xFF));
    }
    let specific = match (status.value(), ins) {
        (0x9000, _) => Some(("成功", "success")),
        (0x6283, _) => Some(("所选应用未启用", "selected application is deactivated")),
        (0x6581, _) => Some(("写存储器失败", "memory failure")),
        (0x6700, _) => Some(("长度错误", "wrong length")),
        (0x6881, _) => Some(("不支持该逻辑通道", "logical channel is not open")),
        (0x6882, _) => Some(("不支持安全报文", "secure messaging is not supported here")),
        (0x6884, _) => Some(("不支持命令链", "command chaining is not supported here")),
        (0x6901, _) => Some(("当前状态不接受该命令", "command not accepted in this state")),
        (0x6981, _) => Some(("命令与文件结构不相容", "command does not fit the file's structure")),
        (0x6982, _) => Some(("不满足安全状态", "access rule not met")),
        (0x6983, ins::EXTERNAL_AUTHENTICATE) => Some(("密钥已锁定", "key is locked")),
        (0x6983, _) => Some(("密码已锁定", "PIN is locked")),
        (0x6984, _) => Some(("引用数据或随机数无效", "no valid challenge")),
        (0x6985, _) => Some(("使用条件不满足", "conditions of use not satisfied")),
        (0x6986, _) => Some(("没有选择文件", "no current file")),
        (0x6988, _) => Some(("安全报文数据错误", "wrong MAC")),
        (0x6A80, _) => Some(("数据域参数错误", "incorrect data")),
        (0x6A81, _) => Some(("功能不支持或卡已锁", "not supported, or the card is blocked")),
        (0x6A82, _) => Some(("文件未找到", "file not found")),
        (0x6A83, _) => Some(("记录未找到", "record not found")),
        (0x6A84, _) => Some(("文件空间不足", "not enough room in the file")),
        (0x6A85, _) => Some(("Lc 与 TLV 结构不符", "length does not match the record")),
        (0x6A86, _) => Some(("P1 P2 错误", "incorrect P1 P2")),
        (
            0x6A88,
            ins::VERIFY..=ins::DEBIT
            | ins::EXTERNAL_AUTHENTICATE
            | ins::GET_CHALLENGE
            | ins::INTERNAL_AUTHENTICATE,
        ) => Some(("引用数据未找到", "key or PIN not found")),
        (0x6A88, _) => Some(("引用数据未找到", "referenced data not found")),
        (0x6B00, _) => Some(("偏移地址错误", "offset past the end of the file")),
        (0x6D00, _) => Some(("命令不存在", "unknown instruction")),
        (0x6E00, _) => Some(("CLA 错误", "class not supported")),
        (0x6F00, _) => Some(("数据无效", "no precise diagnosis")),
        (0x9302, _) => Some(("MAC 无效", "MAC invalid")),
        (0x9303, _) => Some(("应用已永久锁定", "application permanently blocked")),
        (0x9401, _) => Some(("金额不足", "insufficient balance")),
        (0x9402, _) => Some(("交易计数器达到最大值", "transaction counter exhausted")),
        (0x9403, _) => Some(("密钥索引不支持", "key index not supported")),
        (0x9406, _) => Some(("所需 MAC 不可用", "required MAC not available")),
        _ => None,
    };
    match specific {
        Some((zh, en)) => Meaning::new(zh, en),
        None => Meaning::new(class_zh(status.class()), status.meaning()),
    }
}

fn waiting(count: usize) -> String {
    let verb = if count == 1 { "waits" } else { "wait" };
    format!("{} {verb}", counted(count, "byte"))
}

fn tries_left(tries: u8, ins: u8) -> Meaning {
    match (ins, tries) {
        (ins::EXTERNAL_AUTHENTICATE, 0) => {
            Meaning::new("外部认证失败，密钥已锁定", "authentication failed, key is locked")
        }
        (ins::EXTERNAL_AUTHENTICATE, 15) => Meaning::new("外部认证失败", "authentication failed"),
        (ins::EXTERNAL_AUTHENTICATE, n) => Meaning::new(
            format!("外部认证失败，剩余 {n} 次"),
            format!("authentication failed, {} left", counted(n.into(), "try")),
        ),
        (_, 0) => Meaning::new("密码错误，已锁定", "wrong PIN, it is locked"),
        (_, n) => Meaning::new(
            format!("密码未通过，剩余 {n} 次"),
            format!("PIN not verified, {} left", counted(n.into(), "try")),
        ),
    }
}

const fn class_zh(class: StatusClass) -> &'static str {
    match class {
        StatusClass::Success => "成功",
        StatusClass::MoreData => "还有数据可取",
        StatusClass::Warning => "警告",
        StatusClass::WrongLength => "长度错误",
        StatusClass::ExecutionError => "执行错误",
        StatusClass::CheckingError => "检查错误",
        StatusClass::Proprietary => "专有状态字",
        StatusClass::Invalid => "无效状态字",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_status_word_says_what_it_means_for_the_command() {
        let of = |status, ins| status_meaning(StatusWord::new(status), ins).en;
        assert_eq!(of(0x63C5, 0x20), "PIN not verified, 5 tries left");
        assert_eq!(of(0x63C2, 0x82), "authentication failed, 2 tries left");
        assert_eq!(of(0x63C1, 0x20), "PIN not verified, 1 try left");
        assert_eq!(of(0x63C1, 0x82), "authentication failed, 1 try left");
        assert_eq!(of(0x6101, 0xA4), "1 byte waits for GET RESPONSE");
        assert_eq!(of(0x6983, 0x20), "PIN is locked");
        assert_eq!(of(0x6983, 0x82), "key is locked");
        assert_eq!(of(0x611E, 0xA4), "30 bytes wait for GET RESPONSE");
        assert_eq!(of(0x6C00, 0xB2), "wrong Le: repeat with Le=00");
    }

    #[test]
    fn meaning_has_both_languages() {
        let meaning = status_meaning(StatusWord::new(0x9303), 0xA4);
        assert_eq!(meaning.to_string(), "application permanently blocked (应用已永久锁定)");
    }
}
