//! The page of evil cards is made from their recipes.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use sscard_faults::{EvilCard, evil_cards};

fn page() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/evil.md")
}

const BEGIN: &str = "<!-- made from the recipes: begin -->\n";
const END: &str = "<!-- made from the recipes: end -->\n";

fn outcome(card: &EvilCard) -> String {
    let mut lines: Vec<String> = card
        .right
        .iter()
        .map(|right| {
            let ways = if right.ways.is_empty() { "everywhere" } else { &right.ways };
            match right.reason.as_str() {
                "" => format!("{ways}: {}", right.outcome),
                reason => format!("{ways}: {}, {}", right.outcome, reason.replace('|', "\\|")),
            }
        })
        .collect();
    let is_everywhere = card.right.last().is_some_and(|right| right.ways.is_empty());
    if card.right.is_empty() {
        lines.push("as an honest card".to_owned());
    } else if !is_everywhere {
        lines.push("else as an honest card".to_owned());
    }
    lines.join("<br>")
}

fn table() -> String {
    let mut text = String::from(
        "| name | what happens | attack, source | who must catch it | what comes of it |\n|---|---|---|---|---|\n",
    );
    for card in evil_cards() {
        let who: Vec<&str> = card.caught_by.iter().map(|who| who.words()).collect();
        let EvilCard { name, title, attack, source, .. } = card;
        writeln!(
            text,
            "| `{name}` | {title} | {attack}: {source} | {} | {} |",
            who.join(", "),
            outcome(card)
        )
        .expect("text");
    }
    text
}

#[test]
fn the_page_has_every_recipe_as_it_is() {
    let text = std::fs::read_to_string(page()).expect("docs/evil.md");
    let (before, rest) = text.split_once(BEGIN).expect("where the table begins");
    let (old, behind) = rest.split_once(END).expect("where it ends");
    let new = table();
    if old != new && std::env::var_os("BLESS").is_some() {
        std::fs::write(page(), format!("{before}{BEGIN}{new}{END}{behind}")).expect("written");
        return;
    }
    assert_eq!(old, new, "BLESS=1 writes it anew");
}

/// A recipe in the folder that no list has would never be played.
#[test]
fn every_file_in_the_folder_is_a_card_of_its_name() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/faults/recipes");
    let mut files: Vec<String> = std::fs::read_dir(folder)
        .expect("the folder")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"))
        .collect();
    files.sort();
    let mut names: Vec<String> =
        evil_cards().iter().map(|card| format!("{}.toml", card.name)).collect();
    names.sort();
    assert_eq!(files, names);
    for card in evil_cards() {
        assert!(card.title.ends_with('.') && !card.title.contains('\n'), "{}", card.name);
        assert!(!card.caught_by.is_empty(), "{}", card.name);
    }
}

/// Every row of the list of attacks has at least one card, and each source is a row's.
#[test]
fn every_attack_of_the_list_has_a_card() {
    let attacks = [
        "device-verified by CTQ",
        "brand mixup",
        "authentication made to fail, CVM list changed",
        "offline approval with altered cryptogram",
        "fDDA that covers too little",
        "limit and CDCVM bits",
        "transit mode",
        "relay",
        "wedge",
        "CVM downgrade to harvest a plaintext PIN",
        "pre-play",
        "replayed cryptogram, contactless refused to force insertion",
        "fixed ARQC on a refund",
        "AIP changed",
        "SDA yes-card",
        "stripped second signature",
        "records not signed",
        "wrong currency, amount over limit in a foreign currency",
        "certificates",
        "data",
        "protocol",
        "counters",
        "social security",
    ];
    let mut played: Vec<&str> = evil_cards().iter().map(|card| card.attack.as_str()).collect();
    played.dedup();
    assert_eq!(played, attacks);
}
