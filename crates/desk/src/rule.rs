//! The rules of the notice by name, and a refusal by one of them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The rules D01…D22 of the municipal notice.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[expect(missing_docs, reason = "their texts are in `Rule::text`")]
pub enum Rule {
    D01,
    D02,
    D03,
    D04,
    D05,
    D06,
    D07,
    D08,
    D09,
    D10,
    D11,
    D12,
    D13,
    D14,
    D15,
    D16,
    D17,
    D18,
    D19,
    D20,
    D21,
    D22,
}

impl Rule {
    /// All of them.
    pub const ALL: [Self; 22] = [
        Self::D01,
        Self::D02,
        Self::D03,
        Self::D04,
        Self::D05,
        Self::D06,
        Self::D07,
        Self::D08,
        Self::D09,
        Self::D10,
        Self::D11,
        Self::D12,
        Self::D13,
        Self::D14,
        Self::D15,
        Self::D16,
        Self::D17,
        Self::D18,
        Self::D19,
        Self::D20,
        Self::D21,
        Self::D22,
    ];

    /// What the rule says, in a line.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::D01 => {
                "a card is collected where it was delivered, from the batch's opening day to its closing day"
            }
            Self::D02 => "a resident without a card in this batch waits for the next batch",
            Self::D03 => "a card must be activated before use",
            Self::D04 => "any branch of the selected bank activates both functions in one step",
            Self::D05 => {
                "a convenience centre, community or village activates the social security function only"
            }
            Self::D06 => "another bank's branch activates nothing",
            Self::D07 => {
                "an agent brings the holder's identity card and his own, original and photocopy"
            }
            Self::D08 => {
                "a child's card is activated at the bank by the guardian with the household register"
            }
            Self::D09 => "activation of the new card invalidates the old one",
            Self::D10 => "the old card's medical balance moves to the new card, once",
            Self::D11 => "the query password goes to the registered mobile number after activation",
            Self::D12 => "the initial transaction password is 123456 and works without a change",
            Self::D13 => {
                "the transaction password is modified at bank, village, community, convenience centre and pharmacy"
            }
            Self::D14 => "passwords are reset at bank, village, community and convenience centre",
            Self::D15 => {
                "six wrong transaction passwords lock the social security function, not the financial one"
            }
            Self::D16 => "a locked function works again after a reset, with identity checked",
            Self::D17 => "a card is replaced at a card outlet of the original bank",
            Self::D18 => "the outlet recycles the old card; a lost one is invalidated",
            Self::D19 => {
                "a card is changed when a printed item changes or is wrong, or for another bank"
            }
            Self::D20 => {
                "a change of bank: social function cancelled, account closed, new card issued, in this order"
            }
            Self::D21 => {
                "the mobile number is changed at village, community, convenience centre, kiosk or website"
            }
            Self::D22 => {
                "at the end: social function cancelled, benefits paid out, account closed, card recycled"
            }
        }
    }

    /// The identifier, such as `D17`.
    #[must_use]
    pub fn id(self) -> String {
        format!("{self:?}")
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// Why something is not done.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Refusal {
    /// The rule that refuses.
    pub rule: Rule,
    /// What was missing.
    pub missing: String,
    /// Who can help, and where.
    pub who_can_help: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} (who can help: {})", self.rule, self.missing, self.who_can_help)
    }
}
