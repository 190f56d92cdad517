//! Files that are written: whole or not at all, where the name leads, and nothing left beside them (I-24).

use std::fs::{self, File};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::kept::operations::image_of;
use crate::kept::road::{SSCARD, limited};
use crate::sscard::{SELECT_SSSE, folder, ok, path, run};

fn names(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).expect("folder");
    let mut names: Vec<_> = names
        .map(|entry| entry.expect("entry").file_name().into_string().expect("UTF-8"))
        .collect();
    names.sort();
    names
}

#[test]
fn a_dangling_link_is_followed_and_stays() {
    let folder = folder(&[]);
    let (link, image) = (path(&folder, "link.img"), path(&folder, "card.img"));
    symlink("card.img", &link).expect("linked");
    ok(&["new", "-o", &link]);
    assert!(fs::symlink_metadata(&link).expect("there").is_symlink());
    assert!(!image_of(image.as_ref()).is_empty());
    // One that is there, through a second link.
    let second = path(&folder, "second.img");
    symlink(&link, &second).expect("linked");
    ok(&["new", "--seed", "2", "-o", &second]);
    assert_eq!(names(folder.path()), ["card.img", "link.img", "second.img"]);
    assert!(fs::symlink_metadata(&second).expect("there").is_symlink());
}

#[test]
fn a_circle_of_links_and_a_folder_are_refused() {
    let folder = folder(&[]);
    let link = path(&folder, "link.img");
    symlink("link.img", &link).expect("linked");
    for output in [link.as_str(), &folder.path().display().to_string()] {
        let (_, stderr, code) = run(&["new", "-o", output]);
        assert_eq!(code, 6, "{stderr}");
        assert!(stderr.contains("nothing was changed"), "{stderr}");
    }
    assert_eq!(names(folder.path()), ["link.img"]);
}

#[test]
fn what_a_killed_writer_left_goes_and_what_somebody_holds_stays() {
    let folder = folder(&[
        (".card.img.sscard-tmp-1-0", "left"),
        (".card.img.sscard-tmp-2-0", "held"),
        (".other.img.sscard-tmp-1-0", "of another name"),
        ("card.img.sscard-tmp-3-0", "no name of ours"),
    ]);
    let held = File::open(path(&folder, ".card.img.sscard-tmp-2-0")).expect("there");
    held.lock().expect("locked");
    ok(&["new", "-o", &path(&folder, "card.img")]);
    assert_eq!(
        names(folder.path()),
        [
            ".card.img.sscard-tmp-2-0",
            ".other.img.sscard-tmp-1-0",
            "card.img",
            "card.img.sscard-tmp-3-0"
        ]
    );
}

#[test]
fn a_file_keeps_its_permissions_and_a_new_image_is_its_owners_alone() {
    let folder = folder(&[("a.scr", "00A40000023F00\n")]);
    let image = path(&folder, "card.img");
    let mode = |file: &str| fs::metadata(file).expect("there").permissions().mode() & 0o7777;
    ok(&["new", "-o", &image]);
    assert_eq!(mode(&image), 0o600);
    fs::set_permissions(&image, fs::Permissions::from_mode(0o640)).expect("set");
    ok(&["new", "-o", &image]);
    ok(&["transmit", "--card", &image, "0084000008"]);
    assert_eq!(mode(&image), 0o640);
}

#[test]
fn what_cannot_be_written_leaves_the_old_file_whole() {
    let long = format!("@mode raw\n{}", format!("{SELECT_SSSE}\n").repeat(40));
    let folder = folder(&[("a.scr", &long), ("a.apdu", &long)]);
    let old = path(&folder, "old");
    let (script, foreign) = (path(&folder, "a.apdu"), path(&folder, "a.scr"));
    let golden = ["run", &script, "--bless", "--golden", &old];
    ok(&golden);
    let kept = fs::read(&old).expect("there");
    assert!(kept.len() > 1024, "the limit below is met");
    for args in [
        &golden[..],
        &["run", &script, "--report", &old],
        &["import", &foreign, "--dialect", "apdu", "-o", &old],
        &["new", "-o", &old],
    ] {
        let output = limited(Some(1024)).args(args).output().expect("runs");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(6), "{args:?}: {said}");
        assert!(said.contains("nothing was changed"), "{args:?}: {said}");
        assert_eq!(fs::read(&old).expect("there"), kept, "{args:?}");
    }
    assert_eq!(names(folder.path()), ["a.apdu", "a.scr", "old"]);
}

