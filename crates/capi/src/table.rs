//! The cards that there are: a handle is a number, and never an address.
//!
//! ```text
//! handle  generation │ place │ 1          odd, so that it is no address of anything that is aligned
//! place   generation │ uses               who uses the card now: nobody, so many readers, one who changes it
//! ```
//!
//! What enters: a handle of a caller, whatever it is. What leaves: the card, for one who changes it or for many who look at it; or why
//! not. A card that was freed raises its place's generation, so that its handle is refused for ever. Nothing here waits and nothing locks, so that a
//! process which forks in the middle of another thread's call goes on, with that one card busy in the child.

use std::cell::UnsafeCell;
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};

use crate::alone::{self, Thread};
use crate::held::Held;
use crate::refusal::{Refusal, sscard_error};

/// A card. What it points at is nobody's business: the pointer is a number.
#[allow(non_camel_case_types, reason = "it is a name of C")]
pub struct sscard_card {
    _private: [u8; 0],
}

/// Cards there can be at a time.
const MOST: usize = 1 << PLACE_BITS;
const PLACE_BITS: u32 = 20;
/// Generations of a place; one that has had all of them is not used again.
const GENERATION_BITS: u32 = if usize::BITS == 64 { 42 } else { usize::BITS - PLACE_BITS - 1 };
const LAST_GENERATION: u64 = (1 << GENERATION_BITS) - 1;

/// Bits of a place's word that say who uses the card.
const USE_BITS: u32 = 16;
/// Somebody changes it.
const CHANGED: u64 = (1 << USE_BITS) - 1;

struct Place {
    /// Generation and uses. An odd generation has a card.
    word: AtomicU64,
    /// The next free place, counted from 1, while this one is free.
    next: AtomicU64,
    /// Whether the thread that uses cards alone is here. Nobody else writes it.
    is_lone: AtomicBool,
    held: UnsafeCell<Option<Box<Held>>>,
}

struct Places([Place; MOST]);

// SAFETY: what is in a cell is reached by `Entered` and `Looking` alone, which the word lets in as a lock does: one of the first, or many
// of the second. `Held` may be shared and sent.
unsafe impl Sync for Places {}

const _: () = {
    const fn is_shareable<T: Send + Sync>() {}
    is_shareable::<Held>();
};

/// All zero, so that the system gives memory only for places that were used.
static PLACES: Places = Places(
    [const {
        Place {
            word: AtomicU64::new(0),
            next: AtomicU64::new(0),
            is_lone: AtomicBool::new(false),
            held: UnsafeCell::new(None),
        }
    }; MOST],
);
/// How many places were ever used.
static USED: AtomicU32 = AtomicU32::new(0);
/// The first free place, counted from 1, below a number that changes with every change, so that
/// nobody takes an old list for the new.
static FREE: AtomicU64 = AtomicU64::new(0);
/// The bits of a list's word that are a place.
const NEXT: u64 = 0xFFFF_FFFF;

/// Puts a card in and gives its handle.
///
/// # Errors
/// There are too many.
pub(crate) fn insert(held: Box<Held>) -> Result<*mut sscard_card, Refusal> {
    let number = taken_place().ok_or_else(|| {
        let text = format!("there are {MOST} cards, which is as many as there can be: free one");
        Refusal::new(sscard_error::SSCARD_E_TOO_MANY, text)
    })?;
    let place = PLACES.0.get(number).ok_or_else(|| Refusal::internal("no such place"))?;
    let generation = (place.word.load(Ordering::Relaxed) >> USE_BITS).saturating_add(1);
    // SAFETY: the place is free and was taken off the list by this thread, and its generation is not odd: nobody else is let in.
    unsafe { *place.held.get() = Some(held) };
    place.word.store(generation << USE_BITS, Ordering::Release);
    Ok(handle(generation, number))
}

