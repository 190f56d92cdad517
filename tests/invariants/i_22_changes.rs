//! I-22, the card's half: image and changes behind it are the card after each answer, wherever its power
//! was cut.

use sscard_core::{Card, CardImage, Change, ImageEnd, ImageError};
use sscard_host::{CardFile, Sync};

use crate::harness::{Desk, SELECT_SSSE, bytes};

/// Commands that write: wrong and right passwords, a changed one, and what only reads between them.
const COMMANDS: [&str; 8] = [
    SELECT_SSSE,
    "0020000003111111",
    "00B2072C0B",
    "0020000003123456",
    "805E010007123456FF654321",
    "0084000008",
    "805E010007654321FF123456",
    "00200000",
];

/// A card's file in memory.
struct File {
    bytes: Vec<u8>,
    kept: Card,
    end: ImageEnd,
    changes: usize,
}

impl File {
    fn new(card: &Card) -> Self {
        let image = card.image();
        let end = image.end();
        Self { bytes: image.as_bytes().to_vec(), kept: card.clone(), end, changes: 0 }
    }

    fn keep(&mut self, card: &Card) {
        match card.change_since(&self.kept, self.end) {
            Change::Nothing => {}
            Change::Entry(entry, end) => {
                self.bytes.extend(entry);
                (self.end, self.changes) = (end, self.changes + 1);
            }
            Change::Everything => panic!("it is the same card"),
        }
        self.kept.clone_from(card);
    }

    fn load(&self) -> Card {
        let loaded = CardImage::from_bytes(self.bytes.clone()).load().expect("loads");
        assert_eq!((loaded.changes, loaded.sound), (self.changes, self.bytes.len()));
        assert_eq!(loaded.end, self.end);
        loaded.card
    }
}

#[test]
fn i_22_image_and_changes_are_the_card_after_each_answer() {
    for profile in ["gen1", "gen2", "gen3"] {
        let mut card = Desk::t0(profile).card;
        let mut file = File::new(&card);
        let mut response = Vec::new();
        for _ in 0..3 {
            card.power_on().expect("power");
            file.keep(&card);
            assert!(file.load().image() == card.image(), "{profile}, powered");
            for command in COMMANDS {
                card.transmit(&bytes(command), &mut response);
                file.keep(&card);
                assert!(file.load().image() == card.image(), "{profile}, {command}");
            }
        }
        assert!(file.changes >= 9, "{profile}: {} changes", file.changes);
    }
}

#[test]
fn i_22_a_card_whose_power_was_cut_is_kept_with_its_journal() {
    for cut in 0..200 {
        let mut card = Desk::t0("gen3").card;
        card.power_on().expect("power");
        let mut file = File::new(&card);
        let mut response = Vec::new();
        card.transmit(&bytes(SELECT_SSSE), &mut response);
        card.cut_power_after(cut);
        card.transmit(&bytes(COMMANDS[4]), &mut response);
        if card.is_powered() {
            assert!(cut > 10, "the command writes more than that");
            return;
        }
        file.keep(&card);
        let mut again = file.load();
        assert!(again.image() == card.image(), "cut after {cut}");
        // Recovered alike.
        again.power_on().expect("power");
        card.power_on().expect("power");
        assert!(again.image() == card.image(), "cut after {cut}, powered");
    }
    panic!("the command never got through");
}

#[test]
fn i_22_what_is_volatile_is_no_change() {
    let mut card = Desk::t0("gen3").card;
    card.power_on().expect("power");
    let (before, end) = (card.clone(), card.image().end());
    let mut response = Vec::new();
    for command in [SELECT_SSSE, "0084000008", "00B2072C0B", "0070000001"] {
        card.transmit(&bytes(command), &mut response);
        assert_eq!(card.change_since(&before, end), Change::Nothing, "{command}");
    }
    card.power_off();
    assert_eq!(card.change_since(&before, end), Change::Nothing);
}

