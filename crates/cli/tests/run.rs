//! `sscard run`.

use std::fs;
use std::path::Path;

use serde_json::Value;
use sscard::{card, ok, run};
use tempfile::TempDir;

mod sscard;

/// A folder with files in it.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().expect("folder");
    for (name, text) in files {
        fs::write(folder.path().join(name), text).expect("written");
    }
    folder
}

fn path(folder: &TempDir, name: &str) -> String {
    folder.path().join(name).display().to_string()
}

/// Runs a script alone in a folder; the folder's name is taken out of what it says.
fn script(text: &str, more: &[&str]) -> (String, String, i32) {
    let folder = folder(&[("a.apdu", text)]);
    let name = path(&folder, "a.apdu");
    let (stdout, stderr, code) = run(&[&["run", &name], more].concat());
    (stdout.replace(&name, "a.apdu"), stderr.replace(&name, "a.apdu"), code)
}

#[test]
fn a_good_script_shows_its_course() {
    let (stdout, stderr, code) = script(
        "select MF\n  expect sw 9000|61xx\ncase \"tries\" {\n  select SSSE\n  verify\n  expect sw 63C?\n}\nprint \"done\"\n",
        &[],
    );
    assert_eq!(
        stdout,
        "# a.apdu\n# ATR 3B6D0000008153534386009999790776A7\n> 00A40000023F00\n< 6112\n\
         # SELECT MF: 6112 18 bytes wait for GET RESPONSE (还有 18 字节数据可取)\ncase tries\n  \
         > 00A404000F7378312E73682EC9E7BBE1B1A3D5CF\n  < 611E\n  \
         # SELECT SSSE 社会保障系统环境: 611E 30 bytes wait for GET RESPONSE (还有 30 字节数据可取)\n  \
         > 00200000\n  < 63C6\n  \
         # VERIFY how many tries are left: 63C6 PIN not verified, 6 tries left (密码未通过，剩余 6 次)\n\
         ok\ndone\na.apdu: passed: 3 commands, 2 expectations\n"
    );
    assert_eq!((stderr.as_str(), code), ("", 0));
}

#[test]
fn a_failed_expectation_shows_the_difference_and_exits_with_1() {
    let (stdout, stderr, code) =
        script("@mode auto\nselect SSSE\nexpect tlv 6F/84 == \"sx1.sz.\" xx ..\n0084000008\n", &[]);
    let course = stdout.lines().skip_while(|line| !line.starts_with("FAILED")).collect::<Vec<_>>();
    assert_eq!(
        course.join("\n"),
        "FAILED expect tlv 6F/84 == \"sx1.sz.\" xx .. (a.apdu:3:1)\n  the object is not as expected\n  \
         expected 7378312E737A2Exx..\n  found    7378312E73682EC9E7BBE1B1A3D5CF\n                     ^^\n\
         a.apdu: failed: 1 command, 1 expectation, 1 failed"
    );
    assert_eq!(
        stderr,
        "  × a.apdu:3:1: the object is not as expected\n   ╭─[a.apdu:3:1]\n 2 │ select SSSE\n \
         3 │ expect tlv 6F/84 == \"sx1.sz.\" xx ..\n   · ─────────────────┬─────────────────\n   \
         ·                  ╰── here\n 4 │ 0084000008\n   ╰────\nsscard: 1 expectation failed\n"
    );
    assert_eq!(code, 1);
}

#[test]
fn a_status_word_that_was_not_expected_is_explained() {
    let (stdout, _, code) = script("select SSSE\nselect EF77\nexpect sw 9000|61xx\n", &[]);
    assert_eq!(code, 1);
    let course = stdout.lines().skip_while(|line| !line.starts_with("FAILED")).collect::<Vec<_>>();
    assert_eq!(
        course[1..6].join("\n"),
        "  expected sw 9000|61xx, found 6A82: file not found (文件未找到)\n  one of   9000|61xx\n  \
         expected 61xx\n  found    6A82\n            ^"
    );
}

