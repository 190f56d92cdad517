//! `sscard shell` over pipes.

use std::fs;

use crate::sscard::{card, piped, program};
use tempfile::TempDir;

/// A session; times are taken out of its output.
fn shell_with(args: &[&str], text: Vec<u8>, state: &str) -> (String, String, i32) {
    let output = piped(program().arg("shell").args(args).env("XDG_STATE_HOME", state), text);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    let lines = text(output.stdout).lines().map(without_time).collect::<Vec<_>>().join("\n");
    (lines, text(output.stderr), output.status.code().expect("exit code"))
}

fn shell(args: &[&str], text: impl Into<Vec<u8>>) -> (String, String, i32) {
    let state = TempDir::new().expect("folder");
    let said = shell_with(args, text.into(), &state.path().display().to_string());
    assert!(!state.path().join("sscard").exists(), "a pipe leaves no history");
    said
}

fn without_time(line: &str) -> String {
    match line.rfind(" (") {
        Some(at) if line.ends_with("s)") && line.contains(|c: char| c.is_ascii_digit()) => {
            line[..at].to_owned()
        }
        _ => line.to_owned(),
    }
}

#[test]
fn a_session_keeps_names_mode_and_selection() {
    let (stdout, stderr, code) = shell(
        &[],
        "select MF\nmode auto\nselect SSSE # the environment\nlet c = get_challenge 8\n\
         case \"card number\" {\n  read_record sfi=5 rec=7\n  expect sw 9000\n}\n\
         print resp[2..9]\nverify pin=111111\nvars\n",
    );
    assert_eq!((stderr.as_str(), code), ("", 0));
    assert_eq!(
        stdout,
        "> 00A40000023F00\n# case 3, Lc 2\n< 6102\n\
         # SELECT MF: 6102 2 bytes wait for GET RESPONSE (还有 2 字节数据可取)\n\
         > 00A404000F7378312E73682EC9E7BBE1B1A3D5CF\n# case 3, Lc 15\n< 611E\n\
         # SELECT SSSE 社会保障系统环境: 611E 30 bytes wait for GET RESPONSE (还有 30 字节数据可取)\n\
         > 00C000001E\n# case 2, Le 30\n\
         < 6F1C840F7378312E73682EC9E7BBE1B1A3D5CFA50988011E9F0C038601039000\n\
         # GET RESPONSE: 9000 success (成功)\n\
         #   6F file control information (文件控制信息模板)\n\
         #     84 DF name (DF 名称): 7378312E73682EC9E7BBE1B1A3D5CF = SSSE 社会保障系统环境\n\
         #     A5 proprietary template (专有模板)\n\
         #       88 short identifier of the DIR file (目录文件短标识符): 1E\n\
         #       9F0C issuer's own data (发卡机构自定义数据): 860103 = SM4\n\
         > 0084000008\n# case 2, Le 8\n< 64BB1220ABCC6B519000\n\
         # GET CHALLENGE 8 bytes: 9000 success (成功)\n\
         #   challenge (随机数): 64BB1220ABCC6B51\ncase card number\n\
         > 00B2072C00\n# case 2, Le 256\n< 6C0B\n\
         # READ RECORD number 7 of EF05: 6C0B wrong Le: repeat with Le=0B (Le 错误，应为 11)\n\
         > 00B2072C0B\n# case 2, Le 11\n< 07095431303136343231309000\n\
         # READ RECORD number 7 of EF05: 9000 success (成功)\n\
         #   07 card number (卡号): 543130313634323130 = T10164210\nok\n54313031363432\n\
         > 0020000003******\n# case 3, Lc 3\n< 63C5\n\
         # VERIFY: 63C5 PIN not verified, 5 tries left (密码未通过，剩余 5 次)\n\
         c = 64BB1220ABCC6B51"
    );
}

