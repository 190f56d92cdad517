//! A terminal's security module (终端安全模块, PSAM): a card that lends its keys' work to a terminal, and
//! counts the terminal's purchases.
//!
//! ```text
//! BFDE usage id  factors, random ─► a card's session key ─► 80FA  blocks, MACs
//! BFEC usage id  factors         ─► a card's key itself  ─┘
//! 8070  a purse's random, counter, amounts ─► terminal's counter, MAC1 ─► 8072  MAC2
//! 84D4  a key under the master key
//! ```
//!
//! What enters: plain commands in its application DF01. What leaves: what a diversified key makes of bytes,
//! never a key. Invariants owned here: a terminal's counter is given out once (I-14); a key is the old one
//! or the new one (I-4); a try of the master key is counted before its MAC is looked at (I-5).
//!
//! # Reference
//! 《社会保障（个人）卡规范》 part 9 for the instructions, usage bytes, factors and environments; data and
//! answers that are marked \[choice\] are ours, see docs/decisions.md.

mod command;
mod loaded;
mod purchase;
mod write_key;

use sscard_apdu::StatusWord;
use sscard_commands::Application;
use sscard_crypto::{Key, Suite};
use zeroize::Zeroizing;

use crate::applet::{Applet, Context, PlainCommand, Reply};
use crate::catalogue::PSAM_AID;
use crate::fs::{binary, record};
use crate::nvm::Nvm;
use crate::profile::{PsamArea, PsamKeySlot, PsamPlan};
use crate::secure_messaging::Protection;
use command::Command;

/// The applet of a security module's file system; it has no state of its own.
#[derive(Clone, Copy)]
pub(crate) struct Psam;

impl Applet for Psam {
    fn aid(&self) -> &[u8] {
        &PSAM_AID
    }

    fn process(
        &self,
        command: &PlainCommand<'_>,
        context: &mut Context<'_>,
        reply: &mut Reply<'_>,
    ) -> Result<StatusWord, StatusWord> {
        let begun = context.left.take();
        match Command::try_from(command)? {
            Command::ReadBinary { place, ne } => binary::read(context, place, ne, reply),
            Command::ReadRecord { place } => record::read(context, place, reply),
            Command::GetChallenge { length } => {
                context.challenge(length, reply)?;
                Ok(StatusWord::SUCCESS)
            }
            Command::LoadKey { name, data } => loaded::load(context, name, data, false),
            Command::LoadSessionKey { name, data } => loaded::load(context, name, data, true),
            Command::Compute { operation, data } => {
                loaded::compute(context, operation, data, reply)
            }
            Command::InitPurchase { data } => purchase::begin(context, data, reply),
            Command::CreditPurchase { mac } => match begun.get() {
                Some(begun) => purchase::check(begun, mac),
                None => Err(StatusWord::COMMAND_NOT_ACCEPTED),
            },
            Command::WriteKey { target, data } => write_key::write(context, command, target, data),
        }
    }

    /// WRITE KEY takes its protection off itself: the master key counts wrong MACs.
    fn protection(
        &self,
        command: &PlainCommand<'_>,
        _context: &mut Context<'_>,
    ) -> Result<Protection, StatusWord> {
        Command::try_from(command)?;
        Ok(Protection::OfApplet)
    }

    fn answers_once(&self, ins: u8) -> bool {
        sscard_commands::answers_once(Application::Psam, ins)
    }
}

/// The keys of a PSAM whose application is selected.
struct Keys<'p> {
    plan: &'p PsamPlan,
    suite: Suite,
    address: usize,
}

impl<'p> Keys<'p> {
    /// `6985` another application is selected; `6A81` the card's algorithm is not available.
    fn of(context: &Context<'p>) -> Result<Self, StatusWord> {
        let refused = StatusWord::CONDITIONS_OF_USE_NOT_SATISFIED;
        let plan = context.profile.blueprint().psam.as_ref().ok_or(refused)?;
        let current = context.profile.df(context.channel.cursor.df).ok_or(refused)?;
        if current.fid != plan.application {
            return Err(refused);
        }
        let suite = context.profile.suite().ok_or(StatusWord::FUNCTION_NOT_SUPPORTED)?;
        Ok(Self { plan, suite, address: context.profile.layout().psam().ok_or(refused)? })
    }

    /// Where the key of this name lies, whether it is there or not.
    fn place(&self, is: impl Fn(&PsamKeySlot) -> bool) -> Option<usize> {
        let place = self.plan.keys.iter().position(is)?;
        Some(self.address.saturating_add(PsamArea::key(place)))
    }

    /// The key of this name, when it is there.
    fn find(&self, nvm: &Nvm, is: impl Fn(&PsamKeySlot) -> bool) -> Option<Key> {
        let place = self.place(is)?;
        (nvm.byte(place) == 1).then(|| key_at(nvm, place.saturating_add(1)))
    }

    /// The master key.
    fn master(&self, nvm: &Nvm) -> Key {
        key_at(nvm, self.address.saturating_add(PsamArea::MASTER))
    }

    /// A card's key: from the factors of the card, of its city, of its province, as many as there are.
    fn diversify(&self, key: Key, factors: &[[u8; 8]]) -> Key {
        factors.iter().rev().fold(key, |above, factor| self.suite.diversify(&above, factor))
    }
}

fn key_at(nvm: &Nvm, address: usize) -> Key {
    let bytes = Zeroizing::new(nvm.array::<16>(address));
    Key::new(*bytes)
}
