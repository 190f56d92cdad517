//! The rows of the PKI application. What the field's programs do not show is a choice (docs/decisions.md).

use super::{BINARY, I, NONE, P, any, at};
use crate::Application::Pki;
use crate::ins;
use crate::instruction::{Danger, Instruction, Parameters};

const PINS: &[Parameters] = &[at(0x01, 0x81, "the user's"), at(0x01, 0x00, "the administrator's")];

pub(super) const READ_BINARY: Instruction = Instruction::new(
    Pki,
    [I, ins::READ_BINARY],
    ["READ BINARY", "读二进制文件"],
    BINARY,
    &[0x6982, 0x6986, 0x6A82, 0x6B00],
)
.public();

pub(super) const UPDATE_BINARY: Instruction = Instruction::new(
    Pki,
    [I, ins::UPDATE_BINARY],
    ["UPDATE BINARY", "修改二进制文件"],
    BINARY,
    &[0x6982, 0x6986, 0x6A82, 0x6B00],
)
.chained();

pub(super) const GET_CHALLENGE: Instruction =
    Instruction::new(Pki, [I, ins::GET_CHALLENGE], ["GET CHALLENGE", "取随机数"], NONE, &[])
        .public();

pub(super) const VERIFY: Instruction = Instruction::new(
    Pki,
    [I, ins::VERIFY],
    ["VERIFY", "校验"],
    PINS,
    &[0x63C0, 0x6983, 0x6984, 0x6A88],
)
.secret()
.danger(Danger::WithData);

pub(super) const SECURITY_OPERATION: Instruction = Instruction::new(
    Pki,
    [I, ins::PERFORM_SECURITY_OPERATION],
    ["PERFORM SECURITY OPERATION", "执行安全操作"],
    &[
        at(0x9E, 0x9A, "compute a signature over a digest"),
        at(0x00, 0xA8, "verify a signature over a digest"),
        at(0x80, 0x86, "decipher with the encryption key"),
    ],
    &[0x6300, 0x6982, 0x6A80, 0x6A88],
)
.chained()
.answers(&[at(0x80, 0x86, "what was enciphered")]);

pub(super) const CHANGE_PIN: Instruction = Instruction::new(
    Pki,
    [P, ins::CHANGE_PIN],
    ["CHANGE PIN", "修改密码"],
    PINS,
    &[0x6982, 0x6984, 0x6988, 0x6A80, 0x6A88],
)
.secret()
.danger(Danger::Always);

pub(super) const PIN_UNBLOCK: Instruction = Instruction::new(
    Pki,
    [P, ins::PIN_UNBLOCK],
    ["PIN UNBLOCK", "密码解锁"],
    &[at(0x01, 0x81, "the user's, by the administrator; with a new PIN or without")],
    &[0x6982, 0x6984, 0x6988, 0x6A80, 0x6A88],
)
.secret()
.danger(Danger::Always);

pub(super) const GENERATE_KEY_PAIR: Instruction = Instruction::new(
    Pki,
    [P, ins::GENERATE_KEY_PAIR],
    ["GENERATE KEY PAIR", "产生密钥对"],
    NONE,
    &[0x6982, 0x6A80, 0x6A82],
)
.danger(Danger::Always);

pub(super) const GET_PUBLIC_KEY: Instruction = Instruction::new(
    Pki,
    [P, ins::GET_PUBLIC_KEY],
    ["GET PUBLIC KEY", "导出公钥"],
    &[at(0x82, 0x00, "which pair"), at(0x82, 0x80, "the key")],
    &[0x6A80, 0x6A82, 0x6A88],
);

pub(super) const OPEN_ENVELOPE: Instruction = Instruction::new(
    Pki,
    [P, ins::OPEN_ENVELOPE],
    ["OPEN ENVELOPE", "打开数字信封"],
    &[at(0x00, 0x01, "SM2")],
    &[0x6982, 0x6A80, 0x6A82, 0x6A88],
)
.answers(&[any("a session key")]);

pub(super) const IMPORT_SESSION_KEY: Instruction = Instruction::new(
    Pki,
    [P, ins::IMPORT_SESSION_KEY],
    ["IMPORT SESSION KEY", "导入会话密钥"],
    &[at(0x02, 0x10, "SM4")],
    &[0x6982, 0x6A80],
)
.secret();

pub(super) const IMPORT_KEY: Instruction = Instruction::new(
    Pki,
    [P, ins::IMPORT_KEY],
    ["IMPORT KEY", "导入密钥"],
    &[at(0x40, 0x00, "the public key"), at(0xC0, 0x01, "the private key, under the session key")],
    &[0x6982, 0x6A80, 0x6A82, 0x6A88],
)
.secret()
.danger(Danger::Always);

pub(super) const HASH: Instruction = Instruction::new(
    Pki,
    [P, ins::HASH],
    ["HASH", "计算杂凑"],
    &[at(0x01, 0x03, "SM3")],
    &[0x6A80],
)
.secret()
.answers(&[any("the hash of a PIN")]);
