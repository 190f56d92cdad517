//! Papers and persons at the counter (证件).

use std::fmt;

/// One thing that is shown, or one person who is there.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Paper {
    /// The holder's identity card, original (本人身份证原件).
    IdentityCard,
    /// The agent's identity card, original (代办人身份证原件).
    AgentIdentityCard,
    /// Photocopy of the agent's identity card (代办人身份证复印件).
    AgentPhotocopy,
    /// The guardian's identity card, original (监护人身份证原件).
    GuardianIdentityCard,
    /// Household register (户口簿).
    HouseholdRegister,
    /// The household register shows the guardian's relation to the child (能证明监护关系).
    GuardianRelation,
    /// The child is present (儿童本人到场).
    Child,
}

impl Paper {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::IdentityCard,
        Self::AgentIdentityCard,
        Self::AgentPhotocopy,
        Self::GuardianIdentityCard,
        Self::HouseholdRegister,
        Self::GuardianRelation,
        Self::Child,
    ];

    /// The name that programs use, such as `identity-card`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::IdentityCard => "identity-card",
            Self::AgentIdentityCard => "agent-identity-card",
            Self::AgentPhotocopy => "agent-photocopy",
            Self::GuardianIdentityCard => "guardian-identity-card",
            Self::HouseholdRegister => "household-register",
            Self::GuardianRelation => "guardian-relation",
            Self::Child => "child",
        }
    }

    /// What it is, as a part of a sentence.
    #[must_use]
    pub const fn phrase(self) -> &'static str {
        match self {
            Self::IdentityCard => "the holder's identity card",
            Self::AgentIdentityCard => "the agent's identity card",
            Self::AgentPhotocopy => "the photocopy of the agent's identity card",
            Self::GuardianIdentityCard => "the guardian's identity card",
            Self::HouseholdRegister => "the household register",
            Self::GuardianRelation => "the guardian's relation in the household register",
            Self::Child => "the presence of the child",
        }
    }

    /// The paper of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|paper| paper.name() == name)
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// What is shown at one visit.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Papers(u8);

impl Papers {
    /// Nothing.
    pub const NONE: Self = Self(0);

    /// These, and no others.
    #[must_use]
    pub fn of(papers: &[Paper]) -> Self {
        Self(papers.iter().fold(0, |bits, paper| bits | paper.bit()))
    }

    /// Whether it is among them.
    #[must_use]
    pub const fn has(self, paper: Paper) -> bool {
        self.0 & paper.bit() != 0
    }

    /// Each of them.
    pub fn iter(self) -> impl Iterator<Item = Paper> {
        Paper::ALL.into_iter().filter(move |paper| self.has(*paper))
    }

    /// The first of `wanted` that is missing.
    #[must_use]
    pub fn missing(self, wanted: &[Paper]) -> Option<Paper> {
        wanted.iter().copied().find(|paper| !self.has(*paper))
    }
}

impl FromIterator<Paper> for Papers {
    fn from_iter<I: IntoIterator<Item = Paper>>(papers: I) -> Self {
        Self(papers.into_iter().fold(0, |bits, paper| bits | paper.bit()))
    }
}

impl fmt::Display for Papers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.iter().map(Paper::name).collect();
        f.write_str(&names.join(","))
    }
}

impl fmt::Debug for Papers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Papers({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_paper_has_a_bit_and_a_name_of_its_own() {
        for paper in Paper::ALL {
            assert_eq!(Paper::named(paper.name()), Some(paper));
            let alone = Papers::of(&[paper]);
            assert_eq!(alone.iter().collect::<Vec<_>>(), [paper]);
        }
        let all: Papers = Paper::ALL.into_iter().collect();
        assert_eq!(all.iter().count(), 7);
        assert_eq!(Papers::NONE.missing(&[Paper::Child]), Some(Paper::Child));
    }
}
