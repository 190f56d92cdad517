//! §2.13: the medical purse of DF04. Every MAC is computed here, from the recipe of part 7 §12 and
//! the choices in docs/decisions.md.

mod flipped_bits;
mod limits;

use sscard_core::Card;
use sscard_crypto::{SessionKey, Suite};

use crate::harness::{Desk, SELECT_SSSE, bytes, hex};
use crate::sweep::pairs::{Step, sweep_pairs};
use crate::sweep::{Case, sweep};

const PIN: &str = "0020000003123456";
const DF04: &str = "00A4000002DF04";
const TERMINAL: &str = "999900000001";
const TIME: &str = "20261124101530";
const DPK: u8 = 0x87;
const DLK: u8 = 0x88;
/// The start-day key.
const DSK: u8 = 0x8A;
const DTK: u8 = 0x89;
const LOAD: &str = "31";
const PURCHASE: &str = "32";

const SM4_PURSE: &str = "base = \"gen3\"\n[purse]";

/// A `gen2` card with DF04 selected and the PIN verified.
fn desk() -> Desk {
    opened(Desk::t1("gen2"))
}

fn opened(mut desk: Desk) -> Desk {
    desk.all_ok(&[SELECT_SSSE, PIN, DF04]);
    desk
}

fn suite(desk: &Desk) -> Suite {
    desk.card.profile().algorithm().suite().expect("suite")
}

fn mac(session: &SessionKey, parts: &[&str]) -> String {
    hex(&session.mac(&bytes(&parts.concat())))
}

fn certificate(desk: &Desk, parts: &[&str]) -> String {
    mac(&suite(desk).certificate_key(&desk.key("DF04", DTK)), parts)
}

/// INITIALIZE LOAD; the whole answer with its status word.
fn init_load(desk: &mut Desk, amount: u32) -> String {
    desk.follow(&format!("B02800010B01{amount:08X}{TERMINAL}10"))
}

/// Data of CREDIT LOAD for an answer of INITIALIZE LOAD.
fn credit_data(desk: &Desk, answer: &str, amount: u32) -> String {
    let factor = bytes(&format!("{}{}8000", &answer[16..24], &answer[8..12]));
    let session = desk.session("DF04", DLK, &factor);
    format!("{TIME}{}", mac(&session, &[&format!("{amount:08X}"), LOAD, TERMINAL, TIME]))
}

fn load(desk: &mut Desk, amount: u32) -> String {
    let answer = init_load(desk, amount);
    let data = credit_data(desk, &answer, amount);
    desk.follow(&format!("B02A00000B{data}04"))
}

/// INITIALIZE PURCHASE; the whole answer with its status word.
fn init_purchase(desk: &mut Desk, amounts: &str) -> String {
    desk.follow(&format!("B02801011301{amounts}{TERMINAL}16"))
}

/// The terminal's session key for an answer of INITIALIZE PURCHASE.
fn purchase_key(desk: &Desk, answer: &str, sequence: &str) -> SessionKey {
    let factor = bytes(&format!("{}{}{}", &answer[36..44], &answer[28..32], &sequence[4..]));
    desk.session("DF04", DPK, &factor)
}

fn debit_data(desk: &Desk, answer: &str, amounts: &str, time: &str) -> String {
    let session = purchase_key(desk, answer, "00000007");
    format!("00000007{time}{}", mac(&session, &[amounts, PURCHASE, TERMINAL, time]))
}

fn purchase_at(desk: &mut Desk, amounts: &str, time: &str) -> String {
    let answer = init_purchase(desk, amounts);
    let data = debit_data(desk, &answer, amounts, time);
    desk.follow(&format!("B02C01000F{data}08"))
}

fn balances(desk: &mut Desk) -> [String; 3] {
    ["B026000104", "B026000206", "B026000306"].map(|command| desk.data(command))
}

