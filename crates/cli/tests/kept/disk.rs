//! A full disk: no answer is given that is not kept, and the message says which is the last.

use std::fs;

use crate::kept::operations::all;
use crate::kept::road::{Road, Walk, limited};
use crate::sscard::path;

/// A size that the card's file reaches in the middle of its changes: the next whole KiB.
fn limit(start: &[u8]) -> u64 {
    (start.len() as u64).next_multiple_of(1024)
}

#[test]
fn i_22_a_full_disk_gives_no_answer_that_is_not_kept() {
    for operation in all() {
        for road in Road::ALL {
            let walk = Walk::start(road, operation, Some(limit(&operation.start)), &[]);
            let card = walk.card();
            if road == Road::Serve {
                // A server goes on without the card, and ends when it is asked to.
                std::thread::sleep(std::time::Duration::from_millis(700));
                let id = walk.program.id().to_string();
                let kill = std::process::Command::new("kill").args(["-TERM", &id]).status();
                assert!(kill.expect("runs").success());
            }
            let stderr = walk.folder.path().join("err");
            let mut walk = walk;
            let status = walk.program.wait().expect("ends");
            let said = fs::read_to_string(&stderr).expect("UTF-8");
            let (answered, _folder) = walk.answered();
            let what = format!("{road:?}, {}: {answered} answers: {said}", operation.name);
            if answered == operation.commands.len() {
                // All changes of a short operation fit.
                assert!(operation.is_exactly(&card, answered), "{what}");
                continue;
            }
            assert!(operation.is_exactly(&card, answered), "{what}");
            assert!(said.contains("File too large"), "{what}");
            if answered > 0 {
                let last = format!("the card is as after command {answered} (");
                assert!(said.contains(&last), "{what}");
                let refused = format!("command {} (", answered + 1);
                assert!(said.contains(&refused), "{what}");
            }
            if road != Road::Serve {
                assert_eq!(status.code(), Some(6), "{what}");
            }
        }
    }
}

#[test]
fn some_operations_of_the_sweep_meet_the_full_disk() {
    let room = |start: &[u8]| limit(start) - start.len() as u64;
    let longest = all().iter().map(|operation| operation.commands.len()).max();
    assert!(longest.is_some_and(|commands| commands > 20));
    assert!(all().iter().any(|operation| room(&operation.start) < 1024));
}

#[test]
fn a_file_limit_leaves_the_old_file_whole() {
    let folder = crate::sscard::folder(&[("a.scr", "00A40000023F00\n")]);
    let old = path(&folder, "old.img");
    crate::sscard::ok(&["new", "-o", &old]);
    let before = fs::read(&old).expect("image");
    let output = limited(Some(8192)).args(["new", "--seed", "2", "-o", &old]).output();
    let output = output.expect("runs");
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    assert_eq!(output.status.code(), Some(6), "{said}");
    assert!(said.contains("nothing was changed"), "{said}");
    assert_eq!(fs::read(&old).expect("image"), before);
    let left: Vec<_> = fs::read_dir(folder.path()).expect("folder").collect();
    assert_eq!(left.len(), 2, "nothing stays beside it");
}
