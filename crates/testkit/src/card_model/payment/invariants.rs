//! What holds of a payment whatever is sent: I-14 (money) and I-20 (order), looked at from outside the rules that keep them.
//!
//! What enters: an application before and after a command. What leaves: nothing, or a panic, which is a finding.

use std::sync::Arc;

use sscard_commands::ins;
use sscard_elements::{CardAdditionalProcesses as Processes, tag};

use super::lasting::Quick;
use super::{Account, Lasting, Stage, qpboc};
use crate::card_model::stand::{Outcome, Plain};

/// A payment application before a command.
pub(super) struct Before {
    held: Arc<Lasting>,
    stage: Stage,
}

impl Before {
    pub(super) fn of(account: &Account<'_>) -> Self {
        let held = account.card.payments[usize::from(account.place)].clone();
        Self { held, stage: account.session.stage }
    }

    /// Holds the application after a command against it.
    pub(super) fn hold(&self, plain: Plain<'_>, account: &Account<'_>, outcome: Outcome) {
        self.order(plain, account, outcome);
        // What was refused is undone behind this.
        if outcome.is_ok() {
            self.money(plain, account);
        }
    }

    /// I-20: options, first cryptogram, second one after an ARQC; nothing else moves a transaction on.
    fn order(&self, plain: Plain<'_>, account: &Account<'_>, outcome: Outcome) {
        let after = account.session.stage;
        let is_allowed = match (plain.ins, outcome.is_ok()) {
            (ins::GET_PROCESSING_OPTIONS, true) => {
                self.stage == Stage::Selected
                    && matches!(after, Stage::Initiated | Stage::Online | Stage::EndedAtOnce)
            }
            (ins::GENERATE_AC, true) => matches!(
                (self.stage, after),
                (Stage::Initiated, Stage::Online | Stage::EndedAtOnce)
                    | (Stage::Online, Stage::Ended)
            ),
            _ => self.stage == after,
        };
        assert!(is_allowed, "I-20: {:02X} led from {:?} to {after:?}", plain.ins, self.stage);
    }

    /// I-14: the counter rises by one with each transaction and never else; a balance changes with its log.
    fn money(&self, plain: Plain<'_>, account: &Account<'_>) {
        let (before, after) = (&*self.held, account.held());
        if std::ptr::eq(before, after) {
            return;
        }
        let begins = plain.ins == ins::GET_PROCESSING_OPTIONS;
        let counted = u32::from(after.atc) - u32::from(before.atc);
        assert_eq!(counted, u32::from(begins), "I-14: the counter of {:02X}", plain.ins);
        let spent = before.object(tag::CASH_BALANCE) != after.object(tag::CASH_BALANCE);
        let is_undone = matches!(before.quick, Quick::Waits { .. });
        if spent && !is_undone {
            let application = &account.plan.application;
            let is_noted = match plain.ins {
                ins::GENERATE_AC => application
                    .transaction_log
                    .as_ref()
                    .is_none_or(|_| !Arc::ptr_eq(&before.transaction_log, &after.transaction_log)),
                ins::PUT_DATA => application
                    .load_log
                    .as_ref()
                    .is_none_or(|_| !Arc::ptr_eq(&before.load_log, &after.load_log)),
                // It counts with the last record, but a prepaid amount at once.
                ins::GET_PROCESSING_OPTIONS => {
                    matches!(after.quick, Quick::Waits { .. })
                        || qpboc::processes(before).has(Processes::PREPAID)
                }
                _ => false,
            };
            assert!(is_noted, "I-14: {:02X} changed the balance alone", plain.ins);
        }
    }
}
