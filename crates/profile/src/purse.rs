//! The table `[purse]` of a profile: the medical purse of DF04.

use serde::Deserialize;
use sscard_apdu::FileId;
use sscard_core::PursePlan;

use crate::LoadError;

/// The application and its file of transactions.
const DF04: FileId = FileId::new(0xDF04);
const EF08: FileId = FileId::new(0xEF08);
/// 10,000,000.00.
const BALANCE_LIMIT: u32 = 1_000_000_000;

/// What can be set; a purse is there when the table is, unless it says `present = false`.
#[derive(Clone, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PurseFile {
    present: Option<bool>,
    start_day: Option<String>,
    load_type: Option<String>,
    purchase_type: Option<String>,
    balance_limit: Option<u32>,
    pin_for_load: Option<bool>,
    pin_for_purchase: Option<bool>,
    pin_for_balance: Option<bool>,
}

impl PurseFile {
    /// What this table says, and what the one below says where it is silent.
    pub(crate) fn over(self, below: Self) -> Self {
        Self {
            present: self.present.or(below.present),
            start_day: self.start_day.or(below.start_day),
            load_type: self.load_type.or(below.load_type),
            purchase_type: self.purchase_type.or(below.purchase_type),
            balance_limit: self.balance_limit.or(below.balance_limit),
            pin_for_load: self.pin_for_load.or(below.pin_for_load),
            pin_for_purchase: self.pin_for_purchase.or(below.pin_for_purchase),
            pin_for_balance: self.pin_for_balance.or(below.pin_for_balance),
        }
    }

    /// The plan; `None` when there is to be no purse.
    pub(crate) fn plan(&self) -> Result<Option<PursePlan>, LoadError> {
        if self.present == Some(false) {
            return Ok(None);
        }
        let day = self.start_day.as_deref().unwrap_or("0101");
        let type_of = |text: &Option<String>, setting, default| {
            bytes(setting, text.as_deref().unwrap_or(default), "two hexadecimal digits")
        };
        let [load_type] = type_of(&self.load_type, "load_type", "31")?;
        let [purchase_type] = type_of(&self.purchase_type, "purchase_type", "32")?;
        if self.balance_limit == Some(0) {
            return Err(LoadError::Value {
                setting: "purse.balance_limit".to_owned(),
                value: "0".to_owned(),
                wanted: "an amount of at least 1 cent; present = false takes the purse away",
            });
        }
        Ok(Some(PursePlan {
            application: DF04,
            log: EF08,
            start_day: bytes("start_day", day, "a day MMDD such as 0701")?,
            load_type,
            purchase_type,
            balance_limit: self.balance_limit.unwrap_or(BALANCE_LIMIT),
            pin_for_load: self.pin_for_load.unwrap_or(true),
            pin_for_purchase: self.pin_for_purchase.unwrap_or(true),
            pin_for_balance: self.pin_for_balance.unwrap_or(true),
        }))
    }
}

fn bytes<const N: usize>(
    setting: &str,
    text: &str,
    wanted: &'static str,
) -> Result<[u8; N], LoadError> {
    let parsed = hex::decode(text).ok().and_then(|bytes| bytes.try_into().ok());
    parsed.ok_or_else(|| LoadError::Value {
        setting: format!("purse.{setting}"),
        value: text.to_owned(),
        wanted,
    })
}
