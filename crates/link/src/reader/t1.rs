//! The reader's end of T=1 (ISO/IEC 7816-3:2006 §11.6).

use sscard_host::{Transport, TransportError};

use super::silence;
use crate::block::{Block, BlockError, BlockFault, Kind, PROLOGUE, Supervision};
use crate::character::{Etu, TURN_T1, turn};
use crate::line::Line;
use crate::parameters::LineParameters;

/// A block is sent three times, then the ends are brought together anew (§11.6.3.2 rule 7.4.1).
const ATTEMPTS: u8 = 3;
/// Blocks of one command: a card that only asks for time, or chains without end, is given up.
const PATIENCE: u32 = 2_000;

/// Sequence numbers and sizes.
#[derive(Clone, Debug)]
pub(super) struct ReaderT1 {
    /// N(S) of the next I-block it sends.
    number: u8,
    /// N(S) of the next I-block it takes.
    expected: u8,
    ifsc: u8,
    /// Multiplier of the block waiting time for the next block.
    extension: u8,
}

/// Why no block came.
enum Missing {
    Silence(Etu),
    Damaged(BlockFault),
}

impl ReaderT1 {
    pub(super) fn new(parameters: &LineParameters) -> Self {
        Self { number: 0, expected: 0, ifsc: parameters.ifsc.clamp(1, 254), extension: 1 }
    }

    fn ask_again(&self, fault: BlockFault) -> Block {
        Block::new(Kind::Ready { expected: self.expected, fault }, Vec::new())
    }
}

/// One command: its chain, then the chain of the answer.
pub(super) fn exchange<T: Transport>(
    line: &mut Line<T>,
    parameters: &LineParameters,
    t1: &mut ReaderT1,
    command: &[u8],
) -> Result<Vec<u8>, TransportError> {
    let mut unsent = command;
    let mut response = Vec::new();
    let (mut sent, mut rest) = next_piece(t1, unsent);
    let mut failures = 0_u8;
    // What the card is to answer: the piece itself, or a request to send again.
    let mut block = sent.clone();
    for _ in 0..PATIENCE {
        let answer = match turn_of(line, parameters, t1, &block) {
            Ok(answer) => answer,
            Err(missing) => {
                block = again(line, parameters, t1, &mut failures, &missing, &block)?;
                continue;
            }
        };
        let is_chained = !rest.is_empty();
        match answer.kind {
            Kind::Ready { expected, .. } if response.is_empty() => {
                if expected == t1.number {
                    // Rule 7.1: the card wants it again.
                    failures = failures.saturating_add(1);
                    if failures >= ATTEMPTS {
                        return Err(give_up(line, parameters, t1));
                    }
                    block = sent.clone();
                } else if is_chained {
                    t1.number ^= 1;
                    failures = 0;
                    unsent = rest;
                    (sent, rest) = next_piece(t1, unsent);
                    block = sent.clone();
                } else {
                    block = unfit(line, parameters, t1, &mut failures)?;
                }
            }
            Kind::Information { number, more } if number == t1.expected && !is_chained => {
                if response.is_empty() {
                    t1.number ^= 1;
                }
                t1.expected ^= 1;
                failures = 0;
                response.extend_from_slice(&answer.information);
                if !more {
                    return if response.len() < 2 {
                        Err(TransportError::Protocol("the answer has fewer than two bytes".into()))
                    } else {
                        Ok(response)
                    };
                }
                block = t1.ask_again(BlockFault::None);
            }
            Kind::Request(Supervision::WaitingTime) => {
                let multiplier = answer.information.first().copied().unwrap_or(1).max(1);
                t1.extension = multiplier;
                block = Block::new(Kind::Response(Supervision::WaitingTime), answer.information);
            }
            Kind::Request(Supervision::InformationFieldSize) => match *answer.information {
                [size @ 1..=0xFE] => {
                    t1.ifsc = size;
                    block = Block::new(
                        Kind::Response(Supervision::InformationFieldSize),
                        answer.information,
                    );
                }
                _ => block = unfit(line, parameters, t1, &mut failures)?,
            },
            Kind::Request(Supervision::Abort) => {
                let response = Block::new(Kind::Response(Supervision::Abort), Vec::new());
                send(line, parameters, &response);
                return Err(TransportError::Protocol("the card gave the chain up".into()));
            }
            _ => block = unfit(line, parameters, t1, &mut failures)?,
        }
    }
    Err(TransportError::Protocol("the card goes on without end".into()))
}

/// S(IFS request).
pub(super) fn tell_size<T: Transport>(
    line: &mut Line<T>,
    parameters: &LineParameters,
    t1: &mut ReaderT1,
    size: u8,
) -> Result<(), TransportError> {
    request(line, parameters, t1, Supervision::InformationFieldSize, &[size])
}

/// S(ABORT request).
pub(super) fn abort<T: Transport>(
    line: &mut Line<T>,
    parameters: &LineParameters,
    t1: &mut ReaderT1,
) -> Result<(), TransportError> {
    request(line, parameters, t1, Supervision::Abort, &[])
}

