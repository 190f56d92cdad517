//! What a terminal has to hold to use every input of an alphabet: PINs, keys, and the lists that a card asks by.
//!
//! What enters: a card that is a value, which shows all of it; whoever learns a card in a reader fills it in. What leaves:
//! [`CardHoldings`].

use sscard_core::inspect::directory_name;
use sscard_core::{Card, CryptogramPlan, FinancialApplication, KeyId, SmSupport};
use sscard_crypto::financial::{Cipher, Fold, format_2_block};
use sscard_crypto::{Key, Suite};
use zeroize::Zeroizing;

/// What the terminal and the issuer of one payment application hold.
#[derive(Clone)]
pub struct BankHoldings {
    /// The application's name.
    pub aid: Vec<u8>,
    /// Its PIN as VERIFY takes it.
    pub pin: Zeroizing<[u8; 8]>,
    /// PDOL, CDOL1 and CDOL2.
    pub lists: [Vec<u8>; 3],
    /// The cipher of its keys that is used.
    pub cipher: Cipher,
    /// How SM4 MACs are folded.
    pub fold: Fold,
    /// How its cryptograms come about.
    pub plan: CryptogramPlan,
    /// The card's key of cryptograms and of responses to them.
    pub cryptogram_key: Key,
    /// The card's key of script MACs.
    pub mac_key: Key,
}

/// A key of the social security function.
#[derive(Clone)]
pub struct SocialHolding {
    /// `SSSE`, `DF01`…
    pub application: String,
    /// Which key.
    pub id: KeyId,
    /// Its recipes.
    pub suite: Suite,
    /// The key.
    pub key: Key,
}

/// Everything that inputs are made of beside the alphabet.
#[derive(Clone, Default)]
pub struct CardHoldings {
    /// The first payment application's.
    pub bank: Option<BankHoldings>,
    /// The holder's PIN of the social security function, BCD; empty for none.
    pub pin: Zeroizing<Vec<u8>>,
    /// Keys of the social security function.
    pub social: Vec<SocialHolding>,
}

impl CardHoldings {
    /// What a card holds itself.
    #[must_use]
    pub fn of_card(card: &Card) -> Self {
        let blueprint = card.profile().blueprint();
        let social = card.reveal_keys().into_iter().filter_map(|key| {
            let algorithm = blueprint.key_algorithm(key.application, key.id, key.version);
            Some(SocialHolding {
                application: directory_name(key.application),
                id: key.id,
                suite: algorithm.suite()?,
                key: key.key,
            })
        });
        let application = blueprint.financial.applications.first();
        Self {
            bank: application.and_then(|application| bank(card, application)),
            pin: card.reveal_pin(),
            social: social.collect(),
        }
    }

    /// The key of an application, in its first version.
    pub(super) fn social_key(&self, application: &str, id: KeyId) -> Option<&SocialHolding> {
        self.social.iter().find(|held| held.application == application && held.id == id)
    }
}

fn bank(card: &Card, application: &FinancialApplication) -> Option<BankHoldings> {
    let (cipher, family) = match application.sm {
        SmSupport::SmOnly => (Cipher::Sm4, "SM4"),
        SmSupport::Both | SmSupport::InternationalOnly => (Cipher::TripleDes, "3DES"),
    };
    let aid = application.aid.as_bytes();
    let keys = card.reveal_account_keys();
    let key = |name| {
        let found = keys.iter().find(|key| (key.name, key.algorithm) == (name, family));
        let found = found.filter(|key| key.aid == aid)?;
        <[u8; Key::LENGTH]>::try_from(&found.value[..]).ok().map(Key::new)
    };
    let pin = card.reveal_account_pins().into_iter().next()?;
    let options = &application.options;
    Some(BankHoldings {
        aid: aid.to_vec(),
        pin: format_2_block(&pin)?,
        lists: [application.pdol.clone(), application.cdol1.clone(), application.cdol2.clone()],
        cipher,
        fold: if options.sm4_fold_xor { Fold::Xor } else { Fold::Left },
        plan: application.cryptogram.clone(),
        cryptogram_key: key("UDK-AC")?,
        mac_key: key("UDK-MAC")?,
    })
}

impl std::fmt::Debug for CardHoldings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CardHoldings(..)")
    }
}

impl std::fmt::Debug for BankHoldings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BankHoldings(..)")
    }
}

impl std::fmt::Debug for SocialHolding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SocialHolding({} {:?})", self.application, self.id)
    }
}
