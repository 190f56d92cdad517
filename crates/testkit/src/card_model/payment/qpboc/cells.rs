//! Which state quick transactions, scripts and logs are in, in small numbers for a fuzzer.

use crate::card_model::CardModel;
use crate::card_model::payment::lasting::Quick;

/// First cell of debits that wait: what lasts, what the channel has, blocked or not, tries.
const DEBIT: usize = 2560;
/// First cell of scripts: how many, whether one failed, whether more are refused.
const SCRIPTS: usize = DEBIT + 96;
/// First cell of the two logs' lengths.
const LOGS: usize = SCRIPTS + 64;

impl CardModel {
    /// The cells from 2560 to 2975.
    pub(in crate::card_model) fn quick_cells(&self, cell: &mut dyn FnMut(usize)) {
        let Some(held) = self.lasting.payments.first() else { return };
        let sessions = || self.channels.iter().flatten().map(|channel| &channel.payment);
        let waits = match held.quick {
            Quick::None => 0,
            Quick::Waits { .. } => 1,
            Quick::Counted(_) => 2,
        };
        let approved = sessions().filter(|session| session.quick.is_some()).count().min(2);
        let tries = usize::from(held.tries.min(3));
        let blocked = usize::from(held.is_blocked);
        cell(DEBIT + ((waits * 3 + approved) * 2 + blocked) * 4 + tries);
        let refuses =
            sessions().any(|session| session.issuer.is_some_and(|issuer| issuer.refuses_scripts));
        let failed = usize::from(held.flags.script_failed);
        cell(SCRIPTS + (usize::from(held.scripts.min(15)) * 2 + failed) * 2 + usize::from(refuses));
        let loads = held.load_log.len().min(15);
        cell(LOGS + held.transaction_log.len().min(15) * 16 + loads);
    }
}
