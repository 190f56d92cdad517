//! iVerifyPIN, iChangePIN, iReloadPIN, iUnblockPIN, and the keypad.

use std::ffi::{c_char, c_int, c_long};
use std::sync::atomic::{AtomicUsize, Ordering};

use SSCardDriver::interface;

use crate::harness::{
    alone, card_info, done, failed, host, last, of_card, own, own_card, plain, with_module,
};

fn pins(pin: &str, new: &str) -> String {
    format!("[pin]\npin = \"{pin}\"\nnew = \"{new}\"")
}

#[test]
fn the_pin_of_each_generation_is_checked() {
    for profile in ["gen1", "gen2", "gen3"] {
        let _host = alone(profile, &pins("123456", ""));
        assert_eq!(plain(interface::iVerifyPIN, 1), done(), "{profile}");
    }
}

#[test]
fn codes_51_and_52_of_a_wrong_and_a_locked_pin() {
    let _host = alone("gen3", &pins("111111", "222222"));
    for left in (0..6).rev() {
        let function = if left % 2 == 0 { interface::iVerifyPIN } else { interface::iChangePIN };
        assert_eq!(plain(function, 1), failed(-51, &format!("PIN校验失败，剩余次数{left}次")));
    }
    assert_eq!(plain(interface::iVerifyPIN, 1), failed(-52, "PIN锁定"));
    assert_eq!(plain(interface::iChangePIN, 1), failed(-52, "PIN锁定"));
}

#[test]
fn a_changed_pin_counts_from_then_on() {
    let _host = alone("gen2", &pins("123456", "654321"));
    assert_eq!(plain(interface::iChangePIN, 1), done());
    assert_eq!(plain(interface::iVerifyPIN, 1), failed(-51, "PIN校验失败，剩余次数5次"));
}

#[test]
fn codes_31_to_36_and_41_of_what_the_holder_enters() {
    for (pin, verify, words) in [
        ("cancel", -31, "用户取消密码输入"),
        ("timeout", -32, "密码输入操作超时"),
        ("123", -33, "输入密码长度错"),
        ("12345678901234567", -33, "输入密码长度错"),
        ("12345x", -41, "运算数据含非法字符"),
    ] {
        let _host = alone("gen3", &pins(pin, "654321"));
        assert_eq!(plain(interface::iVerifyPIN, 1), failed(verify, words));
        assert_eq!(plain(interface::iChangePIN, 1), failed(verify, words));
    }
    {
        let _host = alone("gen3", "");
        assert_eq!(plain(interface::iVerifyPIN, 1), failed(-32, "密码输入操作超时"));
        assert!(last().contains("SSCARD_DRIVER_PIN"), "{}", last());
    }
    {
        let _host = alone("gen3", &format!("{}\nagain = \"654322\"", pins("123456", "654321")));
        assert_eq!(plain(interface::iChangePIN, 1), failed(-34, "两次输入密码不一致"));
    }
    let _host = alone("gen3", &format!("{}\nrefuse_initial = true", pins("123456", "123456")));
    assert_eq!(plain(interface::iChangePIN, 1), failed(-36, "不能改为初始密码"));
    assert_eq!(plain(interface::iVerifyPIN, 1), done(), "the initial PIN may be checked");
}

#[test]
fn a_locked_pin_is_unblocked_and_reloaded_with_a_module() {
    for (profile, module) in [("gen1", "psam-3des"), ("gen2", "psam-3des"), ("gen3", "psam-sm4")] {
        let state = format!("base = \"{profile}\"\n[state]\npin_tries_left = 0\n");
        {
            let (_folder, _host) = own_card(&state, module, &pins("123456", ""));
            assert_eq!(plain(interface::iVerifyPIN, 1), failed(-52, "PIN锁定"));
            assert_eq!(of_card(interface::iUnblockPIN, card_info(profile)), done(), "{}", last());
            assert_eq!(plain(interface::iVerifyPIN, 1), done(), "{profile}");
        }
        let (_folder, _host) = own_card(&state, module, &pins("24681357", "24681357"));
        assert_eq!(of_card(interface::iReloadPIN, card_info(profile)), done(), "{}", last());
        assert_eq!(plain(interface::iVerifyPIN, 1), done(), "{profile}");
    }
}

