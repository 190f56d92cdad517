use sscard_host::InProcess;
use sscard_profile::{MasterKeys, built_in, issue, synthetic_holder};

use super::*;
use crate::ast::Mode;
use crate::check::tests::program;
use crate::report::{ReportStep, RunReport};

/// A card that answers from a list and remembers what it was asked.
struct Told {
    answers: Vec<Vec<u8>>,
    asked: Vec<Vec<u8>>,
}

impl Told {
    fn new(answers: &[&[u8]]) -> Self {
        Self {
            answers: answers.iter().rev().map(|answer| answer.to_vec()).collect(),
            asked: Vec::new(),
        }
    }
}

impl Transport for Told {
    fn atr(&self) -> &[u8] {
        &[0x3B, 0x00]
    }

    fn protocol(&self) -> sscard_core::Protocol {
        sscard_core::Protocol::T0
    }

    fn exchange(&mut self, command: &[u8], response: &mut Vec<u8>) -> Result<(), TransportError> {
        self.asked.push(command.to_vec());
        *response = self.answers.pop().ok_or(TransportError::Removed)?;
        Ok(())
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        Ok(())
    }

    fn close(self: Box<Self>, _: sscard_host::Disposition) -> Result<(), TransportError> {
        Ok(())
    }
}

const OPTIONS: Options<'_> =
    Options { secrets: Secrets::Redacted, target: Target::Virtual, golden: None, keys: None };

fn told(text: &str, answers: &[&[u8]]) -> (Summary, Vec<Vec<u8>>, RunReport) {
    let program = program(&[("a.apdu", text)]).unwrap();
    let program = crate::check(program, Target::Virtual).unwrap();
    let mut card = Told::new(answers);
    let mut report = RunReport::default();
    let summary = run(&program, &mut card, OPTIONS, &mut report);
    (summary, card.asked, report)
}

fn failures(summary: &Summary) -> Vec<String> {
    summary.failures.iter().map(ToString::to_string).collect()
}

fn on_card(text: &str, profile: &str) -> Summary {
    let program = program(&[("a.apdu", text)]).unwrap();
    let program = crate::check(program, Target::Virtual).unwrap();
    let card =
        issue(&built_in(profile).unwrap(), &synthetic_holder(1), &MasterKeys::test()).unwrap();
    run(&program, InProcess::power_on(card).unwrap(), OPTIONS, &mut ())
}

const OK: &[u8] = &[0x90, 0x00];

#[test]
fn raw_sends_nothing_of_its_own_and_auto_follows() {
    let script = "select MF\nexpect sw 9000|61xx\n";
    let (summary, asked, _) = told(script, &[&[0x61, 0x02]]);
    assert!(summary.passed());
    assert_eq!(asked, [[0, 0xA4, 0, 0, 2, 0x3F, 0]]);
    let auto = format!("@mode auto\n{script}expect data 6F00");
    let (summary, asked, _) = told(&auto, &[&[0x61, 0x02], &[0x6F, 0x00, 0x90, 0x00]]);
    assert!(summary.passed(), "{:?}", summary.failures);
    assert_eq!(asked[1], [0, 0xC0, 0, 0, 2]);
}

#[test]
fn it_stops_at_the_first_failed_expectation() {
    let (summary, asked, _) =
        told("0084000008\nexpect sw 9000\n0084000004\n", &[&[0x67, 0x00], OK]);
    assert_eq!(asked.len(), 1);
    assert_eq!(
        failures(&summary),
        ["a.apdu:2:1: expected sw 9000, found 6700: wrong length (长度错误)"]
    );
}

