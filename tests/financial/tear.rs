//! I-4 and I-14 for the bank card: power is cut at every byte that a command writes, and again at
//! every byte that the recovery writes. The counter, the balance and the logs are the old ones or
//! the new ones together; a PIN try is never given back.

use sscard_commands::ins;
use sscard_core::Card;

use super::bank::{AAC, ARQC, Bank, SELECT, TC, pin_block};
use crate::harness::bytes;
use crate::sweep::pairs::{Step, sweep_pairs};
use crate::sweep::{Case, sweep};

fn case(name: &'static str, bank: &Bank, command: String) -> Case {
    Case::new(name, bank.card.clone(), bytes(&command))
}

fn generate(bank: &Bank, kind: u8) -> String {
    let data = bank.cdol1();
    format!("80AE{kind:02X}00{:02X}{data}00", data.len() / 2)
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut used = Bank::with(&[]);
    used.online();
    let mut begun = used.clone();
    begun.begin();
    let mut selected = used.clone();
    assert_eq!(selected.status(SELECT), "9000");
    let options = format!("{}00", selected.options_command());
    cases.push(case("GET PROCESSING OPTIONS", &selected, options));
    let wrong = "002000800826000000FFFFFFFF";
    let right = format!("0020008008{}", pin_block("123456"));
    cases.push(case("VERIFY wrong", &begun, wrong.into()).counting());
    cases.push(case("VERIFY right", &begun, right).after(bytes(wrong)));
    cases.push(case("first TC", &begun, generate(&begun, TC)));
    cases.push(case("first ARQC", &begun, generate(&begun, ARQC)));
    let mut foreign = begun.clone();
    foreign.terminal.country = 0x0840;
    foreign.terminal.tvr = [0x48, 0, 0, 0, 0];
    cases.push(case("first AAC abroad", &foreign, generate(&foreign, 0x00)));
    let mut cash = used.clone();
    cash.terminal.cash = true;
    cash.begin();
    cases.push(case("e-cash TC", &cash, generate(&cash, TC)));
    let mut online = begun.clone();
    online.first(ARQC);
    cases.push(case(
        "EXTERNAL AUTHENTICATE wrong",
        &online,
        "008200000A00112233445566773030".into(),
    ));
    for (name, header, data) in [
        ("PUT DATA balance", "04DA9F79", "000000200000"),
        ("APPLICATION BLOCK", "841E0000", ""),
        ("CARD BLOCK", "84160000", ""),
        ("UPDATE RECORD", "04DC0124", "70089F1401059F230106"),
        ("PUT DATA refused", "04DA9F51", "0156"),
    ] {
        cases.push(case(name, &online, online.script_command(header, &bytes(data))));
    }
    let pin = online.new_pin("4321", None);
    cases.push(case("PIN CHANGE", &online, online.script_command("84240002", &pin)));
    assert_eq!(online.issuer("00"), "9000");
    let data = online.cdol2("00");
    cases.push(case("second TC", &online, format!("80AE400022{data}00")));
    let mut quick = used.clone();
    quick.terminal.amount = 500;
    let answer = quick.qpboc();
    assert!(answer.starts_with("77"));
    cases.push(case("last record of a qPBOC transaction", &quick, "00B2012C00".into()));
    let mut cut = quick.clone();
    cut.card.enter_field().expect("field");
    cases.push(case("SELECT after an unfinished one", &cut, SELECT.into()));
    cases.extend(more_cases(&used));
    cases
}

/// GET PROCESSING OPTIONS of a qPBOC transaction of 5.00.
fn qpboc_options(bank: &Bank, qualifiers: [u8; 4]) -> String {
    let mut bank = bank.clone();
    (bank.terminal.amount, bank.terminal.qualifiers) = (500, qualifiers);
    format!("{}00", bank.qpboc_command())
}

fn more_cases(used: &Bank) -> Vec<Case> {
    let mut cases = Vec::new();
    let mut tapped = used.clone();
    tapped.card.enter_field().expect("field");
    assert_eq!(tapped.status(SELECT), "9000");
    cases.push(case("qPBOC TC", &tapped, qpboc_options(&tapped, [0x20, 0, 0, 0x80])));
    let mut prepaid = Bank::with(&[(0x9F68, "40800000")]);
    prepaid.card.enter_field().expect("field");
    assert_eq!(prepaid.status(SELECT), "9000");
    cases.push(case("prepaid ARQC", &prepaid, qpboc_options(&prepaid, [0x20, 0x80, 0, 0])));
    // The issuer's answer is good after one that was wrong: a flag is lowered.
    let mut online = used.clone();
    online.begin();
    online.first(ARQC);
    online.wrong_issuer();
    online.begin();
    online.first(ARQC);
    let arpc = sscard_crypto::financial::arpc_method_1(
        online.cipher(),
        &online.session("AC"),
        &online.first_cryptogram(),
        *b"00",
    );
    let arpc = crate::harness::hex(&arpc);
    cases.push(case("EXTERNAL AUTHENTICATE good", &online, format!("008200000A{arpc}3030")));
    let mut declined = used.clone();
    declined.terminal.tvr = [0x48, 0, 0, 0, 0];
    (declined.terminal.currency, declined.terminal.country) = (0x0392, 0x0392);
    declined.begin();
    declined.first(ARQC);
    let data = declined.cdol2("Z3");
    cases.push(case("second AAC", &declined, format!("80AE000022{data}00")));
    let mut blocked = used.clone();
    blocked.begin();
    blocked.first(ARQC);
    assert_eq!(blocked.script("841E0000", &[]), "9000");
    blocked.begin();
    assert_eq!(blocked.first(ARQC).kind(), AAC);
    let command = blocked.script_command("84180000", &[]);
    cases.push(case("APPLICATION UNBLOCK", &blocked, command));
    let mut exhausted = used.clone();
    exhausted.begin();
    for _ in 0..3 {
        exhausted.verify("000000");
    }
    exhausted.first(ARQC);
    let command = exhausted.script_command("84240000", &[]);
    cases.push(case("PIN UNBLOCK", &exhausted, command));
    for case in &cases {
        let mut response = Vec::new();
        case.card.clone().transmit(&case.command, &mut response);
        assert_eq!(&response[response.len() - 2..], [0x90, 0x00], "{}", case.name);
    }
    cases
}

