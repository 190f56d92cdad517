//! What the register shows, and the table of the rules.

use serde_json::{Value, json};

use crate::desk::city::{CARD, City, LI, card, keys};

#[test]
fn init_says_what_the_register_is_for() {
    let city = City::new();
    assert_eq!(
        city.json("init --register @own.db --profile gen2 --seed 7 --bank A1=甲银行 --bank B2=乙银行 --child-present B2"),
        json!({
            "schema": 1,
            "profile": "gen2",
            "seed": 7,
            "banks": [
                { "code": "A1", "name": "甲银行", "child_must_be_present": false },
                { "code": "B2", "name": "乙银行", "child_must_be_present": true },
            ],
        })
    );
    let banks = city.json("init --register @default.db")["banks"].clone();
    let codes: Vec<_> = banks.as_array().expect("banks").iter().map(|bank| &bank["code"]).collect();
    assert_eq!(codes, ["ABC", "BOC", "CCB", "ICBC"]);
}

#[test]
fn show_has_the_documented_fields() {
    let city = City::active();
    let document = city.json(&format!("show --holder {LI}"));
    assert_eq!(keys(&document), ["holders", "medical_balance_cents", "schema"]);
    assert_eq!(document["medical_balance_cents"], json!({ "issued": 12345, "held": 12345 }));
    assert_eq!(document["holders"].as_array().map(Vec::len), Some(1));
    let holder = &document["holders"][0];
    assert_eq!(
        keys(holder),
        [
            "account",
            "bank",
            "cancelled",
            "cards",
            "guardian",
            "has_query_password",
            "is_child",
            "mobile",
            "name",
            "new_bank",
            "number",
            "pending",
            "photo",
        ]
    );
    assert_eq!(
        holder["account"],
        json!({ "bank": "ICBC", "state": "active", "balance_cents": 0, "paid_out_cents": 0 })
    );
    assert_eq!(
        keys(&holder["cards"][0]),
        [
            "account_number",
            "bank",
            "block_due",
            "delivered_to",
            "financial",
            "medical_cents",
            "number",
            "purse_cents",
            "serial",
            "social",
            "standing",
        ]
    );
    assert_eq!(holder["cards"][0]["number"], CARD);
    assert_eq!(holder["cards"][0]["medical_cents"], 12345);
    assert_eq!(holder["cards"][1]["block_due"], true);
}

#[test]
fn columns_are_aligned_by_the_width_of_chinese_text() {
    let city = City::delivered();
    let text = city.ok("show");
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(
        lines[0],
        "name    number              mobile       bank  card       standing   social    financial  medical  account          balance"
    );
    assert_eq!(
        lines[1],
        format!(
            "李测甲  {LI}  13800000001  ICBC  {CARD}  delivered  inactive  inactive   0.00     dormant at ICBC  0.00"
        )
    );
    assert_eq!(lines.last(), Some(&"medical balances: 123.45 issued, 123.45 held"));
}

#[test]
fn the_journal_says_who_where_what() {
    let city = City::active();
    let document = city.json(&format!("events --holder {LI}"));
    assert_eq!(keys(&document), ["events", "schema"]);
    let events = document["events"].as_array().expect("events");
    let what: Vec<_> = events.iter().map(|event| &event["what"]).collect();
    assert_eq!(what, ["import", "batch", "collect", "activate-both"]);
    assert_eq!(
        keys(&events[3]),
        ["after", "before", "card", "date", "holder", "id", "papers", "place", "rules", "what"]
    );
    assert_eq!(events[3]["place"], "bank-branch:ICBC");
    assert_eq!(events[3]["papers"], json!(["identity-card"]));
    assert_eq!(events[3]["rules"][0], "D03");
    assert_eq!(city.json("events")["events"].as_array().map(Vec::len), Some(8));
    assert!(city.ok("events").contains("was card held, social inactive, financial inactive"));
}

#[test]
fn a_sealed_message_is_shown_once() {
    let city = City::active();
    let message = |document: &Value| document["messages"][0].clone();
    let first = message(&city.json("outbox"));
    assert_eq!(keys(&first), ["body", "date", "holder", "id", "kind", "mobile"]);
    let body = first["body"].as_str().expect("a body");
    assert_eq!((body.len(), body.bytes().all(|byte| byte.is_ascii_digit())), (8, true));
    assert_eq!(first["holder"], LI);
    assert_eq!(message(&city.json("outbox"))["body"], Value::Null);
    assert!(city.ok("outbox").contains("(shown already)"));
    // It was the query password.
    city.ok(&format!("mobile --at kiosk --holder {LI} --mobile 13900000009 --query-pin {body}"));
    assert!(!city.state().1.to_string().contains(body), "the journal has no password");
}

#[test]
fn batch_says_how_many_cards_it_made() {
    let city = City::delivered();
    let batch = "batch --name 2026-2 --opens 2027-01-01 --closes 2027-01-31 --to community:双塘 --cards @cards";
    assert_eq!(
        city.json(batch),
        json!({
            "schema": 1,
            "batch": "2026-2",
            "opens": "2027-01-01",
            "closes": "2027-01-31",
            "delivered_to": "community:双塘",
            "cards": 0,
        })
    );
    let images = std::fs::read_dir(city.path("cards")).expect("folder").count();
    assert_eq!(images, 3);
    let document = crate::sscard::json(&["inspect", "--card", &city.path(&card()[1..]), "--json"]);
    assert_eq!(document["life_cycle"], "deactivated");
}

#[test]
fn rules_are_99_cells() {
    let city = City::new();
    let document = city.json("rules");
    let cells = document.as_array().expect("an array");
    assert_eq!(cells.len(), 99);
    for cell in cells {
        assert_eq!(keys(cell), ["allowed", "operation", "rules", "service_point"]);
    }
    let cell = |operation: &str, point: &str| {
        let mut found = cells
            .iter()
            .filter(|cell| cell["operation"] == operation && cell["service_point"] == point);
        let cell = found.next().expect("a cell");
        assert!(found.next().is_none());
        (cell["allowed"] == true, cell["rules"].clone())
    };
    assert_eq!(cell("pin-change", "pharmacy"), (true, json!(["D12", "D13", "D15"])));
    assert_eq!(cell("pin-reset", "pharmacy"), (false, json!(["D14"])));
    assert_eq!(cell("replace", "card-outlet"), (true, json!(["D17", "D18"])));
    assert_eq!(cell("mobile-change", "bank-branch"), (false, json!(["D21"])));
    assert!(!cell("close-account", "hr-outlet").0);
    assert!(!cell("activate-financial", "convenience-center").0);
    let text = city.ok("rules");
    assert!(text.contains(
        "pin-change          yes          yes      yes        yes                 yes       D13"
    ));
    assert!(text.contains("D22   at the end: "));
}
