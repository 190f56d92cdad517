//! The bank card in pcscd's virtual reader.

use sscard_apdu::CommandApdu;
use sscard_host::pcsc::{ConnectOptions, PcscReader};
use sscard_host::{Disposition, Follow, Layer, Transport, TransportError};
use sscard_terminal::payment::{Outcome, Settings, TestIssuer, pay};

use super::{SSCARD, ok, reader, run, served, served_with, text};

/// Answers that scriptor prints, one line each, without spaces.
fn scripted(commands: &[&str]) -> Vec<String> {
    let output = run("scriptor", &["-r", reader()], &format!("{}\n", commands.join("\n")));
    let said = text(&output);
    let mut answers = Vec::new();
    for line in said.lines() {
        if let Some(answer) = line.strip_prefix("< ") {
            answers.push(answer.to_owned());
        } else if let Some(last) = answers.last_mut().filter(|last| !last.contains(" : ")) {
            // scriptor breaks long answers.
            last.push(' ');
            last.push_str(line);
        }
    }
    let bytes = |answer: &String| answer.split(" : ").next().unwrap_or("").replace(' ', "");
    let answers: Vec<String> = answers.iter().map(bytes).collect();
    assert_eq!(answers.len(), commands.len(), "{said}");
    answers
}

/// EMV Book 1 §8.3: T=0 with TB1 = 00 and TC1 = 00 or FF, no TA1, no TD1, historical bytes.
#[test]
fn the_atr_is_one_that_emv_level_1_accepts() {
    let served = served(&["gen2"]);
    let atr = hex::decode(served.expected_atr(0)).expect("hex");
    assert_eq!(atr[..4], [0x3B, 0x6D, 0x00, 0x00]);
    assert_eq!(atr.len(), 4 + 13);
}

#[test]
fn selection_by_pse_aid_partial_aid_and_next_occurrence() {
    let _served = served(&["gen2"]);
    let answers = scripted(&[
        "00A404000E315041592E5359532E444446303100",
        "00C0000000",
        "00B2010C00",
        "00A4040008A00000033301010100",
        "00A4040005A000000333",
        "00A4040205A000000333",
        "00A404000AA000000333010101FFFF",
    ]);
    // 61xx and 6Cxx are the reader's to follow: T=0 shows them.
    assert_eq!(answers[0][..2], *"61");
    assert_eq!(answers[1][..2], *"6C");
    assert_eq!(answers[2][..2], *"6C");
    assert_eq!(answers[3][..2], *"61", "by its whole name");
    assert_eq!(answers[4][..2], *"61", "by the beginning of its name");
    assert_eq!(answers[5], "6A82", "there is no other");
    assert_eq!(answers[6], "6A82", "a longer name than the application's");
}

#[test]
fn two_applications_are_found_one_after_the_other() {
    let folder = tempfile::tempdir().expect("folder");
    let profile = folder.path().join("two.toml");
    std::fs::write(&profile, "base = \"gen2\"\n[financial]\napplications = 2\n").expect("written");
    let _served = served(&[&profile.display().to_string()]);
    let answers = scripted(&[
        "00A4040005A000000333",
        "00C000000C",
        "00A4040205A000000333",
        "00C000000C",
        "00A4040205A000000333",
    ]);
    assert_eq!(answers[0][..2], *"61");
    assert_eq!(answers[2][..2], *"61");
    assert_eq!(answers[4], "6A82");
    assert_ne!(answers[0], "6A82");
}

/// Proxmark issue 1094: cards that refuse GET PROCESSING OPTIONS without Le are a nuisance.
#[test]
fn processing_options_with_and_without_le() {
    let _served = served(&["gen2"]);
    let gpo = format!("80A800000C830A{}", "00".repeat(0x0A));
    let select = "00A4040008A000000333010101";
    let with_le = format!("{gpo}00");
    for command in [&gpo, &with_le] {
        let answers = scripted(&[select, command]);
        assert_eq!(answers[1][..2], *"61", "{command}");
    }
}

#[test]
fn a_payment_through_the_reader_is_approved_and_counted() {
    let mut served = served(&["gen2"]);
    let json = ok(
        SSCARD,
        &["pay", "--amount", "12.34", "--pin", "123456", "--reader", reader(), "--json"],
    );
    let payment: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(payment["outcome"], "approved", "{json}");
    assert_eq!(payment["issuer"]["arqc_ok"], true);
    assert_eq!(payment["offline_data_authentication"]["ok"], true);
    assert_eq!(served.stop("-TERM"), Some(0));
    let account = &served.inspect(0)["accounts"][0];
    assert_eq!((&account["atc"], &account["last_online_atc"]), (&1.into(), &1.into()));
}

#[test]
fn a_quick_payment_in_a_contactless_field_is_approved() {
    let mut served = served_with(&["gen3"], &["--contactless"]);
    // The terminal sees by the ATR which interface it talks to.
    let arguments = ["pay", "--amount", "5.00", "--reader", reader(), "--json"];
    let json = ok(SSCARD, &arguments);
    let payment: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(payment["outcome"], "approved", "{json}");
    assert_eq!(served.stop("-TERM"), Some(0));
    assert_eq!(served.inspect(0)["accounts"][0]["balance_cents"], 99_500);
}

/// The holder is read in a field, too: the ATR that a reader makes up has no key factor.
#[test]
fn the_holder_is_read_in_a_contactless_field() {
    let _served = served_with(&["gen3"], &["--contactless"]);
    let json = ok(SSCARD, &["read", "--reader", reader(), "--json"]);
    let document: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(document["atr"], super::CONTACTLESS_ATR);
    assert_eq!(document["holder"]["birthplace"], "999901");
}

/// A telephone's program: every command that has data to give goes without Le (case 3).
struct WithoutLe {
    reader: PcscReader,
    cut: usize,
}

impl Layer for WithoutLe {
    type Inner = PcscReader;

    fn below(&self) -> &PcscReader {
        &self.reader
    }

    fn below_mut(&mut self) -> &mut PcscReader {
        &mut self.reader
    }

    fn on_transmit(
        &mut self,
        command: &[u8],
        response: &mut Vec<u8>,
    ) -> Result<(), TransportError> {
        let apdu = CommandApdu::parse(command).expect("a command");
        let is_case_4 = !apdu.data.is_empty() && apdu.ne > 0;
        self.cut += usize::from(is_case_4);
        let end = command.len() - usize::from(is_case_4);
        self.reader.transmit(&command[..end], response)
    }

    fn on_close(self: Box<Self>, disposition: Disposition) -> Result<(), TransportError> {
        Box::new(self.reader).close(disposition)
    }
}

#[test]
fn a_contactless_payment_by_commands_without_le_is_approved() {
    let mut served = served_with(&["gen3"], &["--contactless"]);
    let reader = PcscReader::connect(reader(), ConnectOptions::default()).expect("connects");
    let mut card = Follow::new(WithoutLe { reader, cut: 0 });
    let settings = Settings { amount: 500, contactless: true, ..Settings::default() };
    let payment = pay(&mut card, &mut TestIssuer::default(), &settings).expect("a payment");
    assert_eq!(payment.outcome, Outcome::Approved);
    assert!(payment.authentication.ok, "fDDA");
    let WithoutLe { reader, cut } = card.into_inner();
    assert!(cut >= 3, "directory, application, GET PROCESSING OPTIONS: {cut}");
    Box::new(reader).close(Disposition::Leave).expect("closed");
    assert_eq!(served.stop("-TERM"), Some(0));
    assert_eq!(served.inspect(0)["accounts"][0]["balance_cents"], 99_500);
}
