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
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

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
    held: UnsafeCell<Option<Box<Held>>>,
}

struct Places([Place; MOST]);

// SAFETY: what is in a cell is reached by `Changing` and `Looking` alone, which the word lets in as a lock does: one of the first, or many
// of the second. `Held` may be shared and sent.
unsafe impl Sync for Places {}

const _: () = {
    const fn is_shareable<T: Send + Sync>() {}
    is_shareable::<Held>();
};

/// All zero, so that the system gives memory only for places that were used.
static PLACES: Places = Places(
    [const { Place { word: AtomicU64::new(0), next: AtomicU64::new(0), held: UnsafeCell::new(None) } };
        MOST],
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
    let text = "another thread is using this card: one card serves one thread at a time";
    Refusal::new(sscard_error::SSCARD_E_BUSY, text)
}

/// A card that one thread changes.
pub(crate) struct Changing {
    place: &'static Place,
    number: usize,
    /// The word that lets others in again.
    word: u64,
    held: &'static mut Held,
}

/// A card that may be looked at.
pub(crate) struct Looking {
    place: &'static Place,
    held: &'static Held,
}

/// The card of a handle, to be changed.
///
/// # Errors
/// No such card, or it is in use.
#[inline]
pub(crate) fn change(card: *const sscard_card) -> Result<Changing, Refusal> {
    let (number, place, generation) = place_of(card)?;
    let word = generation << USE_BITS;
    let taken =
        place.word.compare_exchange(word, word | CHANGED, Ordering::Acquire, Ordering::Relaxed);
    if let Err(found) = taken {
        return Err(refused(card, found, generation));
    }
    // SAFETY: the word said that nobody uses this card, and says now that it is changed, which lets nobody in.
    match unsafe { &mut *place.held.get() } {
        Some(held) => Ok(Changing { place, number, word, held }),
        None => Err(Refusal::internal("a card's place is empty")),
    }
}

/// The card of a handle, to be looked at.
///
/// # Errors
/// No such card, or it is changed just now.
pub(crate) fn look(card: *const sscard_card) -> Result<Looking, Refusal> {
    let (_, place, generation) = place_of(card)?;
    let more = |word: u64| {
        let uses = word & CHANGED;
        let others = word >> USE_BITS == generation && uses < CHANGED - 1;
        others.then(|| word.saturating_add(1))
    };
    let taken = place.word.fetch_update(Ordering::Acquire, Ordering::Relaxed, more);
    if let Err(found) = taken {
        return Err(refused(card, found, generation));
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
    let Changing { place, number, word, .. } = &*std::mem::ManuallyDrop::new(change(card)?);
    // SAFETY: `change` let this thread in and nobody else, and what it borrowed is not used any more.
    let held = unsafe { (*place.held.get()).take() };
    let generation = (word >> USE_BITS).saturating_add(1);
    place.word.store(generation << USE_BITS, Ordering::Release);
    if generation < LAST_GENERATION {
        put_back(*number, place);
    }
    drop(held);
    Ok(())
}

impl Drop for Changing {
    #[inline]
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.held.is_broken = true;
        }
        self.place.word.store(self.word, Ordering::Release);
    }
}

impl Drop for Looking {
    fn drop(&mut self) {
        self.place.word.fetch_sub(1, Ordering::Release);
    }
}

impl Deref for Changing {
    type Target = Held;

    #[inline]
    fn deref(&self) -> &Held {
        self.held
    }
}

impl DerefMut for Changing {
    #[inline]
    fn deref_mut(&mut self) -> &mut Held {
        self.held
    }
}

impl Deref for Looking {
    type Target = Held;

    fn deref(&self) -> &Held {
        self.held
    }
}
