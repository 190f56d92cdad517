//! The ICC resource manager of PC/SC (part 5) as a value: readers, and the contexts of programs.
//!
//! ```text
//! IccSlot ─► Reader ─► ResourceManager ─► LocalContext ─► LocalConnection
//! ```
//! What enters: slots. What leaves: contexts, each of which is a program's.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use crate::context::{LocalContext, Program};
use crate::icc_slot::IccSlot;
use crate::news::News;
use crate::reader::Reader;
use crate::words::MOST_READERS;

/// Readers with their cards, and whoever uses them.
pub struct ResourceManager {
    readers: Vec<Arc<Reader>>,
    news: Arc<News>,
    numbers: Numbers,
    programs: Mutex<Vec<(u32, Weak<Program>)>>,
}

impl ResourceManager {
    /// Readers over these slots, named `sscard 00 00`, `sscard 01 00` and so on; at most 16, which is as many as a program can ask
    /// for at once. The cards that are in get power.
    #[must_use]
    pub fn new(slots: impl IntoIterator<Item = Arc<dyn IccSlot>>) -> Arc<Self> {
        let news = Arc::new(News::default());
        let readers = slots.into_iter().take(MOST_READERS).enumerate();
        let readers = readers.map(|(number, slot)| {
            let name = format!("sscard {number:02X} 00");
            Arc::new(Reader::new(name, slot, Arc::clone(&news)))
        });
        Arc::new(Self {
            readers: readers.collect(),
            news,
            numbers: Numbers::default(),
            programs: Mutex::default(),
        })
    }

    /// A context for a program.
    #[must_use]
    pub fn establish(self: &Arc<Self>) -> LocalContext {
        let context = LocalContext::new(Arc::clone(self), self.number());
        let mut programs = self.programs.lock().unwrap_or_else(PoisonError::into_inner);
        programs.retain(|(_, program)| program.strong_count() > 0);
        programs.push((context.number(), context.program()));
        context
    }

    /// Ends the wait of the context of that number; whether there is such a context.
    pub fn cancel(&self, number: u32) -> bool {
        self.tell(number, Program::cancel)
    }

    /// Ends the wait of the context of that number, and each that it begins from now on; whether there is such a context. Its
    /// program is about to release it.
    pub(crate) fn dismiss(&self, number: u32) -> bool {
        self.tell(number, Program::dismiss)
    }

    fn tell(&self, number: u32, what: impl FnOnce(&Program)) -> bool {
        let programs = self.programs.lock().unwrap_or_else(PoisonError::into_inner);
        let found = programs.iter().find(|(known, _)| *known == number);
        let program = found.and_then(|(_, program)| program.upgrade());
        drop(programs);
        let is_there = program.is_some();
        if let Some(program) = program {
            what(&program);
            self.news.tell();
        }
        is_there
    }

    /// Waits at one slot, by its number, for a card to come or go; whether there is such a slot. Whoever wants programs to hear
    /// of cards that come and go calls it over and over, in a thread for each slot; [`serve`](crate::serve) does.
    pub fn watch(&self, slot: usize, patience: Duration) -> bool {
        self.readers.get(slot).map(|reader| reader.watch(patience)).is_some()
    }

    pub(crate) fn readers(&self) -> &[Arc<Reader>] {
        &self.readers
    }

    pub(crate) fn news(&self) -> &News {
        &self.news
    }

    /// A number for a context or a connection that nobody has had yet.
    pub(crate) fn number(&self) -> u32 {
        self.numbers.next()
    }
}

/// Numbers from 1 to 2³¹ − 1, each once in a round, in no order that a program could rely on.
#[derive(Default)]
struct Numbers(AtomicU32);

impl Numbers {
    /// Odd, so that each number is hit once.
    const STRIDE: u32 = 0x5A3C_9E37;

    fn next(&self) -> u32 {
        loop {
            let nth = self.0.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
            let number = nth.wrapping_mul(Self::STRIDE) & 0x7FFF_FFFF;
            if number != 0 {
                return number;
            }
        }
    }
}
