//! The purse's money as it lies in memory, and the one way in which it moves.

use sscard_apdu::StatusWord;

use super::plan;
use crate::applet::Context;
use crate::fs::Records;
use crate::profile::{PURSE_RECORD, PurseArea, PursePlan, is_day};

/// The purse of the selected application.
pub(super) struct Purse<'p> {
    pub(super) plan: &'p PursePlan,
    address: usize,
}

/// One movement of money: what is written, all of it or nothing.
pub(super) struct Movement<'m> {
    /// Type in the record.
    pub(super) kind: u8,
    /// Place of the counter: [`PurseArea::ONLINE`] or [`PurseArea::OFFLINE`].
    pub(super) counter: usize,
    /// Place of the proof.
    pub(super) proof: usize,
    /// The account's balance afterwards.
    pub(super) balance: u32,
    pub(super) terminal: &'m [u8],
    pub(super) time: &'m [u8; 7],
    /// Amounts of account, holder and pooled fund, 4 bytes each.
    pub(super) amounts: [[u8; 4]; 3],
    pub(super) mac: [u8; 4],
    pub(super) certificate: [u8; 4],
}

impl<'p> Purse<'p> {
    /// `6985` when the selected application has no purse.
    pub(super) fn find(context: &Context<'p>) -> Result<Self, StatusWord> {
        let (plan, address) = plan(context)?;
        Ok(Self { plan, address })
    }

    pub(super) fn place(&self, of: usize) -> usize {
        self.address.saturating_add(of)
    }

    /// An amount in cents.
    pub(super) fn amount(&self, context: &Context<'_>, of: usize) -> u32 {
        u32::from_be_bytes(context.nvm.array(self.place(of)))
    }

    /// A transaction counter as the next transaction uses it; `9402` when it is exhausted.
    pub(super) fn counter(&self, context: &Context<'_>, of: usize) -> Result<u16, StatusWord> {
        match context.nvm.word(self.place(of)) {
            u16::MAX => Err(StatusWord::TRANSACTION_COUNTER_EXHAUSTED),
            counter => Ok(counter),
        }
    }

    /// Moves the money: balance, counter, proof and record, in the command's one transaction.
    pub(super) fn carry_out(
        &self,
        context: &mut Context<'_>,
        movement: &Movement<'_>,
    ) -> Result<(), StatusWord> {
        debug_assert!(
            self.conserves(context, movement),
            "what leaves one balance arrives in the other"
        );
        let counter = self.counter(context, movement.counter)?.to_be_bytes();
        let next = u16::from_be_bytes(counter).saturating_add(1);
        let nvm = &mut *context.nvm;
        nvm.write(self.place(PurseArea::BALANCE), &movement.balance.to_be_bytes())?;
        nvm.write(self.place(movement.counter), &next.to_be_bytes())?;
        let [a, b] = counter;
        let [m1, m2, m3, m4] = movement.mac;
        let [t1, t2, t3, t4] = movement.certificate;
        nvm.write(self.place(movement.proof), &[1, a, b, m1, m2, m3, m4, t1, t2, t3, t4])?;
        let mut record = alloc::vec::Vec::with_capacity(PURSE_RECORD.into());
        record.extend_from_slice(&counter);
        record.push(movement.kind);
        record.extend_from_slice(movement.terminal);
        record.extend_from_slice(movement.time);
        movement.amounts.iter().for_each(|amount| record.extend_from_slice(amount));
        self.log(context)?.append(context.nvm, &record)?;
        Ok(())
    }

    /// Whether the balance afterwards is the one before with what was loaded, or without what was spent.
    fn conserves(&self, context: &Context<'_>, movement: &Movement<'_>) -> bool {
        let before = self.amount(context, PurseArea::BALANCE);
        let [account, ..] = movement.amounts;
        let amount = u32::from_be_bytes(account);
        let after = match movement.counter {
            PurseArea::ONLINE => before.checked_add(amount),
            _ => before.checked_sub(amount),
        };
        after == Some(movement.balance)
    }

    fn log(&self, context: &Context<'_>) -> Result<Records, StatusWord> {
        let df = context.channel.cursor.df;
        let files = context.profile.df(df).map_or(&[][..], |df| &df.files);
        let found = (0..).zip(files).find(|(_, file)| file.fid == self.plan.log);
        let (position, file) = found.ok_or(StatusWord::FILE_NOT_FOUND)?;
        let address = context.profile.layout().file(df, position);
        Ok(Records { address, structure: file.structure })
    }

    /// The insurance year of a moment: the calendar year, or the one before until its first day.
    ///
    /// BCD YYYY; `6A80` when the time is none.
    pub(super) fn year(
        &self,
        context: &Context<'_>,
        time: &[u8; 7],
    ) -> Result<[u8; 2], StatusWord> {
        let [century, year, month, day, clock @ ..] = *time;
        let digits = |byte: u8| byte >> 4 <= 9 && byte & 0x0F <= 9;
        let [hour, minute, second] = clock;
        let is_time = [century, year, hour, minute, second].into_iter().all(digits)
            && hour <= 0x23
            && minute <= 0x59
            && second <= 0x59
            && is_day([month, day]);
        if !is_time {
            return Err(StatusWord::INCORRECT_DATA);
        }
        let begins = context.nvm.array::<2>(self.place(PurseArea::START_DAY));
        Ok(if [month, day] >= begins { [century, year] } else { year_before([century, year]) })
    }
}

/// BCD; the year 0000 has none before it.
fn year_before(year: [u8; 2]) -> [u8; 2] {
    let before = |byte: u8| {
        if byte & 0x0F == 0 { byte.wrapping_sub(0x10) & 0xF0 | 0x09 } else { byte.wrapping_sub(1) }
    };
    match year {
        [0x00, 0x00] => year,
        [century, 0x00] => [before(century), 0x99],
        [century, year] => [century, before(year)],
    }
}

#[cfg(test)]
mod tests {
    use super::year_before;

    #[test]
    fn the_year_before_in_bcd() {
        for (year, before) in [
            ([0x20, 0x26], [0x20, 0x25]),
            ([0x20, 0x20], [0x20, 0x19]),
            ([0x20, 0x00], [0x19, 0x99]),
            ([0x00, 0x00], [0x00, 0x00]),
            ([0x10, 0x00], [0x09, 0x99]),
        ] {
            assert_eq!(year_before(year), before, "{year:02X?}");
        }
    }
}