#[test]
fn spec_2_13_initialize_load_answers_balance_counter_versions_random_and_mac1() {
    for (mut desk, algorithm) in [(desk(), "00"), (opened(Desk::toml(SM4_PURSE)), "03")] {
        let answer = init_load(&mut desk, 10_000);
        assert_eq!(answer.len(), 2 * 16 + 4, "{answer}");
        assert_eq!(&answer[..16], format!("00000000000001{algorithm}"));
        let factor = bytes(&format!("{}00008000", &answer[16..24]));
        let session = desk.session("DF04", DLK, &factor);
        let expected = mac(&session, &["00000000", "00002710", LOAD, TERMINAL]);
        assert_eq!(&answer[24..], format!("{expected}9000"));
    }
}

#[test]
fn spec_2_13_credit_load_moves_the_money_and_answers_the_tac() {
    for mut desk in [desk(), opened(Desk::toml(SM4_PURSE)), opened(Desk::t0("gen2"))] {
        let answer = load(&mut desk, 10_000);
        let tac = certificate(&desk, &["00002710", "0000", "00002710", LOAD, TERMINAL, TIME]);
        assert_eq!(answer, format!("{tac}9000"));
        assert_eq!(balances(&mut desk)[0], "00002710");
        // A second load has the next counter.
        let answer = init_load(&mut desk, 1);
        assert_eq!(&answer[..12], "000027100001");
    }
}

#[test]
fn spec_2_13_initialize_purchase_answers_balances_year_counter_and_random() {
    let mut desk = desk();
    load(&mut desk, 10_000);
    let answer = init_purchase(&mut desk, "000003E8000000640000000A");
    assert_eq!(answer.len(), 2 * 22 + 4);
    assert_eq!(&answer[..36], "000027100000000000000000000000000100");
    assert_eq!(&answer[44..], "9000");
    let random = answer[36..44].to_owned();
    let again = init_purchase(&mut desk, "000003E8000000640000000A");
    assert_ne!(&again[36..44], random, "every purchase has its own random");
}

#[test]
fn spec_2_13_debit_moves_the_money_and_answers_tac_and_mac2() {
    for mut desk in [desk(), opened(Desk::toml(SM4_PURSE)), opened(Desk::t0("gen2"))] {
        load(&mut desk, 10_000);
        let amounts = "000003E8000000640000000A";
        let begun = init_purchase(&mut desk, amounts);
        let session = purchase_key(&desk, &begun, "00000007");
        let data = debit_data(&desk, &begun, amounts, TIME);
        let answer = desk.follow(&format!("B02C01000F{data}08"));
        let tac = certificate(&desk, &[amounts, PURCHASE, TERMINAL, "00000007", TIME]);
        let mac2 = mac(&session, &[amounts]);
        assert_eq!(answer, format!("{tac}{mac2}9000"));
        assert_eq!(balances(&mut desk), ["00002328", "000000642026", "0000000A2026"]);
        assert_eq!(&init_purchase(&mut desk, amounts)[28..32], "0001", "counter of purchases");
    }
}

#[test]
fn spec_2_13_transactions_are_recorded_newest_first() {
    let mut desk = desk();
    load(&mut desk, 10_000);
    purchase_at(&mut desk, "000003E8000000640000000A", TIME);
    let of = |desk: &mut Desk, number: u8| desk.data(&format!("00B2{number:02X}441C"));
    assert_eq!(of(&mut desk, 1), format!("0000{PURCHASE}{TERMINAL}{TIME}000003E8000000640000000A"));
    assert_eq!(of(&mut desk, 2), format!("0000{LOAD}{TERMINAL}{TIME}000027100000000000000000"));
    assert_eq!(desk.status("00B203441C"), "6A83");
    for _ in 0..30 {
        assert!(purchase_at(&mut desk, "000000010000000000000000", TIME).ends_with("9000"));
    }
    assert_eq!(&of(&mut desk, 30)[..6], "000132", "thirty records, the oldest made room");
}

