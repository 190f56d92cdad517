//! A new card gets a file of its own, before the old one is given up; one card, one image.

use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use crate::desk::city::{CARD, CARD_OF_WANG, City, LI, card};
use crate::sscard::{SELECT_SSSE, ok};

fn replace(city: &City, output: &str) -> (String, String, i32) {
    city.run(&format!(
        "replace --at card-outlet:ICBC --papers identity-card --reason damaged --card {} -o {output}",
        card()
    ))
}

fn image(city: &City, name: &str) -> Vec<u8> {
    fs::read(city.path(name)).expect("an image")
}

/// What the card says to SELECT of its environment.
fn select(city: &City, name: &str) -> String {
    let answer = ok(&["transmit", "--card", &city.path(name), SELECT_SSSE]);
    let last = answer.lines().rfind(|line| line.starts_with("< ")).expect("an answer");
    last[last.len() - 4..].to_owned()
}

/// The card number of an image: nine characters of EF05.
fn number_of(city: &City, name: &str) -> String {
    let shown = crate::sscard::json(&["inspect", "--card", &city.path(name), "--json"]).to_string();
    let at = shown.find("4430303030303").expect("a card number");
    let digit = |at: usize| u8::from_str_radix(&shown[at..at + 2], 16).expect("hexadecimal");
    (at..at + 18).step_by(2).map(|at| char::from(digit(at))).collect()
}

/// Lets a replacement break off once its image lies there and its old card is blocked: the register
/// cannot be written.
pub(crate) fn break_off(city: &City) {
    city.edit(
        "CREATE TRIGGER stop BEFORE UPDATE OF standing ON cards BEGIN SELECT RAISE(ABORT, 'stop'); END",
    );
    let (stdout, stderr, code) = replace(city, "@new.img");
    city.edit("DROP TRIGGER stop");
    assert_eq!((stdout.as_str(), code), ("", 3), "{stderr}");
    assert!(stderr.contains("sscard: replace of 2026-12-10 has begun and waits"), "{stderr}");
    assert!(stderr.contains("nothing was changed in it"), "{stderr}");
    assert_eq!(select(city, &card()[1..]), "6A81");
}

#[test]
fn a_place_that_cannot_be_written_leaves_everything_as_it_was() {
    let city = City::active();
    fs::create_dir(city.path("folder")).expect("a folder");
    let before = (city.state(), city.files());
    for (output, words) in [
        ("@nowhere/new.img", "nowhere/new.img: cannot be written: entity not found"),
        ("@folder", "folder: is a folder"),
        ("@city.db/new.img", "city.db/new.img: "),
        #[cfg(target_os = "linux")]
        ("/dev/full", "/dev/full: "),
        ("/dev/null", "/dev/null: is a device, where the card would be lost"),
    ] {
        let (stdout, stderr, code) = replace(&city, output);
        assert_eq!((stdout.as_str(), code), ("", 6), "{stderr}");
        assert!(stderr.starts_with("sscard: the new card cannot be handed out: "), "{stderr}");
        assert!(stderr.contains(words), "{stderr}");
        assert!(!stderr.contains("waits"), "{stderr}");
        assert_eq!((city.state(), city.files()), before, "{output}");
    }
    assert_eq!(select(&city, &card()[1..]), "9000");
    assert_eq!(city.json("resume"), json!({ "schema": 1, "done": [], "waiting": [] }));
}

#[test]
fn a_file_that_is_there_is_never_written_over() {
    let city = City::active();
    fs::write(city.path("letter.txt"), "dear").expect("written");
    #[cfg(unix)]
    std::os::unix::fs::symlink("nowhere", city.path("link")).expect("linked");
    let wang = format!("@cards/{CARD_OF_WANG}.img");
    let before = (city.state(), city.files());
    let of_wang = image(&city, &wang[1..]);
    for output in [
        wang.as_str(),
        "@residents.csv",
        "@letter.txt",
        "@city.db.key",
        #[cfg(unix)]
        "@link",
    ] {
        let (stdout, stderr, code) = replace(&city, output);
        assert_eq!((stdout.as_str(), code), ("", 3), "{stderr}");
        let words =
            "a file is there already; a new card gets a file of its own; nothing was changed";
        assert!(stderr.contains(words), "{stderr}");
        assert_eq!((city.state(), city.files()), before, "{output}");
        assert!(image(&city, &wang[1..]) == of_wang, "{output}");
    }
    assert_eq!(fs::read(city.path("letter.txt")).expect("read"), b"dear");
    assert_eq!(select(&city, &card()[1..]), "9000");
}

