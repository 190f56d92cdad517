//! The keys of the environment and its applications with their P2 identifiers.
//!
//! The high bit tells global keys (0) from keys of one application (1), the low nibble is the
//! number (《社会保障（个人）卡规范》 part 5, table 14). Numbers of UK7–UKB of DF01, of the medical
//! purse's keys in DF04 and of the keys of DF07 are ours \[choice\].
//!
//! The block key, PUK, the locking keys and the keys of secure messaging are there once; all others in as many versions
//! as the profile says, three by default.

use super::REGIONAL_KEYS;
use crate::access::KeyId;
use crate::profile::KeyPurpose;

/// One key of the catalogue.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct KeyEntry {
    /// `SSSE`, `DF01`…
    pub application: &'static str,
    /// P2 identifier.
    pub id: KeyId,
    /// The field's name, `UK1_DF01`.
    pub name: &'static str,
    /// What it is for.
    pub purpose: KeyPurpose,
}

impl KeyEntry {
    /// Whether a card holds versions of it: each one a key of its own, which a command may name.
    #[must_use]
    pub fn has_versions(&self) -> bool {
        let is_puk = self.application == "SSSE" && self.id == KeyId::PUK;
        let is_single = matches!(
            self.purpose,
            KeyPurpose::SecureMessaging | KeyPurpose::Block | KeyPurpose::Lock
        );
        !is_single && !is_puk
    }
}

/// All keys, application by application.
pub const KEYS: &[KeyEntry] = &[
    key("SSSE", 0x00, "IRK", KeyPurpose::InternalAuthentication),
    key("SSSE", 0x02, "STK", KeyPurpose::SecureMessaging),
    key("SSSE", 0x04, "UK_SSSE", KeyPurpose::ExternalAuthentication),
    key("SSSE", 0x05, "BK", KeyPurpose::Block),
    key("SSSE", 0x06, "PUK", KeyPurpose::ExternalAuthentication),
    key("SSSE", 0x0A, "RK_SSSE", KeyPurpose::ExternalAuthentication),
    key("DF01", 0x82, "STK_DF01", KeyPurpose::SecureMessaging),
    key("DF01", 0x83, "UK1_DF01", KeyPurpose::ExternalAuthentication),
    key("DF01", 0x84, "UK2_DF01", KeyPurpose::ExternalAuthentication),
    key("DF01", 0x85, "UK3_DF01", KeyPurpose::ExternalAuthentication),
    key("DF01", 0x86, "UK4_DF01", KeyPurpose::ExternalAuthentication),
    key("DF01", 0x87, "UK5_DF01", KeyPurpose::ExternalAuthentication),
    key("DF01", 0x88, "RK1_DF01", KeyPurpose::ExternalAuthentication),
    key("DF01", 0x89, "UK6_DF01", KeyPurpose::ExternalAuthentication),
    key("DF01", 0x8A, "UK7_DF01", KeyPurpose::ExternalAuthentication),
    key("DF01", 0x8B, "UK8_DF01", KeyPurpose::ExternalAuthentication),
    key("DF01", 0x8C, "UK9_DF01", KeyPurpose::ExternalAuthentication),
    key("DF01", 0x8D, "UKA_DF01", KeyPurpose::ExternalAuthentication),
    key("DF01", 0x8E, "UKB_DF01", KeyPurpose::ExternalAuthentication),
    key("DF02", 0x82, "STK_DF02", KeyPurpose::SecureMessaging),
    key("DF02", 0x83, "UK1_DF02", KeyPurpose::ExternalAuthentication),
    key("DF02", 0x84, "UK2_DF02", KeyPurpose::ExternalAuthentication),
    key("DF02", 0x85, "UK3_DF02", KeyPurpose::ExternalAuthentication),
    key("DF02", 0x86, "UK4_DF02", KeyPurpose::ExternalAuthentication),
    key("DF02", 0x87, "UK5_DF02", KeyPurpose::ExternalAuthentication),
    key("DF02", 0x88, "RK1_DF02", KeyPurpose::ExternalAuthentication),
    key("DF02", 0x89, "UK6_DF02", KeyPurpose::ExternalAuthentication),
    key("DF03", 0x82, "STK_DF03", KeyPurpose::SecureMessaging),
    key("DF03", 0x83, "LK_DF03", KeyPurpose::Lock),
    key("DF03", 0x84, "RK1_DF03", KeyPurpose::ExternalAuthentication),
    key("DF03", 0x85, "RK2_DF03", KeyPurpose::ExternalAuthentication),
    key("DF03", 0x86, "UK1_DF03", KeyPurpose::ExternalAuthentication),
    key("DF03", 0x87, "UK2_DF03", KeyPurpose::ExternalAuthentication),
    key("DF03", 0x88, "UK3_DF03", KeyPurpose::ExternalAuthentication),
    key("DF03", 0x89, "UK4_DF03", KeyPurpose::ExternalAuthentication),
    key("DF03", 0x8A, "UK5_DF03", KeyPurpose::ExternalAuthentication),
    key("DF03", 0x8B, "UK6_DF03", KeyPurpose::ExternalAuthentication),
    key("DF03", 0x8C, "UK7_DF03", KeyPurpose::ExternalAuthentication),
    key("DF03", 0x8D, "UK8_DF03", KeyPurpose::ExternalAuthentication),
    key("DF04", 0x82, "STK_DF04", KeyPurpose::SecureMessaging),
    key("DF04", 0x83, "LK_DF04", KeyPurpose::Lock),
    key("DF04", 0x84, "RK1_DF04", KeyPurpose::ExternalAuthentication),
    key("DF04", 0x85, "UK1_DF04", KeyPurpose::ExternalAuthentication),
    key("DF04", 0x86, "UK2_DF04", KeyPurpose::ExternalAuthentication),
    key("DF04", 0x87, "DPK", KeyPurpose::Purchase),
    key("DF04", 0x88, "DLK", KeyPurpose::Load),
    key("DF04", 0x89, "DTK", KeyPurpose::TransactionCertificate),
    key("DF04", 0x8A, "DSK", KeyPurpose::ExternalAuthentication),
    key("DF07", 0x82, "STK_DF07", KeyPurpose::SecureMessaging),
    key("DF07", 0x84, "RK1_DF07", KeyPurpose::ExternalAuthentication),
    key("DF07", 0x85, "RK2_DF07", KeyPurpose::ExternalAuthentication),
    key("DF07", 0x86, "RK3_DF07", KeyPurpose::ExternalAuthentication),
    key("DF07", 0x87, "UK1_DF07", KeyPurpose::ExternalAuthentication),
    key("DF07", 0x88, "UK2_DF07", KeyPurpose::ExternalAuthentication),
    key("DF07", 0x89, "UK3_DF07", KeyPurpose::ExternalAuthentication),
];

pub(super) const fn key(
    application: &'static str,
    id: u8,
    name: &'static str,
    purpose: KeyPurpose,
) -> KeyEntry {
    KeyEntry { application, id: KeyId(id), name, purpose }
}

/// The keys of the standard, then those of [`REGIONAL_KEYS`].
pub fn all_keys() -> impl Iterator<Item = &'static KeyEntry> {
    KEYS.iter().chain(REGIONAL_KEYS)
}

/// Name of a key as seen from `application`: a global identifier means the environment's key.
#[must_use]
pub fn key_name(application: &str, id: KeyId) -> Option<&'static str> {
    let owner = if id.is_global() { "SSSE" } else { application };
    all_keys().find(|key| key.application == owner && key.id == id).map(|key| key.name)
}
