//! MANAGE CHANNEL: ISO/IEC 7816-4 §11.1.2.

use sscard_apdu::{CommandApdu, StatusWord};

use super::channel::Channel;

/// Opens or closes a channel: the number that is returned, and the status word.
pub(super) fn manage(
    channels: &mut Vec<Option<Channel>>,
    apdu: &CommandApdu<'_>,
    limit: u8,
) -> (Option<u8>, StatusWord) {
    let is_open = |channels: &[Option<Channel>], at: u8| {
        channels.get(usize::from(at)).is_some_and(Option::is_some)
    };
    let put = |channels: &mut Vec<Option<Channel>>, at: u8, channel| {
        let at = usize::from(at);
        if channels.len() <= at {
            channels.resize(at + 1, None);
        }
        channels[at] = channel;
        while channels.last().is_some_and(Option::is_none) {
            channels.pop();
        }
    };
    if !apdu.data.is_empty() {
        return (None, StatusWord::WRONG_LENGTH);
    }
    match (apdu.p1, apdu.p2) {
        (0x00, 0x00) => match (1..limit).find(|at| !is_open(channels, *at)) {
            None => (None, StatusWord::FUNCTION_NOT_SUPPORTED),
            Some(_) if apdu.ne != 1 => (None, StatusWord::with_exact_ne(1)),
            Some(free) => {
                put(channels, free, Some(Channel::default()));
                (Some(free), StatusWord::SUCCESS)
            }
        },
        (0x00, at) if at >= limit || is_open(channels, at) => {
            (None, StatusWord::FUNCTION_NOT_SUPPORTED)
        }
        (0x00, at) => {
            put(channels, at, Some(Channel::default()));
            (None, StatusWord::SUCCESS)
        }
        (0x80, at) => match if at == 0 { apdu.class.channel().number() } else { at } {
            0 => (None, StatusWord::INCORRECT_P1_P2),
            at if !is_open(channels, at) => (None, StatusWord::LOGICAL_CHANNEL_NOT_SUPPORTED),
            at => {
                put(channels, at, None);
                (None, StatusWord::SUCCESS)
            }
        },
        _ => (None, StatusWord::INCORRECT_P1_P2),
    }
}
