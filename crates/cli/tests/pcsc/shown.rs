//! What pages show of programs under `sscard with`.

use crate::sscard::page::{commands_of, folder, normal, read, run};

#[test]
fn pages_show_what_programs_under_with_print() {
    for (page, count) in [("README.md", 2), ("docs/pcsc-door.md", 2)] {
        let folder = folder();
        let commands = commands_of(&read(page), "console with");
        assert_eq!(commands.len(), count, "{page}");
        for (command, expected) in &commands {
            let (shown, _) = run(&folder, command);
            assert_eq!(normal(&shown), normal(expected), "{page}: {command}");
        }
    }
}
