//! Each format as its description says it is (docs/standards/pcsc.md §5.2), on fixtures of our own.

use proptest::prelude::*;

use std::time::Duration;

use super::*;

/// Why there is no response.
fn why(exchange: &Exchange) -> String {
    exchange.response.as_ref().expect_err("no response").to_string()
}

const OURS: &str = concat!(
    r#"{"ev":"trace","schema":1,"tool":"t","atr":"3B00","protocol":"T=1","mode":"auto","reader":"R"}"#,
    "\n",
    r#"{"ev":"apdu","t_ns":5,"reader":"R","cmd":"00A40000023F00","rsp":"9000","us":7,"note":"n"}"#,
    "\n",
    r#"{"ev":"reset","t_ns":6,"atr":"3B01"}"#,
    "\n",
    r#"{"ev":"apdu","t_ns":8,"reader":"S","cmd":"0020000003000000","err":"gone","redacted":true}"#,
    "\n",
);

#[test]
fn ours_is_read() {
    let (header, events, errors) = read(OURS, None);
    assert_eq!(errors, Vec::<String>::new());
    assert_eq!(header.atr, [0x3B, 0x00]);
    assert_eq!(header.protocol, Some(Protocol::T1));
    assert_eq!((header.mode, header.reader.as_deref()), (Some(Mode::Auto), Some("R")));
    let [TraceEvent::Exchange(first), TraceEvent::Reset(reset), TraceEvent::Exchange(last)] =
        &events[..]
    else {
        panic!("{events:?}")
    };
    assert_eq!(
        (first.t_ns, first.duration, first.note.as_deref()),
        (5, Some(Duration::from_micros(7)), Some("n"))
    );
    assert_eq!(
        (&first.command[..], first.response.as_deref().ok()),
        (&SELECT[..], Some(&[0x90, 0][..]))
    );
    assert_eq!(first.reader, None, "the header's");
    assert_eq!(reset.atr, [0x3B, 0x01]);
    assert_eq!((last.reader.as_deref(), &why(last)[..]), (Some("S"), "gone"));
    assert_eq!(last.redacted, Some(5..8));
}

