//! How an answer travels: directly on T=1, fetched by GET RESPONSE on T=0, 6Cxx when Le does not
//! fit, a chain of 61xx when one answer is longer than 256 bytes.
//!
//! What enters: the data of an answer and its status word. What leaves: the bytes of the response;
//! the rest waits in the channel. Invariant owned here: I-2. After 6Cxx the channel's cursor is as
//! before, so the same command with the right Le gives what the first one would have given.

use alloc::vec::Vec;

use sscard_apdu::{Protocol, StatusWord};

use crate::channel::{Channel, Cursor, FILE_SYSTEM};

/// Most bytes a short response can carry.
const SHORT: usize = 256;

/// What the outgoing half of a command looks like.
#[derive(Clone, Copy)]
pub(crate) struct Outgoing {
    pub(crate) protocol: Protocol,
    pub(crate) lenient_le: bool,
    /// Whether the command brought data, or is SELECT, which T=0 always treats so.
    pub(crate) incoming: bool,
    /// Whether the command brought data.
    pub(crate) with_data: bool,
    /// Whether the command is SELECT: without data and Le it asks for no data.
    pub(crate) select: bool,
    /// Whether the command would give the same answer again; one that does not is held for GET
    /// RESPONSE instead of being refused for its Le.
    pub(crate) repeatable: bool,
    pub(crate) ne: usize,
    pub(crate) extended: bool,
    /// The cursor before the command.
    pub(crate) before: Cursor,
}

/// Turns `response`, which holds the answer's data, into the response's bytes.
#[inline]
pub(crate) fn finish(
    outgoing: Outgoing,
    channel: &mut Channel,
    response: &mut Vec<u8>,
    status: StatusWord,
) {
    let length = response.len();
    let status = if length == 0 {
        status
    } else {
        match outgoing.protocol {
            Protocol::T0 => over_t0(outgoing, channel, response, status),
            Protocol::T1 => over_t1(outgoing, channel, response, status),
        }
    };
    response.extend_from_slice(&status.to_bytes());
}

fn over_t0(
    outgoing: Outgoing,
    channel: &mut Channel,
    response: &mut Vec<u8>,
    status: StatusWord,
) -> StatusWord {
    let length = response.len();
    if outgoing.incoming {
        hold(channel, response);
        return if status.is_success() {
            StatusWord::with_bytes_available(length)
        } else {
            // A warning is given at once and the data waits (EMV Book 1 §9.3).
            status
        };
    }
    if length > SHORT {
        hold(channel, response);
        return StatusWord::with_bytes_available(SHORT);
    }
    // P3 = 00 asks for 256 bytes, and on T=0 a missing Le is P3 = 00.
    let ne = if outgoing.ne == 0 { SHORT } else { outgoing.ne };
    if ne == length {
        status
    } else if outgoing.lenient_le {
        response.truncate(ne);
        status
    } else {
        refuse_le(outgoing, channel, response)
    }
}

fn over_t1(
    outgoing: Outgoing,
    channel: &mut Channel,
    response: &mut Vec<u8>,
    status: StatusWord,
) -> StatusWord {
    let length = response.len();
    // A command of case 3 whose instruction has data to give asks for all of it: programs of phones and NFC readers
    // send no Le.
    let ne = if outgoing.ne == 0 && outgoing.with_data { SHORT } else { outgoing.ne };
    if ne >= length {
        status
    } else if outgoing.select && ne == 0 {
        response.clear();
        status
    } else if !outgoing.repeatable {
        hold(channel, response);
        StatusWord::with_bytes_available(length)
    } else if length > SHORT && !(outgoing.extended && outgoing.ne == 0) {
        hold(channel, response);
        StatusWord::with_bytes_available(SHORT)
    } else {
        refuse_le(outgoing, channel, response)
    }
}

fn hold(channel: &mut Channel, response: &mut Vec<u8>) {
    channel.pending.clear();
    channel.pending.append(response);
}

fn refuse_le(outgoing: Outgoing, channel: &mut Channel, response: &mut Vec<u8>) -> StatusWord {
    let length = response.len();
    response.clear();
    channel.cursor = outgoing.before;
    StatusWord::with_exact_ne(length)
}

/// GET RESPONSE (INS C0): fetches what waits.
///
/// # Status
/// `9000` all fetched; `61xx` xx bytes still wait; `6Cxx` fewer wait than Le asks for (T=0);
/// nothing waits: `6F00` of the social security card, `6985` of an applet; `6A86` P1 P2 not 0000.
///
/// # Reference
/// ISO/IEC 7816-4 §11.8.1; 《社会保障（个人）卡规范》 part 5.
pub(crate) fn get_response(
    protocol: Protocol,
    parameters: [u8; 2],
    ne: usize,
    channel: &mut Channel,
    response: &mut Vec<u8>,
) -> StatusWord {
    if parameters != [0, 0] {
        return StatusWord::INCORRECT_P1_P2;
    }
    let waiting = channel.pending.len();
    if waiting == 0 {
        return if channel.applet == FILE_SYSTEM {
            StatusWord::NO_PRECISE_DIAGNOSIS
        } else {
            StatusWord::CONDITIONS_OF_USE_NOT_SATISFIED
        };
    }
    let wanted = if ne == 0 { SHORT } else { ne };
    if wanted > waiting && protocol == Protocol::T0 {
        return StatusWord::with_exact_ne(waiting);
    }
    response.extend(channel.pending.drain(..wanted.min(waiting)));
    match channel.pending.len() {
        0 => StatusWord::SUCCESS,
        rest => StatusWord::with_bytes_available(rest),
    }
}