/// A place that nobody uses.
fn taken_place() -> Option<usize> {
    let mut first = FREE.load(Ordering::Acquire);
    while let Some(number) = (first & NEXT).checked_sub(1) {
        let number = usize::try_from(number).ok()?;
        let next = PLACES.0.get(number)?.next.load(Ordering::Relaxed);
        let changed = ((first >> 32).wrapping_add(1) << 32) | next;
        match FREE.compare_exchange_weak(first, changed, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => return Some(number),
            Err(other) => first = other,
        }
    }
    let counted = |used: u32| Some(used.saturating_add(1)).filter(|used| *used as usize <= MOST);
    let used = USED.fetch_update(Ordering::Relaxed, Ordering::Relaxed, counted).ok()?;
    usize::try_from(used).ok()
}

/// Puts a place on the list of the free.
fn put_back(number: usize, place: &Place) {
    let Ok(counted) = u32::try_from(number.saturating_add(1)) else { return };
    let mut first = FREE.load(Ordering::Relaxed);
    loop {
        place.next.store(first & NEXT, Ordering::Relaxed);
        let changed = ((first >> 32).wrapping_add(1) << 32) | u64::from(counted);
        match FREE.compare_exchange_weak(first, changed, Ordering::AcqRel, Ordering::Relaxed) {
            Ok(_) => return,
            Err(other) => first = other,
        }
    }
}

fn handle(generation: u64, number: usize) -> *mut sscard_card {
    let number = (generation << (PLACE_BITS + 1)) | ((number as u64) << 1) | 1;
    // What does not fit is no generation that a place has.
    std::ptr::without_provenance_mut(usize::try_from(number).unwrap_or(0))
}

/// The place that a handle names, and the generation that it was made in.
#[inline]
fn place_of(card: *const sscard_card) -> Result<(usize, &'static Place, u64), Refusal> {
    let number = card.addr() as u64;
    let place = (number >> 1) as usize & (MOST - 1);
    let generation = number >> (PLACE_BITS + 1);
    match PLACES.0.get(place) {
        Some(found) if number & 1 == 1 && generation & 1 == 1 => Ok((place, found, generation)),
        _ => Err(no_card(card)),
    }
}

#[cold]
fn no_card(card: *const sscard_card) -> Refusal {
    if card.is_null() {
        return Refusal::null("card");
    }
    let text = "this card was freed already, or the pointer is none that this library gave";
    Refusal::new(sscard_error::SSCARD_E_HANDLE, text)
}

/// Why a place with this word does not let in.
#[cold]
fn refused(card: *const sscard_card, word: u64, generation: u64) -> Refusal {
    if word >> USE_BITS != generation {
        return no_card(card);
    }
    in_use()
}

#[cold]
fn in_use() -> Refusal {
    let text = "this card is in use, by another thread or by what a signal interrupted: one card serves one call at a time";
    Refusal::new(sscard_error::SSCARD_E_BUSY, text)
}

/// A card that may be looked at.
pub(crate) struct Looking {
    place: &'static Place,
    held: &'static Held,
}

/// A place that one thread has for itself. Dropped on the way of a panic, it leaves a card that is
/// broken.
struct Entered {
    place: &'static Place,
    number: usize,
    /// The word that lets others in again.
    word: u64,
    /// Whether the word says that nobody is here, and `is_lone` that somebody is.
    is_lone: bool,
}

impl Entered {
    /// The place of a handle.
    #[inline(always)]
    fn at(card: *const sscard_card) -> Result<Self, Refusal> {
        let (number, place, generation) = place_of(card)?;
        let word = generation << USE_BITS;
        let thread = Thread::this();
        if thread.is_alone() {
            // A signal's function that interrupts this thread finds it here already.
            if place.is_lone.load(Ordering::Relaxed) {
                return Err(in_use());
            }
            place.is_lone.store(true, Ordering::Relaxed);
            if thread.is_alone() && place.word.load(Ordering::Relaxed) == word {
                return Ok(Self { place, number, word, is_lone: true });
            }
            place.is_lone.store(false, Ordering::Release);
        }
        enter_word(card, place, generation)?;
        Ok(Self { place, number, word, is_lone: false })
    }

    /// What is here.
    #[inline]
    fn held(&mut self) -> &mut Option<Box<Held>> {
        // SAFETY: nobody used this card, and it was said since that it is changed, by the word or by the thread that is alone: neither lets anybody else in.
        unsafe { &mut *self.place.held.get() }
    }

