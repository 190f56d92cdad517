//! Faults of every command that takes them: what they say gives a terminal no orders, and no PIN away.

use super::{hostile, secrets};
use crate::canary::hostile::HOSTILE;
use crate::canary::secrets::PIN;

/// Faults that are none, recipes that are none, and names of files.
pub(super) fn escapes(stage: &hostile::Stage, command: &[&str]) {
    let recipe = stage.path("recipe.toml");
    for (option, value) in [
        ("--fault", HOSTILE),
        ("--fault", &format!("mute@{HOSTILE}")),
        ("--fault", &format!("sw={HOSTILE}@1")),
        ("--fault", &format!("data={HOSTILE}")),
        ("--fault", "data=1B5B324A070D0A@ins=C0"),
        ("--fault", "answer=1B5B324A079000"),
        ("--fault", "atr=3B041B5B324A"),
        ("--faults", HOSTILE),
        ("--faults", &stage.path("script.apdu")),
        ("--faults", &recipe),
        ("--fault-seed", HOSTILE),
        ("--fault-log", &stage.path(&format!("no/{HOSTILE}"))),
        ("--shrink", &stage.path(&format!("no/{HOSTILE}"))),
    ] {
        stage.write("recipe.toml", &format!("faults = ['{}']\n", HOSTILE.replace('\n', "")));
        // What a fault begins with - is no option.
        stage.run(&[command, &[&format!("{option}={value}")]].concat());
        stage.write("recipe.toml", "faults = [\"mute@\\u001B[2J\"]\n");
        stage.run(&[command, &[&format!("{option}={value}")]].concat());
    }
    stage.run(&[command, &["--fault", "mute@1", &format!("--shrink={HOSTILE}")]].concat());
}

/// A PIN where a fault should be, in one, and in what is sent while one strikes.
pub(super) fn secrets(stage: &secrets::Stage, command: &[&str], stdin: &[u8]) {
    for fault in [
        PIN.to_owned(),
        format!("pin={PIN}"),
        format!("{PIN}@ins=20"),
        format!("command:data={PIN}"),
        format!("command:data={PIN}@ins=20"),
        format!("command:data={PIN}@ins=2"),
        format!("command:data={PIN}x@ins=20"),
        format!("command:extra={PIN}@ins=20"),
        format!("comand:data={PIN}"),
        "mute@ins=20".to_owned(),
        "stale@ins=20".to_owned(),
        "command:flip@ins=20".to_owned(),
        "command:truncate=7@ins=20".to_owned(),
        "reset@ins=20".to_owned(),
        "remove=inside@ins=20".to_owned(),
    ] {
        stage.run_with(&[command, &["--fault", &fault]].concat(), stdin);
        stage.write("recipe.toml", &format!("faults = [\"{fault}\"]\n"));
        stage.run_with(&[command, &["--faults", &stage.path("recipe.toml")]].concat(), stdin);
    }
    let small = stage.path("small.toml");
    let faults = ["--fault", "command:flip@ins=20", "--fault", "mute@ins=20", "--shrink", &small];
    stage.run_with(&[command, &faults].concat(), stdin);
    let log = stage.path("log.toml");
    let faults = ["--fault", "command:flip@ins=20", "--fault-log", &log];
    stage.run_with(&[command, &faults].concat(), stdin);
    for name in ["small.toml", "log.toml"] {
        if std::fs::exists(stage.path(name)).is_ok_and(|is_there| is_there) {
            stage.file(name);
        }
    }
}
