//! What a harness sees of a card beside its answers: session, digest, armed cut.

use std::hint::black_box;
use std::time::{Duration, Instant};

use sscard_apdu::{FileId, LogicalChannel};
use sscard_core::{Card, ChannelSession, KeyId, VerifiedPin};

use crate::harness::{Desk, SELECT_SSSE, hex};

fn basic(desk: &Desk) -> ChannelSession {
    desk.card.session().channel(0).expect("always open").clone()
}

fn name(channel: &ChannelSession) -> Option<String> {
    channel.application.map(|aid| hex(aid.as_bytes()))
}

#[test]
fn a_session_shows_selection_pin_keys_challenge_and_record() {
    let mut desk = Desk::t0("gen3");
    let fresh = basic(&desk);
    assert_eq!((fresh.df, fresh.ef, fresh.record), (Some(FileId::MASTER_FILE), None, None));
    assert_eq!(name(&fresh).as_deref(), None, "the MF has no name");
    assert!(fresh.pins.is_empty() && fresh.keys.is_empty() && fresh.challenge.is_none());

    desk.send(SELECT_SSSE);
    let selected = basic(&desk);
    assert_eq!(name(&selected).as_deref(), Some(&SELECT_SSSE[10..]));
    assert_eq!(selected.pending, 0x1E, "the FCI waits for GET RESPONSE");

    desk.send("0020000003123457");
    assert!(!basic(&desk).has_verified(VerifiedPin::Card), "a wrong PIN");
    desk.send("0020000003123456");
    assert_eq!(basic(&desk).pins, [VerifiedPin::Card]);

    let given = desk.challenge();
    assert_eq!(basic(&desk).challenge, Some(given));
    assert_eq!(desk.authenticate("SSSE", 0x0A), "9000");
    assert_eq!(desk.authenticate("SSSE", 0x04), "9000");
    let proved = basic(&desk);
    assert_eq!((&proved.keys[..], proved.challenge), (&[KeyId(0x04), KeyId(0x0A)][..], None));

    desk.data("00B207280B");
    let read = basic(&desk);
    assert_eq!((read.ef, read.record), (Some(FileId::new(0xEF05)), Some(7)));

    desk.send("1020000001AA");
    assert_eq!(basic(&desk).chained, Some(1));
    desk.all_ok(&["00A4000002DF01"]);
    let inside = basic(&desk);
    assert_eq!((inside.df, inside.ef, inside.chained), (Some(FileId::new(0xDF01)), None, None));
    assert_eq!(inside.pins, [VerifiedPin::Card], "the PIN lasts");
    desk.card.power_off();
    assert_eq!(desk.card.session().channels(), []);
}

#[test]
fn a_session_shows_each_open_channel_by_itself() {
    let mut desk = Desk::t0("gen3");
    assert_eq!(desk.send("0070000001"), "019000");
    assert_eq!(desk.send("0070000001"), "029000");
    assert_eq!(desk.send("00708001"), "9000");
    desk.send(&format!("02{}", &SELECT_SSSE[2..]));
    desk.send("0220000003123456");
    let session = desk.card.session();
    let numbers: Vec<_> = session.channels().iter().map(|channel| channel.number).collect();
    assert_eq!(numbers, [LogicalChannel::BASIC, LogicalChannel::new(2).expect("a channel")]);
    assert_eq!(session.channel(2).expect("open").pins, [VerifiedPin::Card]);
    assert_eq!(session.channel(0).expect("open").pins, []);
    assert_eq!(session.channel(1), None);
}

