//! A wrong argument is a code, function by function and argument by argument.

use std::ffi::{CStr, c_char};
use std::ptr::{null, null_mut, without_provenance_mut};
use std::thread;

use proptest::prelude::*;
use sscard::{
    sscard_atr, sscard_card, sscard_card_clone, sscard_card_free, sscard_card_from_file,
    sscard_card_from_image, sscard_card_new, sscard_clear_faults, sscard_digest,
    sscard_enter_field, sscard_error as Code, sscard_image, sscard_inspect_json, sscard_last_code,
    sscard_power_cut, sscard_power_off, sscard_power_on, sscard_reset, sscard_restore,
    sscard_set_fault, sscard_string_free, sscard_transmit,
};

use crate::by_hand::*;

type Function = (&'static str, fn(*mut sscard_card) -> i32);

/// Every function that takes a card and returns a code, its other arguments right; those that give something, by their code.
const OF_A_CARD: [Function; 16] = [
    ("power_on", |card| sscard_power_on(card)),
    ("enter_field", |card| sscard_enter_field(card)),
    ("power_off", |card| sscard_power_off(card)),
    ("reset", |card| sscard_reset(card)),
    ("power_cut", |card| sscard_power_cut(card, 1 << 40)),
    ("transmit", |card| transmit_in(card, CHALLENGE, 258).0),
    ("transmit, no room", |card| transmit_in(card, CHALLENGE, 10).0),
    // SAFETY: a text that ends with NUL.
    ("set_fault", |card| unsafe { sscard_set_fault(card, c"sw=6F00@999".as_ptr()) }),
    ("clear_faults", |card| sscard_clear_faults(card)),
    ("atr", |card| {
        let (mut atr, mut length) = ([0; 33], 33);
        // SAFETY: 33 bytes.
        unsafe { sscard_atr(card, atr.as_mut_ptr(), &mut length) }
    }),
    ("image", |card| {
        let mut image = vec![0; 1 << 16];
        let mut length = image.len();
        // SAFETY: so many bytes.
        unsafe { sscard_image(card, image.as_mut_ptr(), &mut length) }
    }),
    ("digest", |card| {
        // SAFETY: a number.
        unsafe { sscard_digest(card, &mut 0) }
    }),
    ("restore, into", |card| {
        let from = powered("gen1");
        sscard_restore(card, from.0)
    }),
    ("restore, from", |card| {
        let into = powered("gen1");
        sscard_restore(into.0, card)
    }),
    ("clone", |card| {
        let clone = sscard_card_clone(card);
        let code = if clone.is_null() { sscard_last_code() } else { 0 };
        sscard_card_free(clone);
        code
    }),
    ("inspect_json", |card| {
        let text = sscard_inspect_json(card);
        let code = if text.is_null() { sscard_last_code() } else { 0 };
        sscard_string_free(text);
        code
    }),
];

#[test]
fn every_function_works_with_a_card() {
    for (name, function) in OF_A_CARD {
        assert_eq!(function(powered("gen3").0), 0, "{name}: {}", last_error());
    }
}

#[test]
fn a_null_card_is_a_code_everywhere() {
    for (name, function) in OF_A_CARD {
        assert_eq!(function(null_mut()), Code::SSCARD_E_NULL.code(), "{name}");
        assert!(last_error().contains("NULL"), "{name}: {}", last_error());
    }
}

#[test]
fn a_freed_card_is_a_code_everywhere() {
    let card = powered("gen3").0;
    sscard_card_free(card);
    for (name, function) in OF_A_CARD {
        assert_eq!(function(card), Code::SSCARD_E_HANDLE.code(), "{name}");
        assert!(last_error().contains("freed already"), "{name}: {}", last_error());
    }
}

#[test]
fn what_was_never_a_card_is_a_code_everywhere() {
    let other = powered("gen1");
    let number = other.0.addr();
    let on_the_heap = Box::new(0_u64);
    let numbers = [
        1,
        2,
        3,
        5,
        0x1000,
        usize::MAX,
        usize::MAX - 1,
        isize::MAX as usize,
        number + 1,
        number ^ 1,
        number + 2,
        number + (1 << 21),
        number + (2 << 21),
        number | (1 << 63),
        (&raw const *on_the_heap).addr(),
        (&raw const on_the_heap).addr(),
    ];
    for wrong in numbers {
        for (name, function) in OF_A_CARD {
            let code = function(without_provenance_mut(wrong));
            assert_eq!(code, Code::SSCARD_E_HANDLE.code(), "{name} of {wrong:#x}");
        }
        sscard_card_free(without_provenance_mut(wrong));
        assert_eq!(sscard_last_code(), Code::SSCARD_E_HANDLE.code(), "free of {wrong:#x}");
    }
    assert_eq!(sscard_power_on(other.0), 0, "the card beside them lives");
}

#[test]
fn transmit_names_what_is_null() {
    let card = powered("gen3");
    let before = digest(&card);
    let (mut answer, mut length) = ([0; 258], 258);
    // SAFETY: NULL is what the call refuses.
    unsafe {
        let code = sscard_transmit(card.0, CHALLENGE.as_ptr(), 5, answer.as_mut_ptr(), null_mut());
        refused(code, Code::SSCARD_E_NULL, "rsp_len is NULL");
        let code = sscard_transmit(card.0, null(), 5, answer.as_mut_ptr(), &mut length);
        refused(code, Code::SSCARD_E_NULL, "cmd is NULL");
        assert_eq!(length, 0);
        let code = sscard_transmit(card.0, null(), 0, answer.as_mut_ptr(), &mut length);
        refused(code, Code::SSCARD_E_NULL, "cmd is NULL");
        length = 258;
        let code = sscard_transmit(card.0, CHALLENGE.as_ptr(), 5, null_mut(), &mut length);
        refused(code, Code::SSCARD_E_NULL, "rsp is NULL");
        length = 0;
        let code = sscard_transmit(card.0, CHALLENGE.as_ptr(), 5, null_mut(), &mut length);
        refused(code, Code::SSCARD_E_BUFFER, "10 bytes are needed");
        assert_eq!(length, 10);
        length = 258;
        let code = sscard_transmit(
            card.0,
            CHALLENGE.as_ptr(),
            usize::MAX,
            answer.as_mut_ptr(),
            &mut length,
        );
        refused(code, Code::SSCARD_E_ARGUMENT, "nothing has 18446744073709551615 bytes");
    }
    assert_eq!(digest(&card), before);
}

#[test]
fn what_is_asked_for_without_a_place_is_refused() {
    let card = powered("gen3");
    let mut length = 33;
    // SAFETY: NULL is what the calls refuse.
    unsafe {
        refused(sscard_atr(card.0, null_mut(), null_mut()), Code::SSCARD_E_NULL, "length is NULL");
        refused(sscard_atr(card.0, null_mut(), &mut length), Code::SSCARD_E_NULL, "atr is NULL");
        length = 0;
        let code = sscard_atr(card.0, null_mut(), &mut length);
        refused(code, Code::SSCARD_E_BUFFER, "17 bytes are needed");
        assert_eq!(length, 17);
        let code = sscard_image(card.0, null_mut(), null_mut());
        refused(code, Code::SSCARD_E_NULL, "length is NULL");
        length = 9;
        let code = sscard_image(card.0, null_mut(), &mut length);
        refused(code, Code::SSCARD_E_NULL, "image is NULL");
        refused(sscard_digest(card.0, null_mut()), Code::SSCARD_E_NULL, "digest is NULL");
        refused(sscard_set_fault(card.0, null()), Code::SSCARD_E_NULL, "fault is NULL");
        none(sscard_card_new(null(), 1), Code::SSCARD_E_NULL, "profile is NULL");
        none(sscard_card_from_file(null()), Code::SSCARD_E_NULL, "path is NULL");
        none(sscard_card_from_image(null(), 9), Code::SSCARD_E_NULL, "image is NULL");
        let huge = sscard_card_from_image(b"x".as_ptr(), usize::MAX);
        none(huge, Code::SSCARD_E_ARGUMENT, "nothing has");
    }
}

#[test]
fn a_text_that_is_not_utf8_is_refused() {
    let card = new("gen1");
    let text: *const c_char = c"gen\xFF".as_ptr();
    // SAFETY: a text that ends with NUL.
    unsafe {
        none(sscard_card_new(text, 1), Code::SSCARD_E_ARGUMENT, "profile is not UTF-8");
        none(sscard_card_from_file(text), Code::SSCARD_E_ARGUMENT, "path is not UTF-8");
        let code = sscard_set_fault(card.0, text);
        refused(code, Code::SSCARD_E_ARGUMENT, "fault is not UTF-8");
    }
}

#[test]
fn a_text_is_freed_once_and_by_the_library_that_gave_it() {
    let card = new("gen3");
    let text = sscard_inspect_json(card.0);
    sscard_string_free(null_mut());
    let last = sscard_last_code();
    sscard_string_free(text);
    assert_eq!(sscard_last_code(), last, "nothing failed");
    sscard_string_free(text);
    assert_eq!(sscard_last_code(), Code::SSCARD_E_HANDLE.code());
    assert!(last_error().contains("freed already"));
    sscard_string_free(c"mine".as_ptr().cast_mut());
    assert_eq!(sscard_last_code(), Code::SSCARD_E_HANDLE.code());
}

#[test]
fn a_card_in_use_is_busy_and_stays_as_it_is() {
    let card = powered("gen3");
    assert_eq!(set_fault(&card, "slow=1s@1"), 0);
    let number = card.0.addr();
    let slow = thread::spawn(move || {
        loop {
            // Whoever looks whether this has begun may be in its way.
            let code = transmit_in(without_provenance_mut(number), CHALLENGE, 258).0;
            if code != Code::SSCARD_E_BUSY.code() {
                return code;
            }
        }
    });
    let begun = |number: usize| {
        // SAFETY: a number.
        let code = unsafe { sscard_digest(without_provenance_mut(number), &mut 0) };
        code == Code::SSCARD_E_BUSY.code()
    };
    while !begun(number) && !slow.is_finished() {
        thread::yield_now();
    }
    for (name, function) in OF_A_CARD {
        assert_eq!(function(card.0), Code::SSCARD_E_BUSY.code(), "{name}");
        assert!(last_error().contains("another thread"), "{name}: {}", last_error());
    }
    sscard_card_free(card.0);
    assert_eq!(sscard_last_code(), Code::SSCARD_E_BUSY.code());
    assert_eq!(slow.join().unwrap(), 0, "what was under way is done");
    assert_eq!(transmit(&card, CHALLENGE).len(), 10, "it was not freed");
}

#[test]
fn many_threads_may_look_at_a_card_and_clone_it() {
    let card = powered("gen3");
    let expected = digest(&card);
    let number = card.0.addr();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(move || {
                let snapshot: *mut sscard_card = without_provenance_mut(number);
                let own = Owned(sscard_card_clone(snapshot));
                for _ in 0..2_000 {
                    transmit(&own, CHALLENGE);
                    assert_eq!(sscard_restore(own.0, snapshot), 0, "{}", last_error());
                    assert_eq!(digest(&own), expected);
                }
            });
        }
    });
}

