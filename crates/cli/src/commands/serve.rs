//! `sscard serve`: cards in the machine's virtual readers, and an API that drives them.
//!
//! ```text
//! keys, signals ─► run ─► Stand: slots ◄─ one thread per slot ◄─► vpcd
//!                           ▲    └─► Witness: live lines, the trace
//!                           └──────── the API's thread ◄─► HTTP
//! ```
//! What a command changed is in the card's file before the answer leaves; the image is written anew when
//! its slot has been quiet for a moment, when it leaves its slot, and at the end.

pub(super) mod api;
mod keys;
mod ready;
pub(super) mod shop;
mod slot;
mod table;
pub(super) mod witness;

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use signal_hook::consts::{SIGINT, SIGTERM};
use sscard_commands::SecretAnswers;
use sscard_host::CardFile;
use sscard_lexicon::Session;
use sscard_stand::{SlotContent, Stand};

use crate::args::ServeArgs;
use crate::failure::Failure;
use crate::misbehaviour::Misbehaviour;
use crate::outside::{Lines, shown_path};
use crate::signals;
use crate::source::built_in_card;
use keys::{Action, Keyboard};
use ready::Announcement;
use shop::Shop;
use table::Table;
pub(super) use table::failure;
use witness::{LiveLines, SharedFired, SharedTrace, SlotTrace};

/// How often keys and signals are looked at.
const TICK: Duration = Duration::from_millis(100);
/// The same as long as somebody waits for the readers.
const SHORT_TICK: Duration = Duration::from_millis(10);

/// So long the last lines may take to be read.
const LAST_LINES: Duration = Duration::from_millis(500);

pub(crate) fn run(args: &ServeArgs) -> Result<(), Failure> {
    let api = api::Settings::of(
        args.api.as_deref(),
        args.api_token.as_deref(),
        args.unsafe_show_secrets,
    )?;
    let misbehaviour = misbehaviour(args)?;
    let mut announcement = Announcement::of(args)?;
    let shop = Shop {
        folder: args.folder.as_deref().map(folder).transpose()?,
        contactless: args.contactless,
        sync: args.sync.into(),
    };
    let mut cards = load(args, &shop, &misbehaviour)?;
    let trace: SharedTrace =
        Arc::new(Mutex::new(SlotTrace::begin(args.trace.as_deref(), args.unsafe_show_secrets)?));
    let keyboard = if io::stdin().is_terminal() { Some(Keyboard::open()?) } else { None };
    let line_end = if keyboard.is_some() { "\r\n" } else { "\n" };
    let (lines, writer) = Lines::start();
    let slots = usize::from(args.slots);
    let live = LiveLines {
        quiet: args.quiet,
        show_secrets: args.unsafe_show_secrets,
        line_end,
        lines: lines.clone(),
        sessions: vec![Session::default(); slots],
        answers: vec![SecretAnswers::default(); slots],
    };
    let fired = SharedFired::new(Mutex::new(misbehaviour.has_log().then(Vec::new)));
    let witness = witness::witness(Some(live), Arc::clone(&trace), Arc::clone(&fired));
    let stand = Arc::new(Stand::new(slots, !args.no_driver, Box::new(shop), Some(witness)));
    let waiting = cards.split_off(cards.len().min(slots));
    for slot in stand.slots() {
        slot.begin_with(misbehaviour.faults());
    }
    for (slot, card) in stand.slots().iter().zip(cards) {
        slot.insert(card).1.map_err(failure)?;
    }
    let api = api.map(|settings| settings.start(&stand)).transpose()?;
    if let Some((_, address)) = &api {
        lines.tell(format!("api {address}{line_end}"));
    }
    let stop = Arc::new(AtomicBool::new(false));
    let drivers = if args.no_driver { Vec::new() } else { drivers(args, &stand, &stop, line_end) };
    if keyboard.is_some() {
        complain_on!("{}{line_end}", keys::HELP);
    }
    let mut table = Table::new(Arc::clone(&stand), waiting, line_end);
    let signal = until_the_end(keyboard.as_ref(), &mut table, || announcement.look(&stand, &lines));
    // Nobody changes anything any more.
    drop(api);
    stop.store(true, Ordering::Relaxed);
    for driver in drivers {
        // A slot's thread ends by itself; a panic in it must not keep the others from being saved.
        drop(driver.join());
    }
    drop((keyboard, lines));
    let settled = table.settle_all();
    let traced = trace.lock().unwrap_or_else(PoisonError::into_inner).take();
    let traced = traced.map_or(Ok(()), SlotTrace::finish);
    let fired = fired.lock().unwrap_or_else(PoisonError::into_inner).take();
    let logged = fired.map_or(Ok(()), |fired| misbehaviour.log_fired(fired));
    // Its witness has a sender of lines, too.
    drop((table, stand));
    // What is read is read to its end; who does not read does not hold up the end.
    let begun = Instant::now();
    while !writer.is_finished() && begun.elapsed() < LAST_LINES {
        thread::sleep(Duration::from_millis(1));
    }
    let signal = signal.and_then(|signal| settled.and(traced).and(logged).map(|()| signal))?;
    match signal {
        // The usual way to end a service.
        None | Some(SIGTERM) => Ok(()),
        Some(signal) => Err(Failure::Interrupted { signal, note: "; all cards are saved" }),
    }
}

