//! Which key pairs, RSA and SM2, the payment applications of a card hold.
//!
//! What enters: a choice and an application's plan. What leaves: the pairs to certify, and the
//! private halves that are the account's own.

use sscard_core::FinancialApplication;
use sscard_crypto::financial::sm2;
use zeroize::Zeroizing;

use crate::bank::AccountRecipe;
use crate::test_keys::{RsaPair, TestKeys};

/// ICC key pairs of a card.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum IccKeys {
    /// Those of the plan, the same on all test cards.
    #[default]
    Shared,
    /// A pair of the committed card pool, 0 to 15, below [`IccKeys::POOL`]. The pool has RSA-1152:
    /// a payment application with an RSA key of another length, or with none, keeps the shared
    /// pairs of both families \[choice\].
    Pool(u8),
}

impl IccKeys {
    /// How many pairs the card pool has.
    pub const POOL: u8 = 16;

    /// Whether there are such keys.
    pub(crate) fn exist(self) -> bool {
        match self {
            Self::Shared => true,
            Self::Pool(pair) => pair < Self::POOL,
        }
    }

    /// The pairs for an application of this plan: a profile's own before all others.
    pub(crate) fn pairs(self, plan: &FinancialApplication, recipe: &AccountRecipe) -> IccPairs {
        let (keys, rsa, sm2, own) = match self {
            Self::Pool(pair) if plan.rsa_modulus == 144 => {
                let name = pair.to_string();
                (TestKeys::pool(), name.clone(), name, true)
            }
            _ => {
                let rsa = format!("card-{}", u32::from(plan.rsa_modulus) * 8);
                (TestKeys::get(), rsa, "card".to_owned(), false)
            }
        };
        IccPairs {
            keys,
            rsa,
            sm2,
            own,
            own_rsa: recipe.icc_rsa.clone(),
            own_sm2: recipe.icc_sm2.clone(),
        }
    }
}

/// The two pairs of one payment application: the file they are in and their names there, or a profile's
/// own.
pub(crate) struct IccPairs {
    keys: &'static TestKeys,
    rsa: String,
    sm2: String,
    /// Whether they are the account's own; else the plan has their private halves.
    own: bool,
    own_rsa: Option<RsaPair>,
    own_sm2: Option<sm2::Sm2PrivateKey>,
}

impl IccPairs {
    /// The RSA pair, when the application has one.
    pub(crate) fn rsa(&self) -> Option<&RsaPair> {
        self.own_rsa.as_ref().or_else(|| self.keys.rsa(&self.rsa))
    }

    /// X and Y of the SM2 pair.
    pub(crate) fn sm2_bytes(&self) -> Option<[u8; 64]> {
        match &self.own_sm2 {
            Some(key) => Some(*key.public_key().bytes()),
            None => self.keys.sm2_public(&self.sm2).copied(),
        }
    }

    /// The SM2 pair's public key; its arithmetic waits until it is asked for.
    pub(crate) fn sm2(&self) -> Option<sm2::Sm2PublicKey> {
        let key = self.own_sm2.as_ref().or_else(|| self.keys.sm2(&self.sm2));
        key.map(|key| *key.public_key())
    }

    /// The account's own private RSA key as a card holds it; empty when it is the plan's.
    pub(crate) fn own_rsa(&self) -> Zeroizing<Vec<u8>> {
        let own = self.rsa().filter(|_| self.own || self.own_rsa.is_some());
        own.map(|pair| pair.private.to_bytes()).unwrap_or_default()
    }

    /// The account's own private SM2 key; `None` when it is the plan's.
    pub(crate) fn own_sm2(&self) -> Option<Zeroizing<[u8; 32]>> {
        match &self.own_sm2 {
            Some(key) => Some(key.to_bytes()),
            None => self.own.then(|| self.keys.sm2_private(&self.sm2))?,
        }
    }
}
