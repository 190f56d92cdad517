//! Every operation of the counter: the good way, its object, the rule that refuses.

use serde_json::{Value, json};

use crate::desk::city::{CARD, CARD_OF_WANG, CHILD, City, LI, OLD, WANG, card, keys};
use crate::sscard::{SELECT_SSSE, ok};

const KEYS: [&str; 8] =
    ["card", "holder", "moved_cents", "new_card", "operation", "remarks", "rules", "schema"];

/// The object of an operation; its keys are the documented ones.
fn done(city: &City, line: &str) -> Value {
    let document = city.json(line);
    assert_eq!(keys(&document), KEYS, "{line}");
    assert_eq!(document["schema"], 1);
    document
}

fn at(command: &str, place: &str) -> String {
    format!("{command} --at {place} --papers identity-card --card {}", card())
}

#[test]
fn collect_in_the_time_of_the_batch() {
    let city = City::delivered();
    let collect = format!("collect --holder {LI} --at village --papers identity-card");
    assert_eq!(city.rule(&format!("{collect} --date 2026-11-30")), "D01");
    assert_eq!(city.rule(&format!("{collect} --date 2027-01-01")), "D01");
    assert_eq!(
        done(&city, &format!("{collect} --date 2026-12-31")),
        json!({
            "schema": 1,
            "operation": "collect",
            "rules": ["D01"],
            "holder": LI,
            "card": CARD,
            "new_card": null,
            "moved_cents": 0,
            "remarks": [],
        })
    );
    assert_eq!(city.rule(&collect), "D02");
}

#[test]
fn activate_at_a_community_then_at_the_bank() {
    let city = City::collected();
    let social = done(&city, &at("activate", "community"));
    assert_eq!(
        social,
        json!({
            "schema": 1,
            "operation": "activate-social",
            "rules": ["D03", "D05", "D09", "D10", "D11", "D12"],
            "holder": LI,
            "card": CARD,
            "new_card": null,
            "moved_cents": 12345,
            "remarks": [
                format!("the old card {OLD} is invalid and is blocked at its next contact"),
                "medical balance of 123.45 moved from the old card",
                "query password sent to 138****0001",
            ],
        })
    );
    assert_eq!(city.rule(&at("activate", "bank-branch:BOC")), "D06");
    let financial = done(&city, &at("activate", "bank-branch:ICBC"));
    assert_eq!(financial["operation"], "activate-financial");
    assert_eq!(financial["rules"], json!(["D03", "D04"]));
}

#[test]
fn activate_with_the_old_card_on_the_counter_blocks_it() {
    let city = City::collected();
    let old = format!("@old/{OLD}.img");
    let both = done(&city, &format!("{} --old-card {old}", at("activate", "bank-branch:ICBC")));
    assert_eq!(both["operation"], "activate-both");
    assert_eq!(both["remarks"][0], format!("the old card {OLD} is invalid and is blocked"));
    let answer = ok(&["transmit", "--card", &city.path(&old[1..]), SELECT_SSSE]);
    assert!(answer.contains("< 9303\n"), "{answer}");
}

#[test]
fn an_agent_brings_two_cards_and_a_photocopy() {
    let city = City::collected();
    let activate = format!("activate --at community --card {}", card());
    let agent = format!("{activate} --papers identity-card,agent-identity-card");
    let refused = city.refused(&agent);
    assert_eq!(
        refused,
        json!({
            "rule": "D07",
            "missing": "the photocopy of the agent's identity card is missing",
            "who_can_help": "community",
        })
    );
    let done = done(&city, &format!("{agent},agent-photocopy"));
    assert!(done["rules"].as_array().expect("rules").contains(&json!("D07")));
}

#[test]
fn pin_change_and_reset() {
    let city = City::active();
    let change = at("pin change", "pharmacy");
    let changed = done(&city, &format!("{change} --old 123456 --new 246802"));
    assert_eq!((&changed["operation"], &changed["rules"]), (&json!("pin-change"), &json!(["D13"])));
    let (wrong, _, code) = city.run(&format!("{change} --old 123456 --new 135791 --json"));
    assert_eq!(code, 1);
    assert_eq!(
        serde_json::from_str::<Value>(&wrong).expect("JSON"),
        json!({ "refused": {
            "rule": null,
            "missing": "wrong transaction password: 5 tries left",
            "who_can_help": "the holder, who knows it; else a reset of the transaction password, \
                with identity checked",
        } })
    );
    let verify = ["transmit", "--card", &city.path(&card()[1..]), SELECT_SSSE];
    ok(&[&verify[..], &["0020000003000000"; 5]].concat());
    assert_eq!(city.rule(&format!("{change} --old 246802 --new 135791")), "D16");
    assert_eq!(city.rule(&at("pin reset", "pharmacy")), "D14");
    let reset = done(&city, &at("pin reset", "village"));
    assert_eq!(
        (&reset["operation"], &reset["rules"]),
        (&json!("pin-reset"), &json!(["D14", "D16"]))
    );
    done(&city, &format!("{change} --old 123456 --new 135791"));
}

