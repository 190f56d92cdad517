//! One command's view of a payment application.

use sscard_apdu::bcd;
use sscard_apdu::tlv::Tag;
use sscard_core::Interface;
use sscard_elements::{ApplicationDefaultAction, ApplicationInterchangeProfile, tag};

use super::{Lasting, Plan, Session};
use crate::card_model::lasting::Lasting as Everything;
use crate::card_model::stand::Stand;

/// Plan, state and transaction of the application that a channel stands in.
pub(crate) struct Account<'s> {
    pub(crate) place: u8,
    pub(crate) plan: &'s Plan,
    /// The whole card's; CARD BLOCK writes there.
    pub(crate) card: &'s mut Everything,
    pub(crate) session: &'s mut Session,
    pub(crate) is_contactless: bool,
}

impl<'s> Account<'s> {
    pub(crate) fn open(place: u8, stand: &'s mut Stand<'_>) -> Self {
        Self {
            place,
            plan: &stand.plan.payments[usize::from(place)],
            card: stand.lasting,
            session: &mut stand.channel.payment,
            is_contactless: stand.interface == Interface::Contactless,
        }
    }

    /// What lasts.
    pub(crate) fn held(&self) -> &Lasting {
        &self.card.payments[usize::from(self.place)]
    }

    /// The same, to be written.
    pub(crate) fn change(&mut self) -> &mut Lasting {
        self.card.payment_mut(self.place)
    }

    /// A data element as the terminal gave it last.
    pub(crate) fn given(&self, tag: Tag) -> Option<&[u8]> {
        let (plan, session) = (self.plan, &*self.session);
        let first = || plan.cdol1.value(tag, &session.cdol1);
        let options = || plan.pdol(session.contactless).value(tag, &session.pdol);
        plan.cdol2.value(tag, &session.cdol2).or_else(first).or_else(options)
    }

    /// The same of this length; zeros when there is none.
    pub(crate) fn terminal<const N: usize>(&self, tag: Tag) -> [u8; N] {
        self.given(tag).and_then(|value| value.try_into().ok()).unwrap_or([0; N])
    }

    /// 9F02 in cents.
    pub(crate) fn transaction_amount(&self) -> u64 {
        bcd::number(&self.terminal::<6>(tag::AMOUNT_AUTHORISED))
    }

    /// Whether the transaction is in the card's currency; `None` when terminal or card does not say.
    pub(crate) fn is_own_currency(&self) -> Option<bool> {
        self.agrees(tag::RISK_CURRENCY, tag::TRANSACTION_CURRENCY)
    }

    /// Whether the terminal stands in the card's country; `None` when terminal or card does not say.
    pub(crate) fn is_own_country(&self) -> Option<bool> {
        self.agrees(tag::RISK_COUNTRY, tag::TERMINAL_COUNTRY)
    }

    fn agrees(&self, own: Tag, given: Tag) -> Option<bool> {
        let own = self.held().fixed::<2>(own)?;
        let given = self.terminal::<2>(given);
        (given != [0, 0]).then_some(given == own)
    }

    /// Whether a bit of the application default action (9F52) is set; absent it is 0000.
    pub(crate) fn acts(&self, bit: ApplicationDefaultAction) -> bool {
        let action = self.held().fixed::<2>(tag::DEFAULT_ACTION).unwrap_or_default();
        ApplicationDefaultAction::new(action).has(bit)
    }

    /// Whether the AIP that was given has a bit.
    pub(crate) fn offers(&self, bit: ApplicationInterchangeProfile) -> bool {
        ApplicationInterchangeProfile::new(self.session.aip).has(bit)
    }

    /// Whether the issuer can be authenticated at all, by EXTERNAL AUTHENTICATE or in the second GENERATE AC.
    pub(crate) fn has_issuer_authentication(&self) -> bool {
        self.offers(ApplicationInterchangeProfile::ISSUER_AUTHENTICATION)
            || self.plan.is_issuer_in_list()
    }
}