#[test]
fn standard_output_by_its_name_is_written_into() {
    let folder = folder(&[]);
    let there = path(&folder, "out.img");
    let out = File::create(&there).expect("file");
    let status = Command::new(SSCARD)
        .args(["new", "-o", "/dev/stdout"])
        .stdout(out)
        .stderr(Stdio::null())
        .status()
        .expect("runs");
    assert!(status.success());
    assert!(fs::read(&there).expect("there").starts_with(b"SSCARD"));
    assert_eq!(names(folder.path()), ["out.img"]);
}

#[test]
fn a_device_is_no_input() {
    let zero = "/dev/zero";
    for args in [
        &["inspect", "--card", zero][..],
        &["repair", zero, "-o", "/tmp/never.img"],
        &["run", zero],
        &["import", zero],
        &["new", "--profile", zero, "-o", "/dev/null"],
        &["trace", "show", zero],
    ] {
        let (_, stderr, code) = run(args);
        assert_eq!(code, 3, "{args:?}: {stderr}");
        assert!(!stderr.is_empty(), "{args:?}");
    }
}

#[test]
fn an_output_that_holds_a_card_or_is_read_here_is_refused() {
    let folder = folder(&[("a.apdu", "00A40000023F00\n")]);
    let (card, script) = (path(&folder, "card.img"), path(&folder, "a.apdu"));
    let (link, trace) = (path(&folder, "link"), path(&folder, "t.jsonl"));
    ok(&["new", "-o", &card]);
    ok(&["run", &script, "--card", &card, "--trace", &trace]);
    symlink(&card, &link).expect("linked");
    let before = fs::read(&card).expect("image");
    for args in [
        &["read", "--trace", &card][..],
        &["run", &script, "--report", &card],
        &["run", &script, "--trace", &link],
        &["run", &script, "--report", &script],
        &["run", &script, "--golden", &card, "--bless"],
        &["transmit", "--trace", &link, "0084000008"],
        &["pay", "--amount", "1", "--trace", &card],
        &["import", &script, "-o", &card],
        &["trace", "convert", &trace, "--to", "html", "-o", &link],
    ] {
        let (_, stderr, code) = run(args);
        assert!(matches!(code, 2 | 3), "{args:?}: {code}: {stderr}");
        assert!(!stderr.is_empty(), "{args:?}");
        assert_eq!(fs::read(&card).expect("image"), before, "{args:?}");
    }
    // The card that is traced, which is in use then.
    let (_, stderr, code) = run(&["read", "--card", &card, "--trace", &card]);
    assert_eq!(code, 2, "{stderr}");
    assert!(stderr.contains("it holds a card"), "{stderr}");
    assert!(fs::read(&card).expect("image").starts_with(b"SSCARD"));
}

#[test]
fn an_image_that_may_not_be_written_through_is_written_anew() {
    let folder = folder(&[]);
    let image = path(&folder, "card.img");
    ok(&["new", "-o", &image]);
    fs::set_permissions(&image, fs::Permissions::from_mode(0o444)).expect("set");
    // Whoever may everything becomes somebody who may not.
    let is_root = fs::metadata("/proc/self").is_ok_and(|own| {
        use std::os::unix::fs::MetadataExt;
        own.uid() == 0
    });
    let mut command = if is_root {
        for file in [folder.path(), image.as_ref()] {
            std::os::unix::fs::chown(file, Some(65534), Some(65534)).expect("given away");
        }
        let mut command = Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups", SSCARD]);
        command
    } else {
        Command::new(SSCARD)
    };
    let output = command
        .args(["transmit", "--raw", "--card", &image, SELECT_SSSE, "0020000003111111"])
        .output()
        .expect("runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{said}");
    let (stdout, _, _) = run(&["inspect", "--card", &image]);
    assert!(stdout.contains("PIN        5 of 6 tries left"), "{stdout}");
    assert_eq!(fs::metadata(&image).expect("there").permissions().mode() & 0o777, 0o444);
}

#[test]
fn a_pipe_takes_a_trace_and_a_report() {
    for option in ["--trace", "--report"] {
        let folder = folder(&[("a.apdu", "00A40000023F00\n")]);
        let pipe = path(&folder, "pipe");
        assert!(Command::new("mkfifo").arg(&pipe).status().expect("runs").success());
        let reader = std::thread::spawn({
            let pipe = pipe.clone();
            move || fs::read_to_string(pipe).expect("UTF-8")
        });
        ok(&["run", &path(&folder, "a.apdu"), option, &pipe]);
        assert!(reader.join().expect("read").contains("00A40000023F00"), "{option}");
    }
}
