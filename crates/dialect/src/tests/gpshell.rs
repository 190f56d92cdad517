use super::*;

#[test]
fn select_apdus_data_and_words() {
    let text = "mode_211\nestablish_context\ncard_connect -readerNumber 1 -protocol 1\n\
                # the domain\nselect -AID a000000003000000\nprint reading CPLC\n\
                get_data -identifier 9F7F\nsend_apdu -sc 0 -APDU 80CA00CF00\n\
                // may fail\nsend_apdu_nostop -sc 0 -APDU 80F2000000\ncard_disconnect\ncard_connect\n";
    let imported = of(Dialect::GpShell, text);
    assert_eq!(
        script(&imported),
        "@protocol T=1\n@mode auto\nselect A000000003000000\nexpect sw 9000\nprint \"reading CPLC\"\n\
         > 80CA9F7F00\nexpect sw 9000\n> 80CA00CF00\nexpect sw 9000\n> 80F2000000\nreset\n"
    );
    assert_eq!(notes(&imported)[0], "line 1: note: mode_211: nothing to do here");
}

#[test]
fn the_environment_is_the_callers() {
    let text = "send_apdu -sc 0 -APDU ${HEADER}0000${LE}\n";
    let mut options = ImportOptions { dialect: Some(Dialect::GpShell), ..ImportOptions::default() };
    let error = read("x", text, &options).expect_err("no value").to_string();
    assert_eq!(error, "x: 1 line cannot be imported\n  line 1: ${HEADER} has no value");
    for (name, value) in [("HEADER", "00B0"), ("LE", "08")] {
        options.environment.insert(name.to_owned(), value.to_owned());
    }
    let imported = with("x", text, &options);
    assert_eq!(script(&imported), "@mode auto\n> 00B0000008\nexpect sw 9000\n");
}

#[test]
fn everything_else_is_named() {
    for (line, said) in [
        ("open_sc -security 1", "open_sc is not supported"),
        ("send_apdu -sc 1 -APDU 00", "there is no secure channel: -sc 0 only"),
        ("send_apdu -APDU 00", "-sc 0 is missing"),
        ("send_apdu -sc 0", "-apdu is missing"),
        ("send_apdu -sc 0 -APDU 0", "'0' is not hex in pairs"),
        ("send_apdu -sc 0 -APDU 00 -twice 1", "-twice is not known here"),
        ("get_data -identifier 9F", "an identifier has two bytes"),
        ("select A0", "'A0' is not an option"),
        ("select -AID", "-AID has no value"),
        ("print ${", "'${' is not closed"),
        ("card_connect -protocol 2", "-protocol 2: 0 or 1"),
    ] {
        let said_of_it = refused(Dialect::GpShell, line);
        assert!(said_of_it.ends_with(&format!("line 1: {said}")), "{line}: {said_of_it}");
    }
}
