//! `sscard pay`: a whole transaction, annotated.

mod course;

mod date;

use std::io::Write;

use sscard_apdu::StatusWord;
use sscard_core::{FinancialOptions, Profile};
use sscard_crypto::financial::Fold;
use sscard_host::{Follow, Transport};
use sscard_terminal::is_contactless;
use sscard_terminal::payment::{
    IssuerReason, IssuerScript, Outcome, Payment, PaymentError, PaymentExchange, PaymentReason,
    Settings, TestIssuer, pay_noting,
};
use sscard_trace::Mode;

use crate::args::{Authentication, PayArgs, PinChangeKey};
use crate::documents::{self, pay};
use crate::failure::Failure;
use crate::secret_input;
use crate::source::{Source, is_in_reader};

pub(crate) fn run(args: &PayArgs, out: &mut dyn Write) -> Result<(), Failure> {
    if args.contactless {
        takes_contactless(args, "--contactless")?;
    }
    let mut settings = settings(args)?;
    let scripts: Vec<IssuerScript> = args
        .script
        .iter()
        .map(|text| {
            let script = secret_input::issuer_script(text)?.parse();
            script.map_err(|error| Failure::Usage(format!("--script: {error}")))
        })
        .collect::<Result<_, _>>()?;
    settings.takes_blocked = scripts.contains(&IssuerScript::ApplicationUnblock);
    let faults = args.faults.misbehaviour(is_in_reader(&args.card))?;
    let mut source = Source::open_for(&args.card, args.contactless, &faults)?;
    if source.reader().is_some() && is_contactless(source.atr()) {
        if let Err(refusal) = takes_contactless(args, "a card in the field of a contactless reader")
        {
            return super::both(Err(refusal), source.close());
        }
        settings.contactless = true;
    }
    source = source.traced(&args.record, Mode::Auto)?;
    let mut issuer = issuer(args, scripts, source.profile(), settings.aid.as_deref())?;
    let mut exchanges = Vec::new();
    let paid = pay_noting(&mut Follow::new(&mut source), &mut issuer, &settings, &mut exchanges);
    // What the card remembers of a broken transaction is kept, too.
    let closed = source.close();
    super::both(tell(paid, &exchanges, &settings, args, out), closed)
}

/// Refuses what has no place over the antenna.
fn takes_contactless(args: &PayArgs, by: &str) -> Result<(), Failure> {
    let refuse = |words: String| Err(Failure::Usage(words));
    if args.authentication != Authentication::Cda {
        return refuse(format!(
            "--authentication has no effect with {by}, where the card signs (fDDA)"
        ));
    }
    if !args.script.is_empty() {
        return refuse(format!("--script has no effect with {by}: scripts go over contacts"));
    }
    Ok(())
}

/// The course of the transaction, and the verdict.
fn tell(
    paid: Result<Payment, PaymentError>,
    exchanges: &[PaymentExchange],
    settings: &Settings,
    args: &PayArgs,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let payment = match paid {
        Ok(payment) => payment,
        Err(error) => {
            if args.json {
                documents::print(out, &pay::broken_document(&error, exchanges))?;
            } else {
                course::print_broken(out, exchanges)?;
            }
            return Err(broken(error, settings));
        }
    };
    if args.json {
        documents::print(out, &pay::document(&payment))?;
    } else {
        course::print(out, &payment, settings.amount)?;
    }
    match payment.outcome {
        Outcome::Failed => Err(failed(&payment, args)),
        _ => Ok(()),
    }
}

/// The bank behind the terminal; what its options do not say, the card's profile does.
fn issuer(
    args: &PayArgs,
    scripts: Vec<IssuerScript>,
    profile: Option<&Profile>,
    aid: Option<&[u8]>,
) -> Result<TestIssuer, Failure> {
    let applications = profile.map(|profile| &profile.blueprint().financial.applications[..]);
    let is_paid_with = |known: &[u8]| aid.is_none_or(|aid| known.starts_with(aid));
    let options = applications
        .and_then(|all| all.iter().find(|application| is_paid_with(application.aid.as_bytes())))
        .map_or_else(FinancialOptions::default, |application| application.options);
    let fold_xor = args.sm4_fold_xor || options.sm4_fold_xor;
    let default = TestIssuer::default();
    Ok(TestIssuer {
        declines: args.decline,
        scripts,
        fold: if fold_xor { Fold::Xor } else { Fold::Left },
        unadjusted_pin_key: match args.pin_change_key {
            Some(key) => key == PinChangeKey::Unadjusted,
            None => options.unadjusted_pin_key,
        },
        online_pin: match &args.online_pin {
            Some(pin) => {
                let pin = secret_input::pin("--online-pin", pin)?;
                Some(digits("--online-pin", &pin)?)
            }
            None => default.online_pin,
        },
        own: args.keys.bank()?,
        ..default
    })
}

fn digits(option: &str, pin: &str) -> Result<String, Failure> {
    if (4..=12).contains(&pin.len()) && pin.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(pin.to_owned());
    }
    Err(Failure::Usage(format!("{option}: a bank PIN has 4 to 12 digits")))
}

