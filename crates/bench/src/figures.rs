//! All figures of one run.

use std::error::Error;
use std::io::{self, Write};
use std::{env, fs, thread};

use indicatif::ProgressBar;
use serde::Serialize;
use sscard_host::Sync;

use crate::fresh_process::Task;
use crate::served::ApiFigures;
use crate::timing::median;
use crate::{
    c_interface, card, faults, fresh_process, issue, kept, payment, reference, script, served,
};

/// Rounds of the mix on our card in one measurement; the reference does a tenth of them.
const MIX_ROUNDS: u32 = 1_000_000;
const READ_RECORDS: u32 = 3_000_000;
/// Stretches of the C interface in one round.
const C_STRETCHES: u32 = 12;
const SNAPSHOTS: u32 = 300_000;
const PAYMENTS: u32 = 500;
const PLAIN_PAYMENTS: u32 = 3_000;
const FAULT_ROUNDS: u32 = 200_000;
/// Cards that are issued in one measurement.
const ISSUED: u64 = 2_000;

/// One run's figures; rates count commands a second.
#[derive(Serialize)]
pub(crate) struct Figures {
    schema: u8,
    /// Rounds of every interleaved measurement: figures are their medians.
    rounds: u8,
    machine: Machine,
    mix_apdu_per_s: u64,
    reference_mix_apdu_per_s: u64,
    ratio_to_reference: f64,
    read_record_apdu_per_s: u64,
    /// A READ RECORD over the C interface by the Rust call.
    c_read_record_ratio: f64,
    snapshot_restore_ns: f64,
    /// Absent where the system does not tell the size of a process.
    bytes_per_card: Option<u64>,
    first_response_ms: f64,
    /// Whole online payments with 3DES cryptograms and DDA of a 1152-bit key.
    dda_payments_per_s: u64,
    /// Bare private operations of that key, in the same rounds.
    rsa_private_operations_per_s: u64,
    /// The first by the second.
    dda_payments_to_rsa: f64,
    /// Whole online payments without offline data authentication.
    plain_payments_per_s: u64,
    /// Cards issued a second on two threads, each with a pair of the pool and its certificates.
    issued_cards_per_s: u64,
    /// What such a card costs at rest. Absent where the system does not tell the size of a process.
    bytes_per_issued_card: Option<u64>,
    /// A year of 10,000 residents at the desk: seconds, and the most memory in MiB.
    city_year_s: f64,
    city_year_peak_mib: Option<u64>,
    /// Commands in a script of 100,000 lines.
    script_commands_parsed_per_s: u64,
    /// What running a script adds to an exchange of the transport.
    script_runner_ns_per_apdu: f64,
    /// What an exchange takes longer under a layer without faults, and with ten.
    no_faults_added_ns: f64,
    ten_faults_added_ns: f64,
    /// What a card in a file takes longer for a VERIFY over a loopback driver, in microseconds.
    kept_verify_added_us: f64,
    /// The same with each answer safe from a crash of the operating system, `--sync always`.
    synced_verify_added_us: f64,
    /// `sscard run` of 10,000 writing commands on a card in a file, by the same on the built-in card.
    /// Absent where the program was not built beside this one.
    kept_script_ratio: Option<f64>,
    /// The API of `sscard serve`. Absent where the program was not built beside this one.
    api: Option<ApiFigures>,
    /// Absent without a running pcscd, or without the feature `pcsc`.
    pcsc_apdu_per_s: Option<u64>,
    /// Why it is absent.
    pcsc_missing: Option<String>,
}

/// Kind of machine, for comparison only.
#[derive(Serialize)]
struct Machine {
    os: &'static str,
    architecture: &'static str,
    processor: Option<String>,
    cores: usize,
    optimised: bool,
}

impl Figures {
    /// Steps that the progress bar counts beside the rounds.
    pub(crate) const STEPS: u64 = 10;

