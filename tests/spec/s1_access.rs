//! §1.4 to §1.10 and §2.1: access rules, keys and the security state.

use sscard_core::catalogue::{self, FileEntry, KEYS};
use sscard_core::{AccessRule, KeyPurpose, Structure};

use crate::harness::{Desk, SELECT_SSSE};

const PIN: &str = "0020000003123456";

/// Every key of §1.10 by application and P2 identifier, but for the internal authentication key
/// and the secure messaging keys.
const AUTHENTICATION_KEYS: [(&str, &[(&str, u8)]); 6] = [
    ("SSSE", &[("UK_SSSE", 0x04), ("BK", 0x05), ("PUK", 0x06), ("RK_SSSE", 0x0A)]),
    (
        "DF01",
        &[
            ("UK1_DF01", 0x83),
            ("UK2_DF01", 0x84),
            ("UK3_DF01", 0x85),
            ("UK4_DF01", 0x86),
            ("UK5_DF01", 0x87),
            ("RK1_DF01", 0x88),
            ("UK6_DF01", 0x89),
            ("UK7_DF01", 0x8A),
            ("UK8_DF01", 0x8B),
            ("UK9_DF01", 0x8C),
            ("UKA_DF01", 0x8D),
            ("UKB_DF01", 0x8E),
        ],
    ),
    (
        "DF02",
        &[
            ("UK1_DF02", 0x83),
            ("UK2_DF02", 0x84),
            ("UK3_DF02", 0x85),
            ("UK4_DF02", 0x86),
            ("UK5_DF02", 0x87),
            ("RK1_DF02", 0x88),
            ("UK6_DF02", 0x89),
        ],
    ),
    (
        "DF03",
        &[
            ("LK_DF03", 0x83),
            ("RK1_DF03", 0x84),
            ("RK2_DF03", 0x85),
            ("UK1_DF03", 0x86),
            ("UK2_DF03", 0x87),
            ("UK3_DF03", 0x88),
            ("UK4_DF03", 0x89),
            ("UK5_DF03", 0x8A),
            ("UK6_DF03", 0x8B),
            ("UK7_DF03", 0x8C),
            ("UK8_DF03", 0x8D),
        ],
    ),
    (
        "DF04",
        &[
            ("LK_DF04", 0x83),
            ("RK1_DF04", 0x84),
            ("UK1_DF04", 0x85),
            ("UK2_DF04", 0x86),
            ("DSK", 0x8A),
        ],
    ),
    (
        "DF07",
        &[
            ("RK1_DF07", 0x84),
            ("RK2_DF07", 0x85),
            ("RK3_DF07", 0x86),
            ("UK1_DF07", 0x87),
            ("UK2_DF07", 0x88),
            ("UK3_DF07", 0x89),
        ],
    ),
];

/// A card with `application` selected.
fn desk_in(profile: &str, application: &str) -> Desk {
    let mut desk = Desk::t0(profile);
    desk.data(SELECT_SSSE);
    if application != "SSSE" {
        desk.data(&format!("00A4000002{application}"));
    }
    desk
}

#[test]
fn spec_1_10_key_identifiers() {
    let expected: Vec<_> = AUTHENTICATION_KEYS
        .iter()
        .flat_map(|(application, keys)| {
            keys.iter().map(move |(name, id)| (*application, *name, *id))
        })
        .collect();
    let found: Vec<_> = KEYS
        .iter()
        .filter(|key| {
            use KeyPurpose::{Block, ExternalAuthentication, Lock};
            matches!(key.purpose, Block | ExternalAuthentication | Lock)
        })
        .map(|key| (key.application, key.name, key.id.0))
        .collect();
    assert_eq!(found, expected);
    for (application, id, name) in [
        ("SSSE", 0x00, "IRK"),
        ("SSSE", 0x02, "STK"),
        ("DF01", 0x82, "STK_DF01"),
        ("DF02", 0x82, "STK_DF02"),
        ("DF03", 0x82, "STK_DF03"),
        ("DF04", 0x82, "STK_DF04"),
    ] {
        assert_eq!(catalogue::key_name(application, sscard_core::KeyId(id)), Some(name));
    }
}

#[test]
fn spec_1_10_every_key_authenticates_in_its_df() {
    for profile in ["gen2", "gen3"] {
        for (application, keys) in AUTHENTICATION_KEYS {
            let mut desk = desk_in(profile, application);
            for (name, id) in keys {
                assert_eq!(desk.authenticate(application, *id), "9000", "{profile} {name}");
            }
        }
    }
}

