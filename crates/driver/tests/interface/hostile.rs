//! Null pointers, arguments without end, random text: an error number, nothing written where it must not be.

use std::ffi::{c_char, c_int, c_long};
use std::ptr::{null, null_mut};
use std::thread;

use SSCardDriver::interface::{self, LARGE_ROOM, LONGEST_ARGUMENT};
use proptest::prelude::*;

use crate::harness::{alone, c, card_info, host, raw, with_module};

/// Every function with text in it: how many texts it takes, and a call with them.
type Call = fn(&[*const c_char], *mut c_char) -> c_long;
const CALLS: &[(&str, usize, Call)] = &[
    // SAFETY: the texts are null or end in 00, the output is null or has LARGE_ROOM; so for all.
    ("iReadCardBas", 0, |_, out| unsafe { interface::iReadCardBas(1, out) }),
    ("iReadCard", 2, |t, out| unsafe { interface::iReadCard(1, 1, t[0], t[1], out) }),
    ("iWriteCard", 3, |t, out| unsafe { interface::iWriteCard(1, t[0], t[1], t[2], out) }),
    ("iVerifyPIN", 0, |_, out| unsafe { interface::iVerifyPIN(1, out) }),
    ("iChangePIN", 0, |_, out| unsafe { interface::iChangePIN(1, out) }),
    ("iReloadPIN", 1, |t, out| unsafe { interface::iReloadPIN(1, t[0], out) }),
    ("iUnblockPIN", 1, |t, out| unsafe { interface::iUnblockPIN(1, t[0], out) }),
    ("iDoDebit", 2, |t, out| unsafe { interface::iDoDebit(1, t[0], t[1], out) }),
    ("iReadDebitRecord", 0, |_, out| unsafe { interface::iReadDebitRecord(1, out) }),
    ("iReadCardBas_HSM_Step1", 0, |_, out| unsafe { interface::iReadCardBas_HSM_Step1(1, out) }),
    ("iReadCardBas_HSM_Step2", 1, |t, out| unsafe { interface::iReadCardBas_HSM_Step2(t[0], out) }),
    ("iReadCard_HSM_Step1", 2, |t, out| unsafe {
        interface::iReadCard_HSM_Step1(1, t[0], t[1], out)
    }),
    ("iReadCard_HSM_Step2", 1, |t, out| unsafe { interface::iReadCard_HSM_Step2(t[0], out) }),
    ("iWriteCard_HSM_Step1", 2, |t, out| unsafe {
        interface::iWriteCard_HSM_Step1(1, t[0], t[1], out)
    }),
    ("iWriteCard_HSM_Step2", 2, |t, out| unsafe {
        interface::iWriteCard_HSM_Step2(t[0], t[1], out)
    }),
    ("iReloadPIN_HSM_Step1", 1, |t, out| unsafe { interface::iReloadPIN_HSM_Step1(1, t[0], out) }),
    ("iReloadPIN_HSM_Step2", 1, |t, out| unsafe { interface::iReloadPIN_HSM_Step2(t[0], out) }),
    ("iReloadPIN_HSM_Step3", 1, |t, out| unsafe { interface::iReloadPIN_HSM_Step3(t[0], out) }),
    ("iUnblockPIN_HSM_Step1", 1, |t, out| unsafe {
        interface::iUnblockPIN_HSM_Step1(1, t[0], out)
    }),
    ("iUnblockPIN_HSM_Step2", 1, |t, out| unsafe { interface::iUnblockPIN_HSM_Step2(t[0], out) }),
    ("iUnblockPIN_HSM_Step3", 1, |t, out| unsafe { interface::iUnblockPIN_HSM_Step3(t[0], out) }),
    ("iDoDebit_HSM_Step1", 2, |t, out| unsafe {
        interface::iDoDebit_HSM_Step1(1, t[0], t[1], out)
    }),
    ("iDoDebit_HSM_Step2", 1, |t, out| unsafe { interface::iDoDebit_HSM_Step2(t[0], out) }),
    ("PKI_SignData", 2, |t, out| unsafe { interface::PKI_SignData(t[0], t[1], 1, out) }),
    ("PKI_VerifySign", 4, |t, out| unsafe {
        interface::PKI_VerifySign(t[0], t[1], t[2], t[3], 1, out)
    }),
    ("PKI_EncryptEnvelope", 2, |t, out| unsafe {
        interface::PKI_EncryptEnvelope(t[0], t[1], 1, out)
    }),
    ("PKI_DecryptEnvelope", 2, |t, out| unsafe {
        interface::PKI_DecryptEnvelope(t[0], t[1], 1, out)
    }),
    ("PKI_ReadCert", 0, |_, out| unsafe { interface::PKI_ReadCert(1, 1, out) }),
];

/// Functions by their iType.
type Typed = fn(c_int, *mut c_char) -> c_long;