    /// Measures everything, what is interleaved `rounds` times.
    pub(crate) fn measure(progress: &ProgressBar, rounds: u8) -> Result<Self, Box<dyn Error>> {
        let step = |name: &'static str| {
            progress.set_message(name);
            progress.tick();
        };
        let mut ours = card::Bench::new()?;
        let pipes = reference::Pipes::new();
        let mut reference = reference::Bench::new(&pipes)?;
        let mut rates = [const { Vec::new() }; 3];
        let [mix, reference_mix, read_record] = &mut rates;
        step("commands a second, against the reference");
        for _ in 0..rounds {
            mix.push(ours.mix(MIX_ROUNDS));
            reference_mix.push(reference.mix(MIX_ROUNDS / 10));
            read_record.push(ours.read_record(READ_RECORDS));
            progress.inc(1);
        }
        // Each round's own ratio: what slows the machine slows both sides of it.
        let mut ratios: Vec<f64> =
            mix.iter().zip(reference_mix.iter()).map(|(ours, theirs)| ours / theirs).collect();
        let [mix, reference_mix, read_record] = rates.each_mut().map(|rates| median(rates));
        step("the C interface");
        let mut c = c_interface::Bench::new()?;
        let of_c: Result<Vec<f64>, _> =
            (0..u32::from(rounds) * C_STRETCHES).map(|_| c.ratio()).collect();
        let c_ratio = median(&mut of_c?);
        progress.inc(1);
        step("snapshots");
        let snapshots: Result<Vec<f64>, _> =
            (0..rounds).map(|_| card::snapshot_and_restore(SNAPSHOTS)).collect();
        let snapshot_restore_ns = median(&mut snapshots?);
        progress.inc(1);
        step("payments");
        let mut payments = payment::Bench::new()?;
        let mut rates = [const { Vec::new() }; 4];
        let [dda, rsa, share, plain] = &mut rates;
        for _ in 0..rounds {
            let (with_dda, alone) =
                (payments.with_dda(PAYMENTS)?, payment::private_operations(PAYMENTS)?);
            dda.push(with_dda);
            rsa.push(alone);
            share.push(with_dda / alone);
            plain.push(payments.plain(PLAIN_PAYMENTS)?);
        }
        let [dda, rsa, share, plain] = rates.each_mut().map(|rates| median(rates));
        progress.inc(1);
        step("issuing");
        let desk = issue::Desk::new()?;
        let rates: Result<Vec<f64>, _> = (1..)
            .take(rounds.into())
            .map(|n| desk.per_second(n * ISSUED..(n + 1) * ISSUED))
            .collect();
        let issued = median(&mut rates?);
        progress.inc(1);
        step("scripts");
        let scripts = script::Bench::new()?;
        let mut rates: Vec<f64> = (0..rounds).map(|_| scripts.parsed_per_s()).collect();
        let parsed = median(&mut rates);
        let added: Result<Vec<f64>, _> =
            (0..rounds).map(|_| script::runner_ns_per_apdu()).collect();
        let added = median(&mut added?);
        progress.inc(1);
        step("faults");
        let mut added_by_faults = [const { Vec::new() }; 2];
        let [none, ten] = &mut added_by_faults;
        for _ in 0..rounds {
            let added = faults::added_ns(FAULT_ROUNDS)?;
            none.push(added.with_none);
            ten.push(added.with_ten);
        }
        let [no_faults, ten_faults] = added_by_faults.each_mut().map(|added| median(added));
        progress.inc(1);
        step("a card in a file");
        let times = |sync| (0..rounds).map(move |_| kept::added_us(sync));
        let kept_verify = median(&mut times(Sync::Idle).collect::<Result<Vec<_>, _>>()?);
        let synced_verify = median(&mut times(Sync::Always).collect::<Result<Vec<_>, _>>()?);
        let slower: Result<Option<Vec<f64>>, _> = (0..rounds)
            .map(|_| kept::script_ratio().transpose())
            .collect::<Option<_>>()
            .transpose();
        let kept_script = slower?.map(|mut ratios| median(&mut ratios));
        progress.inc(1);
        step("the API of served cards");
        let api = served::measure(rounds)?;
        progress.inc(1);
        step("first response");
        let first_response_ms = fresh_process::first_response_ms()?;
        progress.inc(1);
        step("bytes per card");
        let bytes_per_card = fresh_process::bytes_of(Task::BytesPerCard, rounds)?;
        let bytes_per_issued_card = fresh_process::bytes_of(Task::BytesPerIssuedCard, rounds)?;
        progress.inc(1);
        step("a city's year");
        let (city_year_s, city_year_peak_mib) = fresh_process::city_year()?;
        progress.inc(1);
        step("through pcscd");
        let pcsc = pcsc();
        progress.inc(1);
        Ok(Self {
            schema: 1,
            rounds,
            machine: Machine::this(),
            mix_apdu_per_s: whole(mix),
            reference_mix_apdu_per_s: whole(reference_mix),
            ratio_to_reference: (median(&mut ratios) * 10.0).round() / 10.0,
            read_record_apdu_per_s: whole(read_record),
            c_read_record_ratio: (c_ratio * 1000.0).round() / 1000.0,
            snapshot_restore_ns: snapshot_restore_ns.round(),
            bytes_per_card,
            first_response_ms: (first_response_ms * 100.0).round() / 100.0,
            dda_payments_per_s: whole(dda),
            rsa_private_operations_per_s: whole(rsa),
            dda_payments_to_rsa: (share * 100.0).round() / 100.0,
            plain_payments_per_s: whole(plain),
            issued_cards_per_s: whole(issued),
            bytes_per_issued_card,
            city_year_s,
            city_year_peak_mib,
            script_commands_parsed_per_s: whole(parsed),
            script_runner_ns_per_apdu: added.round(),
            no_faults_added_ns: no_faults.round(),
            ten_faults_added_ns: ten_faults.round(),
            kept_verify_added_us: (kept_verify * 10.0).round() / 10.0,
            synced_verify_added_us: synced_verify.round(),
            kept_script_ratio: kept_script.map(|ratio| (ratio * 100.0).round() / 100.0),
            api,
            pcsc_apdu_per_s: pcsc.as_ref().ok().copied().map(whole),
            pcsc_missing: pcsc.err(),
        })
    }

    pub(crate) fn print(&self, out: &mut dyn Write) -> io::Result<()> {
        let millions = |rate: u64| format!("{:.2} million/s", rate as f64 / 1e6);
        let machine = &self.machine;
        let processor = machine.processor.as_deref().unwrap_or(machine.architecture);
        writeln!(out, "{} cores, {processor}, {}", machine.cores, machine.os)?;
        if !machine.optimised {
            writeln!(out, "not optimised: run with --release")?;
        }
        let bytes = |figure: Option<u64>| figure.map_or("-".into(), |bytes| bytes.to_string());
        let rows = [
            ("mix of SELECT, READ RECORD, VERIFY", millions(self.mix_apdu_per_s)),
            ("the same on apdu-dispatch", millions(self.reference_mix_apdu_per_s)),
            ("ratio", format!("{:.1}", self.ratio_to_reference)),
            ("READ RECORD", millions(self.read_record_apdu_per_s)),
            ("the same over the C interface", format!("{:.3} times", self.c_read_record_ratio)),
            ("snapshot and restore", format!("{:.0} ns", self.snapshot_restore_ns)),
            ("bytes per further card", bytes(self.bytes_per_card)),
            ("process to first response", format!("{:.2} ms", self.first_response_ms)),
            ("payments with RSA-1152 DDA", format!("{}/s", self.dda_payments_per_s)),
            (
                "that by bare RSA-1152 operations",
                format!(
                    "{:.2} of {}/s",
                    self.dda_payments_to_rsa, self.rsa_private_operations_per_s
                ),
            ),
            ("payments without", format!("{}/s", self.plain_payments_per_s)),
            ("cards issued with keys of the pool", format!("{}/s", self.issued_cards_per_s)),
            ("bytes per issued card", bytes(self.bytes_per_issued_card)),
            ("script commands parsed", millions(self.script_commands_parsed_per_s)),
            (
                "a year of 10,000 residents",
                format!("{:.1} s, {} MiB", self.city_year_s, bytes(self.city_year_peak_mib)),
            ),
            (
                "the runner's share of an exchange",
                format!("{:.0} ns", self.script_runner_ns_per_apdu),
            ),
            ("an exchange without faults", format!("{:.0} ns longer", self.no_faults_added_ns)),
            ("an exchange with ten faults", format!("{:.0} ns longer", self.ten_faults_added_ns)),
            ("a VERIFY that is kept takes longer", format!("{:.1} µs", self.kept_verify_added_us)),
            ("the same, --sync always", format!("{:.0} µs", self.synced_verify_added_us)),
            (
                "a writing script that is kept",
                self.kept_script_ratio.map_or("-".into(), |ratio| format!("{ratio:.2} times")),
            ),
            (
                "through pcscd",
                match (self.pcsc_apdu_per_s, &self.pcsc_missing) {
                    (Some(rate), _) => format!("{rate}/s"),
                    (None, reason) => format!("- ({})", reason.as_deref().unwrap_or("unknown")),
                },
            ),
        ];
        for (name, figure) in rows {
            writeln!(out, "{name:<36} {figure}")?;
        }
        if let Some(api) = &self.api {
            api.print(out)?;
        }
        Ok(())
    }
}

impl Machine {
    fn this() -> Self {
        let processor = fs::read_to_string("/proc/cpuinfo").ok().and_then(|text| {
            let line = text.lines().find(|line| line.starts_with("model name"))?;
            Some(line.split_once(':')?.1.trim().to_owned())
        });
        Self {
            os: env::consts::OS,
            architecture: env::consts::ARCH,
            processor,
            cores: thread::available_parallelism().map_or(1, usize::from),
            optimised: !cfg!(debug_assertions),
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rate is positive and far below 2^53"
)]
fn whole(rate: f64) -> u64 {
    rate.round() as u64
}

#[cfg(feature = "pcsc")]
fn pcsc() -> Result<f64, String> {
    crate::pcscd::apdu_per_s()
}

#[cfg(not(feature = "pcsc"))]
fn pcsc() -> Result<f64, String> {
    Err("built without the feature pcsc".into())
}
