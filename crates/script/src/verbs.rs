//! The verbs of the language, one table: what checks them, builds their commands and documents
//! them.
//!
//! What enters: arguments as the parameters want them, and the card's protocol. What leaves: a
//! command with the right Lc, and the Le of the protocol: on T=0 none behind data.

mod bank;
mod general;
mod pki;
mod psam;
mod purse;

use sscard_apdu::{ClassByte, CommandApdu, SecureMessaging};
use sscard_commands::Command;
use sscard_core::Protocol;

use crate::value::{Arguments, Parameter};

type Build = fn(&Arguments) -> Result<Plain, String>;

/// What a verb does.
pub(crate) enum Action {
    /// It proves a key: GET CHALLENGE, EXTERNAL AUTHENTICATE.
    Authenticate,
    /// It sends one command.
    One(Build),
    /// It sends a command under secure messaging: GET CHALLENGE, the command with its MAC.
    Protected,
    /// It writes an item as the card's version has it.
    WriteItem,
}

/// Whether a verb may use up tries or block a card.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum VerbDanger {
    /// It may.
    Always,
    /// It may not.
    Never,
    /// It may when this argument is given.
    With(usize),
}

/// A verb.
pub struct Verb {
    /// Its name.
    pub name: &'static str,
    /// What it takes; arguments without a name come in this order.
    pub parameters: &'static [Parameter],
    /// The command in hex, parameters by their names.
    pub apdu: &'static str,
    /// What it asks for.
    pub description: &'static str,
    /// Whether it may use up tries or block a card.
    pub danger: VerbDanger,
    pub(crate) action: Action,
}

impl Verb {
    const fn new(
        name: &'static str,
        parameters: &'static [Parameter],
        build: Build,
        apdu: &'static str,
        description: &'static str,
    ) -> Self {
        let action = Action::One(build);
        Self { name, parameters, apdu, description, danger: VerbDanger::Never, action }
    }

    const fn dangerous(self) -> Self {
        Self { danger: VerbDanger::Always, ..self }
    }

    const fn dangerous_with(self, at: usize) -> Self {
        Self { danger: VerbDanger::With(at), ..self }
    }

    /// How it is written.
    #[must_use]
    pub fn usage(&self) -> String {
        let parameters = self.parameters.iter().map(Parameter::signature);
        std::iter::once(self.name.to_owned()).chain(parameters).collect::<Vec<_>>().join(" ")
    }

    /// Whether it may use up tries or block a card with these arguments.
    pub(crate) fn is_dangerous(&self, arguments: &Arguments) -> bool {
        match self.danger {
            VerbDanger::Always => true,
            VerbDanger::Never => false,
            VerbDanger::With(at) => arguments.has(at),
        }
    }
}

/// All verbs, group by group.
pub const GROUPS: &[(&str, &[Verb])] = &[
    ("Files, PIN and keys", general::VERBS),
    ("The medical purse", purse::VERBS),
    ("The security module (PSAM)", psam::VERBS),
    ("The bank card", bank::VERBS),
    ("The PKI application", pki::VERBS),
];

/// The verb of a name.
#[must_use]
pub fn verb(name: &str) -> Option<&'static Verb> {
    GROUPS.iter().flat_map(|(_, verbs)| *verbs).find(|verb| verb.name == name)
}

/// A command without its length fields.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Plain {
    pub(crate) header: [u8; 4],
    pub(crate) data: Vec<u8>,
    /// Expected length; 0 for none.
    pub(crate) ne: usize,
}

impl Plain {
    fn new(header: [u8; 4]) -> Self {
        Self { header, data: Vec::new(), ne: 0 }
    }

    fn with_data(self, data: impl Into<Vec<u8>>) -> Self {
        Self { data: data.into(), ..self }
    }

    fn with_ne(self, ne: usize) -> Self {
        Self { ne, ..self }
    }

    fn with_class(mut self, class: u8) -> Self {
        self.header[0] = class;
        self
    }

    /// Its bytes.
    ///
    /// # Errors
    /// Data that no length field of the protocol can say.
    pub(crate) fn emit(&self, protocol: Protocol, out: &mut Vec<u8>) -> Result<(), String> {
        let [cla, ins, p1, p2] = self.header;
        let ne = if protocol == Protocol::T0 && !self.data.is_empty() { 0 } else { self.ne };
        if protocol == Protocol::T0 && (self.data.len() > 0xFF || ne > 0x100) {
            return Err("T=0 carries 255 bytes of data and 256 of an answer".to_owned());
        }
        CommandApdu::new(ClassByte::new(cla), ins, p1, p2)
            .with_data(&self.data)
            .with_ne(ne)
            .emit(out)
            .map_err(|error| error.to_string())
    }
}

impl From<Command<'_>> for Plain {
    fn from(command: Command<'_>) -> Self {
        let apdu = command.apdu();
        let header = [apdu.class.byte(), apdu.ins, apdu.p1, apdu.p2];
        Self { header, data: apdu.data.to_vec(), ne: apdu.ne }
    }
}

/// Whether a command may use up tries or block a card: VERIFY with a PIN, CHANGE and UNBLOCK PIN,
/// EXTERNAL AUTHENTICATE, DEACTIVATE FILE, the blocks, PUT DATA, and whatever is under secure
/// messaging. `[choice]` of commands: docs/decisions.md.
#[must_use]
pub fn is_destructive(command: &[u8]) -> bool {
    let [cla, ins, rest @ ..] = command else { return false };
    let is_protected = ClassByte::new(*cla).secure_messaging() != SecureMessaging::None;
    match sscard_commands::danger(*cla, *ins) {
        sscard_commands::Danger::Always => true,
        sscard_commands::Danger::WithData => rest.len() > 3,
        sscard_commands::Danger::Never => is_protected,
    }
}

/// Digits, two a byte, F at the end.
fn packed(digits: &str) -> Result<Vec<u8>, String> {
    sscard_apdu::bcd::packed(digits).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests;
