//! Files and items of SSSE: the social security system environment.
//!
//! 人社信息函〔2012〕37号, tables 3–9.

use super::{FileEntry, Item};
use crate::access::{AccessRule, KeyId};
use crate::profile::Structure;

/// In the order of the table.
pub(super) const FILES: &[FileEntry] = &[
    FileEntry {
        application: "SSSE",
        fid: 0xEF05,
        structure: Structure::LinearVariable { capacity: 64 },
        name_zh: "发卡机构数据",
        name_en: "issuer data",
        read: AccessRule::Free,
        update: AccessRule::Key(KeyId(0x04)),
        items: &[
            Item::cn(0x01, 0x10, "卡的识别码", "card identification code"),
            Item::an(0x02, 0x01, "卡的类别", "card class"),
            Item::an(0x03, 0x04, "规范版本", "specification version"),
            Item::cn(0x04, 0x0C, "初始化机构编号", "initialisation organisation number"),
            Item::cn(0x05, 0x04, "发卡日期", "issue date"),
            Item::cn(0x06, 0x04, "卡有效期", "expiry date"),
            Item::an(0x07, 0x09, "卡号", "card number"),
        ],
    },
    FileEntry {
        application: "SSSE",
        fid: 0xEF06,
        structure: Structure::LinearVariable { capacity: 91 },
        name_zh: "持卡人基本信息",
        name_en: "holder data",
        read: AccessRule::Free,
        update: AccessRule::Key(KeyId(0x04)),
        items: &[
            Item::an(0x08, 0x12, "社会保障号码", "social security number"),
            Item::an(0x09, 0x1E, "姓名", "name"),
            Item::an(0x4E, 0x14, "姓名扩展", "name extension"),
            Item::an(0x0A, 0x01, "性别", "sex"),
            Item::cn(0x0B, 0x01, "民族", "ethnicity"),
            Item::cn(0x0C, 0x03, "出生地", "birthplace"),
            Item::cn(0x0D, 0x04, "出生日期", "birth date"),
        ],
    },
    FileEntry {
        application: "SSSE",
        fid: 0xEF07,
        structure: Structure::Transparent { size: 0x0300 },
        name_zh: "指纹数据",
        name_en: "fingerprint",
        read: AccessRule::Key(KeyId(0x0A)),
        update: AccessRule::Key(KeyId(0x04)),
        items: &[],
    },
    FileEntry {
        application: "SSSE",
        fid: 0xEF08,
        structure: Structure::Transparent { size: 0x1000 },
        name_zh: "照片信息",
        name_en: "photo",
        read: AccessRule::Key(KeyId(0x0A)),
        update: AccessRule::Key(KeyId(0x04)),
        items: &[],
    },
];
