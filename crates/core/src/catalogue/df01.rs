//! Files and items of DF01: public information (公共应用信息区).
//!
//! 人社信息函〔2012〕37号, tables 3–9.

use super::{FileEntry, Item};
use crate::access::{AccessRule, KeyId};
use crate::profile::Structure;

/// In the order of the table.
pub(super) const FILES: &[FileEntry] = &[
    FileEntry {
        application: "DF01",
        fid: 0xEF05,
        structure: Structure::LinearVariable { capacity: 91 },
        name_zh: "户籍信息",
        name_en: "household registration",
        read: AccessRule::PinOrKey(KeyId(0x88)),
        update: AccessRule::Key(KeyId(0x83)),
        items: &[
            Item::an(0x20, 0x02, "户口类别", "registration type"),
            Item::an(0x21, 0x50, "户口所在地地址", "registered address"),
            Item::cn(0x0E, 0x03, "户口所在地行政区划代码", "division of registration"),
        ],
    },
    FileEntry {
        application: "DF01",
        fid: 0xEF06,
        structure: Structure::LinearVariable { capacity: 173 },
        name_zh: "常住地信息",
        name_en: "usual residence",
        read: AccessRule::PinOrKey(KeyId(0x88)),
        update: AccessRule::Key(KeyId(0x86)),
        items: &[
            Item::an(0x23, 0x50, "常住所在地地址", "residential address"),
            Item::cn(0x24, 0x03, "常住所在地行政区划代码", "division of residence"),
            Item::an(0x28, 0x0F, "联系电话", "telephone"),
            Item::an(0x2C, 0x32, "联系人(监护人)姓名", "contact (guardian) name"),
            Item::an(0x2D, 0x0F, "联系人(监护人)电话", "contact (guardian) telephone"),
        ],
    },
    FileEntry {
        application: "DF01",
        fid: 0xEF07,
        structure: Structure::LinearVariable { capacity: 3 },
        name_zh: "个人状况信息",
        name_en: "personal status",
        read: AccessRule::PinOrKey(KeyId(0x88)),
        update: AccessRule::Key(KeyId(0x84)),
        items: &[
            Item::an(0x29, 0x01, "个人就业或离退休(职)状态", "employment or retirement status"),
        ],
    },
    FileEntry {
        application: "DF01",
        fid: 0xEF08,
        structure: Structure::LinearVariable { capacity: 3 },
        name_zh: "婚姻状况信息",
        name_en: "marital status",
        read: AccessRule::PinOrKey(KeyId(0x88)),
        update: AccessRule::Key(KeyId(0x85)),
        items: &[
            Item::an(0x2B, 0x01, "婚姻状况", "marital status"),
        ],
    },
    FileEntry {
        application: "DF01",
        fid: 0xEF09,
        structure: Structure::LinearVariable { capacity: 87 },
        name_zh: "人员身份及就业单位信息",
        name_en: "status and employer",
        read: AccessRule::PinOrKey(KeyId(0x88)),
        update: AccessRule::Key(KeyId(0x84)),
        items: &[
            Item::an(0x2E, 0x46, "单位名称", "employer name"),
            Item::an(0x30, 0x09, "单位组织机构代码", "employer organisation code"),
            Item::an(0x32, 0x02, "人员身份类别", "personnel category"),
        ],
    },
    FileEntry {
        application: "DF01",
        fid: 0xEF0A,
        structure: Structure::LinearVariable { capacity: 15 },
        name_zh: "国籍及政治面貌信息",
        name_en: "nationality and political status",
        read: AccessRule::PinOrKey(KeyId(0x88)),
        update: AccessRule::Key(KeyId(0x87)),
        items: &[
            Item::an(0x37, 0x03, "国籍", "nationality"),
            Item::an(0x38, 0x02, "政治面貌", "political status"),
            Item::cn(0x39, 0x04, "参加党派日期", "date of joining a party"),
        ],
    },
    FileEntry {
        application: "DF01",
        fid: 0xEF15,
        structure: Structure::LinearVariable { capacity: 165 },
        name_zh: "学历信息",
        name_en: "education",
        read: AccessRule::PinOrKey(KeyId(0x88)),
        update: AccessRule::Key(KeyId(0x89)),
        items: &[
            Item::cn(0x2A, 0x01, "学历", "education level"),
            Item::template(0x40, 3, 0x34, "学位信息", "degree", &[
                Item::an(0x57, 0x03, "学位代码", "degree code"),
                Item::cn(0x58, 0x03, "所学专业类别", "field of study"),
                Item::an(0x59, 0x28, "毕业学校名称", "school of graduation"),
            ]),
        ],
    },
    FileEntry {
        application: "DF01",
        fid: 0xEF16,
        structure: Structure::Transparent { size: 0x0128 },
        name_zh: "预留信息文件1",
        name_en: "reserved file 1",
        read: AccessRule::Free,
        update: AccessRule::Key(KeyId(0x8A)),
        items: &[
        ],
    },
    FileEntry {
        application: "DF01",
        fid: 0xEF17,
        structure: Structure::Transparent { size: 0x0128 },
        name_zh: "预留信息文件2",
        name_en: "reserved file 2",
        read: AccessRule::Free,
        update: AccessRule::Key(KeyId(0x8B)),
        items: &[
        ],
    },
    FileEntry {
        application: "DF01",
        fid: 0xEF18,
        structure: Structure::Transparent { size: 0x0128 },
        name_zh: "预留信息文件3",
        name_en: "reserved file 3",
        read: AccessRule::Free,
        update: AccessRule::Key(KeyId(0x8C)),
        items: &[
        ],
    },
    FileEntry {
        application: "DF01",
        fid: 0xEF19,
        structure: Structure::Transparent { size: 0x0128 },
        name_zh: "预留信息文件4",
        name_en: "reserved file 4",
        read: AccessRule::Free,
        update: AccessRule::Key(KeyId(0x8D)),
        items: &[
        ],
    },
    FileEntry {
        application: "DF01",
        fid: 0xEF1A,
        structure: Structure::Transparent { size: 0x0128 },
        name_zh: "预留信息文件5",
        name_en: "reserved file 5",
        read: AccessRule::Free,
        update: AccessRule::Key(KeyId(0x8E)),
        items: &[
        ],
    },
];
