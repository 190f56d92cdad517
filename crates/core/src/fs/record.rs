//! READ RECORD and UPDATE RECORD in every addressing mode seen in the field.

use sscard_apdu::simple_tlv::{SimpleTlv, SimpleTlvError};
use sscard_apdu::{Sfi, StatusWord};

use super::records::Record;
use super::{FoundFile, Records, find, require};
use crate::applet::{Context, Reply};
use crate::profile::Structure;

/// Which records a command means: P1, and the low three bits of P2.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct RecordPlace {
    pub(crate) sfi: Option<Sfi>,
    pub(crate) mode: Mode,
    pub(crate) p1: u8,
}

/// ISO/IEC 7816-4 table 49; P1 is an identifier in the first four, a number in the others.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Mode {
    First,
    Last,
    Next,
    Previous,
    Number,
    ToLast,
    FromLast,
}

impl Mode {
    /// First, last, next and previous move the record pointer, access by number does not.
    #[inline]
    fn point_at(self, context: &mut Context<'_>, record: u8) {
        if matches!(self, Self::First | Self::Last | Self::Next | Self::Previous) {
            context.channel.cursor.record = record;
        }
    }
}

impl RecordPlace {
    #[inline(always)]
    pub(crate) fn parse(p1: u8, p2: u8) -> Result<Self, StatusWord> {
        let sfi = match p2 >> 3 {
            0 => None,
            _ => Some(Sfi::from_record_p2(p2).ok_or(StatusWord::INCORRECT_P1_P2)?),
        };
        let mode = match p2 & 0x07 {
            0 => Mode::First,
            1 => Mode::Last,
            2 => Mode::Next,
            3 => Mode::Previous,
            4 => Mode::Number,
            5 => Mode::ToLast,
            6 => Mode::FromLast,
            _ => return Err(StatusWord::INCORRECT_P1_P2),
        };
        Ok(Self { sfi, mode, p1 })
    }

    /// The same where only one record can be meant.
    pub(crate) const fn of_one(self) -> Result<Self, StatusWord> {
        match self.mode {
            Mode::ToLast | Mode::FromLast => Err(StatusWord::INCORRECT_P1_P2),
            _ => Ok(self),
        }
    }

    /// The one record that is meant, if it is there.
    #[inline]
    fn resolve(self, context: &Context<'_>, file: &FoundFile<'_>) -> Option<Record> {
        let records = Records { address: file.address, structure: file.plan.structure };
        let mut records = records.iter(context.nvm);
        // The current record counts only in the current file.
        let current = match self.sfi {
            Some(_) if context.channel.cursor.ef != Some(file.position) => 0,
            _ => context.channel.cursor.record,
        };
        let named = |record: &Record| self.p1 == 0 || record.tag == Some(self.p1);
        match self.mode {
            Mode::First => records.find(named),
            Mode::Last => records.filter(named).last(),
            Mode::Next => records.find(|record| record.number > current && named(record)),
            Mode::Previous => {
                let before = |record: &Record| current == 0 || record.number < current;
                records.filter(|record| before(record) && named(record)).last()
            }
            Mode::Number | Mode::ToLast | Mode::FromLast => {
                let number = if self.p1 == 0 { current } else { self.p1 };
                records.find(|record| record.number == number)
            }
        }
    }
}

/// READ RECORD (INS B2): one record as tag, length and value, or all from or up to one.
///
/// A record that is read by its identifier becomes the current one; by number none does. With 6Cxx nothing moves.
///
/// # Status
/// `9000`; `6981` the file is transparent; `6982`; `6986` no current EF; `6A82` no file with this
/// short identifier; `6A83` no such record; `6A86`; `6Cxx`; `9303`.
///
/// # Reference
/// 《社会保障（个人）卡规范》 part 5, part 3 §5.3.1; ISO/IEC 7816-4 §11.4.3.
#[inline]
pub(crate) fn read(
    context: &mut Context<'_>,
    place: RecordPlace,
    reply: &mut Reply<'_>,
) -> Result<StatusWord, StatusWord> {
    let file = find(context, place.sfi)?;
    file.require_records()?;
    require(context, file.plan.read)?;
    let record = place.resolve(context, &file).ok_or(StatusWord::RECORD_NOT_FOUND)?;
    let records = Records { address: file.address, structure: file.plan.structure };
    let out = reply.buffer();
    match place.mode {
        Mode::ToLast => {
            for record in
                records.iter(context.nvm).skip(usize::from(record.number).saturating_sub(1))
            {
                context.nvm.read_into(record.address, record.length, out);
            }
        }
        Mode::FromLast => {
            let from = usize::from(record.number).saturating_sub(1);
            let wanted: alloc::vec::Vec<_> = records.iter(context.nvm).skip(from).collect();
            for record in wanted.into_iter().rev() {
                context.nvm.read_into(record.address, record.length, out);
            }
        }
        _ => context.nvm.read_into(record.address, record.length, out),
    }
    context.channel.enter_file(file.position);
    place.mode.point_at(context, record.number);
    Ok(StatusWord::SUCCESS)
}

/// UPDATE RECORD (INS DC): writes one record; one that is not there is appended.
///
/// Linear files take tag, length and value; a cyclic file takes the raw record, and both mode
/// "previous" (the standard) and number 1 (`00 DC 01 04`, seen in the field) add a new one.
///
/// # Status
/// `9000`; `6700` no data, or not the length of a record; `6981`; `6982`; `6986`; `6A80` the identifier does
/// not belong there; `6A82`; `6A84` no room; `6A85` the length does not match the data; `6A86`;
/// under secure messaging `6984`, `6988`; `9303`.
///
/// # Reference
/// 《社会保障（个人）卡规范》 part 5; ISO/IEC 7816-4 §11.4.5.
pub(crate) fn update(
    context: &mut Context<'_>,
    place: RecordPlace,
    data: &[u8],
) -> Result<StatusWord, StatusWord> {
    let file = find(context, place.sfi)?;
    file.require_records()?;
    require(context, file.plan.update)?;
    let is_cyclic = matches!(file.plan.structure, Structure::Cyclic { .. });
    let tag = if is_cyclic { None } else { Some(tag_of(data)?) };
    let by_identifier = !matches!(place.mode, Mode::Number);
    if by_identifier && !is_cyclic && place.p1 != 0 && tag != Some(place.p1) {
        return Err(StatusWord::INCORRECT_DATA);
    }
    let records = Records { address: file.address, structure: file.plan.structure };
    let found = match place.mode {
        Mode::Previous if is_cyclic => None,
        Mode::Number if is_cyclic && place.p1 == 1 => None,
        _ => place.resolve(context, &file),
    };
    let number = match found {
        Some(record) if record.tag != tag => return Err(StatusWord::INCORRECT_DATA),
        Some(record) => {
            records.replace(context.nvm, record, data)?;
            record.number
        }
        None => records.append(context.nvm, data)?,
    };
    context.channel.enter_file(file.position);
    place.mode.point_at(context, number);
    Ok(StatusWord::SUCCESS)
}

fn tag_of(data: &[u8]) -> Result<u8, StatusWord> {
    match SimpleTlv::parse_exact(data) {
        Ok(record) => Ok(record.tag),
        Err(SimpleTlvError::InvalidTag) => Err(StatusWord::INCORRECT_DATA),
        Err(_) => Err(StatusWord::NC_INCONSISTENT_WITH_TLV),
    }
}
