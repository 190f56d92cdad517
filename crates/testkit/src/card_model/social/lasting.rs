//! What the social security function keeps without power.

use std::sync::Arc;

use sscard_core::{Card, KeyPurpose, LifeCycle};

/// Its persistent state.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Lasting {
    pub(crate) environment: LifeCycle,
    /// Applications that were blocked by themselves, a bit for each DF.
    pub(super) blocked: u64,
    /// The PIN as BCD; empty for none.
    pub(super) pin: Arc<[u8]>,
    pub(super) pin_tries: u8,
    /// Tries of the keys by their places.
    pub(crate) key_tries: Vec<u8>,
    /// Files by their places.
    pub(super) files: Arc<Vec<Arc<Content>>>,
}

/// What lies in a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Content {
    Bytes(Vec<u8>),
    /// By number, the first is number 1; of a cyclic file the newest.
    Records(Vec<Arc<[u8]>>),
}

impl Lasting {
    pub(crate) fn of(card: &Card) -> Self {
        let directories = card.inspect();
        let mut files = Vec::new();
        let mut blocked = 0;
        for (place, directory) in directories.iter().enumerate() {
            for file in &directory.files {
                let content = match file.structure {
                    sscard_core::Structure::Transparent { .. } => {
                        Content::Bytes(file.bytes.clone())
                    }
                    _ => {
                        let records = file.records.iter().map(|record| Arc::from(&record[..]));
                        Content::Records(records.collect())
                    }
                };
                files.push(Arc::new(content));
            }
            // Where nothing else is counted, the card says so (docs/decisions.md).
            let is_blocked = directory.keys.iter().any(|(slot, left)| {
                slot.purpose == KeyPurpose::SecureMessaging && !slot.id.is_global() && *left == 0
            });
            blocked |= u64::from(is_blocked) << place;
        }
        Self {
            environment: environment(card),
            blocked,
            pin: Arc::from(&card.reveal_pin()[..]),
            pin_tries: card.inspect_pin().tries_left,
            key_tries: directories.iter().flat_map(|df| &df.keys).map(|(_, left)| *left).collect(),
            files: Arc::new(files),
        }
    }

    /// Whether an application was blocked by itself.
    pub(super) fn is_blocked(&self, df: u8) -> bool {
        self.blocked >> df & 1 != 0
    }

    pub(super) fn bytes(&self, file: usize) -> &[u8] {
        match &*self.files[file] {
            Content::Bytes(bytes) => bytes,
            Content::Records(_) => &[],
        }
    }

    pub(super) fn records(&self, file: usize) -> &[Arc<[u8]>] {
        match &*self.files[file] {
            Content::Bytes(_) => &[],
            Content::Records(records) => records,
        }
    }

    /// A file to be written to.
    pub(super) fn content_mut(&mut self, file: usize) -> &mut Content {
        Arc::make_mut(&mut Arc::make_mut(&mut self.files)[file])
    }
}

/// A blocked card says so of itself and not of its environment; nothing can be asked of that any more.
fn environment(card: &Card) -> LifeCycle {
    card.life_cycle()
}
