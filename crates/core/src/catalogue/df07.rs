//! Files and items of DF07: talent (人事人才信息区).
//!
//! 人社信息函〔2012〕37号, tables 3–9.

use super::{FileEntry, Item};
use crate::access::{AccessRule, KeyId};
use crate::profile::Structure;

/// In the order of the table.
pub(super) const FILES: &[FileEntry] = &[
    FileEntry {
        application: "DF07",
        fid: 0xEF05,
        structure: Structure::LinearVariable { capacity: 24 },
        name_zh: "荣誉信息",
        name_en: "honours",
        read: AccessRule::Key(KeyId(0x84)),
        update: AccessRule::Key(KeyId(0x87)),
        items: &[
            Item::an(0xF0, 0x02, "荣誉称号名称代码", "title code"),
            Item::an(0xF1, 0x01, "荣誉称号级别", "title level"),
            Item::cn(0xF2, 0x04, "荣誉称号批准日期", "date of title"),
            Item::an(0xF3, 0x03, "荣誉奖章名称代码", "medal code"),
            Item::cn(0xF4, 0x04, "荣誉奖章批准日期", "date of medal"),
        ],
    },
    FileEntry {
        application: "DF07",
        fid: 0xEF06,
        structure: Structure::LinearVariable { capacity: 83 },
        name_zh: "专家信息",
        name_en: "expert status",
        read: AccessRule::Key(KeyId(0x85)),
        update: AccessRule::Key(KeyId(0x88)),
        items: &[
            Item::an(0xF5, 0x03, "专家类别", "expert category"),
            Item::cn(0xF6, 0x04, "批准日期", "date of approval"),
            Item::an(0xF7, 0x46, "批准单位名称", "approving body"),
        ],
    },
    FileEntry {
        application: "DF07",
        fid: 0xEF07,
        structure: Structure::LinearVariable { capacity: 9 },
        name_zh: "军队转业干部信息",
        name_en: "demobilised officer",
        read: AccessRule::Key(KeyId(0x86)),
        update: AccessRule::Key(KeyId(0x89)),
        items: &[
            Item::cn(0xF8, 0x04, "批准转业日期", "date of demobilisation"),
            Item::an(0xF9, 0x01, "安置方式", "placement"),
        ],
    },
];