#[test]
fn an_error_is_that_of_its_thread_and_stands_until_the_next() {
    refused(sscard_power_on(null_mut()), Code::SSCARD_E_NULL, "card is NULL");
    let text = last_error();
    thread::spawn(|| {
        assert_eq!((sscard_last_code(), last_error()), (0, String::new()));
        assert_eq!(set_fault(&new("gen1"), "?"), Code::SSCARD_E_FAULT.code());
    })
    .join()
    .unwrap();
    powered("gen1");
    assert_eq!(last_error(), text);
    assert_eq!(sscard_last_code(), Code::SSCARD_E_NULL.code());
}

#[test]
fn version_and_names_are_texts() {
    // SAFETY: texts that stand for ever.
    let of = |text| unsafe { CStr::from_ptr(text) }.to_str().unwrap();
    let version = of(sscard::sscard_version());
    assert!(version.starts_with(env!("CARGO_PKG_VERSION")), "{version}");
    assert_eq!(sscard::sscard_abi_version(), sscard::SSCARD_ABI_VERSION);
    assert_eq!(of(sscard::sscard_error_name(0)), "SSCARD_OK");
    assert_eq!(of(sscard::sscard_error_name(3)), "SSCARD_E_BUSY");
    assert_eq!(of(sscard::sscard_error_name(-1)), "unknown");
    assert_eq!(of(sscard::sscard_error_name(i32::MAX)), "unknown");
}

