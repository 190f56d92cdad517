//! Firmware of a reader under test: T=1 as small as it gets, on a line that damages what passes.
//!
//! `cargo run -p sscard-link --example own_reader`

use std::error::Error;

use sscard_host::{InProcess, Secrets};
use sscard_link::block::{Block, BlockFault, ErrorDetection, Kind};
use sscard_link::{Behaviour, CardEnd, Character, Disturbance, Line, WireLog};
use sscard_profile::{MasterKeys, issue, load, synthetic_holder};

/// Longer than any waiting time of this card.
const PATIENCE: u64 = 100_000;

fn main() -> Result<(), Box<dyn Error>> {
    let profile = load("base = \"gen3\"\nprotocol = \"T=1\"")?;
    let card = issue(&profile, &synthetic_holder(1), &MasterKeys::test())?;
    let behaviour = Behaviour { waiting_time_requests: 1, ..Behaviour::default() };
    let mut line = Line::new(CardEnd::new(InProcess::power_on(card)?, behaviour)?);
    let errors: [Disturbance; 2] =
        ["checksum@card,block=1".parse()?, "parity@reader,char=14".parse()?];
    line.disturb(errors);
    line.record();

    while line.hear(PATIENCE).is_some() {}
    let answer = transmit(&mut line, &[0x00, 0x84, 0x00, 0x00, 0x08])?;

    let mut log = WireLog::new(Secrets::Redacted);
    let parameters = *line.card().parameters();
    for entry in log.take(line.take_events(), &parameters) {
        println!("{entry}");
    }
    let (challenge, status) = answer.split_at(answer.len().saturating_sub(2));
    println!("{} bytes of challenge, status {status:02X?}", challenge.len());
    if line.disturbances_left().is_empty() && status == [0x90, 0x00] {
        Ok(())
    } else {
        Err("the reader did not get over what the line did".into())
    }
}

/// One command that fits a block, its answer likewise. This is what your firmware stands for.
fn transmit(line: &mut Line<InProcess>, command: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
    let command = Block::new(Kind::Information { number: 0, more: false }, command.to_vec());
    let mut next = command.clone();
    for _ in 0..10 {
        send(line, &next);
        let heard: Vec<Character> = std::iter::from_fn(|| line.hear(PATIENCE)).collect();
        let bytes: Vec<u8> = heard.iter().map(|character| character.byte).collect();
        let is_sound = heard.iter().all(|character| character.is_sound);
        let block = Block::parse(&bytes, ErrorDetection::Lrc).ok().filter(|_| is_sound);
        next = match block.map(|block| (block.kind, block.information)) {
            Some((Kind::Information { .. }, answer)) => return Ok(answer),
            Some((Kind::Ready { expected: 0, .. }, _)) => command.clone(),
            Some((Kind::Request(about), information)) => {
                Block::new(Kind::Response(about), information)
            }
            _ => {
                let fault = BlockFault::Checksum;
                Block::new(Kind::Ready { expected: 0, fault }, Vec::new())
            }
        };
    }
    Err("the card does not answer".into())
}

fn send(line: &mut Line<InProcess>, block: &Block) {
    let bytes = block.to_bytes(ErrorDetection::Lrc);
    let characters = bytes.iter().map(|byte| Character::new(*byte, 22));
    line.send(characters.collect());
}