/// S(RESYNCH request).
pub(super) fn resynchronise<T: Transport>(
    line: &mut Line<T>,
    parameters: &LineParameters,
    t1: &mut ReaderT1,
) -> Result<(), TransportError> {
    request(line, parameters, t1, Supervision::Resynchronise, &[])?;
    (t1.number, t1.expected) = (0, 0);
    Ok(())
}

/// A supervisory request, three times at most (rule 7.3).
fn request<T: Transport>(
    line: &mut Line<T>,
    parameters: &LineParameters,
    t1: &mut ReaderT1,
    about: Supervision,
    information: &[u8],
) -> Result<(), TransportError> {
    let block = Block::new(Kind::Request(about), information.to_vec());
    let mut last =
        TransportError::Protocol("the card does not answer a supervisory request".into());
    for _ in 0..ATTEMPTS {
        match turn_of(line, parameters, t1, &block) {
            Ok(answer)
                if answer.kind == Kind::Response(about) && answer.information == information =>
            {
                return Ok(());
            }
            Err(Missing::Silence(lasting)) => last = silence(lasting),
            Ok(_) | Err(Missing::Damaged(_)) => {}
        }
    }
    Err(last)
}

/// What is sent after silence or a damaged block.
fn again<T: Transport>(
    line: &mut Line<T>,
    parameters: &LineParameters,
    t1: &mut ReaderT1,
    failures: &mut u8,
    missing: &Missing,
    sent: &Block,
) -> Result<Block, TransportError> {
    *failures = failures.saturating_add(1);
    if *failures >= ATTEMPTS {
        return Err(match missing {
            Missing::Silence(lasting) => {
                let lasting = *lasting;
                // Rule 7.4.2: what does not even answer this is to be reset.
                match resynchronise(line, parameters, t1) {
                    Ok(()) => resynchronised(),
                    Err(_) => silence(lasting),
                }
            }
            Missing::Damaged(_) => give_up(line, parameters, t1),
        });
    }
    Ok(match (missing, sent.kind) {
        // Rules 7.2 and 7.3: an R-block or an S-block is sent again as it was.
        (_, Kind::Ready { .. } | Kind::Request(_)) => sent.clone(),
        (Missing::Silence(_), _) => t1.ask_again(BlockFault::None),
        (Missing::Damaged(fault), _) => t1.ask_again(*fault),
    })
}

/// A block that is sound and not due.
fn unfit<T: Transport>(
    line: &mut Line<T>,
    parameters: &LineParameters,
    t1: &mut ReaderT1,
    failures: &mut u8,
) -> Result<Block, TransportError> {
    *failures = failures.saturating_add(1);
    if *failures >= ATTEMPTS {
        return Err(give_up(line, parameters, t1));
    }
    Ok(t1.ask_again(BlockFault::Other))
}

fn give_up<T: Transport>(
    line: &mut Line<T>,
    parameters: &LineParameters,
    t1: &mut ReaderT1,
) -> TransportError {
    match resynchronise(line, parameters, t1) {
        Ok(()) => resynchronised(),
        Err(error) => error,
    }
}

/// Sending the command again might carry it out twice: that is for whoever sent it to decide.
fn resynchronised() -> TransportError {
    TransportError::Protocol(
        "the exchange failed three times; card and reader are synchronised again, and the command may have been carried out"
            .into(),
    )
}

fn next_piece<'c>(t1: &ReaderT1, unsent: &'c [u8]) -> (Block, &'c [u8]) {
    let size = usize::from(t1.ifsc);
    let (piece, rest) = unsent.split_at_checked(size).unwrap_or((unsent, &[]));
    let kind = Kind::Information { number: t1.number, more: !rest.is_empty() };
    (Block::new(kind, piece.to_vec()), rest)
}

fn send<T: Transport>(line: &mut Line<T>, parameters: &LineParameters, block: &Block) {
    let bytes = block.to_bytes(parameters.checked);
    line.send(turn(&bytes, TURN_T1, parameters.guard_time()));
}

/// Sends a block and hears the one that answers it.
fn turn_of<T: Transport>(
    line: &mut Line<T>,
    parameters: &LineParameters,
    t1: &mut ReaderT1,
    block: &Block,
) -> Result<Block, Missing> {
    send(line, parameters, block);
    let extension = core::mem::replace(&mut t1.extension, 1);
    let mut limit = parameters.block_waiting_time().saturating_mul(extension.into());
    let mut heard = Vec::new();
    let mut is_sound = true;
    loop {
        let Some(character) = line.hear(limit) else {
            return Err(if heard.is_empty() {
                Missing::Silence(limit)
            } else {
                Missing::Damaged(if is_sound { BlockFault::Other } else { BlockFault::Checksum })
            });
        };
        limit = parameters.character_waiting_time();
        is_sound &= character.is_sound;
        heard.push(character.byte);
        let whole = heard
            .first_chunk::<PROLOGUE>()
            .and_then(|prologue| Block::announced(*prologue, parameters.checked));
        if whole.is_some_and(|whole| heard.len() >= whole) {
            break;
        }
    }
    if !is_sound {
        return Err(Missing::Damaged(BlockFault::Checksum));
    }
    Block::parse(&heard, parameters.checked).map_err(|error| match error {
        BlockError::Checksum => Missing::Damaged(BlockFault::Checksum),
        _ => Missing::Damaged(BlockFault::Other),
    })
}