#[test]
fn on_error_continue_goes_on_with_the_next_case() {
    let script = "case \"a\" { @on-error continue\n0084000008\nexpect sw 9000\n0084000004 }\n\
                  case \"b\" { 0084000010\nexpect sw 9000 }\n";
    let (summary, asked, report) = told(script, &[&[0x67, 0x00], OK]);
    assert_eq!(asked, [[0, 0x84, 0, 0, 8], [0, 0x84, 0, 0, 0x10]]);
    assert_eq!(summary.failures.len(), 1);
    let outcomes = report.steps.iter().filter_map(|step| match step {
        ReportStep::Case { name, passed, .. } => Some((name.as_str(), *passed)),
        _ => None,
    });
    let outcomes: Vec<_> = outcomes.collect();
    assert_eq!(outcomes, [("a", false), ("b", true)]);
}

#[test]
fn what_stands_outside_a_case_stops_all_the_same() {
    let (_, asked, _) =
        told("@on-error continue\n0084000008\nexpect sw 9000\n0084000004\n", &[&[0x67, 0x00], OK]);
    assert_eq!(asked.len(), 1);
}

#[test]
fn the_default_expectation_counts_unless_another_follows() {
    let script = "@expect sw 9000\n0084000008\nlet x = resp\nexpect sw 6700\n0084000004\n";
    let (summary, ..) = told(script, &[&[0x67, 0x00], &[0x67, 0x00]]);
    assert_eq!(
        failures(&summary),
        ["a.apdu:5:1: expected sw 9000, found 6700: wrong length (长度错误)"]
    );
    assert_eq!(summary.expectations, 2);
}

#[test]
fn a_vanished_card_stops_everything() {
    let script =
        "case \"a\" { @on-error continue\n0084000008\n0084000004 }\ncase \"b\" { 0084000004 }";
    let (summary, asked, report) = told(script, &[OK]);
    assert_eq!(asked.len(), 2);
    let (error, at) = summary.broken.unwrap();
    assert_eq!(error, TransportError::Removed);
    assert_eq!(at.to_string(), "a.apdu:3:1: the card was removed or lost its power");
    let [
        ReportStep::Reset { .. },
        ReportStep::Case { name: gone, .. },
        ReportStep::Skipped(skipped),
    ] = &report.steps[..]
    else {
        panic!("{:?}", report.steps)
    };
    assert_eq!((gone.as_str(), skipped.name.as_str()), ("a", "b"));
    assert_eq!(skipped.place, "a.apdu:4:1");
}

#[test]
fn expectations_about_data() {
    let answer: &[u8] = &[0x6F, 0x04, 0x84, 0x02, 0x3F, 0x00, 0x90, 0x00];
    let script = "let aid = 3F00\n00A4000000\nexpect data 6F xx 84 ..\nexpect tlv 6F/84 == $aid\n\
                  expect len 6\nexpect len 4..6\nexpect sw[0..1] == 90\nexpect (tlv 84 of $fci) == 3F??\n";
    let script = script.replace("00A4000000\n", "> 00A4000000\nlet fci = tlv 6F\n");
    let (summary, ..) = told(&script, &[answer]);
    assert_eq!(failures(&summary), [""; 0]);
    assert_eq!(summary.expectations, 6);
    for (expectation, message) in [
        ("expect data 6F04", "data is not as expected"),
        ("expect tlv 6F/84 == 3F01", "the object is not as expected"),
        ("expect tlv 6F/85 == 3F01", "there is no 6F/85 in 6F0484023F00"),
        ("expect len 7..9", "expected 7 to 9 bytes of data, found 6"),
        ("expect resp[0..2] == 6F05", "the value is not as expected"),
        ("print resp[0..9]", "[0..9] of 6 bytes"),
    ] {
        let (summary, ..) = told(&format!("> 00A4000000\n{expectation}\n"), &[answer]);
        assert!(failures(&summary)[0].ends_with(message), "{:?}", failures(&summary));
    }
}

#[test]
fn a_reader_is_spared_what_was_not_announced() {
    let program = program(&[("a.apdu", "let c = get_challenge 2\n> $c 0000 02 1234")]).unwrap();
    let program = crate::check(program, Target::Virtual).unwrap();
    let mut card = Told::new(&[&[0x00, 0x20, 0x90, 0x00], OK]);
    let options = Options { target: Target::Reader, ..OPTIONS };
    let summary = run(&program, &mut card, options, &mut ());
    assert_eq!(card.asked.len(), 1);
    assert_eq!(
        failures(&summary),
        ["a.apdu:2:1: a destructive command without @destructive: it is not sent"]
    );
}

