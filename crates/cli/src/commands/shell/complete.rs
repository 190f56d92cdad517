//! What may stand at the cursor.

use std::fs;

use sscard_core::catalogue::{self, APPLICATIONS};
use sscard_lexicon::financial;
use sscard_script::value::{Kind, Parameter};
use sscard_script::{functions, verbs};

use super::words::WORDS;

/// Words that begin a statement of the language, beside verbs.
const STATEMENTS: [&str; 8] = ["case", "expect", "exit", "for", "include", "let", "print", "reset"];
const DIRECTIVES: [&str; 7] = [
    "@destructive",
    "@expect sw ",
    "@mode auto",
    "@mode raw",
    "@on-error continue",
    "@on-error stop",
    "@seed ",
];
const EXPECTED: [&str; 4] = ["data ", "len ", "sw ", "tlv "];
/// Files and AIDs that a card has whatever its profile is.
const FILES: [&str; 6] =
    ["MF", "PPSE", "PSE", "A000000333", "A000000333010101", "A000000333010102"];

/// What the shell knows at this moment.
#[derive(Default)]
pub(super) struct Known {
    pub(super) variables: Vec<String>,
    pub(super) snapshots: Vec<String>,
}

/// Where the word at the cursor begins, and what it may become.
pub(super) fn complete(line: &str, cursor: usize, known: &Known) -> (usize, Vec<String>) {
    let before = line.get(..cursor).unwrap_or(line);
    if let Some(found) = path(before) {
        return found;
    }
    let statement = before.rfind([';', '{']).map_or(0, |at| at + 1);
    let start = before
        .rfind([' ', '\t', '(', ',', ';', '{', '=', '$', '/', '[', '>'])
        .map_or(0, |at| at + 1);
    let word = before.get(start..).unwrap_or("");
    let all = candidates(before.get(statement..start).unwrap_or(""), known);
    let mut fitting: Vec<_> = all.into_iter().filter(|one| one.starts_with(word)).collect();
    fitting.sort_unstable();
    fitting.dedup();
    (start, fitting)
}

/// Everything that may follow.
fn candidates(before: &str, known: &Known) -> Vec<String> {
    let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    if before.ends_with('$') {
        return known.variables.clone();
    }
    let mut words = before.split_whitespace();
    let first = words.next().unwrap_or("");
    if first.is_empty() {
        let mut all = owned(&STATEMENTS);
        all.extend(owned(&DIRECTIVES));
        all.extend(WORDS.iter().map(|(name, ..)| (*name).to_owned()));
        all.extend(verb_names());
        return all;
    }
    let in_call = before.matches('(').count() > before.matches(')').count();
    let behind_tlv = before.trim_end().ends_with("tlv") || before.ends_with('/');
    if behind_tlv && matches!(first, "expect" | "let" | "print") {
        return tags();
    }
    match first {
        "help" => {
            let mut all: Vec<_> = verb_names().collect();
            all.extend(function_names());
            all.extend(WORDS.iter().map(|(name, ..)| (*name).to_owned()));
            all
        }
        "mode" | "@mode" => owned(&["auto", "raw"]),
        "restore" => known.snapshots.clone(),
        "expect" if words.next().is_none() => owned(&EXPECTED),
        "let" if !in_call => {
            let mut all: Vec<_> = verb_names().collect();
            all.extend(calls());
            all
        }
        "let" | "print" | "expect" => calls(),
        _ if in_call => calls(),
        verb => {
            verbs::verb(verb).map(|verb| arguments(verb.parameters, before)).unwrap_or_default()
        }
    }
}

/// Parameters that are not there yet, and the values of the one that comes.
fn arguments(parameters: &[Parameter], before: &str) -> Vec<String> {
    let written: Vec<&str> = before.split_whitespace().skip(1).collect();
    if let Some(name) = before.strip_suffix('=').and_then(|text| text.split_whitespace().last()) {
        let parameter = parameters.iter().find(|parameter| parameter.name == name);
        return parameter.map(values).unwrap_or_default();
    }
    let is_named = |parameter: &&Parameter| {
        written.iter().any(|word| word.split('=').next() == Some(parameter.name))
    };
    let open = parameters.iter().skip(written.iter().filter(|word| !word.contains('=')).count());
    let open: Vec<_> = open.filter(|parameter| !is_named(parameter)).collect();
    let mut all: Vec<_> = open.iter().map(|parameter| format!("{}=", parameter.name)).collect();
    all.extend(open.first().map(|parameter| values(parameter)).unwrap_or_default());
    all
}

