use super::*;

mod detection;
mod gpshell;
mod javacard;
mod scriptor;
mod transcript;

fn with(name: &str, text: &str, options: &ImportOptions) -> Imported {
    read(name, text, options).unwrap_or_else(|error| panic!("{error}"))
}

fn of(dialect: Dialect, text: &str) -> Imported {
    with("x", text, &ImportOptions { dialect: Some(dialect), ..ImportOptions::default() })
}

fn script(imported: &Imported) -> String {
    imported.script.to_string()
}

fn notes(imported: &Imported) -> Vec<String> {
    imported.notes.iter().map(ToString::to_string).collect()
}

fn refused(dialect: Dialect, text: &str) -> String {
    let options = ImportOptions { dialect: Some(dialect), ..ImportOptions::default() };
    read("x", text, &options).expect_err(text).to_string()
}

#[test]
fn items_point_into_the_imported_text() {
    let text = "# a purse\n00A4000000\n\n00 B0 \\\n00 00 00\n";
    let items = of(Dialect::Scriptor, text).script.items;
    assert_eq!(&text[items[0].span.start..items[0].span.end], "00A4000000");
    assert_eq!(&text[items[1].span.start..items[1].span.end], "00 B0 \\\n00 00 00");
}

#[test]
fn notes_stand_in_front_of_what_they_are_about() {
    let text = "00A4000000\n# exit here\n00B0000000\n";
    let imported = of(Dialect::Scriptor, text);
    let printed = imported.to_apdu(&SourceText::new("old\nfile.txt", text));
    assert_eq!(
        printed,
        "# Imported from old file.txt (scriptor).\n> 00A4000000\n# line 2: warning: scriptor ends \
         here: the line holds \"exit\"\n> 00B0000000\n"
    );
    assert_eq!(parse(&SourceText::new("x", &printed)).expect("parses"), imported.script);
}

#[test]
fn every_unsupported_line_is_named_and_left_out_only_on_request() {
    let text = "00A4000000\nverify\n00B0000000\n00A\n";
    assert_eq!(
        refused(Dialect::Scriptor, text),
        "x: 2 lines cannot be imported\n  line 2: 'verify' is not hex in pairs\n  line 4: '00A' is not \
         hex in pairs"
    );
    let options = ImportOptions {
        dialect: Some(Dialect::Scriptor),
        keep_going: true,
        ..ImportOptions::default()
    };
    let imported = with("x", text, &options);
    assert_eq!(script(&imported), "> 00A4000000\n> 00B0000000\n");
    assert_eq!(imported.notes.len(), 2);
}
