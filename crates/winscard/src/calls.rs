//! What the client library of PC/SC decides itself: order of checks, lengths, waiting for another's transaction.
//!
//! What enters: values, and places of the program to fill. What leaves: errors of PC/SC. It does what the library of pcsc-lite 1.9.9
//! does, in its order.

use std::time::Duration;

use sscard_readers::{
    CardDisposition, LONGEST_ATTRIBUTE, MOST_READERS, READER_GROUP, ReaderQuery, ReaderReport,
    ScardError, ShareMode, protocols, state_bits,
};

use crate::abi::{AUTO_ALLOCATE, Dword, Long};
use crate::memory::{Place, Room};
use crate::process::{State, TURN};
use crate::tables::CardEntry;

type Done = Result<(), ScardError>;

/// Waits without end.
const INFINITE: u32 = u32::MAX;

/// A number that has 32 bits in PC/SC, and a whole word in C: what is above them does not count.
fn narrow(number: Dword) -> u32 {
    u32::try_from(number & Dword::from(u32::MAX)).unwrap_or_default()
}

fn dword(number: usize) -> Dword {
    Dword::try_from(number).unwrap_or(Dword::MAX)
}

/// `SCARD_SCOPE_USER` … `SCARD_SCOPE_GLOBAL`.
const SCOPES: std::ops::RangeInclusive<Dword> = 0..=3;

pub(crate) fn establish(state: &State, scope: Dword, context: Place<Long>) -> Done {
    if context.is_missing() {
        return Err(ScardError::INVALID_PARAMETER);
    }
    context.write(0);
    if !SCOPES.contains(&scope) {
        return Err(ScardError::INVALID_VALUE);
    }
    context.write(state.establish()?);
    Ok(())
}

pub(crate) fn release(state: &State, context: Long) -> Done {
    state.release(context)
}

pub(crate) fn is_valid(state: &State, context: Long) -> Done {
    let found = state.contexts.find(context);
    found.map(drop).ok_or(ScardError::INVALID_HANDLE)
}

pub(crate) fn cancel(state: &State, context: Long) -> Done {
    let entry = state.contexts.find(context).ok_or(ScardError::INVALID_HANDLE)?;
    entry.context.cancel()
}

/// What every connection asks for.
fn share_and_protocols(share: u32, wanted: u32) -> Result<ShareMode, ScardError> {
    let any = protocols::T0 | protocols::T1 | protocols::RAW | protocols::ANY_OLD;
    let direct = ShareMode::parse(share) == Ok(ShareMode::Direct);
    if !direct && wanted & any == 0 {
        return Err(ScardError::PROTO_MISMATCH);
    }
    ShareMode::parse(share)
}

pub(crate) struct Wanted {
    pub(crate) share: Dword,
    pub(crate) protocols: Dword,
}

/// `reader`: none where there was no name, `Some(None)` where it was too long.
pub(crate) fn connect(
    state: &State,
    context: Long,
    reader: Option<Option<&[u8]>>,
    wanted: &Wanted,
    card: Place<Long>,
    protocol: Place<Dword>,
) -> Done {
    if card.is_missing() || protocol.is_missing() {
        return Err(ScardError::INVALID_PARAMETER);
    }
    card.write(0);
    let reader = reader.ok_or(ScardError::UNKNOWN_READER)?.ok_or(ScardError::INVALID_VALUE)?;
    let entry = state.contexts.find(context).ok_or(ScardError::INVALID_HANDLE)?;
    protocol.write(0);
    let share = share_and_protocols(narrow(wanted.share), narrow(wanted.protocols))?;
    let reader = std::str::from_utf8(reader).map_err(|_| ScardError::UNKNOWN_READER)?;
    let protocols = narrow(wanted.protocols);
    let (connection, agreed) = loop {
        if let Some(connected) = entry.context.connect(reader, share, protocols, TURN)? {
            break connected;
        }
        // Another's transaction is in the way.
        is_valid(state, context)?;
    };
    let handle = state.cards.insert(CardEntry { context, connection });
    card.write(handle);
    protocol.write(Dword::from(agreed));
    Ok(())
}

/// Does something with a connection, and again as long as another has a transaction and the program wants to wait.
fn patiently<R>(
    state: &State,
    card: Long,
    always: bool,
    mut call: impl FnMut(&CardEntry) -> Result<R, ScardError>,
) -> Result<R, ScardError> {
    let mut entry = state.cards.find(card).ok_or(ScardError::INVALID_HANDLE)?;
    loop {
        match call(&entry) {
            Err(ScardError::SHARING_VIOLATION) if always || state.blocks => {
                entry.connection.wait_for_turn(TURN);
                // Another thread may have ended the connection.
                entry = state.cards.find(card).ok_or(ScardError::INVALID_HANDLE)?;
            }
            done => return done,
        }
    }
}

/// Does something with a connection, once.
fn once<R>(
    state: &State,
    card: Long,
    call: impl FnOnce(&CardEntry) -> Result<R, ScardError>,
) -> Result<R, ScardError> {
    let entry = state.cards.find(card).ok_or(ScardError::INVALID_HANDLE)?;
    call(&entry)
}

