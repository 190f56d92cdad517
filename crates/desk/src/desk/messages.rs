//! Messages to holders: sealed with the register's own key, shown once, then wiped.

use sscard_crypto::financial::sm3;
use sscard_profile::MasterKeys;
use zeroize::Zeroizing;

use crate::key::{self, SealKey};
use crate::register::{OutboxRow, Register};
use crate::{Desk, DeskError};

/// A message and its body, which is shown once.
pub type Shown = (OutboxRow, Option<Zeroizing<String>>);

impl Desk {
    /// Seals with the register's own key what was sealed with one that everyone has. What cannot be
    /// opened stays as it is: [`Desk::outbox`] tells it.
    pub(super) fn seal_again(&mut self, sealed: &[(i64, Vec<u8>)]) -> Result<(), DeskError> {
        let old = sealed.iter().filter(|(_, body)| key::is_of_before(body));
        let before = self.key_of_before();
        let open = |(id, body): &(i64, Vec<u8>)| {
            key::open_of_before(&before, *id, body).map(|body| (*id, body))
        };
        let bodies: Vec<_> = old.filter_map(open).collect();
        if bodies.is_empty() {
            return Ok(());
        }
        self.seal_key()?;
        let Self { register, key: Some(key), .. } = self else { return Ok(()) };
        register.change(|ledger| {
            bodies
                .iter()
                .try_for_each(|(id, body)| ledger.set_body(*id, Some(&key.seal(*id, body)?)))
        })?;
        register.empty_log()
    }

    /// The messages, each sealed body opened, shown, and wiped. One that another key sealed stays
    /// sealed and has no body here.
    ///
    /// # Errors
    /// Why they cannot be read or wiped, or [`DeskError::Key`].
    pub fn outbox(&mut self) -> Result<Vec<Shown>, DeskError> {
        let mut messages = Vec::new();
        self.show_outbox(|shown| {
            messages = shown;
            Ok::<_, DeskError>(())
        })?;
        Ok(messages)
    }

    /// The same; what `show` did not show is not wiped.
    ///
    /// # Errors
    /// As [`Desk::outbox`], or what `show` says.
    pub fn show_outbox<E: From<DeskError>>(
        &mut self,
        show: impl FnOnce(Vec<Shown>) -> Result<(), E>,
    ) -> Result<(), E> {
        if self.key.is_none() {
            self.key = SealKey::read(&self.register.key_place())?;
        }
        let key = self.key.as_ref();
        let messages: Vec<Shown> = self.register.look(|ledger| {
            let open = |row: OutboxRow| {
                let opened = |sealed: &Vec<u8>| key?.open(row.id, sealed);
                let body = row.sealed.as_ref().and_then(opened);
                (row, body)
            };
            Ok(ledger.outbox()?.into_iter().map(open).collect())
        })?;
        let opened = messages.iter().filter(|(_, body)| body.is_some());
        let opened: Vec<_> = opened.map(|(row, _)| row.id).collect();
        show(messages)?;
        // No lock was held meanwhile: whoever reads the screen may take his time.
        self.register
            .change(|ledger| opened.iter().try_for_each(|id| ledger.set_body(*id, None)))?;
        Ok(self.register.empty_log()?)
    }

    /// The error of a message that another key sealed.
    #[must_use]
    pub fn sealed_otherwise(&self, message: &OutboxRow) -> DeskError {
        DeskError::Seal { message: message.id, key: self.register.key_place() }
    }

    /// The register's own key. A register whose key is not there gets a new one with the next
    /// message; what was sealed with the other stays sealed until that one is back.
    pub(crate) fn seal_key(&mut self) -> Result<&SealKey, DeskError> {
        let key = match self.key.take() {
            Some(key) => key,
            None => SealKey::read_or_make(&self.register.key_place())?,
        };
        Ok(self.key.insert(key))
    }

    /// The register to be changed, and its key where [`Desk::seal_key`] has found it.
    pub(crate) fn register_and_key(&mut self) -> (&mut Register, Option<&SealKey>) {
        (&mut self.register, self.key.as_ref())
    }

    /// Key of messages that a version of before sealed.
    pub(super) fn key_of_before(&self) -> Zeroizing<[u8; 32]> {
        let root = MasterKeys::root(sscard_core::catalogue::SSSE, sscard_core::KeyId::STK, 1);
        Zeroizing::new(sm3(&[b"sscard outbox", root.expose(), &self.production.seed.to_be_bytes()]))
    }
}
