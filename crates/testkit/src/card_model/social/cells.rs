//! Which state the social security function is in, in small numbers for a fuzzer.

use sscard_core::LifeCycle;

use crate::card_model::CardModel;
use crate::card_model::channel::Selected;

/// First cell of where a channel stands and what is proved there: 8 DFs, PIN, 0 to 3 keys.
const STANDING: usize = 0;
/// First cell of tries left, by life cycle.
const TRIES: usize = 64;
/// First cell of current file and record, by DF.
const POINTER: usize = 128;
/// First cell of what a channel waits for.
const PENDING: usize = 192;
/// First cell of locked keys and blocked applications.
const LOCKED: usize = 256;

impl CardModel {
    /// The cells below 512.
    pub(in crate::card_model) fn social_cells(&self, cell: &mut dyn FnMut(usize)) {
        let social = &self.lasting.social;
        for channel in self.channels.iter().flatten() {
            let session = &channel.social;
            if channel.selected == Selected::Files {
                let df = usize::from(session.df.min(7));
                let proofs = session.proofs().min(3) as usize;
                cell(STANDING + df * 8 + usize::from(session.pin) * 4 + proofs);
                let record = usize::from(session.record.min(3));
                cell(POINTER + df * 8 + usize::from(session.ef.is_some()) * 4 + record);
            }
            let pending = usize::from(channel.challenge.is_some())
                + 2 * usize::from(channel.chain.is_some())
                + 4 * usize::from(channel.waiting.length() > 0);
            cell(PENDING + self.channels.len().min(4) * 8 + pending);
        }
        let life = match social.environment {
            _ if self.lasting.is_card_blocked => 3,
            LifeCycle::Activated => 0,
            LifeCycle::Deactivated => 1,
            _ => 2,
        };
        cell(TRIES + usize::from(social.pin_tries.min(15)) * 4 + life);
        let locked = social.key_tries.iter().filter(|tries| **tries == 0).count().min(15);
        let blocked = social.blocked.count_ones().min(3) as usize;
        cell(LOCKED + blocked * 16 + locked);
    }
}
