//! A card in a file: what was answered is kept (I-22), and nothing of others is written over.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use sscard_core::{Card, CardImage};
use sscard_host::{CardFile, CardFileError, InProcess, Sync, Told, Transport, TransportError};
use sscard_profile::{MasterKeys, built_in, issue, synthetic_holder};
use tempfile::TempDir;

const SELECT: &[u8] = b"\x00\xA4\x04\x00\x0Fsx1.sh.\xC9\xE7\xBB\xE1\xB1\xA3\xD5\xCF";
const WRONG: &[u8] = &[0x00, 0x20, 0x00, 0x00, 0x03, 0x11, 0x11, 0x11];
const RIGHT: &[u8] = &[0x00, 0x20, 0x00, 0x00, 0x03, 0x12, 0x34, 0x56];
/// Longer than a file goes without being looked at closely.
const A_MOMENT: Duration = Duration::from_millis(20);

/// A powered card, kept as far as it is.
struct Kept {
    folder: TempDir,
    path: PathBuf,
    file: CardFile,
    card: Card,
}

impl Kept {
    fn new() -> Self {
        let folder = TempDir::new().expect("folder");
        let path = folder.path().join("card.img");
        let profile = built_in("gen3").expect("built-in");
        let card = issue(&profile, &synthetic_holder(7), &MasterKeys::test()).expect("card");
        fs::write(&path, card.image().as_bytes()).expect("written");
        let (file, card) = CardFile::open(&path, Sync::Idle).expect("opens");
        let mut kept = Self { folder, path, file, card };
        kept.card.power_on().expect("power");
        kept.file.keep(&mut kept.card, None).expect("kept");
        kept.send(SELECT);
        kept
    }

    fn send(&mut self, command: &[u8]) {
        let mut response = Vec::new();
        self.card.transmit(command, &mut response);
        self.file.keep(&mut self.card, Some(command)).expect("kept");
    }

    /// The error of a command that cannot be kept.
    fn refused(&mut self, command: &[u8]) -> sscard_host::NotKept {
        let mut response = Vec::new();
        self.card.transmit(command, &mut response);
        self.file.keep(&mut self.card, Some(command)).expect_err("not kept")
    }

    fn length(&self) -> u64 {
        fs::metadata(&self.path).expect("there").len()
    }
}

fn there(path: &Path) -> Card {
    let bytes = fs::read(path).expect("there");
    Card::from_image(&CardImage::from_bytes(bytes)).expect("a card")
}

fn tries(path: &Path) -> u8 {
    there(path).inspect_pin().tries_left
}

#[test]
fn each_answer_is_in_the_file_and_what_changes_nothing_is_not_written() {
    let mut kept = Kept::new();
    for left in (3..6).rev() {
        let before = kept.length();
        kept.send(WRONG);
        assert_eq!(tries(&kept.path), left);
        let after = kept.length();
        assert!(after > before, "behind the image");
        kept.send(SELECT);
        kept.send(&[0x00, 0x84, 0x00, 0x00, 0x08]);
        assert_eq!(kept.length(), after);
    }
    assert!(there(&kept.path).image() == kept.card.image());
}

#[test]
fn settling_writes_the_image_alone_and_goes_on() {
    let mut kept = Kept::new();
    kept.send(WRONG);
    assert!(!kept.file.is_settled());
    kept.file.settle(&mut kept.card).expect("settles");
    assert!(kept.file.is_settled());
    assert_eq!(fs::read(&kept.path).expect("there"), kept.card.image().as_bytes());
    kept.send(WRONG);
    assert!(!kept.file.is_settled());
    assert_eq!(tries(&kept.path), 4);
    // A file that is opened with changes is not settled either.
    let Kept { path, file, folder, .. } = kept;
    drop(file);
    let (mut file, mut card) = CardFile::open(&path, Sync::Idle).expect("opens");
    assert!(!file.is_settled());
    file.settle(&mut card).expect("settles");
    assert_eq!(fs::read(&path).expect("there"), card.image().as_bytes());
    drop(folder);
}

#[test]
fn a_card_has_one_user_and_its_lock_survives_a_new_image() {
    let mut kept = Kept::new();
    for _ in 0..2 {
        assert!(CardFile::is_in_use(&kept.path));
        let other = CardFile::open(&kept.path, Sync::Idle).map(drop);
        assert!(matches!(other, Err(CardFileError::InUse { .. })));
        kept.send(WRONG);
        kept.file.settle(&mut kept.card).expect("settles");
    }
    let Kept { path, file, folder, .. } = kept;
    drop(file);
    assert!(!CardFile::is_in_use(&path));
    assert!(!CardFile::is_in_use(&folder.path().join("nobody.img")));
    assert!(!CardFile::is_in_use(folder.path()));
}

