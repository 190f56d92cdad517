//! Files and items of DF02: employment (就业与失业信息区).
//!
//! 人社信息函〔2012〕37号, tables 3–9.

use super::{FileEntry, Item};
use crate::access::{AccessRule, KeyId};
use crate::profile::Structure;

/// In the order of the table.
pub(super) const FILES: &[FileEntry] = &[
    FileEntry {
        application: "DF02",
        fid: 0xEF05,
        structure: Structure::LinearVariable { capacity: 436 },
        name_zh: "职业和专业技能信息",
        name_en: "occupation and skills",
        read: AccessRule::PinOrKey(KeyId(0x88)),
        update: AccessRule::Key(KeyId(0x83)),
        items: &[
            Item::an(0x42, 0x03, "专业技术职务代码", "technical post code"),
            Item::an(0x41, 0x03, "专业技术职务级别", "technical post grade"),
            Item::template(
                0x43,
                2,
                0x6C,
                "职业资格(工人技术等级)信息",
                "vocational qualification (worker)",
                &[
                    Item::an(0x5A, 0x07, "职业资格(工人技术等级)名称代码", "qualification code"),
                    Item::an(0x5B, 0x01, "职业资格(工人技术等级)等级", "qualification grade"),
                    Item::an(0x5C, 0x46, "证书发证/年检机构名称", "issuing or inspecting body"),
                    Item::cn(0x5D, 0x04, "证书发证/年检日期", "date of issue or inspection"),
                    Item::an(0x5E, 0x10, "证书编号", "certificate number"),
                ],
            ),
            Item::template(
                0x44,
                2,
                0x65,
                "职业资格(专业技术人员)信息",
                "professional qualification",
                &[
                    Item::an(0x33, 0x03, "职业资格(专业技术人员)名称代码", "qualification code"),
                    Item::an(0x34, 0x46, "注册登记/年检机构名称", "registering or inspecting body"),
                    Item::cn(0x35, 0x04, "注册登记/年检日期", "date of registration or inspection"),
                    Item::an(0x36, 0x10, "证书编号", "certificate number"),
                ],
            ),
        ],
    },
    FileEntry {
        application: "DF02",
        fid: 0xEF06,
        structure: Structure::LinearVariable { capacity: 46 },
        name_zh: "就业状况信息",
        name_en: "employment status",
        read: AccessRule::PinOrKey(KeyId(0x88)),
        update: AccessRule::Key(KeyId(0x84)),
        items: &[
            Item::cn(0x4C, 0x04, "最近一次办理就业登记日期", "latest employment registration"),
            Item::an(0x4B, 0x05, "就业登记类型及形式", "type and form of employment registration"),
            Item::cn(0x4D, 0x03, "就业登记地行政区划代码", "division of employment registration"),
            Item::cn(0x60, 0x04, "最近一次办理失业登记日期", "latest unemployment registration"),
            Item::an(
                0x4F,
                0x06,
                "失业登记类型、原因及注销原因",
                "type and reason of unemployment registration",
            ),
            Item::cn(0x50, 0x03, "失业登记地行政区划代码", "division of unemployment registration"),
            Item::an(0x3A, 0x07, "现从事职业", "present occupation"),
        ],
    },
    FileEntry {
        application: "DF02",
        fid: 0xEF07,
        structure: Structure::Cyclic { records: 4, length: 0x55 },
        name_zh: "就业记录信息",
        name_en: "employment records",
        read: AccessRule::PinOrKey(KeyId(0x88)),
        update: AccessRule::Key(KeyId(0x85)),
        items: &[
            Item::an(0x00, 0x07, "从事职业", "occupation"),
            Item::cn(0x00, 0x04, "就业起始日期", "start of employment"),
            Item::cn(0x00, 0x04, "就业终止日期", "end of employment"),
            Item::an(0x00, 0x46, "就业工作单位名称", "employer name"),
        ],
    },
    FileEntry {
        application: "DF02",
        fid: 0xEF09,
        structure: Structure::LinearVariable { capacity: 101 },
        name_zh: "就业失业登记证信息",
        name_en: "employment registration certificate",
        read: AccessRule::PinOrKey(KeyId(0x88)),
        update: AccessRule::Key(KeyId(0x86)),
        items: &[
            Item::an(0x55, 0x10, "就业失业登记证编号", "certificate number"),
            Item::an(0x56, 0x46, "发证机构", "issuing body"),
            Item::cn(0x96, 0x04, "发证/年检日期", "date of issue or inspection"),
            Item::cn(0x97, 0x03, "发证地行政区划代码", "division of issue"),
        ],
    },
    FileEntry {
        application: "DF02",
        fid: 0xEF15,
        structure: Structure::LinearVariable { capacity: 83 },
        name_zh: "就业援助对象认定信息",
        name_en: "employment assistance",
        read: AccessRule::PinOrKey(KeyId(0x88)),
        update: AccessRule::Key(KeyId(0x87)),
        items: &[
            Item::template(
                0x99,
                4,
                0x10,
                "就业援助对象认定信息",
                "employment assistance",
                &[
                    Item::an(0x10, 0x03, "认定为就业援助对象类型", "assistance category"),
                    Item::cn(0x11, 0x04, "认定日期", "date of recognition"),
                    Item::cn(0x12, 0x03, "认定地行政区划代码", "division of recognition"),
                ],
            ),
            Item::cn(0x0F, 0x04, "退出就业援助对象范围的认定日期", "date of leaving assistance"),
            Item::cn(0x1F, 0x03, "退出认定地行政区划代码", "division of leaving"),
        ],
    },
    FileEntry {
        application: "DF02",
        fid: 0xEF16,
        structure: Structure::Cyclic { records: 4, length: 0x12 },
        name_zh: "就业扶持政策享受信息",
        name_en: "employment support records",
        read: AccessRule::PinOrKey(KeyId(0x88)),
        update: AccessRule::Key(KeyId(0x89)),
        items: &[
            Item::an(0x00, 0x03, "享受就业扶持政策类型", "support category"),
            Item::cn(0x00, 0x04, "核准日期", "date of approval"),
            Item::cn(0x00, 0x04, "享受开始日期", "start of support"),
            Item::cn(0x00, 0x04, "享受终止日期", "end of support"),
            Item::cn(0x00, 0x03, "享受地行政区划代码", "division of support"),
        ],
    },
];
