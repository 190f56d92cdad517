//! What may stand at the cursor.

use std::fs;

use sscard_core::catalogue::{self, APPLICATIONS};
use sscard_lexicon::{financial, is_order};
use sscard_script::value::{Parameter, ParameterKind};
use sscard_script::{functions, verbs};

use super::help::STATEMENTS;
use super::words::WORDS;

/// What may stand behind directives.
const BEHIND: [(&str, &[&str]); 4] = [
    ("@expect", &["sw "]),
    ("@mode", &["auto", "raw"]),
    ("@on-error", &["continue", "stop"]),
    ("@protocol", &["T=0", "T=1"]),
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
    let begins = |(at, c): (usize, char)| {
        c == ';' || (c == '{' && !before.get(..at).is_some_and(|text| text.ends_with('$')))
    };
    let statement = before.char_indices().rfind(|one| begins(*one));
    let statement = statement.map_or(0, |(at, _)| at + 1);
    let start = before
        .rfind([' ', '\t', '(', ',', ';', '{', '=', '$', '/', '[', '>'])
        .map_or(0, |at| at + 1);
    let word = before.get(start..).unwrap_or("");
    let all = candidates(before.get(statement..start).unwrap_or(""), known);
    let fits = |one: &String| {
        one.get(..word.len()).is_some_and(|beginning| beginning.eq_ignore_ascii_case(word))
    };
    let mut fitting: Vec<_> = all.into_iter().filter(fits).collect();
    fitting.sort_unstable();
    fitting.dedup();
    (start, fitting)
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// Everything that may follow.
fn candidates(before: &str, known: &Known) -> Vec<String> {
    if before.ends_with('$') || before.ends_with("${") {
        return known.variables.clone();
    }
    let mut words = before.split_whitespace();
    let first = words.next().unwrap_or("");
    if first.is_empty() {
        return beginnings();
    }
    if first.starts_with('@') {
        let behind = BEHIND.iter().find(|(name, _)| *name == first);
        return behind.map(|(_, words)| owned(words)).unwrap_or_default();
    }
    if before.ends_with('/') || before.trim_end().ends_with("tlv") {
        return tags();
    }
    if let Some(call) = call(before) {
        return call;
    }
    match (first, before.split_once('=')) {
        ("help", _) => {
            let mut all = beginnings();
            all.extend(function_names());
            all
        }
        ("mode", _) => owned(&["auto", "raw"]),
        ("restore", _) => known.snapshots.clone(),
        ("for", _) => match words.count() {
            0 => Vec::new(),
            1 => owned(&["in"]),
            _ => owned(&["csv \""]),
        },
        ("expect", _) if words.next().is_none() => owned(&EXPECTED),
        ("let", Some((_, value))) => match value.split_whitespace().next() {
            Some(word) => of_verb(word, value).unwrap_or_else(calls),
            None => verb_names().chain(calls()).collect(),
        },
        ("let", None) => Vec::new(),
        ("print" | "expect", _) => calls(),
        (word, _) => of_verb(word, before).unwrap_or_default(),
    }
}

/// What a line may begin with, and help tells of, beside bytes.
fn beginnings() -> Vec<String> {
    let statements = STATEMENTS.iter().filter_map(|(usage, _)| usage.split(' ').next());
    let mut all: Vec<_> = statements.filter(|word| *word != ">").map(str::to_owned).collect();
    all.extend(WORDS.iter().map(|(name, ..)| (*name).to_owned()));
    all.extend(verb_names());
    all
}

fn of_verb(name: &str, before: &str) -> Option<Vec<String>> {
    verbs::verb(name).map(|verb| arguments(verb.parameters, before))
}

/// Inside of parentheses: names that the function's parameter may have, and values.
fn call(before: &str) -> Option<Vec<String>> {
    let mut open = Vec::new();
    for (at, c) in before.char_indices() {
        match c {
            '(' => open.push((at, 0)),
            ')' => {
                open.pop();
            }
            ',' => open.iter_mut().last().into_iter().for_each(|(_, place)| *place += 1),
            _ => {}
        }
    }
    let (at, place) = open.pop()?;
    let name = before.get(..at)?.rsplit([' ', '\t', '(', ',', '=', '|']).next()?;
    let parameter = functions::function(name).and_then(|known| known.parameters.get(place));
    let mut all = parameter.map(values).unwrap_or_default();
    all.extend(calls());
    Some(all)
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
        ParameterKind::Name(names) => names.iter().map(|name| (*name).to_owned()).collect(),
        ParameterKind::File => {
            let mut all: Vec<_> = FILES.iter().map(|name| (*name).to_owned()).collect();
            all.extend(APPLICATIONS.iter().map(|application| application.name.to_owned()));
            all.extend(APPLICATIONS.iter().skip(1).map(|one| crate::commands::hex(one.df_name)));
            all.extend(catalogue::files().map(|file| format!("EF{:02X}", file.fid & 0xFF)));
            all
        }
        ParameterKind::Bytes(1, 2) if parameter.name == "tag" => tags(),
        // Of records of the social security application.
        ParameterKind::Bytes(1, 1) if parameter.name == "tag" => {
            let items = catalogue::files().flat_map(|file| file.items.iter());
            items.map(|item| format!("{:02X}", item.tag)).collect()
        }
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
    if !matches!(keyword, "include" | "csv") {
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
            // An editor puts it on the screen as it is.
            let is_shown = !is_hidden && !found.contains(is_order);
            (found.starts_with(name) && is_shown).then(|| format!("{folder}{found}{end}"))
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
        assert_eq!(at_end("@on-error ").1, ["continue", "stop"]);
        assert_eq!(at_end("@protocol t").1, ["T=0", "T=1"]);
        assert_eq!(at_end("for row in ").1, ["csv \""]);
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
        assert_eq!(at_end("select ss").1, ["SSSE"]);
        assert_eq!(at_end("get_data 9f7").1.first().map(String::as_str), Some("9F72"));
        assert_eq!(at_end("read_record tag=0A").1, ["0A"]);
        assert_eq!(at_end("let x = get_challenge le").1, ["length="]);
        assert_eq!(at_end("let x = read_record s").1, ["sfi="]);
    }

    #[test]
    fn values_are_functions_names_and_tags() {
        assert_eq!(at_end("let x = card_").1, ["card_block", "card_factor(", "card_key("]);
        assert_eq!(at_end("external_authenticate 0A $c").1, ["challenge"]);
        assert_eq!(at_end("print sm4_cbc(").0, 14);
        assert_eq!(at_end("let k = card_key(").1[..2], ["3des", "ac("]);
        assert_eq!(at_end("let k = left(card_key(sm4, $city, SS").1, ["SSSE"]);
        assert_eq!(at_end("print \"${c").1, ["challenge"]);
        assert_eq!(at_end("get_challenge (tlv 9F3").1.first().map(String::as_str), Some("9F32"));
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
