//! I-4 and I-5: power is cut at every byte that a command writes, and again at every byte that the
//! recovery writes. What is found afterwards is the old card or the new one, byte for byte; a
//! retry counter may be lower, never higher.

use sscard_commands::ins;
use sscard_core::{Card, Torn};

use crate::harness::{Desk, SELECT_SSSE, bytes, hex};
use crate::sweep::pairs::{Step, sweep_pairs};
use crate::sweep::{Case, sweep};

const WRONG_PIN: &str = "0020000003111111";

fn case(name: &'static str, mut desk: Desk, command: &str) -> Case {
    // The setup may have left an answer to be fetched; that is volatile.
    let _ = desk.send("00C0000000");
    Case::new(name, desk.card, bytes(command))
}

fn selected(profile: &str) -> Desk {
    let mut desk = Desk::t0(profile);
    desk.all_ok(&[SELECT_SSSE]);
    desk
}

/// A desk that has selected the environment and proved `id`.
fn after(profile: &str, id: u8) -> Desk {
    let mut desk = selected(profile);
    assert_eq!(desk.authenticate("SSSE", id), "9000");
    desk
}

fn cases(profile: &'static str) -> Vec<Case> {
    let counted = || bytes(WRONG_PIN);
    let mut cases = vec![
        case("VERIFY wrong", selected(profile), WRONG_PIN).counting(),
        case("VERIFY right", selected(profile), "0020000003123456").after(counted()),
        case("CHANGE PIN", selected(profile), "805E010008123456FF87654321").after(counted()),
        case("UPDATE RECORD same length", after(profile, 0x04), "00DC0A30030A0132"),
        case("UPDATE RECORD shorter", after(profile, 0x04), "00DC0930060904C0EEB2E2"),
        case("DEACTIVATE FILE", after(profile, 0x04), "00040000"),
    ];
    // The record pointer stands behind what is torn.
    let mut at_last = Desk::t1(profile);
    at_last.all_ok(&[SELECT_SSSE]);
    assert_eq!(at_last.authenticate("SSSE", 0x04), "9000");
    let _ = at_last.authenticate("SSSE", 0x0A);
    at_last.all_ok(&["00B2003100"]);
    cases.push(case("UPDATE RECORD before the pointer", at_last, "00DC0930060904C0EEB2E2"));
    let mut deactivated = after(profile, 0x04);
    deactivated.all_ok(&["00040000"]);
    cases.push(case("ACTIVATE FILE", deactivated, "00440000"));
    let mut photo = after(profile, 0x04);
    photo.all_ok(&["00A4000002EF08"]);
    let update = format!("00D60010FF{}", "5A".repeat(255));
    cases.push(case("UPDATE BINARY over pages", photo, &update));
    let mut cyclic = Desk::t0(profile);
    cyclic.all_ok(&["00A4040006D15600000503"]);
    assert_eq!(cyclic.authenticate("DF04", 0x86), "9000");
    cases.push(case("UPDATE RECORD cyclic", cyclic, "00DC00AB03000131"));
    let mut right = selected(profile);
    let challenge = right.challenge();
    let data = right.session("SSSE", 0x04, &challenge).authentication_data(&[9; 8]);
    let command = format!("0082000410{}{}", hex(&data), "09".repeat(8));
    let wrong = format!("0082000410{}{}", "00".repeat(8), "09".repeat(8));
    cases.push(case("EXTERNAL right", right.clone(), &command).after(bytes(&wrong)));
    cases.push(case("EXTERNAL wrong", right, &wrong).counting());
    for (name, id, header) in [
        ("PIN UNBLOCK", 0x06, "84240000"),
        ("APPLICATION BLOCK", 0x05, "841E0001"),
        ("CARD BLOCK", 0x05, "84160000"),
    ] {
        let mut desk = after(profile, id);
        assert_eq!(desk.send(WRONG_PIN), "63C5");
        let command = desk.protect("SSSE", 0x02, header, &[]);
        cases.push(case(name, desk, &command));
    }
    let mut reload = after(profile, 0x06);
    let challenge = reload.challenge();
    let enciphered =
        reload.session("SSSE", 0x02, &challenge).encipher(&[0x65, 0x43, 0x21]).expect("short");
    let command = reload.protect_with("SSSE", 0x02, &challenge, "84240001", &enciphered);
    cases.push(case("RELOAD PIN", reload, &command));
    cases
}

