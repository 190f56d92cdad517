//! Whether a fault's conditions hold: those that a command tells, and those that only its answer does.

use sscard_apdu::StatusWord;

use crate::situation::Situation;
use crate::spec::When;
use crate::structure;

pub(super) fn holds(
    when: &When,
    situation: &Situation,
    command: &[u8],
    answer: Option<&[u8]>,
) -> bool {
    let number = situation.number;
    when.number.is_none_or(|wanted| wanted == number)
        && when.every.is_none_or(|every| number != 0 && number.is_multiple_of(every))
        && when.ins.is_none_or(|ins| command.get(1) == Some(&ins))
        && when.fetched.is_none_or(|ins| situation.asked == Some(ins))
        && when.record.is_none_or(|record| {
            command.get(2) == Some(&record) && command.get(1).is_some_and(|ins| is_of_records(*ins))
        })
        && when.power.is_none_or(|power| power == situation.powered)
        && when.insertion.is_none_or(|insertion| insertion == situation.inserted)
        && when.after.is_none_or(|time| situation.now >= time)
        && when.application.is_none_or(|application| situation.is_in(&application))
        && when.file.is_none_or(|file| situation.is_at(command, file))
        && answer.is_none_or(|answer| holds_of_answer(when, situation, answer))
}

fn holds_of_answer(when: &When, situation: &Situation, answer: &[u8]) -> bool {
    if !when.needs_answer() {
        return true;
    }
    let Some((data, status)) = answer.split_last_chunk::<2>() else { return false };
    when.status.is_none_or(|wanted| wanted == StatusWord::from_bytes(*status))
        && when.tag.is_none_or(|tag| structure::holds(data, tag, situation.asked))
}

const fn is_of_records(ins: u8) -> bool {
    matches!(ins, sscard_commands::ins::READ_RECORD | sscard_commands::ins::UPDATE_RECORD)
}
