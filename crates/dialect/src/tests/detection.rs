use super::*;

fn seen(name: &str, text: &str) -> &'static str {
    detect::dialect(name, text).name()
}

#[test]
fn the_extension_decides_first() {
    assert_eq!(seen("a.scr", "00A4"), "javacard");
    assert_eq!(seen("a.SCR", "00A4"), "javacard");
    assert_eq!(seen("a.apdu", "powerup;"), "apdu");
    assert_eq!(seen("folder.scr/a.txt", "00A4"), "scriptor");
}

#[test]
fn then_the_content() {
    assert_eq!(seen("a", "// my card\nmode_211\nestablish_context"), "gpshell");
    assert_eq!(seen("a", "select -AID A000000003"), "gpshell");
    assert_eq!(seen("a", "select A000000003"), "apdu");
    assert_eq!(seen("a", "/* kit */ powerup;"), "javacard");
    assert_eq!(seen("a", "PowerUp;\n0x80 0x24"), "javacard");
    assert_eq!(seen("a", "0x80 0x24 0 0 0 0x7F;"), "javacard");
    assert_eq!(seen("a", "Using T=1 protocol\n> RESET\n< OK: 3B 00 \n"), "transcript");
    assert_eq!(seen("a", "> 00A4000000\nexpect sw 9000"), "apdu");
    assert_eq!(seen("a", "reset\n# x\n00 A4 04 00 \\\n00\n00B0\nexit"), "scriptor");
    assert_eq!(seen("a", "00A4000000\nexpect sw 9000"), "apdu");
    assert_eq!(seen("a", ""), "scriptor");
}

#[test]
fn our_own_language_is_parsed() {
    let imported = with("a.apdu", "00A4000000 ; expect sw 9000", &ImportOptions::default());
    assert_eq!(imported.dialect, Dialect::Apdu);
    assert_eq!(imported.script.items.len(), 2);
    let error = read("a.apdu", "00A", &ImportOptions::default()).expect_err("odd").to_string();
    assert_eq!(error, "a.apdu:1:1: '00A' has an odd number of hex digits");
}