#[test]
fn the_query_password_and_the_mobile_number() {
    let city = City::active();
    let changed = done(&city, &format!("{} --new 87654321", at("query-pin", "community")));
    assert_eq!(changed["operation"], "query-pin-change");
    let mobile = format!("mobile --holder {LI} --mobile 13900000009");
    assert_eq!(city.rule(&format!("{mobile} --at website")), "D21");
    assert_eq!(city.rule(&format!("{mobile} --at website --query-pin 12345678")), "D21");
    let changed = done(&city, &format!("{mobile} --at website --query-pin 87654321"));
    assert_eq!(changed["operation"], "mobile-change");
    assert_eq!(city.json("show")["holders"][0]["mobile"], "13900000009");
    assert_eq!(city.rule(&format!("{mobile} --at pharmacy")), "D21");
}

#[test]
fn replace_a_lost_card() {
    let city = City::active();
    let replace = format!("replace --holder {LI} --papers identity-card --reason lost -o @new.img");
    let elsewhere = format!("{replace} --at card-outlet:BOC");
    assert_eq!(
        city.refused(&elsewhere),
        json!({
            "rule": "D17",
            "missing": "replacement only at a card-service outlet of the original bank ICBC; \
                this outlet belongs to BOC",
            "who_can_help": "card-outlet:ICBC",
        })
    );
    let replaced = done(&city, &format!("{replace} --at card-outlet:ICBC"));
    assert_eq!(replaced["operation"], "replace");
    assert_eq!(replaced["card"], CARD);
    let new = replaced["new_card"].as_str().expect("a new card");
    city.ok("activate --at bank-branch:ICBC --papers identity-card --card @new.img");
    assert_eq!(city.json("show")["holders"][0]["cards"][0]["number"], new);
    let reason = replace.replace("lost", "name");
    assert_eq!(city.rule(&format!("{reason} --at card-outlet:ICBC")), "D17");
}

#[test]
fn change_of_a_printed_name() {
    let city = City::active();
    let change = at("change", "card-outlet:ICBC");
    let changed = done(&city, &format!("{change} --reason name --name 李新名 -o @new.img"));
    assert_eq!(changed["operation"], "change-card");
    assert_eq!(changed["rules"], json!(["D19", "D18"]));
    let shown = city.json("show");
    assert_eq!(shown["holders"][0]["name"], "李新名");
    assert_eq!(shown["holders"][0]["cards"][1]["standing"], "recycled");
    city.ok("activate --at bank-branch:ICBC --papers identity-card --card @new.img");
    let read = ok(&["read", "--card", &city.path("new.img")]);
    assert!(read.contains("李新名"), "{read}");
}

#[test]
fn change_of_bank_in_its_order() {
    let city = City::active();
    let change =
        format!("{} --reason bank --bank BOC -o @new.img", at("change", "card-outlet:BOC"));
    let cancel = format!("{} --reason bank --bank BOC", at("cancel", "hr-outlet"));
    let close = format!("{} --reason bank --bank BOC", at("close", "bank-branch:ICBC"));
    assert_eq!(city.rule(&change), "D20");
    assert_eq!(city.rule(&close), "D20");
    assert_eq!(done(&city, &cancel)["operation"], "cancel-social");
    assert_eq!(city.rule(&change), "D20");
    assert_eq!(done(&city, &close)["operation"], "close-account");
    let changed = done(&city, &change);
    assert_eq!(changed["rules"], json!(["D19", "D20"]));
    let activated =
        city.json("activate --at bank-branch:BOC --papers identity-card --card @new.img");
    assert_eq!(activated["moved_cents"], 12345);
}

#[test]
fn the_end_in_its_order() {
    let city = City::active();
    let cancel = format!("{} --reason death", at("cancel", "hr-outlet"));
    let close = at("close", "card-outlet:ICBC");
    assert_eq!(city.rule(&close), "D22");
    let cancelled = done(&city, &format!("{cancel} --pay-out later"));
    assert_eq!(cancelled["moved_cents"], 0);
    assert_eq!(city.rule(&close), "D22");
    let paid = done(&city, &cancel);
    assert_eq!(paid["moved_cents"], 12345);
    assert_eq!(paid["remarks"], json!(["benefits of 123.45 paid out to the account"]));
    done(&city, &close);
    let answer = ok(&["transmit", "--card", &city.path(&card()[1..]), SELECT_SSSE]);
    assert!(answer.contains("< 6A81\n"), "{answer}");
}

#[test]
fn a_child_is_activated_at_the_bank() {
    let city = City::delivered();
    let papers = "guardian-identity-card,household-register,guardian-relation";
    city.ok(&format!("collect --at village --papers guardian-identity-card --holder {CHILD}"));
    let activate = "activate --at bank-branch:ICBC --card @cards/D00000048.img";
    assert_eq!(city.rule(&format!("{activate} --papers {papers}")), "D08");
    done(&city, &format!("{activate} --papers {papers},child"));
}