fn broken(error: PaymentError, settings: &Settings) -> Failure {
    let hint = match &error {
        PaymentError::Transport(error) => return Failure::Transport(error.clone()),
        PaymentError::Refused { command: "GET PROCESSING OPTIONS", status }
            if *status == StatusWord::CONDITIONS_OF_USE_NOT_SATISFIED && settings.contactless =>
        {
            if settings.sm {
                "; the card does not do this over the antenna: try without --contactless"
            } else {
                "; a card of SM algorithms alone wants --sm, another one no --contactless"
            }
        }
        _ => "",
    };
    Failure::Broken { error, hint }
}

/// Why a payment failed: a wrong cryptogram, which keys or readings of the standard may be the reason for, or what the
/// terminal says.
fn failed(payment: &Payment, args: &PayArgs) -> Failure {
    let wrong = "the card's cryptogram is not the one that the issuer computes";
    match payment.reason {
        None
        | Some(
            PaymentReason::NotRecognised | PaymentReason::Issuer(IssuerReason::WrongCryptogram),
        ) => Failure::Payment { reason: wrong.to_owned(), hint: hint(payment, args) },
        Some(reason) => {
            let authentication = payment.authentication.reason.as_ref();
            let why = authentication.map(|why| format!(": {why}")).unwrap_or_default();
            Failure::Payment { reason: format!("{reason}{why}"), hint: "" }
        }
    }
}

/// What a cryptogram under SM4 may be wrong for.
fn hint(payment: &Payment, args: &PayArgs) -> &'static str {
    let issuer_data = payment.first.as_ref().map(|first| &first.issuer_data[..]);
    match issuer_data.and_then(|data| data.get(7)) {
        Some(0x04) if args.sm4_fold_xor => {
            "; a card that takes the left half of SM4 MACs wants no --sm4-fold-xor"
        }
        Some(0x04) => "; a card that folds SM4 MACs by xor wants --sm4-fold-xor",
        _ => "",
    }
}

fn settings(args: &PayArgs) -> Result<Settings, Failure> {
    let default = Settings::default();
    let [first, second, third] = default.capabilities;
    let methods = match args.authentication {
        Authentication::Cda => 0xC8,
        Authentication::Dda => 0xC0,
        Authentication::Sda => 0x80,
        Authentication::None => 0x00,
    };
    let [q1, q2, q3, q4] = default.qualifiers;
    Ok(Settings {
        amount: amount(&args.amount)?,
        date: date::parse(args.date.as_deref())?,
        unpredictable: unpredictable(args.seed),
        online: !args.offline,
        electronic_cash: args.offline,
        sm: args.sm,
        contactless: args.contactless,
        floor_limit: if args.offline { u64::MAX } else { 0 },
        capabilities: [first, second, methods | third & 0x37],
        qualifiers: [if args.offline { q1 | 0x08 } else { q1 }, q2, q3, q4],
        pin: secret_input::pin_or_environment("--pin", args.pin.as_deref())?
            .map(|pin| digits("--pin", &pin))
            .transpose()?,
        aid: args.aid.as_deref().map(aid).transpose()?,
        authorities: args.authorities.authorities()?,
        ..default
    })
}

fn aid(text: &str) -> Result<Vec<u8>, Failure> {
    let name = hex::decode(text).ok().filter(|name| (5..=16).contains(&name.len()));
    let rule = "an AID has 5 to 16 bytes in hexadecimal";
    name.ok_or_else(|| Failure::Usage(format!("--aid {text}: {rule}")))
}

/// `12.34` as 1234 cents.
fn amount(text: &str) -> Result<u64, Failure> {
    let parse = || {
        let (whole, cents) = text.split_once('.').unwrap_or((text, "00"));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(cents) || whole.len() > 10 || cents.len() > 2 {
            return None;
        }
        let cents = format!("{cents:0<2}");
        Some(whole.parse::<u64>().ok()? * 100 + cents.parse::<u64>().ok()?)
    };
    let rule = "an amount is at most 10 digits with two decimals, such as 12.34";
    parse().ok_or_else(|| Failure::Usage(format!("--amount {text}: {rule}")))
}

/// The terminal's random number, from the seed.
fn unpredictable(seed: u64) -> [u8; 4] {
    let mixed = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(31) ^ 0x5EED_5EED_5EED_5EED;
    let [a, b, c, d, ..] = mixed.wrapping_mul(0xD1B5_4A32_D192_ED03).to_be_bytes();
    [a, b, c, d]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_in_yuan_and_fen() {
        for (text, cents) in [("12.34", 1234), ("5", 500), ("0.5", 50), ("0.05", 5)] {
            assert_eq!(amount(text).ok(), Some(cents), "{text}");
        }
        for text in ["", ".", "1.234", "-1", "1,00", "12345678901"] {
            assert!(amount(text).is_err(), "{text}");
        }
    }
}