#[test]
fn a_pipe_stops_at_the_first_statement_that_fails() {
    let (stdout, stderr, code) = shell(&[], "select MF\n\nexpect sw 9000\nselect MF\n");
    assert_eq!(stdout.matches("> 00A4").count(), 1);
    assert!(stdout.contains("FAILED expected sw 9000, found 6102"), "{stdout}");
    assert!(stderr.contains("[<stdin>:3:1]") && stderr.contains(" 3 │ expect sw 9000"), "{stderr}");
    assert!(stderr.ends_with("sscard: 1 expectation failed\n"), "{stderr}");
    assert_eq!(code, 1);
    let (stdout, stderr, code) = shell(&[], "print 00\nselekt SSSE\nprint 01\n");
    assert_eq!((stdout.as_str(), code), ("00", 3));
    assert!(stderr.contains("<stdin>:2:1: 'selekt' is not a verb"), "{stderr}");
    assert!(!stderr.contains("nothing was sent"), "{stderr}");
}

#[test]
fn with_keep_going_it_goes_on_and_ends_with_the_first_code() {
    let text = "verb\nselect MF\nexpect sw 9000\nprint 02\n";
    let (stdout, _, code) = shell(&["--keep-going"], text);
    assert!(stdout.ends_with("\n02"), "{stdout}");
    assert_eq!(code, 3);
}

#[test]
fn exit_ends_it() {
    for text in ["exit\nprint 01\n", "quit\nprint 01\n", "print 00; exit\nprint 01\n"] {
        let (stdout, _, code) = shell(&[], text);
        assert!(!stdout.contains("01"), "{stdout}");
        assert_eq!(code, 0);
    }
}

#[test]
fn a_block_that_is_not_closed_is_an_error() {
    let (_, stderr, code) = shell(&[], "case \"a\" {\nprint 00\n");
    assert!(stderr.contains("a block is not closed"), "{stderr}");
    assert_eq!(code, 3);
}

#[test]
fn snapshots_take_a_card_back() {
    let (stdout, stderr, code) = shell(
        &[],
        "mode auto\nselect SSSE\nsnapshot before\nverify pin=111111\nexpect sw 63C5\n\
         restore before\nverify\nexpect sw 63C6\n",
    );
    assert_eq!((stderr.as_str(), code), ("", 0), "{stdout}");
    assert!(stdout.contains("> 0020000003******"), "{stdout}");
    let (_, stderr, code) = shell(&[], "restore nothing\n");
    assert_eq!((stderr.as_str(), code), ("sscard: there is no snapshot nothing yet\n", 2));
}

#[test]
fn a_cut_ends_the_power_and_reset_brings_it_back() {
    let text = "mode auto\nselect SSSE\ncut 0\nverify pin=111111\nreset\nselect SSSE\nverify\nexpect sw 63C6\n";
    let (stdout, stderr, code) = shell(&["--keep-going"], text);
    assert!(stdout.contains("# no answer\n# ATR 3B6D"), "{stdout}");
    assert!(stderr.contains("the card was removed or lost its power"), "{stderr}");
    assert_eq!(code, 7);
    let (_, _, code) = shell(&[], text);
    assert_eq!(code, 7);
}

#[test]
fn an_image_is_kept_after_each_exchange() {
    let (folder, path) = card(&[]);
    let before = fs::read(&path).expect("image");
    let (_, _, code) = shell(&["--card", &path], "select SSSE\nverify pin=111111\n");
    assert_eq!(code, 0);
    assert_ne!(fs::read(&path).expect("image"), before);
    let (_, stderr, code) = shell(&["--card", &path], "select SSSE\nverify\nexpect sw 63C5\n");
    assert_eq!((stderr.as_str(), code), ("", 0));
    drop(folder);
}

#[test]
fn help_is_made_of_the_tables() {
    let (stdout, _, code) = shell(&[], "help get_challenge\nhelp cmac\nhelp cut\n");
    assert_eq!(code, 0);
    assert_eq!(
        stdout,
        "get_challenge [length=8]: GET CHALLENGE: a random number\n  \
         [length]: number 1 to 256; 8 without it\n  command  00 84 00 00 Le\n  \
         example  get_challenge 8\n\
         cmac(key, data): AES-CMAC\n  key: 16 bytes\n  data: bytes\n  gives    16 bytes\n  \
         source   RFC 4493, V8\n  example  let x = cmac($key, $data)\n\
         cut N: the power fails after N more bytes written to a virtual card"
    );
    let (stdout, _, _) = shell(&[], "help\n");
    assert!(stdout.contains("Verbs: The medical purse"), "{stdout}");
    let (_, stderr, code) = shell(&[], "help nothing\n");
    assert_eq!(code, 2);
    assert_eq!(stderr, "sscard: 'nothing' is neither a statement, a verb, a function nor a word\n");
}

