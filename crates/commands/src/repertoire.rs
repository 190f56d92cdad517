//! Which instructions an application has, in which classes, and which of them can be chained.
//!
//! What enters: applications of the table, or an applet's own instructions. What leaves: for each class and instruction
//! whether it is one, and if not, which of the two refusals it gets: an instruction in another class than its own 6E00,
//! an instruction that is not there 6D00 in the classes that the application uses and 6E00 in all others.

use sscard_apdu::StatusWord;

use crate::table::ALL;
use crate::{Application, class, ins};

/// Most classes of one repertoire; what would be a further one is not taken in.
const CLASSES: usize = 16;

/// The instructions of one application.
///
/// ```
/// use sscard_apdu::StatusWord;
/// use sscard_commands::Repertoire;
///
/// static OWN: Repertoire = Repertoire::of_applet(&[[0x80, 0x10], [0x80, 0x12]]).chained(0x80, 0x12);
/// assert_eq!(OWN.judge(0x80, 0x10), Ok(()));
/// assert_eq!(OWN.judge(0x00, 0x10), Err(StatusWord::CLASS_NOT_SUPPORTED), "in another class");
/// assert_eq!(OWN.judge(0x80, 0x14), Err(StatusWord::INS_NOT_SUPPORTED), "in no class");
/// assert!(OWN.chains(0x80, 0x12) && !OWN.chains(0x80, 0x10));
/// ```
#[derive(Clone, Debug)]
pub struct Repertoire {
    /// The bit of each class; 0 for one that is not used.
    bits: [u16; 256],
    used: usize,
    /// By instruction: one bit for each class that has it.
    has: [u16; 256],
    /// Likewise, of those that can be chained.
    chained: [u16; 256],
}

#[allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "bounded by the loops above them, and evaluated by the compiler where it is a constant"
)]
impl Repertoire {
    const fn empty() -> Self {
        Self { bits: [0; 256], used: 0, has: [0; 256], chained: [0; 256] }
    }

    /// What applications of the table have together.
    #[must_use]
    pub const fn of(applications: &[Application]) -> Self {
        let mut whole = Self::empty();
        let mut row = 0;
        while row < ALL.len() {
            let known = &ALL[row];
            let mut at = 0;
            while at < applications.len() {
                if applications[at] as u8 == known.application as u8 {
                    whole = whole.and([known.class, known.ins], known.chained);
                }
                at += 1;
            }
            row += 1;
        }
        whole
    }

    /// What an applet of one's own has, class and instruction each, beside what the card itself has for every
    /// application. A class stands without the bits of channel, chaining and secure messaging: 00, 80, or one of A0…BF.
    #[must_use]
    pub const fn of_applet(instructions: &[[u8; 2]]) -> Self {
        let mut whole = Self::of(&[Application::Card]);
        let mut at = 0;
        while at < instructions.len() {
            whole = whole.and(instructions[at], false);
            at += 1;
        }
        whole
    }

    /// The same with this instruction, which may come in parts (ISO/IEC 7816-4 §5.3.3).
    #[must_use]
    pub const fn chained(self, class: u8, ins: u8) -> Self {
        self.and([class, ins], true)
    }

    const fn and(mut self, [class, ins]: [u8; 2], chained: bool) -> Self {
        if self.bit(class) == 0 && self.used < CLASSES {
            self.bits[class as usize] = 1 << self.used;
            self.used += 1;
        }
        self.has[ins as usize] |= self.bit(class);
        if chained {
            self.chained[ins as usize] |= self.bit(class);
        }
        self
    }

    /// 0 for a class that is not used.
    #[inline]
    const fn bit(&self, class: u8) -> u16 {
        self.bits[class as usize]
    }

    /// Whether the application has an instruction in a class, which stands without the bits of channel, chaining and
    /// secure messaging.
    ///
    /// # Errors
    /// 6E00: it has it in another class, or does not use the class at all; 6D00: it has it in no class.
    #[inline]
    pub const fn judge(&self, class: u8, ins: u8) -> Result<(), StatusWord> {
        let (bit, has) = (self.bit(class), self.has[ins as usize]);
        if bit & has != 0 {
            Ok(())
        } else if bit != 0 && has == 0 {
            Err(StatusWord::INS_NOT_SUPPORTED)
        } else {
            Err(StatusWord::CLASS_NOT_SUPPORTED)
        }
    }