#[test]
fn i_22_a_card_taken_back_to_a_snapshot_is_a_change_like_any_other() {
    let mut card = Desk::t0("gen3").card;
    card.power_on().expect("power");
    let mut file = File::new(&card);
    let mut response = Vec::new();
    card.transmit(&bytes(SELECT_SSSE), &mut response);
    let snapshot = card.snapshot();
    for _ in 0..3 {
        card.transmit(&bytes(COMMANDS[1]), &mut response);
        file.keep(&card);
        assert_eq!(file.load().inspect_pin().tries_left, 5);
        card.restore(&snapshot);
        file.keep(&card);
        assert_eq!(file.load().inspect_pin().tries_left, 6);
    }
    assert_eq!(file.changes, 6);
}

#[test]
fn i_22_a_card_of_another_profile_is_no_change() {
    let (card, other) = (Desk::t0("gen3").card, Desk::t0("gen2").card);
    assert_eq!(other.change_since(&card, card.image().end()), Change::Everything);
}

#[test]
fn i_22_every_cut_and_every_flipped_byte_of_changes_is_the_state_before_or_told() {
    let mut card = Desk::t0("gen3").card;
    card.power_on().expect("power");
    let mut file = File::new(&card);
    let image = file.bytes.len();
    let mut states = vec![card.image()];
    let mut ends = vec![image];
    let mut response = Vec::new();
    card.transmit(&bytes(SELECT_SSSE), &mut response);
    for _ in 0..3 {
        card.transmit(&bytes(COMMANDS[1]), &mut response);
        file.keep(&card);
        states.push(card.image());
        ends.push(file.bytes.len());
    }
    let load = |bytes: &[u8]| Card::from_image(&CardImage::from_bytes(bytes.to_vec()));
    for length in image..=file.bytes.len() {
        let whole = ends.iter().filter(|end| **end <= length).count();
        let there = load(&file.bytes[..length]).expect("cut short");
        assert!(there.image() == states[whole - 1], "{length}");
    }
    for at in image..file.bytes.len() {
        for bit in [0x01, 0x80] {
            let mut flipped = file.bytes.clone();
            flipped[at] ^= bit;
            let number = ends.iter().filter(|end| **end <= at).count();
            let expected = ImageError::Entry { number, at: ends[number - 1] };
            assert_eq!(load(&flipped).expect_err("told"), expected, "byte {at}");
            let salvaged = CardImage::from_bytes(flipped).salvage().expect("a sound state");
            assert!(salvaged.loaded.card.image() == states[number - 1], "byte {at}");
            assert_eq!(salvaged.damage, Some(expected));
        }
    }
}

#[test]
fn i_22_an_image_of_an_older_version_is_written_anew_at_the_first_change() {
    let old = bytes(include_str!("../golden/gen3-seed7-version2-changes.image.hex"));
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("card.img");
    std::fs::write(&path, &old).expect("written");
    let (mut file, mut card) = CardFile::open(&path, Sync::Idle).expect("opened");
    file.keep(&mut card, None).expect("nothing to keep");
    assert!(std::fs::read(&path).expect("readable") == old, "who looks changes nothing");
    card.power_on().expect("power");
    file.keep(&mut card, None).expect("kept");
    let now = std::fs::read(&path).expect("readable");
    assert_eq!(now[..8], *b"SSCARD\x00\x03");
    assert!(now == card.image().as_bytes());
    let mut response = Vec::new();
    card.transmit(&bytes(SELECT_SSSE), &mut response);
    card.transmit(&bytes("0020000003999999"), &mut response);
    file.keep(&mut card, None).expect("kept");
    let behind = std::fs::read(&path).expect("readable");
    assert!(behind.starts_with(&now) && behind.len() < now.len() + 100, "a change behind it");
    drop(file);
    let loaded = CardFile::read(&path).expect("loads");
    assert_eq!(loaded.inspect_pin().tries_left, 4);
}
