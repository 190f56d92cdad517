//! `help`: out of the tables that check and run the language.

use std::io::{self, Write};

use sscard_script::functions::{self, ResultLength, ScriptFunction};
use sscard_script::value::{Need, Parameter};
use sscard_script::verbs::{self, Verb, VerbDanger};

use super::words::WORDS;

/// One line in which each verb is used.
const EXAMPLES: &[&str] = &[
    "select SSSE",
    "read_record sfi=5 rec=7",
    "update_record sfi=5 rec=1 data=0102",
    "read_binary offset=0 le=16",
    "update_binary offset=0 data=0102",
    "get_challenge 8",
    "verify pin=123456",
    "change_pin 123456 654321",
    "external_authenticate 0A (auth_data(sm4, $key, $challenge, $original) || $original)",
    "internal_authenticate $factor",
    "unblock_pin $mac",
    "reload_pin enc=$enc mac=$mac",
    "activate_file",
    "deactivate_file",
    "get_response 30",
    "manage_channel open",
    "authenticate 0A",
    "protected DC 01 2C data=0102",
    "write_item DF01 EF0A 38 3031 version=\"1.00\"",
    "get_balance holder",
    "init_load 1000 112233445566",
    "credit_load time=20261124130509 mac=$mac",
    "init_purchase account=100 terminal=112233445566",
    "debit sequence=7 time=20261124130509 mac=$mac",
    "get_proof type=32 counter=0001",
    "start_day",
    "load_session_key 48 12 $factors $random",
    "load_key 48 4C $factors",
    "cipher $blocks",
    "cipher_mac $blocks",
    "init_sam $random $counter account=1000 time=20261124130509 factors=$factors",
    "credit_sam $mac",
    "write_key enc=$enc mac=$mac",
    "gpo",
    "generate_ac arqc $data",
    "get_data 9F36",
    "put_data 9F79 000000100000 $mac",
    "issuer_authenticate $arpc 3030",
    "app_block $mac",
    "app_unblock $mac",
    "card_block $mac",
    "pin_change_unblock $mac",
    "pki_verify 123456 $challenge",
    "pki_tries",
    "pki_generate",
    "pki_name_key",
    "pki_public_key",
    "pki_sign $digest",
    "pki_check $digest $signature",
    "pki_decipher $cipher",
];

/// Statements and directives: how they are written, and what they do.
pub(super) const STATEMENTS: &[(&str, &str)] = &[
    (
        "> 00 A4 00 00 02 3F00",
        "bytes, sent as they are; without > too when they begin with a digit",
    ),
    ("let NAME = VALUE", "a value, or the data that answers a verb or > bytes"),
    ("expect sw|data|len|tlv …", "what the latest answer has to be"),
    ("print VALUE", "shows a value"),
    ("case \"NAME\" { … }", "a block; it may go on over lines"),
    ("for ROW in csv \"FILE\" { … }", "a block for each row"),
    ("include \"FILE\"", "a script's statements"),
    ("reset", "resets the card"),
    (
        "fault [set] SPEC … | clear | list",
        "the card misbehaves, such as: fault set sw=6100@ins=B2 (docs/faults.md)",
    ),
    ("@mode raw|auto", "whether 61xx and 6Cxx are followed; raw without it"),
    ("@expect sw …", "what each command has to answer that no expect sw follows"),
    ("@on-error stop|continue", "what follows a failed expectation in a case"),
    ("@seed N", "random numbers begin anew"),
    ("@protocol T=0|T=1", "what the card has to speak"),
    ("@destructive", "commands that use up tries or block a card in a reader are meant"),
];

/// Everything that may be typed.
pub(super) fn all(out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "Statements")?;
    for (usage, description) in STATEMENTS {
        writeln!(out, "  {usage}: {description}")?;
    }
    writeln!(out, "\nThe shell")?;
    for (_, _, usage, description) in WORDS {
        writeln!(out, "  {usage}: {description}")?;
    }
    for (group, verbs) in verbs::GROUPS {
        let names: Vec<_> = verbs.iter().map(|verb| verb.name).collect();
        names_of(out, &format!("Verbs: {group}"), &names)?;
    }
    for (group, functions) in functions::GROUPS {
        let names: Vec<_> = functions.iter().map(|function| function.name).collect();
        names_of(out, &format!("Functions: {group}"), &names)?;
    }
    writeln!(out, "\nhelp NAME says more of a verb, a function or a word.")
}