/// What an application of the social security side writes at all: the table's instructions, one by one.
const WRITING: [u8; 10] = [
    ins::VERIFY,
    ins::CHANGE_PIN,
    ins::EXTERNAL_AUTHENTICATE,
    ins::UPDATE_RECORD,
    ins::UPDATE_BINARY,
    ins::ACTIVATE_FILE,
    ins::DEACTIVATE_FILE,
    ins::APPLICATION_BLOCK,
    ins::CARD_BLOCK,
    ins::PIN_UNBLOCK,
];

fn every_case(profile: &'static str) {
    let cases = cases(profile);
    for ins in WRITING {
        assert!(cases.iter().any(|case| case.ins() == ins), "{ins:02X} is cut nowhere");
    }
    for case in cases {
        let swept = sweep(&case);
        assert!(swept.states > swept.bytes, "{}: {swept:?}", case.name);
    }
}

/// Images of a card after one to four power cycles: recovery may take several.
fn images(card: &Card) -> Vec<Vec<u8>> {
    let mut card = card.clone();
    (0..4)
        .map(|_| {
            card.power_on().expect("power");
            card.image().as_bytes().to_vec()
        })
        .collect()
}

#[test]
fn i_4_every_command_under_every_double_cut_with_3des() {
    every_case("gen2");
}

#[test]
fn i_4_every_command_under_every_double_cut_with_sm4() {
    every_case("gen3");
}

/// The environment selected on this card.
fn on(desk: &Desk, card: Card) -> Desk {
    let mut desk = desk.before(card);
    desk.send(SELECT_SSSE);
    desk
}

fn steps(desk: &Desk) -> Vec<Step<'_>> {
    let plain = |name, command: &'static str| {
        Step::new(name, move |card| (on(desk, card).card, bytes(command)))
    };
    let proved = |name, id, command: &'static str| {
        Step::new(name, move |card| {
            let mut desk = on(desk, card);
            desk.authenticate("SSSE", id);
            (desk.card, bytes(command))
        })
    };
    let protected = |name, id, header: &'static str| {
        Step::new(name, move |card| {
            let mut desk = on(desk, card);
            desk.authenticate("SSSE", id);
            let command = desk.protect("SSSE", 0x02, header, &[]);
            (desk.card, bytes(&command))
        })
    };
    let authenticate = |card| {
        let mut desk = on(desk, card);
        let challenge = desk.challenge();
        let data = desk.session("SSSE", 0x04, &challenge).authentication_data(&[9; 8]);
        let command = format!("0082000410{}{}", hex(&data), "09".repeat(8));
        (desk.card, bytes(&command))
    };
    let cyclic = |card| {
        let mut desk = on(desk, card);
        desk.send("00A4040006D15600000503");
        desk.authenticate("DF04", 0x86);
        (desk.card, bytes("00DC00AB03000131"))
    };
    vec![
        plain("VERIFY right", "0020000003123456").counting(),
        plain("VERIFY wrong", WRONG_PIN).counting(),
        plain("CHANGE PIN", "805E010008123456FF87654321").counting(),
        Step::new("EXTERNAL AUTHENTICATE", authenticate).counting(),
        proved("UPDATE RECORD", 0x04, "00DC0930060904C0EEB2E2"),
        proved("DEACTIVATE FILE", 0x04, "00040000"),
        proved("ACTIVATE FILE", 0x04, "00440000"),
        Step::new("UPDATE RECORD cyclic", cyclic),
        protected("PIN UNBLOCK", 0x06, "84240000"),
        protected("APPLICATION BLOCK", 0x05, "841E0001").ending(),
        protected("CARD BLOCK", 0x05, "84160000").ending(),
    ]
}

#[test]
fn i_4_every_cut_in_either_of_two_commands() {
    for profile in ["gen2", "gen3"] {
        let mut desk = Desk::t1(profile);
        desk.card.power_off();
        assert!(sweep_pairs(&desk.card, &steps(&desk)) > 500);
    }
}

#[test]
fn i_4_power_on_itself_under_every_cut() {
    let mut old = Desk::t0("gen3").card;
    old.power_off();
    let admitted = images(&old);
    for torn in [Torn::Old, Torn::New, Torn::Erased] {
        for cut in 0.. {
            let mut card = old.clone();
            card.tear_power_after(cut, torn);
            let started = card.power_on().is_ok();
            assert_eq!(card.is_powered(), started);
            let mut again = Card::from_image(&card.image()).expect("loads");
            again.power_on().expect("power");
            let image = again.image().as_bytes().to_vec();
            assert!(admitted.contains(&image), "cut after {cut}, {torn:?}");
            if started {
                assert!(cut > 32, "a new generator state is 32 bytes");
                break;
            }
        }
    }
}

