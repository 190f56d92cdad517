//! The table of faults: `planted/*.toml`, for a person to review.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde::Deserialize;

use super::root;

/// The folder of the table, below the workspace.
const FOLDER: &str = "crates/xtask/planted";

/// A place in a source, how it is and how it is with the fault.
#[derive(Deserialize, Clone, Debug)]
pub(crate) struct Edit {
    /// The source, from the workspace's folder.
    pub(crate) file: String,
    /// What stands once in the source before the place; needed where `right` stands more than once.
    #[serde(default)]
    pub(crate) after: Option<String>,
    /// An expression, or statements that declare nothing, as they stand there; blanks do not count.
    pub(crate) right: String,
    /// What stands there with the fault.
    pub(crate) wrong: String,
}

/// One fault.
#[derive(Deserialize, Clone, Debug)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fault {
    /// Its name.
    pub(crate) id: String,
    /// The invariant that it breaks, or the part of the subject that it is of.
    pub(crate) kind: String,
    /// What is wrong, in a line.
    pub(crate) what: String,
    file: String,
    #[serde(default)]
    after: Option<String>,
    right: String,
    wrong: String,
    /// Further places of the same fault.
    #[serde(default)]
    also: Vec<Edit>,
    /// Tests of `sscard-tests` that are asked first, by the beginning of their names.
    #[serde(default)]
    pub(crate) tests: Vec<String>,
    /// Packages whose tests are asked beside `sscard-tests` and those of the source's own package.
    #[serde(default)]
    pub(crate) packages: Vec<String>,
    /// Its number in the switch of the planted build, from 1.
    #[serde(skip)]
    pub(crate) number: u32,
}

impl Fault {
    /// Its places.
    pub(crate) fn edits(&self) -> Vec<Edit> {
        let first = Edit {
            file: self.file.clone(),
            after: self.after.clone(),
            right: self.right.clone(),
            wrong: self.wrong.clone(),
        };
        std::iter::once(first).chain(self.also.clone()).collect()
    }

    /// The module in which it lies: `core::pin`.
    pub(crate) fn module(&self) -> String {
        let path = self.file.trim_start_matches("crates/").trim_end_matches(".rs");
        path.replace("/src/lib", "").replace("/src/", "::").replace('/', "::").replace('-', "_")
    }

    /// The crate's folder in which it lies: `core`.
    pub(crate) fn crate_name(&self) -> &str {
        self.file.trim_start_matches("crates/").split('/').next().unwrap_or_default()
    }
}

/// All faults.
pub(crate) struct Table {
    pub(crate) faults: Vec<Fault>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Part {
    fault: Vec<Fault>,
}

impl Table {
    /// Reads the table.
    ///
    /// # Errors
    /// A file that is no table, a name that stands twice.
    pub(crate) fn read() -> Result<Self, String> {
        let folder = root().join(FOLDER);
        let mut files: Vec<_> = fs::read_dir(&folder)
            .map_err(|error| format!("{}: {error}", folder.display()))?
            .filter_map(|entry| Some(entry.ok()?.path()))
            .collect();
        files.sort();
        let mut faults = Vec::new();
        for file in files {
            faults.append(&mut Self::part(&file)?);
        }
        let mut names = BTreeSet::new();
        for (number, fault) in (1..).zip(&mut faults) {
            fault.number = number;
            if !names.insert(fault.id.clone()) {
                return Err(format!("{} stands twice in the table", fault.id));
            }
        }
        Ok(Self { faults })
    }

    fn part(file: &Path) -> Result<Vec<Fault>, String> {
        let named = |error: &dyn std::fmt::Display| format!("{}: {error}", file.display());
        let text = fs::read_to_string(file).map_err(|error| named(&error))?;
        let part: Part = toml::from_str(&text).map_err(|error| named(&error))?;
        Ok(part.fault)
    }

    /// The faults of these names, or the first so many, or all.
    ///
    /// # Errors
    /// A name that no fault has.
    pub(crate) fn choose(
        &self,
        only: &[String],
        first: Option<usize>,
    ) -> Result<Vec<&Fault>, String> {
        let find = |id: &String| {
            let found = self.faults.iter().find(|fault| fault.id == *id);
            found.ok_or_else(|| format!("no fault is named {id}"))
        };
        if only.is_empty() {
            return Ok(self.faults.iter().take(first.unwrap_or(usize::MAX)).collect());
        }
        only.iter().map(find).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::PathBuf;

    use super::super::build::CARD;
    use super::super::weave::{Numbered, weave};
    use super::*;

    fn table() -> Table {
        Table::read().expect("the table")
    }

    #[test]
    fn every_place_of_the_table_is_in_the_sources_once() {
        let mut places: BTreeMap<String, Vec<Numbered>> = BTreeMap::new();
        for fault in table().faults {
            for edit in fault.edits() {
                assert_ne!(edit.right, edit.wrong, "{} changes nothing", fault.id);
                places.entry(edit.file.clone()).or_default().push((fault.number, edit));
            }
        }
        for (file, edits) in places {
            let source = fs::read_to_string(root().join(&file)).expect(&file);
            if let Err(error) = weave(&source, &edits) {
                panic!("{error}: write it in {FOLDER} as it stands now");
            }
        }
    }

    #[test]
    fn the_table_has_faults_of_every_kind_and_enough_of_them() {
        let faults = table().faults;
        let of_card = |fault: &&Fault| CARD.contains(&fault.crate_name());
        assert!(faults.iter().filter(of_card).count() >= 44);
        assert!(faults.iter().filter(|fault| !of_card(fault)).count() >= 20);
        for number in 1..=24 {
            let kind = format!("I-{number}");
            assert!(faults.iter().any(|fault| fault.kind == kind), "{kind}");
        }
    }

    #[test]
    fn the_tests_that_are_asked_first_are_there() {
        fn names(folder: &Path, above: &str, found: &mut Vec<String>) {
            for entry in fs::read_dir(folder).expect("folder") {
                let path = entry.expect("entry").path();
                let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                if path.is_dir() {
                    names(&path, &format!("{above}{stem}::"), found);
                } else {
                    found.push(format!("{above}{stem}::"));
                }
            }
        }
        let mut found = Vec::new();
        names(&root().join("tests"), "", &mut found);
        for fault in table().faults {
            for test in &fault.tests {
                assert!(found.iter().any(|name| name.starts_with(test)), "{}: {test}", fault.id);
            }
        }
    }

    #[test]
    fn no_source_of_the_workspace_holds_a_switch() {
        let mut folders = vec![root().join("crates")];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).expect("folder") {
                let path: PathBuf = entry.expect("entry").path();
                if path.is_dir() && !path.ends_with("xtask") {
                    folders.push(path);
                } else if path.extension().is_some_and(|extension| extension == "rs") {
                    let source = fs::read_to_string(&path).expect("source");
                    assert!(!source.contains("::planted("), "{}", path.display());
                }
            }
        }
    }
}