#[test]
fn an_output_that_is_null_is_code_14() {
    let _host = with_module("gen3", "");
    let text = c("1");
    for (name, _, call) in CALLS {
        assert_eq!(call(&[text.as_ptr(); 4], null_mut()), -14, "{name}");
    }
}

#[test]
fn each_argument_that_is_null_is_code_14() {
    let _host = with_module("gen2", "");
    let sound = c("123456");
    for (name, count, call) in CALLS {
        for place in 0..*count {
            let mut texts = [sound.as_ptr(); 4];
            texts[place] = null();
            // A step without the one before says so only when its arguments are sound.
            let (number, _) = raw(LARGE_ROOM, |out| call(&texts, out));
            assert_eq!(number, -14, "{name}, argument {place}");
        }
    }
}

#[test]
fn each_argument_without_end_is_code_14() {
    let _host = with_module("gen2", "");
    let sound = c("123456");
    let endless = vec![b'1'; LONGEST_ARGUMENT];
    for (name, count, call) in CALLS {
        for place in 0..*count {
            let mut texts = [sound.as_ptr(); 4];
            texts[place] = endless.as_ptr().cast();
            let (number, _) = raw(LARGE_ROOM, |out| call(&texts, out));
            assert_eq!(number, -14, "{name}, argument {place}");
        }
    }
}

#[test]
fn text_of_another_coding_is_code_41() {
    let _host = host("[card]\nprofile = \"gen2\"");
    let broken = [0xC3_u8, 0x28, 0];
    for (name, count, call) in CALLS.iter().filter(|(name, ..)| !name.starts_with("PKI")) {
        for place in 0..*count {
            let sound = c(card_info("gen2"));
            let mut texts = [sound.as_ptr(); 4];
            texts[place] = broken.as_ptr().cast();
            let (number, _) = raw(LARGE_ROOM, |out| call(&texts, out));
            // What stands before it may be wrong first, but nothing is taken for sound.
            assert!(number < 0, "{name}, argument {place}: {number}");
            assert!([-41, -12].contains(&number), "{name}, argument {place}: {number}");
        }
    }
}

#[test]
fn an_interface_that_there_is_not_is_code_14_everywhere() {
    let _host = with_module("gen3", "[pin]\npin = \"123456\"\nnew = \"654321\"");
    let functions: [(&str, Typed); 13] = [
        // SAFETY: the texts end in 00, the output has LARGE_ROOM; so for all.
        ("iReadCardBas", |i, out| unsafe { interface::iReadCardBas(i, out) }),
        ("iReadCard", |i, out| unsafe {
            interface::iReadCard(
                i,
                1,
                c(card_info("gen3")).as_ptr(),
                c("SSSEEF05|03|$").as_ptr(),
                out,
            )
        }),
        ("iWriteCard", |i, out| unsafe {
            let (card, file) = (c(card_info("gen3")), c("SSSEEF06|0A|$"));
            interface::iWriteCard(i, card.as_ptr(), file.as_ptr(), c("SSSEEF06|1|$").as_ptr(), out)
        }),
        ("iVerifyPIN", |i, out| unsafe { interface::iVerifyPIN(i, out) }),
        ("iChangePIN", |i, out| unsafe { interface::iChangePIN(i, out) }),
        ("iReloadPIN", |i, out| unsafe {
            interface::iReloadPIN(i, c(card_info("gen3")).as_ptr(), out)
        }),
        ("iUnblockPIN", |i, out| unsafe {
            interface::iUnblockPIN(i, c(card_info("gen3")).as_ptr(), out)
        }),
        ("iReadDebitRecord", |i, out| unsafe { interface::iReadDebitRecord(i, out) }),
        ("iReadCardBas_HSM_Step1", |i, out| unsafe { interface::iReadCardBas_HSM_Step1(i, out) }),
        ("iReloadPIN_HSM_Step1", |i, out| unsafe {
            interface::iReloadPIN_HSM_Step1(i, c(card_info("gen3")).as_ptr(), out)
        }),
        ("PKI_SignData", |i, out| unsafe {
            interface::PKI_SignData(c("123456").as_ptr(), c("a").as_ptr(), i, out)
        }),
        ("PKI_EncryptEnvelope", |i, out| unsafe {
            interface::PKI_EncryptEnvelope(c("").as_ptr(), c("a").as_ptr(), i, out)
        }),
        ("PKI_ReadCert", |i, out| unsafe { interface::PKI_ReadCert(1, i, out) }),
    ];
    for (name, function) in functions {
        for number in [0, 5, -1, c_int::MAX, c_int::MIN] {
            assert_eq!(raw(LARGE_ROOM, |out| function(number, out)).0, -14, "{name} {number}");
        }
    }
}

