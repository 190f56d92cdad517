//! A terminal's security module: its keys, its serial and its terminal's number.

use alloc::vec::Vec;

use sscard_apdu::{FileId, bcd};
use sscard_crypto::Key;

use super::{PersonalisationError, preset};
use crate::holder::{Holder, HolderError};
use crate::life_cycle::LifeCycle;
use crate::nvm::Nvm;
use crate::profile::{CardArea, Profile, PsamArea};

/// File of the card: version (1), serial (10).
const CARD_DATA: FileId = FileId::new(0x0015);

/// The keys of one security module.
#[derive(Clone)]
pub struct PsamKeys {
    /// The master key, which others are written under.
    pub master: Key,
    /// A key for each place of the profile, in its order; `None` leaves the place free.
    pub keys: Vec<Option<Key>>,
}

/// Writes keys, serial (division, three bytes 00, serial) and terminal number (division, the last three bytes of
/// the serial) \[choice\], unless the profile has a number of its own.
pub(super) fn write(
    nvm: &mut Nvm,
    profile: &Profile,
    holder: &Holder,
    keys: Option<&PsamKeys>,
) -> Result<(), PersonalisationError> {
    let missing = PersonalisationError::MissingPsamKeys;
    let (Some(plan), Some(start)) = (&profile.blueprint().psam, profile.layout().psam()) else {
        return Ok(());
    };
    let keys = keys.filter(|keys| keys.keys.len() == plan.keys.len()).ok_or(missing)?;
    if let Some(item) = holder.overrides.first() {
        return Err(HolderError::NoSuchItem(item.tag).into());
    }
    preset(nvm, start.saturating_add(PsamArea::MASTER), keys.master.expose());
    for (place, key) in keys.keys.iter().enumerate() {
        let Some(key) = key else { continue };
        let address = start.saturating_add(PsamArea::key(place));
        preset(nvm, address, &[1]);
        preset(nvm, address.saturating_add(1), key.expose());
    }
    let [d1, d2, d3] = bcd::pairs(&holder.division);
    let [s1, s2, s3, s4] = holder.serial;
    let serial = [d1, d2, d3, 0, 0, 0, s1, s2, s3, s4];
    for position in profile.df_positions() {
        let files = profile.df(position).map_or(&[][..], |df| &df.files);
        for (place, file) in (0..).zip(files) {
            let address = profile.layout().file(position, place);
            if file.fid == CARD_DATA {
                preset(nvm, address.saturating_add(1), &serial);
            } else if file.fid == plan.terminal && file.content.is_empty() {
                preset(nvm, address, &[d1, d2, d3, s2, s3, s4]);
            }
        }
    }
    // It has no function that waits for its activation.
    preset(nvm, CardArea::ENVIRONMENT, &[LifeCycle::Activated.byte()]);
    Ok(())
}
