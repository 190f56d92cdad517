//! What cities add and no built-in card has: DF05 health (生命与健康信息区), DF06 relief
//! (救助与优抚信息区), EF0D of the environment. A profile takes it in with `with`.
//!
//! Identifiers, structures, lengths and keys are those of cards in the field. The norm's names of the
//! items of DF05 are not public: the item names below that say more than a number follow the resident health card
//! (居民健康卡), whose items have the same order and lengths \[choice\].

use super::{ApplicationEntry, FileEntry, Item, KeyEntry, application, keys::key};
use crate::access::{AccessRule, KeyId};
use crate::profile::{KeyPurpose, Structure};

/// Applications that a profile may take in.
pub const REGIONAL_APPLICATIONS: [ApplicationEntry; 2] = [
    application("DF05", 0xDF05, &AID_05, "生命与健康信息区", "health", HEALTH),
    application("DF06", 0xDF06, &AID_06, "救助与优抚信息区", "relief", RELIEF),
];

/// Files of the standard's applications that a profile may take in.
pub const REGIONAL_FILES: &[FileEntry] = &[FileEntry {
    application: "SSSE",
    fid: 0xEF0D,
    structure: Structure::LinearVariable { capacity: 19 },
    name_zh: "地区扩展信息",
    name_en: "regional data",
    read: AccessRule::Free,
    update: AccessRule::Key(KeyId(0x0D)),
    items: &[
        Item::an(0xEA, 0x0C, "分类号", "classification number"),
        Item::cn(0xEB, 0x03, "首次申领地", "place of first application"),
    ],
}];

/// Keys of both, with names after the applications.
pub const REGIONAL_KEYS: &[KeyEntry] = &[
    key("SSSE", 0x0D, "UK_EF0D", KeyPurpose::ExternalAuthentication),
    key("DF05", 0x82, "STK_DF05", KeyPurpose::SecureMessaging),
    key("DF05", 0x83, "UK1_DF05", KeyPurpose::ExternalAuthentication),
    key("DF06", 0x82, "STK_DF06", KeyPurpose::SecureMessaging),
    key("DF06", 0x83, "UK1_DF06", KeyPurpose::ExternalAuthentication),
    key("DF06", 0x84, "UK2_DF06", KeyPurpose::ExternalAuthentication),
    key("DF06", 0x85, "RK1_DF06", KeyPurpose::ExternalAuthentication),
];

const AID_05: [u8; 6] = [0xD1, 0x56, 0x00, 0x00, 0x05, 0x05];
const AID_06: [u8; 6] = [0xD1, 0x56, 0x00, 0x00, 0x05, 0x06];

const HEALTH: &[FileEntry] = &[FileEntry {
    application: "DF05",
    fid: 0xEF05,
    structure: Structure::LinearVariable { capacity: 506 },
    name_zh: "生命与健康信息",
    name_en: "health data",
    read: AccessRule::Free,
    update: AccessRule::Key(KeyId(0x83)),
    items: &[
        Item::an(0xA0, 0x01, "ABO血型", "ABO blood group"),
        Item::an(0xA1, 0x01, "RH血型", "Rh blood group"),
        Item::an(0xB9, 0x01, "健康信息 B9", "health item B9"),
        Item::an(0xA2, 0x04, "健康信息 A2", "health item A2"),
        Item::cn(0xA9, 0x01, "健康信息 A9", "health item A9"),
        Item::template(0xA3, 5, 0x18, "过敏信息", "allergy", ALLERGY),
        Item::template(0xA4, 5, 0x17, "免疫接种信息", "immunisation", IMMUNISATION),
        Item::an(0xBA, 0x14, "健康信息 BA", "health item BA"),
        Item::an(0xBB, 0x64, "健康信息 BB", "health item BB"),
        Item::an(0xAA, 0x14, "健康信息 AA", "health item AA"),
        Item::cn(0xAB, 0x04, "健康信息 AB", "health item AB"),
        Item::an(0xAC, 0x01, "哮喘标志", "asthma"),
        Item::an(0xAD, 0x01, "心脏病标志", "heart disease"),
        Item::an(0xAE, 0x01, "心脑血管病标志", "cardiovascular disease"),
        Item::an(0xAF, 0x01, "癫痫病标志", "epilepsy"),
        Item::an(0xB0, 0x01, "凝血紊乱标志", "coagulation disorder"),
        Item::an(0xB1, 0x01, "糖尿病标志", "diabetes"),
        Item::an(0xB2, 0x01, "青光眼标志", "glaucoma"),
        Item::an(0xB3, 0x01, "透析标志", "dialysis"),
        Item::an(0xB4, 0x01, "器官移植标志", "organ transplant"),
        Item::an(0xB5, 0x01, "器官缺失标志", "missing organ"),
        Item::an(0xB6, 0x01, "可装卸义肢标志", "removable prosthesis"),
        Item::an(0xB7, 0x01, "心脏起搏器标志", "pacemaker"),
        Item::an(0xB8, 0x28, "其他医学警示名称", "other medical alert"),
        Item::an(0xBC, 0x01, "健康信息 BC", "health item BC"),
    ],
}];

const ALLERGY: &[Item] = &[
    Item::an(0xA5, 0x10, "过敏物质名称", "allergen"),
    Item::an(0xA6, 0x04, "过敏反应", "reaction"),
];

const IMMUNISATION: &[Item] = &[
    Item::an(0xA7, 0x10, "免疫接种名称", "vaccine"),
    Item::an(0xA8, 0x03, "免疫接种时间", "time of vaccination"),
];

const RELIEF: &[FileEntry] = &[
    FileEntry {
        application: "DF06",
        fid: 0xEF05,
        structure: Structure::LinearVariable { capacity: 167 },
        name_zh: "救助与优抚信息1",
        name_en: "relief data 1",
        read: AccessRule::Key(KeyId(0x85)),
        update: AccessRule::Key(KeyId(0x83)),
        items: &[
            Item::an(0xC0, 0x46, "救助与优抚信息 C0", "relief item C0"),
            Item::an(0xC2, 0x09, "救助与优抚信息 C2", "relief item C2"),
            Item::template(0xC3, 1, 0x1A, "救助与优抚信息 C3", "relief item C3", PERIOD),
            Item::template(0xC4, 1, 0x1A, "救助与优抚信息 C4", "relief item C4", PERIOD),
            Item::template(0xC5, 1, 0x1A, "救助与优抚信息 C5", "relief item C5", PERIOD),
        ],
    },
    // Of its items C6 to DE nothing but the numbers is known: the file is empty until it is written.
    FileEntry {
        application: "DF06",
        fid: 0xEF06,
        structure: Structure::LinearVariable { capacity: 256 },
        name_zh: "救助与优抚信息2",
        name_en: "relief data 2",
        read: AccessRule::Key(KeyId(0x85)),
        update: AccessRule::Key(KeyId(0x84)),
        items: &[],
    },
];

const PERIOD: &[Item] = &[
    Item::cn(0xE3, 0x01, "救助与优抚信息 E3", "relief item E3"),
    Item::cn(0xE4, 0x04, "救助与优抚信息 E4", "relief item E4"),
    Item::cn(0xE5, 0x04, "救助与优抚信息 E5", "relief item E5"),
    Item::cn(0xE6, 0x04, "救助与优抚信息 E6", "relief item E6"),
    Item::cn(0xE7, 0x03, "救助与优抚信息 E7", "relief item E7"),
];