/// Until a key or a signal asks for the end: keys are obeyed, files written anew when their slots are quiet. The signal.
fn until_the_end(
    keyboard: Option<&Keyboard>,
    table: &mut Table,
    mut look: impl FnMut() -> Result<bool, Failure>,
) -> Result<Option<i32>, Failure> {
    loop {
        let tick = if look()? { TICK } else { SHORT_TICK };
        let action = match keyboard {
            Some(keyboard) => keyboard.next(tick)?,
            None => {
                thread::sleep(tick);
                None
            }
        };
        match action {
            Some(Action::Quit) => return Ok(None),
            Some(Action::Interrupt) => return Ok(Some(SIGINT)),
            Some(action) => table.act(action),
            None => {}
        }
        table.settle_when_quiet();
        if let Some(signal) = signals::caught() {
            return Ok(Some(signal));
        }
    }
}

/// One thread a slot, each with a connection to the driver.
fn drivers(
    args: &ServeArgs,
    stand: &Stand,
    stop: &Arc<AtomicBool>,
    line_end: &'static str,
) -> Vec<JoinHandle<()>> {
    let driver = |(number, card): (u16, &Arc<sscard_stand::CardSlot>)| {
        let settings = slot::Settings {
            number,
            host: args.host.clone(),
            port: args.port.saturating_add(number),
            line_end,
        };
        let (card, stop) = (Arc::clone(card), Arc::clone(stop));
        thread::spawn(move || slot::run(&settings, &card, &stop))
    };
    (0_u16..).zip(stand.slots()).map(driver).collect()
}

/// Faults of the command line, the same for each slot.
fn misbehaviour(args: &ServeArgs) -> Result<Misbehaviour, Failure> {
    if args.faults.fault_log.is_some() && args.slots > 1 {
        let reason = "--fault-log: one recipe belongs to one slot: add --slots 1";
        return Err(Failure::Usage(reason.to_owned()));
    }
    args.faults.misbehaviour(false)
}

/// The folder of cards, with every link on the way to it followed once.
pub(super) fn folder(path: &Path) -> Result<PathBuf, Failure> {
    let unreadable = |source| Failure::Unreadable { path: path.to_owned(), source };
    let real = path.canonicalize().map_err(unreadable)?;
    if real.is_dir() {
        return Ok(real);
    }
    Err(Failure::Usage(format!("--cards {}: it is no folder", shown_path(path))))
}

fn load(
    args: &ServeArgs,
    shop: &Shop,
    misbehaviour: &Misbehaviour,
) -> Result<Vec<SlotContent>, Failure> {
    if args.cards.is_empty() {
        let (name, card) = match misbehaviour.card()? {
            Some(own) => ("the recipe's card", own),
            None => ("built-in gen3", built_in_card()?),
        };
        let card = shop.content(name.to_owned(), card, None);
        return Ok(vec![card.map_err(failure)?]);
    }
    misbehaviour.say_card_stays();
    args.cards
        .iter()
        .map(|path| {
            let (file, card) = CardFile::open(path, args.sync.into())?;
            shop.content(shown_path(path), card, Some(file)).map_err(failure)
        })
        .collect()
}
