//! Both tables as they stand in a file.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::own::SecretText;
use crate::refusal::LoadError;

/// The table `[holder]`.
#[derive(Clone, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub(crate) struct HolderTable {
    /// Seed of the synthetic person, the serial and the random numbers; 1 without it.
    pub(crate) seed: Option<u64>,
    /// Issuing division, six digits.
    pub(crate) division: Option<String>,
    /// Serial of the card, four bytes in hexadecimal.
    pub(crate) serial: Option<String>,
    /// The PIN that the card is issued with.
    pub(crate) pin: Option<SecretText>,
    identification_code: Option<String>,
    class: Option<String>,
    version: Option<String>,
    initialisation_organisation: Option<String>,
    issue_date: Option<String>,
    expiry_date: Option<String>,
    number: Option<String>,
    social_security_number: Option<String>,
    name: Option<String>,
    name_extension: Option<String>,
    sex: Option<String>,
    ethnicity: Option<String>,
    birthplace: Option<String>,
    birth_date: Option<String>,
    /// Items of EF05 and EF06 by tag, as the bytes of their records.
    pub(crate) items: Option<BTreeMap<String, String>>,
}

impl HolderTable {
    /// What this table says, and what the one below says where it is silent.
    pub(crate) fn over(self, below: Self) -> Self {
        let mut items = below.items.unwrap_or_default();
        items.extend(self.items.unwrap_or_default());
        Self {
            seed: self.seed.or(below.seed),
            division: self.division.or(below.division),
            serial: self.serial.or(below.serial),
            pin: self.pin.or(below.pin),
            identification_code: self.identification_code.or(below.identification_code),
            class: self.class.or(below.class),
            version: self.version.or(below.version),
            initialisation_organisation: self
                .initialisation_organisation
                .or(below.initialisation_organisation),
            issue_date: self.issue_date.or(below.issue_date),
            expiry_date: self.expiry_date.or(below.expiry_date),
            number: self.number.or(below.number),
            social_security_number: self.social_security_number.or(below.social_security_number),
            name: self.name.or(below.name),
            name_extension: self.name_extension.or(below.name_extension),
            sex: self.sex.or(below.sex),
            ethnicity: self.ethnicity.or(below.ethnicity),
            birthplace: self.birthplace.or(below.birthplace),
            birth_date: self.birth_date.or(below.birth_date),
            items: Some(items),
        }
    }

    /// The items under the names of [`crate::fields`], in the order of their records; a name before its
    /// extension, which has the last word.
    pub(crate) fn named(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let all = [
            ("identification_code", &self.identification_code),
            ("class", &self.class),
            ("version", &self.version),
            ("initialisation_organisation", &self.initialisation_organisation),
            ("issue_date", &self.issue_date),
            ("expiry_date", &self.expiry_date),
            ("number", &self.number),
            ("social_security_number", &self.social_security_number),
            ("name", &self.name),
            ("name_extension", &self.name_extension),
            ("sex", &self.sex),
            ("ethnicity", &self.ethnicity),
            ("birthplace", &self.birthplace),
            ("birth_date", &self.birth_date),
        ];
        all.into_iter().filter_map(|(name, text)| Some((name, text.as_deref()?)))
    }
}

/// Life cycle of the environment at delivery.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub(crate) enum LifeCycleName {
    /// In use.
    Activated,
    /// As it leaves production.
    Deactivated,
}

/// The table `[state]`: the card at delivery.
#[derive(Clone, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub(crate) struct StateTable {
    /// Whether the environment is activated.
    pub(crate) life_cycle: Option<LifeCycleName>,
    /// Whether the card has expired: the day until which it is valid (EF05, 06) is long ago.
    pub(crate) expired: Option<bool>,
    /// What is blocked: `card`, `SSSE`, a DF in it such as `DF04`, the AID of a payment application.
    pub(crate) blocked: Option<Vec<String>>,
    /// Tries that the holder's PIN has left; at 0 it is locked.
    pub(crate) pin_tries_left: Option<u8>,
    /// State of the random number generator, 32 bytes in hexadecimal.
    pub(crate) random: Option<SecretText>,
    /// Tries left of keys, by their paths `SSSE/0A`, `SSSE/0A/2`.
    pub(crate) keys: Option<BTreeMap<String, u8>>,
    /// Content of files by their paths, in hexadecimal or as the name of a file, `@photo.jpg`.
    pub(crate) files: Option<BTreeMap<String, String>>,
    /// The medical purse.
    pub(crate) purse: Option<PurseStateTable>,
    /// The PKI application as it lies in the card, in hexadecimal: what `profile export` writes.
    pub(crate) pki: Option<SecretText>,
    /// Payment applications.
    pub(crate) accounts: Option<Vec<AccountStateTable>>,
    /// A terminal's security module.
    pub(crate) psam: Option<PsamStateTable>,
}

