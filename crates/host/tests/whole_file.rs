//! Files that are written whole or not at all (I-24).
#![cfg(unix)]
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
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use sscard_host::whole_file::{Audience, WholeFile, regular, remove_left, write};
use tempfile::TempDir;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("there").permissions().mode() & 0o777
}

fn names(folder: &TempDir) -> Vec<String> {
    let names = fs::read_dir(folder.path()).expect("folder");
    let mut names: Vec<_> = names
        .map(|entry| entry.expect("entry").file_name().into_string().expect("UTF-8"))
        .collect();
    names.sort();
    names
}

#[test]
fn a_file_appears_when_it_is_whole() {
    let folder = TempDir::new().expect("folder");
    let path = folder.path().join("a");
    let mut file = WholeFile::create(&path, Audience::Owner).expect("begun");
    file.write_all(b"half").expect("written");
    assert!(!path.exists());
    drop(file);
    assert_eq!(names(&folder), Vec::<String>::new(), "nothing stays of what is not finished");
    let mut file = WholeFile::create(&path, Audience::Owner).expect("begun");
    file.write_all(b"forgotten").expect("written");
    file.begin_again().expect("begun");
    file.write_all(b"whole").expect("written");
    assert_eq!(file.finish().expect("finished"), []);
    assert_eq!(
        (fs::read(&path).expect("there"), names(&folder)),
        (b"whole".to_vec(), vec!["a".to_owned()])
    );
}

#[test]
fn a_new_file_is_for_its_audience_and_an_old_one_keeps_its_mode() {
    let folder = TempDir::new().expect("folder");
    let [a, b] = ["a", "b"].map(|name| folder.path().join(name));
    write(&a, b"1", Audience::Owner).expect("written");
    write(&b, b"1", Audience::Everybody).expect("written");
    // As the mask says, which is that of any other file.
    let other = folder.path().join("c");
    fs::write(&other, "").expect("written");
    assert_eq!((mode(&a), mode(&b)), (0o600, mode(&other)));
    fs::set_permissions(&a, fs::Permissions::from_mode(0o644)).expect("set");
    write(&a, b"2", Audience::Owner).expect("written");
    assert_eq!((fs::read(&a).expect("there"), mode(&a)), (b"2".to_vec(), 0o644));
}

#[test]
fn a_new_place_is_taken_only_where_nothing_is() {
    let folder = TempDir::new().expect("folder");
    let path = folder.path().join("a");
    let mut first = WholeFile::create(&path, Audience::Owner).expect("begun");
    let mut second = WholeFile::create(&path, Audience::Owner).expect("begun");
    first.write_all(b"first").expect("written");
    second.write_all(b"second").expect("written");
    let held = first.finish_new().expect("finished");
    let refused = second.finish_new().expect_err("there");
    assert_eq!(refused.kind(), ErrorKind::AlreadyExists);
    assert_eq!(fs::read(&path).expect("there"), b"first");
    assert_eq!(names(&folder), ["a"]);
    // Its lock goes with the handle.
    let other = fs::File::open(&path).expect("there");
    assert!(other.try_lock().is_err());
    drop(held);
    other.try_lock().expect("free");
}

#[test]
fn links_are_followed_to_their_end() {
    let folder = TempDir::new().expect("folder");
    let [a, b, c] = ["a", "b", "c"].map(|name| folder.path().join(name));
    symlink("b", &a).expect("linked");
    symlink(&c, &b).expect("linked");
    assert_eq!(regular(&a).expect("leads"), Some(c.clone()));
    write(&a, b"end", Audience::Owner).expect("written");
    assert_eq!(fs::read(&c).expect("there"), b"end");
    assert!([&a, &b].iter().all(|link| fs::symlink_metadata(link).is_ok_and(|l| l.is_symlink())));
    let circle = folder.path().join("circle");
    symlink("circle", &circle).expect("linked");
    assert!(write(&circle, b"", Audience::Owner).is_err());
    let refused = write(folder.path(), b"", Audience::Owner).expect_err("a folder");
    assert_eq!(refused.kind(), ErrorKind::IsADirectory);
}

#[test]
fn devices_are_written_into_and_stay() {
    assert_eq!(regular(Path::new("/dev/null")).expect("there"), None);
    write(Path::new("/dev/null"), b"gone", Audience::Owner).expect("written");
    let full = write(Path::new("/dev/full"), b"gone", Audience::Owner).expect_err("full");
    assert_eq!(full.kind(), ErrorKind::StorageFull);
    let mut null = WholeFile::create(Path::new("/dev/null"), Audience::Owner).expect("opens");
    assert_eq!(null.begin_again().expect_err("a stream").kind(), ErrorKind::NotSeekable);
}

#[test]
fn what_was_left_is_known_by_its_name_and_its_lock() {
    let folder = TempDir::new().expect("folder");
    let path = folder.path().join("a");
    let left = ["12-0", "12-x9Zab1"];
    let stays = ["notes", "12", "-0", "12-", "12-a.b", "x2-0"];
    for end in left.iter().chain(&stays) {
        fs::write(folder.path().join(format!(".a.sscard-tmp-{end}")), "").expect("written");
    }
    fs::write(folder.path().join(".b.sscard-tmp-12-0"), "").expect("written");
    fs::create_dir(folder.path().join(".a.sscard-tmp-13-0")).expect("made");
    let held = folder.path().join(".a.sscard-tmp-14-0");
    let lock = fs::File::create(&held).expect("made");
    lock.lock().expect("locked");
    remove_left(&path);
    let mut expected: Vec<_> = stays.iter().map(|end| format!(".a.sscard-tmp-{end}")).collect();
    expected.extend(
        [".a.sscard-tmp-13-0", ".a.sscard-tmp-14-0", ".b.sscard-tmp-12-0"].map(str::to_owned),
    );
    expected.sort();
    assert_eq!(names(&folder), expected);
}
