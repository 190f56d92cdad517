//! A process that is forked off begins with nothing, and its parent's cards in files stay the parent's.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::env;
use std::process::Command;
use std::ptr::null;

use sscard_pcsc::*;
use sscard_profile::{MasterKeys, built_in, issue, synthetic_holder};

fn context() -> (Long, Long) {
    let mut context = 0;
    // SAFETY: the place is there.
    let code = unsafe { SCardEstablishContext(2, null(), null(), &raw mut context) };
    (code, context)
}

/// What a child finds: whether its parent's context is one, and what a new one comes to.
fn in_child(inherited: Long) -> (bool, Long) {
    // SAFETY: the child calls the library and ends, and no other thread of this process uses it.
    let child = unsafe { libc::fork() };
    assert!(child >= 0, "fork");
    if child == 0 {
        let is_valid = SCardIsValidContext(inherited) == 0;
        let (code, _) = context();
        let told = i32::from(is_valid) << 1 | i32::from(code != 0);
        // SAFETY: ends the child at once.
        unsafe { libc::_exit(told) };
    }
    let mut status = 0;
    // SAFETY: the place is there.
    assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
    assert!(libc::WIFEXITED(status), "the child crashed: {status}");
    let told = libc::WEXITSTATUS(status);
    (told & 2 != 0, Long::from(told & 1))
}

/// The part of this test that has a variable set, in a process of its own.
const PART: &str = "SSCARD_TEST_PART";

#[test]
fn a_child_has_no_context_of_its_parent_and_no_card_of_its_parent_s_file() {
    if env::var_os(PART).is_some() {
        let (code, parents) = context();
        assert_eq!(code, 0);
        assert_eq!(in_child(parents), (false, 1));
        assert_eq!(SCardIsValidContext(parents), 0);
        assert_eq!(SCardReleaseContext(parents), 0);
        return;
    }
    // Cards in memory: a child has its own.
    let (code, parents) = context();
    assert_eq!(code, 0);
    assert_eq!(in_child(parents), (false, 0));
    assert_eq!(SCardReleaseContext(parents), 0);
    // Cards in files.
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("card.img");
    let profile = built_in("gen3").unwrap();
    let card = issue(&profile, &synthetic_holder(1), &MasterKeys::test()).unwrap();
    std::fs::write(&file, card.image().as_bytes()).unwrap();
    let part = Command::new(env::current_exe().unwrap())
        .env(PART, "files")
        .env("SSCARD_PCSC_CARDS", &file)
        .output()
        .unwrap();
    assert!(part.status.success(), "{}", String::from_utf8_lossy(&part.stdout));
}