#[test]
fn rows_includes_and_printing() {
    let files = [
        ("a.apdu", "for row in csv \"t.csv\" { case \"row ${row.id}\" { include \"b.apdu\" } }"),
        ("b.apdu", "> 0084 00 00 $row.le\nprint \"${row.id}: ${answer}\""),
        ("t.csv", "id,le\na,04\nb,08\n"),
    ];
    let files = files.map(|(name, text): (&str, &str)| (name, text.replace("${answer}", "sent")));
    let files: Vec<_> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let program = program(&files).unwrap();
    let program = crate::check(program, Target::Virtual).unwrap();
    let mut card = Told::new(&[OK, OK]);
    let mut report = RunReport::default();
    run(&program, &mut card, OPTIONS, &mut report);
    assert_eq!(card.asked, [[0, 0x84, 0, 0, 4], [0, 0x84, 0, 0, 8]]);
    let ReportStep::Case { name, steps, .. } = &report.steps[2] else { panic!("{report:?}") };
    assert_eq!(name, "row b");
    let [ReportStep::Exchange { place, .. }, ReportStep::Print { text }] = &steps[..] else {
        panic!("{steps:?}")
    };
    assert_eq!((place.as_str(), text.as_str()), ("b.apdu:1:1", "b: sent"));
}

#[test]
fn the_protocol_has_to_be_the_one_that_is_wanted() {
    let (summary, asked, _) = told("@protocol T=1\n0084000008", &[OK]);
    assert_eq!(asked.len(), 0);
    let (error, _) = summary.broken.unwrap();
    assert_eq!(error.to_string(), "protocol error: the card speaks T0, the script wants T1");
}

#[test]
fn authenticate_and_protected_on_a_card_of_each_generation() {
    let script = "@mode auto\n@expect sw 9000\nselect SSSE\nauthenticate key=0A\n\
                  read_record sfi=6 tag=09\nauthenticate key=06\nprotected 24 00 01 enc=654321\n\
                  verify pin=654321\n";
    for profile in ["gen2", "gen3"] {
        let summary = on_card(script, profile);
        assert!(summary.passed(), "{profile}: {:?}", summary.failures);
    }
}

#[test]
fn authenticate_never_guesses_the_algorithm() {
    let summary = on_card("select SSSE\nauthenticate key=0A\n", "gen3");
    assert_eq!(
        failures(&summary),
        [
            "a.apdu:2:1: the algorithm is not known: the answer of SELECT SSSE was not seen; fetch it with \
          get_response, or say suite=…"
        ]
    );
    assert_eq!(summary.commands, 2, "nothing was tried");
    for known in ["get_response le=30\nauthenticate key=0A", "authenticate key=0A suite=sm4"] {
        let summary = on_card(&format!("select SSSE\n{known}\nexpect sw 9000\n"), "gen3");
        assert!(summary.passed(), "{known}: {:?}", summary.failures);
    }
}

#[test]
fn a_purse_is_loaded_with_macs_of_the_script() {
    let script = "@mode auto\n@expect sw 9000\nlet term = 112233445566\n\
        let time = date(\"2026-11-24T13:05:09\", \"YYYYMMDDhhmmss\")\n\
        select SSSE\nverify pin=123456\nselect DF04\n\
        let key = card_key(3des, 999900, DF04, 88, card_factor(atr()))\n\
        let tac = card_key(3des, 999900, DF04, 89, card_factor(atr()))\n\
        let begun = init_load amount=1000 terminal=$term\n\
        let rnd = $begun[8..12] || $begun[4..6] || 8000\n\
        expect sm_mac(3des, $key, $rnd, $begun[0..4] || u32(1000) || 31 || $term) == ($begun[12..16])\n\
        credit_load time=$time mac=(sm_mac(3des, $key, $rnd, u32(1000) || 31 || $term || $time))\n\
        expect data (certificate_mac(3des, $tac, u32(1000) || $begun[4..6] || u32(1000) || 31 || $term || $time))\n\
        get_balance\nexpect data 000003E8\n";
    let summary = on_card(script, "gen2");
    assert!(summary.passed(), "{:?} {:?}", summary.failures, summary.broken);
}