#[test]
fn resume_finds_the_image_that_lies_there_and_writes_no_second_one() {
    for how in ["", " --cards @new", " -o @second.img"] {
        let city = City::active();
        break_off(&city);
        let laid = image(&city, "new.img");
        // From another folder: where it goes is kept whole.
        let resumed = city.json(&format!("resume --card {}{how}", card()));
        let new = resumed["done"][0]["new_card"].as_str().expect("a new card").to_owned();
        let remarks = resumed["done"][0]["remarks"].to_string();
        assert!(
            remarks.contains(&format!("card {new} lies in {}", city.path("new.img"))),
            "{remarks}"
        );
        assert!(image(&city, "new.img") == laid);
        assert!(!Path::new(&city.path("second.img")).exists());
        assert!(!Path::new(&city.path("new")).exists());
        assert_eq!(number_of(&city, "new.img"), new);
        city.ok("activate --at bank-branch:ICBC --papers identity-card --card @new.img");
    }
}

#[test]
fn resume_makes_the_image_where_it_was_to_go() {
    let city = City::active();
    break_off(&city);
    let laid = image(&city, "new.img");
    fs::remove_file(city.path("new.img")).expect("removed");
    city.ok(&format!("resume --card {}", card()));
    assert!(image(&city, "new.img") == laid, "the same card");
}

#[test]
fn resume_writes_over_nothing_that_came_there_meanwhile() {
    let city = City::active();
    break_off(&city);
    fs::write(city.path("new.img"), "a letter").expect("written");
    let (_, stderr, code) = city.run(&format!("resume --card {}", card()));
    assert_eq!(code, 6, "{stderr}");
    assert!(stderr.contains("new.img: another file is there; say where the card goes"), "{stderr}");
    assert_eq!(image(&city, "new.img"), b"a letter");
    city.ok(&format!("resume --card {} -o @other.img", card()));
    assert_eq!(image(&city, "new.img"), b"a letter");
    city.ok("activate --at bank-branch:ICBC --papers identity-card --card @other.img");
}

#[test]
fn a_card_that_was_used_since_is_still_that_card() {
    let city = City::active();
    break_off(&city);
    let laid = image(&city, "new.img");
    // A session that changes the card: a wrong key uses up one of its tries.
    let commands = [SELECT_SSSE, "0084000008", "008200070800000000000000000000"];
    ok(&[&["transmit", "--card", &city.path("new.img")], &commands[..]].concat());
    let used = image(&city, "new.img");
    assert!(used != laid);
    city.ok(&format!("resume --card {} --cards @new", card()));
    assert!(!Path::new(&city.path("new")).exists());
    assert!(image(&city, "new.img") == used);
}

#[test]
fn what_an_interrupted_batch_left_is_taken_and_nothing_of_others_is_removed() {
    let city = City::new();
    let header = "name,number,mobile,bank,old_card";
    let rows = format!(
        "李测甲,{LI},13800000001,ICBC,gen1\n王测乙,999901197502020023,13800000002,BOC,gen1\n"
    );
    fs::write(city.path("residents.csv"), format!("{header}\n{rows}")).expect("written");
    let import = "import @residents.csv --old-cards @old";
    let batch = "batch --name 1 --opens 2026-12-01 --closes 2026-12-31 --to village --cards @cards";
    let register = image(&city, "city.db");
    for (line, folder) in [(import, "old"), (batch, "cards")] {
        city.ok(line);
        let names: Vec<_> = fs::read_dir(city.path(folder))
            .expect("a folder")
            .map(|entry| entry.expect("an entry").path())
            .collect();
        assert_eq!(names.len(), 2);
        let images: Vec<_> = names.iter().map(|name| fs::read(name).expect("read")).collect();
        let after = image(&city, "city.db");
        // The images were written, and the register was not.
        let before = if folder == "old" {
            register.clone()
        } else {
            fs::read(city.path("imported.db")).expect("kept")
        };
        fs::write(city.path("city.db"), &before).expect("written");
        fs::write(city.path(&format!("{folder}/letter.txt")), "dear").expect("written");
        fs::remove_file(&names[1]).expect("one of them was not written yet");
        // On another day, what lies there is the same person's card of the same number.
        city.ok(&format!("{line} --date 2026-12-11"));
        assert!(fs::read(&names[0]).expect("read") == images[0]);
        assert!(names[1].exists());
        // Somebody else's file: nothing is written over, and what was there stays.
        fs::write(city.path("city.db"), &before).expect("written");
        fs::write(&names[1], "another").expect("written");
        let (_, stderr, code) = city.run(line);
        assert_eq!(code, 6, "{stderr}");
        assert!(stderr.contains("another card is there already"), "{stderr}");
        assert!(fs::read(&names[0]).expect("read") == images[0]);
        assert_eq!(fs::read(&names[1]).expect("read"), b"another");
        assert!(Path::new(&city.path(&format!("{folder}/letter.txt"))).exists());
        fs::write(&names[1], &images[1]).expect("written");
        fs::write(city.path("city.db"), &after).expect("written");
        fs::write(city.path("imported.db"), &after).expect("written");
    }
}