fn values(parameter: &Parameter) -> Vec<String> {
    match parameter.kind {
        Kind::Name(names) => names.iter().map(|name| (*name).to_owned()).collect(),
        Kind::File => {
            let mut all: Vec<_> = FILES.iter().map(|name| (*name).to_owned()).collect();
            all.extend(APPLICATIONS.iter().map(|application| application.name.to_owned()));
            all.extend(APPLICATIONS.iter().skip(1).map(|one| crate::commands::hex(one.df_name)));
            all.extend(catalogue::files().map(|file| format!("EF{:02X}", file.fid & 0xFF)));
            all
        }
        Kind::Bytes(1, 2) if parameter.name == "tag" => tags(),
        _ => Vec::new(),
    }
}

/// A file in a string behind `include` or `csv`: those of its folder.
fn path(before: &str) -> Option<(usize, Vec<String>)> {
    let start = before.rfind('"')? + 1;
    if before.matches('"').count().is_multiple_of(2) {
        return None;
    }
    let keyword = before.get(..start - 1)?.split_whitespace().last()?;
    if !matches!(keyword, "include" | "csv" | "@card") {
        return None;
    }
    let written = before.get(start..)?;
    let (folder, name) = written
        .rsplit_once('/')
        .map_or(("", written), |(folder, name)| (written.get(..=folder.len()).unwrap_or(""), name));
    let entries = fs::read_dir(if folder.is_empty() { "." } else { folder }).ok()?;
    let mut all: Vec<_> = entries
        .filter_map(Result::ok)
        .filter_map(|entry| {
            let found = entry.file_name().into_string().ok()?;
            let end = if entry.path().is_dir() { "/" } else { "\"" };
            let is_hidden = found.starts_with('.') && !name.starts_with('.');
            (found.starts_with(name) && !is_hidden).then(|| format!("{folder}{found}{end}"))
        })
        .collect();
    all.sort_unstable();
    Some((start, all))
}

fn verb_names() -> impl Iterator<Item = String> {
    verbs::GROUPS.iter().flat_map(|(_, verbs)| *verbs).map(|verb| verb.name.to_owned())
}

fn function_names() -> impl Iterator<Item = String> {
    let functions = functions::GROUPS.iter().flat_map(|(_, functions)| *functions);
    functions.map(|function| function.name.to_owned())
}

fn calls() -> Vec<String> {
    let mut all: Vec<_> = function_names().map(|name| format!("{name}(")).collect();
    all.extend(["resp", "sw", "tlv "].map(str::to_owned));
    all
}

fn tags() -> Vec<String> {
    financial::tags().map(|tag| tag.to_string()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at_end(line: &str) -> (usize, Vec<String>) {
        let known = Known {
            variables: vec!["challenge".to_owned(), "key".to_owned()],
            snapshots: vec!["before".to_owned()],
        };
        complete(line, line.len(), &known)
    }

    #[test]
    fn a_statement_begins_with_a_word_a_verb_or_a_directive() {
        assert_eq!(
            at_end("re").1,
            ["read_binary", "read_card", "read_record", "reload_pin", "reset", "restore"]
        );
        assert_eq!(at_end("case \"a\" { get_d"), (11, vec!["get_data".to_owned()]));
        assert_eq!(at_end("@de").1, ["@destructive"]);
    }

    #[test]
    fn a_verb_is_followed_by_its_parameters_and_their_values() {
        assert_eq!(at_end("read_record r"), (12, vec!["rec=".to_owned()]));
        assert_eq!(at_end("read_record sfi=5 ").1, ["le=", "mode=", "rec=", "tag="]);
        assert_eq!(at_end("verify format="), (14, vec!["emv".to_owned(), "social".to_owned()]));
        assert_eq!(at_end("select SS").1, ["SSSE"]);
        assert_eq!(at_end("select EF05").1, ["EF05"]);
        assert_eq!(at_end("select D1560000050").1.len(), 5);
        assert_eq!(at_end("get_data 9F7").1.first().map(String::as_str), Some("9F72"));
        assert_eq!(at_end("generate_ac t").1, ["tc", "type="]);
    }

    #[test]
    fn values_are_functions_names_and_tags() {
        assert_eq!(at_end("let x = card_").1, ["card_block", "card_factor(", "card_key("]);
        assert_eq!(at_end("external_authenticate 0A $c").1, ["challenge"]);
        assert_eq!(at_end("print sm4_cbc(").0, 14);
        assert!(at_end("expect tlv 6F/A5/9F0").1.contains(&"9F02".to_owned()));
    }

    #[test]
    fn words_of_the_shell_know_what_they_take() {
        assert_eq!(at_end("help veri").1, ["verify"]);
        assert_eq!(at_end("restore ").1, ["before"]);
        assert_eq!(at_end("mode a").1, ["auto"]);
    }

    #[test]
    fn strings_behind_include_are_files() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("tour.apdu"), "").unwrap();
        let line = format!("include \"{}/to", folder.path().display());
        let (start, found) = at_end(&line);
        assert_eq!(start, 9);
        assert_eq!(found, [format!("{}/tour.apdu\"", folder.path().display())]);
        assert_eq!(at_end("case \"to").1.len(), 0);
    }
}