#[test]
fn spec_2_13_get_proof_answers_mac2_and_tac_of_the_last_transaction_of_its_type() {
    let mut desk = desk();
    assert_eq!(desk.status("B02E00310200000008"), "6700", "one byte too many");
    assert_eq!(desk.status("B02E003102000008"), "9406", "no load yet");
    let credited = load(&mut desk, 10_000);
    let debited = purchase_at(&mut desk, "000003E8000000640000000A", TIME);
    let proof = desk.data("B02E003202000008");
    assert_eq!(proof, format!("{}{}", &debited[8..16], &debited[..8]));
    assert_eq!(&desk.data("B02E003102000008")[8..], &credited[..8]);
    assert_eq!(desk.status("B02E003202000108"), "9406", "the next one did not happen");
    assert_eq!(desk.status("B02E003302000008"), "6A86", "no such type");
}

#[test]
fn spec_2_13_start_day_is_set_under_uk1_and_begins_the_insurance_year() {
    let mut desk = desk();
    assert_eq!(desk.data("B056010002"), "0101");
    assert_eq!(desk.status("B0560000020701"), "6982");
    assert_eq!(desk.authenticate("DF04", DSK), "9000");
    assert_eq!(desk.status("B0560000021301"), "6A80");
    assert_eq!(desk.status("B05600000207"), "6700");
    assert_eq!(desk.status("B0560000020701"), "9000");
    assert_eq!(desk.data("B056010002"), "0701");
    load(&mut desk, 10_000);
    let paid = "000000010000000200000003";
    purchase_at(&mut desk, paid, "20260630235959");
    assert_eq!(balances(&mut desk), ["0000270F", "000000022025", "000000032025"]);
    purchase_at(&mut desk, paid, "20260701000000");
    assert_eq!(balances(&mut desk), ["0000270E", "000000022026", "000000032026"], "a new year");
    purchase_at(&mut desk, paid, "20270630000000");
    assert_eq!(balances(&mut desk), ["0000270D", "000000042026", "000000062026"]);
    purchase_at(&mut desk, paid, "20250101000000");
    assert_eq!(
        balances(&mut desk),
        ["0000270C", "000000062026", "000000092026"],
        "a clock that is behind does not start a year"
    );
}

#[test]
fn spec_2_13_states_are_idle_load_and_purchase_and_violations_answer_6901() {
    let mut desk = desk();
    let nothing = "00".repeat(11);
    assert_eq!(desk.status(&format!("B02A00000B{nothing}04")), "6901");
    assert_eq!(desk.status(&format!("B02C01000F{}08", "00".repeat(15))), "6901");
    load(&mut desk, 10_000);
    // The other half of the other pair.
    let begun = init_load(&mut desk, 1);
    assert_eq!(desk.status(&format!("B02C01000F{}08", "00".repeat(15))), "6901");
    let data = credit_data(&desk, &begun, 1);
    assert_eq!(desk.status(&format!("B02A00000B{data}04")), "6901", "the pair was broken off");
    // Anything between the halves, a selection and a reset included.
    for (between, status) in [
        ("0084000004", "9000"),
        ("00B201441C", "9000"),
        (DF04, "9000"),
        ("B056010002", "9000"),
        // Refused before the application sees it.
        ("842400000400000000", "6982"),
        ("0CB2014400", "6882"),
        ("00A4000002DFFF", "6A82"),
        ("0070000001", "9000"),
        ("10D6000001AA", "9000"),
        ("10B2014400", "6884"),
        ("00AE0000", "6D00"),
        ("80A4040000", "6E00"),
        ("00B2", "6700"),
        ("00B201440000010000", "6700"),
        ("FF26000104", "6E00"),
        ("2026000104", "6E00"),
    ] {
        let begun = init_load(&mut desk, 1);
        let data = credit_data(&desk, &begun, 1);
        assert_eq!(desk.status(between), status, "{between}");
        assert_eq!(desk.status(&format!("B02A00000B{data}04")), "6901", "{between}");
    }
    let amounts = "000003E8000000640000000A";
    let begun = init_purchase(&mut desk, amounts);
    let data = debit_data(&desk, &begun, amounts, TIME);
    desk.card.reset().expect("reset");
    desk.all_ok(&[SELECT_SSSE, PIN, DF04]);
    assert_eq!(desk.status(&format!("B02C01000F{data}08")), "6901");
    assert_eq!(balances(&mut desk)[0], "00002710");
}

