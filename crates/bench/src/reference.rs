//! The reference: the same mix on the crates `apdu-dispatch` and `iso7816` with a small applet.

use sscard_commands::ins;
use std::error::Error;
use std::hint::black_box;

use apdu_dispatch::app::{App, CommandView, Interface, Result as AppResult, VecView};
use apdu_dispatch::dispatch::ApduDispatch;
use apdu_dispatch::interchanges::{Channel, Data, Requester};
use iso7816::{Aid, Instruction, Status};

use crate::card::MIX;
use crate::timing::per_second;

const NAME: &[u8] = b"sx1.sh.card";
const PIN: &[u8] = &[0x12, 0x34, 0x56];

/// One file with one record, and a PIN.
struct Applet {
    record: [u8; 32],
    selected: u16,
    tries: u8,
}

impl iso7816::App for Applet {
    fn aid(&self) -> Aid {
        Aid::new(NAME)
    }
}

impl App for Applet {
    fn select(&mut self, _: Interface, _: CommandView<'_>, _: &mut VecView<u8>) -> AppResult {
        Ok(())
    }

    fn deselect(&mut self) {}

    fn call(
        &mut self,
        _: Interface,
        command: CommandView<'_>,
        reply: &mut VecView<u8>,
    ) -> AppResult {
        match command.instruction() {
            Instruction::Select => {
                let fid = command.data().try_into().map_err(|_| Status::WrongLength)?;
                self.selected = u16::from_be_bytes(fid);
                if self.selected == 0xEF06 { Ok(()) } else { Err(Status::NotFound) }
            }
            Instruction::Unknown(0xB2)
                if self.selected == 0xEF06 && command.p1 == self.record[0] =>
            {
                reply.extend_from_slice(&self.record).map_err(|_| Status::NotEnoughMemory)
            }
            Instruction::Verify if self.tries == 0 => Err(Status::OperationBlocked),
            Instruction::Verify => {
                self.tries -= 1;
                if command.data() != PIN {
                    return Err(Status::RemainingRetries(self.tries));
                }
                self.tries = 6;
                Ok(())
            }
            _ => Err(Status::InstructionNotSupportedOrInvalid),
        }
    }
}

/// The two ends of the dispatcher's pipe.
pub(crate) struct Pipes {
    contact: Channel,
    contactless: Channel,
}

impl Pipes {
    pub(crate) fn new() -> Box<Self> {
        Box::new(Self { contact: Channel::new(), contactless: Channel::new() })
    }
}

/// The dispatcher with the applet selected.
pub(crate) struct Bench<'p> {
    reader: Requester<'p>,
    dispatch: ApduDispatch<'p>,
    applet: Applet,
}

impl<'p> Bench<'p> {
    pub(crate) fn new(pipes: &'p Pipes) -> Result<Self, Box<dyn Error>> {
        let (reader, card) = pipes.contact.split().ok_or("the pipe is in use")?;
        let (_, contactless) = pipes.contactless.split().ok_or("the pipe is in use")?;
        let mut record = [0x41; 32];
        record[..2].copy_from_slice(&[0x09, 30]);
        let applet = Applet { record, selected: 0, tries: 6 };
        let mut bench = Self { reader, dispatch: ApduDispatch::new(card, contactless), applet };
        let length = u8::try_from(NAME.len())?;
        let select = [&[0x00, ins::SELECT, 0x04, 0x00, length][..], NAME].concat();
        for (command, answer) in [(&select[..], 2), (MIX[0], 2), (MIX[1], 34), (MIX[2], 2)] {
            let response = bench.transmit(command).ok_or("no answer")?;
            if response.len() != answer || !response.ends_with(&[0x90, 0x00]) {
                return Err(format!("reference: {command:02X?} got {response:02X?}").into());
            }
        }
        Ok(bench)
    }

    fn transmit(&mut self, command: &[u8]) -> Option<Data> {
        self.reader.request(Data::from_slice(command).ok()?).ok()?;
        self.dispatch.poll(&mut [&mut self.applet]);
        self.reader.take_response()
    }

    /// Commands a second, in turns of the three of the mix.
    pub(crate) fn mix(&mut self, rounds: u32) -> f64 {
        3.0 * per_second(rounds, |rounds| {
            for _ in 0..rounds {
                for command in MIX {
                    black_box(self.transmit(black_box(command)));
                }
            }
        })
    }
}
