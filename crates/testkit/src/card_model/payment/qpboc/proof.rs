//! What the signature of a quick transaction has to cover, part of which comes to light with the last record alone.
//!
//! What enters: signature and random number as they are seen, in any order. What leaves: whether they belong together.

use std::ops::Range;

use crate::card_model::answer::{self, Answer};
use crate::card_model::channel::Channel;
use crate::card_model::payment::authentication::Signed;
use crate::card_model::payment::{Plan, Unknown};

/// Bytes that the card alone knows before they are seen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Part {
    /// 9F4B.
    Signature,
    /// The random number in 9F69.
    Random,
}

/// A signature that is checked when all of it was seen.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Proof {
    signed: Signed,
    /// What is signed beside the dynamic data.
    message: Vec<u8>,
    /// Where in it the random number stands.
    random: Range<usize>,
    is_random_seen: bool,
    signature: Option<Vec<u8>>,
}

impl Proof {
    pub(super) fn new(signed: Signed, message: Vec<u8>, random: Range<usize>) -> Self {
        Self { signed, message, random, is_random_seen: false, signature: None }
    }

    /// Version 00 has no random number.
    pub(super) fn nothing_is_random(&mut self) {
        self.is_random_seen = true;
    }

    /// Bytes of the signature.
    pub(super) fn length(&self, plan: &Plan) -> usize {
        self.signed.length(plan)
    }

    fn take(&mut self, part: Part, bytes: &[u8]) {
        match part {
            Part::Signature => self.signature = Some(bytes.to_vec()),
            Part::Random => {
                self.message[self.random.clone()].copy_from_slice(bytes);
                self.is_random_seen = true;
            }
        }
    }

    fn check(&self, plans: &[Plan]) -> Result<(), String> {
        match &self.signature {
            Some(signature) if self.is_random_seen => {
                self.signed.clone().over(&self.message).verify(plans, signature)
            }
            _ => Ok(()),
        }
    }
}

/// A part was seen; the last record gives the same again.
pub(in crate::card_model::payment) fn settle(
    plans: &[Plan],
    channel: &mut Channel,
    part: Part,
    bytes: &[u8],
) -> Result<(), String> {
    let Some(end) = &mut channel.payment.quick else { return Ok(()) };
    reveal(&mut end.appended, part, bytes);
    let Some(proof) = &mut end.proof else { return Ok(()) };
    proof.take(part, bytes);
    proof.check(plans)
}

fn reveal(appended: &mut Answer, part: Part, bytes: &[u8]) {
    let wanted = answer::Unknown::Payment(Unknown::Quick(part));
    if let Some(found) = appended.holes.iter().position(|hole| hole.what == wanted) {
        let hole = appended.holes.remove(found);
        appended.data[hole.place].copy_from_slice(bytes);
    }
}