#[test]
fn a_card_is_inspected_as_the_program_does() {
    let card = new("gen3");
    let text = sscard_inspect_json(card.0);
    // SAFETY: a text that was just given.
    let document: serde_json::Value =
        serde_json::from_slice(unsafe { CStr::from_ptr(text) }.to_bytes()).unwrap();
    sscard_string_free(text);
    assert_eq!(document["schema"], 1);
    assert_eq!(document["profile"], "gen3");
    assert_eq!(document["pins"][0]["tries_left"], 6);
    assert_eq!(document.get("keys"), None);
    let is_null = document.get("null_crypto").is_some();
    assert_eq!(is_null, cfg!(feature = "null-crypto"));
}

/// A step of a program that has lost track of its cards: a function, a card of its list.
fn steps() -> impl Strategy<Value = Vec<(usize, usize, Vec<u8>)>> {
    let command = proptest::collection::vec(any::<u8>(), 0..12);
    proptest::collection::vec((0..24_usize, any::<usize>(), command), 1..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_calls_in_any_order_with_any_handles_end_in_codes(steps in steps()) {
        let seed = powered("gen1");
        // What was given out, and whether it lives.
        let mut cards: Vec<(*mut sscard_card, bool)> = vec![(null_mut(), false)];
        for (function, which, command) in steps {
            let place = which % (cards.len() + 1);
            let (card, lives) =
                cards.get(place).copied().unwrap_or((without_provenance_mut(which), false));
            let code = match function {
                0..16 => OF_A_CARD[function].1(card),
                16 | 17 => {
                    sscard_card_free(card);
                    let code = if lives || card.is_null() { 0 } else { sscard_last_code() };
                    if let Some(entry) = cards.get_mut(place) {
                        entry.1 = false;
                    }
                    if card.is_null() { continue } else { code }
                }
                18 | 19 => {
                    cards.push((sscard_card_clone(seed.0), true));
                    0
                }
                _ => transmit_in(card, &command, which % 300).0,
            };
            if lives {
                prop_assert!(code != Code::SSCARD_E_HANDLE.code() && code != Code::SSCARD_E_INTERNAL.code());
            } else if !(18..20).contains(&function) {
                let expected = if card.is_null() { Code::SSCARD_E_NULL } else { Code::SSCARD_E_HANDLE };
                prop_assert_eq!(code, expected.code(), "{}", last_error());
            }
        }
        for (card, _) in cards.into_iter().filter(|(_, lives)| *lives) {
            sscard_card_free(card);
        }
    }
}