#[test]
fn a_change_that_was_cut_goes_with_the_next_one() {
    let mut kept = Kept::new();
    kept.send(WRONG);
    let Kept { path, file, folder, .. } = kept;
    drop(file);
    let whole = fs::read(&path).expect("there");
    fs::write(&path, &whole[..whole.len() - 3]).expect("cut");
    let (mut file, mut card) = CardFile::open(&path, Sync::Idle).expect("opens");
    assert!(!file.is_settled(), "what was cut is not left");
    card.power_on().expect("power");
    file.keep(&mut card, None).expect("kept");
    assert!(there(&path).image() == card.image());
    assert_eq!(tries(&path), 6);
    drop(folder);
}

#[test]
fn a_long_journal_becomes_an_image() {
    let mut kept = Kept::new();
    let mut longest = 0;
    for number in 0..80_000 {
        kept.send(if number % 2 == 0 { WRONG } else { RIGHT });
        if kept.length() < longest {
            assert!(longest > 0x10_0000 && longest < 0x10_0000 + 0x1_0000, "{longest}");
            assert!(there(&kept.path).image() == kept.card.image());
            return;
        }
        longest = kept.length();
    }
    panic!("it grew to {longest}");
}

#[test]
fn what_another_program_wrote_is_not_written_over_and_the_refusal_says_where_the_card_is() {
    for shorter in [false, true] {
        let mut kept = Kept::new();
        kept.send(WRONG);
        let mut foreign = fs::read(&kept.path).expect("there");
        let last = foreign.len() - 1;
        foreign[last] ^= 1;
        if shorter {
            foreign.truncate(100);
        }
        thread::sleep(A_MOMENT);
        fs::write(&kept.path, &foreign).expect("overwritten");
        let refused = kept.refused(WRONG);
        assert_eq!(refused.path, kept.path);
        assert_eq!(refused.command, Some(Told { number: 3, header: [0x00, 0x20, 0x00, 0x00] }));
        assert_eq!(refused.last, Some(Told { number: 2, header: [0x00, 0x20, 0x00, 0x00] }));
        assert_eq!(
            refused.to_string(),
            format!(
                "{}: another program has written into the card's file: command 3 (00200000) is not \
                 answered, since it cannot be kept; the card is as after command 2 (00200000), the \
                 last one that is kept",
                kept.path.display()
            )
        );
        assert!(!kept.card.is_powered());
        assert_eq!(kept.card.inspect_pin().tries_left, 5);
        assert!(kept.file.settle(&mut kept.card).is_err(), "the end tells it, too");
        assert_eq!(fs::read(&kept.path).expect("there"), foreign);
    }
}

#[test]
fn a_moved_file_goes_on_and_a_removed_one_is_made_anew() {
    let mut kept = Kept::new();
    let moved = kept.folder.path().join("moved.img");
    fs::rename(&kept.path, &moved).expect("moved");
    kept.send(WRONG);
    kept.file.settle(&mut kept.card).expect("settles");
    assert_eq!(tries(&moved), 5);
    assert!(!kept.path.exists(), "nothing appears at the old place");
    fs::remove_file(&moved).expect("removed");
    kept.send(WRONG);
    assert_eq!(tries(&kept.path), 4);
}

#[test]
fn a_file_in_the_place_of_a_removed_one_is_not_ours() {
    let mut kept = Kept::new();
    let other = kept.folder.path().join("other");
    fs::write(&other, "somebody's").expect("written");
    fs::rename(&other, &kept.path).expect("taken");
    let refused = kept.refused(WRONG);
    assert!(refused.reason.contains("another file has taken the place"), "{refused}");
    assert_eq!(fs::read(&kept.path).expect("there"), b"somebody's");
}

#[test]
fn a_transport_answers_what_is_kept_and_nothing_else() {
    let Kept { path, file, folder, .. } = Kept::new();
    drop(file);
    let (file, card) = CardFile::open(&path, Sync::Always).expect("opens");
    let mut card = InProcess::power_on(card).expect("power").keep_in(file).expect("kept");
    let mut response = Vec::new();
    card.transmit(SELECT, &mut response).expect("answered");
    card.transmit(WRONG, &mut response).expect("answered");
    assert_eq!(response, [0x63, 0xC5]);
    assert_eq!(tries(&path), 5);
    card.reset().expect("reset");
    assert!(there(&path).image() == card.card().image(), "a reset is kept, too");
    card.transmit(SELECT, &mut response).expect("answered");
    thread::sleep(A_MOMENT);
    fs::write(&path, "somebody's").expect("overwritten");
    let refused = card.transmit(WRONG, &mut response).expect_err("not kept");
    assert!(matches!(refused, TransportError::NotKept(_)), "{refused}");
    assert!(response.is_empty(), "no answer leaves");
    drop(folder);
}
