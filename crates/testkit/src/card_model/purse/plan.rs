//! Which keys the purse has, and what its profile settles.

use sscard_core::{Card, KeyId, KeyPurpose, KeySlot, PursePlan};
use sscard_crypto::{Algorithm, Key, SessionKey, Suite};

/// What does not change of a purse.
#[derive(Debug)]
pub(crate) struct Plan {
    /// Place of its DF, and of its file of transactions in there.
    pub(super) log: (u8, u8),
    pub(super) load_keys: Vec<PurseKey>,
    pub(super) purchase_keys: Vec<PurseKey>,
    /// DTK as transaction certificates take it; `None` when its algorithm is not available.
    certificate: Option<SessionKey>,
    pub(super) start_day_key: KeyId,
    /// Its first version.
    pub(super) start_day: Option<PurseKey>,
    pub(super) load_type: u8,
    pub(super) purchase_type: u8,
    pub(super) balance_limit: u32,
    pub(super) pin_for_load: bool,
    pub(super) pin_for_purchase: bool,
    pub(super) pin_for_balance: bool,
}

/// One version of a key.
#[derive(Debug)]
pub(super) struct PurseKey {
    pub(super) version: u8,
    /// How an answer names its algorithm (spec/real-cards.md A6).
    pub(super) algorithm: u8,
    value: Key,
    /// `None`: its algorithm is not available.
    pub(super) suite: Option<Suite>,
}

impl PurseKey {
    /// What proves this key to the card: authentication data and the original information.
    pub(super) fn authentication(&self, challenge: &[u8]) -> Option<[u8; 16]> {
        let original = [0x5A; 8];
        let session = self.suite?.session_key(&self.value, challenge);
        let mut data = [0x5A; 16];
        data[..8].copy_from_slice(&session.authentication_data(&original));
        Some(data)
    }

    /// The session key of a random number, a counter and two bytes more.
    pub(super) fn session(
        &self,
        random: [u8; 4],
        counter: u16,
        end: [u8; 2],
    ) -> Option<SessionKey> {
        let mut factor = [0; 8];
        factor[..4].copy_from_slice(&random);
        factor[4..6].copy_from_slice(&counter.to_be_bytes());
        factor[6..].copy_from_slice(&end);
        Some(self.suite?.session_key(&self.value, &factor))
    }
}

impl Plan {
    pub(crate) fn of(card: &Card) -> Option<Self> {
        let blueprint = card.profile().blueprint();
        let plan: &PursePlan = blueprint.purse.as_ref()?;
        let place = blueprint.dfs.iter().position(|df| df.fid == plan.application)?;
        let df = &blueprint.dfs[place];
        let log = df.files.iter().position(|file| file.fid == plan.log)?;
        let values = card.reveal_keys();
        let keys = |is_wanted: &dyn Fn(&KeySlot) -> bool| -> Vec<PurseKey> {
            let slots = df.keys.iter().filter(|slot| is_wanted(slot));
            let key = slots.filter_map(|slot| {
                let value = values.iter().find(|key| {
                    (key.application, key.id, key.version) == (df.fid, slot.id, slot.version)
                })?;
                let algorithm = blueprint.key_algorithm(df.fid, slot.id, slot.version);
                let (version, suite) = (slot.version, algorithm.suite());
                let algorithm = match algorithm {
                    Algorithm::TripleDes => 0x00,
                    Algorithm::Ssf33 => 0x02,
                    Algorithm::Sm4 => 0x03,
                };
                Some(PurseKey { version, algorithm, value: value.key.clone(), suite })
            });
            key.collect()
        };
        let certificates = keys(&|slot| slot.purpose == KeyPurpose::TransactionCertificate);
        let certificate =
            certificates.first().and_then(|key| Some(key.suite?.certificate_key(&key.value)));
        let has_own = df.keys.iter().any(|slot| slot.id == KeyId::DSK);
        // UK1_DF04 on cards from before they had DSK.
        let start_day_key = if has_own { KeyId::DSK } else { KeyId(0x85) };
        Some(Self {
            log: (u8::try_from(place).ok()?, u8::try_from(log).ok()?),
            load_keys: keys(&|slot| slot.purpose == KeyPurpose::Load),
            purchase_keys: keys(&|slot| slot.purpose == KeyPurpose::Purchase),
            certificate,
            start_day_key,
            start_day: keys(&|slot| slot.id == start_day_key).into_iter().next(),
            load_type: plan.load_type,
            purchase_type: plan.purchase_type,
            balance_limit: plan.balance_limit,
            pin_for_load: plan.pin_for_load,
            pin_for_purchase: plan.pin_for_purchase,
            pin_for_balance: plan.pin_for_balance,
        })
    }

    /// The TAC over these parts: a MAC under DTK itself.
    pub(super) fn certificate(&self, parts: &[&[u8]]) -> Option<[u8; 4]> {
        Some(self.certificate.as_ref()?.mac_parts(parts))
    }
}
