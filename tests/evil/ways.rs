//! Every way in which an evil card is used.

use std::fmt;

use sscard_core::Card;
use sscard_faults::{Faults, Misbehaving};
use sscard_host::{Follow, InProcess, Layer};
use sscard_profile::{IccKeys, MasterKeys, holder_of, issue_in, load, state_of};
use sscard_terminal::payment::{Payment, PaymentError, Settings, TestIssuer, pay};
use sscard_terminal::purse::{Amounts, PurseCounter, load as load_purse, purchase};
use sscard_terminal::{Environment, ReadOptions, SoftwareModule, read_card};

/// What a right terminal, reader or issuer comes to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Verdict {
    outcome: String,
    reason: String,
}

impl Verdict {
    pub(super) fn new(outcome: &str, reason: &str) -> Self {
        Self { outcome: outcome.to_owned(), reason: reason.to_owned() }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} | {}", self.outcome, self.reason)
    }
}

/// What came of one card.
pub(super) struct Used {
    pub(super) verdict: Verdict,
    /// How many faults struck.
    pub(super) fired: usize,
    /// What was read, as text.
    pub(super) read: String,
}

/// One way.
pub(super) struct Way {
    /// Words that recipes name it by.
    pub(super) name: String,
    base: &'static str,
    protocol: &'static str,
    contactless: bool,
    what: What,
}

enum What {
    Pay(Box<Settings>),
    Read,
    Load,
    Purchase,
}

/// The day of all ways.
const TODAY: [u8; 4] = [0x20, 0x26, 0x01, 0x01];
const PIN: &str = "123456";
const HOLDER_PIN: [u8; 3] = [0x12, 0x34, 0x56];

/// All ways: contact and contactless, every method of offline data authentication, RSA and SM2, online and offline; both
/// generations read over both; the purse.
pub(super) fn all() -> Vec<Way> {
    let mut ways = Vec::new();
    for sm in [false, true] {
        for online in [true, false] {
            for (method, bits) in [("SDA", 0x80), ("DDA", 0xC0), ("CDA", 0xC8)] {
                ways.push(contact(method, bits, sm, online, "T=0"));
            }
            ways.push(contactless(sm, online));
        }
    }
    ways.push(contact("none", 0x00, false, true, "T=0"));
    ways.push(contact("CDA", 0xC8, false, true, "T=1"));
    for (base, protocol, contactless) in [
        ("gen2", "T=0", false),
        ("gen3", "T=0", false),
        ("gen3", "T=1", false),
        ("gen2", "T=0", true),
        ("gen3", "T=0", true),
    ] {
        let interface = if contactless { "contactless" } else { "contact" };
        let name = format!("read {interface} {base} {protocol}");
        ways.push(Way { name, base, protocol, contactless, what: What::Read });
    }
    for (name, what) in [("purse load", What::Load), ("purse pay", What::Purchase)] {
        let name = name.to_owned();
        ways.push(Way { name, base: "gen2", protocol: "T=0", contactless: false, what });
    }
    ways
}

fn algorithm(sm: bool, online: bool) -> String {
    let (algorithm, end) =
        (if sm { "SM2" } else { "RSA" }, if online { "online" } else { "offline" });
    format!("{algorithm} {end}")
}

/// A terminal with a PIN pad, as `sscard pay` has it; without a line it takes e-cash.
fn settings(sm: bool, online: bool) -> Settings {
    let default = Settings::default();
    Settings {
        amount: 1_234,
        sm,
        online,
        electronic_cash: !online,
        floor_limit: if online { 0 } else { u64::MAX },
        pin: Some(PIN.to_owned()),
        ..default
    }
}

fn contact(method: &str, bits: u8, sm: bool, online: bool, protocol: &'static str) -> Way {
    let settings = Settings { capabilities: [0xE0, 0xE8, bits], ..settings(sm, online) };
    let name = format!("bank contact {method} {} {protocol}", algorithm(sm, online));
    let what = What::Pay(Box::new(settings));
    Way { name, base: "gen3", protocol, contactless: false, what }
}

/// Online above the limit, where the holder has to be verified; offline below it.
fn contactless(sm: bool, online: bool) -> Way {
    let default = settings(sm, online);
    let [first, rest @ ..] = default.qualifiers;
    let [b, c, d] = rest;
    let settings = Settings {
        contactless: true,
        amount: if online { 40_000 } else { 1_234 },
        qualifiers: [if online { first } else { first | 0x08 }, b, c, d],
        ..default
    };
    let name = format!("bank contactless fDDA {}", algorithm(sm, online));
    Way {
        name,
        base: "gen3",
        protocol: "T=0",
        contactless: true,
        what: What::Pay(Box::new(settings)),
    }
}