#[test]
fn the_desks_words_read_the_card() {
    let (stdout, stderr, code) = shell(&[], "read_card\naccount\ninspect\n");
    assert_eq!((stderr.as_str(), code), ("", 0));
    assert!(stdout.contains("SSSE/EF06  持卡人基本信息 (holder data)"), "{stdout}");
    assert!(stdout.contains("# GET DATA"), "{stdout}");
    let (stdout, stderr, code) =
        shell(&["--profile", "gen2"], "select SSSE\nverify pin=123456\npurse\n");
    assert_eq!((stderr.as_str(), code), ("", 0), "{stdout}");
    assert!(stdout.contains("> B026000104"), "{stdout}");
}

#[test]
fn what_belongs_to_the_whole_run_is_refused() {
    let (_, stderr, code) = shell(&[], "@profile gen2\n");
    assert_eq!(code, 2);
    assert!(stderr.starts_with("sscard: the card is there already: @card, @profile"), "{stderr}");
}

#[test]
fn a_trace_holds_what_passed_and_no_pins() {
    let folder = TempDir::new().expect("folder");
    let path = folder.path().join("shell.jsonl").display().to_string();
    let (_, stderr, code) =
        shell(&["--trace", &path], "select SSSE\nverify pin=111111\nread_card\nreset\n");
    assert_eq!((stderr.as_str(), code), ("", 0));
    let trace = fs::read_to_string(&path).expect("trace");
    let events: Vec<serde_json::Value> =
        trace.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(events[0]["mode"], "raw");
    assert_eq!(events[1]["cmd"], "00A404000F7378312E73682EC9E7BBE1B1A3D5CF");
    assert_eq!(events[1]["rsp"], "611E");
    assert_eq!(
        (&events[2]["cmd"], &events[2]["rsp"]),
        (&"0020000003000000".into(), &"63C5".into())
    );
    assert_eq!(events[2]["redacted"], true);
    assert!(events.len() > 20, "read_card is in it: {}", events.len());
    assert_eq!(events.last().expect("an event")["ev"], "reset");
}

#[test]
fn what_is_no_text_fails_and_the_next_line_is_read() {
    let (stdout, stderr, code) = shell(&["--keep-going"], &b"print 01\n\xFF\nprint 02\n"[..]);
    assert_eq!((stdout.as_str(), code), ("01\n02", 3));
    assert_eq!(stderr, "sscard: <stdin>:2: is not UTF-8 text: byte 1 of the line\n");
    let (stdout, _, code) = shell(&[], &b"print 01\n\xFF\nprint 02\n"[..]);
    assert_eq!((stdout.as_str(), code), ("01", 3));
    // A mark at the beginning and carriage returns are no part of lines.
    let (stdout, stderr, code) = shell(&[], "\u{FEFF}mode\r\nprint 01\r\n");
    assert_eq!((stdout.as_str(), stderr.as_str(), code), ("raw\n01", "", 0));
}

#[test]
fn with_keep_going_the_last_failure_is_told_too() {
    let (_, stderr, code) = shell(&["--keep-going"], "print 01\n@card \"x\" \\");
    assert!(stderr.starts_with("sscard: the card is there already"), "{stderr}");
    assert_eq!(code, 2);
}

#[test]
fn a_card_gives_a_terminal_no_orders() {
    let name = "1B5B324A1B5D303B6861071B5C00";
    let text = format!("print text({name})\nlet x = text({name})\nvars\n");
    let (stdout, _, code) = shell(&[], text);
    let shown = "\u{FFFD}[2J\u{FFFD}]0;ha\u{FFFD}\u{FFFD}\\";
    assert_eq!((stdout, code), (format!("{shown}\nx = {shown}"), 0));
}

