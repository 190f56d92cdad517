//! The table `[financial]` as it stands in a file; `[[financial.application]]` is the same, for one
//! application.

use std::collections::BTreeMap;

use serde::Deserialize;
use zeroize::Zeroize;

use super::key_pairs::{PairTable, ReadFile};
use super::keys::KeyTable;
use crate::LoadError;

/// A table of settings, and what it says over another one.
macro_rules! settings {
    ($(#[$of_table:meta])* $table:ident { $($(#[$of_field:meta])* $field:ident: $type:ty,)* } whole { $($whole:ident: $whole_type:ty,)* }) => {
        $(#[$of_table])*
        #[derive(Clone, Default, Deserialize)]
        #[cfg_attr(test, derive(schemars::JsonSchema))]
        #[serde(deny_unknown_fields, default)]
        pub(crate) struct $table {
            $($(#[$of_field])* pub(super) $field: Option<$type>,)*
            $(pub(super) $whole: $whole_type,)*
        }

        impl $table {
            /// What this table says, and what the one below says where it is silent.
            pub(crate) fn over(self, below: Self) -> Self {
                Self {
                    $($field: self.$field.or(below.$field),)*
                    $($whole: self.$whole.over(below.$whole),)*
                }
            }

            /// Whether this table says a setting that has one value.
            pub(super) fn says(&self, setting: &str) -> bool {
                match setting {
                    $(stringify!($field) => self.$field.is_some(),)*
                    _ => false,
                }
            }
        }
    };
}

settings! {
    /// The table `[financial]` of a profile.
    BankFile {
        applications: u8,
        application: Vec<BankFile>,
        pse: String,
        ppse: String,
        pan: String,
        pan_sequence: String,
        aid: String,
        label: String,
        preferred_name: String,
        priority: u8,
        pdol: String,
        pdol_contactless: String,
        cdol1: String,
        cdol2: String,
        ddol: String,
        tdol: String,
        cvm_list: String,
        action_code_default: String,
        action_code_denial: String,
        action_code_online: String,
        effective_date: String,
        expiry_date: String,
        service_code: String,
        track_2_discretionary: String,
        holder_name: String,
        country: String,
        usage_control: String,
        application_version: String,
        atc: Counter,
        scheme: String,
        cryptogram_version: String,
        cryptogram_elements: String,
        arpc_method: u8,
        pin: SecretDigits,
        afl: String,
        afl_sm: String,
        afl_e_cash: String,
        afl_e_cash_sm: String,
        afl_qpboc: String,
        afl_qpboc_sm: String,
        e_cash: bool,
        defaults: bool,
        sm: String,
        #[serde(alias = "quick")]
        qpboc: bool,
        #[serde(alias = "quick_cryptogram_version")]
        qpboc_cryptogram_version: String,
        discretionary_data: u8,
        discretionary_data_static: String,
        key_index: u8,
        pin_tries: u8,
        card_key: u16,
        aip: String,
        sm4_fold: String,
        pin_change_key: String,
        status_of_wrong_pdol_data: String,
        status_before_initiation: String,
        status_of_balance_over_limit: String,
        emv_enciphered_pin: bool,
        generate_ac_template: String,
        shows_pin_tries: bool,
        read_before_initiation: bool,
    } whole {
        keys: KeyTable,
        authority: PairTable,
        issuer: PairTable,
        icc: PairTable,
        objects: Objects,
        fci: Objects,
        records: Records,
    }
}

impl BankFile {
    /// Reads the files with keys that these tables name.
    pub(crate) fn read_files(&mut self, read: &ReadFile<'_>) -> Result<(), LoadError> {
        self.read_files_of("", read)?;
        for (position, table) in self.application.iter_mut().flatten().enumerate() {
            table.read_files_of(&format!("application[{position}]."), read)?;
        }
        Ok(())
    }

    fn read_files_of(&mut self, prefix: &str, read: &ReadFile<'_>) -> Result<(), LoadError> {
        self.authority.read_files(&format!("{prefix}authority"), read)?;
        self.issuer.read_files(&format!("{prefix}issuer"), read)?;
        self.icc.read_files(&format!("{prefix}icc"), read)
    }
}

/// A counter of two bytes: a number, or its bytes as hexadecimal digits.
#[derive(Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
pub(crate) enum Counter {
    Number(i64),
    Bytes(String),
}

/// Digits that no message quotes.
#[derive(Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(transparent)]
pub(crate) struct SecretDigits(String);

impl SecretDigits {
    pub(super) fn expose(&self) -> &str {
        &self.0
    }
}

impl Drop for SecretDigits {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// The tables `[[financial.records]]`.
#[derive(Clone, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(transparent)]
pub(crate) struct Records(pub(super) Vec<RecordTable>);

/// One table `[[financial.records]]`.
#[derive(Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct RecordTable {
    pub(super) sfi: u8,
    pub(super) record: u8,
    pub(super) data: Option<String>,
    pub(super) tags: Option<BTreeMap<String, String>>,
    /// Where the file says it, below `financial`.
    #[serde(skip)]
    pub(super) at: String,
}

impl Records {
    /// Those below first, so that what is above comes over them.
    fn over(self, below: Self) -> Self {
        Self([below.0, self.0].concat())
    }

    /// Notes where the file says each; `table` is `application[0].`, or nothing.
    pub(super) fn note_places(&mut self, table: &str) {
        for (number, record) in self.0.iter_mut().enumerate() {
            record.at = format!("{table}records[{number}]");
        }
    }
}

/// A table of data objects by tag.
#[derive(Clone, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(transparent)]
pub(crate) struct Objects(pub(super) BTreeMap<String, String>);

impl Objects {
    fn over(self, below: Self) -> Self {
        let mut objects = below.0;
        objects.extend(self.0);
        Self(objects)
    }
}
