//! The copy of the workspace that holds the faults.
//!
//! What enters: the workspace, the table. What leaves: a folder that is the workspace but for a switch at each place of the
//! table, and the function behind the switches in `sscard-apdu`, which every crate knows. A file that is as it should be is
//! not written again, so that nothing is compiled for nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::table::Table;
use super::weave::{Numbered, weave};

/// Where the planted build looks for the number of the fault that is on.
pub(crate) const VARIABLE: &str = "SSCARD_PLANTED";

/// The source to whose end the switch is written.
const HOME: &str = "crates/apdu/src/lib.rs";

/// What is made by builds, and not copied.
const MADE: [&str; 6] = ["target", ".git", "__pycache__", ".pytest_cache", "corpus", "artifacts"];

/// Makes the copy of `root` in `tree`.
///
/// # Errors
/// A place that is not in its source, a file that cannot be read or written.
pub(crate) fn plant(root: &Path, tree: &Path, table: &Table) -> Result<(), String> {
    let mut edits: BTreeMap<String, Vec<Numbered>> = BTreeMap::new();
    for fault in &table.faults {
        for edit in fault.edits() {
            edits.entry(edit.file.clone()).or_default().push((fault.number, edit));
        }
    }
    let mut files = BTreeSet::new();
    let named = |path: &Path, error: &io::Error| format!("{}: {error}", path.display());
    walk(root, Path::new(""), &mut files).map_err(|error| named(root, &error))?;
    for file in &files {
        let (from, to) = (root.join(file), tree.join(file));
        let mut content = fs::read(&from).map_err(|error| named(&from, &error))?;
        let name = file.to_string_lossy();
        if let Some(here) = edits.remove(&*name) {
            let source = String::from_utf8(content).map_err(|error| format!("{name}: {error}"))?;
            content = weave(&source, &here)?.into_bytes();
        }
        if name == HOME {
            content.extend_from_slice(switch().as_bytes());
        }
        if fs::read(&to).ok().as_ref() != Some(&content) {
            write(&from, &to, &content).map_err(|error| named(&to, &error))?;
        }
    }
    if let Some(missing) = edits.keys().next() {
        return Err(format!("{missing} is in the table and not in the workspace"));
    }
    remove_others(tree, &files).map_err(|error| named(tree, &error))
}

fn switch() -> String {
    format!(
        "\nextern crate std;\n\n/// Whether the fault of this number is planted.\n#[must_use]\npub fn planted(number: u32) -> bool {{\n    \
         static PLANTED: std::sync::OnceLock<Option<u32>> = std::sync::OnceLock::new();\n    \
         *PLANTED.get_or_init(|| std::env::var(\"{VARIABLE}\").ok()?.parse().ok()) == Some(number)\n}}\n"
    )
}

fn walk(root: &Path, below: &Path, files: &mut BTreeSet<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(root.join(below))? {
        let entry = entry?;
        if MADE.iter().any(|made| entry.file_name() == *made) {
            continue;
        }
        let path = below.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            walk(root, &path, files)?;
        } else if entry.file_type()?.is_file() {
            files.insert(path);
        }
    }
    Ok(())
}

/// With the permissions of the original: scripts stay scripts.
fn write(from: &Path, to: &Path, content: &[u8]) -> io::Result<()> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(to, content)?;
    fs::set_permissions(to, fs::metadata(from)?.permissions())
}

/// What an earlier copy had and the workspace has not.
fn remove_others(tree: &Path, files: &BTreeSet<PathBuf>) -> io::Result<()> {
    let mut there = BTreeSet::new();
    walk(tree, Path::new(""), &mut there)?;
    for file in there.difference(files) {
        fs::remove_file(tree.join(file))?;
    }
    Ok(())
}
