//! An applet of one's own, its model, and a soak of both: the model finds the applet's bug, and says the shortest way to it.
//!
//! The applet is a stamp card behind a code of two bytes. `cargo run --release` ends with 0 when the bug was found.

use std::process::ExitCode;
use std::time::Duration;

use sscard_apdu::StatusWord;
use sscard_core::{Applet, Card, Context, Interface, PlainCommand, Reply};
use sscard_profile::{MasterKeys, issue, load, synthetic_holder};
use sscard_testkit::op::{Op, OpRecord};
use sscard_testkit::soak::Mix;
use sscard_testkit::{Bench, Model, Soak};

const AID: [u8; 5] = [0xF0, b's', b't', b'm', b'p'];
const CODE: [u8; 2] = [0x47, 0x11];
/// Wrong codes in a row that block it; stamps that a coffee costs.
const TRIES: u8 = 3;
const COFFEE: u8 = 5;

/// Its memory: tries that are left, stamps. Its state: whether the code was right since it was selected.
struct StampCard;

impl Applet for StampCard {
    fn aid(&self) -> &[u8] {
        &AID
    }

    fn memory(&self) -> Vec<u8> {
        vec![TRIES, 0]
    }

    fn process(
        &self,
        command: &PlainCommand<'_>,
        context: &mut Context<'_>,
        reply: &mut Reply<'_>,
    ) -> Result<StatusWord, StatusWord> {
        let [tries, stamps] = context.memory().array(0)?;
        match (command.ins, command.data) {
            (0x10, _) if tries == 0 => return Err(StatusWord::AUTHENTICATION_METHOD_BLOCKED),
            (0x10, code) if code != CODE => {
                *context.state()? = false;
                context.memory().write(0, &[tries - 1])?;
                return Ok(StatusWord::with_tries_left(tries - 1));
            }
            (0x10, _) => {
                *context.state()? = true;
                context.memory().write(0, &[TRIES])?;
            }
            (0x12, []) => context.memory().write(1, &[stamps.saturating_add(1)])?,
            (0x14, []) if !*context.state::<bool>()? => {
                return Err(StatusWord::SECURITY_STATUS_NOT_SATISFIED);
            }
            // The bug: with five stamps there has to be a coffee.
            (0x14, []) if stamps <= COFFEE => {
                return Err(StatusWord::CONDITIONS_OF_USE_NOT_SATISFIED);
            }
            (0x14, []) => {
                context.memory().write(1, &[stamps - COFFEE])?;
                reply.extend(&[stamps - COFFEE]);
            }
            _ => return Err(StatusWord::INS_NOT_SUPPORTED),
        }
        Ok(StatusWord::SUCCESS)
    }
}

/// What can be sent to it.
#[derive(Clone, Debug, PartialEq)]
enum Stamp {
    Select,
    Verify { right: bool },
    Add,
    Coffee,
}

/// What the rules say that it is like.
#[derive(Clone, PartialEq)]
struct Rules {
    tries: u8,
    stamps: u8,
    selected: bool,
    verified: bool,
}

impl Model for Rules {
    type Command = Stamp;

    fn decode(record: &OpRecord) -> Stamp {
        match record[2] % 4 {
            0 => Stamp::Select,
            1 => Stamp::Verify { right: record[3] < 192 },
            2 => Stamp::Add,
            _ => Stamp::Coffee,
        }
    }

    fn write(&self, command: &Stamp, _: u8, out: &mut Vec<u8>) {
        match command {
            Stamp::Select => {
                out.extend([0x00, 0xA4, 0x04, 0x00, 5]);
                out.extend(AID);
            }
            Stamp::Verify { right: true } => out.extend([0x80, 0x10, 0, 0, 2, CODE[0], CODE[1]]),
            Stamp::Verify { right: false } => out.extend([0x80, 0x10, 0, 0, 2, 0, 0]),
            Stamp::Add => out.extend([0x80, 0x12, 0, 0]),
            Stamp::Coffee => out.extend([0x80, 0x14, 0, 0, 0]),
        }
    }

    fn exchange(&mut self, command: &[u8], _: &[u8], expected: &mut Vec<u8>) -> Result<(), String> {
        let answer: &[u8] = match command[1] {
            0xA4 => {
                (self.selected, self.verified) = (true, false);
                &[0x6F, 7, 0x84, 5, 0xF0, b's', b't', b'm', b'p', 0x90, 0x00]
            }
            // The MF has no such instruction.
            _ if !self.selected => &[0x6D, 0x00],
            0x10 if self.tries == 0 => &[0x69, 0x83],
            0x10 if command[5..] == CODE => {
                (self.tries, self.verified) = (TRIES, true);
                &[0x90, 0x00]
            }
            0x10 => {
                (self.tries, self.verified) = (self.tries - 1, false);
                &[0x63, 0xC0 | self.tries]
            }
            0x12 => {
                self.stamps = self.stamps.saturating_add(1);
                &[0x90, 0x00]
            }
            _ if !self.verified => &[0x69, 0x82],
            _ if self.stamps < COFFEE => &[0x69, 0x85],
            _ => {
                self.stamps -= COFFEE;
                &[self.stamps, 0x90, 0x00]
            }
        };
        *expected = answer.to_vec();
        Ok(())
    }

    fn power_on(&mut self, _: Interface) -> Option<Vec<u8>> {
        self.power_off();
        None
    }

    fn power_off(&mut self) {
        (self.selected, self.verified) = (false, false);
    }

    /// As before, or as after.
    fn after_cut(&self, command: &[u8]) -> Vec<Self> {
        let mut after = self.clone();
        let _ = after.exchange(command, &[], &mut Vec::new());
        let mut both = vec![self.clone(), after];
        both.iter_mut().for_each(Self::power_off);
        both
    }

    fn cells(&self, cell: &mut dyn FnMut(usize)) {
        cell(
            usize::from(self.stamps.min(15)) << 4
                | usize::from(self.tries) << 2
                | usize::from(self.verified),
        );
    }
}

fn bench() -> Bench<Card, Rules> {
    let profile = load("base = \"gen3\"\nprotocol = \"T=1\"").expect("a profile");
    let mut card = issue(&profile, &synthetic_holder(1), &MasterKeys::test()).expect("a card");
    card.register(Box::new(StampCard)).expect("a free name");
    let rules = Rules { tries: TRIES, stamps: 0, selected: false, verified: false };
    let mut bench = Bench::new(card, rules);
    bench.apply(&Op::Reset(Interface::Contact)).expect("power");
    bench
}

fn main() -> ExitCode {
    let soak = Soak::new(1).mix(Mix::meaningful()).time(Some(Duration::from_secs(60)));
    let soak = soak.start("stamp card", bench);
    let outcome = soak.run();
    println!(
        "{} operations, {} states, {:?}",
        outcome.operations,
        outcome.states.len(),
        outcome.time
    );
    let Some(finding) = outcome.findings.first() else { return ExitCode::FAILURE };
    let shortest = soak.shrink(finding, || true);
    println!("{}", shortest.violation);
    for operation in shortest.operations::<Rules>() {
        println!("    {operation}");
    }
    print!("{}", shortest.rust::<Rules>());
    ExitCode::SUCCESS
}
