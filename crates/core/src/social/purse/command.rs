//! The purse's commands: bytes to meaning.

use sscard_apdu::StatusWord;
use sscard_commands::ins;

use crate::applet::PlainCommand;

/// What a command of the purse asks for, with its data as it came.
#[derive(Debug)]
pub(super) enum Command<'a> {
    /// Key index 1, amount 4, terminal 6.
    InitLoad(&'a [u8; 11]),
    /// Time 7, MAC2 4.
    CreditLoad(&'a [u8; 11]),
    /// Key index 1, amounts of account, holder and pooled fund 4 each, terminal 6.
    InitPurchase(&'a [u8; 19]),
    /// Terminal's counter 4, time 7, MAC1 4.
    Debit(&'a [u8; 15]),
    GetBalance(Balance),
    GetProof {
        kind: u8,
        counter: [u8; 2],
    },
    UpdateStartDay([u8; 2]),
    GetStartDay,
}

/// Which amount is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Balance {
    Account,
    SelfPaid,
    Pooled,
}

impl<'a> TryFrom<&PlainCommand<'a>> for Command<'a> {
    type Error = StatusWord;

    fn try_from(command: &PlainCommand<'a>) -> Result<Self, StatusWord> {
        let data = command.data;
        Ok(match (command.ins, command.p1, command.p2) {
            (ins::INITIALIZE, 0x00, 0x01) => Self::InitLoad(exactly(data)?),
            (ins::CREDIT_LOAD, 0x00, 0x00) => Self::CreditLoad(exactly(data)?),
            (ins::INITIALIZE, 0x01, 0x01) => Self::InitPurchase(exactly(data)?),
            (ins::DEBIT, 0x01, 0x00) => Self::Debit(exactly(data)?),
            (ins::GET_BALANCE, 0x00, which @ 0x01..=0x03) => {
                exactly::<0>(data)?;
                Self::GetBalance(match which {
                    0x01 => Balance::Account,
                    0x02 => Balance::SelfPaid,
                    _ => Balance::Pooled,
                })
            }
            (ins::GET_TRANSACTION_PROOF, 0x00, kind) => {
                Self::GetProof { kind, counter: *exactly(data)? }
            }
            (ins::START_DAY, 0x00, 0x00) => Self::UpdateStartDay(*exactly(data)?),
            (ins::START_DAY, 0x01, 0x00) => {
                exactly::<0>(data)?;
                Self::GetStartDay
            }
            _ => return Err(StatusWord::INCORRECT_P1_P2),
        })
    }
}

fn exactly<const N: usize>(data: &[u8]) -> Result<&[u8; N], StatusWord> {
    data.try_into().map_err(|_| StatusWord::WRONG_LENGTH)
}
