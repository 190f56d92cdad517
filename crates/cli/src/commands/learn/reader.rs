//! A card in a reader: what may be done to it, and what its terminal holds.
//!
//! What enters: a reader's name, an alphabet. What leaves: the machine; or a refusal, before anything is sent, of what
//! nobody said is meant.

use sscard_core::catalogue::all_keys;
use sscard_crypto::financial::{Cipher, format_2_block};
use sscard_host::Follow;
use sscard_profile::{BankKeyUse, BankKeys, MasterKeys};
use sscard_terminal::Environment;
use sscard_testkit::learn::{
    Alphabet, BankHoldings, CardHoldings, CardInReader, InputAction, InputWear, LearntMachine,
    SocialHolding,
};
use zeroize::Zeroizing;

use super::unfit;
use crate::args::LearnArgs;
use crate::failure::Failure;
use crate::secret_input;
use crate::source::Source;

/// What the inputs of an alphabet need of the terminal.
#[derive(Default)]
struct Needs {
    pin: bool,
    payment_pin: bool,
    bank: bool,
    keys: bool,
}

impl Needs {
    fn of(alphabet: &Alphabet) -> Self {
        use InputAction as Do;
        let mut needs = Self::default();
        for input in &alphabet.inputs {
            match input.action {
                Do::Pin { right: Some(_) } | Do::ChangePin { .. } => needs.pin = true,
                Do::Authenticate { .. } | Do::Protected { .. } => needs.keys = true,
                Do::PaymentPin { .. } => (needs.payment_pin, needs.bank) = (true, true),
                Do::SelectPayment
                | Do::ProcessingOptions
                | Do::GenerateAc { .. }
                | Do::IssuerAuthenticate { .. }
                | Do::Script { .. } => needs.bank = true,
                _ => {}
            }
        }
        needs
    }
}

/// Learns the card in a reader.
pub(super) fn learnt(
    reader: &str,
    alphabet: Alphabet,
    args: &LearnArgs,
) -> Result<LearntMachine, Failure> {
    refuse_wear(&alphabet, args.destructive)?;
    let needs = Needs::of(&alphabet);
    let pin = secret("--pin", args.pin.as_deref(), needs.pin)?;
    let payment_pin = secret("--payment-pin", args.payment_pin.as_deref(), needs.payment_pin)?;
    let name = alphabet.name.clone();
    let mut source = Source::connect(reader, None)?;
    let mut holdings = CardHoldings { pin: packed(&pin)?, ..CardHoldings::default() };
    if needs.keys {
        holdings.social = social(&mut source, args)?;
    }
    if needs.bank {
        holdings.bank = Some(bank(&mut source, &payment_pin, &name, args)?);
    }
    let learnt = CardInReader::new(&mut source, alphabet, holdings)
        .map_err(|trouble| unfit(&name, &trouble.to_string()))
        .and_then(|mut card| {
            let learnt = super::learnt(&mut card, super::settings(args));
            learnt.map_err(|error| unfit(&name, &error.to_string()))
        });
    let closed = source.close();
    let learnt = learnt?;
    closed.map(|()| learnt)
}

/// What wears a card is meant, or is not done; and a reader has no knife for the power.
fn refuse_wear(alphabet: &Alphabet, destructive: bool) -> Result<(), Failure> {
    let name = &alphabet.name;
    let of = |cuts: bool| -> Vec<String> {
        let wearing = alphabet.wearing().filter(|(_, wear)| (*wear == InputWear::Power) == cuts);
        wearing.map(|(input, wear)| format!("{} {wear}", input.name)).collect()
    };
    let (cuts, worn) = (of(true), of(false));
    if !cuts.is_empty() {
        return Err(Failure::Usage(format!(
            "alphabet {name}: {}, and a reader cannot do that after so many bytes: learn a virtual card, or take such \
             inputs out",
            cuts.join(", ")
        )));
    }
    if !destructive && !worn.is_empty() {
        return Err(Failure::Usage(format!(
            "alphabet {name} wears the card in the reader, which may be lost by it: {}; --destructive says that this is \
             meant, and the alphabet look wears nothing",
            worn.join(", ")
        )));
    }
    Ok(())
}

/// A PIN that the alphabet needs; nobody guesses it.
fn secret(
    option: &'static str,
    said: Option<&str>,
    needed: bool,
) -> Result<Zeroizing<String>, Failure> {
    match said {
        Some(said) => secret_input::pin(option, said).map(Zeroizing::new),
        None if needed => Err(Failure::Usage(format!(
            "the alphabet enters a PIN, and a wrong one costs a try: say the right one with {option}"
        ))),
        None => Ok(Zeroizing::new(String::new())),
    }
}

/// A PIN as the social security function takes it.
fn packed(pin: &str) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let even = if pin.len().is_multiple_of(2) { String::new() } else { "F".to_owned() };
    let digits = Zeroizing::new(format!("{pin}{even}"));
    let is_pin = pin.bytes().all(|digit| digit.is_ascii_digit());
    let bytes = hex::decode(&*digits).ok().filter(|_| is_pin);
    bytes.map(Zeroizing::new).ok_or_else(|| Failure::Usage("--pin: a PIN is digits".to_owned()))
}

/// Keys of the social security function: one's own, else the TEST ones.
fn social(source: &mut Source, args: &LearnArgs) -> Result<Vec<SocialHolding>, Failure> {
    let own = args.keys.social()?;
    let mut card = Follow::new(source);
    let security = Environment::new(&mut card).identify()?.security;
    let masters = MasterKeys::test();
    let keys = all_keys().map(|entry| {
        let (application, id) = (entry.application, entry.id);
        let own_suite = own.as_ref().and_then(|own| own.suite(application, id));
        let suite = own_suite.unwrap_or(security.suite);
        let own = own.as_ref().and_then(|own| {
            own.of_card(suite, &security.division, &security.factor, application, id, 1)
        });
        let key = own.unwrap_or_else(|| {
            masters.card(security.suite, &security.division, &security.factor, entry)
        });
        SocialHolding { application: application.to_owned(), id, suite, key }
    });
    Ok(keys.collect())
}

/// Lists and keys of the payment application.
fn bank(
    source: &mut Source,
    pin: &str,
    alphabet: &str,
    args: &LearnArgs,
) -> Result<BankHoldings, Failure> {
    let keys = args.keys.bank()?.unwrap_or_else(BankKeys::test);
    let pin = if pin.is_empty() { "0000" } else { pin };
    let block = format_2_block(pin)
        .ok_or_else(|| Failure::Usage("--payment-pin: a PIN is 4 to 12 digits".to_owned()))?;
    let of_card = |number: &str, sequence: &str| {
        let key = |usage| keys.card(Cipher::TripleDes, usage, number, sequence).ok();
        Some([key(BankKeyUse::Cryptogram)?, key(BankKeyUse::Mac)?])
    };
    BankHoldings::read(source, block, &of_card)
        .map_err(|trouble| unfit(alphabet, &trouble.to_string()))
}