#[test]
fn spec_1_10_every_key_counts_a_wrong_authentication() {
    for (application, keys) in AUTHENTICATION_KEYS {
        let mut desk = desk_in("gen3", application);
        for (name, id) in keys.iter().filter(|(name, _)| *name != "BK") {
            assert_eq!(desk.fail_authentication(*id), "63C2", "{name}");
        }
    }
}

#[test]
fn spec_1_10_global_keys_work_in_every_application() {
    for application in ["DF01", "DF02", "DF03", "DF04", "DF07"] {
        let mut desk = desk_in("gen3", application);
        for id in [0x04, 0x05, 0x06, 0x0A] {
            assert_eq!(desk.authenticate("SSSE", id), "9000", "{id:02X} in {application}");
        }
    }
}

#[test]
fn spec_1_10_key_version_as_seventeenth_byte() {
    let mut desk = desk_in("gen3", "SSSE");
    let with_version = |desk: &mut Desk, version: &str| {
        let challenge = desk.challenge();
        let data =
            desk.session("SSSE", 0x0A, &challenge).authentication_data(&crate::harness::ORIGINAL);
        let data = crate::harness::hex(&data);
        desk.send(&format!("0082000A11{data}0102030405060708{version}"))
    };
    assert_eq!(with_version(&mut desk, "01"), "9000");
    assert_eq!(with_version(&mut desk, "02"), "63C2", "another key");
    assert_eq!(with_version(&mut desk, "04"), "6A88", "there are three");
}

/// Status of reading any of `file`, which must be current: 6A83 means it may be read.
fn read_status(desk: &mut Desk, file: &FileEntry) -> String {
    let is_transparent = matches!(file.structure, Structure::Transparent { .. });
    match desk.status(if is_transparent { "00B0000010" } else { "00B2010400" }) {
        status if status == "6A83" => {
            assert!(matches!(file.structure, Structure::Cyclic { .. }));
            "9000".to_owned()
        }
        status => status,
    }
}

#[test]
fn spec_1_5_read_rules_hold_on_the_card() {
    for profile in ["gen1", "gen2", "gen3"] {
        for file in catalogue::files() {
            let application = file.application;
            if profile == "gen1" && (application == "DF07" || file.is_at("SSSE/EF08")) {
                continue;
            }
            let rule = match profile {
                "gen3" if file.is_at("SSSE/EF06") => AccessRule::Key(sscard_core::KeyId(0x0A)),
                _ => file.read,
            };
            for (pin, key) in [(false, false), (true, false), (false, true), (true, true)] {
                let allowed = match rule {
                    AccessRule::Free => true,
                    AccessRule::Never => false,
                    AccessRule::Pin => pin,
                    AccessRule::Key(_) => key,
                    AccessRule::PinOrKey(_) => pin || key,
                    AccessRule::PinAndKey(_) => pin && key,
                };
                let mut desk = desk_in(profile, application);
                if pin {
                    desk.all_ok(&[PIN]);
                }
                if let (true, Some(id)) = (key, rule.key()) {
                    let owner = if id.is_global() { "SSSE" } else { application };
                    assert_eq!(desk.authenticate(owner, id.0), "9000");
                }
                desk.data(&format!("00A4020002{:04X}", file.fid));
                let status = read_status(&mut desk, file);
                let expected = if allowed { "9000" } else { "6982" };
                let case = format!("{profile} {application} {:04X} {pin} {key}", file.fid);
                assert_eq!(status, expected, "{case}");
            }
        }
    }
}

/// A command that writes the unset value of `file`'s first record, or one byte.
fn update_of(file: &FileEntry) -> String {
    let mut record = Vec::new();
    match file.structure {
        Structure::Transparent { .. } => return "00D600000100".to_owned(),
        Structure::Cyclic { length, .. } => record.resize(length.into(), 0),
        _ => file.items[0].write_unset(&mut record),
    }
    let mode = if matches!(file.structure, Structure::Cyclic { .. }) { "0003" } else { "0104" };
    format!("00DC{mode}{:02X}{}", record.len(), crate::harness::hex(&record))
}