#[test]
fn spec_2_13_another_channel_is_not_between_the_two() {
    let mut desk = desk();
    desk.all_ok(&["0070000001"]);
    let begun = init_load(&mut desk, 1);
    let data = credit_data(&desk, &begun, 1);
    assert_eq!(desk.status("01A4000002DFFF"), "6A82");
    desk.all_ok(&["0184000004"]);
    assert!(desk.follow(&format!("B02A00000B{data}04")).ends_with("9000"));
}

#[test]
fn spec_2_13_a_finished_pair_cannot_be_repeated() {
    let mut desk = desk();
    let begun = init_load(&mut desk, 10_000);
    let data = credit_data(&desk, &begun, 10_000);
    let credit = format!("B02A00000B{data}04");
    assert!(desk.follow(&credit).ends_with("9000"));
    assert_eq!(desk.status(&credit), "6901");
    let begun = init_load(&mut desk, 10_000);
    assert_eq!(&begun[..12], "000027100001");
    assert_eq!(desk.status(&credit), "9302", "the MAC of the load before");
    assert_eq!(balances(&mut desk)[0], "00002710");
}

#[test]
fn spec_2_13_a_wrong_mac_answers_9302_and_changes_nothing() {
    let mut desk = desk();
    load(&mut desk, 10_000);
    let before = desk.card.image();
    let begun = init_load(&mut desk, 5);
    let data = credit_data(&desk, &begun, 6);
    assert_eq!(desk.status(&format!("B02A00000B{data}04")), "9302");
    let amounts = "000003E8000000640000000A";
    let begun = init_purchase(&mut desk, amounts);
    let data = debit_data(&desk, &begun, "000003E7000000640000000A", TIME);
    assert_eq!(desk.status(&format!("B02C01000F{data}08")), "9302");
    assert_eq!(desk.status(&format!("B02C01000F{data}08")), "6901", "idle again");
    assert_eq!(desk.card.image(), before);
}

#[test]
fn spec_2_13_limits_of_the_money() {
    let mut desk = desk();
    load(&mut desk, 1_000);
    assert_eq!(init_purchase(&mut desk, "000003E90000000000000000"), "9401");
    assert!(init_purchase(&mut desk, "000003E80000000000000000").ends_with("9000"));
    assert_eq!(init_load(&mut desk, 1_000_000_000), "6985", "more than the purse may hold");
    assert_eq!(init_load(&mut desk, u32::MAX), "6985");
    assert!(init_load(&mut desk, 1_000_000_000 - 1_000).ends_with("9000"));
    assert!(purchase_at(&mut desk, "00000000FFFFFFFF00000000", TIME).ends_with("9000"));
    assert_eq!(purchase_at(&mut desk, "000000000000000100000001", TIME), "6985", "a sum is full");
    assert_eq!(balances(&mut desk), ["000003E8", "FFFFFFFF2026", "000000002026"]);
}

#[test]
fn spec_2_13_keys_pin_place_and_form() {
    let mut desk = desk();
    assert_eq!(desk.status(&format!("B02800010B0400000001{TERMINAL}10")), "9403");
    assert_eq!(desk.status(&format!("B0280101130400000000{}{TERMINAL}16", "00".repeat(8))), "9403");
    for (command, status) in [
        ("B02800010A0100000001999900000010", "6700"),
        ("B0280002", "6A86"),
        ("B026000004", "6A86"),
        ("B02600010100", "6700"),
        ("B0FF0000", "6D00"),
        ("B0B2010000", "6E00"),
        ("80260001", "6E00"),
    ] {
        assert_eq!(desk.status(command), status, "{command}");
    }
    desk.all_ok(&["00A4000002DF03"]);
    assert_eq!(desk.status("B026000104"), "6E00", "the purse lies in DF04");
    let mut unverified = Desk::t1("gen2");
    unverified.all_ok(&[SELECT_SSSE, DF04]);
    assert_eq!(init_load(&mut unverified, 1), "6982");
    assert_eq!(init_purchase(&mut unverified, &"00".repeat(12)), "6982");
    assert_eq!(unverified.send("B026000104"), "6982");
    let mut open =
        Desk::toml("base = \"gen2\"\nprotocol = \"T=1\"\n[purse]\npin_for_balance = false");
    open.all_ok(&[SELECT_SSSE, DF04]);
    assert_eq!(
        open.data("B026000104"),
        "00000000",
        "where the profile says so the balance is free"
    );
}

