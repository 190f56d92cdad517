//! `sscard emv` as a user runs it.

use crate::sscard::{json, ok, run};

#[test]
fn v6_a_visa_script_mac_of_eight_bytes() {
    let visa = |imk: &str, verb: &str, rest: &[&str]| {
        let keys =
            ["--scheme", "visa-cvn18", "--imk", imk, "--pan", "1234567890123456", "--atc", "0FFF"];
        ok(&[&["emv", verb][..], &keys, rest].concat())
    };
    let arqc = "769577B5ABE9FE62";
    let command = ["--arqc", arqc, "--command", "8418000008", "--mac-length", "8"];
    let imk = "BB".repeat(16);
    assert_eq!(visa(&imk, "script-mac", &command), "B5CB29759F9C3919\n");
    let keys = visa(&imk, "keys", &[]);
    assert_eq!(keys.lines().count(), 4);
    assert!(keys.lines().any(|line| line.starts_with("script session key:   ")), "{keys}");
    let command = ["--arqc", arqc, "--command", "8418000004"];
    let mac = visa(&imk, "script-mac", &command);
    assert_eq!(mac.trim_end().len(), 8);
}

#[test]
fn keys_of_a_cipher_and_a_scheme() {
    let keys = |rest: &[&str]| {
        let imk = "F0C34A8124CEE0A91A0B034AA97D6EAC";
        let card = ["--imk", imk, "--pan", "6228 0001 00001", "--psn", "01", "--atc", "0240"];
        ok(&[&["emv", "keys"][..], &card, rest].concat())
    };
    let names = |text: &str| -> Vec<String> {
        text.lines().filter_map(|line| Some(line.split_once(':')?.0.to_owned())).collect()
    };
    assert_eq!(
        names(&keys(&[])),
        ["card key", "card key, odd parity", "session key", "script session key"]
    );
    for cipher in ["sm4", "aes"] {
        let found = names(&keys(&["--cipher", cipher]));
        assert_eq!(found, ["card key", "session key", "script session key"], "{cipher}");
    }
    let without = keys(&["--scheme", "emv-csk"]);
    assert!(without.ends_with("out of the cryptogram, give --arqc\n"), "{without}");
    let with = keys(&["--scheme", "emv-csk", "--arqc", "5D016C91005E7CC2"]);
    assert_eq!(with.lines().last().map(str::len), Some(54));
}

#[test]
fn emv_prints_the_value_alone() {
    let v1 = [
        "--imk",
        "F0C34A8124CEE0A91A0B034AA97D6EAC",
        "--pan",
        "6228000100001",
        "--psn",
        "01",
        "--atc",
        "0240",
    ];
    let data = "000000000001000000000000015600800460000156140701001E78EEBC7D00024003A04002";
    let arqc = [&["emv", "arqc", "--scheme", "pboc"], &v1[..], &["--data", data]].concat();
    assert_eq!(ok(&arqc), "5D016C91005E7CC2\n");
    let arpc = ["--data", data, "--arqc", "5D016C91005E7CC2", "--arc", "3031"];
    let arpc = [&["emv", "arpc", "--scheme", "pboc"], &v1[..], &arpc].concat();
    assert_eq!(ok(&arpc), "21415243527CE78F\n");
    let visa = [
        "--imk",
        "12345678123456781234567812345678",
        "--pan",
        "1234567890123456",
        "--psn",
        "00",
        "--atc",
        "3456",
    ];
    let data = "000000010000000000001000084000000010800840980704001111111158003456A08003242000";
    for (scheme, expected) in
        [("visa-cvn10", "26C8A1042D1CAF3E\n"), ("emv-csk", "55BE45DD2C9E0CBF\n")]
    {
        let arqc = [&["emv", "arqc", "--scheme", scheme], &visa[..], &["--data", data]].concat();
        assert_eq!(ok(&arqc), expected);
    }
    let csu = ["--arqc", "55BE45DD2C9E0CBF", "--csu", "00120000"];
    let arpc = [&["emv", "arpc", "--scheme", "visa-cvn18"], &visa[..], &csu].concat();
    assert_eq!(ok(&arpc), "B4C698B6\n");
    let mac_key = [
        "--imk",
        "12B1AC4AF070CC35612BFE2D30AB600D",
        "--pan",
        "6228000100001",
        "--psn",
        "01",
        "--atc",
        "0240",
    ];
    let mac = ["--arqc", "5D016C91005E7CC2", "--command", "841E000004"];
    let mac = [&["emv", "script-mac"], &mac_key[..], &mac].concat();
    assert_eq!(ok(&mac), "42CA0591\n");
}

