//! What a program sees, in the process that has the readers and behind a server: the same.

mod hot_plug;
mod meetings;
mod releases;
mod states;
mod strangers;
mod transactions;

use std::os::unix::net::UnixListener;
use std::sync::Arc;
use std::time::Duration;

use sscard_host::InProcess;
use sscard_profile::{MasterKeys, built_in, issue, synthetic_holder};
use tempfile::TempDir;

use crate::{
    Connected, HeldCard, IccSlot, PcscConnection, PcscContext, ReaderServer, RemoteContext,
    ResourceManager, ScardError, ShareMode, protocols, serve,
};

/// A slot with a card of this profile.
pub(super) fn card(profile: &str) -> Arc<dyn IccSlot> {
    let profile = built_in(profile).unwrap();
    let card = issue(&profile, &synthetic_holder(1), &MasterKeys::test()).unwrap();
    Arc::new(HeldCard::new(InProcess::power_on(card).unwrap()))
}

/// Readers, and both ways to them.
pub(super) struct Bench {
    manager: Arc<ResourceManager>,
    folder: TempDir,
    pub(super) server: Option<ReaderServer>,
}

impl Bench {
    pub(super) fn with(slots: Vec<Arc<dyn IccSlot>>) -> Self {
        let manager = ResourceManager::new(slots);
        let folder = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(folder.path().join("readers")).unwrap();
        let server = Some(serve(listener, Arc::clone(&manager)).unwrap());
        Self { manager, folder, server }
    }

    pub(super) fn new() -> Self {
        Self::with(vec![card("gen2")])
    }

    pub(super) fn socket(&self) -> std::path::PathBuf {
        self.folder.path().join("readers")
    }

    /// A context of each kind.
    pub(super) fn contexts(&self) -> [Box<dyn PcscContext>; 2] {
        let remote = RemoteContext::establish(&self.socket()).unwrap();
        [Box::new(self.manager.establish()), Box::new(remote)]
    }
}

pub(super) const NAME: &str = "sscard 00 00";

pub(super) const AT_ONCE: Duration = Duration::ZERO;

/// Whatever both speak.
pub(super) const ANY: u32 = protocols::T0 | protocols::T1;

pub(super) fn connect(context: &dyn PcscContext, share: ShareMode) -> Arc<dyn PcscConnection> {
    try_connect(context, share).unwrap().0
}

pub(super) fn try_connect(
    context: &dyn PcscContext,
    share: ShareMode,
) -> Result<Connected, ScardError> {
    let connected = context.connect(NAME, share, ANY, AT_ONCE)?;
    connected.ok_or(ScardError::SHARING_VIOLATION)
}

/// The answer to SELECT with nothing, by T=0.
pub(super) fn select(connection: &dyn PcscConnection) -> Result<Vec<u8>, ScardError> {
    let mut answer = Vec::new();
    let command = [0x00, sscard_commands::ins::SELECT, 0x00, 0x00];
    connection.transmit(protocols::T0, &command, &mut |bytes| answer.extend_from_slice(bytes))?;
    Ok(answer)
}