#[test]
fn only_the_environment_tells_how_keys_are_derived() {
    for other in ["select DF04", "select A000000333010101"] {
        let text = format!(
            "mode auto\nselect SSSE\nread_record sfi=5 tag=01\n{other}\nmode raw\nselect SSSE\n\
             authenticate 0A\nexpect sw 9000\n"
        );
        let (stdout, stderr, code) = shell(&[], text);
        assert_eq!((stderr.as_str(), code), ("", 0), "{stdout}");
    }
    // Behind a reset there may be another card.
    let text = "mode auto\nselect SSSE\nread_record sfi=5 tag=01\nreset\nmode raw\nselect SSSE\n\
                authenticate 0A code=999900D15600\n";
    let (_, stderr, code) = shell(&[], text);
    assert!(stderr.contains("the algorithm is not known"), "{stderr}");
    assert_eq!(code, 1);
    // What a word of the shell saw is known too.
    let (stdout, stderr, code) = shell(&[], "read_card\nauthenticate 0A\nexpect sw 9000\n");
    assert_eq!((stderr.as_str(), code), ("", 0), "{stdout}");
}

#[test]
fn a_purse_shows_its_sums_and_its_absence() {
    let (stdout, stderr, code) =
        shell(&["--profile", "gen2"], "select SSSE\nverify pin=123456\npurse\n");
    assert_eq!((stderr.as_str(), code), ("", 0), "{stdout}");
    assert!(
        stdout.contains(
            "# GET BALANCE paid by the holder: 9000 success (成功)\n\
             #   amount (金额): 00000000 = 0.00\n#   insurance year (医保年度): 0000\n"
        ),
        "{stdout}"
    );
    assert_eq!(shell(&["--profile", "gen3"], "purse\n").2, 1);
    let (_, stderr, code) =
        shell(&["--profile", "gen2"], "select SSSE\nverify pin=123456\n@expect sw 6982\npurse\n");
    assert_eq!((stderr.as_str(), code), ("", 0));
    assert_eq!(shell(&[], "@expect sw 6982\naccount\n").2, 0);
}

#[test]
fn state_and_field_are_options() {
    let (stdout, _, code) = shell(&["--state", "produced"], "select SSSE\nexpect sw 6283\n");
    assert_eq!(code, 0, "{stdout}");
    let (stdout, _, code) =
        shell(&["--contactless"], "atr\nmode auto\nselect PPSE\nexpect sw 9000\n");
    assert!(stdout.starts_with("3B8"), "{stdout}");
    assert_eq!(code, 0, "{stdout}");
}

#[test]
fn after_restore_there_is_no_latest_answer() {
    let (_, stderr, code) = shell(&[], "snapshot\nselect SSSE\nrestore\nexpect sw 9000\n");
    assert!(stderr.contains("there is no response yet"), "{stderr}");
    assert_ne!(code, 0);
}

#[test]
fn many_lets_of_one_name_are_one() {
    let text: String = (0..5000).map(|number| format!("let x = u32({number})\n")).collect();
    let begun = std::time::Instant::now();
    let (stdout, stderr, code) = shell(&[], text + "vars\n");
    assert_eq!((stdout.as_str(), stderr.as_str(), code), ("x = 00001387", "", 0));
    assert!(begun.elapsed().as_secs() < 10, "{:?}", begun.elapsed());
}

#[test]
fn statements_have_help_too() {
    let (stdout, stderr, code) = shell(&[], "help expect\nhelp @mode\nhelp let\n");
    assert_eq!((stderr.as_str(), code), ("", 0));
    assert_eq!(
        stdout,
        "expect sw|data|len|tlv …: what the latest answer has to be\n\
         @mode raw|auto: whether 61xx and 6Cxx are followed; raw without it\n\
         let NAME = VALUE: a value, or the data that answers a verb or > bytes"
    );
}

#[test]
fn a_malformed_command_with_a_pin_is_not_described() {
    let (stdout, _, code) = shell(&[], "> 00 20 00 00 12 34 56\n");
    assert!(stdout.contains("> 00200000******\n# malformed, and not shown\n< 6700"), "{stdout}");
    assert_eq!(code, 0);
}