fn names_of(out: &mut dyn Write, group: &str, names: &[&str]) -> io::Result<()> {
    writeln!(out, "\n{group}")?;
    let mut line = String::from(" ");
    for name in names {
        if line.len() + name.len() > 99 {
            writeln!(out, "{line}")?;
            " ".clone_into(&mut line);
        }
        line.push(' ');
        line.push_str(name);
    }
    writeln!(out, "{line}")
}

/// What is known of a name; nothing when it is none.
pub(super) fn of(out: &mut dyn Write, name: &str) -> io::Result<bool> {
    let mut found = false;
    for (usage, description) in
        STATEMENTS.iter().filter(|(usage, _)| usage.split(' ').next() == Some(name))
    {
        writeln!(out, "{usage}: {description}")?;
        found = true;
    }
    if let Some((_, _, usage, description)) = WORDS.iter().find(|(known, ..)| *known == name) {
        writeln!(out, "{usage}: {description}")?;
        found = true;
    }
    if let Some(verb) = verbs::verb(name) {
        of_verb(out, verb)?;
        found = true;
    }
    if let Some(function) = functions::function(name) {
        of_function(out, function)?;
        found = true;
    }
    Ok(found)
}

fn of_verb(out: &mut dyn Write, verb: &Verb) -> io::Result<()> {
    writeln!(out, "{}: {}", verb.usage(), verb.description)?;
    parameters(out, verb.parameters)?;
    writeln!(out, "  command  {}", verb.apdu)?;
    match verb.danger {
        VerbDanger::Always => writeln!(out, "  may use up tries or block a card: @destructive")?,
        VerbDanger::With(at) => {
            let name = verb.parameters.get(at).map_or("", |parameter| parameter.name);
            writeln!(out, "  with {name} it may use up tries or block a card: @destructive")?;
        }
        VerbDanger::Never => {}
    }
    let mut examples = EXAMPLES.iter().filter(|text| text.split(' ').next() == Some(verb.name));
    examples.try_for_each(|example| writeln!(out, "  example  {example}"))
}

fn of_function(out: &mut dyn Write, function: &ScriptFunction) -> io::Result<()> {
    writeln!(out, "{}: {}", function.usage(), function.description)?;
    parameters(out, function.parameters)?;
    match function.length {
        ResultLength::As(at) => {
            let name = function.parameters.get(at).map_or("", |parameter| parameter.name);
            writeln!(out, "  gives    as many bytes as {name}")?;
        }
        ResultLength::Exactly(length) => {
            writeln!(out, "  gives    {}", sscard_lexicon::counted(length, "byte"))?;
        }
        ResultLength::Said(_) | ResultLength::Varies => {}
    }
    if !function.source.is_empty() {
        writeln!(out, "  source   {}", function.source)?;
    }
    writeln!(out, "  example  let x = {}", example(function))
}

/// A call with names in the places of values.
fn example(function: &ScriptFunction) -> String {
    let arguments = function.parameters.iter().filter(|known| known.need == Need::Required);
    let arguments = arguments.map(|parameter| match parameter.kind {
        sscard_script::value::ParameterKind::Name(names) => {
            names.first().copied().unwrap_or("").to_owned()
        }
        _ => format!("${}", parameter.name),
    });
    format!("{}({})", function.name, arguments.collect::<Vec<_>>().join(", "))
}

fn parameters(out: &mut dyn Write, parameters: &[Parameter]) -> io::Result<()> {
    for Parameter { name, kind, need } in parameters {
        match need {
            Need::Required => writeln!(out, "  {name}: {kind}")?,
            Need::Optional | Need::Default("") => writeln!(out, "  [{name}]: {kind}")?,
            Need::Default(word) => writeln!(out, "  [{name}]: {kind}; {word} without it")?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use sscard_script::{SourceText, parse};

    use super::*;

    #[test]
    fn every_verb_has_an_example_and_every_example_is_a_statement() {
        for verb in verbs::GROUPS.iter().flat_map(|(_, verbs)| *verbs) {
            assert!(
                EXAMPLES.iter().any(|text| text.split(' ').next() == Some(verb.name)),
                "{}",
                verb.name
            );
        }
        for example in EXAMPLES {
            parse(&SourceText::new("example", example)).unwrap();
        }
        for function in functions::GROUPS.iter().flat_map(|(_, functions)| *functions) {
            parse(&SourceText::new("example", &format!("let x = {}", example(function)))).unwrap();
        }
    }

    #[test]
    fn no_word_of_the_shell_is_a_verb() {
        for (name, ..) in WORDS {
            assert!(verbs::verb(name).is_none(), "{name}");
        }
    }
}