pub(crate) fn reconnect(
    state: &State,
    card: Long,
    wanted: &Wanted,
    first: Dword,
    protocol: Place<Dword>,
) -> Done {
    if protocol.is_missing() {
        return Err(ScardError::INVALID_PARAMETER);
    }
    let agreed = patiently(state, card, false, |entry| {
        protocol.write(0);
        let first = CardDisposition::parse(narrow(first))?;
        if first == CardDisposition::Eject {
            return Err(ScardError::INVALID_VALUE);
        }
        let share = ShareMode::parse(narrow(wanted.share))?;
        share_and_protocols(narrow(wanted.share), narrow(wanted.protocols))?;
        entry
            .connection
            .reconnect(share, narrow(wanted.protocols), first)
            .inspect_err(|error| pause_for_others(state, *error))
    })?;
    protocol.write(Dword::from(agreed));
    Ok(())
}

/// Whoever wants a card alone waits until the others have gone, which is no transaction's end.
fn pause_for_others(state: &State, error: ScardError) {
    if state.blocks && error == ScardError::SHARING_VIOLATION {
        std::thread::sleep(Duration::from_millis(1));
    }
}

pub(crate) fn disconnect(state: &State, card: Long, last: Dword) -> Done {
    let last = CardDisposition::parse(narrow(last));
    patiently(state, card, false, |entry| entry.connection.disconnect(last?))?;
    state.cards.remove(card);
    Ok(())
}

pub(crate) fn begin(state: &State, card: Long) -> Done {
    patiently(state, card, true, |entry| entry.connection.begin())
}

pub(crate) fn end(state: &State, card: Long, last: Dword) -> Done {
    once(state, card, |entry| entry.connection.end(CardDisposition::parse(narrow(last))?))
}

/// The places that `SCardStatus` fills.
pub(crate) struct StatusPlaces {
    pub(crate) name: Room,
    pub(crate) name_length: Place<Dword>,
    pub(crate) state: Place<Dword>,
    pub(crate) protocol: Place<Dword>,
    pub(crate) atr: Room,
    pub(crate) atr_length: Place<Dword>,
}

pub(crate) fn status(state: &State, card: Long, places: &StatusPlaces) -> Done {
    places.state.write(0);
    places.protocol.write(0);
    let name_room = places.name_length.read().unwrap_or_default();
    let atr_room = places.atr_length.read().unwrap_or_default();
    places.name_length.write(0);
    places.atr_length.write(0);
    let status = patiently(state, card, false, |entry| entry.connection.status())?;
    let name: Vec<u8> = status.name.bytes().chain([0]).collect();
    places.name_length.write(dword(name.len()));
    places.atr_length.write(dword(status.atr.len()));
    places.state.write(Dword::from(status.state));
    places.protocol.write(Dword::from(status.protocol));
    let mut is_short = places.name.answer(&name, name_room, state)?;
    is_short |= places.atr.answer(&status.atr, atr_room, state)?;
    if is_short { Err(ScardError::INSUFFICIENT_BUFFER) } else { Ok(()) }
}

/// Where an answer goes.
pub(crate) struct AnswerPlaces {
    pub(crate) room: Room,
    pub(crate) length: Place<Dword>,
}

impl AnswerPlaces {
    /// Whether the room for an answer is, in part, where these bytes are.
    pub(crate) fn reaches(&self, bytes: &[u8]) -> bool {
        let capacity = usize::try_from(self.length.read().unwrap_or_default());
        let (begin, room) = (bytes.as_ptr().addr(), self.room.address());
        begin < room.saturating_add(capacity.unwrap_or(usize::MAX))
            && room < begin.saturating_add(bytes.len())
    }
}

pub(crate) fn transmit(
    state: &State,
    card: Long,
    protocol: Dword,
    command: Result<&[u8], ScardError>,
    places: &AnswerPlaces,
) -> Done {
    let capacity = places.length.read().unwrap_or_default();
    if state.cards.find(card).is_none() {
        places.length.write(0);
        return Err(ScardError::INVALID_HANDLE);
    }
    let command = command?;
    let (mut length, mut fits) = (0, true);
    let done = patiently(state, card, false, |entry| {
        entry.connection.transmit(narrow(protocol), command, &mut |answer| {
            length = answer.len();
            fits = dword(length) <= capacity;
            if fits {
                places.room.fill(answer, capacity);
            }
        })
    });
    // The length that is needed, too: the card has done what it was told.
    places.length.write(dword(length));
    done?;
    if fits { Ok(()) } else { Err(ScardError::INSUFFICIENT_BUFFER) }
}

