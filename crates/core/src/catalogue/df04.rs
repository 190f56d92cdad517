//! Files and items of DF04: social insurance 2, medical (社会保险信息区2).
//!
//! 人社信息函〔2012〕37号, tables 3–9.

use super::{FileEntry, Item};
use crate::access::{AccessRule, KeyId};
use crate::profile::Structure;

/// In the order of the table.
pub(super) const FILES: &[FileEntry] = &[
    FileEntry {
        application: "DF04",
        fid: 0xEF05,
        structure: Structure::LinearVariable { capacity: 182 },
        name_zh: "医疗保险基本信息",
        name_en: "medical insurance",
        read: AccessRule::PinOrKey(KeyId(0x84)),
        update: AccessRule::Key(KeyId(0x85)),
        items: &[
            Item::an(0x81, 0x08, "医疗保险险种类型及标识", "scheme and flags"),
            Item::cn(0x84, 0x03, "医疗保险参保地所属行政区划代码", "insured division"),
            Item::an(0x87, 0x11, "健康档案编号", "health record number"),
            Item::cn(0x8C, 0x01, "医疗保险参保人员类别", "category of insured"),
            Item::cn(0x80, 0x04, "基本医疗保险个人账户建立日期", "opening of the personal account"),
            Item::an(0x8B, 0x1D, "基本医疗保险个人账号", "personal account number"),
            Item::an(0x8A, 0x0F, "医疗证号", "medical certificate number"),
            Item::an(0x83, 0x09, "定点医疗机构代码1", "designated hospital 1"),
            Item::an(0x86, 0x09, "定点医疗机构代码2", "designated hospital 2"),
            Item::an(0x89, 0x09, "定点医疗机构代码3", "designated hospital 3"),
            Item::an(0x7D, 0x09, "工伤协议医疗机构代码1", "work injury hospital 1"),
            Item::an(0x7E, 0x09, "工伤协议医疗机构代码2", "work injury hospital 2"),
            Item::an(0x7F, 0x09, "工伤协议医疗机构代码3", "work injury hospital 3"),
            Item::an(0x8D, 0x09, "生育定点医疗机构代码1", "maternity hospital 1"),
            Item::an(0x8E, 0x09, "生育定点医疗机构代码2", "maternity hospital 2"),
            Item::an(0x8F, 0x01, "医疗保险用卡方式", "mode of card use"),
        ],
    },
    FileEntry {
        application: "DF04",
        fid: 0xEF06,
        structure: Structure::LinearVariable { capacity: 13 },
        name_zh: "医疗保险临时脱网结算信息",
        name_en: "off-line settlement",
        read: AccessRule::PinAndKey(KeyId(0x84)),
        update: AccessRule::Key(KeyId(0x86)),
        items: &[
            Item::an(0x90, 0x01, "准许脱网医保结算标识", "off-line settlement allowed"),
            Item::cn(0x92, 0x04, "脱网医保结算累计金额", "off-line settled amount"),
            Item::an(0x93, 0x02, "脱网医保结算累计次数", "off-line settlements"),
        ],
    },
    FileEntry {
        application: "DF04",
        fid: 0xEF08,
        structure: Structure::Cyclic { records: 30, length: 0x1C },
        name_zh: "医疗交易明细",
        name_en: "medical transactions",
        read: AccessRule::Pin,
        update: AccessRule::Never,
        items: &[
            Item::binary(0x00, 0x02, "交易序号", "sequence number"),
            Item::an(0x00, 0x01, "交易类型", "transaction type"),
            Item::cn(0x00, 0x06, "终端机编号", "terminal number"),
            Item::cn(0x00, 0x07, "交易时间", "time"),
            Item::binary(0x00, 0x04, "个人账户交易金额", "paid from the personal account"),
            Item::binary(0x00, 0x04, "个人自付金额", "paid by the holder"),
            Item::binary(0x00, 0x04, "统筹基金支付金额", "paid by the pooled fund"),
        ],
    },
    FileEntry {
        application: "DF04",
        fid: 0xEF15,
        structure: Structure::Cyclic { records: 8, length: 0x03 },
        name_zh: "特殊医疗结算记录",
        name_en: "special settlements",
        read: AccessRule::PinOrKey(KeyId(0x84)),
        update: AccessRule::Key(KeyId(0x86)),
        items: &[
            Item::binary(0x00, 0x02, "交易序号", "sequence number"),
            Item::an(0x00, 0x01, "结算类别", "settlement type"),
        ],
    },
];
