//! What a module keeps without power beside its files.

use sscard_core::Card;

/// Its keys.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Lasting {
    pub(super) master: [u8; 16],
    pub(super) master_tries: u8,
    /// By the plan's places; `None` for a free one.
    pub(super) keys: Vec<Option<[u8; 16]>>,
}

impl Lasting {
    pub(crate) fn of(card: &Card) -> Self {
        let keys = card.reveal_psam_keys();
        Self {
            master: keys.as_ref().map_or([0; 16], |keys| *keys.master.expose()),
            master_tries: card.inspect_psam().map_or(0, |psam| psam.master_tries_left),
            keys: keys.iter().flat_map(|keys| &keys.keys).map(value).collect(),
        }
    }
}

fn value(key: &Option<sscard_crypto::Key>) -> Option<[u8; 16]> {
    key.as_ref().map(|key| *key.expose())
}