#[test]
fn a_wrong_card_is_refused_before_anything_is_written() {
    let city = City::collected();
    ok(&["new", "-o", &city.path("stranger.img")]);
    let before = city.state();
    let refused =
        city.refused("activate --at community --papers identity-card --card @stranger.img");
    assert_eq!(refused["rule"], Value::Null);
    let missing = refused["missing"].as_str().expect("text");
    assert!(missing.starts_with("the card in the reader is "), "{missing}");
    let of_another = format!(
        "activate --at community --papers identity-card --card @cards/{CARD_OF_WANG}.img --holder {LI}"
    );
    assert_eq!(city.refused(&of_another)["rule"], Value::Null);
    let wrong_old = format!("{} --old-card @cards/{CARD_OF_WANG}.img", at("activate", "community"));
    assert_eq!(city.refused(&wrong_old)["rule"], Value::Null);
    assert_eq!(city.state(), before);
    assert_eq!(city.rule(&format!("activate --at community --holder {WANG}")), "D01");
}

#[test]
fn what_broke_off_is_resumed() {
    let city = City::active();
    assert_eq!(city.ok("resume"), "nothing was interrupted\n");
    crate::desk::delivery::break_off(&city);
    // As an operation of before: it does not say where its card goes.
    city.edit("UPDATE operations SET plan = json_remove(plan, '$.goes_to')");
    std::fs::remove_file(city.path("new.img")).expect("removed");
    let refused = city.refused(&at("pin reset", "village"));
    assert_eq!(refused["rule"], Value::Null);
    assert_eq!(city.json("show")["holders"][0]["pending"][0]["operation"], "replace");
    let waiting = json!([{ "operation": "replace", "date": "2026-12-10", "card": CARD }]);
    assert_eq!(city.json("resume"), json!({ "schema": 1, "done": [], "waiting": waiting }));
    let (_, stderr, code) = city.run(&format!("resume --card {}", card()));
    assert_eq!(code, 6);
    assert!(stderr.contains("goes: -o FILE or --cards FOLDER"), "{stderr}");
    assert!(stderr.contains("replace of 2026-12-10 has begun and waits"), "{stderr}");
    let resumed = city.json(&format!("resume --card {} --cards @new", card()));
    assert_eq!(keys(&resumed), ["done", "schema", "waiting"]);
    assert_eq!(keys(&resumed["done"][0]), KEYS);
    let new = resumed["done"][0]["new_card"].as_str().expect("a new card");
    city.ok(&format!(
        "activate --at bank-branch:ICBC --papers identity-card --card @new/{new}.img"
    ));
}

#[test]
fn a_kill_leaves_what_resume_finishes() {
    use std::time::Duration;
    let city = City::collected();
    for milliseconds in (0..60).step_by(4) {
        let copy = city.copy();
        let activate = at("activate", "bank-branch:ICBC");
        copy.kill_after(&activate, Duration::from_millis(milliseconds));
        copy.ok(&format!("resume --card {}", card()));
        let is_active = |shown: &Value| shown["holders"][0]["cards"][0]["social"] == "active";
        if !is_active(&copy.json("show")) {
            copy.ok(&activate);
        }
        let shown = copy.json("show");
        assert_eq!(shown["holders"][0]["cards"][0]["medical_cents"], 12345);
        assert_eq!(shown["holders"][0]["pending"], json!([]));
        let image = copy.path(&card()[1..]);
        let chip = crate::sscard::json(&["inspect", "--card", &image, "--json"]);
        assert_eq!(
            (&chip["life_cycle"], &chip["accounts"][0]["blocked"]),
            (&json!("activated"), &json!(false))
        );
    }
}

#[test]
fn cards_with_keys_of_their_own_are_told_by_a_file() {
    let city = City::collected();
    let keys = |value: &str| {
        let text = format!("[[keys]]\ndf = \"SSSE\"\nid = \"00\"\nvalue = \"{value}\"\n");
        std::fs::write(city.path("keys.toml"), text).expect("written");
    };
    let activate = format!("{} --keys @keys.toml", at("activate", "community"));
    keys("00");
    let (_, stderr, code) = city.run(&activate);
    assert_eq!(code, 3, "{stderr}");
    assert!(stderr.contains("keys.toml:4:9: keys[0].value: a key has 16 bytes"), "{stderr}");
    keys("000102030405060708090A0B0C0D0E0F");
    let (_, stderr, code) = city.run(&activate);
    assert_ne!(code, 0);
    assert!(stderr.contains("keys.toml"), "the card does not hold that key: {stderr}");
    let image = city.path(&format!("cards/{CARD}.img"));
    let shown = crate::sscard::json(&["inspect", "--card", &image, "--json", "--keys"]);
    let own = shown["keys"].as_array().expect("keys").iter();
    let mut own = own.filter(|key| key["application"] == "SSSE" && key["id"] == "00");
    keys(own.next().expect("IRK")["value"].as_str().expect("hex"));
    city.ok(&format!("resume --card {} --keys @keys.toml", card()));
}