#[test]
fn script_errors_exit_with_3_before_anything_is_sent() {
    let (stdout, stderr, code) =
        script("00A4000002 3F00\nselekt SSSE\nread_record sfi=31 rec=1\n", &[]);
    assert_eq!((stdout.as_str(), code), ("", 3));
    assert_eq!(
        stderr,
        "  × a.apdu:2:1: 'selekt' is no verb\n   ╭─[a.apdu:2:1]\n 1 │ 00A4000002 3F00\n 2 │ selekt SSSE\n   \
         · ───┬──\n   ·    ╰── here\n 3 │ read_record sfi=31 rec=1\n   ╰────\n  help: is 'select' meant?\n  \
         × a.apdu:3:17: sfi: 31 is not within 0 to 30\n   ╭─[a.apdu:3:17]\n 2 │ selekt SSSE\n \
         3 │ read_record sfi=31 rec=1\n   ·                 ─┬\n   ·                  ╰── here\n   ╰────\n\
         sscard: nothing was sent\n"
    );
    let (stdout, _, code) = script("selekt SSSE", &["--json"]);
    let document: Value = serde_json::from_str(&stdout).expect("JSON");
    assert_eq!(code, 3);
    assert_eq!(document["passed"], false);
    let error = &document["errors"][0];
    assert_eq!((&error["line"], &error["column"]), (&Value::from(1), &Value::from(1)));
    assert_eq!(error["advice"], "is 'select' meant?");
}

#[test]
fn one_wrong_script_keeps_the_others_from_running() {
    let folder = folder(&[("a.apdu", "0084000008\n"), ("b.apdu", "00A40\n")]);
    let (stdout, _, code) = run(&["run", &path(&folder, "a.apdu"), &path(&folder, "b.apdu")]);
    assert_eq!((stdout.as_str(), code), ("", 3));
    let (stdout, stderr, code) = run(&["run", &path(&folder, "none.apdu")]);
    assert_eq!((stdout.as_str(), code), ("", 3));
    assert!(stderr.contains("none.apdu:1:1: cannot be read: No such file"), "{stderr}");
}

#[test]
fn destructive_commands_are_refused_on_a_reader_unless_announced() {
    let (stdout, stderr, code) = script("verify pin=111111\n", &["--reader", "none"]);
    assert_eq!((stdout.as_str(), code), ("", 3));
    assert!(stderr.contains("a.apdu:1:1: a destructive command without @destructive"), "{stderr}");
    let (_, stderr, code) = script("@destructive\nverify pin=111111\n", &["--reader", "none"]);
    assert_eq!(code, 4, "{stderr}");
    let (_, stderr, code) = script("verify pin=111111\n", &["--reader", "none", "--destructive"]);
    assert_eq!(code, 4, "{stderr}");
}

#[test]
fn pins_are_hidden_unless_asked() {
    let (stdout, ..) = script("select SSSE\nverify pin=123456\n", &[]);
    assert!(stdout.contains("> 0020000003******\n< 9000"), "{stdout}");
    let (stdout, ..) = script("select SSSE\nverify pin=123456\n", &["--unsafe-show-secrets"]);
    assert!(stdout.contains("> 0020000003123456\n< 9000"), "{stdout}");
}

#[test]
fn the_card_is_the_one_that_the_script_names() {
    let (_folder, image) = card(&["--seed", "7"]);
    let of_image = ok(&["inspect", "--card", &image, "--json"]);
    let atr = serde_json::from_str::<Value>(&of_image).expect("JSON")["atr"].clone();
    let atr = atr.as_str().expect("text");
    let seeded = script("@seed 7\n0084000008\n", &[]).0;
    assert!(seeded.contains(&format!("# ATR {atr}\n")), "{seeded}");
    let named = format!("@card \"{image}\"\nselect SSSE\nverify pin=111111\nexpect sw 63C5\n");
    assert_eq!(script(&named, &[]).2, 0);
    assert_eq!(ok(&["inspect", "--card", &image, "--json"]), of_image, "the image stays as it is");
    assert_eq!(script("select SSSE\nverify pin=111111\n", &["--card", &image]).2, 0);
    assert!(ok(&["inspect", "--card", &image]).contains("PIN        5 of 6 tries left"));
    let t1 = script("@protocol T=1\nselect SSSE\nexpect sw 9000\n", &[]);
    assert_eq!(t1.2, 0, "{}", t1.1);
    let gen1 = script("@profile gen1\nselect SSSE\n", &[]);
    assert!(gen1.0.contains("# ATR"), "{}", gen1.1);
    let (_, stderr, code) = script("@profile gen9\n0084000008\n", &[]);
    assert_eq!(code, 3);
    assert_eq!(
        stderr,
        "sscard: --profile gen9: no such profile; use gen1, gen2, gen3 or a TOML file\n"
    );
}

