//! What faults cost an exchange: none set, and ten that are looked at each time and strike seldom.

use std::error::Error;
use std::hint::black_box;

use sscard_faults::{Faults, Misbehaving};
use sscard_host::{InProcess, Transport};
use sscard_profile::{MasterKeys, issue, load, synthetic_holder};

use crate::card::{MIX, SELECT_SSSE};
use crate::timing::per_second;

/// One for each condition, on different actions; the first strikes, seldom, as the others would.
const TEN: [&str; 10] = [
    "flip@every=100",
    "sw=6A82@ins=B2,p=0.001",
    "data=0102@app=A000000333010101",
    "stale@file=EF05",
    "count=05@status=6110",
    "tlv=double:5A@tag=5A",
    "truncate=3@record=08,nth=1000",
    "slow=1ms@after=100000s",
    "command:flip@ins=D6",
    "instead:sw=6F00@power=2",
];

/// So many times each is measured for a part of the rounds, in turns: what slows the machine slows all, and the fastest turn counts.
const TURNS: u32 = 40;

/// Nanoseconds that an exchange takes longer, by rounds of the mix.
pub(crate) struct Added {
    pub(crate) with_none: f64,
    pub(crate) with_ten: f64,
}

pub(crate) fn added_ns(rounds: u32) -> Result<Added, Box<dyn Error>> {
    let ten: Result<Vec<_>, _> = TEN.iter().map(|text| text.parse()).collect();
    let mut plain = card()?;
    let mut none = Misbehaving::new(card()?, Faults::default());
    let mut misbehaving = Misbehaving::new(card()?, Faults::new(ten?, 1));
    let mut fastest = [f64::MAX; 3];
    let [of_plain, of_none, of_ten] = &mut fastest;
    for _ in 0..TURNS {
        let rounds = rounds / TURNS;
        *of_plain = of_plain.min(nanoseconds(&mut plain, rounds)?);
        *of_none = of_none.min(nanoseconds(&mut none, rounds)?);
        *of_ten = of_ten.min(nanoseconds(&mut misbehaving, rounds)?);
    }
    let [of_plain, of_none, of_ten] = fastest;
    Ok(Added { with_none: of_none - of_plain, with_ten: of_ten - of_plain })
}

/// A T=1 gen2 card.
fn card() -> Result<InProcess, Box<dyn Error>> {
    let profile = load("base = \"gen2\"\nprotocol = \"T=1\"")?;
    let card = issue(&profile, &synthetic_holder(1), &MasterKeys::test())?;
    Ok(InProcess::power_on(card)?)
}

/// For an exchange of the mix.
fn nanoseconds(card: &mut impl Transport, rounds: u32) -> Result<f64, Box<dyn Error>> {
    let mut response = Vec::with_capacity(300);
    card.transmit(SELECT_SSSE, &mut response)?;
    let mut outcome = Ok(());
    let rate = per_second(rounds, |rounds| {
        for _ in 0..rounds {
            for command in MIX {
                outcome = card.transmit(black_box(command), &mut response);
                black_box(&response);
            }
        }
    });
    outcome?;
    Ok(1e9 / rate / 3.0)
}
