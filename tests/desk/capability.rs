//! The capability table, cell by cell against desk.md, and what every refusal says.

use sscard_desk::{
    AccountState, BankView, CardView, Function, Operation, Papers, PointKind, Reason, Rule,
    ServicePoint, Standing, State, cell, may, table,
};

/// Written out from desk.md: bank-branch, village, community, convenience-center, pharmacy, kiosk,
/// website, hr-outlet, card-outlet; `+` is done there, else the rule that refuses.
const TABLE: [(&str, [&str; 9]); 11] = [
    ("activate-both", ["+", "D05", "D05", "D05", "D04", "D04", "D04", "D04", "D04"]),
    ("activate-social", ["D04", "+", "+", "+", "D05", "D05", "D05", "D05", "D05"]),
    ("activate-financial", ["+", "D05", "D05", "D05", "D05", "D05", "D05", "D05", "D05"]),
    ("pin-change", ["+", "+", "+", "+", "+", "D13", "D13", "D13", "D13"]),
    ("pin-reset", ["+", "+", "+", "+", "D14", "D14", "D14", "D14", "D14"]),
    ("query-pin-change", ["+", "+", "+", "+", "D14", "D14", "D14", "D14", "D14"]),
    ("replace", ["D17", "D17", "D17", "D17", "D17", "D17", "D17", "D17", "+"]),
    ("change-card", ["D19", "D19", "D19", "D19", "D19", "D19", "D19", "D19", "+"]),
    ("mobile-change", ["D21", "+", "+", "+", "D21", "+", "+", "D21", "D21"]),
    ("cancel-social", ["D22", "D22", "D22", "D22", "D22", "D22", "D22", "+", "D22"]),
    ("close-account", ["+", "D22", "D22", "D22", "D22", "D22", "D22", "D22", "+"]),
];
const POINTS: [&str; 9] = [
    "bank-branch",
    "village",
    "community",
    "convenience-center",
    "pharmacy",
    "kiosk",
    "website",
    "hr-outlet",
    "card-outlet",
];

/// A card in use at ICBC that lies on the counter.
fn state() -> State {
    State {
        reason: Reason::None,
        bank: BankView { code: "ICBC".to_owned(), child_must_be_present: true },
        is_child: false,
        card: CardView {
            standing: Standing::Held,
            social: Function::Active,
            financial: Function::Active,
            tries_left: Some(6),
        },
        card_is_here: true,
        has_old_card: false,
        old_card_is_here: false,
        has_successor: false,

        account: AccountState::Active,
        cancelled: None,
        benefits_due: 0,
        query_password_shown: false,
    }
}

#[test]
fn desk_capability_table_cell_by_cell() {
    let mut cells = table();
    let mut count = 0;
    for (operation, row) in TABLE {
        for (point, wanted) in POINTS.into_iter().zip(row) {
            let found = cells.next().expect("a cell");
            assert_eq!((found.operation.name(), found.point.name()), (operation, point));
            assert_eq!(found.allowed, wanted == "+", "{operation} at {point}");
            assert!(!found.rules.is_empty());
            if !found.allowed {
                assert_eq!(found.rules[0].id(), wanted, "{operation} at {point}");
            }
            assert_eq!(cell(found.operation, found.point), found);
            count += 1;
        }
    }
    assert_eq!((count, cells.next()), (99, None));
}

#[test]
fn desk_capability_every_refusal_names_rule_and_lack_and_helper() {
    for operation in Operation::ALL {
        for kind in PointKind::ALL {
            let at: ServicePoint = match kind {
                PointKind::BankBranch | PointKind::CardOutlet => {
                    ServicePoint::of_bank(kind, "ICBC")
                }
                _ => ServicePoint::new(kind),
            };
            let found = cell(operation, kind);
            // No papers, nothing said: whatever asks for either refuses.
            let outcome = may(operation, &at, Papers::NONE, &state());
            if let Err(error) = outcome {
                let refusal = error.refusal().expect("a refusal");
                assert!(!refusal.missing.is_empty() && !refusal.who_can_help.is_empty());
                if !found.allowed {
                    assert_eq!(refusal.rule, found.rules[0]);
                    assert!(
                        refusal.missing.contains(&format!("is not done at a {}", kind.name())),
                        "{refusal}"
                    );
                }
            } else {
                assert!(found.allowed);
                assert_eq!(operation, Operation::PinChange, "it needs no papers");
            }
        }
    }
}

#[test]
fn desk_capability_the_22_rules_have_texts_of_their_own() {
    let mut texts: Vec<_> = Rule::ALL.iter().map(|rule| rule.text()).collect();
    texts.sort_unstable();
    texts.dedup();
    assert_eq!(texts.len(), Rule::ALL.len());
    let ids: Vec<_> = Rule::ALL.iter().map(|rule| rule.id()).collect();
    let numbered: Vec<_> = (1..=ids.len()).map(|number| format!("D{number:02}")).collect();
    assert_eq!(ids, numbered);
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/desk.md");
    let text = std::fs::read_to_string(path).expect("docs/desk.md");
    let rows = text.lines().filter_map(|line| line.strip_prefix("| D")?.split_once(' '));
    let documented: Vec<_> = rows.map(|(number, _)| format!("D{number}")).collect();
    assert_eq!(documented, ids, "docs/desk.md has a row a rule");
}
