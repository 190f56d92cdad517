//! The medical purse in DF04 (part 5; docs/decisions.md).

use super::{Plain, Verb};
use crate::value::{Parameter, ParameterKind};
use sscard_commands::ins;

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
            Ok(Plain::new([0xB0, ins::GET_BALANCE, 0, which]).with_ne(ne))
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
            Ok(Plain::new([0xB0, ins::INITIALIZE, 0, 1]).with_data(data).with_ne(16))
        },
        "B0 28 00 01 0B key amount terminal Le",
        "INITIALIZE LOAD: amount in cents",
    ),
    Verb::new(
        "credit_load",
        &[TIME, MAC],
        |arguments| {
            let data = [arguments.bytes(0), arguments.bytes(1)].concat();
            Ok(Plain::new([0xB0, ins::CREDIT_LOAD, 0, 0]).with_data(data).with_ne(4))
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
            Ok(Plain::new([0xB0, ins::INITIALIZE, 1, 1]).with_data(data).with_ne(22))
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
            Ok(Plain::new([0xB0, ins::DEBIT, 1, 0]).with_data(data).with_ne(8))
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
            let header = [0xB0, ins::GET_TRANSACTION_PROOF, 0, arguments.byte(0)];
            Ok(Plain::new(header).with_data(arguments.bytes(1)).with_ne(8))
        },
        "B0 2E 00 type 02 counter Le",
        "GET TRANSACTION PROOF: of the last transaction of a type",
    ),
    Verb::new(
        "start_day",
        &[Parameter::optional("day", ParameterKind::Bytes(2, 2))],
        |arguments| {
            Ok(if arguments.has(0) {
                Plain::new([0xB0, ins::START_DAY, 0, 0]).with_data(arguments.bytes(0))
            } else {
                Plain::new([0xB0, ins::START_DAY, 1, 0]).with_ne(2)
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
