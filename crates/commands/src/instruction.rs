//! What the table says of an instruction.

/// Who understands an instruction.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Application {
    /// The card itself, whatever is selected.
    Card,
    /// The social security application.
    SocialSecurity,
    /// The medical purse in DF04.
    Purse,
    /// A PBOC application.
    Financial,
    /// The PKI application of the third generation.
    Pki,
    /// A terminal's security module (PSAM).
    Psam,
    /// Other cards. Known for the sake of redaction and of the danger check.
    Foreign,
}

/// Whether the data of a command hold a PIN or a key.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Secrecy {
    /// They hold none.
    Public,
    /// They hold ciphertext, MACs or what a writer chose: shown, but kept out of a history.
    Personal,
    /// They hold one: the whole data field is hidden.
    Secret,
}

/// Whether a command may use up tries or block something.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Danger {
    /// Only under secure messaging, where a wrong MAC counts.
    Never,
    /// When it has a data field.
    WithData,
    /// In any case.
    Always,
}

/// A pair of P1 and P2 that an instruction takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Parameters {
    /// Lowest and highest P1.
    pub p1: (u8, u8),
    /// Lowest and highest P2.
    pub p2: (u8, u8),
    /// What they mean.
    pub meaning: &'static str,
}

impl Parameters {
    /// Whether these are among them.
    #[must_use]
    pub fn hold(&self, p1: u8, p2: u8) -> bool {
        let within = |value: u8, (low, high): (u8, u8)| (low..=high).contains(&value);
        within(p1, self.p1) && within(p2, self.p2)
    }
}

/// One instruction of one application.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Instruction {
    /// The field's name, in capitals.
    pub name: &'static str,
    /// The same in Chinese.
    pub name_zh: &'static str,
    /// Who understands it.
    pub application: Application,
    /// Class byte without channel, chaining and secure messaging.
    pub class: u8,
    /// INS.
    pub ins: u8,
    /// The parameters it takes.
    pub parameters: &'static [Parameters],
    /// Whether its data are secret.
    pub secrecy: Secrecy,
    /// The parameters with which its answer holds a secret.
    pub secret_answer: &'static [Parameters],
    /// Whether it may use up tries or block something.
    pub danger: Danger,
    /// Whether its answer can be given a second time: `false` when the first one changed the card.
    pub repeatable: bool,
    /// Whether its data may come in parts, under the chaining bit of the class.
    pub chained: bool,
    /// Its status words beyond [`crate::GENERAL_STATUS`], 61xx and 6Cxx; `63C0` stands for every 63Cx.
    pub status: &'static [u16],
}

impl Instruction {
    pub(crate) const fn new(
        application: Application,
        [class, ins]: [u8; 2],
        [name, name_zh]: [&'static str; 2],
        parameters: &'static [Parameters],
        status: &'static [u16],
    ) -> Self {
        Self {
            name,
            name_zh,
            application,
            class,
            ins,
            parameters,
            secrecy: Secrecy::Personal,
            secret_answer: &[],
            danger: Danger::Never,
            repeatable: true,
            chained: false,
            status,
        }
    }

    pub(crate) const fn public(self) -> Self {
        Self { secrecy: Secrecy::Public, ..self }
    }

    pub(crate) const fn secret(self) -> Self {
        Self { secrecy: Secrecy::Secret, ..self }
    }

    /// Its answer holds a PIN's hash, a key or what was enciphered, with these parameters.
    pub(crate) const fn answers(self, secret_answer: &'static [Parameters]) -> Self {
        Self { secret_answer, ..self }
    }

    pub(crate) const fn danger(self, danger: Danger) -> Self {
        Self { danger, ..self }
    }

    pub(crate) const fn once(self) -> Self {
        Self { repeatable: false, ..self }
    }

    pub(crate) const fn chained(self) -> Self {
        Self { chained: true, ..self }
    }

    /// Whether it takes these parameters.
    #[must_use]
    pub fn takes(&self, p1: u8, p2: u8) -> bool {
        self.parameters.iter().any(|pair| pair.hold(p1, p2))
    }
}
