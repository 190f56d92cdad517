//! `sscard with`: a program that speaks PC/SC, against cards of its own.
//!
//! ```text
//! COMMAND ─► libpcsclite.so.1, ours ─► socket ─► readers ─► SlotReader ─► Stand: slots ◄─ the API's thread
//!                                                                          └─► Witness: the trace
//! ```
//! What enters: cards, and the program. What leaves: the program's exit code. This process holds the cards; whatever runs under it
//! asks here, so a program that is killed takes nothing with it, and each answer is in the card's file before it leaves.

mod place;
mod program;
mod reader;

use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use sscard_host::CardFile;
use sscard_lexicon::shown;
use sscard_profile::{IccKeys, MasterKeys, issue_in, state_of};
use sscard_readers::{IccSlot, ResourceManager};
use sscard_stand::{SlotContent, Stand};

use super::serve::api::Settings;
use super::serve::failure;
use super::serve::shop::Shop;
use super::serve::witness::{SharedFired, SharedTrace, SlotTrace, witness};
use super::{new, profile, serve};
use crate::args::{ReaderContent, WithArgs};
use crate::failure::Failure;
use crate::misbehaviour::Misbehaviour;
use crate::outside::shown_path;
use crate::source::built_in_card;
use place::Place;
use program::Running;
use reader::SlotReader;

/// How often slots are looked at for a quiet moment, in which their files are written anew.
const TICK: Duration = Duration::from_millis(100);

pub(crate) fn run(args: &WithArgs) -> Result<(), Failure> {
    let api =
        Settings::of(args.api.as_deref(), args.api_token.as_deref(), args.unsafe_show_secrets)?;
    let slots = slots(args)?;
    let misbehaviour = args.faults.misbehaviour(false)?;
    if args.faults.fault_log.is_some() && slots > 1 {
        let reason = "--fault-log: one recipe belongs to one reader";
        return Err(Failure::Usage(reason.to_owned()));
    }
    let place = Place::new()?;
    let shop = Shop {
        folder: args.folder.as_deref().map(serve::folder).transpose()?,
        contactless: args.contactless,
        sync: args.sync.into(),
    };
    let cards = cards(args, &shop, &misbehaviour)?;
    let trace = SlotTrace::begin(args.trace.as_deref(), args.unsafe_show_secrets)?;
    let trace: SharedTrace = Arc::new(Mutex::new(trace));
    let fired = SharedFired::new(Mutex::new(misbehaviour.has_log().then(Vec::new)));
    let seen = witness(None, Arc::clone(&trace), Arc::clone(&fired));
    let stand = Arc::new(Stand::new(slots, false, Box::new(shop), Some(seen)));
    for slot in stand.slots() {
        slot.begin_with(misbehaviour.faults());
    }
    for (slot, card) in stand.slots().iter().zip(cards) {
        slot.insert(card).1.map_err(failure)?;
    }
    let api = api.map(|settings| settings.start(&stand)).transpose()?;
    let reader = |slot: &Arc<_>| -> Arc<dyn IccSlot> {
        Arc::new(SlotReader::new(Arc::clone(slot), api.is_some()))
    };
    let manager = ResourceManager::new(stand.slots().iter().map(reader));
    let served = sscard_readers::serve(place.listen()?, manager)?;
    let address = api.as_ref().map(|(_, address)| address);
    let program =
        Running::start(&args.command, place.variables(address, args.api_token.as_deref()))?;
    let own = Arc::clone(&stand);
    thread::spawn(move || settle_when_quiet(&own));
    let exit_code = program.wait()?;
    // Nobody changes anything any more.
    drop((served, api));
    let put_down = stand.slots().iter().map(|slot| slot.take().1.map_err(failure));
    let put_down = put_down.fold(Ok(()), Result::and);
    let traced = trace.lock().unwrap_or_else(PoisonError::into_inner).take();
    let traced = traced.map_or(Ok(()), SlotTrace::finish);
    let fired = fired.lock().unwrap_or_else(PoisonError::into_inner).take();
    let logged = fired.map_or(Ok(()), |fired| misbehaviour.log_fired(fired));
    let ours = put_down.and(traced).and(logged);
    if exit_code == 0 {
        return ours;
    }
    // The program's verdict is the verdict; what went wrong beside it is said.
    if let Err(failure) = ours {
        complain!("sscard: {failure}");
    }
    Err(Failure::Told { exit_code })
}

/// How many readers there are.
fn slots(args: &WithArgs) -> Result<usize, Failure> {
    let named = args.contents.0.len();
    let Some(wanted) = args.slots.map(usize::from) else {
        return if named > 16 { Err(too_many(named)) } else { Ok(named.max(1)) };
    };
    if named > wanted {
        let reason = format!("--slots {wanted}: there are {named} cards");
        return Err(Failure::Usage(reason));
    }
    Ok(wanted)
}

fn too_many(cards: usize) -> Failure {
    Failure::Usage(format!("{cards} cards: a program can have 16 readers at most"))
}

fn cards(
    args: &WithArgs,
    shop: &Shop,
    misbehaviour: &Misbehaviour,
) -> Result<Vec<SlotContent>, Failure> {
    if args.contents.0.is_empty() {
        // Readers that are asked for by number may all be empty.
        if args.slots.is_some() {
            return Ok(Vec::new());
        }
        let (name, card) = match (misbehaviour.card()?, args.seed) {
            (Some(own), _) => ("the recipe's card", own),
            (None, None) => ("built-in gen3", built_in_card()?),
            (None, Some(seed)) => return Ok(vec![made(shop, "gen3", Some(seed))?]),
        };
        return Ok(vec![shop.content(name.to_owned(), card, None).map_err(failure)?]);
    }
    misbehaviour.say_card_stays();
    let mut made_so_far = 0;
    let mut content = |content: &ReaderContent| match content {
        ReaderContent::File(path) => {
            let (file, card) = CardFile::open(path, args.sync.into())?;
            shop.content(shown_path(path), card, Some(file)).map_err(failure)
        }
        ReaderContent::New(name) => {
            let seed = args.seed.map(|seed| seed.wrapping_add(made_so_far));
            made_so_far += 1;
            made(shop, name, seed)
        }
    };
    args.contents.0.iter().map(&mut content).collect()
}

/// A new card that nobody keeps.
fn made(shop: &Shop, name: &str, seed: Option<u64>) -> Result<SlotContent, Failure> {
    let plan = new::profile(name)?;
    let holder = new::holder(&plan, seed, None);
    let (masters, state) = (MasterKeys::test(), state_of(&plan));
    let card = issue_in(&plan, &holder, &masters, IccKeys::Shared, &state)
        .map_err(|error| profile::refused_by_card(name, error))?;
    let named = match seed {
        Some(seed) => format!("{} seed {seed}", shown(name)),
        None => shown(name).into_owned(),
    };
    shop.content(named, card, None).map_err(failure)
}

/// Files are written anew when their slots are quiet, as long as the slots are there.
fn settle_when_quiet(stand: &Stand) {
    let mut told = vec![false; stand.slots().len()];
    loop {
        thread::sleep(TICK);
        for (slot, told) in stand.slots().iter().zip(&mut told) {
            match slot.settle_when_quiet() {
                Ok(()) => *told = false,
                Err(problem) if !*told => {
                    *told = true;
                    complain!("sscard: reader {}: NOT KEPT: {problem}", slot.number());
                }
                Err(_) => {}
            }
        }
    }
}