#[test]
fn without_a_module_or_its_key_the_caller_goes_to_the_hsm() {
    let card = card_info("gen2");
    {
        let _host = alone("gen2", &pins("123456", "654321"));
        assert_eq!(of_card(interface::iReloadPIN, card), failed(-2201, "无PSAM卡"));
        assert_eq!(of_card(interface::iUnblockPIN, card), failed(-2201, "无PSAM卡"));
    }
    let (_folder, module) = own("base = \"psam-3des\"\n[psam]\nwithout = [\"PUK\"]\n");
    let _host = host(&format!("[card]\nprofile = \"gen2\"\n[psam]\nprofile = \"{module}\""));
    assert_eq!(of_card(interface::iReloadPIN, card), failed(-24, "PSAM卡密钥级别不够"));
    assert_eq!(of_card(interface::iUnblockPIN, card), failed(-24, "PSAM卡密钥级别不够"));
}

#[test]
fn another_card_than_the_one_that_is_meant() {
    let _host = with_module("gen2", "");
    for function in [interface::iReloadPIN, interface::iUnblockPIN] {
        assert_eq!(of_card(function, card_info("gen3")), failed(-22, "传入数据与卡内不符"));
    }
}

static ASKED: AtomicUsize = AtomicUsize::new(0);

/// A keypad: 1 and 3 the PIN, 4 and 2 a new one.
unsafe extern "C" fn keypad(prompt: c_int, pin: *mut c_char, room: c_int) -> c_long {
    ASKED.fetch_add(1, Ordering::SeqCst);
    let digits: &[u8] = match prompt {
        1 | 3 => b"123456\0",
        2 | 4 => b"13572468\0",
        _ => return -14,
    };
    assert!(digits.len() < usize::try_from(room).expect("room"));
    // SAFETY: there is room.
    unsafe { pin.cast::<u8>().copy_from_nonoverlapping(digits.as_ptr(), digits.len()) };
    0
}

unsafe extern "C" fn cancels(_: c_int, _: *mut c_char, _: c_int) -> c_long {
    -31
}

unsafe extern "C" fn sleeps(_: c_int, _: *mut c_char, _: c_int) -> c_long {
    -32
}

/// Fills all there is and ends nowhere.
unsafe extern "C" fn floods(_: c_int, pin: *mut c_char, room: c_int) -> c_long {
    // SAFETY: there is room.
    unsafe { pin.cast::<u8>().write_bytes(b'1', usize::try_from(room).expect("room")) };
    0
}

/// Calls the driver that has called it.
unsafe extern "C" fn calls_back(_: c_int, _: *mut c_char, _: c_int) -> c_long {
    let (number, _) = plain(interface::iVerifyPIN, 1);
    assert_eq!(number, -13);
    -31
}

#[test]
fn the_host_program_s_own_keypad() {
    let _host = alone("gen3", "");
    let set = |callback| {
        // SAFETY: the functions are there as long as the program.
        assert_eq!(unsafe { interface::SSCardDriver_SetPinCallback(callback) }, 0);
    };
    set(Some(keypad));
    assert_eq!(plain(interface::iVerifyPIN, 1), done());
    assert_eq!(plain(interface::iChangePIN, 1), done());
    assert_eq!(ASKED.load(Ordering::SeqCst), 4, "1; then 3, 4, 2");
    set(Some(cancels));
    assert_eq!(plain(interface::iVerifyPIN, 1), failed(-31, "用户取消密码输入"));
    set(Some(sleeps));
    assert_eq!(plain(interface::iVerifyPIN, 1), failed(-32, "密码输入操作超时"));
    set(Some(floods));
    assert_eq!(plain(interface::iVerifyPIN, 1), failed(-33, "输入密码长度错"));
    set(Some(calls_back));
    assert_eq!(plain(interface::iVerifyPIN, 1), failed(-31, "用户取消密码输入"));
    set(None);
    assert_eq!(plain(interface::iVerifyPIN, 1).0, -32);
}

#[test]
fn codes_of_a_new_pin_that_the_card_does_not_take() {
    for (new, number) in [("1234", -27264), ("1234567890", -27264)] {
        let profile = "base = \"gen2\"\npin_min_digits = 6\npin_max_digits = 8\n";
        let (_folder, _host) = own_card(profile, "psam-3des", &pins("123456", new));
        assert_eq!(plain(interface::iChangePIN, 1).0, number, "{new}: {}", last());
        assert_eq!(
            of_card(interface::iReloadPIN, card_info("gen2")).0,
            number,
            "{new}: {}",
            last()
        );
    }
}
