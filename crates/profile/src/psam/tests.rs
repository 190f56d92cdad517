use crate::load;

fn refused(text: &str) -> String {
    let text = format!("base = \"psam-3des\"\n{text}");
    load(&text).err().unwrap_or_else(|| panic!("{text}")).to_string()
}

#[test]
fn what_a_module_cannot_be_is_told_with_its_place() {
    for (text, words) in [
        ("[psam]\nmaster = \"00\"", "3:10: psam.master: a key has 16 bytes in hexadecimal"),
        ("[psam]\nmaster_tries = 16", "3:16: psam.master_tries: '16' is not a number of tries"),
        ("[psam]\nministry_levels = 0", "3:19: psam.ministry_levels: '0' is not 1, 2 or 3 steps"),
        ("[psam]\nwithout = [\"PUK\", \"XK\"]", "3:19: psam.without[1]: 'XK' is not the name"),
        ("[[psam.keys]]\naddress = \"4C\"", "3:11: psam.keys[0].address: '4C' is not an address"),
        (
            "[[psam.keys]]\naddress = \"004C\"\n[[psam.keys]]\naddress = \"004c\"",
            "5:11: psam.keys[1].address: address 004C stands here twice",
        ),
        (
            "[[psam.keys]]\naddress = \"0200\"\nid = \"01\"",
            "2:1: psam.keys[0].usage: a key of one's own says it",
        ),
        (
            "[[psam.keys]]\naddress = \"0200\"\nusage = \"67\"",
            "2:1: psam.keys[0].id: a key of one's own says it",
        ),
        (
            "[[psam.keys]]\naddress = \"0200\"\nusage = \"07\"\nid = \"01\"",
            "4:9: psam.keys[0].usage: '07' is not a usage byte",
        ),
        (
            "[[psam.keys]]\naddress = \"0200\"\nusage = \"67\"\nid = \"0A\"",
            "5:6: psam.keys[0].id: the key at 004C has this name already",
        ),
        (
            "[[psam.keys]]\naddress = \"004C\"\nversion = 0",
            "4:11: psam.keys[0].version: '0' is not a version",
        ),
        (
            "[[psam.keys]]\naddress = \"004C\"\nvalue = \"0011\"",
            "4:9: psam.keys[0].value: a key has 16 bytes",
        ),
        (
            "[[psam.keys]]\naddress = \"004C\"\nfree = true\nvalue = \"00112233445566778899AABBCCDDEEFF\"",
            "4:8: psam.keys[0].free: a place is free, or a key lies there",
        ),
        (
            "[psam]\nwithout = [\"RK_SSSE\"]\n[[psam.keys]]\naddress = \"004D\"",
            "5:11: psam.keys[0].address: psam.without leaves RK_SSSE out",
        ),
        ("[state]\npin_tries_left = 1", "3:18: state.pin_tries_left: a security module (PSAM)"),
        ("[state]\nexpired = true", "3:11: state.expired: a security module (PSAM)"),
        ("[state]\nblocked = [\"SSSE\"]", "3:12: state.blocked[0]: of a security module"),
        (
            "[state.psam]\nmaster_tries_left = 4",
            "3:21: state.psam.master_tries_left: the master key has 3 tries in all",
        ),
        (
            "[state.psam]\ncounter = 4\n[state.files]\n\"DF01/0018\" = \"00000005\"",
            "3:11: state.psam.counter: state.files.\"DF01/0018\" holds the counter, too",
        ),
        ("with = [\"DF05\"]", "2:1: with: a security module (PSAM) has no holder"),
        ("pin_tries = 4", "2:13: pin_tries: a security module (PSAM) has no holder"),
        ("[holder]\npin = \"1234\"", "3:7: holder.pin: a security module (PSAM) has no holder"),
        ("[holder]\nname = \"李\"", "3:8: holder.name: this card has no item 09"),
    ] {
        let said = refused(text);
        assert!(said.starts_with(words), "{said}\nnot\n{words}");
        assert!(!said.contains("0011"), "no key is quoted: {said}");
    }
    let said = load("base = \"gen2\"\n[state.psam]\ncounter = 1\n").unwrap_err().to_string();
    assert_eq!(said, "2:8: state.psam: this card is no security module (PSAM)");
}
