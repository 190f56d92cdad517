//! What of a payment application's plan differs from PBOC's: an image carries it in a section of its own.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};
use sscard_apdu::tlv::Tag;

use super::cryptogram::CryptogramPlan;
use super::financial::FinancialApplication;

/// An object of a payment application's FCI.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ControlObject {
    /// Tag within template A5.
    #[serde(with = "super::stored::tag_number")]
    pub tag: Tag,
    /// Value; empty for none.
    pub value: Vec<u8>,
}

/// What of an application an image carries in a section of its own.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct OwnPlan {
    cryptogram: CryptogramPlan,
    control_information: Vec<ControlObject>,
}

impl OwnPlan {
    /// That of an application; `None` when it is the usual one.
    pub(crate) fn of(plan: &FinancialApplication) -> Option<Self> {
        let FinancialApplication { cryptogram, control_information, .. } = plan;
        let is_usual = *cryptogram == CryptogramPlan::default() && control_information.is_empty();
        (!is_usual).then(|| Self {
            cryptogram: cryptogram.clone(),
            control_information: control_information.clone(),
        })
    }

    pub(crate) fn put_into(self, plan: &mut FinancialApplication) {
        plan.cryptogram = self.cryptogram;
        plan.control_information = self.control_information;
    }
}
