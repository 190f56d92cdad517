//! `sscard run`.

use std::fs;

use crate::sscard::{self, card, folder, ok, path, run, script};
use serde_json::Value;

#[test]
fn a_good_script_shows_its_course() {
    let (stdout, stderr, code) = script(
        "select MF\n  expect sw 9000|61xx\ncase \"tries\" {\n  select SSSE\n  verify\n  expect sw 63C?\n}\nprint \"done\"\n",
        &[],
    );
    assert_eq!(
        stdout,
        "# a.apdu\n# ATR 3B6D0000008153534386009999790776A7\n> 00A40000023F00\n< 6102\n\
         # SELECT MF: 6102 2 bytes wait for GET RESPONSE (还有 2 字节数据可取)\ncase tries\n  \
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
        "  × a.apdu:2:1: 'selekt' is not a verb\n   ╭─[a.apdu:2:1]\n 1 │ 00A4000002 3F00\n 2 │ selekt SSSE\n   \
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
    assert!(
        stderr.contains("a.apdu:1:1: no such profile; use gen1, gen2, gen3, psam-3des, psam-sm4 or a TOML file\n"),
        "{stderr}"
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
    assert!(said.contains("> 00A40000023F00\n< 6102\n"), "{said}");
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

#[test]
fn a_card_that_cannot_be_had_keeps_every_script_from_running() {
    let folder = folder(&[
        ("a.apdu", "select SSSE\n"),
        ("b.apdu", "# a comment\n@profile \"nox.toml\"\nselect SSSE\n"),
    ]);
    let args = ["run", &path(&folder, "a.apdu"), &path(&folder, "b.apdu")];
    let (stdout, stderr, code) = run(&args);
    assert_eq!((stdout.as_str(), code), ("", 3));
    assert!(stderr.contains("b.apdu:2:1: "), "{stderr}");
    let (stdout, _, code) = run(&[&args[..], &["--json"]].concat());
    let errors: Value = serde_json::from_str(&stdout).expect("JSON");
    assert_eq!((code, &errors["errors"][0]["line"]), (3, &2.into()));
    let (_, stderr, code) = script("select SSSE\n@protocol T=1\n@profile \"x.toml\"\n", &[]);
    assert!(stderr.contains("a.apdu:3:1: "), "{stderr}");
    assert_eq!(code, 3);
    let (_folder, image) = card(&[]);
    let (_, stderr, code) = script("select SSSE\n@protocol T=1\n", &["--card", &image]);
    assert!(stderr.contains("[a.apdu:2:1]"), "{stderr}");
    assert_eq!(code, 6);
}

#[cfg(unix)]
#[test]
fn a_script_from_a_pipe_is_read_once() {
    let piped = |bytes: &[u8]| {
        let output = sscard::piped(sscard::program().args(["run", "/dev/stdin"]), bytes);
        (String::from_utf8_lossy(&output.stderr).into_owned(), output.status.code())
    };
    let (stderr, code) = piped(b"select SSSE\nexpect sw 1234\n# \xFF\n");
    assert!(stderr.contains("cannot be read: it is not UTF-8 text: byte 30"), "{stderr}");
    assert_eq!(code, Some(3));
    assert_eq!(piped(b"select SSSE\nexpect sw 611E\n").1, Some(0));
    assert_eq!(piped(b"select SSSE\nexpect sw 1234\n").1, Some(1));
}

#[test]
fn pins_are_hidden_in_every_class() {
    let (stdout, ..) = script("> B0 20 00 00 03 12 34 56\n> BF 24 00 00 03 12 34 56\n", &[]);
    assert!(
        stdout.contains("> B020000003******") && stdout.contains("> BF24000003******"),
        "{stdout}"
    );
}

#[test]
fn directives_do_not_contradict_each_other() {
    for (text, message) in [
        ("@seed 4\n@seed 5\n", "a.apdu:2:1: '@seed' is given twice with different values"),
        ("@profile gen2\n@card \"a.img\"\n", "a.apdu:2:1: '@card' has no effect beside '@profile'"),
        ("@card \"a.img\"\n@state active\n", "a.apdu:2:1: '@state' has no effect beside '@card'"),
    ] {
        let (_, stderr, code) = script(text, &[]);
        assert!(stderr.contains(message), "{stderr}");
        assert_eq!(code, 3);
    }
    assert_eq!(script("@protocol T=0\n@protocol T=0\nselect SSSE\n", &[]).2, 0);
}

#[test]
fn a_script_that_never_ends_is_refused() {
    let doubling: String =
        (1..41).map(|n| format!("let a{n} = $a{} || $a{}\n", n - 1, n - 1)).collect();
    let (_, stderr, code) = script(&format!("let a0 = 00112233\n{doubling}"), &[]);
    assert!(stderr.contains("a value has at most 1048576 bytes"), "{stderr}");
    assert_eq!(code, 3);
    let rows: String = (0..1000).map(|row| format!("{row}\n")).collect();
    let nested = "for a in csv \"r.csv\" {\n".repeat(4) + "print 00\n" + &"}\n".repeat(4);
    let folder = folder(&[("r.csv", &format!("n\n{rows}")), ("a.apdu", &nested)]);
    let (_, stderr, code) = run(&["run", &path(&folder, "a.apdu")]);
    assert!(
        stderr.contains("more than 10000000 statements, rows and includes counted"),
        "{stderr}"
    );
    assert_eq!(code, 3);
    assert_eq!(run(&["run", "/dev/zero"]).2, 3);
    let text = (1..31).map(|n| format!("let a{n} = \"${{a{0}}}${{a{0}}}\"\n", n - 1));
    let text: String =
        std::iter::once("let a0 = \"0123456789\"\n".to_owned()).chain(text).collect();
    assert!(script(&text, &[]).1.contains("a value has at most 1048576 bytes"));
    let text: String = (1..31).map(|n| format!("let a{n} = hex($a{})\n", n - 1)).collect();
    let (_, stderr, _) = script(&format!("let a0 = 00112233\n{text}"), &[]);
    assert!(stderr.contains("a value has at most 1048576 bytes"), "{stderr}");
    let empty = "for a in csv \"r.csv\" {\n".repeat(4) + &"}\n".repeat(4);
    let folder = sscard::folder(&[("r.csv", &format!("n\n{rows}")), ("a.apdu", &empty)]);
    let (_, stderr, _) = run(&["run", &path(&folder, "a.apdu")]);
    assert!(stderr.contains("more than 10000000 statements"), "{stderr}");
}