const WRITING: [u8; 11] = [
    ins::SELECT,
    ins::GET_PROCESSING_OPTIONS,
    ins::VERIFY,
    ins::GENERATE_AC,
    ins::EXTERNAL_AUTHENTICATE,
    ins::READ_RECORD,
    ins::PUT_DATA,
    ins::UPDATE_RECORD,
    ins::PIN_UNBLOCK,
    ins::APPLICATION_BLOCK,
    ins::APPLICATION_UNBLOCK,
];

#[test]
fn i_04_every_cut_of_the_bank_card_leaves_old_or_new() {
    let cases = cases();
    for ins in WRITING.into_iter().chain([ins::CARD_BLOCK]) {
        assert!(cases.iter().any(|case| case.ins() == ins), "{ins:02X} is cut nowhere");
    }
    for case in cases {
        sweep(&case);
    }
}

/// A bank's terminal at a card, and what it would send now.
fn at(bank: &Bank, card: Card, send: impl Fn(&mut Bank) -> String) -> (Card, Vec<u8>) {
    let mut bank = bank.before(card);
    let command = send(&mut bank);
    (bank.card, bytes(&command))
}

fn steps(bank: &Bank) -> Vec<Step<'_>> {
    let online = |bank: &mut Bank| {
        bank.begin();
        bank.first(ARQC);
    };
    let script = |name, header: &'static str, data: &'static str| {
        Step::new(name, move |card| {
            at(bank, card, |bank| {
                online(bank);
                bank.script_command(header, &bytes(data))
            })
        })
    };
    let quick = |bank: &mut Bank| {
        (bank.terminal.amount, bank.terminal.qualifiers) = (500, [0x20, 0, 0, 0x80]);
    };
    vec![
        Step::new("GET PROCESSING OPTIONS", move |card| {
            at(bank, card, |bank| {
                bank.status(SELECT);
                format!("{}00", bank.options_command())
            })
        }),
        Step::new("VERIFY", move |card| {
            at(bank, card, |bank| {
                bank.begin();
                format!("0020008008{}", pin_block("123456"))
            })
        })
        .counting(),
        Step::new("first TC", move |card| {
            at(bank, card, |bank| {
                bank.begin();
                generate(bank, TC)
            })
        }),
        Step::new("e-cash TC", move |card| {
            at(bank, card, |bank| {
                bank.terminal.cash = true;
                bank.begin();
                generate(bank, TC)
            })
        }),
        Step::new("second TC", move |card| {
            at(bank, card, |bank| {
                online(bank);
                bank.issuer("00");
                format!("80AE400022{}00", bank.cdol2("00"))
            })
        }),
        script("PUT DATA balance", "04DA9F79", "000000200000"),
        script("UPDATE RECORD", "04DC0124", "70089F1401059F230106"),
        script("PIN UNBLOCK", "84240000", ""),
        Step::new("qPBOC", move |card| {
            at(bank, card, |bank| {
                bank.status(SELECT);
                qpboc_options(bank, [0x20, 0, 0, 0x80])
            })
        })
        .contactless(),
        Step::new("last record of qPBOC", move |card| {
            at(bank, card, |bank| {
                quick(bank);
                bank.status(SELECT);
                bank.qpboc_options();
                "00B2012C00".to_owned()
            })
        })
        .contactless(),
    ]
}

#[test]
fn i_04_every_cut_in_either_of_two_commands_of_the_bank_card() {
    let mut bank = Bank::with(&[]);
    bank.online();
    bank.card.power_off();
    assert!(sweep_pairs(&bank.card, &steps(&bank)) > 1000);
}

#[test]
fn i_05_a_cut_during_verify_never_gives_a_try_back() {
    for pin in ["000000", "123456"] {
        let mut bank = Bank::with(&[]);
        bank.begin();
        assert_eq!(bank.verify("000000"), "63C2");
        for cut in 0..40 {
            let mut torn = bank.clone();
            torn.card.cut_power_after(cut);
            let answer = torn.verify(pin);
            if !answer.is_empty() {
                break;
            }
            torn.card.power_on().expect("power");
            torn.begin();
            let tries = torn.data(0x9F17);
            assert!(
                matches!(tries.as_str(), "02" | "01") || pin == "123456" && tries == "03",
                "cut after {cut}: {tries}"
            );
        }
    }
}

#[test]
fn i_14_the_counter_strictly_rises_whatever_is_cut() {
    let mut bank = Bank::with(&[]);
    let mut highest = 0;
    for cut in 0..120_u64 {
        bank.card.power_on().expect("power");
        assert_eq!(bank.status(SELECT), "9000");
        bank.card.cut_power_after(cut);
        let options = bank.options();
        let data = bank.cdol1();
        let answer = bank.send(&format!("80AE800034{data}00"));
        if options.is_empty() || answer.is_empty() {
            continue;
        }
        let atc = u16::from_str_radix(&answer[6..10], 16).expect("ATC");
        assert!(atc > highest, "cut after {cut}: {atc} after {highest}");
        highest = atc;
        bank.card.cut_power_after(u64::MAX);
    }
    assert!(highest > 0);
}