#[test]
fn i_5_a_cut_never_gives_a_try_back() {
    let mut desk = Desk::t0("gen3");
    desk.all_ok(&[SELECT_SSSE]);
    for expected in (0..6).rev() {
        // One byte counts the try, the next would give it back: the PIN is right, and still.
        desk.card.cut_power_after(1);
        assert_eq!(desk.send("0020000003123456"), "");
        desk.card.power_on().expect("power");
        desk.all_ok(&[SELECT_SSSE]);
        assert_eq!(desk.send("00200000"), format!("63C{expected}"));
    }
    assert_eq!(desk.send("0020000003123456"), "6983");
}

#[test]
fn i_5_the_try_is_written_before_the_comparison() {
    let mut right = Desk::t0("gen3");
    right.all_ok(&[SELECT_SSSE]);
    right.card.cut_power_after(1);
    assert_eq!(right.send("0020000003123456"), "", "the second write, giving back, is cut");
    right.card.power_on().expect("power");
    right.all_ok(&[SELECT_SSSE]);
    assert_eq!(right.send("00200000"), "63C5");
}

/// Whoever tears a card while it counts a try finds no more tries than before: the counter is lowered, or erased and
/// holds none, until it is unblocked.
#[test]
fn i_5_an_erased_counter_has_no_try_left() {
    let mut desk = selected("gen3");
    desk.card.tear_power_after(0, Torn::Erased);
    assert_eq!(desk.send("0020000003123456"), "");
    desk.card.power_on().expect("power");
    desk.all_ok(&[SELECT_SSSE]);
    assert_eq!(desk.card.inspect_pin().tries_left, 0);
    assert_eq!(desk.send("00200000"), "63C0");
    assert_eq!(desk.send("0020000003123456"), "6983");
    assert_eq!(desk.authenticate("SSSE", 0x06), "9000");
    let unblock = desk.protect("SSSE", 0x02, "84240000", &[]);
    assert_eq!(desk.send(&unblock), "9000");
    assert_eq!(desk.send("0020000003123456"), "9000");
    // A key's counter, likewise, and for good.
    let challenge = desk.challenge();
    let data = desk.session("SSSE", 0x04, &challenge).authentication_data(&[9; 8]);
    let command = format!("0082000410{}{}", hex(&data), "09".repeat(8));
    desk.card.tear_power_after(0, Torn::Erased);
    assert_eq!(desk.send(&command), "");
    desk.card.power_on().expect("power");
    desk.all_ok(&[SELECT_SSSE]);
    assert_eq!(desk.authenticate("SSSE", 0x04), "6983");
}

#[test]
fn i_5_counters_rise_only_by_success_unblock_and_reload() {
    let mut desk = Desk::t0("gen3");
    desk.all_ok(&[SELECT_SSSE]);
    assert_eq!(desk.send("0020000003111111"), "63C5");
    desk.card.power_on().expect("power");
    desk.all_ok(&[SELECT_SSSE]);
    assert_eq!(desk.send("00200000"), "63C5");
    assert_eq!(desk.send("0020000003123456"), "9000");
    assert_eq!(desk.send("00200000"), "63C6");
    assert_eq!(desk.send("805E010007111111FF222222"), "63C5");
    assert_eq!(desk.authenticate("SSSE", 0x06), "9000");
    assert_eq!(desk.reload_pin(&[0x22, 0x22, 0x22]), "9000");
    assert_eq!(desk.send("00200000"), "63C6");
}

#[test]
fn i_6_a_refused_command_keeps_its_counted_try() {
    let mut desk = Desk::t0("gen3");
    desk.all_ok(&[SELECT_SSSE]);
    // CHANGE PIN opens a transaction, counts the try, and is refused: only the try remains.
    let before = desk.card.inspect();
    assert_eq!(desk.send("805E010007111111FF222222"), "63C5");
    assert_eq!(format!("{:?}", desk.card.inspect()), format!("{before:?}"));
    assert_eq!(desk.card.inspect_pin().tries_left, 5);
}
