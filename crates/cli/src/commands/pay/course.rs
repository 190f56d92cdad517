//! The course of a transaction, for a person and as JSON.
//!
//! What enters: a [`Payment`]. What leaves: every exchange with its data elements, then the results.

use std::io::{self, Write};

use sscard_apdu::StatusWord;
use sscard_elements::tag;
use sscard_lexicon::Session;
use sscard_lexicon::financial::{Node, Subject, explain, of_answer};
use sscard_terminal::payment::{
    Cryptogram, HolderVerification, IssuerScript, Outcome, Payment, PaymentError, PaymentExchange,
};

use super::super::{hex, tree};
use crate::documents::pay::{
    AskedElement, BrokenPaymentDocument, PaymentApdu, PaymentAuthentication, PaymentCryptogram,
    PaymentDocument, PaymentIssuer, PaymentScript,
};
use crate::documents::unit::Hex;

/// A payment that came to its end, as a document.
pub(super) fn document(payment: &Payment) -> PaymentDocument {
    let cryptogram = |cryptogram: &Cryptogram| PaymentCryptogram {
        kind: cryptogram.kind(),
        cryptogram: Hex::of(cryptogram.cryptogram),
        atc: Hex::of(cryptogram.atc),
    };
    let scripts = payment.scripts.iter().map(|script| PaymentScript {
        command: script.name.clone(),
        sw: script.status.map(Hex::written),
    });
    let authentication = &payment.authentication;
    PaymentDocument {
        outcome: payment.outcome.name(),
        reason: payment.reason.as_ref().map(ToString::to_string),
        aid: Hex::of(&payment.aid),
        application_blocked: payment.blocked,
        electronic_cash: payment.electronic_cash,
        offline_data_authentication: PaymentAuthentication {
            method: authentication.method.name(),
            sm: authentication.sm,
            ok: authentication.ok,
            reason: authentication.reason.as_ref().map(ToString::to_string),
        },
        cardholder_verification: payment.holder.name(),
        tvr: Hex::of(payment.tvr.bytes()),
        tsi: Hex::of(payment.tsi.bytes()),
        first_ac: payment.first.as_ref().map(cryptogram),
        issuer: payment.issuer.as_ref().map(|issuer| PaymentIssuer {
            arqc_ok: issuer.arqc_ok,
            idd_ok: issuer.idd_ok,
            response_code: String::from_utf8_lossy(&issuer.response_code).into_owned(),
            arpc: issuer.arpc.map(Hex::of),
        }),
        second_ac: payment.second.as_ref().map(cryptogram),
        scripts: scripts.collect(),
        issuer_script_results: payment.data.value(tag::ISSUER_SCRIPT_RESULTS).map(Hex::of),
        apdus: apdus(&payment.exchanges),
    }
}

/// A payment that broke off, as a document.
pub(super) fn broken_document(
    error: &PaymentError,
    exchanges: &[PaymentExchange],
) -> BrokenPaymentDocument {
    BrokenPaymentDocument { outcome: "failed", error: error.to_string(), apdus: apdus(exchanges) }
}

fn apdus(exchanges: &[PaymentExchange]) -> Vec<PaymentApdu> {
    let mut session = Session::default();
    let apdu = |exchange: &PaymentExchange| {
        let objects = of_answer(&exchange.command, exchange.data());
        let annotation = session.annotate(&exchange.command, Some(&exchange.response));
        PaymentApdu {
            command: Hex::of(exchange.shown_command()),
            response: Hex::of(&exchange.response),
            meaning: exchange.meaning(),
            asked: annotation.asked.iter().filter_map(asked).collect(),
            objects: objects.map(|nodes| tree::documents(&nodes)),
        }
    };
    exchanges.iter().map(apdu).collect()
}

/// What the card asked for by a list and the terminal gave; fields without a tag are no such.
fn asked(node: &Node<'_>) -> Option<AskedElement> {
    let is_object = node.tag.number() != 0 && !node.template;
    is_object.then(|| AskedElement {
        tag: Hex::written(node.tag),
        length: node.value.len(),
        value: Hex::of(node.value),
    })
}

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