#[test]
fn a_session_of_a_payment_shows_its_pin_and_challenge() {
    let mut desk = Desk::t1("gen3");
    desk.send("00A4040008A000000333010101");
    let selected = basic(&desk);
    assert_eq!(name(&selected).as_deref(), Some("A000000333010101"));
    assert_eq!((selected.df, selected.record), (None, None));
    desk.send("002000800826123457FFFFFFFF");
    assert_eq!(basic(&desk).pins, []);
    let options = desk.card.profile().blueprint().financial.applications[0].pdol.clone();
    let length = sscard_apdu::dol::total_length(&options).expect("a list");
    let data = format!("83{length:02X}{}", "00".repeat(length));
    let gpo = format!("80A80000{:02X}{data}00", length + 2);
    assert_eq!(&desk.status(&gpo), "9000");
    let given = desk.data("0084000008");
    assert_eq!(basic(&desk).challenge.map(|bytes| hex(&bytes)), Some(given));
    assert_eq!(desk.status("002000800826123456FFFFFFFF"), "9000");
    assert_eq!(basic(&desk).pins, [VerifiedPin::Payment]);
    assert!(desk.status("002000800826111111FFFFFFFF").starts_with("63C"));
    assert_eq!(basic(&desk).pins, []);
}

#[test]
fn no_session_prints_a_secret() {
    let mut desk = Desk::t0("gen3");
    desk.all_ok(&[SELECT_SSSE, "0020000003123456"]);
    assert_eq!(desk.authenticate("SSSE", 0x04), "9000");
    desk.send("1020000003123456");
    let key = desk.key("SSSE", 0x04);
    let printed = format!("{:?} {:?}", desk.card.session(), desk.card.digest()).replace(", ", "");
    let decimal: String = key.expose().iter().map(u8::to_string).collect();
    for secret in ["123456", "185286", &hex(key.expose()), &decimal] {
        assert!(!printed.contains(secret), "{printed}");
    }
}

/// Every command that changes something changes the digest; the way back gives the old one.
#[test]
fn a_digest_changes_with_every_part_of_the_state() {
    let mut desk = Desk::t0("gen3");
    let mut seen = vec![desk.card.digest()];
    let mut step = |desk: &Desk, what: &str| {
        let digest = desk.card.digest();
        assert_eq!(digest, desk.card.clone().digest(), "{what}: a clone");
        assert!(!seen.contains(&digest), "{what} changes nothing");
        seen.push(digest);
    };
    desk.send(SELECT_SSSE);
    step(&desk, "SELECT, and an answer that waits");
    desk.send("00C000001E");
    step(&desk, "the answer is fetched");
    desk.send("0020000003111111");
    step(&desk, "a try is used up");
    desk.send("0020000003123456");
    step(&desk, "a PIN is verified");
    desk.challenge();
    step(&desk, "a challenge");
    desk.challenge();
    step(&desk, "another challenge");
    desk.data("00B2072C0B");
    step(&desk, "the challenge stays, another file is current");
    assert_eq!(desk.authenticate("SSSE", 0x04), "9000");
    step(&desk, "a key is proved");
    desk.send("0070000001");
    step(&desk, "a channel");
    desk.send("1020000001AA");
    step(&desk, "a chain");
    desk.card.power_off();
    step(&desk, "no power");
    desk.card.power_on().expect("power");
    step(&desk, "a new session of the generator");
}

#[test]
fn a_digest_is_the_same_for_equal_cards_only() {
    let (mut one, mut other) = (Desk::t0("gen3"), Desk::t0("gen3"));
    assert_eq!(one.card.digest(), other.card.digest(), "made alike, apart from each other");
    let snapshot = one.card.snapshot();
    for command in [SELECT_SSSE, "0020000003111111", "0020000003123456", "00B2072C0B"] {
        one.send(command);
        assert_ne!(one.card.digest(), other.card.digest(), "{command}");
        other.send(command);
        assert_eq!(one.card.digest(), other.card.digest(), "{command}");
    }
    let same = one.card.digest();
    assert_eq!(one.card.digest(), same, "looking changes nothing");
    one.card.restore(&snapshot);
    assert_eq!(one.card.digest(), snapshot.digest());
    for profile in ["gen1", "gen2"] {
        assert_ne!(Desk::t0(profile).card.digest(), snapshot.digest());
    }
    for setting in ["lenient_le = true", "pin_max_digits = 12"] {
        let plan = Desk::toml(&format!("base = \"gen3\"\n{setting}"));
        assert_ne!(plan.card.digest(), snapshot.digest(), "{setting}: the same memory");
    }
}

