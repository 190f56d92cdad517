//! Class and instruction: for each application by itself, chained or not, on whichever channel.

use sscard_apdu::StatusWord;
use sscard_commands::{ALL, Application, Repertoire, ins};
use sscard_core::{Applet, Context, PlainCommand, Reply};

use crate::harness::{Desk, SELECT_SSSE};

/// Every kind of application: how it is reached, and whose instructions it has.
fn places() -> Vec<(&'static str, Desk, Vec<Application>)> {
    use Application::{Card, Financial, Purse, SocialSecurity};
    let social = vec![Card, SocialSecurity];
    [
        ("MF", "gen2", &["00A40000023F00"][..], social.clone()),
        ("SSSE", "gen2", &[SELECT_SSSE], social.clone()),
        ("DF01", "gen3", &[SELECT_SSSE, "00A4000002DF01"], social.clone()),
        ("DF04", "gen2", &[SELECT_SSSE, "00A4000002DF04"], vec![Card, SocialSecurity, Purse]),
        ("DF04 without a purse", "gen3", &[SELECT_SSSE, "00A4000002DF04"], social),
        ("payment", "gen2", &["00A4040008A000000333010101"], vec![Card, Financial]),
        ("PSE", "gen2", &["00A404000E315041592E5359532E4444463031"], vec![Card]),
        ("PPSE", "gen2", &["00A404000E325041592E5359532E4444463031"], vec![Card]),
    ]
    .into_iter()
    .map(|(name, profile, way, applications)| {
        let mut desk = Desk::t0(profile);
        desk.all_ok(way);
        (name, desk, applications)
    })
    .collect()
}

/// Classes in which an application has an instruction, straight from the table.
fn classes(name: &str, applications: &[Application], ins: u8) -> Vec<u8> {
    let rows = ALL.iter().filter(|row| {
        row.ins == ins
            && (applications.contains(&row.application)
                || name.ends_with("SE") && name.starts_with('P') && is_directory_read(row.ins))
    });
    rows.filter(|row| row.application != Application::Foreign).map(|row| row.class).collect()
}

/// A payment directory reads its file with the instruction of a payment application.
fn is_directory_read(ins: u8) -> bool {
    ins == ins::READ_RECORD
}

/// 6E00 or 6D00 for what is not there, `None` for what is.
fn absent(name: &str, applications: &[Application], class: u8, ins: u8) -> Option<&'static str> {
    let has = classes(name, applications, ins);
    let uses = (0..=0xFF).any(|other| classes(name, applications, other).contains(&class));
    match (has.contains(&class), has.is_empty() && uses) {
        (true, _) => None,
        (false, true) => Some("6D00"),
        (false, false) => Some("6E00"),
    }
}

const CLASSES: [u8; 8] = [0x00, 0x80, 0xA0, 0xB0, 0xBF, 0xC0, 0x20, 0xFF];

#[test]
fn a8_an_instruction_in_another_class_is_6e00_and_one_in_no_class_6d00_where_the_class_is_used() {
    for (name, desk, applications) in places() {
        for class in CLASSES {
            for ins in 0..=0xFF {
                // C0 is class 80 on channel 4, which is not open.
                let base = if class == 0xC0 { continue } else { class };
                let mut desk = desk.clone();
                let answer = desk.send(&format!("{class:02X}{ins:02X}0000"));
                let expected = absent(name, &applications, base, ins);
                let place = format!("{name} {class:02X}{ins:02X}: {answer}");
                match expected {
                    Some(refusal) => assert_eq!(answer, refusal, "{place}"),
                    // A command that has to be protected is not there without.
                    None if matches!(ins, 0x16 | 0x1E | 0x24) && answer == "6E00" => {}
                    None => assert!(!matches!(&*answer, "6D00" | "6E00"), "{place}"),
                }
            }
        }
    }
}

#[test]
fn a8_the_failing_commands_of_the_field() {
    let mut desk = Desk::t0("gen2");
    desk.all_ok(&[SELECT_SSSE, "00A4000002DF04"]);
    for (command, answer) in [
        ("80A4040000", "6E00"),
        ("B0A4040000", "6E00"),
        ("A0B2010400", "6E00"),
        ("80B2010400", "6E00"),
        ("00260001", "6E00"),
        ("00CA9F36", "6D00"),
        ("80CA9F36", "6D00"),
        ("A0CA9F36", "6E00"),
    ] {
        assert_eq!(desk.send(command), answer, "{command}");
    }
}

#[test]
fn a8_a_first_part_of_what_is_not_there_or_cannot_be_chained_is_refused() {
    for (name, desk, applications) in places() {
        for class in [0x10_u8, 0x90] {
            for ins in 0..=0xFF {
                let mut desk = desk.clone();
                let answer = desk.send(&format!("{class:02X}{ins:02X}000001AA"));
                let place = format!("{name} {class:02X}{ins:02X}: {answer}");
                if let Some(refusal) = absent(name, &applications, class & 0xEF, ins) {
                    assert_eq!(answer, refusal, "{place}");
                    continue;
                }
                let row = ALL.iter().find(|row| {
                    applications.contains(&row.application)
                        && (row.class, row.ins) == (class & 0xEF, ins)
                });
                let expected = if row.is_some_and(|row| row.chained) { "9000" } else { "6884" };
                assert_eq!(answer, expected, "{place}");
            }
        }
    }
}

