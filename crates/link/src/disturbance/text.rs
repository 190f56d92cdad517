//! A disturbance as a person writes it: `DAMAGE[=VALUE]@SENDER,PLACE=N`.

use std::fmt;
use std::str::FromStr;

use super::{Damage, Disturbance, Spot};
use crate::line::Sender;

const DAMAGES: &str = "parity, bits=XX, lost, double, checksum, sequence, late=ETU or early=ETU";

/// Why a text is no disturbance.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{text}: {problem}")]
pub struct DisturbanceError {
    /// The text.
    pub text: String,
    /// What is wrong, and what would be right.
    pub problem: String,
}

impl FromStr for Disturbance {
    type Err = DisturbanceError;

    fn from_str(text: &str) -> Result<Self, DisturbanceError> {
        read(text)
            .map_err(|problem| DisturbanceError { text: text.escape_debug().to_string(), problem })
    }
}

fn read(text: &str) -> Result<Disturbance, String> {
    let wanted = "write DAMAGE@SENDER,PLACE, such as checksum@card,block=2 or parity@reader,char=5";
    let (damage, place) = text.split_once('@').ok_or(wanted)?;
    let (sender, place) = place.split_once(',').ok_or(wanted)?;
    let sender = match sender {
        "card" => Sender::Card,
        "reader" => Sender::Reader,
        other => return Err(format!("'{}' sends nothing: card or reader", other.escape_debug())),
    };
    let (unit, number) = place.split_once('=').ok_or(wanted)?;
    let number = plain(number).filter(|number| *number > 0);
    let number = number.ok_or_else(|| format!("{unit}= wants a number from 1 on"))?;
    let place = match unit {
        "char" => Spot::Character(number),
        "block" => Spot::Turn(number),
        "atr" if sender == Sender::Card => Spot::AnswerToReset(number),
        "atr" => return Err("only the card sends an answer to reset: @card,atr=N".to_owned()),
        other => {
            let other = other.escape_debug();
            return Err(format!("'{other}' is no place: char=N, block=N or, of the card, atr=N"));
        }
    };
    Ok(Disturbance { sender, place, damage: damage_of(damage)? })
}

fn damage_of(text: &str) -> Result<Damage, String> {
    let (name, value) = match text.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (text, None),
    };
    let time = || {
        let time = value.and_then(plain);
        time.ok_or_else(|| format!("{name} wants a time in etu: {name}=500"))
    };
    match (name, value) {
        ("parity", None) => Ok(Damage::Parity),
        ("lost", None) => Ok(Damage::Lost),
        ("double", None) => Ok(Damage::Doubled),
        ("checksum", None) => Ok(Damage::WrongChecksum),
        ("sequence", None) => Ok(Damage::WrongSequence),
        ("bits", Some(bits)) if bits.len() == 2 => u8::from_str_radix(bits, 16)
            .map(Damage::Bits)
            .map_err(|_| "bits wants two hexadecimal digits: bits=10".to_owned()),
        ("bits", _) => Err("bits wants two hexadecimal digits: bits=10".to_owned()),
        ("late", _) => Ok(Damage::Late(time()?)),
        ("early", _) => Ok(Damage::Early(time()?)),
        ("parity" | "lost" | "double" | "checksum" | "sequence", Some(_)) => {
            Err(format!("{name} takes no value"))
        }
        _ => Err(format!("'{}' is no damage: {DAMAGES}", name.escape_debug())),
    }
}

fn plain(text: &str) -> Option<u64> {
    let is_plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_plain)
}

impl fmt::Display for Disturbance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.damage {
            Damage::Parity => f.write_str("parity"),
            Damage::Bits(bits) => write!(f, "bits={bits:02X}"),
            Damage::Lost => f.write_str("lost"),
            Damage::Doubled => f.write_str("double"),
            Damage::WrongChecksum => f.write_str("checksum"),
            Damage::WrongSequence => f.write_str("sequence"),
            Damage::Late(time) => write!(f, "late={time}"),
            Damage::Early(time) => write!(f, "early={time}"),
        }?;
        f.write_str(match self.sender {
            Sender::Card => "@card,",
            Sender::Reader => "@reader,",
        })?;
        match self.place {
            Spot::Character(number) => write!(f, "char={number}"),
            Spot::Turn(number) => write!(f, "block={number}"),
            Spot::AnswerToReset(number) => write!(f, "atr={number}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn disturbances_are_read_and_printed() {
        for text in [
            "parity@card,char=5",
            "bits=10@reader,block=2",
            "lost@card,block=1",
            "double@reader,char=9",
            "checksum@card,block=3",
            "sequence@reader,block=2",
            "late=500@card,char=7",
            "early=3@card,block=1",
            "parity@card,atr=2",
        ] {
            assert_eq!(text.parse::<Disturbance>().map(|one| one.to_string()).as_deref(), Ok(text));
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        let error = |text: &str| text.parse::<Disturbance>().unwrap_err().to_string();
        assert_eq!(
            error("late@card,char=1"),
            "late@card,char=1: late wants a time in etu: late=500"
        );
        assert_eq!(
            error("lost@both,char=1"),
            "lost@both,char=1: 'both' sends nothing: card or reader"
        );
        assert_eq!(
            error("lost@reader,atr=1"),
            "lost@reader,atr=1: only the card sends an answer to reset: @card,atr=N"
        );
        assert_eq!(
            error("lost@card,bit=1"),
            "lost@card,bit=1: 'bit' is no place: char=N, block=N or, of the card, atr=N"
        );
        assert_eq!(error("lost@card,char=0"), "lost@card,char=0: char= wants a number from 1 on");
        assert_eq!(
            error("gone@card,char=1"),
            "gone@card,char=1: 'gone' is no damage: parity, bits=XX, lost, double, checksum, sequence, late=ETU or early=ETU"
        );
    }
}
