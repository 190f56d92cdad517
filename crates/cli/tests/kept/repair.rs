//! Damaged images: told, never used in silence; `sscard repair` takes the last sound state.

use std::fs;

use sscard_host::{CardFile, Sync};

use crate::kept::operations::{all, image_of};
use crate::sscard::{json, path, run};

/// A card file with changes behind its image, as a killed program leaves it, and where each begins.
fn with_changes(card: &str) -> Vec<u64> {
    let operation = &all()[0];
    fs::write(card, &operation.start).expect("written");
    let (mut file, mut held) = CardFile::open(card.as_ref(), Sync::Idle).expect("opens");
    let length = || fs::metadata(card).expect("there").len();
    let mut places = vec![length()];
    held.power_on().expect("power");
    file.keep(&mut held, None).expect("kept");
    let mut response = Vec::new();
    for command in &operation.commands[..4] {
        let command = hex::decode(command).expect("hex");
        let before = length();
        held.transmit(&command, &mut response);
        file.keep(&mut held, Some(&command)).expect("kept");
        if length() > before {
            places.push(before);
        }
    }
    places
}

#[test]
fn a_last_change_cut_short_is_the_state_before_it() {
    let folder = tempfile::TempDir::new().expect("folder");
    let card = path(&folder, "card.img");
    let places = with_changes(&card);
    let whole = fs::read(&card).expect("image");
    let last = usize::try_from(*places.last().expect("changes")).expect("short");
    for length in last..whole.len() {
        fs::write(&card, &whole[..length]).expect("written");
        assert_eq!(image_of(card.as_ref()), all()[0].states[3], "{length}");
    }
    fs::write(&card, &whole[..whole.len() - 1]).expect("written");
    let (_, stderr, code) = run(&["transmit", "--raw", "--card", &card, "00200000"]);
    assert_eq!(code, 0, "{stderr}");
    // What was cut is gone, and the card goes on.
    let (stdout, _, code) = run(&["inspect", "--card", &card]);
    assert!(stdout.contains("PIN        4 of 6 tries left"), "{code}: {stdout}");
}

#[test]
fn damage_before_the_end_is_told_and_the_file_stays() {
    let folder = tempfile::TempDir::new().expect("folder");
    let (card, fresh) = (path(&folder, "card.img"), path(&folder, "new.img"));
    let places = with_changes(&card);
    let whole = fs::read(&card).expect("image");
    let at = |place: u64| usize::try_from(place).expect("short");
    // Power-on, then three wrong passwords.
    assert_eq!(places.len(), 4);
    let (second, third) = (at(places[1]), at(places[2]));
    let states = &all()[0].states;
    let mut damaged = Vec::new();
    for place in [second, second + 3, second + 12, third - 1] {
        let mut flipped = whole.clone();
        flipped[place] ^= 0x40;
        damaged.push((flipped, "change 2 ", &states[0], 1));
    }
    // Taken out, doubled, and something else behind it.
    let image = at(places[0]);
    let taken_out = [&whole[..image], &whole[second..]].concat();
    damaged.push((taken_out, "change 1 ", &all()[0].start, 0));
    let doubled = [&whole[..third], &whole[second..]].concat();
    damaged.push((doubled, "change 3 ", &states[2], 2));
    damaged.push(([&whole[..], b"more"].concat(), "change 5 ", &states[4], 4));
    for (bytes, name, expected, changes) in damaged {
        fs::write(&card, &bytes).expect("written");
        for command in [&["inspect", "--card", &card][..], &["read", "--card", &card]] {
            let (stdout, stderr, code) = run(command);
            assert_eq!((stdout.as_str(), code), ("", 3), "{stderr}");
            assert!(stderr.contains(name) && stderr.contains("sscard repair"), "{stderr}");
        }
        let said = json(&["repair", &card, "-o", &fresh, "--json"]);
        assert_eq!(fs::read(&card).expect("image"), bytes, "untouched");
        assert_eq!(&image_of(fresh.as_ref()), expected, "{name}");
        assert_eq!(said["changes"], changes);
        assert!(said["damage"].as_str().is_some_and(|damage| damage.starts_with(name)), "{said}");
        assert!(said["lost_bytes"].as_u64().is_some_and(|lost| lost > 0), "{said}");
    }
}

#[test]
fn a_damaged_image_itself_has_no_sound_state() {
    let folder = tempfile::TempDir::new().expect("folder");
    let (card, fresh) = (path(&folder, "card.img"), path(&folder, "new.img"));
    with_changes(&card);
    let mut bytes = fs::read(&card).expect("image");
    bytes[200] ^= 1;
    fs::write(&card, &bytes).expect("written");
    let (_, stderr, code) = run(&["repair", &card, "-o", &fresh]);
    assert_eq!(code, 3, "{stderr}");
    assert!(stderr.contains("the checksum does not match"), "{stderr}");
    assert!(!std::path::Path::new(&fresh).exists());
    let (_, stderr, code) = run(&["repair", &card, "-o", &card]);
    assert_eq!(code, 2, "{stderr}");
}
