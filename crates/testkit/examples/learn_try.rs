//! try
use sscard_testkit::learn::*;
use sscard_profile::*;
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let profile = named(&a[1], std::path::Path::new(".")).unwrap();
    let card = issue(&profile, &holder_of(&profile, None), &MasterKeys::test()).unwrap();
    let depth: usize = a[3].parse().unwrap();
    let alphabet = Alphabet::built_in(&a[2]).unwrap_or_else(|| Alphabet::parse(&a[2], &std::fs::read_to_string(&a[2]).unwrap()).unwrap());
    let algorithm = if a[4] == "ttt" { LearnAlgorithm::Ttt } else { LearnAlgorithm::Lsharp };
    let mut target = match CardUnderLearning::new(&card, alphabet) { Ok(t) => t, Err(e) => { println!("{e}"); return } };
    let learnt = match learn(&mut target, LearnSettings { algorithm, depth, ..Default::default() }, &mut |_| {}) { Ok(t) => t, Err(e) => { println!("{e}"); return } };
    eprintln!("{} states {} queries {} sent {} hyps {:?}", learnt.machine.states(), learnt.queries, learnt.sent, learnt.hypotheses, learnt.time);
    if a.len() > 5 { print!("{}", GoldenMachine { remarks: vec![], machine: learnt.machine }.text()); }
}
