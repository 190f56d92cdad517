//! The rows of a terminal's security module (PSAM), part 9 of the norm.

use super::{BINARY, I, NONE, P, RECORD, any, at};
use crate::Application::Psam;
use crate::instruction::{Danger, Instruction};
use crate::{class, ins};

pub(super) const READ_BINARY: Instruction = Instruction::new(
    Psam,
    [I, ins::READ_BINARY],
    ["READ BINARY", "读二进制文件"],
    BINARY,
    &[0x6981, 0x6982, 0x6986, 0x6A82, 0x6B00],
)
.public();

pub(super) const READ_RECORD: Instruction = Instruction::new(
    Psam,
    [I, ins::READ_RECORD],
    ["READ RECORD", "读记录"],
    RECORD,
    &[0x6981, 0x6982, 0x6986, 0x6A82, 0x6A83],
)
.public();

pub(super) const GET_CHALLENGE: Instruction =
    Instruction::new(Psam, [I, ins::GET_CHALLENGE], ["GET CHALLENGE", "取随机数"], NONE, &[])
        .public();

pub(super) const LOAD_SESSION_KEY: Instruction = Instruction::new(
    Psam,
    [class::PSAM, ins::LOAD_SESSION_KEY],
    ["LOAD SESSION KEY", "装载过程密钥"],
    &[any("P1: levels and class of the key, P2: its identifier")],
    &[0x6A88],
);

pub(super) const LOAD_KEY: Instruction = Instruction::new(
    Psam,
    [class::PSAM, ins::LOAD_KEY],
    ["LOAD KEY", "装载密钥"],
    &[any("P1: levels and class of the key, P2: its identifier")],
    &[0x6A88],
);

pub(super) const CIPHER: Instruction = Instruction::new(
    Psam,
    [P, ins::CIPHER],
    ["CIPHER", "加密或计算校验码"],
    &[
        at(0x00, 0x00, "encipher"),
        at(0x02, 0x00, "encipher, more follows"),
        at(0x05, 0x00, "MAC"),
        at(0x07, 0x00, "MAC, first part"),
        at(0x03, 0x00, "MAC, next part"),
        at(0x01, 0x00, "MAC, last part"),
    ],
    &[0x6901],
)
.secret()
.once();

pub(super) const INIT_SAM_FOR_PURCHASE: Instruction = Instruction::new(
    Psam,
    [P, ins::INIT_SAM_FOR_PURCHASE],
    ["INIT SAM FOR PURCHASE", "消费初始化"],
    NONE,
    &[0x9402, 0x9403],
)
.public()
.once();

pub(super) const CREDIT_SAM_FOR_PURCHASE: Instruction = Instruction::new(
    Psam,
    [P, ins::CREDIT_SAM_FOR_PURCHASE],
    ["CREDIT SAM FOR PURCHASE", "校验消费MAC2"],
    NONE,
    &[0x6901, 0x9302],
)
.once();

pub(super) const WRITE_KEY: Instruction = Instruction::new(
    Psam,
    [P, ins::WRITE_KEY],
    ["WRITE KEY", "写密钥"],
    &[at(0x00, 0x01, "a key"), at(0x01, 0x00, "the master key")],
    &[0x6983, 0x6984, 0x6988, 0x6A80, 0x6A88],
)
.secret()
.danger(Danger::Always);