#[test]
fn spec_1_5_update_rules_hold_on_the_card() {
    for file in catalogue::files() {
        let application = file.application;
        let mut desk = desk_in("gen3", application);
        desk.data(&format!("00A4020002{:04X}", file.fid));
        let update = update_of(file);
        let case = format!("{application} {:04X}", file.fid);
        assert_eq!(desk.send(&update), "6982", "{case}");
        desk.all_ok(&[PIN]);
        assert_eq!(desk.send(&update), "6982", "{case} with the PIN");
        let keys = AUTHENTICATION_KEYS.iter().find(|(name, _)| *name == application).expect("keys");
        let own = file.update.key().map(|key| key.0);
        for (name, id) in keys.1.iter().filter(|(_, id)| Some(*id) != own) {
            assert_eq!(desk.authenticate(application, *id), "9000", "{name}");
        }
        assert_eq!(desk.send(&update), "6982", "{case} with every other key");
        match own {
            Some(id) => {
                assert_eq!(desk.authenticate(application, id), "9000");
                assert_eq!(desk.send(&update), "9000", "{case}");
            }
            None => assert!(file.is_at("DF04/EF08"), "{case}"),
        }
    }
}

#[test]
fn spec_1_4_third_generation_holder_data_needs_rk_ssse() {
    for profile in ["gen1", "gen2"] {
        let mut desk = desk_in(profile, "SSSE");
        assert_eq!(desk.status("00B2083014"), "9000", "{profile}");
    }
    let mut desk = desk_in("gen3", "SSSE");
    assert_eq!(desk.send("00B2083014"), "6982");
    desk.all_ok(&[PIN]);
    assert_eq!(desk.send("00B2083014"), "6982");
    assert_eq!(desk.authenticate("SSSE", 0x0A), "9000");
    assert_eq!(desk.status("00B2083014"), "9000");
}

#[test]
fn spec_1_7_unemployment_data_needs_the_second_read_key() {
    let mut desk = desk_in("gen3", "DF03");
    assert_eq!(desk.authenticate("DF03", 0x84), "9000");
    assert_eq!(desk.send("00B2612805"), "6982");
    assert_eq!(desk.status("00B2703805"), "9000");
    assert_eq!(desk.authenticate("DF03", 0x85), "9000");
    assert_eq!(desk.status("00B2612805"), "9000");
}

#[test]
fn spec_1_8_off_line_settlement_needs_pin_and_key() {
    let mut desk = desk_in("gen3", "DF04");
    desk.all_ok(&[PIN]);
    assert_eq!(desk.send("00B2903003"), "6982");
    assert_eq!(desk.authenticate("DF04", 0x84), "9000");
    assert_eq!(desk.data("00B2903003"), "900100");
}

#[test]
fn spec_2_1_selecting_the_same_df_again_keeps_the_security_state() {
    let mut desk = desk_in("gen3", "DF04");
    assert_eq!(desk.authenticate("DF04", 0x84), "9000");
    desk.data("00A4000002DF04");
    assert_eq!(desk.status("00B281280A"), "9000");
    desk.data("00A4040006D15600000503");
    assert_eq!(desk.status("00B281280A"), "9000");
}

#[test]
fn spec_2_1_changing_the_application_clears_its_keys() {
    let mut desk = desk_in("gen3", "DF04");
    assert_eq!(desk.authenticate("DF04", 0x84), "9000");
    desk.all_ok(&["00A4000002DF01", "00A4000002DF04"]);
    assert_eq!(desk.send("00B281280A"), "6982");
}

#[test]
fn spec_2_1_a_key_of_one_application_does_not_count_in_another() {
    let mut desk = desk_in("gen3", "DF01");
    assert_eq!(desk.authenticate("DF01", 0x88), "9000");
    desk.data("00A4000002DF02");
    assert_eq!(desk.send("00B2422805"), "6982");
}

#[test]
fn spec_2_1_global_keys_stay_between_applications() {
    let mut desk = desk_in("gen3", "SSSE");
    assert_eq!(desk.authenticate("SSSE", 0x0A), "9000");
    desk.all_ok(&["00A4000002DF01", SELECT_SSSE]);
    assert_eq!(desk.status("00B2083014"), "9000");
}

#[test]
fn spec_2_1_pin_state_lasts_until_power_off() {
    let mut desk = desk_in("gen3", "SSSE");
    desk.all_ok(&[PIN, "00A4000002DF01", "00A40000023F00", SELECT_SSSE, "00A4000002DF04"]);
    assert_eq!(desk.status("00B281280A"), "9000");
    desk.card.power_off();
    desk.card.power_on().expect("power");
    desk.all_ok(&[SELECT_SSSE, "00A4000002DF04"]);
    assert_eq!(desk.send("00B281280A"), "6982");
}

#[test]
fn spec_1_1_state_of_the_mf_and_of_the_environment_are_apart() {
    let mut desk = desk_in("gen3", "SSSE");
    assert_eq!(desk.authenticate("SSSE", 0x0A), "9000");
    desk.all_ok(&["00A40000023F00", SELECT_SSSE]);
    assert_eq!(desk.send("00B2083014"), "6982");
}