    /// Whether an instruction may come in parts.
    #[must_use]
    #[inline]
    pub const fn chains(&self, class: u8, ins: u8) -> bool {
        self.bit(class) & self.chained[ins as usize] != 0
    }
}

/// The social security environment, an application in it, and the MF.
pub static SOCIAL: Repertoire = Repertoire::of(&[Application::Card, Application::SocialSecurity]);
/// The same with the medical purse.
pub static SOCIAL_WITH_PURSE: Repertoire =
    Repertoire::of(&[Application::Card, Application::SocialSecurity, Application::Purse]);
/// A terminal's security module.
pub static PSAM: Repertoire = Repertoire::of(&[Application::Card, Application::Psam]);
/// The PKI application's two directories.
pub static PKI: Repertoire = Repertoire::of(&[Application::Card, Application::Pki]);
/// A payment application.
pub static FINANCIAL: Repertoire = Repertoire::of(&[Application::Card, Application::Financial]);
/// A payment directory: its file is read, nothing else.
pub static DIRECTORY: Repertoire =
    Repertoire::of_applet(&[[class::INTERINDUSTRY, ins::READ_RECORD]]);
/// Whatever an application of a holder's card has.
pub static ANY: Repertoire = Repertoire::of(&[
    Application::Card,
    Application::SocialSecurity,
    Application::Financial,
    Application::Pki,
]);

#[cfg(test)]
mod tests {
    use super::*;

    const NO_CLASS: Result<(), StatusWord> = Err(StatusWord::CLASS_NOT_SUPPORTED);
    const NO_INSTRUCTION: Result<(), StatusWord> = Err(StatusWord::INS_NOT_SUPPORTED);

    #[test]
    fn every_row_is_in_the_repertoire_of_its_application_and_in_no_other() {
        for known in ALL {
            let social =
                matches!(known.application, Application::Card | Application::SocialSecurity);
            let expected = social
                || ALL.iter().any(|row| {
                    matches!(row.application, Application::Card | Application::SocialSecurity)
                        && (row.class, row.ins) == (known.class, known.ins)
                });
            assert_eq!(SOCIAL.judge(known.class, known.ins).is_ok(), expected, "{known:?}");
        }
    }

    #[test]
    fn an_instruction_in_another_class_is_6e00_and_one_in_none_6d00_where_the_class_is_used() {
        for (repertoire, class, ins, expected) in [
            (&SOCIAL, 0x80, ins::SELECT, NO_CLASS),
            (&SOCIAL, 0xB0, ins::SELECT, NO_CLASS),
            (&SOCIAL_WITH_PURSE, 0xB0, ins::SELECT, NO_CLASS),
            (&SOCIAL_WITH_PURSE, 0xA0, ins::READ_RECORD, NO_CLASS),
            (&SOCIAL, 0x00, ins::GENERATE_AC, NO_INSTRUCTION),
            (&SOCIAL, 0x80, ins::GENERATE_AC, NO_INSTRUCTION),
            (&SOCIAL, 0xB0, ins::GENERATE_AC, NO_CLASS),
            (&SOCIAL_WITH_PURSE, 0xB0, ins::GENERATE_AC, NO_INSTRUCTION),
            (&FINANCIAL, 0x00, ins::GENERATE_AC, NO_CLASS),
            (&FINANCIAL, 0x80, ins::GENERATE_AC, Ok(())),
            (&DIRECTORY, 0x00, ins::READ_RECORD, Ok(())),
            (&DIRECTORY, 0x80, ins::READ_RECORD, NO_CLASS),
            (&DIRECTORY, 0x00, ins::VERIFY, NO_INSTRUCTION),
            (&DIRECTORY, 0x80, ins::VERIFY, NO_CLASS),
        ] {
            assert_eq!(repertoire.judge(class, ins), expected, "{class:02X}{ins:02X}");
        }
    }

    #[test]
    fn what_brings_no_data_cannot_be_chained() {
        assert!(SOCIAL.chains(0x00, ins::UPDATE_BINARY));
        assert!(!SOCIAL.chains(0x00, ins::READ_BINARY));
        assert!(!SOCIAL.chains(0x80, ins::UPDATE_BINARY), "not there");
        assert!(FINANCIAL.chains(0x80, ins::GENERATE_AC));
        assert!(!FINANCIAL.chains(0x00, ins::PUT_DATA), "a script has its MAC");
    }
}