#[test]
fn a_golden_file_is_compared_exchange_by_exchange() {
    let golden = Golden::parse(&SourceText::new("g", "> 0084000008\n< xxxx9000\n")).unwrap();
    let options = Options { golden: Some(&golden), ..OPTIONS };
    let outcome = |text: &str, answers: &[&[u8]]| {
        let program = program(&[("a.apdu", text)]).unwrap();
        let program = crate::check(program, Target::Virtual).unwrap();
        failures(&run(&program, &mut Told::new(answers), options, &mut ()))
    };
    assert_eq!(outcome("0084000008", &[&[1, 2, 0x90, 0]]), [""; 0]);
    assert_eq!(outcome("0084000008", &[OK]), ["a.apdu:1:1: response 1 is not the golden one"]);
    assert_eq!(outcome("0084000004", &[OK]), ["a.apdu:1:1: command 1 is not the golden one"]);
    assert_eq!(outcome("", &[]), ["a.apdu:1:1: the golden file has 1 more exchange"]);
    assert_eq!(
        outcome("0084000008\n0084000008", &[&[1, 2, 0x90, 0], OK]),
        ["a.apdu:2:1: the golden file ends after 1 exchange, but there is one more here"]
    );
}

#[test]
fn a_session_remembers_from_statement_to_statement() {
    let answers: &[&[u8]] = &[&[0x61, 0x02], &[0x12, 0x34, 0x90, 0x00], OK];
    let mut card = Told::new(answers);
    let mut session = ScriptSession::new(&mut card, 1, Secrets::Redacted, Target::Virtual);
    for text in ["@mode auto", "let x = select MF", "> 00A40000 02 $x"] {
        let program = program(&[("a.apdu", text)]).unwrap();
        let checked = session.check(program).unwrap();
        assert!(session.execute(&checked, &mut ()).passed(), "{text}");
    }
    assert_eq!(session.names()["x"], "1234");
    assert_eq!(session.mode(), Mode::Auto);
    assert_eq!(card.asked[2], [0, 0xA4, 0, 0, 2, 0x12, 0x34]);
}

#[test]
fn in_a_session_with_a_reader_destructive_is_said_once() {
    let mut card = Told::new(&[OK, OK]);
    let mut session = ScriptSession::new(&mut card, 1, Secrets::Redacted, Target::Reader);
    let verify = || program(&[("a.apdu", "verify pin=123456")]).unwrap();
    assert_eq!(
        session.check(verify()).unwrap_err()[0].to_string(),
        "a.apdu:1:1: a destructive command without @destructive"
    );
    // Checked for another card, it is not sent either.
    let elsewhere = crate::check(verify(), Target::Virtual).unwrap();
    assert!(!session.execute(&elsewhere, &mut ()).passed());
    let said = session.check(program(&[("a.apdu", "@destructive")]).unwrap()).unwrap();
    session.execute(&said, &mut ());
    let verify = session.check(verify()).unwrap();
    assert!(session.execute(&verify, &mut ()).passed());
    assert_eq!(card.asked.len(), 1);
}

#[test]
fn a_session_ends_by_exit() {
    let mut card = Told::new(&[]);
    let mut session = ScriptSession::new(&mut card, 1, Secrets::Redacted, Target::Virtual);
    let exit = session.check(program(&[("a.apdu", "exit")]).unwrap()).unwrap();
    assert!(session.execute(&exit, &mut ()).exited);
}
