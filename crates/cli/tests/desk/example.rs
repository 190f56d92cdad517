//! The example of the README does what the README shows.

use std::path::Path;
use std::process::Command;

use assert_cmd::cargo::CommandCargoExt;

#[cfg(unix)]
#[test]
fn the_life_of_a_card_is_the_readmes() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let readme = std::fs::read_to_string(root.join("README.md")).expect("README");
    let program = Command::cargo_bin("sscard").expect("built");
    let mut shown = 0;
    for block in readme.split("```console\n").skip(1) {
        let block = block.split("```").next().unwrap_or_default();
        let Some(command) = block.strip_prefix("$ examples/desk/") else { continue };
        let (command, expected) = command.split_once('\n').expect("a command and its output");
        let output = Command::new("bash")
            .args(["-o", "pipefail", "-c", &format!("examples/desk/{command}")])
            .env("SSCARD", program.get_program())
            .env_remove("SSCARD_READER")
            .current_dir(&root)
            .output()
            .expect("runs");
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        assert_eq!(text(output.stderr), "");
        assert_eq!(text(output.stdout), expected);
        assert_eq!(output.status.code(), Some(0));
        shown += 1;
    }
    assert!(shown > 0, "the README shows the example");
}
