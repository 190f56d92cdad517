//! Public keys of the authorities under which a profile's cards are certified: what their terminals need.

use sscard_core::Profile;
use sscard_crypto::financial::rsa::RsaPublicKey;
use sscard_crypto::financial::sm2::Sm2PublicKey;

use super::recipe;

/// The authority of one payment application's cards, the test authority unless the profile has its own.
#[derive(Clone, Debug)]
pub struct ProfileAuthority {
    /// The application provider's identifier that its keys go under.
    pub rid: [u8; 5],
    /// Index (tag 8F) and RSA key.
    pub rsa: Option<(u8, RsaPublicKey)>,
    /// Index (tag 8F) and SM2 key.
    pub sm2: Option<(u8, Sm2PublicKey)>,
}

/// The authorities of a profile's payment applications, in their order, each once.
///
/// ```
/// let profile = sscard_profile::built_in("gen3").expect("a built-in profile");
/// let [test] = &sscard_profile::authorities(&profile)[..] else { panic!("one authority") };
/// assert_eq!(test.rid, sscard_profile::RID);
/// assert_eq!(test.rsa.as_ref().map(|(index, _)| *index), Some(sscard_profile::AUTHORITY_1984));
/// ```
#[must_use]
pub fn authorities(profile: &Profile) -> Vec<ProfileAuthority> {
    let mut authorities: Vec<ProfileAuthority> = Vec::new();
    for (index, application) in (0_u8..).zip(&profile.blueprint().financial.applications) {
        let chain = &recipe(profile, index).chain;
        let Some(rid) = application.aid.as_bytes().first_chunk::<5>() else { continue };
        let rsa = chain.rsa_authority_key().map(|key| (chain.rsa_index(), key.clone()));
        let sm2 = chain.sm2_authority_key().map(|key| (chain.sm2_index(), *key));
        let points = |sm2: &Option<(u8, Sm2PublicKey)>| {
            sm2.as_ref().map(|(index, key)| (*index, *key.bytes()))
        };
        let is_known = authorities.iter().any(|known| {
            known.rid == *rid && known.rsa == rsa && points(&known.sm2) == points(&sm2)
        });
        if !is_known {
            authorities.push(ProfileAuthority { rid: *rid, rsa, sm2 });
        }
    }
    authorities
}
