//! The course of a transaction, for a person.
//!
//! What enters: a [`Payment`]. What leaves: every exchange with its data elements, then the results.

use std::io::{self, Write};

use sscard_apdu::StatusWord;
use sscard_elements::tag;
use sscard_lexicon::Session;
use sscard_lexicon::financial::{Subject, explain};
use sscard_terminal::payment::{
    Cryptogram, HolderVerification, IssuerScript, Outcome, Payment, PaymentExchange,
};

use super::super::{hex, tree};

/// Exchanges, each with what was asked and what came, then the results.
pub(super) fn print(out: &mut dyn Write, payment: &Payment, cents: u64) -> io::Result<()> {
    commands(out, &payment.exchanges)?;
    writeln!(out)?;
    results(out, payment, cents)
}

/// The exchanges of a payment that broke off.
pub(super) fn print_broken(out: &mut dyn Write, exchanges: &[PaymentExchange]) -> io::Result<()> {
    commands(out, exchanges)
}

fn commands(out: &mut dyn Write, exchanges: &[PaymentExchange]) -> io::Result<()> {
    let mut session = Session::default();
    for exchange in exchanges {
        let command = exchange.shown_command();
        let annotation = session.annotate(&command, Some(&exchange.response));
        writeln!(out, "{}", exchange.meaning())?;
        writeln!(out, "  > {}", hex(&command))?;
        tree::print(out, "      ", &annotation.asked, false)?;
        writeln!(out, "  < {}", hex(&exchange.response))?;
        tree::print(out, "      ", &annotation.answer, false)?;
    }
    Ok(())
}

fn results(out: &mut dyn Write, payment: &Payment, cents: u64) -> io::Result<()> {
    let authentication = &payment.authentication;
    let algorithm = if authentication.sm { "SM2" } else { "RSA" };
    match (&authentication.reason, authentication.ok) {
        (Some(reason), _) => {
            writeln!(
                out,
                "offline data authentication: {} failed: {reason}",
                authentication.method.name()
            )?;
        }
        (None, true) => {
            writeln!(
                out,
                "offline data authentication: {} with {algorithm}, right",
                authentication.method.name()
            )?;
        }
        (None, false) => writeln!(out, "offline data authentication: not done")?,
    }
    writeln!(out, "cardholder verification: {}", holder(payment.holder))?;
    writeln!(out, "terminal verification results: {}", hex(&payment.tvr.bytes()))?;
    let verified =
        explain(Subject::Element(tag::TERMINAL_VERIFICATION_RESULTS), &payment.tvr.bytes());
    tree::notes(out, "  ", &verified.notes)?;
    if payment.electronic_cash {
        writeln!(out, "paid with e-cash")?;
    }
    if let Some(first) = &payment.first {
        writeln!(out, "first cryptogram: {}", line(first))?;
    }
    if let Some(issuer) = &payment.issuer {
        let judged = if issuer.arqc_ok { "right" } else { "WRONG" };
        let code = String::from_utf8_lossy(&issuer.response_code).into_owned();
        write!(out, "issuer: ARQC {judged}, response code {code}")?;
        if let Some(arpc) = issuer.arpc {
            write!(out, ", ARPC {}", hex(&arpc))?;
        }
        match issuer.idd_ok {
            Some(false) => writeln!(out, ", MAC of the issuer discretionary data WRONG")?,
            _ => writeln!(out)?,
        }
    }
    if let Some(second) = &payment.second {
        writeln!(out, "second cryptogram: {}", line(second))?;
    }
    for script in &payment.scripts {
        match script.status {
            Some(status) => writeln!(out, "script {}: {status}", script.name)?,
            None => writeln!(out, "script {}: not sent", script.name)?,
        }
    }
    let (yuan, cents) = (cents / 100, cents % 100);
    if payment.blocked && payment.outcome == Outcome::Declined {
        let unblocked = payment.scripts.iter().any(|script| {
            script.name == IssuerScript::ApplicationUnblock.name()
                && script.status == Some(StatusWord::SUCCESS)
        });
        let next = if unblocked {
            "the script unblocked it for the next payment"
        } else {
            "--script application-unblock takes the block away"
        };
        return writeln!(out, "declined: the application is blocked; {next}");
    }
    if let Some(reason) = &payment.reason {
        writeln!(out, "reason: {reason}")?;
    }
    writeln!(out, "{}: {yuan}.{cents:02} CNY", payment.outcome.name())?;
    Ok(())
}

fn line(cryptogram: &Cryptogram) -> String {
    format!(
        "{} {}, counter {}, issuer data {}",
        cryptogram.kind(),
        hex(&cryptogram.cryptogram),
        u16::from_be_bytes(cryptogram.atc),
        hex(&cryptogram.issuer_data)
    )
}

const fn holder(verification: HolderVerification) -> &'static str {
    match verification {
        HolderVerification::NotPerformed => "not asked for",
        HolderVerification::NoneRequired => "none required",
        HolderVerification::OfflinePin => "PIN checked by the card",
        HolderVerification::OnlinePin => "PIN for the issuer",
        HolderVerification::Signature => "signature",
        HolderVerification::Failed => "failed",
    }
}
