//! The bench's page in headless Chromium: what it shows of a card that a program uses through pcscd, and what its buttons do.

use std::time::Duration;

use serde_json::json;

use super::browser::Browser;
use super::{SELECT_SSSE, SSCARD, Served, card_is_in, ok, reader, served_with, wait_for};

const WRONG_PIN: &str = "0020000003111111";

fn opened(width: u32, height: u32, language: &str) -> (Served, Browser) {
    let served = served_with(&["gen3"], &["--api", "127.0.0.1:0"]);
    let address = format!("http://127.0.0.1:{}/?lang={language}", served.api_port());
    let browser = Browser::open(&address, width, height);
    wait_for("the page", || {
        browser.script("return !document.getElementById('bench').hidden") == true
    });
    (served, browser)
}

/// Nothing but what the page itself asks for: a script's error or a refusal by its policy would be here.
/// What a person sees of readers and card, without what the time of day decides, is what the file says; BLESS=1 writes it.
fn looks_as_in(browser: &Browser, served: &Served, name: &str) {
    let text = browser.script(
        "for (const part of document.querySelectorAll('#card-part details')) part.open = /^directory:|EF05$|\\/11\\/|^bytes/.test(part.dataset.key);
         return [...document.querySelectorAll('header, #readers-part, #card-part, footer')].map((part) => part.innerText).join('\\n\\n')",
    );
    let folder = served.folder.path().display().to_string();
    let text = text.as_str().expect("text").replace(&folder, "FOLDER");
    // pcscd takes the power away when nobody uses the card.
    let text = text.replace("powered · ", "").replace("no power · ", "");
    let text = text.replace("已上电 · ", "").replace("未上电 · ", "");
    let lines = text.lines().map(|line| line.trim_end().to_owned() + "\n").collect::<String>();
    let path = format!("{}/tests/pcsc/{name}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &lines).expect("written");
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    for (number, (shown, expected)) in (1..).zip(lines.lines().zip(expected.lines())) {
        assert_eq!(shown, expected, "{name}:{number}");
    }
    assert_eq!(lines.lines().count(), expected.lines().count(), "{name}");
}

fn has_no_complaints(browser: &Browser) {
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn the_page_shows_an_exchange_ejects_inserts_and_restores() {
    let (served, browser) = opened(1280, 900, "en");
    browser.shows("live", "live");
    browser.shows("readers", "0.img");
    browser.shows("pins", "SSSE\t6 / 6 tries left");
    looks_as_in(&browser, &served, "page-en.txt");
    // By pcscd, as any program would.
    ok(SSCARD, &["transmit", "--reader", reader(), SELECT_SSSE, WRONG_PIN]);
    browser.shows(
        "exchanges",
        "driver SELECT SSSE 社会保障系统环境 611E 30 bytes wait for GET RESPONSE",
    );
    browser.shows("exchanges", "driver VERIFY 63C5 PIN not verified, 5 tries left");
    browser.shows("pins", "SSSE\t5 / 6 tries left");
    let text = browser.script("return document.body.textContent").to_string();
    assert!(!text.contains("111111") && text.contains("a PIN or a key, shown as zeros"));

    browser.click("#snapshot");
    browser.shows("snapshots", "a");
    ok(SSCARD, &["transmit", "--reader", reader(), SELECT_SSSE, WRONG_PIN]);
    browser.shows("pins", "SSSE\t4 / 6 tries left");
    browser.click("#snapshots button");
    browser.shows("said", "Restore: done");
    browser.shows("pins", "SSSE\t5 / 6 tries left");

    browser.click("#eject");
    browser.shows("readers", "0 · empty");
    wait_for("pcscd's empty reader", || !card_is_in(reader(), served.expected_atr(0)));
    assert_eq!(browser.script("return document.getElementById('eject').disabled"), true);
    browser.click("#insert");
    browser.shows("readers", "0.img");
    wait_for("pcscd's card", || card_is_in(reader(), served.expected_atr(0)));
    has_no_complaints(&browser);
}

#[test]
fn the_page_works_by_keyboard_and_in_chinese() {
    let (served, browser) = opened(390, 844, "zh");
    assert_eq!(browser.script("return document.documentElement.lang"), "zh-CN");
    browser.shows("live", "实时");
    browser.shows("pins", "6 / 6 剩余次数");
    let fits = "return document.documentElement.scrollWidth <= window.innerWidth";
    assert_eq!(browser.script(fits), true, "a phone shows it without scrolling sideways");
    looks_as_in(&browser, &served, "page-zh.txt");
    browser.script("for (const part of document.querySelectorAll('details')) part.open = false");
    browser.keys("e");
    browser.shows("readers", "0 · 空");
    wait_for("pcscd's empty reader", || !card_is_in(reader(), served.expected_atr(0)));
    browser.keys("i");
    browser.shows("readers", "0.img");
    browser.keys("s");
    browser.shows("snapshots", "恢复");
    wait_for("pcscd's card", || card_is_in(reader(), served.expected_atr(0)));
    ok(SSCARD, &["transmit", "--reader", reader(), SELECT_SSSE, WRONG_PIN]);
    browser.shows("pins", "5 / 6 剩余次数");
    browser.shows("exchanges", "驱动 VERIFY 63C5 密码未通过，剩余 5 次");
    browser.keys("b");
    browser.shows("pins", "6 / 6 剩余次数");
    // A file, opened as by Enter, and its content.
    browser.script("document.querySelector('[data-focus=\"summary:directory:SSSE\"]').focus()");
    browser.keys("\u{E007}");
    browser.shows("card", "EF05 发卡机构数据");
    browser.shows("card", "读 自由 · 写 UK_SSSE");
    browser.keys("l");
    browser.shows("card", "EF05 issuer data");
    browser.shows("live", "live");
    has_no_complaints(&browser);
}

#[test]
fn the_page_sets_faults_and_takes_what_it_shows_for_text() {
    let (served, browser) = opened(1280, 900, "en");
    let typed = |id: &str, text: &str| {
        browser.script(&format!(
            "const field = document.getElementById('{id}'); field.value = {}; field.form.requestSubmit();",
            json!(text)
        ));
    };
    typed("fault", "sw=6100@ins=84");
    browser.shows("faults", "sw=6100@ins=84");
    typed("fault", "sw=61<img src=x onerror=alert(1)>");
    browser.shows("said", "<img src=x onerror=alert(1)>");
    assert_eq!(browser.script("return document.images.length"), 0);
    // What got in as markup all the same would not run.
    let foreign = browser.script(
        "const script = document.createElement('script'); script.textContent = 'window.ran = 1';
         document.body.append(script); return window.ran === undefined",
    );
    assert_eq!(foreign, true);
    typed("apdu", "0084 0000 08");
    browser.shows("said", "6100");
    browser.shows("exchanges", "API GET CHALLENGE 8 bytes 6100 256 bytes wait for GET RESPONSE");
    browser.shows("faults", "struck at command 1:");
    browser.click("#clear-faults");
    browser.shows("faults", "none");
    browser.hides("faults", "sw=6100");
    // One that is started again is found again.
    let mut served = served;
    assert_eq!(served.stop("-TERM"), Some(0));
    browser.shows("live", "not connected");
    std::thread::sleep(Duration::from_millis(100));
}

#[test]
fn the_page_asks_for_the_token_and_nothing_is_shown_before() {
    let token = "a-token-of-a-test";
    let served = served_with(&["gen3"], &["--api", "127.0.0.1:0", "--api-token", token]);
    let browser =
        Browser::open(&format!("http://127.0.0.1:{}/?lang=en", served.api_port()), 800, 600);
    wait_for("the question", || {
        browser.script("return !document.getElementById('ask-token').hidden") == true
    });
    let enter = |text: &str| {
        browser.script(&format!(
            "document.getElementById('token').value = '{text}'; document.getElementById('ask-token').requestSubmit();"
        ));
    };
    enter("another-token-than-that");
    wait_for("the question again", || {
        browser.script("return !document.getElementById('ask-token').hidden") == true
    });
    assert_eq!(browser.script("return document.getElementById('bench').hidden"), true);
    enter(token);
    browser.shows("readers", "0.img");
    browser.shows("live", "live");
    assert!(
        !browser.script("return document.documentElement.outerHTML").to_string().contains(token)
    );
}