/// Delays in milliseconds, spread by logarithm.
fn delays() -> impl Iterator<Item = Duration> {
    (0..20).map(|trial| Duration::from_micros((1_000.0 * 1.32_f64.powi(trial)) as u64))
}

#[test]
fn a_replacement_that_is_killed_leaves_one_image_and_a_register_that_agrees() {
    let start = City::active();
    let (mut whole, mut old) = (0, 0);
    for delay in delays() {
        let city = start.copy();
        let line = format!(
            "replace --at card-outlet:ICBC --papers identity-card --reason damaged --card {} -o @new.img",
            card()
        );
        city.kill_after(&line, delay);
        let resumed = city.json(&format!("resume --card {}", card()));
        assert_eq!(resumed["waiting"], json!([]), "{delay:?}");
        let cards = city.json(&format!("show --holder {LI}"))["holders"][0]["cards"].clone();
        let standing = |at: usize| cards[at]["standing"].as_str().unwrap_or_default().to_owned();
        let images = || city.files().into_iter().filter(|name| name.ends_with(".img")).count();
        if cards[0]["number"] == CARD {
            old += 1;
            assert_eq!((standing(0).as_str(), images()), ("held", 0), "{delay:?}");
            assert_eq!(select(&city, &card()[1..]), "9000");
            city.ok(&line);
        } else {
            whole += 1;
            assert_eq!(
                (standing(0).as_str(), standing(1).as_str()),
                ("held", "recycled"),
                "{delay:?}"
            );
        }
        assert_eq!(images(), 1, "{delay:?}");
        let new =
            city.json(&format!("show --holder {LI}"))["holders"][0]["cards"][0]["number"].clone();
        assert_eq!(new, Value::from(number_of(&city, "new.img")), "{delay:?}");
        assert_eq!(select(&city, &card()[1..]), "6A81", "{delay:?}");
        city.ok("activate --at bank-branch:ICBC --papers identity-card --card @new.img");
    }
    assert!(old > 0 && whole + old == 20, "{old} and {whole}");
}

#[test]
fn an_activation_that_is_killed_leaves_a_card_and_a_register_that_agree() {
    let start = City::collected();
    for delay in delays() {
        let city = start.copy();
        let line =
            format!("activate --at bank-branch:ICBC --papers identity-card --card {}", card());
        city.kill_after(&line, delay);
        city.ok(&format!("resume --card {}", card()));
        let state = || city.json(&format!("show --holder {LI}"))["holders"][0].clone();
        if state()["cards"][0]["social"] == "inactive" {
            assert_eq!(select(&city, &card()[1..]), "6283", "{delay:?}");
            city.ok(&line);
        }
        let now = state();
        assert_eq!(
            (&now["pending"], &now["cards"][0]["medical_cents"]),
            (&json!([]), &json!(12345))
        );
        assert_eq!(select(&city, &card()[1..]), "9000", "{delay:?}");
        let messages = city.json("outbox")["messages"].clone();
        let bodies =
            messages.as_array().expect("messages").iter().filter(|one| one["body"].is_string());
        assert_eq!(bodies.count(), 1, "{delay:?}: one query password");
    }
}