#[test]
fn scripts_of_other_programs_run_as_they_are() {
    let folder = folder(&[
        ("scriptor.txt", "# three commands\n00 A4 00 00 02 3F 00\nreset\n00 84 00 00 08\n"),
        ("kit.scr", "powerup;\n0x00 0x84 0x00 0x00 0x00 0x08;\n// 90 00\npowerdown;\n"),
        ("bad.scr", "powerup;\n0x00 0x84 0x00 0x00 0x00 0x08;\nopen foo;\npowerdown;\n"),
    ]);
    let said = ok(&["run", &path(&folder, "scriptor.txt")]);
    assert!(said.contains("> 00A40000023F00\n< 6112\n"), "{said}");
    assert!(said.ends_with("scriptor.txt: passed: 2 commands, 0 expectations\n"), "{said}");
    let said = ok(&["run", &path(&folder, "kit.scr"), "--adopt-comments"]);
    assert!(said.ends_with("kit.scr: passed: 1 command, 1 expectation\n"), "{said}");

    let bad = path(&folder, "bad.scr");
    let (stdout, stderr, code) = run(&["run", &bad]);
    assert_eq!((stdout.as_str(), code), ("", 3), "{stderr}");
    assert!(stderr.contains("bad.scr:3:1: cannot be imported: "), "{stderr}");
    assert!(stderr.contains(" 3 │ open foo;"), "{stderr}");
    let (_, stderr, code) = run(&["run", &bad, "--keep-going"]);
    assert_eq!(code, 0, "{stderr}");
    assert!(stderr.contains("bad.scr:3: unsupported: "), "{stderr}");
    let (_, _, code) = run(&["run", &path(&folder, "scriptor.txt"), "--dialect", "gpshell"]);
    assert_eq!(code, 3);
}

#[test]
fn cases_go_on_where_they_say_so() {
    let (stdout, stderr, code) = script(
        "@on-error continue\nselect SSSE\ncase \"one\" { get_challenge 8\nexpect sw 6700\nget_challenge 4 }\n\
         case \"two\" { get_challenge 4\nexpect sw 9000 }\n",
        &[],
    );
    assert_eq!(code, 1);
    assert!(stdout.contains("not ok\ncase two\n"), "{stdout}");
    assert!(stdout.ends_with("a.apdu: failed: 3 commands, 2 expectations, 1 failed\n"), "{stdout}");
    assert!(stderr.ends_with("sscard: 1 expectation failed\n"));
}

#[test]
fn includes_and_rows() {
    let folder = folder(&[
        (
            "a.apdu",
            "include \"open.apdu\"\nfor row in csv \"rows.csv\" { case \"${row.id}\" { > 00A4000002 $row.file\nexpect sw $x } }",
        ),
        ("open.apdu", "select SSSE\n"),
        ("rows.csv", "id,file\nfirst,EF05\nsecond,EF06\n"),
    ]);
    // `expect sw` takes no variables: the error names the place.
    let (_, stderr, code) = run(&["run", &path(&folder, "a.apdu")]);
    assert_eq!(code, 3);
    assert!(stderr.contains("a status word has four digits such as 9000, 61xx, 63C?"), "{stderr}");
    let good = "include \"open.apdu\"\nfor row in csv \"rows.csv\" { case \"${row.id}\" { > 00A4000002 $row.file\nexpect sw 9000 } }";
    fs::write(folder.path().join("a.apdu"), good).expect("written");
    let stdout = ok(&["run", &path(&folder, "a.apdu")]);
    assert!(stdout.contains("case second\n  > 00A4000002EF06\n  < 9000\n"), "{stdout}");
}

