//! What a card remembers until it is reset, by logical channel.

use super::answer::Answer;
use super::{payment, pki, psam, purse, social};

/// Which application a channel stands in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Selected {
    /// The file system: MF, environment, its applications.
    #[default]
    Files,
    /// The payment directory of contact readers.
    Pse,
    /// That of contactless readers.
    Ppse,
    /// A payment application by its place in the plan.
    Payment(u8),
    /// The PKI environment.
    PkiEnvironment,
    /// The PKI application in it.
    PkiApplication,
}

/// One open channel.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Channel {
    pub(crate) selected: Selected,
    /// Where the channel stands in the file system, and what was proved there.
    pub(crate) social: social::Session,
    /// The transaction of the payment application that it stands in.
    pub(crate) payment: payment::Session,
    /// The random number that was given out last and not used, as long as it was seen.
    pub(crate) challenge: Option<Vec<u8>>,
    /// What was proved to the PKI application.
    pub(crate) pki: pki::Session,
    /// The key that is loaded in a security module.
    pub(crate) loaded: Option<Box<psam::Loaded>>,
    pub(crate) chain: Option<Chain>,
    pub(crate) waiting: Waiting,
    /// What a command left for the very next one on the channel, whichever that is.
    pub(crate) next: Option<Next>,
    /// Class of the last command without channel, chaining and messaging.
    pub(crate) class: u8,
}

impl Channel {
    /// Another application or DF is selected: what the one before kept on the channel is gone.
    pub(crate) fn leave_application(&mut self) {
        self.pki = pki::Session::default();
        self.loaded = None;
    }

    /// Whether it stands in the file system.
    pub(crate) fn is_among_files(&self) -> bool {
        self.selected == Selected::Files
    }

    /// Goes to what is no part of the file system: what the environment's keys proved is gone, and the MF is current again behind it.
    pub(crate) fn leave_files(&mut self, selected: Selected) {
        self.leave_application();
        self.challenge = None;
        self.social.leave();
        self.selected = selected;
    }
}

/// What was collected of a chain: its header, the data.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Chain {
    pub(crate) header: [u8; 4],
    pub(crate) data: Vec<u8>,
}

/// What GET RESPONSE has still to give.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Waiting {
    pub(crate) answer: Answer,
    /// How much was fetched.
    pub(crate) given: usize,
}

impl Waiting {
    pub(crate) fn length(&self) -> usize {
        self.answer.data.len() - self.given
    }

    pub(crate) fn clear(&mut self) {
        self.answer.clear();
        self.given = 0;
    }
}

/// What a command leaves for the very next one.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Next {
    /// INITIALIZE LOAD of the medical purse.
    Load(purse::Load),
    /// INITIALIZE PURCHASE.
    Purchase(purse::Purchase),
    /// INIT SAM FOR PURCHASE of a security module.
    Module(psam::Purchase),
}
