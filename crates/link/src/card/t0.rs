//! The card's end of T=0: five bytes of header, procedure bytes, data, status (ISO/IEC 7816-3:2006 §10.3).

use sscard_host::Transport;

use super::{Behaviour, Mute};

/// NULL: wait once more (§10.3.3).
const NULL: u8 = 0x60;
const HEADER: usize = 5;
const INSTRUCTION_NOT_SUPPORTED: [u8; 2] = [0x6D, 0x00];
const CLASS_NOT_SUPPORTED: [u8; 2] = [0x6E, 0x00];

/// What it has of the command that comes.
#[derive(Clone, Default, Debug)]
pub(super) struct CardT0 {
    received: Vec<u8>,
}

impl CardT0 {
    /// Takes the next byte; what is sent after it.
    pub(super) fn accept(
        &mut self,
        byte: u8,
        behaviour: &Behaviour,
        card: &mut dyn Transport,
    ) -> Result<Vec<u8>, Mute> {
        self.received.push(byte);
        let Some((&[class, ins, p1, p2, p3], data)) = self.received.split_first_chunk::<HEADER>()
        else {
            return Ok(Vec::new());
        };
        let is_first = data.is_empty();
        if matches!(ins >> 4, 0x6 | 0x9) {
            self.received.clear();
            // These are status and NULL bytes, never instructions.
            return Ok(INSTRUCTION_NOT_SUPPORTED.to_vec());
        }
        if class == crate::pps::INITIAL {
            self.received.clear();
            return Ok(CLASS_NOT_SUPPORTED.to_vec());
        }
        let brings = (behaviour.brings_data)([class, ins, p1, p2]);
        let expected = if brings { usize::from(p3) } else { 0 };
        if data.len() < expected {
            let mut answer = Vec::new();
            if is_first {
                answer.resize(behaviour.null_bytes.into(), NULL);
            }
            match (behaviour.byte_by_byte, is_first) {
                (true, _) => answer.push(!ins),
                (false, true) => answer.push(ins),
                (false, false) => {}
            }
            return Ok(answer);
        }
        let mut command = core::mem::take(&mut self.received);
        if brings && p3 == 0 {
            // Case 1: on the line P3 = 00, in the command no length.
            command.truncate(4);
        }
        let mut response = Vec::new();
        card.transmit(&command, &mut response).map_err(Mute::Failed)?;
        let (data, status) = response.split_last_chunk::<2>().ok_or(Mute::Silent)?;
        let mut answer = Vec::new();
        if !brings || p3 == 0 {
            answer.resize(behaviour.null_bytes.into(), NULL);
        }
        if !brings && !data.is_empty() {
            if behaviour.byte_by_byte {
                answer.extend(data.iter().flat_map(|byte| [!ins, *byte]));
            } else {
                answer.push(ins);
                answer.extend_from_slice(data);
            }
        }
        answer.extend_from_slice(status);
        Ok(answer)
    }

    /// Whether a command has begun and is not finished.
    pub(super) fn has_begun(&self) -> bool {
        !self.received.is_empty()
    }

    /// A header that was not finished in time is no command.
    pub(super) fn forget(&mut self) {
        self.received.clear();
    }
}
