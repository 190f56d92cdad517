//! What is cited lies in the repository: sections, invariants, vectors and links lead somewhere.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every file below `folder` with one of these endings, in order.
fn files(folder: &Path, endings: &[&str], found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("entry").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            if !name.starts_with('.') && name != "target" && name != "corpus" {
                files(&path, endings, found);
            }
        } else if endings.iter().any(|ending| name.ends_with(ending)) {
            found.push(path);
        }
    }
    found.sort();
}

fn sources() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for folder in ["crates", "tests", "docs"] {
        files(&root().join(folder), &[".rs", ".md"], &mut found);
    }
    found.retain(|path| !path.ends_with("citations.rs"));
    found.into_iter().map(|path| (path.clone(), fs::read_to_string(path).expect("UTF-8"))).collect()
}

fn page(path: &str) -> String {
    fs::read_to_string(root().join(path)).expect(path)
}

/// What stands behind each `mark` in `text`, as long as it is a digit or a dot.
fn numbers<'a>(text: &'a str, mark: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(mark).skip(1).filter_map(|rest| {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let number = rest[..end].trim_end_matches('.');
        (!number.is_empty()).then_some(number)
    })
}

fn headings(page: &str) -> BTreeSet<&str> {
    let titles = page.lines().filter(|line| line.starts_with('#'));
    titles.filter_map(|line| line.trim_start_matches('#').split_whitespace().next()).collect()
}

#[test]
fn every_cited_section_of_a_standards_page_is_there() {
    let mut cited = 0;
    for name in ["social-security.md", "financial.md", "vectors.md", "pcsc.md"] {
        let text = page(&format!("docs/standards/{name}"));
        let headings = headings(&text);
        for (path, source) in sources() {
            for section in numbers(&source, &format!("standards/{name} §")) {
                assert!(headings.contains(section), "{}: {name} §{section}", path.display());
                cited += 1;
            }
        }
    }
    assert!(cited > 20, "{cited}");
}

/// The modules of `spec` and `financial` cite bare sections of the page that their parent names.
#[test]
fn every_bare_section_of_the_clause_tests_is_there() {
    let text = page("docs/standards/social-security.md");
    let headings = headings(&text);
    let mut found = Vec::new();
    files(&root().join("tests/spec"), &[".rs"], &mut found);
    for path in found {
        let source = fs::read_to_string(&path).expect("UTF-8");
        let head: Vec<&str> = source.lines().take_while(|line| line.starts_with("//!")).collect();
        if path.ends_with("iso_chaining.rs") {
            continue;
        }
        let head = head.join(" ").replace("part 7 §12", "");
        for section in numbers(&head, "§") {
            assert!(headings.contains(section), "{}: §{section}", path.display());
        }
    }
}

#[test]
fn every_cited_invariant_is_stated_and_every_stated_one_has_its_test() {
    let text = page("docs/invariants.md");
    let stated: BTreeSet<&str> = numbers(&text, "\n| I-").collect();
    assert_eq!(stated.len(), 25);
    for (path, source) in sources() {
        for number in numbers(&source, "I-") {
            let is_cited = !source.contains(&format!("CLI-{number}"));
            assert!(!is_cited || stated.contains(number), "{}: I-{number}", path.display());
        }
    }
}

#[test]
fn every_cited_vector_is_there() {
    let text = page("docs/standards/vectors.md");
    let vectors: BTreeSet<&str> = numbers(&text, "\n## V").collect();
    assert_eq!(vectors.len(), 13);
    let cited = page("docs/script.md");
    for number in numbers(&cited, ", V").chain(numbers(&cited, "; V")) {
        assert!(vectors.contains(number), "docs/script.md: V{number}");
    }
}

/// Relative links of every page; anchors are not looked at.
#[test]
fn every_link_of_a_page_leads_to_a_file() {
    let mut pages = Vec::new();
    files(&root(), &[".md"], &mut pages);
    let mut links = 0;
    for path in pages {
        let text = fs::read_to_string(&path).expect("UTF-8");
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let target = link.split('#').next().unwrap_or_default();
            if target.is_empty() || target.contains("://") || target.contains(' ') {
                continue;
            }
            let file = path.parent().expect("a folder").join(target);
            assert!(file.exists(), "{}: {link}", path.display());
            links += 1;
        }
    }
    assert!(links > 50, "{links}");
}
