//! I-4 and I-5: power is cut at every byte that a command writes, and again at every byte that the
//! recovery writes. What is found afterwards is the old card or the new one, byte for byte; a
//! retry counter may be lower, never higher.

use sscard_core::Card;

use crate::harness::{Desk, SELECT_SSSE, hex};

/// A writing command, ready to be sent.
pub(crate) struct Case {
    name: &'static str,
    desk: Desk,
    command: String,
    /// Commands whose effect is admitted too: what a counted try leaves behind.
    counted: Option<String>,
}

impl Case {
    /// A command that is sent as it is; `counted` leaves behind what a counted try does.
    pub(crate) fn new(
        name: &'static str,
        desk: Desk,
        command: &str,
        counted: Option<String>,
    ) -> Self {
        Self { name, desk, command: command.to_owned(), counted }
    }
}

fn case(name: &'static str, mut desk: Desk, command: &str) -> Case {
    // The setup may have left an answer to be fetched; that is volatile.
    let _ = desk.send("00C0000000");
    Case { name, desk, command: command.to_owned(), counted: None }
}

/// A desk that has selected the environment and proved `id`.
fn after(profile: &str, id: u8) -> Desk {
    let mut desk = Desk::t0(profile);
    desk.all_ok(&[SELECT_SSSE]);
    assert_eq!(desk.authenticate("SSSE", id), "9000");
    desk
}

fn cases(profile: &'static str) -> Vec<Case> {
    let selected = || {
        let mut desk = Desk::t0(profile);
        desk.all_ok(&[SELECT_SSSE]);
        desk
    };
    let wrong_pin = Some("0020000003111111".to_owned());
    let mut cases = vec![
        case("VERIFY wrong", selected(), "0020000003111111"),
        Case { counted: wrong_pin.clone(), ..case("VERIFY right", selected(), "0020000003123456") },
        Case { counted: wrong_pin, ..case("CHANGE PIN", selected(), "805E010008123456FF87654321") },
        case("UPDATE RECORD same length", after(profile, 0x04), "00DC0A300A0A0132"),
        case("DEACTIVATE FILE", after(profile, 0x04), "00040000"),
        case("ACTIVATE FILE", after(profile, 0x04), "00440000"),
    ];
    cases[3].command = "00DC0A30030A0132".to_owned();
    cases.push(case("UPDATE RECORD shorter", after(profile, 0x04), "00DC0930060904C0EEB2E2"));
    let mut photo = after(profile, 0x04);
    photo.all_ok(&["00A4000002EF08"]);
    let update = format!("00D60010FF{}", "5A".repeat(255));
    cases.push(case("UPDATE BINARY over pages", photo, &update));
    let mut cyclic = Desk::t0(profile);
    cyclic.all_ok(&["00A4040006D15600000503"]);
    assert_eq!(cyclic.authenticate("DF04", 0x86), "9000");
    cases.push(case("UPDATE RECORD cyclic", cyclic, "00DC00AB03000131"));
    let mut right = selected();
    let challenge = right.challenge();
    let data = right.session("SSSE", 0x04, &challenge).authentication_data(&[9; 8]);
    let command = format!("0082000410{}{}", hex(&data), "09".repeat(8));
    let wrong = format!("0082000410{}{}", "00".repeat(8), "09".repeat(8));
    cases.push(Case {
        counted: Some(wrong.clone()),
        ..case("EXTERNAL right", right.clone(), &command)
    });
    cases.push(case("EXTERNAL wrong", right, &wrong));
    for (name, id, header) in [
        ("PIN UNBLOCK", 0x06, "84240000"),
        ("APPLICATION BLOCK", 0x05, "841E0001"),
        ("CARD BLOCK", 0x05, "84160000"),
    ] {
        let mut desk = after(profile, id);
        assert_eq!(desk.send("0020000003111111"), "63C5");
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

pub(crate) fn sweep(case: &Case) -> (usize, usize) {
    let send = |card: &mut Card, command: &str| {
        let mut response = Vec::new();
        card.transmit(&crate::harness::bytes(command), &mut response);
        response
    };
    let old = case.desk.card.clone();
    let mut new = old.clone();
    new.cut_power_after(u64::MAX);
    assert!(!send(&mut new, &case.command).is_empty());
    let total = u64::MAX - new.bytes_until_cut().expect("armed");
    let mut admitted = images(&old);
    admitted.extend(images(&new));
    if let Some(counted) = &case.counted {
        let mut tried = old.clone();
        send(&mut tried, counted);
        admitted.extend(images(&tried));
    }
    assert!(total > 0, "{} writes nothing", case.name);
    let mut cuts = 0;
    for first in 0..total {
        let mut torn = old.clone();
        torn.cut_power_after(first);
        assert!(send(&mut torn, &case.command).is_empty(), "{} answers after a cut", case.name);
        assert!(!torn.is_powered());
        let torn = Card::from_image(&torn.image()).expect("a torn image loads");
        for second in crate::sweep::second_cuts(first) {
            let mut again = torn.clone();
            again.cut_power_after(second);
            let recovered = again.power_on().is_ok();
            if !recovered {
                again.power_on().expect("power");
            }
            let image = again.image().as_bytes().to_vec();
            assert!(
                admitted.contains(&image),
                "{}: cut after {first} bytes, then after {second}: neither old nor new",
                case.name
            );
            cuts += 1;
            if recovered {
                break;
            }
        }
    }
    (usize::try_from(total).expect("small"), cuts)
}

#[test]
fn i_4_every_command_under_every_double_cut_with_3des() {
    for case in cases("gen2") {
        let (bytes, cuts) = sweep(&case);
        assert!(cuts > bytes, "{}: {bytes} bytes, {cuts} cuts", case.name);
    }
}

#[test]
fn i_4_every_command_under_every_double_cut_with_sm4() {
    for case in cases("gen3") {
        let (bytes, cuts) = sweep(&case);
        assert!(cuts > bytes, "{}: {bytes} bytes, {cuts} cuts", case.name);
    }
}

#[test]
fn i_4_power_on_itself_under_every_cut() {
    let mut old = Desk::t0("gen3").card;
    old.power_off();
    for cut in 0.. {
        let mut card = old.clone();
        card.cut_power_after(cut);
        let started = card.power_on().is_ok();
        assert_eq!(card.is_powered(), started);
        let mut again = Card::from_image(&card.image()).expect("loads");
        again.power_on().expect("power");
        assert!(images(&old).contains(&again.image().as_bytes().to_vec()), "cut after {cut}");
        if started {
            assert!(cut > 32, "a new generator state is 32 bytes");
            break;
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
