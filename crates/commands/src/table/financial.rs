//! The rows of a PBOC application.

use super::{I, NONE, P, RECORD, any, at};
use crate::Application::Financial;
use crate::ins;
use crate::instruction::{Danger, Instruction, Parameters};

const OBJECT: &[Parameters] = &[any("tag of the data object")];
const SCRIPT: &[u16] = &[0x6982, 0x6984, 0x6987, 0x6988, 0x6A80, 0x6A82, 0x6A83, 0x6A88];

pub(super) const GET_PROCESSING_OPTIONS: Instruction = Instruction::new(
    Financial,
    [P, ins::GET_PROCESSING_OPTIONS],
    ["GET PROCESSING OPTIONS", "取处理选项"],
    NONE,
    &[0x6A80],
)
.chained()
.public()
.once();

pub(super) const READ_RECORD: Instruction = Instruction::new(
    Financial,
    [I, ins::READ_RECORD],
    ["READ RECORD", "读记录"],
    RECORD,
    &[0x6A82, 0x6A83],
)
.public();

pub(super) const GET_DATA: Instruction =
    Instruction::new(Financial, [P, ins::GET_DATA], ["GET DATA", "取数据"], OBJECT, &[0x6A88])
        .public();

pub(super) const GET_CHALLENGE: Instruction =
    Instruction::new(Financial, [I, ins::GET_CHALLENGE], ["GET CHALLENGE", "取随机数"], NONE, &[])
        .public();

pub(super) const VERIFY: Instruction = Instruction::new(
    Financial,
    [I, ins::VERIFY],
    ["VERIFY", "校验"],
    &[at(0x00, 0x80, "plaintext PIN"), at(0x00, 0x88, "enciphered PIN")],
    &[0x63C0, 0x6983, 0x6984],
)
.chained()
.secret()
.danger(Danger::WithData);

pub(super) const INTERNAL_AUTHENTICATE: Instruction = Instruction::new(
    Financial,
    [I, ins::INTERNAL_AUTHENTICATE],
    ["INTERNAL AUTHENTICATE", "内部认证"],
    NONE,
    &[],
)
.chained()
.once();

pub(super) const EXTERNAL_AUTHENTICATE: Instruction = Instruction::new(
    Financial,
    [I, ins::EXTERNAL_AUTHENTICATE],
    ["EXTERNAL AUTHENTICATE", "外部认证"],
    NONE,
    &[0x6300],
)
.chained()
.danger(Danger::Always);

pub(super) const GENERATE_AC: Instruction = Instruction::new(
    Financial,
    [P, ins::GENERATE_AC],
    ["GENERATE AC", "生成应用密文"],
    &[
        at(0x00, 0x00, "AAC"),
        at(0x10, 0x00, "AAC with CDA"),
        at(0x40, 0x00, "TC"),
        at(0x50, 0x00, "TC with CDA"),
        at(0x80, 0x00, "ARQC"),
        at(0x90, 0x00, "ARQC with CDA"),
    ],
    &[],
)
.chained()
.public()
.once();

pub(super) const APPLICATION_BLOCK: Instruction = Instruction::new(
    Financial,
    [P, ins::APPLICATION_BLOCK],
    ["APPLICATION BLOCK", "应用锁定"],
    NONE,
    SCRIPT,
)
.danger(Danger::Always);

pub(super) const APPLICATION_UNBLOCK: Instruction = Instruction::new(
    Financial,
    [P, ins::APPLICATION_UNBLOCK],
    ["APPLICATION UNBLOCK", "应用解锁"],
    NONE,
    SCRIPT,
)
.danger(Danger::Always);

pub(super) const CARD_BLOCK: Instruction =
    Instruction::new(Financial, [P, ins::CARD_BLOCK], ["CARD BLOCK", "卡片锁定"], NONE, SCRIPT)
        .danger(Danger::Always);

pub(super) const PIN_UNBLOCK: Instruction = Instruction::new(
    Financial,
    [P, ins::PIN_UNBLOCK],
    ["PIN CHANGE/UNBLOCK", "个人密码修改/解锁"],
    &[
        at(0x00, 0x00, "the tries"),
        at(0x00, 0x01, "with the old PIN"),
        at(0x00, 0x02, "without the old PIN"),
    ],
    SCRIPT,
)
.secret()
.danger(Danger::Always);

pub(super) const PUT_DATA: Instruction =
    Instruction::new(Financial, [I, ins::PUT_DATA], ["PUT DATA", "设置数据"], OBJECT, SCRIPT)
        .danger(Danger::Always);

pub(super) const UPDATE_RECORD: Instruction = Instruction::new(
    Financial,
    [I, ins::UPDATE_RECORD],
    ["UPDATE RECORD", "修改记录"],
    RECORD,
    SCRIPT,
);