pub(crate) fn control(
    state: &State,
    card: Long,
    code: Dword,
    input: Result<&[u8], ScardError>,
    capacity: Dword,
    places: &AnswerPlaces,
) -> Done {
    places.length.write(0);
    let answer = once(state, card, |entry| entry.connection.control(narrow(code), input?))?;
    places.length.write(dword(answer.len()));
    if dword(answer.len()) > capacity {
        return Err(ScardError::INSUFFICIENT_BUFFER);
    }
    if places.room.is_missing() && !answer.is_empty() {
        return Err(ScardError::INVALID_PARAMETER);
    }
    places.room.fill(&answer, capacity);
    Ok(())
}

pub(crate) fn attribute(state: &State, card: Long, number: Dword, places: &AnswerPlaces) -> Done {
    let mut capacity = places.length.read().ok_or(ScardError::INVALID_PARAMETER)?;
    let allocates = capacity == AUTO_ALLOCATE;
    if allocates && places.room.is_missing() {
        return Err(ScardError::INVALID_PARAMETER);
    }
    if allocates || places.room.is_missing() {
        capacity = dword(LONGEST_ATTRIBUTE);
        places.length.write(capacity);
    }
    let value = once(state, card, |entry| {
        if capacity > dword(LONGEST_ATTRIBUTE) {
            return Err(ScardError::INSUFFICIENT_BUFFER);
        }
        entry.connection.attribute(narrow(number))
    })?;
    places.length.write(dword(value.len()));
    if allocates {
        return places.room.give(&value, state);
    }
    let fits = places.room.is_missing() || places.room.fill(&value, capacity);
    if fits { Ok(()) } else { Err(ScardError::INSUFFICIENT_BUFFER) }
}

pub(crate) fn set_attribute(
    state: &State,
    card: Long,
    number: Dword,
    value: Result<&[u8], ScardError>,
) -> Done {
    if value.is_ok_and(<[u8]>::is_empty) || value == Err(ScardError::INVALID_PARAMETER) {
        return Err(ScardError::INVALID_PARAMETER);
    }
    once(state, card, |entry| entry.connection.set_attribute(narrow(number), value?))
}

/// Texts, each with a zero byte, and one more at the end.
fn multi_string<'t>(texts: impl IntoIterator<Item = &'t str>) -> Vec<u8> {
    let mut all: Vec<u8> = texts.into_iter().flat_map(|text| text.bytes().chain([0])).collect();
    all.push(0);
    all
}

pub(crate) fn list_readers(state: &State, context: Long, places: &AnswerPlaces) -> Done {
    let capacity = places.length.read().ok_or(ScardError::INVALID_PARAMETER)?;
    let entry = state.contexts.find(context).ok_or(ScardError::INVALID_HANDLE)?;
    let readers = entry.context.readers().inspect_err(|_| places.length.write(0))?;
    let text = multi_string(readers.iter().map(String::as_str));
    places.length.write(dword(text.len()));
    if readers.is_empty() {
        return Err(ScardError::NO_READERS_AVAILABLE);
    }
    give_list(state, &text, capacity, places)
}

pub(crate) fn list_groups(state: &State, context: Long, places: &AnswerPlaces) -> Done {
    is_valid(state, context)?;
    let capacity = places.length.read().ok_or(ScardError::INVALID_PARAMETER)?;
    let text = multi_string([READER_GROUP]);
    places.length.write(dword(text.len()));
    give_list(state, &text, capacity, places)
}

/// A list fits whole or is not written.
fn give_list(state: &State, text: &[u8], capacity: Dword, places: &AnswerPlaces) -> Done {
    let is_short = capacity != AUTO_ALLOCATE && dword(text.len()) > capacity;
    if is_short && !places.room.is_missing() {
        return Err(ScardError::INSUFFICIENT_BUFFER);
    }
    places.room.answer(text, capacity, state).map(drop)
}

/// A reader that is asked for; none where there was no name.
pub(crate) struct Asked {
    pub(crate) reader: Option<Vec<u8>>,
    pub(crate) current: Dword,
}

/// What is to be told of readers, also on an error; nothing where nothing was found out.
pub(crate) fn status_change(
    state: &State,
    context: Long,
    timeout: Dword,
    asked: Option<&[Asked]>,
    reports: &mut Vec<ReaderReport>,
) -> Done {
    let asked = asked.filter(|asked| asked.len() <= MOST_READERS);
    let asked = asked.ok_or(ScardError::INVALID_PARAMETER)?;
    let mut queries = Vec::new();
    for one in asked {
        let name = one.reader.as_ref().ok_or(ScardError::INVALID_VALUE)?;
        // Names that are no text are those of no reader.
        let name = String::from_utf8_lossy(name).into_owned();
        queries.push(ReaderQuery { name, current: narrow(one.current) });
    }
    if queries.iter().all(|query| query.current & state_bits::IGNORE != 0) {
        return Ok(());
    }
    let entry = state.contexts.find(context).ok_or(ScardError::INVALID_HANDLE)?;
    let timeout = u32::try_from(timeout).unwrap_or(INFINITE);
    let patience = (timeout != INFINITE).then(|| Duration::from_millis(u64::from(timeout)));
    entry.context.status_change(&queries, reports, patience)
}
