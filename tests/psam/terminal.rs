//! A terminal whose keys are in a slot: reading and purchases by the module's commands alone.

use sscard_host::{
    Disposition, Exchange, Follow, InProcess, Layer, Recorder, Secrets, Transport, TransportError,
};
use sscard_profile::{MasterKeys, built_in, issue, load, synthetic_holder};
use sscard_terminal::purse::{self, Amounts, PurseCounter};
use sscard_terminal::{
    CardReport, CardSecurity, Environment, ModuleError, Psam, ReadError, ReadOptions,
    SecurityModule, SoftwareModule, read_card,
};

use crate::harness::hex;

const TIME: [u8; 7] = [0x20, 0x26, 0x11, 0x24, 0x10, 0x15, 0x30];

fn powered(toml: &str) -> InProcess {
    let profile = built_in(toml).unwrap_or_else(|| load(toml).expect("profile"));
    let card = issue(&profile, &synthetic_holder(7), &MasterKeys::test()).expect("card");
    InProcess::power_on(card).expect("power")
}

fn psam(toml: &str) -> Psam<InProcess> {
    Psam::open(powered(toml)).expect("a module")
}

const ALL: ReadOptions<'_> = ReadOptions { applications: true, pin: Some(&[0x12, 0x34, 0x56]) };

