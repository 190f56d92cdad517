//! What a program that waits for a change gets to see, by what it believes.

use crate::reader::Seen;
use crate::session::ReaderReport;
use crate::words::{reader_bits, state_bits};

/// The report of a reader for a program that believes `current` of it; whether it is to hear of it at once.
///
/// That somebody is connected now is no change, that he is no more is one: so it is with pcsc-lite, and programs that watch a
/// reader while they use it rely on it.
pub(crate) fn report(current: u32, seen: &Seen) -> (ReaderReport, bool) {
    let believed = |bits: u32| current & bits != 0;
    let mut is_changed = current == state_bits::UNAWARE;
    is_changed |= believed(state_bits::UNKNOWN | state_bits::UNAVAILABLE);
    let events = u32::from(seen.events);
    is_changed |= believed(0xFFFF_0000) && current >> 16 != events;
    let mut event = events << 16;
    let is_present = seen.bits & reader_bits::PRESENT != 0;
    if is_present {
        event |= state_bits::PRESENT;
        is_changed |= believed(state_bits::EMPTY);
        let is_mute = seen.bits & reader_bits::SWALLOWED != 0;
        if is_mute {
            event |= state_bits::MUTE;
        }
        is_changed |= is_mute != believed(state_bits::MUTE);
    } else {
        event |= state_bits::EMPTY;
        is_changed |= believed(state_bits::PRESENT);
    }
    if seen.is_exclusive {
        event |= state_bits::EXCLUSIVE;
        is_changed |= believed(state_bits::INUSE);
    } else if seen.is_used {
        if is_present {
            event |= state_bits::INUSE;
            is_changed |= believed(state_bits::EXCLUSIVE);
        }
    } else {
        is_changed |= believed(state_bits::INUSE | state_bits::EXCLUSIVE);
    }
    if is_changed {
        event |= state_bits::CHANGED;
    }
    let atr = if is_present { seen.atr.clone() } else { Vec::new() };
    (ReaderReport { event, atr: Some(atr) }, is_changed)
}
