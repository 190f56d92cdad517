//! The production of cards (制卡): from a row of the register to a card that is only produced.
//!
//! The same register seed and the same row make the same card.

use chacha20::ChaCha20Rng;
use jiff::civil::Date;
use rand_core::{Rng, SeedableRng};
use sscard_core::identifiers::card_number_check;
use sscard_core::{Card, Holder, LifeCycle, Profile};
use sscard_profile::{IccKeys, MasterKeys, account_number, gbk, issue_with, synthetic_holder};

use crate::register::{NewCard, NewHolder};
use crate::{CardId, DeskError, HolderId, Standing};

/// Bytes that the item NAME holds.
const NAME: usize = 30;

/// What cards of one register are made with.
pub(crate) struct Production {
    pub(crate) profile: Profile,
    pub(crate) masters: MasterKeys,
    pub(crate) seed: u64,
}

/// Numbers of a card that is to be made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Numbers {
    pub(crate) number: String,
    pub(crate) serial: [u8; 4],
    pub(crate) pan: Option<String>,
}

impl Production {
    /// The numbers of the card of a row.
    pub(crate) fn numbers(&self, profile: &Profile, card: CardId) -> Result<Numbers, DeskError> {
        let none_left = || DeskError::NoNumber(card);
        let mut holder = synthetic_holder(0);
        let body = number_body(card).ok_or_else(none_left)?;
        holder.serial = serial(card);
        let has_bank = !profile.blueprint().financial.applications.is_empty();
        let pan = has_bank.then(|| account_number(&holder, 0));
        let check = card_number_check(&body).ok_or_else(none_left)?;
        let number = body.iter().chain([&check]).map(|byte| char::from(*byte)).collect();
        Ok(Numbers { number, serial: holder.serial, pan })
    }

    /// Makes the card of a row. `life_cycle` is what it leaves production in.
    pub(crate) fn make(
        &self,
        profile: &Profile,
        card: CardId,
        person: &NewHolder,
        today: Date,
        life_cycle: LifeCycle,
    ) -> Result<Card, DeskError> {
        let misfit = |reason: String| DeskError::Card { holder: person.number.clone(), reason };
        let holder = self.holder(card, person, today, life_cycle).map_err(misfit)?;
        // Every card a pair of the pool, in turn.
        let pair = u8::try_from(card.0.rem_euclid(i64::from(IccKeys::POOL)))
            .map_err(|_| DeskError::NoNumber(card))?;
        issue_with(profile, &holder, &self.masters, IccKeys::Pool(pair))
            .map_err(|error| misfit(error.to_string()))
    }

    fn holder(
        &self,
        card: CardId,
        person: &NewHolder,
        today: Date,
        life_cycle: LifeCycle,
    ) -> Result<Holder, String> {
        let mut holder = synthetic_holder(0);
        let (name, extension) =
            gbk::encode_split(&person.name, NAME).map_err(|error| error.to_string())?;
        let number = person.number.as_bytes();
        holder.social_security_number =
            number.try_into().map_err(|_| "the number does not have 18 characters".to_owned())?;
        (holder.name, holder.name_extension) = (name, extension);
        holder.serial = serial(card);
        holder.card_number = number_body(card).ok_or("there is no card number left")?;
        let digits =
            |range| person.number.get(range).ok_or("the number does not have 18 characters");
        holder.birth_date = bcd(digits(6..14)?).ok_or("the number has no day of birth")?;
        let is_male = digits(16..17)?.bytes().next().is_some_and(|digit| digit % 2 == 1);
        holder.sex = if is_male { b'1' } else { b'2' };
        holder.class = if person.is_child { b'2' } else { b'3' };
        let no_day = || format!("its ten years from {today} are not dates that a card can hold");
        let day = |day: Date| bcd(&day.strftime("%Y%m%d").to_string()).ok_or_else(no_day);
        holder.issue_date = day(today)?;
        let expiry = today.checked_add(jiff::Span::new().years(10)).map_err(|_| no_day())?;
        holder.expiry_date = day(expiry)?;
        holder.life_cycle = life_cycle;
        let mut random = ChaCha20Rng::seed_from_u64(self.seed);
        random.set_stream(card.0.unsigned_abs());
        random.fill_bytes(&mut holder.seed);
        Ok(holder)
    }
}

/// A card that is only produced, in somebody's hands.
pub(crate) fn new_card(holder: HolderId, numbers: Numbers, standing: Standing) -> NewCard {
    let Numbers { number, serial, pan } = numbers;
    NewCard {
        holder,
        number,
        serial,
        pan,
        bank: None,
        batch: None,
        delivered_to: None,
        standing,
        in_use: false,
        follows: None,
    }
}

/// Serial of a row's card: `5D` and the row, so that it is nobody else's.
fn serial(card: CardId) -> [u8; 4] {
    let [.., a, b, c] = card.0.to_be_bytes();
    [0x5D, a, b, c]
}

/// The first eight characters of the card number: `D` and seven digits; `None` when they are used up.
fn number_body(card: CardId) -> Option<[u8; 8]> {
    let number = u32::try_from(card.0).ok().filter(|number| *number < 10_000_000)?;
    format!("D{number:07}").into_bytes().try_into().ok()
}

/// Eight digits as four bytes.
fn bcd(digits: &str) -> Option<[u8; 4]> {
    hex::decode(digits).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_day_is_not_made_one_of_zeros() {
        let production = Production {
            profile: sscard_profile::built_in("gen3").unwrap(),
            masters: MasterKeys::test(),
            seed: 1,
        };
        let person = NewHolder {
            number: "999901198001011211".to_owned(),
            name: "李测甲".to_owned(),
            mobile: String::new(),
            photo: None,
            guardian: None,
            is_child: false,
            bank: String::new(),
        };
        let make = |today| {
            let active = LifeCycle::Activated;
            production.make(&production.profile, CardId(1), &person, today, active).map(drop)
        };
        make(jiff::civil::date(2026, 12, 10)).unwrap();
        let outcome = make(jiff::civil::date(9_995, 12, 10));
        assert!(matches!(outcome, Err(DeskError::Card { .. })), "{outcome:?}");
    }

    #[test]
    fn numbers_are_the_rows() {
        assert_eq!(serial(CardId(1)), [0x5D, 0, 0, 1]);
        assert_eq!(&number_body(CardId(42)).unwrap(), b"D0000042");
        assert_eq!(&number_body(CardId(9_999_999)).unwrap(), b"D9999999");
        assert_eq!(
            (number_body(CardId(10_000_000)), number_body(CardId(-1))),
            (None, None),
            "nobody's twice"
        );
    }
}
