//! What one account of a profile is made of beside its plan: number, keys, records, certificates. No card
//! holds it; it stays beside the plan until a card is made.

use std::sync::LazyLock;

use sscard_apdu::tlv::Tag;
use sscard_core::{Holder, Profile};
use sscard_crypto::financial::sm2;
use zeroize::Zeroizing;

use super::BankKeys;
use crate::account::SEQUENCE_NUMBER;
use crate::account::{Chain, account_number};
use crate::companion::Companion;
use crate::test_keys::RsaPair;

/// What a profile says of the account of one payment application.
#[derive(Clone, Default)]
pub(crate) struct AccountRecipe {
    /// Account number; without it the test bank's for the card.
    pub(crate) pan: Option<String>,
    /// Sequence number, two digits.
    pub(crate) sequence: Option<String>,
    /// Symmetric keys.
    pub(crate) keys: BankKeys,
    /// Offline PIN.
    pub(crate) pin: Option<Zeroizing<String>>,
    /// Tag 5F20.
    pub(crate) holder_name: Option<Vec<u8>>,
    /// Tag 5F30.
    pub(crate) service_code: Option<[u8; 2]>,
    /// Digits behind the service code in track 2.
    pub(crate) track_2_discretionary: Option<String>,
    /// Objects of the record that offline data authentication signs.
    pub(crate) statics: Vec<(Tag, Vec<u8>)>,
    /// Whether there are no records but those that the profile names.
    pub(crate) bare: bool,
    /// Records that differ from the defaults.
    pub(crate) records: Vec<RecordRecipe>,
    /// Authority and issuer.
    pub(crate) chain: Chain,
    /// The card's RSA pair.
    pub(crate) icc_rsa: Option<RsaPair>,
    /// The card's SM2 pair.
    pub(crate) icc_sm2: Option<sm2::Sm2PrivateKey>,
    /// Counters before the first transaction.
    pub(crate) counters: Counters,
}

/// Counters of an account that nobody has used.
#[derive(Clone, Copy, Default)]
pub(crate) struct Counters {
    /// Tag 9F36, where the profile names it.
    pub(crate) transactions: Option<u16>,
    /// Tag 9F13, where the profile names it.
    pub(crate) last_online: Option<u16>,
    /// Tag 9F17, where it is not all tries.
    pub(crate) pin_tries: Option<u8>,
}

/// What a profile says of one record.
#[derive(Clone)]
pub(crate) struct RecordRecipe {
    pub(crate) sfi: u8,
    pub(crate) number: u8,
    pub(crate) content: RecordContent,
}

/// Content of a record.
#[derive(Clone)]
pub(crate) enum RecordContent {
    /// The value of its template, and the objects in it as far as they can be read.
    Whole(Vec<u8>, Vec<(Tag, Vec<u8>)>),
    /// Objects that are put into the default record; those without a value are taken out.
    Tags(Vec<(Tag, Option<Vec<u8>>)>),
}

impl RecordContent {
    /// The value it gives a tag.
    pub(crate) fn value(&self, wanted: Tag) -> Option<Vec<u8>> {
        match self {
            Self::Whole(_, objects) => {
                objects.iter().find(|(tag, _)| *tag == wanted).map(|(_, value)| value.clone())
            }
            Self::Tags(tags) => {
                tags.iter().find(|(tag, _)| *tag == wanted).and_then(|(_, value)| value.clone())
            }
        }
    }

    /// The tags it names.
    pub(crate) fn tags(&self) -> Vec<Tag> {
        match self {
            Self::Whole(_, objects) => objects.iter().map(|(tag, _)| *tag).collect(),
            Self::Tags(tags) => tags.iter().map(|(tag, _)| *tag).collect(),
        }
    }
}

impl AccountRecipe {
    /// The account number: the profile's, else that of the test bank for this card.
    pub(crate) fn number(&self, holder: &Holder, index: u8) -> String {
        self.pan.clone().unwrap_or_else(|| account_number(holder, index))
    }

    /// The account's sequence number, two digits.
    pub(crate) fn sequence_number(&self) -> &str {
        self.sequence.as_deref().unwrap_or(SEQUENCE_NUMBER)
    }
}

/// The recipes of a profile's accounts, by the applications' positions.
#[derive(Default)]
pub(crate) struct Recipes(pub(crate) Vec<AccountRecipe>);

/// The recipe of one account; the test bank's for a profile that was not loaded from a text.
pub(crate) fn recipe(profile: &Profile, index: u8) -> &AccountRecipe {
    static TEST: LazyLock<AccountRecipe> = LazyLock::new(AccountRecipe::default);
    let recipes = Companion::of(profile).map(|own| &own.recipes);
    recipes.and_then(|recipes| recipes.0.get(usize::from(index))).unwrap_or(&TEST)
}
