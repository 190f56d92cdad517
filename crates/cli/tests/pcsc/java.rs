//! Java's smart card API at the card: it fetches 61xx in the class of the command.

use super::road::is_with;
use super::{ok, reader, run, served, text};

/// The library that Java looks for under a name that only a development package has.
fn library() -> String {
    let found = glob("/usr/lib", "libpcsclite.so.1").or_else(|| glob("/lib", "libpcsclite.so.1"));
    found.expect("libpcsclite.so.1: apt-get install pcscd")
}

/// The file in a folder below `root`, such as that of the machine's architecture.
fn glob(root: &str, name: &str) -> Option<String> {
    let folders = std::fs::read_dir(root).ok()?;
    let paths = folders.flatten().map(|folder| folder.path().join(name));
    paths.into_iter().find(|path| path.exists()).map(|path| path.display().to_string())
}

#[test]
fn java_selects_initiates_and_reads_records_on_t0() {
    let served = served(&["gen3"]);
    let classes = served.folder.path().join("classes").display().to_string();
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/pcsc/ReadCard.java");
    ok("javac", &["-d", &classes, source]);
    // 9F7A, 9F02, 5F2A, DF69.
    let options = "830A 00 000000001234 0156 00".replace(' ', "");
    let library = format!("-Dsun.security.smartcardio.library={}", library());
    // `sscard with` tells Java by itself.
    let told: &[&str] = if is_with() { &[] } else { &[&library] };
    let java = [told, &["-cp", &classes, "ReadCard", reader(), &options]].concat();
    let output = run("java", &java, "");
    let said = text(&output);
    assert!(output.status.success() && output.stdout.ends_with(b"all right\n"), "{said}");
    let answers: Vec<&str> =
        said.lines().filter_map(|line| Some(line.split_once(' ')?.1)).collect();
    assert!(answers[0].starts_with("6F") && answers[0].ends_with("9000"), "SELECT: {said}");
    assert!(answers[1].starts_with("80127D00"), "GET PROCESSING OPTIONS: {said}");
    assert!(answers[2].starts_with("70") && answers[3].starts_with("70"), "READ RECORD: {said}");
    // What Java sent behind GET PROCESSING OPTIONS was a GET RESPONSE of class 80.
    assert!(served.log().contains("> 80C0000014"), "{}", served.log());
}
