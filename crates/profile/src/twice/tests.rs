use crate::load;

fn refused(text: &str) -> String {
    let text = format!("base = \"gen3\"\n{text}");
    load(&text).err().unwrap_or_else(|| panic!("{text}")).to_string()
}

const AID: &str = "A000000333010101";

#[test]
fn what_is_named_in_two_places_is_refused_with_one_of_them() {
    let account =
        |line: &str, table: &str| format!("{table}\n[[state.accounts]]\naid = \"{AID}\"\n{line}\n");
    let risk = format!("risk = \"{}\"", "00".repeat(38));
    let key = "00112233445566778899AABBCCDDEEFF";
    for (text, words) in [
        ("with = [\"DF05\"]\nwithout = [\"DF05\"]".to_owned(), "2:9: with[0]: without leaves it out again"),
        (
            "without = [\"DF07\"]\n[access.\"DF07/EF05\"]\nread = \"free\"".to_owned(),
            "3:9: access.\"DF07/EF05\": this card has no such file",
        ),
        (
            "[holder]\nname = \"李\"\n[holder.items]\n\"09\" = \"C0EE\"".to_owned(),
            "5:8: holder.items.09: holder.name says it, too",
        ),
        (
            "[holder]\nsex = \"1\"\n[[files]]\ndf = \"SSSE\"\nid = \"EF06\"\nrecords = [\"0A0131\"]".to_owned(),
            "3:7: holder.sex: files[0].records says it, too",
        ),
        (
            "[holder.items]\n\"0A\" = \"31\"\n[[files]]\ndf = \"DDF1\"\nid = \"ef06\"\nrecords = [\"0A0131\"]".to_owned(),
            "3:8: holder.items.0A: files[0].records says it, too",
        ),
        (
            "[holder]\nname = \"李\"\n[state.files]\n\"SSSE/EF06\" = \"0901\"".to_owned(),
            "3:8: holder.name: state.files.\"SSSE/EF06\" says it, too",
        ),
        (
            "[holder]\nexpiry_date = \"20301231\"\n[state]\nexpired = true".to_owned(),
            "5:11: state.expired: holder.expiry_date says it, too",
        ),
        (
            "[holder.items]\n\"06\" = \"20301231\"\n[state]\nexpired = true".to_owned(),
            "5:11: state.expired: holder.items.06 says it, too",
        ),
        (
            "[state]\nexpired = true\n[state.files]\n\"SSSE/EF05\" = \"0602\"".to_owned(),
            "3:11: state.expired: state.files.\"SSSE/EF05\" says it, too",
        ),
        (
            "[state]\nexpired = true\n[[files]]\ndf = \"SSSE\"\nid = \"EF05\"\nrecords = [\"060420301231\"]".to_owned(),
            "3:11: state.expired: files[0].records says it, too",
        ),
        (
            "[state]\nlife_cycle = \"deactivated\"\nblocked = [\"card\", \"SSSE\"]".to_owned(),
            "3:14: state.life_cycle: state.blocked[1] says it, too",
        ),
        (
            "[state.files]\n\"SSSE/EF08\" = \"01\"\n\"DDF1/EF08\" = \"02\"".to_owned(),
            "3:15: state.files.\"SSSE/EF08\": state.files.\"DDF1/EF08\" says it, too",
        ),
        (
            "[[files]]\ndf = \"SSSE\"\nid = \"EF08\"\ndata = \"01\"\n[state.files]\n\"SSSE/EF08\" = \"01\"".to_owned(),
            "7:15: state.files.\"SSSE/EF08\": files[0] says it, too",
        ),
        (
            "[state.keys]\n\"SSSE/06\" = 1\n\"SSSE/06/1\" = 1".to_owned(),
            "4:15: state.keys.\"SSSE/06/1\": state.keys.\"SSSE/06\" says it, too",
        ),
        (
            "[state]\nblocked = [\"DF04\"]\n[state.keys]\n\"DF04/82\" = 3".to_owned(),
            "5:13: state.keys.\"DF04/82\": state.blocked[0] says it, too",
        ),
        (
            account("pin_tries_left = 1", "[financial.objects]\n9F17 = \"01\""),
            "6:18: state.accounts[0].pin_tries_left: 9F17 of [financial.objects] says it, too",
        ),
        (
            account("atc = 7", "[financial]\natc = 3"),
            "6:7: state.accounts[0].atc: [financial] says it, too",
        ),
        (
            account("atc = 7", "[financial.objects]\n9F36 = \"0003\""),
            "6:7: state.accounts[0].atc: [financial] says it, too",
        ),
        (
            account("last_online_atc = 1", "[financial]\natc = 3\n[financial.objects]\n9F13 = \"0001\""),
            "8:19: state.accounts[0].last_online_atc: 9F13 of [financial.objects] says it, too",
        ),
        (
            account(&risk, "[financial]\natc = 3\n[financial.objects]\n9f13 = \"0001\""),
            "8:8: state.accounts[0].risk: 9F13 of [financial.objects] says it, too",
        ),
        (
            account(&format!("last_online_atc = 0\n{risk}"), ""),
            "5:19: state.accounts[0].last_online_atc: state.accounts[0].risk says it, too",
        ),
        (
            account("blocked = true", "[state]\nblocked = [\"A000000333010101\"]"),
            "6:11: state.accounts[0].blocked: state.blocked[0] says it, too",
        ),
        (
            account("", &account("", "")),
            "8:7: state.accounts[1].aid: A000000333010101 stands here twice",
        ),
        (
            format!("[[financial.application]]\naid = \"{AID}\"\n[[financial.application]]\naid = \"{AID}\""),
            "5:7: financial.application[1].aid: another application of the card has this AID",
        ),
        (
            format!("[financial]\napplications = 2\naid = \"{AID}\""),
            "4:7: financial.aid: another application of the card has this AID",
        ),
        (
            format!("[[applications]]\ndf = \"DF0A\"\naid = \"{AID}\""),
            "4:7: applications[0].aid: a payment application of the card has this AID",
        ),
        ("[pki]\npin_tries = 0\n".to_owned(), "3:13: pki.pin_tries: '0' is not a number of tries"),
        (
            "[purse]\nstart_day = \"0230\"\n".to_owned(),
            "3:13: the profile is not valid: medical purse: the insurance year begins on a day MMDD",
        ),
        (
            "[pki]\npin = \"1234\"\n[state]\npki = \"00\"".to_owned(),
            "3:7: pki.pin: state.pki says it, too",
        ),
        (
            format!("[financial.keys]\nac = \"{key}\"\ncard_ac = \"{key}\""),
            "4:11: financial.keys.card_ac: ac stands beside it",
        ),
        (
            format!("[financial.keys.sm4]\nmac = \"{key}\"\ncard_mac = \"{key}\""),
            "4:12: financial.keys.sm4.card_mac: sm4.mac stands beside it",
        ),
        (
            format!(
                "[[financial.application]]\naid = \"{AID}\"\n[financial.application.keys]\nenc = \"{key}\"\ncard_enc = \"{key}\""
            ),
            "6:12: financial.application[0].keys.card_enc: enc stands beside it",
        ),
    ] {
        let said = refused(&text);
        assert!(said.starts_with(words), "{said}\nnot\n{words}\nof\n{text}");
    }
}