fn shown(report: &CardReport) -> String {
    let files = report.files.iter().map(|file| {
        let records: Vec<String> = file.records.iter().map(|one| hex(&one.value)).collect();
        format!("{:04X} {:?} {records:?} {}", file.fid, file.refused, file.bytes.len())
    });
    files.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_module_reads_what_the_software_reads() {
    for (card, module) in [("gen1", "psam-3des"), ("gen2", "psam-3des"), ("gen3", "psam-sm4")] {
        let by_module = read_card(&mut Follow::new(powered(card)), &mut psam(module), ALL);
        let mut software = SoftwareModule::test(1);
        let by_software = read_card(&mut Follow::new(powered(card)), &mut software, ALL);
        let (by_module, by_software) =
            (by_module.expect("by module"), by_software.expect("by software"));
        assert_eq!(shown(&by_module), shown(&by_software), "{card}");
        assert!(by_module.text(0x09).is_some(), "{card}: the holder's name");
    }
}

#[test]
fn a_module_on_t1_and_one_for_a_city_read_as_well() {
    for toml in [
        "base = \"psam-sm4\"\nprotocol = \"T=1\"",
        "base = \"psam-sm4\"\n[psam]\nministry_levels = 1\nprovince_levels = 1",
        "base = \"psam-sm4\"\n[psam]\nministry_levels = 2",
    ] {
        let report = read_card(&mut Follow::new(powered("gen3")), &mut psam(toml), ALL);
        assert!(report.expect(toml).text(0x09).is_some(), "{toml}");
    }
}

#[test]
fn a_module_for_the_other_algorithm_says_so() {
    for (card, module, said) in [
        ("gen2", "psam-sm4", "for cards with SM4, and this card has 3DES"),
        ("gen3", "psam-3des", "for cards with 3DES, and this card has SM4"),
    ] {
        let error = read_card(&mut Follow::new(powered(card)), &mut psam(module), ALL);
        let error = error.expect_err("another algorithm");
        assert!(matches!(error, ReadError::Module(ModuleError::OtherAlgorithm { .. })));
        assert!(error.to_string().contains(said), "{error}");
    }
}

#[test]
fn a_card_in_the_module_s_slot_is_no_module() {
    for card in ["gen1", "gen2", "gen3"] {
        let Err(error) = Psam::open(powered(card)) else { panic!("{card} is a module") };
        assert!(matches!(error, ModuleError::NotAModule(_)), "{card}: {error}");
    }
    let Err(error) = Psam::open(powered("base = \"psam-sm4\"\nalgorithm = \"SSF33\"")) else {
        panic!("SSF33 is not public")
    };
    assert_eq!(error, ModuleError::Algorithm(sscard_crypto::Algorithm::Ssf33));
}

#[test]
fn a_module_of_another_city_s_keys_takes_the_card_for_a_stranger() {
    let profile = built_in("psam-sm4").expect("profile");
    let own = MasterKeys::with_roots("own", |_, _, _| sscard_crypto::Key::new([0x42; 16]));
    let card = issue(&profile, &synthetic_holder(7), &own).expect("card");
    let mut psam = Psam::open(InProcess::power_on(card).expect("power")).expect("a module");
    let error = read_card(&mut Follow::new(powered("gen3")), &mut psam, ALL);
    assert!(matches!(error, Err(ReadError::NotGenuine { .. })));
}

#[test]
fn a_key_that_the_module_lacks_leaves_its_files_closed() {
    let mut psam = psam("base = \"psam-sm4\"\n[psam]\nwithout = [\"RK_SSSE\"]");
    let report = read_card(&mut Follow::new(powered("gen3")), &mut psam, ReadOptions::default());
    let report = report.expect("the rest is read");
    assert_eq!(report.text(0x09), None);
}

/// What passes in the module's slot.
fn exchanges(work: impl FnOnce(&mut Psam<Recorder<InProcess>>)) -> Vec<Exchange> {
    let recorder = Recorder::new(powered("psam-3des"), Secrets::Shown);
    let mut psam = Psam::open(recorder).expect("a module");
    work(&mut psam);
    psam.into_transport().take()
}

#[test]
fn authentication_is_what_programs_of_the_field_send() {
    let security = CardSecurity {
        suite: sscard_crypto::Suite::TripleDes,
        division: *b"999900",
        factor: [0x86, 0, 0x99, 0x99, 0, 0, 0, 7],
    };
    let sent = exchanges(|psam| {
        let key = security.key("SSSE", sscard_core::KeyId::UK_SSSE);
        psam.authentication_data(key, &[0xA5; 8], &[0x5A; 8]).expect("data");
    });
    let sent: Vec<String> = sent.iter().map(|exchange| hex(&exchange.command)).collect();
    let last: Vec<&str> = sent.iter().rev().take(3).rev().map(String::as_str).collect();
    assert_eq!(
        last,
        [
            "BFDE4812188600999900000007393939393030737 8A5A5A5A5A5A5A5A5".replace(' ', "").as_str(),
            "80FA0000085A5A5A5A5A5A5A5A08",
            "00C0000008",
        ]
    );
}

/// Every answer of a software module and of one in a slot, side by side.
#[test]
fn every_answer_is_the_software_s() {
    for (suite, toml) in
        [(sscard_crypto::Suite::TripleDes, "psam-3des"), (sscard_crypto::Suite::Sm4, "psam-sm4")]
    {
        let security =
            CardSecurity { suite, division: *b"999900", factor: [0x86, 0, 0x99, 0x99, 0, 0, 0, 7] };
        let (mut slot, mut software) = (psam(toml), SoftwareModule::test(1));
        let stk = security.key("DF01", sscard_core::KeyId::STK_OF_APPLICATION);
        let dtk = security.key("DF04", sscard_core::KeyId(0x89));
        for length in [0, 1, 7, 8, 15, 16, 100, 223, 224, 225, 254] {
            let message = vec![0x5A; length];
            for factor in [&[1, 2, 3, 4][..], &[1, 2, 3, 4, 5, 6, 7, 8]] {
                assert_eq!(
                    slot.mac(stk, factor, &[&message]),
                    software.mac(stk, factor, &[&message]),
                    "{toml} {length}"
                );
                assert_eq!(
                    slot.encipher(stk, factor, &message),
                    software.encipher(stk, factor, &message),
                    "{toml} {length}"
                );
            }
            assert_eq!(slot.certificate(dtk, &[&message]), software.certificate(dtk, &[&message]));
        }
        assert!(slot.encipher(stk, &[1; 8], &[0; 255]).is_err(), "too long");
    }
}

/// A card with a purse that holds 100.00, DF04 selected.
fn purse(toml: &str) -> (Follow<InProcess>, CardSecurity) {
    let mut card = Follow::new(powered(toml));
    let security = Environment::new(&mut card).identify().expect("a card").security;
    let mut answer = Vec::new();
    for command in [&[0x00, 0x20, 0, 0, 3, 0x12, 0x34, 0x56][..], &[0, 0xA4, 0, 0, 2, 0xDF, 0x04]] {
        card.transmit(command, &mut answer).expect("an answer");
        assert_eq!(answer[answer.len() - 2..], [0x90, 0x00]);
    }
    let counter = PurseCounter { terminal: [9; 6], time: TIME, kind: 0x31 };
    let mut software = SoftwareModule::test(1);
    purse::load(&mut card, &mut software, &security, &counter, 10_000).expect("a load");
    (card, security)
}

#[test]
fn a_purchase_s_mac1_and_mac2_come_from_the_module() {
    for (toml, module) in [("gen2", "psam-3des"), ("base = \"gen3\"\n[purse]", "psam-sm4")] {
        let (mut card, security) = purse(toml);
        let mut psam = psam(module);
        // Its number counts, and its counter.
        let counter = PurseCounter { terminal: [9; 6], time: TIME, kind: 0x32 };
        let amounts = Amounts { account: 1_234, holder: 100, fund: 10 };
        for expected in 1..=3 {
            let receipt = purse::purchase(&mut card, &mut psam, &security, &counter, 77, amounts);
            let receipt = receipt.expect("a purchase");
            assert_eq!(receipt.sequence, expected);
            assert_eq!(receipt.terminal[..3], [0x99, 0x99, 0x00]);
            assert_eq!(u32::from(receipt.counter), expected - 1);
        }
        assert_eq!(purse::balance(&mut card), Ok(10_000 - 3 * 1_234));
        let card = psam.into_transport().into_card();
        assert_eq!(card.inspect_psam().expect("a module").counter, 3);
    }
}

#[test]
fn a_load_by_the_module() {
    let (mut card, security) = purse("gen2");
    let counter = PurseCounter { terminal: [9; 6], time: TIME, kind: 0x31 };
    let receipt = purse::load(&mut card, &mut psam("psam-3des"), &security, &counter, 5_000);
    assert_eq!(receipt.expect("a load").balance, 15_000);
}

/// A module whose last answer of a purchase is lost.
struct Deaf(InProcess);

impl Layer for Deaf {
    type Inner = InProcess;

    fn below(&self) -> &InProcess {
        &self.0
    }

    fn below_mut(&mut self) -> &mut InProcess {
        &mut self.0
    }

    fn on_transmit(
        &mut self,
        command: &[u8],
        response: &mut Vec<u8>,
    ) -> Result<(), TransportError> {
        self.0.transmit(command, response)?;
        if command.starts_with(&[0x80, 0x72]) {
            *response = vec![0x93, 0x02];
        }
        Ok(())
    }

    fn on_close(self: Box<Self>, disposition: Disposition) -> Result<(), TransportError> {
        Box::new(self.0).close(disposition)
    }
}

#[test]
fn a_wrong_mac2_is_told_as_the_card_s() {
    let (mut card, security) = purse("gen2");
    let counter = PurseCounter { terminal: [9; 6], time: TIME, kind: 0x32 };
    let mut psam = Psam::open(Deaf(powered("psam-3des"))).expect("a module");
    let amounts = Amounts { account: 1, ..Amounts::default() };
    let error = purse::purchase(&mut card, &mut psam, &security, &counter, 1, amounts);
    assert_eq!(error, Err(purse::PurseError::WrongMac("MAC2")));
}

/// A module that answers what it is told to, and then nothing sensible.
struct Babbler(Vec<Vec<u8>>);

impl Transport for Babbler {
    fn atr(&self) -> &[u8] {
        &[0x3B, 0x00]
    }

    fn protocol(&self) -> sscard_core::Protocol {
        sscard_core::Protocol::T1
    }

    fn exchange(&mut self, _: &[u8], response: &mut Vec<u8>) -> Result<(), TransportError> {
        let next = self.0.pop().ok_or(TransportError::Removed)?;
        response.extend(next);
        Ok(())
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        Ok(())
    }

    fn close(self: Box<Self>, _: Disposition) -> Result<(), TransportError> {
        Ok(())
    }
}

proptest::proptest! {
    #[test]
    fn a_module_that_babbles_ends_in_an_error_or_an_answer(
        answers in proptest::collection::vec(
            (proptest::collection::vec(proptest::prelude::any::<u8>(), 0..20), 0..6_u8),
            0..40,
        ),
    ) {
        let answers = answers.into_iter().map(|(mut data, status)| {
            data.extend(match status {
                0 => [0x6A, 0x88],
                1 => [0x67, 0x00],
                2 => [0x61, 0x08],
                _ => [0x90, 0x00],
            });
            data
        });
        let mut babbler = Babbler(answers.collect());
        // Selection, serial, number, selection: what a module says to begin with.
        for answer in [&[0x90, 0][..], &[9, 9, 9, 9, 9, 9, 0x90, 0], &[0; 13], &[0x90, 0]] {
            let mut answer = answer.to_vec();
            if answer.len() == 13 {
                answer[11..].copy_from_slice(&[0x90, 0x00]);
            }
            babbler.0.push(answer);
        }
        let Ok(mut psam) = Psam::open(babbler) else { panic!("a module") };
        let security = CardSecurity {
            suite: sscard_crypto::Suite::Sm4,
            division: *b"999900",
            factor: [0; 8],
        };
        let key = security.key("SSSE", sscard_core::KeyId::RK_SSSE);
        for _ in 0..5 {
            let _ = psam.authentication_data(key, &[1; 8], &[2; 8]);
            let _ = psam.mac(key, &[1; 8], &[&[3; 300]]);
            let _ = psam.encipher(key, &[1; 8], &[3; 200]);
            let _ = psam.certificate(key, &[&[3; 20]]);
        }
    }
}