#[test]
fn a8_a_refused_part_ends_the_chain_before_it() {
    let mut desk = Desk::t0("gen3");
    desk.all_ok(&[SELECT_SSSE]);
    assert_eq!(desk.authenticate("SSSE", 0x04), "9000");
    assert_eq!(desk.authenticate("SSSE", 0x0A), "9000");
    desk.all_ok(&["00A4000002EF08"]);
    for refused in ["10AE000001AA", "10B0000001AA", "90D6000001AA"] {
        assert_eq!(desk.send("10D6000001A1"), "9000");
        assert!(matches!(&*desk.send(refused), "6D00" | "6884" | "6E00"), "{refused}");
        assert_eq!(desk.send("00D6000001A2"), "9000");
        assert_eq!(desk.data("00B0000002"), "A200", "{refused}");
        assert_eq!(desk.send("00D600000100"), "9000");
    }
}

#[test]
fn a8_a_channel_that_is_not_open_hides_no_instruction_that_is_not_there() {
    let mut desk = Desk::t0("gen2");
    for (command, answer) in [
        ("01A40000", "6881"),
        ("01B20104", "6881"),
        ("81A80000", "6881"),
        ("81A40000", "6E00"),
        ("01FE0000", "6D00"),
        ("81FE0000", "6D00"),
        ("11FE0000", "6D00"),
        ("4FFE0000", "6D00"),
        ("CFFE0000", "6D00"),
    ] {
        assert_eq!(desk.send(command), answer, "{command}");
    }
    // A card without a financial function has none of its instructions on any channel.
    assert_eq!(Desk::t0("gen1").send("81A80000"), "6D00");
}

#[test]
fn a8_secure_messaging_hides_no_instruction_that_is_not_there() {
    let mut desk = Desk::t0("gen2");
    desk.all_ok(&[SELECT_SSSE]);
    for (command, answer) in [
        ("04FE000004AABBCCDD", "6D00"),
        ("0CFE000004AABBCCDD", "6D00"),
        ("84FE000004AABBCCDD", "6D00"),
        ("14FE000004AABBCCDD", "6D00"),
        ("84B2000004AABBCCDD", "6E00"),
        ("04A4000004AABBCCDD", "6882"),
        ("04B2010404AABBCCDD", "6882"),
        ("0CD6000004AABBCCDD", "6882"),
        ("14D6000004AABBCCDD", "6884"),
    ] {
        assert_eq!(desk.send(command), answer, "{command}");
    }
}

/// An applet that says what it has: 80 10 in parts, 80 12 in one; 80 12 answers 300 bytes.
struct Declared;

static HAS: Repertoire = Repertoire::of_applet(&[[0x80, 0x12]]).chained(0x80, 0x10);

impl Applet for Declared {
    fn aid(&self) -> &[u8] {
        b"\xF0classes"
    }

    fn repertoire(&self) -> Option<&Repertoire> {
        Some(&HAS)
    }

    fn process(
        &self,
        command: &PlainCommand<'_>,
        _: &mut Context<'_>,
        reply: &mut Reply<'_>,
    ) -> Result<StatusWord, StatusWord> {
        match command.ins {
            0x10 => reply.extend(command.data),
            _ => reply.extend(&[0x12; 300]),
        }
        Ok(StatusWord::SUCCESS)
    }
}

/// An applet that does not say.
struct Silent;

impl Applet for Silent {
    fn aid(&self) -> &[u8] {
        b"\xF0silent"
    }

    fn process(
        &self,
        command: &PlainCommand<'_>,
        _: &mut Context<'_>,
        _: &mut Reply<'_>,
    ) -> Result<StatusWord, StatusWord> {
        if command.ins == 0x10 {
            Ok(StatusWord::SUCCESS)
        } else {
            Err(StatusWord::INS_NOT_SUPPORTED)
        }
    }
}

#[test]
fn a8_a_registered_applet_that_says_what_it_has_is_judged_by_it() {
    let mut desk = Desk::t1("gen3");
    desk.card.register(Box::new(Declared)).expect("registered");
    desk.card.power_on().expect("power");
    desk.all_ok(&["00A4040008F0636C6173736573"]);
    for (command, answer) in [
        ("00100000", "6E00"),
        ("80A4040000", "6E00"),
        ("80140000", "6D00"),
        ("00140000", "6D00"),
        ("A0140000", "6E00"),
        ("9014000001AA", "6D00"),
        ("9012000001AA", "6884"),
        ("9010000001AA", "9000"),
        ("8010000001BB", "AABB9000"),
        ("81140000", "6D00"),
        ("81100000", "6881"),
    ] {
        assert_eq!(desk.send(command), answer, "{command}");
    }
}

#[test]
fn a8_a_registered_applet_that_does_not_say_takes_no_chain() {
    let mut desk = Desk::t1("gen3");
    desk.card.register(Box::new(Silent)).expect("registered");
    desk.card.power_on().expect("power");
    desk.all_ok(&["00A4040007F073696C656E74"]);
    assert_eq!(desk.send("80100000"), "9000");
    assert_eq!(desk.send("80120000"), "6D00", "its own answer");
    for command in ["9010000001AA", "9012000001AA"] {
        assert_eq!(desk.send(command), "6884", "{command}");
    }
}

#[test]
fn d6_more_than_256_bytes_still_wait_for_get_response() {
    let mut desk = Desk::t1("gen3");
    desk.card.register(Box::new(Declared)).expect("registered");
    desk.card.power_on().expect("power");
    desk.all_ok(&["00A4040008F0636C6173736573"]);
    assert_eq!(desk.send("8012000001AA"), "6100", "case 3");
    assert_eq!(desk.send("80C0000000").len(), 2 * 256 + 4);
    assert_eq!(desk.send("80C000002C").len(), 2 * 44 + 4);
}

#[test]
fn a8_get_response_with_nothing_to_give_is_6f00_of_the_social_security_card() {
    for (name, mut desk, _) in places() {
        let expected = if matches!(name, "payment" | "PSE" | "PPSE") { "6985" } else { "6F00" };
        assert_eq!(desk.send("00C0000000"), expected, "{name}");
    }
}
