//! The PKI application of the third generation (非对称认证应用): an SM2 pair for signatures and one for
//! encryption, with their certificates, in the DDF `PKI.社会保障` and its application `SS.CERT.ADF1`.
//!
//! ```text
//! PlainCommand ─► Command ─► pins, files, keys ─► answer
//!                              │ what a channel has proved: Session
//!                              └ what lasts: the application's area of the memory
//! ```
//!
//! What enters: plain commands of the selected application. What leaves: answers as programs of the field
//! expect them; what they do not show is a \[choice\] (docs/decisions.md). The application stands beside the
//! social security environment: neither one's states and keys touch the other's.

mod command;
mod files;
mod keys;
mod pins;

use sscard_apdu::{FileId, StatusWord};
use sscard_crypto::financial::sm3;
use sscard_crypto::{Key, Suite};
use zeroize::Zeroize;

use crate::applet::{Applet, Context, PlainCommand, Reply};
use crate::channel::State;
use crate::profile::{PkiPlan, Profile};
use crate::secure_messaging::{ChallengeProtection, Protection};
use command::Command;
pub(crate) use files::{FILES, Kind, Purpose};
pub(crate) use keys::{private_key, public_key};
pub(crate) use pins::Pin;

/// DF name of the environment: `PKI.社会保障` in GBK.
pub(crate) const ENVIRONMENT: &[u8] = b"PKI.\xC9\xE7\xBB\xE1\xB1\xA3\xD5\xCF";
/// DF name of the application.
pub(crate) const APPLICATION: &[u8] = b"SS.CERT.ADF1";
/// File identifier of the application in its environment.
const IDENTIFIER: FileId = FileId::new(0xDF01);

/// Which of the two DFs; neither has a state of its own.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pki {
    /// The DDF.
    Environment,
    /// The ADF with all files.
    Application,
}

/// What a channel has proved to the application, and what it left for its next command.
#[derive(Clone, Default, Hash)]
pub(crate) struct Session {
    user: bool,
    administrator: bool,
    /// The pair whose public key GET PUBLIC KEY gives.
    exported: Option<Purpose>,
    /// The session key for the private key that comes next.
    key: Option<[u8; Key::LENGTH]>,
}

impl Session {
    pub(crate) const fn has(&self, pin: Pin) -> bool {
        match pin {
            Pin::User => self.user,
            Pin::Administrator => self.administrator,
        }
    }

    const fn set(&mut self, pin: Pin, verified: bool) {
        match pin {
            Pin::User => self.user = verified,
            Pin::Administrator => self.administrator = verified,
        }
    }

    fn keep_key(&mut self, key: Key) {
        self.key.zeroize();
        self.key = Some(*key.expose());
    }

    fn take_key(&mut self) -> Option<Key> {
        let key = self.key.map(Key::new);
        self.key.zeroize();
        key
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.key.zeroize();
    }
}

/// Where the application's area lies.
#[derive(Clone, Copy)]
pub(crate) struct Place(usize);

impl Place {
    pub(crate) const fn at(self, offset: usize) -> usize {
        self.0.saturating_add(offset)
    }
}

/// Plan and area of a card's PKI application.
pub(crate) fn of(profile: &Profile) -> Option<(&PkiPlan, Place)> {
    Some((profile.blueprint().pki.as_ref()?, Place(profile.layout().pki()?)))
}

/// What a file identifier means while one of the two DFs is selected.
pub(crate) fn leads_to(here: Pki, fid: FileId) -> Option<Pki> {
    let is_file = here == Pki::Application && files::position(fid).is_some();
    (fid == IDENTIFIER || is_file).then_some(Pki::Application)
}

impl Applet for Pki {
    fn aid(&self) -> &[u8] {
        match self {
            Self::Environment => ENVIRONMENT,
            Self::Application => APPLICATION,
        }
    }

    /// Of a DF the FCI `6F{84 name}`, of an EF nothing. The application again keeps what was proved.
    ///
    /// # Status
    /// `9000`.
    fn select(
        &self,
        command: &PlainCommand<'_>,
        context: &mut Context<'_>,
        reply: &mut Reply<'_>,
    ) -> Result<StatusWord, StatusWord> {
        let fid = <[u8; 2]>::try_from(command.data).ok().map(FileId::from_bytes);
        match fid.and_then(files::position).filter(|_| command.p1 != 0x04) {
            Some(position) => context.channel.enter_file(position),
            None => {
                context.channel.cursor.ef = None;
                let name = self.aid();
                reply.tlv().constructed(sscard_elements::social::FCI_TEMPLATE, |fci| {
                    fci.primitive(sscard_elements::social::DF_NAME, name);
                });
            }
        }
        Ok(StatusWord::SUCCESS)
    }

