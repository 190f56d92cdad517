//! Writes the seeds of `fuzz/`: `cargo run -p sscard-tests --example seeds -- fuzz/seeds`.
//!
//! Commands come from the golden sessions, images and ATRs from the built-in cards, profiles from
//! their files, scripts from the tests of `import`. The same sources give the same seeds.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a program that makes seeds, and may panic"
)]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

use sscard_core::Card;
use sscard_profile::{BUILT_IN, MasterKeys, built_in, issue, synthetic_holder};
use sscard_testkit::StartingCard;
use sscard_testkit::op::RECORD;
use sscard_testkit::soak::{Mix, records_of_run};
use sscard_testkit::starting_card::PROFILES;

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/golden");
const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/cli/tests/scripts");

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(env::args().nth(1).ok_or("which folder?")?);
    let write = |target: &str, name: &str, bytes: &[u8]| -> Result<(), Box<dyn Error>> {
        let folder = folder.join(target);
        fs::create_dir_all(&folder)?;
        Ok(fs::write(folder.join(name), bytes)?)
    };
    for (number, (name, text)) in BUILT_IN.iter().enumerate() {
        write("profile_toml", name, text.as_bytes())?;
        let card = card(name)?;
        write("atr", name, &card.atr())?;
        write("card_image", name, card.image().as_bytes())?;
        let session = session(&Path::new(GOLDEN).join(format!("{name}.session")))?;
        // The card's number in the target's list, then blocks of length and command.
        let mut raw = vec![u8::try_from(number * 4)?];
        for (position, (command, response)) in session.iter().enumerate() {
            raw.push(0xFF);
            raw.extend_from_slice(&u16::try_from(command.len())?.to_be_bytes());
            raw.extend_from_slice(command);
            write("apdu_codec", &format!("{name}-{position:02}"), command)?;
            if let Some((data, [0x90, 0x00])) = response.split_last_chunk::<2>()
                && !data.is_empty()
            {
                write("tlv", &format!("{name}-{position:02}"), data)?;
            }
        }
        write("card_raw", name, &raw)?;
    }
    for (which, (name, _)) in PROFILES.iter().enumerate() {
        for (state, is_deactivated) in [("activated", 0), ("deactivated", 1)] {
            if name.starts_with("psam") && is_deactivated == 1 {
                continue;
            }
            let mut first = [0; RECORD];
            first[..2].copy_from_slice(&[u8::try_from(which)?, is_deactivated]);
            let run = u64::try_from(which * 2)? + u64::from(is_deactivated);
            let (_, drawn) = records_of_run(1, run, 1, Mix::default());
            let mut bench = StartingCard::chosen(&first).bench();
            // A seed is an input that passes.
            let passing = drawn.take(24).take_while(|record| bench.step(record).is_ok());
            let bytes = first.into_iter().chain(passing.flatten()).collect::<Vec<u8>>();
            write("card_ops", &format!("{name}-{state}"), &bytes)?;
        }
    }
    write("atr", "t1", &[0x3B, 0x81, 0x81, 0x31, 0xFE, 0x45, 0x00, 0x8A])?;
    write("apdu_codec", "extended-2", &[0x00, 0xB0, 0x00, 0x00, 0x00, 0x01, 0x00])?;
    write("apdu_codec", "extended-4", &[0, 0xD6, 0, 0, 0, 0, 2, 0xAA, 0xBB, 0, 0])?;
    // A terminal's number, then an instruction for each answer.
    for till in 0..8 {
        write("pay_hostile", &format!("honest-{till}"), &[till])?;
    }
    let options = [0xC0, 0x07, 0x80, 0x03, 0x7D, 0x00, 0x08, 0x90, 0x00];
    let lies: [(&str, &[u8]); 5] = [
        ("kind", &[0x01, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0x02, 0xC0]),
        ("cut", &[0x00, 0, 0, 0, 0xA0, 0x03]),
        ("options", &[&[0x00, 0, 0, 0][..], &options].concat()),
        ("amount", &[0x00, 0, 0, 0, 0, 0xE0, 0x02, 0x09, 0x9F, 0x02, 6, 0, 0, 0, 0, 0, 1]),
        ("counter", &[0x06, 0, 0, 0x80, 0x0F, 0x01]),
    ];
    for (name, bytes) in lies {
        write("pay_hostile", name, bytes)?;
    }
    let own = include_str!("../../examples/old-pin-policy.toml");
    write("profile_toml", "old-pin-policy", own.as_bytes())?;
    for script in fs::read_dir(SCRIPTS)? {
        let script = script?;
        let name = script.file_name().into_string().map_err(|_| "a name")?;
        write("script_parser", &name, &fs::read(script.path())?)?;
    }
    Ok(())
}

fn card(name: &str) -> Result<Card, Box<dyn Error>> {
    let profile = built_in(name).ok_or("a built-in profile")?;
    Ok(issue(&profile, &synthetic_holder(7), &MasterKeys::test())?)
}

/// A command and its response.
type Exchange = (Vec<u8>, Vec<u8>);

/// Commands and responses of a golden session: lines `> HEX` and `< HEX`.
fn session(path: &Path) -> Result<Vec<Exchange>, Box<dyn Error>> {
    let text = fs::read_to_string(path)?;
    let side = |mark: &str| -> Result<Vec<Vec<u8>>, Box<dyn Error>> {
        text.lines().filter_map(|line| line.strip_prefix(mark)).map(bytes).collect()
    };
    Ok(side("> ")?.into_iter().zip(side("< ")?).collect())
}

fn bytes(hex: &str) -> Result<Vec<u8>, Box<dyn Error>> {
    let digits: Vec<u8> = hex.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let pairs = digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(str::from_utf8(pair)?, 16).map_err(Into::into));
    pairs.collect()
}