#[test]
fn each_malformed_line_of_ours_is_named() {
    let begin = OURS.lines().next().expect("header");
    for (line, reason) in [
        ("{", "EOF while parsing"),
        (r#"{"ev":"apdu","cmd":"00A4","rsp":"9"}"#, "an odd number of hexadecimal digits in '9'"),
        (r#"{"ev":"apdu","cmd":"","rsp":"90"}"#, "an exchange has a command in cmd"),
        (r#"{"ev":"apdu","cmd":"00A4"}"#, "an exchange has either rsp or err"),
        (
            r#"{"ev":"apdu","cmd":"00A4","rsp":"9000","err":"x"}"#,
            "an exchange has either rsp or err",
        ),
        (r#"{"ev":"apdu","rsp":"9000"}"#, "an exchange has a command in cmd"),
        (r#"{"ev":"apdu","cmd":"00G4","rsp":"9000"}"#, "'G' is not a hexadecimal digit"),
        (r#"{"ev":"apdu","cmd":"00A","rsp":"9000"}"#, "an odd number of hexadecimal digits"),
        (r#"{"ev":"what"}"#, "none of trace, apdu, reset, power_on and power_off"),
        (r#"{"ev":"trace","schema":2}"#, "schema 2 is not known"),
        (r#"{"ev":"trace","schema":1,"protocol":"T=2"}"#, "neither T=0 nor T=1"),
    ] {
        let text = format!("{begin}\n{line}\n{}\n", r#"{"ev":"apdu","cmd":"00A4","rsp":"9000"}"#);
        let (_, events, errors) = read(&text, None);
        assert_eq!(errors.len(), 1, "{line}: {errors:?}");
        assert!(errors[0].starts_with("line 2: ") && errors[0].contains(reason), "{errors:?}");
        assert_eq!(events.len(), 1, "the line after {line} is read");
    }
    let (_, _, errors) = read(r#"{"ev":"apdu","cmd":"00A4","rsp":"9000"}"#, None);
    assert!(errors[0].starts_with("line 1: the header comes first"), "{errors:?}");
    let bad = [begin.as_bytes(), b"\n{\"ev\":\"\xFF\"}\n"].concat();
    let mut reader = TraceReader::open(&bad[..], None).expect("ours");
    assert_eq!(reader.next().expect("line").unwrap_err().to_string(), "line 2: it is not UTF-8");
}

#[test]
fn a_line_without_end_is_refused_and_skipped() {
    let long = "x".repeat(3 << 20);
    let text = format!("A>> T=1 (4+0000) 00A40400 00\n{long}\nA<< (0000+2) (5ms) 9000\n");
    let (_, events, errors) = read(&text, None);
    assert_eq!(errors, ["line 2: it is longer than 1 MiB"]);
    assert_eq!(events.len(), 1);
}

#[test]
fn a_dump_of_apdu4j_is_read_in_both_forms() {
    let new = "# ATR: 3B00\n# PROTOCOL: T=1\n00A40000023F00\n# 24ms\n9000\n# anything\n0084000008\n# 1ms\n6D00\n";
    let old = "# ATR: 3B00\n# Sent\n00A40000023F00\n# Received in 24ms\n9000\n";
    let (header, events, errors) = read(new, None);
    assert_eq!((errors.len(), events.len()), (0, 2));
    assert_eq!((&header.atr[..], header.protocol), (&[0x3B, 0][..], Some(Protocol::T1)));
    for text in [new, old] {
        let first = &exchanges(text, TraceFormat::Apdu4j)[0];
        assert_eq!(first.command, SELECT);
        assert_eq!(first.response.as_deref().ok(), Some(&[0x90, 0x00][..]));
        assert_eq!(first.duration, Some(Duration::from_millis(24)));
    }
    assert_eq!(exchanges(new, TraceFormat::Apdu4j)[1].t_ns, 24_000_000);
    assert_eq!(
        exchanges("00A40000023F00\n9000\n", TraceFormat::Apdu4j).len(),
        1,
        "without comments"
    );
}

#[test]
fn each_malformed_line_of_apdu4j_is_named() {
    let refused = |text: &str| read(text, Some(TraceFormat::Apdu4j)).2;
    assert_eq!(refused("00A4\n9000\n00B0\n"), ["line 3: the last command has no response line"]);
    assert_eq!(refused("00A4\n90\n"), ["line 2: a response has at least two bytes"]);
    assert_eq!(refused("00X4\n")[0], "line 1: 'X' is not a hexadecimal digit in '00X4'");
    assert_eq!(refused("# ATR: 3B0\n")[0], "line 1: an odd number of hexadecimal digits in '3B0'");
    assert_eq!(
        refused("# PROTOCOL: T=7\n00A4\n9000")[0],
        "line 1: protocol 'T=7' is neither T=0 nor T=1"
    );
}

#[test]
fn a_log_of_pcscd_is_read() {
    let log = "00000000 ifdhandler.c:200:Something else\n\
               00000010 APDU: 00 A4 00 00 02 3F 00 \n\
               00001500 SW: 6F 02 84 00 90 00 \n\
               00000100 winscard.c:1:other\n\
               00000020 APDU: 00 84 00 00 08 \n\
               00000300 SW: \n\
               00000005 ifdwrapper.c:500:IFDTransmit() Card not transacted: 612\n\
               00000001 APDU: 00 C0 00 00 02\n\
               00000001 SW: 90 00\n";
    let found = exchanges(log, TraceFormat::Pcscd);
    assert_eq!(found.len(), 3);
    assert_eq!((found[0].t_ns, found[0].duration), (10_000, Some(Duration::from_micros(1500))));
    assert_eq!(found[0].response.as_deref().ok(), Some(&[0x6F, 2, 0x84, 0, 0x90, 0][..]));
    assert_eq!(found[1].t_ns, 1_630_000);
    assert_eq!(why(&found[1]), "card not transacted: 612");
    assert_eq!(found[2].response.as_deref().ok(), Some(&[0x90, 0x00][..]));
}

#[test]
fn stale_bytes_before_card_not_transacted_are_no_response() {
    let log =
        "00000010 APDU: 00 84 00 00 08 \n00000300 SW: 90 00 \n00000005 Card not transacted: 615\n";
    let found = exchanges(log, TraceFormat::Pcscd);
    assert_eq!(why(&found[0]), "card not transacted: 615");
    let log = "00000010 APDU: 00 84 00 00 08 \n00000300 SW: \n";
    assert_eq!(why(&exchanges(log, TraceFormat::Pcscd)[0]), "an empty SW: line");
    let log = "00000010 APDU: 00 84 00 00 08 \n";
    assert_eq!(why(&exchanges(log, TraceFormat::Pcscd)[0]), "no SW: line");
}

#[test]
fn threads_of_pcscd_s_colour_mode_are_told_apart() {
    let log = "\u{1B}[32m00000010\u{1B}[0m [140001] \u{1B}[34mAPDU: 00 A4 00 00 02 3F 00 \u{1B}[0m\n\
               00000010 [140002] APDU: 00 84 00 00 08 \n\
               00000010 [140001] SW: 90 00 \n\
               00000010 [140002] SW: 6D 00 \n";
    let mut found = exchanges(log, TraceFormat::Pcscd);
    found.sort_by_key(|exchange| exchange.t_ns);
    assert_eq!(found[0].reader.as_deref(), Some("thread 140001"));
    assert_eq!(
        (&found[0].command[..], found[0].response.as_deref().ok()),
        (&SELECT[..], Some(&[0x90, 0][..]))
    );
    assert_eq!(found[1].reader.as_deref(), Some("thread 140002"));
    assert_eq!(found[1].response.as_deref().ok(), Some(&[0x6D, 0][..]));
}

#[test]
fn each_malformed_line_of_pcscd_is_named() {
    let refused = |text: &str| read(text, Some(TraceFormat::Pcscd)).2;
    assert_eq!(refused("00000001 SW: 90 00\n"), ["line 1: SW: without an APDU: before it"]);
    assert_eq!(
        refused("00000001 APDU: 00 A4\n00000001 SW: 90\n"),
        ["line 2: a response has at least two bytes"]
    );
    assert_eq!(
        refused("00000001 APDU: 00 A4\n00000001 SW: 90 00\n00000001 SW: 90 00\n"),
        ["line 3: a second SW: for one APDU:"]
    );
    assert_eq!(refused("00000001 APDU: zz\n"), ["line 1: 'z' is not a hexadecimal digit in 'zz'"]);
    assert_eq!(refused("00000001 APDU: \n"), ["line 1: no bytes where hexadecimal is expected"]);
}

/// One SCardTransmit as libpcscspy writes it, without the last line.
fn spied(thread: &str, seconds: u64, handle: &str, command: &str, response: &str) -> String {
    let count = |hex: &str| hex.split_whitespace().count();
    let (sent, received) = (count(command), count(response));
    let mut text = format!("{thread}@>|{seconds}|250|SCardTransmit\n");
    for argument in [handle, "0x00000002", "0x00000010", &format!("0x{sent:08X}"), command] {
        text.push_str(&format!("{thread}@{argument}\n"));
    }
    for argument in ["0x00000002", "0x00000010", &format!("0x{received:08X}"), response] {
        text.push_str(&format!("{thread}@{argument}\n"));
    }
    text
}

#[test]
fn a_log_of_libpcscspy_is_read() {
    let log = "7F01@>|100|200|SCardEstablishContext\n7F01@0x00000002\n7F01@<|100|210|SCardEstablishContext|0x00000000\n"
        .to_owned()
        + &spied("7F01", 100, "0x0000ABCD", "00 A4 00 00 02 3F 00", "90 00")
        + "7F01@<|100|1250|SCardTransmit|0x00000000\n"
        + &spied("7F01", 101, "0x0000ABCD", "00 84 00 00 08", "")
        + "7F01@<|101|300|SCardTransmit|0x80100069\n";
    let found = exchanges(&log, TraceFormat::Pcscspy);
    assert_eq!(found.len(), 2);
    assert_eq!(
        (&found[0].command[..], found[0].response.as_deref().ok()),
        (&SELECT[..], Some(&[0x90, 0][..]))
    );
    assert_eq!(found[0].reader.as_deref(), Some("card handle 0000ABCD"));
    assert_eq!((found[0].t_ns, found[0].duration), (50_000, Some(Duration::from_millis(1))));
    assert_eq!(why(&found[1]), "SCardTransmit returned 0x80100069");
    let header = read(&log, None).0;
    assert_eq!(header.start_ms, Some(100_000));
}

#[test]
fn threads_of_libpcscspy_are_told_apart() {
    let one = spied("AA", 1, "0x01", "00 A4 00 00 02 3F 00", "90 00");
    let two = spied("BB", 2, "0x02", "00 84 00 00 08", "6D 00");
    let mut log = String::new();
    for (a, b) in one.lines().zip(two.lines()) {
        log.push_str(&format!("{a}\n{b}\n"));
    }
    log.push_str("BB@<|3|0|SCardTransmit|0x00000000\nAA@<|4|0|SCardTransmit|0x00000000\n");
    let found = exchanges(&log, TraceFormat::Pcscspy);
    assert_eq!(found[0].reader.as_deref(), Some("card handle 00000002"));
    assert_eq!(found[0].response.as_deref().ok(), Some(&[0x6D, 0][..]));
    assert_eq!(found[1].command, SELECT);
}

#[test]
fn each_malformed_line_of_libpcscspy_is_named() {
    let refused = |text: &str| read(text, Some(TraceFormat::Pcscspy)).2;
    assert_eq!(refused("hello\n"), ["line 1: no thread before @"]);
    assert_eq!(
        refused("xyz@>|1|2|F\n"),
        ["line 1: the thread before @ is not a hexadecimal number"]
    );
    assert_eq!(refused("AA@>|1|F\n"), ["line 1: a call has seconds and microseconds"]);
    let wrong = spied("AA", 1, "0x01", "00 A4", "90 00")
        .replace("0x00000002\nAA@00 A4", "0x00000003\nAA@00 A4");
    let wrong = wrong + "AA@<|1|3|SCardTransmit|0x00000000\n";
    assert_eq!(refused(&wrong), ["line 11: 3 bytes are announced, 2 are there"]);
    let short = "AA@>|1|2|SCardTransmit\nAA@0x01\nAA@<|1|3|SCardTransmit|0x00000000\n";
    assert_eq!(refused(short), ["line 3: too few arguments of SCardTransmit"]);
    let many = format!("AA@>|1|2|SCardTransmit\n{}", "AA@0x01\n".repeat(17));
    assert_eq!(refused(&many)[0], "line 18: more arguments than SCardTransmit has");
}

#[test]
fn a_log_of_gp_is_read() {
    let log = "# gp -d\n[DEBUG] A>> T=1 (4+0008) 80500000 08 0102030405060708 00\n\
               [DEBUG] A<< (0028+2) (117ms) 00010203040506070809101112131415161718192021222324252627 9000\n\
               [DEBUG] A>> T=1 (4+0000) 00A40400 00\n[DEBUG] A<< (0000+2) (26ms) 6A82\n\
               A>> T=1 (4+0000) 00A40400 00\n";
    let found = exchanges(log, TraceFormat::Gp);
    assert_eq!(found.len(), 3);
    assert_eq!(
        found[0].command,
        hex::decode("80500000080102030405060708 00".replace(' ', "")).expect("hex")
    );
    assert_eq!(found[0].response.as_ref().ok().map(Vec::len), Some(30));
    assert_eq!(found[0].duration, Some(Duration::from_millis(117)));
    assert_eq!(
        (found[1].t_ns, found[1].response.as_deref().ok()),
        (117_000_000, Some(&[0x6A, 0x82][..]))
    );
    assert_eq!(why(&found[2]), "no response in the log");
    assert_eq!(read(log, None).0.protocol, Some(Protocol::T1));
}

#[test]
fn each_malformed_line_of_gp_is_named() {
    let refused = |text: &str| read(text, Some(TraceFormat::Gp)).2;
    assert_eq!(refused("A<< (0000+2) (1ms) 9000\n"), ["line 1: a response without a command"]);
    assert_eq!(refused("A>> 00A4\n"), ["line 1: the lengths are written (4+0008)"]);
    assert_eq!(
        refused("A>> T=1 (4+0008) 80500000 02 0102\n"),
        ["line 1: 8 bytes of data are announced, the command has 7 bytes"]
    );
    assert_eq!(
        refused("A>> T=1 (4+0000) 00A40400 00\nA<< (0001+2) (1ms) 9000\n"),
        ["line 2: 1+2 bytes are announced, 2 are there"]
    );
    assert_eq!(
        refused("A>> T=1 (4+0000) 00A40400 00\nA<< (0000+2) (xms) 9000\n"),
        ["line 2: a duration is written (117ms)"]
    );
}

#[test]
fn a_transcript_of_scriptor_is_read() {
    let text = "Using T=0 protocol\nreset\n> RESET\n< OK: 3B 00 \n# a comment of the script\n\
                00A40000023F00\n> 00 A4 00 00 02 3F 00\n< 90 00 : Normal processing.\n\
                > 00 B0 00 00 11\n\
                < 00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F \n10 90 00 : Normal processing.\n\
                > 00 84 00 00 08\n";
    let (header, events, errors) = read(text, None);
    assert_eq!(errors, Vec::<String>::new());
    assert_eq!(header.protocol, Some(Protocol::T0));
    let [
        TraceEvent::Reset(reset),
        TraceEvent::Exchange(first),
        TraceEvent::Exchange(rows),
        TraceEvent::Exchange(last),
    ] = &events[..]
    else {
        panic!("{events:?}")
    };
    assert_eq!(reset.atr, [0x3B, 0x00]);
    assert_eq!(
        (&first.command[..], first.response.as_deref().ok()),
        (&SELECT[..], Some(&[0x90, 0][..]))
    );
    assert_eq!(rows.response.as_ref().ok().map(Vec::len), Some(19));
    assert_eq!(why(last), "no response in the transcript");
}

#[test]
fn each_malformed_line_of_scriptor_is_named() {
    let refused = |text: &str| read(text, Some(TraceFormat::Scriptor)).2;
    assert_eq!(refused("< 90 00 : x\n"), ["line 1: a response without a command"]);
    assert_eq!(refused("> 00 A4\n< 90 : x\n"), ["line 2: a response has at least two bytes"]);
    assert_eq!(refused("> 0G\n"), ["line 1: 'G' is not a hexadecimal digit in '0G'"]);
    assert_eq!(refused("> RESET\n< 3B 00\n"), ["line 2: a reset is answered by OK: or KO:"]);
    assert_eq!(
        refused("hello\n"),
        ["line 1: neither a command, a response nor a line of a script"]
    );
    assert_eq!(
        refused("> 00 B0 00 00 11\n< 00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F\n"),
        ["line 2: the last response has no end"]
    );
}

#[test]
fn what_is_no_trace_is_said_to_be_none() {
    for text in ["", "hello\nworld\n", "\0\u{1}\u{2}"] {
        assert!(
            matches!(TraceReader::open(text.as_bytes(), None), Err(TraceError::Unknown)),
            "{text}"
        );
    }
}

/// Lines near enough to a format to get into its parser.
fn lines() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("> 00 A4 00 00 02 3F 00".to_owned()),
        Just("< 90 00 : ok".to_owned()),
        Just("00000010 [1] APDU: 00 A4 ".to_owned()),
        Just("00000010 [1] SW: 90 00 ".to_owned()),
        Just("Card not transacted: 1".to_owned()),
        Just("A>> T=1 (4+0000) 00A40400 00".to_owned()),
        Just("A<< (0000+2) (1ms) 9000".to_owned()),
        Just("AA@>|1|2|SCardTransmit".to_owned()),
        Just("AA@0x00000002".to_owned()),
        Just("AA@00 A4".to_owned()),
        Just("AA@<|1|3|SCardTransmit|0x0".to_owned()),
        Just("# sscard: {\"ev\":\"apdu\",\"redacted\":true}".to_owned()),
        Just("{\"ev\":\"trace\",\"schema\":1}".to_owned()),
        Just("{\"ev\":\"apdu\",\"cmd\":\"0020\",\"rsp\":\"9000\",\"redacted\":true}".to_owned()),
        Just("00A40000023F00".to_owned()),
        "[0-9A-F]{0,12}",
        "\\PC{0,40}",
    ]
}

proptest! {
    #[test]
    fn no_reader_panics_on_bytes(bytes: Vec<u8>) {
        for (format, ..) in TraceFormat::ALL {
            let reader = TraceReader::open(&bytes[..], Some(*format)).expect("memory");
            prop_assert!(reader.count() <= bytes.len() + 2);
        }
    }

    #[test]
    fn what_is_read_is_written_and_read_again(lines in prop::collection::vec(lines(), 0..40)) {
        let text = lines.join("\n");
        for (format, ..) in TraceFormat::ALL {
            let mut reader = TraceReader::open(text.as_bytes(), Some(*format)).expect("memory");
            let events: Vec<TraceEvent> = (&mut reader).flatten().collect();
            let header = reader.header().clone();
            for (export, ..) in Export::ALL {
                let bytes = write(export, &header, &events, Secrets::Shown);
                if export == Export::Jsonl {
                    let again = TraceReader::open(&bytes[..], None).expect("ours");
                    let again: Vec<TraceEvent> = again.collect::<Result<_, _>>().expect("well formed");
                    prop_assert_eq!(&again, &events);
                }
            }
        }
    }
}