#[test]
fn spec_2_13_the_algorithm_is_that_of_the_key() {
    let own = |id| {
        format!("[[keys]]\ndf = \"DF04\"\nid = \"{id:02X}\"\nversion = 2\nalgorithm = \"SM4\"\n")
    };
    let profile = format!("base = \"gen2\"\nprotocol = \"T=1\"\n{}{}", own(DPK), own(DLK));
    let mut desk = opened(Desk::toml(&profile));
    for (index, algorithm) in [("01", "00"), ("02", "03"), ("03", "00")] {
        let load = desk.data(&format!("B02800010B{index}00000001{TERMINAL}10"));
        assert_eq!(load[12..16], format!("{index}{algorithm}"));
        let purchase = desk.data(&format!("B028010113{index}{}{TERMINAL}16", "00".repeat(12)));
        assert_eq!(purchase[32..36], format!("{index}{algorithm}"));
    }
}

#[test]
fn spec_2_13_no_time_is_no_transaction() {
    let mut desk = desk();
    let begun = init_load(&mut desk, 1);
    let factor = bytes(&format!("{}{}8000", &begun[16..24], &begun[8..12]));
    let session = desk.session("DF04", DLK, &factor);
    let time = "20261324101530";
    let mac = mac(&session, &["00000001", LOAD, TERMINAL, time]);
    assert_eq!(desk.status(&format!("B02A00000B{time}{mac}04")), "6A80");
}

#[test]
fn spec_2_13_the_purse_is_off_in_gen1_and_gen3_and_switchable() {
    for profile in ["gen1", "gen3"] {
        let mut desk = opened(Desk::t1(profile));
        assert_eq!(desk.status("B026000104"), "6E00", "{profile}");
        assert_eq!(desk.card.inspect_purse(), None);
    }
    let mut off = opened(Desk::toml("base = \"gen2\"\n[purse]\npresent = false"));
    assert_eq!(off.status("B026000104"), "6E00");
    let without = Desk::toml("base = \"gen2\"\nwithout = [\"DF04/EF08\"]");
    assert_eq!(without.card.inspect_purse(), None);
}

#[test]
fn spec_2_13_exhausted_counters_answer_9402() {
    let mut desk = desk();
    load(&mut desk, 100_000);
    for _ in 0..=0xFFFE_u32 - 1 {
        assert!(purchase_at(&mut desk, "000000010000000000000000", TIME).ends_with("9000"));
    }
    assert!(purchase_at(&mut desk, "000000010000000000000000", TIME).ends_with("9000"));
    assert_eq!(init_purchase(&mut desk, "000000010000000000000000"), "9402");
    assert_eq!(balances(&mut desk)[0], format!("{:08X}", 100_000 - 0xFFFF));
}

#[test]
fn i_15_another_channel_does_not_break_a_purchase_off() {
    let mut desk = desk();
    load(&mut desk, 1_000);
    let amounts = "000003E80000000000000000";
    desk.all_ok(&["0070000001"]);
    let name = SELECT_SSSE.replacen("00A4", "01A4", 1);
    desk.all_ok(&[&name, "0120000003123456", "01A4000002DF04"]);
    let begun = init_purchase(&mut desk, amounts);
    desk.status("0184000004");
    let data = debit_data(&desk, &begun, amounts, TIME);
    assert!(desk.follow(&format!("B02C01000F{data}08")).ends_with("9000"));
    assert_eq!(balances(&mut desk)[0], "00000000");
}

