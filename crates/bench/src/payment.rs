//! Whole online payments: terminal, card and issuer, in process.

use std::error::Error;
use std::hint::black_box;
use std::time::Instant;

use sscard_core::Card;
use sscard_host::{Follow, InProcess};
use sscard_profile::{MasterKeys, TestKeys, issue, load, synthetic_holder};
use sscard_terminal::payment::{Outcome, Settings, TestIssuer, pay};

/// A powered card whose payments are counted; 3DES, a 1152-bit key.
pub(crate) struct Bench {
    card: Follow<InProcess>,
    fresh: Card,
    issuer: TestIssuer,
    /// With dynamic data authentication, and without any offline data authentication.
    dda: Settings,
    plain: Settings,
}

impl Bench {
    pub(crate) fn new() -> Result<Self, Box<dyn Error>> {
        let profile = load("base = \"gen2\"\nprotocol = \"T=1\"")?;
        let fresh = issue(&profile, &synthetic_holder(1), &MasterKeys::test())?;
        let settings = |methods| Settings {
            amount: 1234,
            capabilities: [0xE0, 0xE8, methods],
            ..Settings::default()
        };
        Ok(Self {
            card: Follow::new(InProcess::power_on(fresh.clone())?),
            fresh,
            issuer: TestIssuer::default(),
            dda: settings(0x40),
            plain: settings(0x00),
        })
    }

    /// Payments a second with DDA.
    pub(crate) fn with_dda(&mut self, count: u32) -> Result<f64, Box<dyn Error>> {
        let settings = self.dda.clone();
        self.run(count, &settings)
    }

    /// Payments a second without offline data authentication.
    pub(crate) fn plain(&mut self, count: u32) -> Result<f64, Box<dyn Error>> {
        let settings = self.plain.clone();
        self.run(count, &settings)
    }

    fn run(&mut self, count: u32, settings: &Settings) -> Result<f64, Box<dyn Error>> {
        // Far from the counter's end; and the bank that saw the card's later counters is another one.
        self.card = Follow::new(InProcess::power_on(self.fresh.clone())?);
        self.issuer = TestIssuer::default();
        let start = Instant::now();
        for _ in 0..count {
            let payment = pay(&mut self.card, &mut self.issuer, settings)?;
            let methods = settings.capabilities[2];
            if payment.outcome != Outcome::Approved || payment.authentication.ok != (methods != 0) {
                return Err("a payment was not approved".into());
            }
            black_box(payment);
        }
        Ok(f64::from(count) / start.elapsed().as_secs_f64())
    }
}

/// Bare private-key operations a second of the same key.
pub(crate) fn private_operations(count: u32) -> Result<f64, Box<dyn Error>> {
    let pair = TestKeys::get().rsa("card-1152").ok_or("no test key")?;
    let mut message = vec![0x5A; pair.private.modulus_length()];
    if let Some(first) = message.first_mut() {
        *first = 0;
    }
    let start = Instant::now();
    for _ in 0..count {
        black_box(pair.private.apply(black_box(&message)));
    }
    Ok(f64::from(count) / start.elapsed().as_secs_f64())
}