    /// Lets others in again.
    #[inline]
    fn leave(self) {
        self.let_in();
        std::mem::forget(self);
    }

    #[inline]
    fn let_in(&self) {
        if self.is_lone {
            self.place.is_lone.store(false, Ordering::Release);
        } else {
            self.place.word.store(self.word, Ordering::Release);
        }
    }

    /// The same, with nothing here any more; the next generation.
    fn leave_empty(mut self) -> u64 {
        let generation = (self.word >> USE_BITS).saturating_add(1);
        self.word = generation << USE_BITS;
        // Others compare the word before they change it.
        self.place.word.store(self.word, Ordering::Release);
        self.leave();
        generation
    }
}

/// Enters a place by its word, as one of several threads does.
#[inline(never)]
fn enter_word(card: *const sscard_card, place: &Place, generation: u64) -> Result<(), Refusal> {
    if !alone::comes() {
        return Err(in_use());
    }
    let word = generation << USE_BITS;
    let (left, right) = (Ordering::AcqRel, Ordering::Relaxed);
    if let Err(found) = place.word.compare_exchange(word, word | CHANGED, left, right) {
        return Err(refused(card, found, generation));
    }
    if place.is_lone.load(Ordering::Acquire) {
        // Unless the card was freed meanwhile.
        let _ = place.word.compare_exchange(word | CHANGED, word, left, right);
        return Err(in_use());
    }
    Ok(())
}

impl Drop for Entered {
    #[cold]
    fn drop(&mut self) {
        if let Some(held) = self.held() {
            held.is_broken = true;
        }
        self.let_in();
    }
}

/// Changes the card of a handle.
///
/// # Errors
/// No such card, or it is in use; what the change says.
#[inline]
pub(crate) fn change<T>(
    card: *const sscard_card,
    change: impl FnOnce(&mut Held) -> Result<T, Refusal>,
) -> Result<T, Refusal> {
    let mut entered = Entered::at(card)?;
    let outcome = match entered.held() {
        Some(held) => change(held),
        None => Err(Refusal::internal("a card's place is empty")),
    };
    entered.leave();
    outcome
}

/// The card of a handle, to be looked at.
///
/// # Errors
/// No such card, or it is changed just now.
pub(crate) fn look(card: *const sscard_card) -> Result<Looking, Refusal> {
    let (_, place, generation) = place_of(card)?;
    if !alone::comes() {
        return Err(in_use());
    }
    let more = |word: u64| {
        let uses = word & CHANGED;
        let others = word >> USE_BITS == generation && uses < CHANGED - 1;
        others.then(|| word.saturating_add(1))
    };
    let taken = place.word.fetch_update(Ordering::AcqRel, Ordering::Relaxed, more);
    if let Err(found) = taken {
        return Err(refused(card, found, generation));
    }
    if place.is_lone.load(Ordering::Acquire) {
        // Unless the card was freed meanwhile.
        let less = |word: u64| (word >> USE_BITS == generation).then(|| word.saturating_sub(1));
        let _ = place.word.fetch_update(Ordering::AcqRel, Ordering::Relaxed, less);
        return Err(in_use());
    }
    // SAFETY: the word counts this look at the card, which lets nobody in who changes it.
    match unsafe { &*place.held.get() } {
        Some(held) => Ok(Looking { place, held }),
        None => Err(Refusal::internal("a card's place is empty")),
    }
}

/// Frees a card.
///
/// # Errors
/// No such card, or it is in use; then it stays.
pub(crate) fn remove(card: *const sscard_card) -> Result<(), Refusal> {
    let mut entered = Entered::at(card)?;
    let held = entered.held().take();
    let (number, place) = (entered.number, entered.place);
    let generation = entered.leave_empty();
    if generation < LAST_GENERATION {
        put_back(number, place);
    }
    drop(held);
    Ok(())
}

impl Drop for Looking {
    fn drop(&mut self) {
        self.place.word.fetch_sub(1, Ordering::Release);
    }
}

impl Deref for Looking {
    type Target = Held;

    fn deref(&self) -> &Held {
        self.held
    }
}