impl Way {
    /// Uses a card of this profile, else the one that every way has, with these faults.
    pub(super) fn using(&self, profile: Option<&str>, faults: Faults) -> Used {
        let own = profile.map_or_else(
            || format!("base = \"{}\"\n", self.base),
            |text| text.replace("base = \"gen3\"", &format!("base = \"{}\"", self.base)),
        );
        // So that there is something to spend.
        let own = match self.what {
            What::Purchase => own + "\n[state.purse]\nbalance = 100000\n",
            _ => own,
        };
        let card = card(&own.replacen('\n', &format!("\nprotocol = \"{}\"\n", self.protocol), 1));
        let card =
            if self.contactless { InProcess::enter_field(card) } else { InProcess::power_on(card) };
        let mut card = Follow::new(Misbehaving::new(card.expect("power"), faults));
        let (verdict, read) = match &self.what {
            What::Pay(settings) => {
                let paid = pay(&mut card, &mut TestIssuer::default(), settings);
                (of_payment(&paid), paid.map_or_else(|_| String::new(), |paid| elements(&paid)))
            }
            What::Read => read(&mut card),
            What::Load | What::Purchase => (self.of_purse(&mut card), String::new()),
        };
        let fired = card.below().at_work().fired().len();
        Used { verdict, fired, read }
    }

    fn of_purse(&self, card: &mut Follow<Misbehaving<InProcess>>) -> Verdict {
        let done = |result: Result<(), String>| match result {
            Ok(()) => Verdict::new("done", ""),
            Err(error) => Verdict::new("broken", &error),
        };
        let mut module = SoftwareModule::test(1);
        let identity = match Environment::new(card).identify() {
            Ok(identity) => identity,
            Err(error) => return done(Err(error.to_string())),
        };
        let mut response = Vec::new();
        let pin = [&[0x00, 0x20, 0x00, 0x00, 0x03][..], &HOLDER_PIN].concat();
        let select = [0x00, 0xA4, 0x00, 0x00, 0x02, 0xDF, 0x04];
        for command in [&pin[..], &select] {
            if let Err(error) = sscard_host::Transport::transmit(card, command, &mut response) {
                return done(Err(error.to_string()));
            }
        }
        let security = identity.security;
        let counter = PurseCounter {
            terminal: [0x99, 0x99, 0x00, 0x00, 0x00, 0x01],
            time: [0x20, 0x26, 0x01, 0x01, 0x10, 0x15, 0x30],
            kind: 0x31,
        };
        match self.what {
            What::Load => {
                let loaded = load_purse(card, &mut module, &security, &counter, 10_000);
                done(loaded.map(|_| ()).map_err(|error| error.to_string()))
            }
            _ => {
                let paying = PurseCounter { kind: 0x32, ..counter };
                let amounts = Amounts { account: 1_234, ..Amounts::default() };
                let paid = purchase(card, &mut module, &security, &paying, 7, amounts);
                done(paid.map(|_| ()).map_err(|error| error.to_string()))
            }
        }
    }
}

/// A card of a profile, for its holder and in its state.
fn card(profile: &str) -> Card {
    let profile = load(profile).unwrap_or_else(|error| panic!("{error}\n{profile}"));
    let (holder, state) = (holder_of(&profile, None), state_of(&profile));
    issue_in(&profile, &holder, &MasterKeys::test(), IccKeys::Shared, &state).expect("a card")
}

/// The outcome, why it is no approval, and why offline data authentication failed.
fn of_payment(paid: &Result<Payment, PaymentError>) -> Verdict {
    match paid {
        Err(error) => Verdict::new("broken", &error.to_string()),
        Ok(payment) => {
            let authentication =
                payment.authentication.reason.as_ref().map(|reason| {
                    format!("{} failed: {reason}", payment.authentication.method.name())
                });
            let why = payment.reason.as_ref().map(ToString::to_string);
            let reasons: Vec<String> = why.into_iter().chain(authentication).collect();
            Verdict::new(payment.outcome.name(), &reasons.join("; "))
        }
    }
}

/// The data elements of card and terminal.
fn elements(payment: &Payment) -> String {
    let mut text = String::new();
    for (tag, value) in payment.data.iter() {
        // What legal cards say for the fun of it.
        if !matches!(tag.number(), 0x9F17 | 0xDF7E) {
            text.push_str(&format!("{tag}={} ", hex(value)));
        }
    }
    text
}

fn hex(bytes: &[u8]) -> String {
    crate::harness::hex(bytes)
}

fn read(card: &mut Follow<Misbehaving<InProcess>>) -> (Verdict, String) {
    let options = ReadOptions { applications: true, pin: Some(&HOLDER_PIN) };
    match read_card(card, &mut SoftwareModule::test(1), options) {
        Err(error) => (Verdict::new("broken", &error.to_string()), String::new()),
        Ok(report) => {
            let mut said = report.remarks(TODAY);
            said.extend(report.holder_missing());
            if !report.pin.is_some_and(sscard_apdu::StatusWord::is_success) {
                said.push(format!("VERIFY answered {:?}", report.pin));
            }
            (Verdict::new("read", &said.join("; ")), format!("{:?}", report.files))
        }
    }
}
