//! Names of the BER-TLV tags that the social security application's answers carry.

use sscard_apdu::tlv::Tag;

use crate::Meaning;

/// Name of a tag in the FCI and the DIR file, if it is known.
///
/// Source: ISO/IEC 7816-4 tables 10 and 15; 《社会保障（个人）卡规范》 part 5, table 36.
#[must_use]
pub fn tag_name(tag: Tag) -> Option<Meaning> {
    let (zh, en) = match tag.number() {
        0x4F => ("应用标识符", "application identifier"),
        0x50 => ("应用标签", "application label"),
        0x61 => ("应用模板", "application template"),
        0x6F => ("文件控制信息模板", "file control information"),
        0x84 => ("DF 名称", "DF name"),
        0x86 => ("算法标识", "algorithm identifier"),
        0x88 => ("目录文件短标识符", "short identifier of the DIR file"),
        0x9F0C => ("发卡机构自定义数据", "issuer's own data"),
        0xA5 => ("专有模板", "proprietary template"),
        _ => return None,
    };
    Some(Meaning::new(zh, en))
}