#[test]
fn the_own_functions_bear_null_pointers_and_no_room() {
    let _host = host("");
    let mut room = [b'x'; 8];
    // SAFETY: null pointers and rooms as they are said.
    unsafe {
        assert_eq!(interface::SSCardDriver_LastError(null_mut(), 8), -14);
        assert_eq!(interface::SSCardDriver_LastError(room.as_mut_ptr().cast(), 0), -14);
        assert_eq!(interface::SSCardDriver_LastError(room.as_mut_ptr().cast(), -5), -14);
        assert_eq!(room, [b'x'; 8]);
        assert_eq!(interface::SSCardDriver_LastError(room.as_mut_ptr().cast(), 4), 0);
        assert_eq!(room[3..], *b"\0xxxx", "cut to the room");
        assert_eq!(interface::ICC_Reader_Open(null()), -14);
        assert_eq!(interface::ICC_Reader_Libinfo(null_mut()), -14);
        assert_eq!(interface::ICC_Reader_PowerOn(1, 1, null_mut()), -14);
        assert_eq!(interface::ICC_Reader_Application(1, 1, 4, null(), room.as_mut_ptr()), -14);
        assert_eq!(interface::ICC_Reader_Application(1, 1, 4, room.as_ptr(), null_mut()), -14);
        assert_eq!(interface::SSCardDriver_Configure(c("x").as_ptr()), -14);
    }
}

/// Several threads of one program: each call is whole.
#[test]
fn threads_wait_for_each_other() {
    let _host = with_module("gen3", "[pin]\npin = \"123456\"");
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..5 {
                    // SAFETY: the buffer has the documented room.
                    let (number, text) =
                        raw(1024, |out| unsafe { interface::iReadCardBas(1, out) });
                    assert_eq!((number, text.ends_with(b"|9999000776A7|sscard|")), (0, true));
                    // SAFETY: as above.
                    let (number, _) = raw(1024, |out| unsafe { interface::iVerifyPIN(1, out) });
                    assert_eq!(number, 0);
                }
            });
        }
    });
}

/// Text as the interface has it: separators, digits, names, and anything.
fn texts() -> impl Strategy<Value = Vec<String>> {
    let piece = prop_oneof![
        Just("|".to_owned()),
        Just("$".to_owned()),
        Just(":".to_owned()),
        Just(",".to_owned()),
        Just("SSSEEF06".to_owned()),
        Just("DF02EF07".to_owned()),
        Just(card_info("gen3").to_owned()),
        "[0-9A-F]{0,40}",
        "[^\\x00]{0,8}",
    ];
    let text = proptest::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat());
    proptest::collection::vec(text, 4)
}

/// Calls one after another: which function, and which of the texts it gets.
fn calls() -> impl Strategy<Value = Vec<(usize, [usize; 4])>> {
    let call = (0..CALLS.len(), [0..SOUND.len(), 0..SOUND.len(), 0..SOUND.len(), 0..SOUND.len()]);
    proptest::collection::vec(call, 1..12)
}

/// Texts that each are right somewhere.
const SOUND: [&str; 11] = [
    "999900D156000005790776A7FFFFFFFF|T10164210|",
    "SSSEEF05|06|07|$SSSEEF06|08|09|$",
    "SSSEEF06|09|0C|$",
    "SSSEEF06|李测甲|110101|$",
    "DF02EF07:01$",
    "0.1|0.2|20151118185001|",
    "00000000|20151118185001|00000000|",
    "00112233445566778899AABBCCDDEEFF",
    "00112233445566778899AABBCCDDEEFF|00112233445566778899AABBCCDDEEFF|",
    "842400000411223344",
    "123456",
];

/// As many as `PROPTEST_CASES` says, few without it.
fn cases() -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    ProptestConfig { cases: cases.unwrap_or(48), failure_persistence: None, ..Default::default() }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn random_text_is_an_answer_or_an_error_number(texts in texts()) {
        let _host = alone("gen3", "[pin]\npin = \"123456\"\nnew = \"654321\"");
        let owned: Vec<_> = texts.iter().map(|text| c(text)).collect();
        let pointers: Vec<_> = owned.iter().map(|text| text.as_ptr()).collect();
        for (name, _, call) in CALLS {
            let (number, bytes) = raw(LARGE_ROOM, |out| call(&pointers, out));
            prop_assert!(number <= 0 && number != -99, "{name}: {number}");
            prop_assert!(std::str::from_utf8(&bytes).is_ok(), "{name}");
        }
    }

    #[test]
    fn random_calls_in_any_order_are_answers_or_error_numbers(calls in calls()) {
        let _host = with_module("gen3", "[pin]\npin = \"123456\"\nnew = \"123456\"");
        let texts = SOUND.map(c);
        for (which, arguments) in calls {
            let (name, _, call) = CALLS[which];
            let pointers = arguments.map(|argument| texts[argument].as_ptr());
            let (number, bytes) = raw(LARGE_ROOM, |out| call(&pointers, out));
            prop_assert!(number <= 0 && number != -99, "{name}: {number}");
            prop_assert!(std::str::from_utf8(&bytes).is_ok(), "{name}");
        }
    }
}