#[test]
fn json_holds_the_whole_tree() {
    let (stdout, _, code) =
        script("case \"one\" { select SSSE\nexpect sw 9000 }\nprint \"no\"\n", &["--json"]);
    let document: Value = serde_json::from_str(&stdout).expect("JSON");
    assert_eq!(
        (code, &document["schema"], &document["passed"]),
        (1, &Value::from(1), &Value::from(false))
    );
    let script = &document["scripts"][0];
    assert_eq!((&script["commands"], &script["expectations"]), (&Value::from(1), &Value::from(1)));
    assert_eq!(script["failures"][0]["line"], 2);
    let case = &script["steps"][1];
    assert_eq!((&case["case"], &case["passed"]), (&Value::from("one"), &Value::from(false)));
    let exchange = &case["steps"][0];
    assert_eq!(exchange["command"], "00A404000F7378312E73682EC9E7BBE1B1A3D5CF");
    assert_eq!(
        (&exchange["response"], &exchange["status"]),
        (&Value::from("611E"), &Value::from("611E"))
    );
    assert!(exchange["duration_us"].is_number());
    let expectation = &case["steps"][1];
    assert_eq!(expectation["expectation"], "expect sw 9000");
    assert!(
        expectation["difference"]
            .as_str()
            .expect("text")
            .starts_with("expected 9000\nfound    611E\n")
    );
}