#[test]
fn i_13_a_deactivated_or_blocked_environment_keeps_the_purse_closed() {
    let mut desk = desk();
    desk.all_ok(&[SELECT_SSSE]);
    assert_eq!(desk.authenticate("SSSE", 0x04), "9000");
    desk.all_ok(&["00040000"]);
    assert_eq!(desk.status("B026000104"), "6E00", "the environment is not the purse's application");
    assert_eq!(desk.status(DF04), "6985");
}

fn commands(desk: &Desk) -> Vec<(&'static str, Desk, String)> {
    let mut loading = desk.clone();
    let begun = init_load(&mut loading, 77);
    let credit = format!("B02A00000B{}04", credit_data(&loading, &begun, 77));
    let mut paying = desk.clone();
    let amounts = "000003E8000000640000000A";
    let begun = init_purchase(&mut paying, amounts);
    let debit = format!("B02C01000F{}08", debit_data(&paying, &begun, amounts, TIME));
    let mut updating = desk.clone();
    assert_eq!(updating.authenticate("DF04", DSK), "9000");
    vec![
        ("CREDIT LOAD", loading, credit),
        ("DEBIT", paying, debit),
        ("UPDATE START DAY", updating, "B0560000020701".to_owned()),
    ]
}

#[test]
fn i_04_i_14_every_cut_of_the_purse_leaves_old_or_new_money() {
    for mut used in [desk(), opened(Desk::toml(SM4_PURSE)), opened(Desk::t0("gen2"))] {
        load(&mut used, 10_000);
        purchase_at(&mut used, "000000010000000200000003", TIME);
        for (name, desk, command) in commands(&used) {
            sweep(&Case::new(name, desk.card, bytes(&command)));
        }
    }
}

#[test]
fn i_04_i_14_every_cut_in_either_of_two_commands_of_the_purse() {
    let mut used = desk();
    load(&mut used, 10_000);
    let on = |card| {
        let mut desk = used.before(card);
        desk.all_ok(&[SELECT_SSSE, PIN, DF04]);
        desk
    };
    let steps: Vec<Step<'_>> = commands(&used)
        .into_iter()
        .enumerate()
        .map(|(number, (name, ..))| {
            Step::new(name, move |card| {
                let (_, desk, command) = commands(&on(card)).swap_remove(number);
                (desk.card, bytes(&command))
            })
        })
        .collect();
    assert!(sweep_pairs(&used.card, &steps) > 100);
}

#[test]
fn i_14_money_is_conserved_over_loads_and_purchases() {
    let mut desk = desk();
    let (mut loaded, mut spent) = (0_u32, 0_u32);
    for step in 1..200_u32 {
        let amount = step.wrapping_mul(2_654_435_761) % 5_000;
        if step % 3 == 0 {
            assert!(load(&mut desk, amount).ends_with("9000"));
            loaded += amount;
        } else {
            let amounts = format!("{amount:08X}0000000000000000");
            let begun = init_purchase(&mut desk, &amounts);
            if begun == "9401" {
                assert!(amount > loaded - spent);
                continue;
            }
            let data = debit_data(&desk, &begun, &amounts, TIME);
            assert!(desk.follow(&format!("B02C01000F{data}08")).ends_with("9000"));
            spent += amount;
        }
        let purse = desk.card.inspect_purse().expect("purse");
        assert_eq!(purse.balance, loaded - spent);
    }
    let purse = desk.card.inspect_purse().expect("purse");
    assert!(purse.loads > 50 && purse.purchases > 50, "{purse:?}");
}

#[test]
fn i_18_a_purse_survives_its_image() {
    let mut desk = desk();
    load(&mut desk, 10_000);
    let again = Card::from_image(&desk.card.image()).expect("image");
    assert_eq!(again.inspect_purse(), desk.card.inspect_purse());
    assert_eq!(again.image(), desk.card.image());
}
