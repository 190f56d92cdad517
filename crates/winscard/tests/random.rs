//! Calls in any order with any handles, numbers and lengths: no crash, and the card is there afterwards.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::ffi::c_char;
use std::ptr::{null, null_mut};

use proptest::collection::vec;
use proptest::prelude::*;
use sscard_pcsc::*;

/// Long enough for whatever a call is told it is.
const ROOM: usize = 300;

/// What the program has.
struct Program {
    contexts: Vec<Long>,
    cards: Vec<Long>,
    /// The one that has a transaction, or the card for itself: whoever else calls would wait.
    holder: Option<Long>,
}

/// A call: which, which handle, numbers, what is missing.
type Call = (u8, u8, u64, u64, u8);

impl Program {
    fn pick(from: &[Long], which: u8) -> Long {
        if which > 200 || from.is_empty() {
            return Long::from(which) - 220;
        }
        from[usize::from(which) % from.len()]
    }

    /// A handle whose call comes back at once.
    fn card(&self, which: u8) -> Long {
        match self.holder {
            Some(holder) if which <= 200 => holder,
            _ => Self::pick(&self.cards, which),
        }
    }

    fn call(&mut self, (call, which, a, b, missing): Call) {
        let mut bytes = [0x5A_u8; ROOM];
        let mut length = if a % 7 == 0 { Dword::MAX } else { a % ROOM as Dword };
        let (mut number, mut handle) = (0, 0);
        let mut given: *mut u8 = null_mut();
        let place = |bit: u8| missing & bit != 0;
        // A place for a pointer where the library allocates.
        let room: *mut u8 = match (place(1), length) {
            (true, _) => null_mut(),
            (false, Dword::MAX) => (&raw mut given).cast(),
            _ => bytes.as_mut_ptr(),
        };
        let lengths = if place(2) { null_mut() } else { &raw mut length };
        let name = if place(4) { null() } else { c"sscard 00 00".as_ptr() };
        let context = Self::pick(&self.contexts, which);
        let card = self.card(which);
        // SAFETY: each place is there, as long as is said, or null.
        unsafe {
            match call {
                0 => {
                    let mut context = 0;
                    let place = if place(8) { null_mut() } else { &raw mut context };
                    if SCardEstablishContext(a % 5, null(), null(), place) == 0 {
                        self.contexts.push(context);
                    }
                }
                1 if self.holder.is_none() => {
                    let place = if place(8) { null_mut() } else { &raw mut handle };
                    let (share, protocols) = (a % 5, b % 9);
                    let code =
                        SCardConnect(context, name, share, protocols, place, &raw mut number);
                    if code == 0 {
                        self.cards.push(handle);
                        self.holder = (share == 1).then_some(handle);
                    }
                }
                2 => {
                    if SCardDisconnect(card, a % 6) == 0 {
                        self.holder = self.holder.filter(|holder| *holder != card);
                    }
                }
                3 => {
                    if SCardBeginTransaction(card) == 0 {
                        self.holder = Some(card);
                    }
                }
                4 => {
                    // Whether it was the last of several is not known: whoever held it is let go of.
                    SCardEndTransaction(card, a % 6);
                    if let Some(holder) = self.holder.take() {
                        SCardDisconnect(holder, 0);
                    }
                }
                // To share is never to wait.
                5 => {
                    SCardReconnect(card, 2 + a % 3, b % 9, a % 5, lengths);
                }
                6 => {
                    SCardStatus(
                        card,
                        room.cast(),
                        lengths,
                        null_mut(),
                        &raw mut number,
                        null_mut(),
                        null_mut(),
                    );
                }
                7 => {
                    let pci = if place(4) {
                        &raw const g_rgSCardT1Pci
                    } else {
                        &raw const g_rgSCardT0Pci
                    };
                    let command = [0x00, b.to_le_bytes()[0], 0, 0, 0, 0, 0, 0];
                    let mut length = a % ROOM as Dword;
                    let room = if place(1) { null_mut() } else { bytes.as_mut_ptr() };
                    SCardTransmit(
                        card,
                        pci,
                        command.as_ptr(),
                        b % 9,
                        null_mut(),
                        room,
                        &raw mut length,
                    );
                }
                8 => {
                    SCardListReaders(context, null(), room.cast(), lengths);
                }
                9 => {
                    SCardListReaderGroups(context, room.cast(), lengths);
                }
                10 => {
                    SCardGetAttrib(card, 0x9_0303, room, lengths);
                }
                11 => {
                    let input = if place(1) { null() } else { bytes.as_ptr() };
                    SCardSetAttrib(card, a, input, b % ROOM as Dword);
                }
                12 => {
                    let codes = [0x4200_0D48, 0x4233_0012, a];
                    let output = if place(1) { null_mut() } else { bytes.as_mut_ptr().cast() };
                    SCardControl(
                        card,
                        codes[(b % 3) as usize],
                        null(),
                        0,
                        output,
                        a % ROOM as Dword,
                        lengths,
                    );
                }
                13 => {
                    let state = ReaderStateRecord {
                        reader: name,
                        user_data: null_mut(),
                        current_state: a,
                        event_state: b,
                        atr_length: b,
                        atr: [0; 33],
                    };
                    let mut states = [state; 2];
                    SCardGetStatusChange(context, 0, states.as_mut_ptr(), b % 3);
                }
                14 => {
                    SCardCancel(context);
                    SCardIsValidContext(context);
                    pcsc_stringify_error(a as Long);
                }
                15 => {
                    SCardFreeMemory(context, (a as *const c_char).cast());
                }
                _ => {
                    SCardReleaseContext(context);
                    if let Some(holder) = self.holder.take() {
                        SCardDisconnect(holder, 0);
                    }
                    self.contexts.retain(|known| *known != context);
                }
            }
            if !given.is_null() {
                SCardFreeMemory(context, given.cast());
            }
        }
        assert!(bytes[ROOM - 1] == 0x5A, "nothing writes so far");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn any_calls_are_borne(
        calls in vec((0_u8..18, any::<u8>(), any::<u64>(), any::<u64>(), any::<u8>()), 1..80)
    ) {
        let mut program = Program { contexts: Vec::new(), cards: Vec::new(), holder: None };
        for context in 0..2 {
            program.call((0, 0, context, 0, 0));
            program.call((1, 0, 2, 3, 0));
        }
        for call in calls {
            program.call(call);
        }
        for context in program.contexts {
            prop_assert_eq!(SCardReleaseContext(context), 0);
        }
        let (mut context, mut card, mut protocol) = (0, 0, 0);
        // SAFETY: the places are there.
        unsafe {
            prop_assert_eq!(SCardEstablishContext(2, null(), null(), &raw mut context), 0);
            let name = c"sscard 00 00".as_ptr();
            // What spoke to the reader itself leaves it so until a reset.
            let code = SCardConnect(context, name, 1, 4, &raw mut card, &raw mut protocol);
            prop_assert_eq!(code, 0);
        }
        prop_assert_eq!(SCardDisconnect(card, 1), 0);
        prop_assert_eq!(SCardReleaseContext(context), 0);
    }
}