#[test]
fn a_cryptogram_is_checked_against_key_and_data() {
    let check = |cryptogram| {
        let data = "000000000001000000000000015600800460000156140701001E78EEBC7D00024003A04002";
        run(&[
            "emv",
            "check",
            "--imk",
            "F0C34A8124CEE0A91A0B034AA97D6EAC",
            "--pan",
            "6228000100001",
            "--psn",
            "01",
            "--atc",
            "0240",
            "--data",
            data,
            "--arqc",
            cryptogram,
        ])
    };
    let (output, _, code) = check("5D016C91005E7CC2");
    assert_eq!((output.as_str(), code), ("right\n", 0));
    let (output, error, code) = check("5D016C91005E7CC3");
    assert_eq!((output.as_str(), code), ("wrong: the key and the data give 5D016C91005E7CC2\n", 1));
    assert_eq!(error, "sscard: the cryptogram is not the one that key and data give\n");
}

#[test]
fn values_and_answers_are_decoded() {
    assert_eq!(
        ok(&["emv", "decode", "tvr", "0008008000"]),
        "terminal verification results (终端验证结果)\n\
         B2b4 new card (新卡)\n\
         B4b8 transaction exceeds the floor limit (交易超过最低限额)\n"
    );
    assert_eq!(
        ok(&["emv", "decode", "9F02", "0000 0000 1234"]),
        "amount, authorised (授权金额)\n12.34\n"
    );
    assert_eq!(
        ok(&["emv", "decode", "77099F2701809F36020001"]),
        "77 response message template format 2 (响应报文模板格式2)\n  \
         9F27 CID cryptogram information data (密文信息数据): 80\n       \
         B1b8-7 ARQC: the issuer is to decide (ARQC：请求联机授权)\n  \
         9F36 ATC application transaction counter (应用交易计数器): 0001 = 1\n"
    );
    let issuer_data =
        json(&["emv", "decode", "iad", "07010103A00000010A0100000499938 65EF220", "--json"]);
    assert_eq!(issuer_data["name"]["zh"], "发卡机构应用数据");
    assert_eq!(issuer_data["notes"][6]["en"], "e-cash balance 499.93");
    for (what, lines) in [
        ("aip 7D00", 7),
        ("cvr 03A41002", 6),
        ("cvm 0000000000000000410342031E031F00", 5),
        ("94 0801020010010400", 3),
    ] {
        let arguments: Vec<&str> = ["emv", "decode"].into_iter().chain(what.split(' ')).collect();
        assert_eq!(ok(&arguments).lines().count(), lines, "{what}");
    }
}

#[test]
fn values_that_say_nothing_are_shown_as_they_are() {
    let visa = ok(&["emv", "decode", "iad", "06011203A0B800"]);
    assert_eq!(visa, "issuer application data (发卡机构应用数据)\n06011203A0B800\n");
    assert_eq!(
        ok(&["emv", "decode", "9F26", "769577B5ABE9FE62"]),
        "application cryptogram (应用密文)\n769577B5ABE9FE62\n"
    );
    assert_eq!(
        ok(&["emv", "decode", "tvr", "0100000000"]),
        "terminal verification results (终端验证结果)\nB1b1 reserved bit (保留位)\n"
    );
    assert!(ok(&["emv", "decode", "tvr", "0000000000"]).ends_with("\n0000000000\n"));
    assert!(ok(&["emv", "decode", "cvm", "0000000000000000"]).ends_with("\nno rules (无规则)\n"));
    let (output, error, code) = run(&["emv", "decode", "9F36020001 9000"]);
    assert_eq!((output.lines().count(), code), (1, 0));
    assert_eq!(error, "sscard: the status word 9000 at the end is left off\n");
}

#[test]
fn ca_prints_the_test_authority_in_the_forms_that_terminals_read() {
    let fields = ok(&["emv", "ca"]);
    assert!(fields.starts_with("# TEST keys: everybody has the private halves."), "{fields}");
    for name in ["rid", "index", "expiry", "algorithm", "modulus", "exponent", "check", "point"] {
        assert!(fields.lines().any(|line| line.starts_with(name)), "{name}");
    }
    assert_eq!(ok(&["emv", "ca", "--form", "pem"]).matches("BEGIN PUBLIC KEY").count(), 3);
    let capk = ok(&["emv", "ca", "--form", "capk"]);
    assert!(
        capk.lines().any(|line| line.starts_with("a0:00:00:03:33 01 491231 rsa 03 ")),
        "{capk}"
    );
    let columns = ok(&["emv", "ca", "--form", "columns"]);
    assert!(columns.starts_with("A000000333\t03\t01\tA000000333\t"), "{columns}");
    let document = json(&["emv", "ca", "--json"]);
    let of = |field: &str| -> Vec<String> {
        let keys = document["keys"].as_array().expect("keys");
        keys.iter().map(|key| key[field].as_str().unwrap_or("none").to_owned()).collect()
    };
    assert_eq!(of("index"), ["01", "02", "03"]);
    assert_eq!(of("algorithm"), ["RSA", "RSA", "SM2"]);
    assert_eq!(of("check")[2], "none");
}
