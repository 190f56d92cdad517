//! Which state the PKI application is in, in small numbers for a fuzzer.

use super::keys::Private;
use crate::card_model::CardModel;
use crate::card_model::channel::Selected;

/// First cell of what a channel proved and left there.
const SESSION: usize = 3200;
/// First cell of the PINs' tries.
const TRIES: usize = 3264;
/// First cell of the pairs.
const PAIRS: usize = 3520;

impl CardModel {
    /// The cells from 3200 to 3583.
    pub(in crate::card_model) fn pki_cells(&self, cell: &mut dyn FnMut(usize)) {
        if self.plan.pki.is_none() {
            return;
        }
        for channel in self.channels.iter().flatten() {
            let session = &channel.pki;
            let bits = [
                channel.selected == Selected::PkiApplication,
                session.verified[0],
                session.verified[1],
                session.exported.is_some(),
                session.key.is_some(),
                channel.challenge.is_some(),
            ];
            if matches!(channel.selected, Selected::PkiEnvironment | Selected::PkiApplication) {
                cell(SESSION + bits.iter().fold(0, |sum, bit| sum * 2 + usize::from(*bit)));
            }
        }
        let [user, administrator] = self.lasting.pki.pins.map(|pin| usize::from(pin.tries.min(15)));
        cell(TRIES + user * 16 + administrator);
        let [signature, encryption] = self.lasting.pki.pairs.each_ref().map(|pair| {
            let private = match pair.private {
                Private::Missing => 0,
                Private::Hidden => 1,
                Private::Known(_) => 2,
            };
            let public = pair.public.as_ref().is_some_and(|public| public.whole().is_some());
            private * 2 + usize::from(public)
        });
        cell(PAIRS + signature * 8 + encryption);
    }
}