impl StateTable {
    /// Takes in the files that it names.
    pub(crate) fn read_files(
        &mut self,
        read: &dyn Fn(&str) -> Result<Vec<u8>, String>,
    ) -> Result<(), LoadError> {
        for (path, text) in self.files.iter_mut().flatten() {
            let Some(name) = text.strip_prefix('@') else { continue };
            let content = read(name).map_err(|reason| LoadError::Contradiction {
                setting: format!("state.files.\"{path}\""),
                reason: format!("{name}: {reason}"),
            })?;
            *text = hex::encode(content);
        }
        Ok(())
    }

    /// What this table says, and what the one below says where it is silent.
    pub(crate) fn over(self, below: Self) -> Self {
        let mut keys = below.keys.unwrap_or_default();
        keys.extend(self.keys.unwrap_or_default());
        let mut files = below.files.unwrap_or_default();
        files.extend(self.files.unwrap_or_default());
        Self {
            life_cycle: self.life_cycle.or(below.life_cycle),
            expired: self.expired.or(below.expired),
            blocked: self.blocked.or(below.blocked),
            pin_tries_left: self.pin_tries_left.or(below.pin_tries_left),
            random: self.random.or(below.random),
            keys: Some(keys),
            files: Some(files),
            purse: self.purse.or(below.purse),
            pki: self.pki.or(below.pki),
            accounts: self.accounts.or(below.accounts),
            psam: self.psam.or(below.psam),
        }
    }

    /// The first setting that only a holder's card has.
    pub(crate) fn of_a_holder(&self) -> Option<&'static str> {
        let settings = [
            ("state.life_cycle", self.life_cycle.is_some()),
            ("state.expired", self.expired == Some(true)),
            ("state.pin_tries_left", self.pin_tries_left.is_some()),
            ("state.keys", self.keys.as_ref().is_some_and(|keys| !keys.is_empty())),
            ("state.purse", self.purse.is_some()),
            ("state.pki", self.pki.is_some()),
            ("state.accounts", self.accounts.is_some()),
        ];
        settings.into_iter().find(|(_, is_there)| *is_there).map(|(setting, _)| setting)
    }
}

/// The table `[state.psam]`.
#[derive(Clone, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PsamStateTable {
    /// The terminal's counter of purchases, as it was last given out.
    pub(crate) counter: Option<u32>,
    /// Wrong MACs under the master key left; at 0 it is locked.
    pub(crate) master_tries_left: Option<u8>,
}

/// The table `[state.purse]`; amounts in cents.
#[derive(Clone, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PurseStateTable {
    /// Balance of the personal account.
    pub(crate) balance: Option<u32>,
    /// Paid by the holder in the insurance year.
    pub(crate) self_paid: Option<u32>,
    /// Paid by the pooled fund in the insurance year.
    pub(crate) pooled: Option<u32>,
    /// The insurance year of both sums, four digits.
    pub(crate) year: Option<String>,
    /// First day of the insurance year, MMDD, where it is not that of `[purse]` any more.
    pub(crate) start_day: Option<String>,
    /// Loads so far.
    pub(crate) loads: Option<u16>,
    /// Purchases so far.
    pub(crate) purchases: Option<u16>,
    /// Proof of the last load: its counter, MAC2 and TAC, 10 bytes in hexadecimal.
    pub(crate) load_proof: Option<String>,
    /// Proof of the last purchase, likewise.
    pub(crate) purchase_proof: Option<String>,
}

/// A table `[[state.accounts]]`.
#[derive(Clone, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct AccountStateTable {
    /// AID of the payment application.
    pub(crate) aid: String,
    /// Whether it is blocked.
    pub(crate) blocked: Option<bool>,
    /// Tries that its PIN has left; at 0 it is locked.
    pub(crate) pin_tries_left: Option<u8>,
    /// Transaction counter, where it is not that of the application's plan any more.
    pub(crate) atc: Option<u16>,
    /// Counter at the last online transaction.
    pub(crate) last_online_atc: Option<u16>,
    /// What the last transactions left for the next ones, 38 bytes in hexadecimal.
    pub(crate) risk: Option<String>,
    /// Records of the transaction log in hexadecimal, the newest first.
    pub(crate) transaction_log: Option<Vec<String>>,
    /// Records of the load log in hexadecimal, the newest first.
    pub(crate) load_log: Option<Vec<String>>,
}
