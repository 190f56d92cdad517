//! The plan of the medical purse (医疗个人账户电子钱包) in DF04.

use serde::{Deserialize, Serialize};
use sscard_apdu::FileId;

use super::{DedicatedFile, KeyPurpose, ProfileError, Structure};

/// Length of a record of the purse's transactions.
pub(crate) const RECORD: u8 = 0x1C;

/// What is settled for the purses of all cards of a profile.
///
/// The standard names the commands, their lengths and the MACs' inputs; what it leaves open is
/// settled here.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PursePlan {
    /// File identifier of the application that the purse lies in.
    #[serde(with = "super::stored::file_id")]
    pub application: FileId,
    /// File identifier of the cyclic file that takes its transactions, 1C bytes a record.
    #[serde(with = "super::stored::file_id")]
    pub log: FileId,
    /// First day of the insurance year before anybody changes it, BCD MMDD.
    pub start_day: [u8; 2],
    /// Type of a load in MACs, transaction records and GET TRANSACTION PROOF.
    pub load_type: u8,
    /// Type of a purchase, likewise.
    pub purchase_type: u8,
    /// The most that the purse holds, in cents.
    pub balance_limit: u32,
    /// Whether a load needs the PIN.
    pub pin_for_load: bool,
    /// Whether a purchase needs the PIN.
    pub pin_for_purchase: bool,
    /// Whether the balance is shown after the PIN only.
    pub pin_for_balance: bool,
}

impl PursePlan {
    pub(super) fn check(&self, dfs: &[DedicatedFile]) -> Result<(), ProfileError> {
        let application = dfs.iter().find(|df| df.fid == self.application);
        let application = application.ok_or(ProfileError::Purse("its application is missing"))?;
        let log = application.files.iter().find(|file| file.fid == self.log);
        match log.map(|file| file.structure) {
            Some(Structure::Cyclic { length: RECORD, .. }) => {}
            _ => return Err(ProfileError::Purse("its file of transactions is missing")),
        }
        let wanted = [KeyPurpose::Purchase, KeyPurpose::Load, KeyPurpose::TransactionCertificate];
        if wanted.iter().any(|purpose| !application.keys.iter().any(|key| key.purpose == *purpose))
        {
            return Err(ProfileError::Purse("one of its three keys is missing"));
        }
        if self.load_type == self.purchase_type {
            return Err(ProfileError::Purse("loads and purchases need types of their own"));
        }
        if !is_day(self.start_day) {
            return Err(ProfileError::Purse("the insurance year begins on a day MMDD"));
        }
        Ok(())
    }
}

/// Whether two BCD bytes are a month and a day; 29 February is one.
pub(crate) fn is_day(day: [u8; 2]) -> bool {
    let [month, day] = day;
    let last = match month {
        0x04 | 0x06 | 0x09 | 0x11 => 0x30,
        0x02 => 0x29,
        0x01 | 0x03 | 0x05 | 0x07 | 0x08 | 0x10 | 0x12 => 0x31,
        _ => return false,
    };
    day & 0x0F <= 9 && (0x01..=last).contains(&day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_of_the_year() {
        for day in [[0x01, 0x01], [0x12, 0x31], [0x02, 0x29], [0x10, 0x10], [0x09, 0x30]] {
            assert!(is_day(day), "{day:02X?}");
        }
        for day in [[0x00, 0x01], [0x13, 0x01], [0x0A, 0x01], [0x01, 0x00], [0x04, 0x31]] {
            assert!(!is_day(day), "{day:02X?}");
        }
        assert!(!is_day([0x01, 0x0A]));
        assert!(!is_day([0x02, 0x30]));
    }
}
