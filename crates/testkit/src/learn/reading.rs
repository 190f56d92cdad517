//! Reads off a card in a reader what its terminal has to know before it can be learnt.
//!
//! What enters: a card behind a transport, and who knows its keys. What leaves: [`BankHoldings`]. One transaction is begun for it,
//! which uses up a value of the counter.

use sscard_apdu::tlv::{Reader, Tag};
use sscard_apdu::{CommandApdu, dol, hex};
use sscard_commands::{Command, Selection};
use sscard_core::CryptogramPlan;
use sscard_crypto::Key;
use sscard_crypto::financial::{Cipher, Fold};
use sscard_elements::tag;
use sscard_host::{Follow, Transport};
use zeroize::Zeroizing;

use super::holdings::BankHoldings;
use super::target::LearnTrouble;
use super::terminal::processing_options;

/// PBOC debit, credit and quasi-credit.
const APPLICATIONS: [[u8; 8]; 3] = [
    [0xA0, 0x00, 0x00, 0x03, 0x33, 0x01, 0x01, 0x01],
    [0xA0, 0x00, 0x00, 0x03, 0x33, 0x01, 0x01, 0x02],
    [0xA0, 0x00, 0x00, 0x03, 0x33, 0x01, 0x01, 0x03],
];

impl BankHoldings {
    /// Reads the lists of the first PBOC application of a card, and asks `keys` for the card's keys of cryptograms and of
    /// scripts, by account number and sequence number. `pin` is the PIN's block of format 2.
    ///
    /// # Errors
    /// What the card does not have or refuses, and that nobody knows its keys.
    pub fn read<T: Transport>(
        transport: T,
        pin: Zeroizing<[u8; 8]>,
        keys: &dyn Fn(&str, &str) -> Option<[Key; 2]>,
    ) -> Result<Self, LearnTrouble> {
        let mut card = Follow::new(transport);
        card.reset().map_err(|error| LearnTrouble(error.to_string()))?;
        for aid in APPLICATIONS {
            let select = Command::Select { by: Selection::Name, next: false, name: &aid };
            let Some(information) = ask(&mut card, select.apdu())? else { continue };
            let pdol = find(&information, tag::PDOL).unwrap_or_default();
            let mut bank = Self {
                aid: aid.to_vec(),
                pin,
                lists: [pdol, Vec::new(), Vec::new()],
                cipher: Cipher::TripleDes,
                fold: Fold::Left,
                plan: CryptogramPlan::default(),
                cryptogram_key: Key::new([0; Key::LENGTH]),
                mac_key: Key::new([0; Key::LENGTH]),
            };
            bank.read_records(&mut card, keys)?;
            return Ok(bank);
        }
        Err(LearnTrouble("the card has no PBOC application".to_owned()))
    }

    fn read_records<T: Transport>(
        &mut self,
        card: &mut Follow<T>,
        keys: &dyn Fn(&str, &str) -> Option<[Key; 2]>,
    ) -> Result<(), LearnTrouble> {
        let missing = |what: &str| LearnTrouble(format!("the card gives no {what}"));
        let data = processing_options(self);
        let begin = Command::GetProcessingOptions { data: &data, ne: 256 };
        let options = ask(card, begin.apdu())?.ok_or_else(|| missing("processing options"))?;
        let files = files(&options).ok_or_else(|| missing("file locator"))?;
        let (mut number, mut sequence) = (None, None);
        for [sfi, first, last, _] in files.as_chunks::<4>().0 {
            for record in *first..=*last {
                let read = Command::ReadRecord { p1: record, p2: sfi & 0xF8 | 0x04, ne: 256 };
                let Some(record) = ask(card, read.apdu())? else { continue };
                let of = |tag| find(&record, tag);
                for (list, tag) in self.lists[1..].iter_mut().zip([tag::CDOL1, tag::CDOL2]) {
                    if let Some(found) = of(tag) {
                        *list = found;
                    }
                }
                number = number.or_else(|| of(tag::PRIMARY_ACCOUNT_NUMBER));
                sequence = sequence.or_else(|| of(tag::SEQUENCE_NUMBER));
            }
        }
        let digits = |bytes: Vec<u8>| hex::encode(&bytes).trim_end_matches('F').to_owned();
        let number = digits(number.ok_or_else(|| missing("account number"))?);
        let sequence = sequence.map_or_else(|| "00".to_owned(), digits);
        let unknown = || LearnTrouble("nobody knows the keys of this account".to_owned());
        [self.cryptogram_key, self.mac_key] = keys(&number, &sequence).ok_or_else(unknown)?;
        let is_whole = self.lists.iter().all(|list| dol::total_length(list).is_ok());
        if is_whole { Ok(()) } else { Err(missing("lists that can be read")) }
    }
}

/// The data of an answer; nothing when the card refuses.
fn ask<T: Transport>(
    card: &mut Follow<T>,
    command: CommandApdu<'_>,
) -> Result<Option<Vec<u8>>, LearnTrouble> {
    let answer = card.send(&command).map_err(|error| LearnTrouble(error.to_string()))?;
    let is_given = answer.status.is_success() || !answer.data.is_empty();
    Ok(is_given.then(|| answer.data.clone()))
}

/// The first object of a tag, however deep.
fn find(bytes: &[u8], wanted: Tag) -> Option<Vec<u8>> {
    Reader::new(bytes).map_while(Result::ok).find_map(|object| {
        if object.tag == wanted {
            return Some(object.value.to_vec());
        }
        object.tag.is_constructed().then(|| find(object.value, wanted)).flatten()
    })
}

/// The file locator in processing options of format 1 or 2.
fn files(options: &[u8]) -> Option<Vec<u8>> {
    let template = Reader::new(options).next()?.ok()?;
    if template.tag == tag::RESPONSE_FORMAT_1 {
        return template.value.get(2..).map(<[u8]>::to_vec);
    }
    find(options, tag::FILE_LOCATOR)
}
