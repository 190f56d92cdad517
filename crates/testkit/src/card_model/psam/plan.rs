//! Which places for keys a module has, and where its files lie.

use std::collections::BTreeMap;

use sscard_apdu::FileId;
use sscard_core::catalogue::psam_key_of;
use sscard_core::{Card, KeyId, PsamKeySlot};
use sscard_crypto::{Algorithm, Suite};

/// What does not change of a module.
#[derive(Debug)]
pub(crate) struct Plan {
    /// Place of the application among the DFs.
    pub(super) application: u8,
    /// `None`: the algorithm is not available.
    pub(super) suite: Option<Suite>,
    /// The algorithm as a purse names it.
    pub(super) algorithm: u8,
    pub(super) master_tries: u8,
    pub(super) slots: Vec<PsamKeySlot>,
    /// Places by usage byte and identifier, the lowest version first.
    pub(super) names: BTreeMap<[u8; 2], Vec<usize>>,
    /// DF and EF of the terminal's number, of its counter.
    pub(super) terminal: Option<(u8, u8)>,
    pub(super) counter: Option<(u8, u8)>,
}

impl Plan {
    pub(crate) fn of(card: &Card) -> Option<Self> {
        let blueprint = card.profile().blueprint();
        let plan = blueprint.psam.as_ref()?;
        let application = blueprint.dfs.iter().position(|df| df.fid == plan.application)?;
        let application = u8::try_from(application).ok()?;
        let find = |df: u8, fid: FileId| {
            let files = &blueprint.dfs[usize::from(df)].files;
            let place = files.iter().position(|file| file.fid == fid)?;
            Some((df, u8::try_from(place).ok()?))
        };
        let mut names: BTreeMap<[u8; 2], Vec<usize>> = BTreeMap::new();
        for (place, slot) in plan.keys.iter().enumerate() {
            names.entry([slot.usage, slot.id]).or_default().push(place);
        }
        for places in names.values_mut() {
            places.sort_by_key(|place| plan.keys[*place].version);
        }
        let dfs = 0..u8::try_from(blueprint.dfs.len()).ok()?;
        Some(Self {
            application,
            suite: blueprint.algorithm.suite(),
            algorithm: match blueprint.algorithm {
                Algorithm::TripleDes => 0x00,
                Algorithm::Ssf33 => 0x02,
                Algorithm::Sm4 => 0x03,
            },
            master_tries: plan.master_tries,
            slots: plan.keys.clone(),
            names,
            terminal: dfs.into_iter().find_map(|df| find(df, plan.terminal)),
            counter: find(application, plan.counter),
        })
    }

    /// The recipes; `6A81` when there are none.
    pub(super) fn suite(&self) -> Result<Suite, sscard_apdu::StatusWord> {
        self.suite.ok_or(sscard_apdu::StatusWord::FUNCTION_NOT_SUPPORTED)
    }

    /// Whether a card holds the shorter key for this name: STK, of which single DES takes 8 bytes (spec/real-cards.md A3).
    pub(super) fn is_short(usage: u8, id: u8) -> bool {
        let key = psam_key_of(usage, id).map(|entry| entry.key);
        matches!(key, Some(KeyId::STK | KeyId::STK_OF_APPLICATION))
    }
}