    fn process(
        &self,
        command: &PlainCommand<'_>,
        context: &mut Context<'_>,
        reply: &mut Reply<'_>,
    ) -> Result<StatusWord, StatusWord> {
        let profile = context.profile;
        let (plan, area) = of(profile).ok_or(StatusWord::FILE_NOT_FOUND)?;
        let command = Command::try_from(command)?;
        self.admit(&command, context)?;
        match command {
            Command::GetChallenge { length } => {
                context.challenge(length, reply)?;
                Ok(StatusWord::SUCCESS)
            }
            Command::ReadBinary { place, ne } => files::read(context, area, place, ne, reply),
            Command::UpdateBinary { place, data } => {
                let may_change = may_change(context)?;
                files::update(context, area, place, data, may_change)
            }
            Command::Verify { pin, proof } => pins::verify(context, plan, area, pin, proof),
            Command::ChangePin { pin, new } => pins::set(context, plan, area, pin, new),
            Command::UnblockPin { new: [] } => pins::unblock(context, plan, area, Pin::User),
            Command::UnblockPin { new } => pins::set(context, plan, area, Pin::User, new),
            Command::GenerateKeyPair { purpose } => keys::generate(context, area, purpose),
            Command::NamePublicKey { purpose } => {
                public_key(context.nvm, area, purpose)?;
                context.state::<Session>()?.exported = Some(purpose);
                Ok(StatusWord::SUCCESS)
            }
            Command::GetPublicKey => keys::export(context, area, reply),
            Command::OpenEnvelope { purpose, envelope } => {
                keys::open_envelope(context, area, purpose, envelope, reply)
            }
            Command::ImportSessionKey { key } => keys::import_session_key(context, key),
            Command::ImportPublicKey { key } => keys::import_public(context, area, key),
            Command::ImportPrivateKey { enciphered } => {
                keys::import_private(context, area, enciphered)
            }
            Command::Hash { input } => {
                reply.extend(&sm3(&[input]));
                Ok(StatusWord::SUCCESS)
            }
            Command::Sign { digest } => keys::sign(context, area, digest, reply),
            Command::VerifySignature { digest, signature, key } => {
                keys::verify(context, area, (digest, signature), key)
            }
            Command::Decipher { cipher } => keys::decipher_data(context, area, cipher, reply),
        }
    }

    /// CHANGE PIN and PIN UNBLOCK: a MAC, and the new PIN enciphered, under a session key of the PIN that
    /// stands for who changes it.
    fn protection(
        &self,
        command: &PlainCommand<'_>,
        context: &mut Context<'_>,
    ) -> Result<Protection, StatusWord> {
        let profile = context.profile;
        let (_, area) = of(profile).ok_or(StatusWord::FILE_NOT_FOUND)?;
        let parsed = Command::try_from(command)?;
        self.admit(&parsed, context)?;
        let block = Suite::Sm4.block_length();
        let (pin, body) = match parsed {
            Command::ChangePin { pin, .. } => (pin, block..=block),
            _ => (Pin::Administrator, 0..=block),
        };
        let length = command.data.len().checked_sub(4);
        let fits =
            length.is_some_and(|length| body.contains(&length) && length.is_multiple_of(block));
        if !fits {
            return Err(StatusWord::WRONG_LENGTH);
        }
        let (suite, key) = (Suite::Sm4, pin.key(context.nvm, area));
        let (enciphered, may_be_empty) = (true, false);
        Ok(Protection::Challenge(ChallengeProtection { suite, key, enciphered, may_be_empty }))
    }
}

/// Whether the channel may change keys and certificates: the user's PIN, or the administrator's.
fn may_change(context: &mut Context<'_>) -> Result<bool, StatusWord> {
    let session = context.state::<Session>()?;
    Ok(session.user || session.administrator)
}

impl Pki {
    /// What the place and the PINs let through.
    fn admit(self, command: &Command<'_>, context: &mut Context<'_>) -> Result<(), StatusWord> {
        if self == Self::Environment {
            return match command {
                Command::GetChallenge { .. } => Ok(()),
                _ => Err(StatusWord::CONDITIONS_OF_USE_NOT_SATISFIED),
            };
        }
        let session = context.state::<Session>()?;
        let either = session.user || session.administrator;
        let admitted = match command {
            Command::Sign { .. } | Command::Decipher { .. } => session.user,
            Command::ChangePin { pin, .. } => session.has(*pin),
            Command::UnblockPin { .. } => session.administrator,
            Command::GenerateKeyPair { .. }
            | Command::OpenEnvelope { .. }
            | Command::ImportSessionKey { .. }
            | Command::ImportPublicKey { .. }
            | Command::ImportPrivateKey { .. } => either,
            Command::ReadBinary { .. }
            | Command::UpdateBinary { .. }
            | Command::GetChallenge { .. }
            | Command::Verify { .. }
            | Command::NamePublicKey { .. }
            | Command::GetPublicKey
            | Command::Hash { .. }
            | Command::VerifySignature { .. } => true,
        };
        if admitted { Ok(()) } else { Err(StatusWord::SECURITY_STATUS_NOT_SATISFIED) }
    }
}

/// What the selected application has verified on a channel.
pub(crate) fn verified(state: &State) -> [bool; 2] {
    let session = state.get::<Session>();
    [Pin::User, Pin::Administrator].map(|pin| session.is_some_and(|session| session.has(pin)))
}
