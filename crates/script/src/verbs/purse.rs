//! The medical purse in DF04 (part 5; docs/decisions.md).

use super::Verb;
use crate::value::{Parameter, ParameterKind};
use sscard_commands::Command;

const AMOUNT: ParameterKind = ParameterKind::Number(0, 0xFFFF_FFFF);
const TERMINAL: Parameter = Parameter::required("terminal", ParameterKind::Bytes(6, 6));
const TIME: Parameter = Parameter::required("time", ParameterKind::Bytes(7, 7));
const MAC: Parameter = Parameter::required("mac", ParameterKind::Bytes(4, 4));
const KEY: Parameter = Parameter::default("key", ParameterKind::Bytes(1, 1), "01");

pub(super) const VERBS: &[Verb] = &[
    Verb::new(
        "get_balance",
        &[Parameter::default(
            "which",
            ParameterKind::Name(&["account", "holder", "fund"]),
            "account",
        )],
        |arguments| {
            let which = match arguments.text(0) {
                "holder" => 2,
                "fund" => 3,
                _ => 1,
            };
            let ne = if which == 1 { 4 } else { 6 };
            Ok(Command::GetBalance { which, ne }.into())
        },
        "B0 26 00 which Le",
        "GET BALANCE: of the account, paid by the holder, paid by the pooled fund",
    ),
    Verb::new(
        "init_load",
        &[Parameter::required("amount", AMOUNT), TERMINAL, KEY],
        |arguments| {
            let data =
                [arguments.bytes(2), &cents(arguments.number(0)), arguments.bytes(1)].concat();
            Ok(Command::Initialize { purchase: false, data: &data, ne: 16 }.into())
        },
        "B0 28 00 01 0B key amount terminal Le",
        "INITIALIZE LOAD: amount in cents",
    ),
    Verb::new(
        "credit_load",
        &[TIME, MAC],
        |arguments| {
            let data = [arguments.bytes(0), arguments.bytes(1)].concat();
            Ok(Command::CreditLoad { data: &data, ne: 4 }.into())
        },
        "B0 2A 00 00 0B time mac Le",
        "CREDIT LOAD",
    ),
    Verb::new(
        "init_purchase",
        &[
            Parameter::required("account", AMOUNT),
            TERMINAL,
            Parameter::default("holder", AMOUNT, "0"),
            Parameter::default("fund", AMOUNT, "0"),
            KEY,
        ],
        |arguments| {
            let [account, holder, fund] = [0, 2, 3].map(|at| cents(arguments.number(at)));
            let data = [arguments.bytes(4), &account, &holder, &fund, arguments.bytes(1)].concat();
            Ok(Command::Initialize { purchase: true, data: &data, ne: 22 }.into())
        },
        "B0 28 01 01 13 key account holder fund terminal Le",
        "INITIALIZE PURCHASE: amounts in cents",
    ),
    Verb::new(
        "debit",
        &[Parameter::required("sequence", AMOUNT), TIME, MAC],
        |arguments| {
            let data =
                [&cents(arguments.number(0))[..], arguments.bytes(1), arguments.bytes(2)].concat();
            Ok(Command::Debit { data: &data, ne: 8 }.into())
        },
        "B0 2C 01 00 0F sequence time mac Le",
        "DEBIT",
    ),
    Verb::new(
        "get_proof",
        &[
            Parameter::required("type", ParameterKind::Bytes(1, 1)),
            Parameter::required("counter", ParameterKind::Bytes(2, 2)),
        ],
        |arguments| {
            let (kind, counter) = (arguments.byte(0), arguments.bytes(1));
            Ok(Command::GetTransactionProof { kind, counter, ne: 8 }.into())
        },
        "B0 2E 00 type 02 counter Le",
        "GET TRANSACTION PROOF: of the last transaction of a type",
    ),
    Verb::new(
        "start_day",
        &[Parameter::optional("day", ParameterKind::Bytes(2, 2))],
        |arguments| {
            Ok(if arguments.has(0) {
                Command::SetStartDay { day: arguments.bytes(0) }.into()
            } else {
                Command::ReadStartDay { ne: 2 }.into()
            })
        },
        "B0 56 00|01 00 Lc day | Le",
        "START DAY: set, or read without a day",
    ),
];

fn cents(number: u64) -> [u8; 4] {
    let [_, _, _, _, bytes @ ..] = number.to_be_bytes();
    bytes
}
