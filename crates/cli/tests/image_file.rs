//! The file that holds a card: what is written, what is refused, what stays as it was.

use std::fs;

use crate::sscard::{SELECT_SSSE, card, ok, run};

#[test]
fn inspect_does_not_change_the_image() {
    let (_folder, path) = card(&[]);
    let before = fs::read(&path).expect("image");
    ok(&["inspect", "--card", &path, "--keys"]);
    assert_eq!(fs::read(&path).expect("image"), before);
}

#[test]
fn a_broken_image_is_named_and_left_alone() {
    let (_folder, path) = card(&[]);
    let image = fs::read(&path).expect("image");
    let mut flipped = image.clone();
    flipped[100] ^= 1;
    for (bytes, reason) in [
        (flipped, "the checksum does not match: the image was changed"),
        (image[..500].to_vec(), "bytes but has 500"),
        (b"hello".to_vec(), "not a card image"),
    ] {
        fs::write(&path, &bytes).expect("written");
        for command in ["read", "inspect"] {
            let (stdout, stderr, code) = run(&[command, "--card", &path]);
            assert_eq!((stdout.as_str(), code), ("", 3), "{stderr}");
            assert!(stderr.starts_with(&format!("sscard: {path}: ")), "{stderr}");
            assert!(stderr.contains(reason), "{stderr}");
            assert_eq!(stderr.lines().count(), 1);
        }
        assert_eq!(fs::read(&path).expect("image"), bytes);
    }
    let (_, stderr, code) = run(&["read", "--card", "/nowhere/card.img"]);
    assert_eq!(code, 3, "{stderr}");
}

#[test]
fn a_card_in_use_is_not_touched() {
    let (_folder, path) = card(&[]);
    let held = fs::File::open(&path).expect("image");
    held.lock().expect("locked");
    let (_, stderr, code) = run(&["transmit", "--card", &path, SELECT_SSSE]);
    assert_eq!((code, stderr.contains("another sscard is using this card")), (5, true));
}

#[test]
fn a_place_that_cannot_be_written_is_named() {
    let (_, stderr, code) = run(&["new", "-o", "/nowhere/card.img"]);
    assert_eq!(code, 6);
    assert_eq!(
        stderr,
        "sscard: /nowhere/card.img: cannot be written: entity not found; nothing was changed\n"
    );
}

#[cfg(unix)]
#[test]
fn a_pipe_is_written_into_and_stays_a_pipe() {
    use std::os::unix::fs::FileTypeExt;

    let folder = tempfile::TempDir::new().expect("folder");
    let path = folder.path().join("pipe").display().to_string();
    assert!(std::process::Command::new("mkfifo").arg(&path).status().expect("runs").success());
    let reader = std::thread::spawn({
        let path = path.clone();
        move || fs::read(path).expect("the image")
    });
    ok(&["new", "-o", &path]);
    let is_pipe = || fs::metadata(&path).expect("there").file_type().is_fifo();
    assert!(is_pipe());
    let image = sscard_core::CardImage::from_bytes(reader.join().expect("read"));
    assert!(sscard_core::Card::from_image(&image).is_ok());
    let (_, stderr, code) = run(&["transmit", "--card", &path, SELECT_SSSE]);
    let reason = "a card lives in a regular file";
    assert_eq!((code, stderr.contains(reason)), (3, true), "{stderr}");
    assert!(is_pipe());
}