#[test]
fn a_digest_survives_the_image() {
    let mut desk = Desk::t0("gen3");
    desk.all_ok(&[SELECT_SSSE, "0020000003123456"]);
    desk.send("0020000003111111");
    desk.card.power_off();
    let loaded = Card::from_image(&desk.card.image()).expect("loads");
    assert_eq!(loaded.digest(), desk.card.digest());
}

/// What an interrupted write leaves in the journal counts: the card does not answer as before it.
#[test]
fn a_digest_sees_an_interrupted_write() {
    let powered_off = |allowed: Option<u64>| {
        let mut desk = Desk::t0("gen3");
        desk.all_ok(&[SELECT_SSSE]);
        if let Some(bytes) = allowed {
            desk.card.cut_power_after(bytes);
            assert_eq!(desk.send("0020000003111111"), "");
        }
        desk.card.power_off();
        desk.card.digest()
    };
    assert_eq!(powered_off(Some(0)), powered_off(None), "nothing was written");
}

#[test]
fn a_digest_takes_less_than_a_microsecond() {
    let mut desk = Desk::t0("gen3");
    desk.all_ok(&[SELECT_SSSE, "0020000003123456", "00B2072C0B"]);
    let best = (0..20)
        .map(|_| {
            let begun = Instant::now();
            for _ in 0..1000 {
                black_box(black_box(&desk.card).digest());
            }
            begun.elapsed() / 1000
        })
        .min()
        .expect("twenty rounds");
    // Test builds are hardly optimised: some ten times slower than what is shipped.
    let limit = if cfg!(debug_assertions) { 5000 } else { 1000 };
    assert!(best < Duration::from_nanos(limit), "{best:?}");
    println!("digest: {best:?}");
}

#[test]
fn an_armed_cut_can_be_taken_back() {
    let mut desk = Desk::t0("gen3");
    desk.send(SELECT_SSSE);
    desk.card.cut_power_after(0);
    assert_eq!(desk.card.bytes_until_cut(), Some(0));
    desk.card.disarm_cut();
    assert_eq!(desk.card.bytes_until_cut(), None);
    assert_eq!(desk.send("0020000003111111"), "63C5");
    desk.card.disarm_cut();
    desk.card.cut_power_after(0);
    assert_eq!(desk.send("0020000003111111"), "", "the power is cut");
    desk.card.disarm_cut();
    assert!(!desk.card.is_powered(), "what is lost is lost");
    desk.card.power_on().expect("power is back");
    assert_eq!(desk.send(SELECT_SSSE), "611E");
}

#[test]
fn a_snapshot_carries_an_armed_cut_and_an_image_does_not() {
    let mut desk = Desk::t0("gen3");
    desk.send(SELECT_SSSE);
    let unarmed = desk.card.snapshot();
    desk.card.cut_power_after(3);
    assert_eq!(desk.card.digest(), unarmed.digest(), "the supply is outside the card");
    let armed = desk.card.snapshot();
    desk.card.disarm_cut();
    assert_eq!(armed.bytes_until_cut(), Some(3), "each counts on its own");
    desk.card.restore(&armed);
    assert_eq!(desk.card.bytes_until_cut(), Some(3));
    desk.send("0020000003111111");
    let left = desk.card.bytes_until_cut();
    assert!(left < Some(3), "a try was written");
    assert_eq!(desk.card.clone().bytes_until_cut(), left);
    desk.card.restore(&unarmed);
    assert_eq!(desk.card.bytes_until_cut(), None);
    let loaded = Card::from_image(&armed.image()).expect("loads");
    assert_eq!(loaded.bytes_until_cut(), None);
}