#[test]
fn what_only_looks_alike_is_taken() {
    for text in [
        // A name, and its extension as kiosks fill it.
        "[holder]\nname = \"李\"\n[holder.items]\n\"4E\" = \"FFFF\"",
        "[holder]\nname = \"李\"\n[state.files]\n\"SSSE/EF05\" = \"0601\"",
        "[state]\nblocked = [\"DF04\"]\n[state.keys]\n\"DF01/82\" = 3",
        "[state]\nblocked = [\"A000000333010101\"]\n[[state.accounts]]\naid = \"A000000333010101\"\npin_tries_left = 1",
        "[financial]\npin_tries = 5\n[[state.accounts]]\naid = \"A000000333010101\"\npin_tries_left = 5",
        "[pki]\npin_tries = 3\nkeys = \"none\"\n[state]\npki = \"00\"",
        "[financial.keys]\nac = \"00112233445566778899AABBCCDDEEFF\"\ncard_mac = \"00112233445566778899AABBCCDDEEFF\"",
        // The master keys of an issuer, and one card's own key in a table of its application.
        "[financial.keys]\nac = \"00112233445566778899AABBCCDDEEFF\"\n[[financial.application]]\n\
         aid = \"A000000333010101\"\n[financial.application.keys]\ncard_ac = \"00112233445566778899AABBCCDDEEFF\"",
    ] {
        let text = format!("base = \"gen3\"\n{text}\n");
        assert!(
            load(&text).is_ok(),
            "{text}\n{}",
            load(&text).err().map(|e| e.to_string()).unwrap_or_default()
        );
    }
}
