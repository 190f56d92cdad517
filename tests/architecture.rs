//! What stands where: no import circle in card, terminal, desk and script but of a module with its own
//! parts.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            found.push(path);
        }
    }
}

/// The names that a text takes from its crate: `crate::a::…`, and those in `use crate::{a, b::…}`.
fn imports(text: &str) -> BTreeSet<String> {
    let name = |text: &str| -> String {
        text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
    };
    let mut found = BTreeSet::new();
    for after in text.split("crate::").skip(1) {
        match after.strip_prefix('{') {
            None => {
                found.insert(name(after));
            }
            Some(list) => {
                let mut depth = 0;
                let mut start = true;
                for (at, c) in list.char_indices() {
                    match c {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => start = true,
                        c if start && c.is_alphabetic() => {
                            found.insert(name(&list[at..]));
                            start = false;
                        }
                        _ => {}
                    }
                }
            }
        }
    }
    found
}

/// Which module each name comes from that the root of a crate exports from a module of its own.
fn exports(root: &Path) -> BTreeMap<String, String> {
    let text = fs::read_to_string(root.join("lib.rs")).expect("a root");
    let code: String = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let word = |c: char| !c.is_alphanumeric() && c != '_';
    let mut found = BTreeMap::new();
    for list in code.split("use ").skip(1).filter_map(|rest| rest.split(';').next()) {
        let Some((module, names)) = list.split_once("::") else { continue };
        for name in names.split(word).filter(|name| !name.is_empty()) {
            found.insert(name.to_owned(), module.to_owned());
        }
    }
    found
}

/// Which top-level modules each top-level module of a crate imports, by their names or by those that
/// the root exports from them; tests do not count.
fn graph(root: &Path) -> BTreeMap<String, BTreeSet<String>> {
    let exports = exports(root);
    let mut files = Vec::new();
    sources(root, &mut files);
    let mut graph: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for path in files {
        let inner = path.strip_prefix(root).expect("below").with_extension("");
        let module = inner.iter().next().expect("a name").to_string_lossy().into_owned();
        if module == "lib" || inner.ends_with("tests") {
            continue;
        }
        let text = fs::read_to_string(&path).expect("UTF-8");
        let text = text.split("#[cfg(test)]").next().expect("a first part");
        let code: String = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            .flat_map(|line| [line, "\n"])
            .collect();
        let names = imports(&code).into_iter();
        let modules = names.map(|name| exports.get(&name).unwrap_or(&name).clone());
        graph.entry(module).or_default().extend(modules);
    }
    let modules: BTreeSet<String> = graph.keys().cloned().collect();
    for (module, imported) in &mut graph {
        imported.retain(|name| name != module && modules.contains(name));
    }
    graph
}

/// All that can be reached from a module.
fn reached(graph: &BTreeMap<String, BTreeSet<String>>, from: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut waiting = vec![from.to_owned()];
    while let Some(module) = waiting.pop() {
        for next in &graph[&module] {
            if found.insert(next.clone()) {
                waiting.push(next.clone());
            }
        }
    }
    found
}

/// The modules of a crate, of which none may reach itself.
fn without_a_circle(name: &str) -> BTreeMap<String, BTreeSet<String>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates").join(name).join("src");
    let graph = graph(&root);
    let circle: Vec<_> =
        graph.keys().filter(|module| reached(&graph, module).contains(*module)).collect();
    assert!(circle.is_empty(), "{name}: a circle: {circle:?}");
    graph
}

#[test]
fn modules_of_the_card_import_each_other_in_no_circle() {
    let graph = without_a_circle("core");
    assert!(graph.len() > 20 && graph["card"].contains("select"), "{graph:?}");
}

#[test]
fn modules_of_the_terminal_import_each_other_in_no_circle() {
    let graph = without_a_circle("terminal");
    assert!(graph["reader"].contains("environment"), "{graph:?}");
}

#[test]
fn modules_of_the_desk_import_each_other_in_no_circle() {
    let graph = without_a_circle("desk");
    assert!(graph["procedure"].contains("desk"), "{graph:?}");
    assert!(graph["rules"].contains("error"), "by what the root exports: {graph:?}");
}

#[test]
fn modules_of_scripts_import_each_other_in_no_circle() {
    let graph = without_a_circle("script");
    assert!(graph["run"].contains("check"), "{graph:?}");
}

#[test]
fn a_circle_would_be_seen() {
    assert_eq!(
        imports("use crate::a::{b, c};\nuse crate::{d, e::{f, g}, h};\nlet x = crate::i::j();"),
        ["a", "d", "e", "h", "i"].map(str::to_owned).into()
    );
    let edges = [("a", "b"), ("b", "c"), ("c", "b")];
    let mut graph: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (from, to) in edges {
        graph.entry(from.to_owned()).or_default().insert(to.to_owned());
    }
    assert!(reached(&graph, "b").contains("b") && !reached(&graph, "a").contains("a"));
}
