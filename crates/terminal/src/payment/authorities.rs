//! The certification authorities that a terminal trusts.

mod key;
mod text;

use sscard_crypto::financial::{rsa, sm2};
use sscard_profile::{RID, TestKeys};

pub use key::{AuthorityKey, AuthorityPublicKey};
pub use text::{AuthorityFields, AuthorityForm, AuthorityTextError, authority_keys};

/// Public keys of certification authorities, by the application provider's identifier and the index that
/// cards name in tag 8F.
pub trait Authorities: Send + Sync {
    /// An RSA key.
    fn rsa(&self, rid: [u8; 5], index: u8) -> Option<&rsa::RsaPublicKey>;

    /// An SM2 key.
    fn sm2(&self, rid: [u8; 5], index: u8) -> Option<&sm2::Sm2PublicKey>;
}

/// The test authority: everybody has its private keys.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct TestAuthorities;

impl Authorities for TestAuthorities {
    fn rsa(&self, rid: [u8; 5], index: u8) -> Option<&rsa::RsaPublicKey> {
        if rid == RID { TestKeys::get().authority(index) } else { None }
    }

    fn sm2(&self, rid: [u8; 5], index: u8) -> Option<&sm2::Sm2PublicKey> {
        if rid == RID { TestKeys::get().sm2_authority(index) } else { None }
    }
}

/// Authorities of one's own; an empty list trusts nobody.
#[derive(Clone, Default)]
pub struct AuthorityKeys {
    rsa: Vec<([u8; 5], u8, rsa::RsaPublicKey)>,
    sm2: Vec<([u8; 5], u8, sm2::Sm2PublicKey)>,
}

impl AuthorityKeys {
    /// The list with one RSA key more.
    #[must_use]
    pub fn with_rsa(mut self, rid: [u8; 5], index: u8, key: rsa::RsaPublicKey) -> Self {
        self.rsa.push((rid, index, key));
        self
    }

    /// The list with one SM2 key more.
    #[must_use]
    pub fn with_sm2(mut self, rid: [u8; 5], index: u8, key: sm2::Sm2PublicKey) -> Self {
        self.sm2.push((rid, index, key));
        self
    }
}

impl FromIterator<AuthorityKey> for AuthorityKeys {
    fn from_iter<I: IntoIterator<Item = AuthorityKey>>(keys: I) -> Self {
        keys.into_iter().fold(
            Self::default(),
            |all, AuthorityKey { rid, index, key, .. }| match key {
                AuthorityPublicKey::Rsa(key) => all.with_rsa(rid, index, key),
                AuthorityPublicKey::Sm2(key) => all.with_sm2(rid, index, key),
            },
        )
    }
}

fn find<K>(keys: &[([u8; 5], u8, K)], wanted: ([u8; 5], u8)) -> Option<&K> {
    let found = keys.iter().find(|(rid, index, _)| (*rid, *index) == wanted);
    found.map(|(_, _, key)| key)
}

impl Authorities for AuthorityKeys {
    fn rsa(&self, rid: [u8; 5], index: u8) -> Option<&rsa::RsaPublicKey> {
        find(&self.rsa, (rid, index))
    }

    fn sm2(&self, rid: [u8; 5], index: u8) -> Option<&sm2::Sm2PublicKey> {
        find(&self.sm2, (rid, index))
    }
}
