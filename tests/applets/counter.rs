//! The applet of these tests: memory, PIN, key and state of its own, one instruction each.

use sscard_apdu::StatusWord;
use sscard_core::{
    Applet, AppletKey, AppletPin, Card, Context, KeyId, PlainCommand, Protection, Reply,
};
use sscard_crypto::Key;
use sscard_profile::{MasterKeys, built_in, issue, synthetic_holder};

use crate::harness::{bytes, hex};

pub(super) const AID: &str = "F0636F756E74";
pub(super) const SELECT: &str = "00A4040006F0636F756E74";
const COUNT: usize = 0;
const PIN: AppletPin = AppletPin::new(8, 3, 2, 8);
const KEY: AppletKey = AppletKey::new(32);

/// Answers under any AID.
pub(super) struct Counter(pub(super) Vec<u8>);

impl Counter {
    pub(super) fn boxed() -> Box<dyn Applet> {
        Box::new(Self(bytes(AID)))
    }
}

/// What it keeps on a channel.
#[derive(Clone, Default, Hash)]
struct Kept {
    commands: u8,
    selection: Vec<u8>,
}

fn count(context: &mut Context<'_>) -> Result<u8, StatusWord> {
    let mut memory = context.memory();
    let [high, low] = memory.array::<2>(COUNT)?;
    memory.write(COUNT, &[high + 1])?;
    memory.write(COUNT + 1, &[low + 1])?;
    Ok(low + 1)
}

impl Applet for Counter {
    fn aid(&self) -> &[u8] {
        &self.0
    }

    fn memory(&self) -> Vec<u8> {
        let mut memory = vec![0; 64];
        memory[32..48].copy_from_slice(&[0x5A; 16]);
        memory
    }

    fn select(
        &self,
        command: &PlainCommand<'_>,
        context: &mut Context<'_>,
        reply: &mut Reply<'_>,
    ) -> Result<StatusWord, StatusWord> {
        if context.memory().array(2)? == [1] {
            return Ok(StatusWord::CONDITIONS_OF_USE_NOT_SATISFIED);
        }
        let selection = [&[command.p1, command.p2], command.data].concat();
        reply.extend(&[context.channel_number()]);
        context.state::<Kept>()?.selection = selection;
        Ok(StatusWord::SUCCESS)
    }

    fn deselect(&self, context: &mut Context<'_>) {
        let commands = context.state::<Kept>().map_or(0xFF, |kept| kept.commands);
        let _ = context.memory().write(3, &[commands]);
    }

    fn process(
        &self,
        command: &PlainCommand<'_>,
        context: &mut Context<'_>,
        reply: &mut Reply<'_>,
    ) -> Result<StatusWord, StatusWord> {
        context.state::<Kept>()?.commands += 1;
        match command.ins {
            0x10 => reply.extend(&[count(context)?]),
            0x12 => {
                count(context)?;
                let status = StatusWord::from_bytes([command.p1, command.p2]);
                return if command.data.is_empty() { Err(status) } else { Ok(status) };
            }
            0x14 => reply.extend(&context.memory().array::<4>(COUNT)?),
            0x16 => {
                let kept = context.state::<Kept>()?.clone();
                reply.extend(&[&[kept.commands], &kept.selection[..]].concat());
            }
            0x18 => context.memory().write(usize::from(command.p1), command.data)?,
            0x20 => context.verify_pin(command.data)?,
            0x22 => reply.extend(&[context.pin_tries_left(), context.is_pin_verified().into()]),
            0x24 => PIN.set(&mut context.memory(), command.data)?,
            0x26 => PIN.verify(&mut context.memory(), command.data)?,
            0x28 => {
                // A wrong PIN's try counts although the command fails and its write does not.
                context.memory().write(COUNT, &[0x77])?;
                PIN.verify(&mut context.memory(), command.data)?;
            }
            0x84 => context.challenge(command.ne, reply)?,
            0x82 => {
                let (authentication, original) = command.data.split_at(8);
                let parts = [authentication, original].map(TryInto::try_into);
                let [Ok(authentication), Ok(original)] = parts else {
                    return Err(StatusWord::WRONG_LENGTH);
                };
                context.external_authenticate(KeyId(command.p2), authentication, original)?;
            }
            0x2A => {
                reply.extend(&[context.has_authenticated(KeyId(command.p2)).into()]);
            }
            0x2C => {
                if !command.protected {
                    return Err(StatusWord::SECURITY_STATUS_NOT_SATISFIED);
                }
                let [byte] = *command.data else { return Err(StatusWord::WRONG_LENGTH) };
                KEY.set(&mut context.memory(), &Key::new([byte; 16]))?;
            }
            _ => return Err(StatusWord::INS_NOT_SUPPORTED),
        }
        Ok(StatusWord::SUCCESS)
    }

    fn protection(
        &self,
        command: &PlainCommand<'_>,
        context: &mut Context<'_>,
    ) -> Result<Protection, StatusWord> {
        if command.ins != 0x2C {
            return Err(StatusWord::SECURE_MESSAGING_NOT_SUPPORTED);
        }
        let key = KEY.value(&context.memory())?;
        context.protection_by(key, true)
    }
}

pub(super) fn plain(profile: &str) -> Card {
    let profile = built_in(profile).expect("built-in");
    issue(&profile, &synthetic_holder(7), &MasterKeys::test()).expect("card")
}

/// A card with the counter, under power; T=1 answers come at once.
pub(super) fn card() -> Card {
    let mut card = on_contacts();
    card.enter_field().expect("power");
    card
}

pub(super) fn on_contacts() -> Card {
    let mut card = plain("gen3");
    card.register(Counter::boxed()).expect("registered");
    card.power_on().expect("power");
    card
}

pub(super) fn send(card: &mut Card, command: &str) -> String {
    let mut response = Vec::new();
    card.transmit(&bytes(command), &mut response);
    hex(&response)
}

/// Count (2 bytes), two flags.
pub(super) fn stored(card: &Card) -> [u8; 4] {
    let memory = card.applet_memory(&bytes(AID)).expect("memory");
    memory[..4].try_into().expect("four bytes")
}