#[test]
fn the_report_is_junit() {
    let folder = folder(&[(
        "a.apdu",
        "@on-error continue\nselect SSSE\ncase \"one\" { get_challenge 8\nexpect sw 6700 }\ncase \"two\" { get_challenge 8\n\
         expect sw 9000 }\n",
    )]);
    let (script, report) = (path(&folder, "a.apdu"), path(&folder, "report.xml"));
    assert_eq!(run(&["run", &script, "--report", &report]).2, 1);
    let text = fs::read_to_string(&report).expect("report").replace(&script, "a.apdu");
    for part in [
        "<testsuites name=\"sscard run\" tests=\"3\" skipped=\"0\" failures=\"1\" errors=\"0\">",
        "<testsuite name=\"a.apdu\" tests=\"3\" skipped=\"0\" errors=\"0\" failures=\"1\"",
        "<testcase name=\"one\" classname=\"a.apdu\" time=",
        "<failure message=\"expected sw 6700, found 9000: success (成功)\">a.apdu:4:1: expect sw 6700",
        "<testcase name=\"two\" classname=\"a.apdu\" time=",
        "<testcase name=\"a.apdu\" classname=\"a.apdu\">",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}

#[test]
fn golden_files_are_blessed_compared_and_keep_their_masks() {
    let folder = folder(&[("a.apdu", "select SSSE\nget_challenge 8\nverify pin=123456\n")]);
    let (script, golden) = (path(&folder, "a.apdu"), path(&folder, "a.apdu.golden"));
    ok(&["run", &script, "--bless"]);
    let written = fs::read_to_string(&golden).expect("golden");
    let challenge =
        written.lines().skip_while(|line| *line != "> 0084000008").nth(1).expect("challenge");
    assert!(challenge.ends_with("9000") && challenge.len() == 22, "{challenge}");
    assert_eq!(
        written.replace(&script, "a.apdu").replace(challenge, "< CHALLENGE"),
        "# a.apdu: what its exchanges have to be; x is any digit\n\n# SELECT SSSE 社会保障系统环境\n\
         > 00A404000F7378312E73682EC9E7BBE1B1A3D5CF\n< 611E\n\n# GET CHALLENGE 8 bytes\n> 0084000008\n\
         < CHALLENGE\n\n# VERIFY\n> 0020000003******\n< 9000\n"
    );
    assert_eq!(run(&["run", &script]).2, 0);
    let masked = written.replace(challenge, "< xxxxxxxxxxxxxxxx9000").replace("< 611E", "< 611F");
    fs::write(&golden, &masked).expect("written");
    let (stdout, stderr, code) = run(&["run", &script]);
    assert_eq!(code, 1);
    assert!(
        stdout.contains("  response 1 is not the golden one\n  expected 611F\n  found    611E\n              ^\n"),
        "{stdout}"
    );
    assert!(stderr.contains("a.apdu:1:1: response 1 is not the golden one"), "{stderr}");
    ok(&["run", &script, "--bless"]);
    let again = fs::read_to_string(&golden).expect("golden");
    assert_eq!(again, masked.replace("< 611F", "< 611E"));
    fs::write(&golden, "> 00\n").expect("written");
    let (_, stderr, code) = run(&["run", &script]);
    assert_eq!(code, 3);
    assert!(stderr.contains("a.apdu.golden:2:1: the last response is missing"), "{stderr}");
}

#[test]
fn a_script_that_fails_is_not_blessed() {
    let folder = folder(&[("a.apdu", "select SSSE\nexpect sw 9000\n")]);
    assert_eq!(run(&["run", &path(&folder, "a.apdu"), "--bless"]).2, 1);
    assert!(!Path::new(&path(&folder, "a.apdu.golden")).exists());
}

/// Runs a script on a card of seed 1 and on another one.
fn compare(text: &str, other: &[&str], more: &[&str]) -> (String, String, i32) {
    let (_one, first) = card(&["--seed", "1"]);
    let (_two, second) = card(other);
    script(text, &[&["--card", &first, "--compare", &second], more].concat())
}

/// Rows in which both cards differ.
fn marked(stdout: &str) -> Vec<&str> {
    stdout.lines().filter(|line| line.starts_with(['~', '!'])).collect()
}

#[test]
fn two_cards_run_in_step_and_what_is_random_may_differ() {
    let text = "get_challenge 8\nreset\n@mode auto\nselect SSSE\nauthenticate 0A\nexpect sw 9000\nverify pin=123456\n";
    let (stdout, stderr, code) = compare(text, &["--seed", "1"], &[]);
    assert_eq!((marked(&stdout), stderr.as_str(), code), (vec![], "", 0));
    assert!(
        stdout.starts_with(
            "# a.apdu\n# GET CHALLENGE 8 bytes: 9000 success (成功)\n\
             \x20 > 00 84 00 00 08                                   > 00 84 00 00 08\n\
             \x20 < 64 BB 12 20 AB CC 6B 51 90 00                    < 64 BB 12 20 AB CC 6B 51 90 00\n\
             # reset\n# SELECT SSSE"
        ),
        "{stdout}"
    );
    assert!(
        stdout.ends_with(
            "\n  > 00 20 00 00 03 00 00 00                          > 00 20 00 00 03 00 00 00\n\
             \x20 < 90 00                                            < 90 00\n\
             a.apdu: 7 exchanges, both cards answer alike\n"
        ),
        "{stdout}"
    );
    // Record 01 names the card; challenges differ, and what the script computes of them.
    let (stdout, stderr, code) = compare(text, &["--seed", "2"], &["--ignore", "01"]);
    assert_eq!((stderr.as_str(), code), ("", 0), "{stdout}");
    let rows: Vec<_> = marked(&stdout).iter().map(|row| &row[..10]).collect();
    assert_eq!(rows, ["~ < 64 BB ", "~ < 01 10 ", "~ < F9 9F ", "~ > 00 82 "]);
}

#[test]
fn nothing_is_sent_after_the_first_difference() {
    let text = "@mode auto\nget_challenge 8\nselect SSSE\nget_challenge 8\n";
    let produced = ["--seed", "1", "--state", "produced"];
    let (stdout, stderr, code) = compare(text, &produced, &[]);
    assert_eq!((stderr.as_str(), code), ("sscard: the cards differ\n", 1));
    let from = stdout.find("exchange").expect("a difference");
    assert_eq!(
        &stdout[from..],
        "exchange 2 differs (a.apdu:3:1): status word; nothing was sent after it\n\
         \x20 first card                                         second card\n\
         ! SELECT SSSE 社会保障系统环境: 611E 30 bytes wait … SELECT SSSE 社会保障系统环境: 6283 selected application is deactivated\n\
         \x20 > 00 A4 04 00 0F 73 78 31 2E 73 68 2E C9 E7 BB E1  > 00 A4 04 00 0F 73 78 31 2E 73 68 2E C9 E7 BB E1\n\
         \x20   B1 A3 D5 CF                                        B1 A3 D5 CF\n\
         ! < 61 1E                                            < 62 83\n"
    );
    assert_eq!(stdout.matches("# GET CHALLENGE").count(), 1, "{stdout}");
    let (stdout, _, code) = compare(text, &produced, &["--json"]);
    let found: Value = serde_json::from_str(&stdout).expect("JSON");
    let compared = &found["compared"][0];
    assert_eq!((code, &found["passed"], &compared["equal"]), (1, &false.into(), &false.into()));
    assert_eq!((&compared["exchanges"], &compared["difference"]["n"]), (&2.into(), &2.into()));
    assert_eq!(compared["difference"]["what"], "status word");
    assert_eq!(compared["difference"]["b"]["response"], "6283");
    assert_eq!(compared["failures"], serde_json::json!([[], []]));
}

#[test]
fn with_exact_a_challenge_is_a_difference_too() {
    let text = "get_challenge 8\n";
    assert_eq!(compare(text, &["--seed", "2"], &[]).2, 0);
    let (stdout, _, code) = compare(text, &["--seed", "2"], &["--exact"]);
    assert_eq!((marked(&stdout).len(), code), (1, 1), "{stdout}");
    let (_, stderr, code) = script(text, &["--exact"]);
    assert_eq!((stderr.as_str(), code), ("sscard: --ignore and --exact belong to --compare\n", 2));
}

#[test]
fn a_script_that_fails_on_both_cards_or_on_one_is_told() {
    let (stdout, stderr, code) = compare("select SSSE\nexpect sw 9000\n", &["--seed", "1"], &[]);
    assert!(stdout.ends_with("1 exchange, both cards answer alike\n"), "{stdout}");
    assert!(stderr.contains("expected sw 9000, found 611E"), "{stderr}");
    assert!(stderr.ends_with("sscard: 1 expectation failed\n"), "{stderr}");
    assert_eq!(code, 1);
    let text = "get_challenge 8\nexpect data 64 ..\nselect SSSE\n";
    let (stdout, stderr, code) = compare(text, &["--seed", "2"], &[]);
    assert!(
        stdout.ends_with(
            "behind exchange 1 (a.apdu:1:1) the second card is through, the other one goes on\n"
        ),
        "{stdout}"
    );
    assert!(stderr.contains("[a.apdu:2:1]"), "{stderr}");
    assert_eq!(code, 1);
}

#[test]
fn a_card_that_is_not_there_leaves_the_other_one_alone() {
    let (stdout, stderr, code) = script("select SSSE\n", &["--compare", "no such reader"]);
    assert_eq!((stdout.as_str(), code), ("# a.apdu\n", 4));
    assert!(!stderr.contains("stopped"), "{stderr}");
}

#[test]
fn a_function_whose_value_is_wrong_fails() {
    let script_of = |wanted: &str| {
        script(
            &format!(
                "expect udk(3des, F0C34A8124CEE0A91A0B034AA97D6EAC, 6228000100001, 01) == {wanted}\n"
            ),
            &[],
        )
    };
    assert_eq!(script_of("014D996FCC8F49157DC8B49E3BCDFD99").2, 0);
    assert_eq!(script_of("014D996FCC8F49157DC8B49E3BCDFD98").2, 1);
}

#[test]
fn a_profile_file_is_looked_for_beside_the_script_and_the_state_is_said() {
    let profile =
        "base = \"gen3\"\nname = \"extended\"\nprotocol = \"T=1\"\nextended_length = true\n";
    let text = "@profile \"x.toml\"\n@state produced\n\
                > 00 A4 04 00 00 00 0F \"sx1.sh.社会保障\" 00 00\nexpect sw 6283\n\
                @mode auto\nread_record sfi=5 rec=1 mode=all le=65536\n";
    let folder = folder(&[("x.toml", profile), ("a.apdu", text)]);
    let (stdout, stderr, code) = run(&["run", &path(&folder, "a.apdu")]);
    assert_eq!((stderr.as_str(), code), ("", 0));
    assert!(stdout.contains("> 00B2012D000000\n"), "{stdout}");
    let (_, stderr, code) = script("@profile \"x.toml\"\nselect SSSE\n", &[]);
    assert!(stderr.contains("x.toml: No such file"), "{stderr}");
    assert_eq!(code, 3);
    let (_, stderr, code) = script("@state new\n", &[]);
    assert!(stderr.contains("a.apdu:1:8: 'new' is nothing that @state knows"), "{stderr}");
    assert_eq!(code, 3);
}
