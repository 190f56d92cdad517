//! Which application a command speaks to, so that its bytes get the right meaning.

use sscard_apdu::{CommandApdu, FileId, StatusWord};
use sscard_commands::ins;

use crate::{Meaning, command, financial, pki, status};

/// One of the card's functions.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Vocabulary {
    /// Social security; also before anything is selected.
    #[default]
    SocialSecurity,
    /// Financial, with PSE and PPSE.
    Financial,
    /// The PKI application of the third generation, and its environment.
    Pki,
}

impl Vocabulary {
    /// The application that is selected after a command and its status word.
    ///
    /// What is neither a directory of payment applications nor an identifier of UnionPay belongs to
    /// social security.
    #[must_use]
    pub fn after(self, command: &[u8], status: Option<StatusWord>) -> Self {
        let done = status.is_some_and(|status| {
            status == StatusWord::SUCCESS
                || status.value() == 0x6283
                || status.bytes_available().is_some()
        });
        match CommandApdu::parse(command) {
            Ok(apdu) if done && apdu.class.base() == 0 && apdu.ins == ins::SELECT => self.of(&apdu),
            _ => self,
        }
    }

    /// The application that a command speaks to when this one is selected: a SELECT by name speaks
    /// to the one it names.
    #[must_use]
    pub fn addressed(self, command: &[u8]) -> Self {
        match CommandApdu::parse(command) {
            Ok(apdu) if apdu.class.base() == 0 && apdu.ins == ins::SELECT && apdu.p1 == 0x04 => {
                self.of(&apdu)
            }
            _ => self,
        }
    }

    fn of(self, apdu: &CommandApdu<'_>) -> Self {
        let of_pki = if apdu.p1 == 0x04 {
            pki::directory_name(apdu.data).is_some()
        } else {
            let fid = <[u8; 2]>::try_from(apdu.data).map(u16::from_be_bytes);
            self == Self::Pki
                && fid.is_ok_and(|fid| {
                    fid == pki::IDENTIFIER || pki::file_name(FileId::new(fid)).is_some()
                })
        };
        if of_pki {
            return Self::Pki;
        }
        let financial = apdu.p1 == 0x04
            && (apdu.data.starts_with(&[0xA0, 0x00, 0x00, 0x03, 0x33])
                || matches!(apdu.data, b"1PAY.SYS.DDF01" | b"2PAY.SYS.DDF01"));
        if financial { Self::Financial } else { Self::SocialSecurity }
    }

    /// A command in words: its name and what it addresses, no data.
    #[must_use]
    pub fn describe_command(self, bytes: &[u8]) -> String {
        match self {
            Self::SocialSecurity => command::describe_command(bytes),
            Self::Financial => financial::describe_command(bytes),
            Self::Pki => pki::describe_command(bytes),
        }
    }

    /// What a status word says after the instruction `ins`.
    #[must_use]
    pub fn status_meaning(self, word: StatusWord, ins: u8) -> Meaning {
        match self {
            Self::SocialSecurity => status::status_meaning(word, ins),
            Self::Financial => financial::status_meaning(word, ins),
            Self::Pki => pki::status_meaning(word, ins),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAY: [u8; 13] = [0, 0xA4, 4, 0, 8, 0xA0, 0, 0, 3, 0x33, 1, 1, 1];

    #[test]
    fn a_selection_that_succeeds_changes_the_application() {
        let start = Vocabulary::default();
        let success = Some(StatusWord::SUCCESS);
        assert_eq!(start.after(&PAY, success), Vocabulary::Financial);
        assert_eq!(start.after(&PAY, Some(StatusWord::new(0x6283))), Vocabulary::Financial);
        assert_eq!(start.after(&PAY, Some(StatusWord::new(0x6120))), Vocabulary::Financial);
        assert_eq!(start.after(&PAY, Some(StatusWord::new(0x6A82))), start);
        assert_eq!(start.after(&PAY, None), start);
        let social = [0, 0xA4, 0, 0, 2, 0x3F, 0];
        assert_eq!(Vocabulary::Financial.after(&social, success), Vocabulary::SocialSecurity);
        let read = [0, 0xB2, 1, 0x0C, 0];
        assert_eq!(Vocabulary::Financial.after(&read, success), Vocabulary::Financial);
    }

    #[test]
    fn a_selection_is_read_by_what_it_names() {
        assert_eq!(Vocabulary::SocialSecurity.addressed(&PAY), Vocabulary::Financial);
        assert_eq!(
            Vocabulary::Financial.addressed(b"\0\xA4\x04\0\x04sx1."),
            Vocabulary::SocialSecurity
        );
        let blocked = StatusWord::new(0x6A81);
        assert_eq!(Vocabulary::Financial.status_meaning(blocked, 0xA4).en, "card is blocked");
        assert_eq!(
            Vocabulary::SocialSecurity.describe_command(&[0, 0xB2, 1, 0x0C, 0]),
            "READ RECORD number 1 of EF01"
        );
    }
}
