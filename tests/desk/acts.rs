//! What people come for, a line each; the card is the one that the holder has.

use sscard_desk::register::{CardRow, OperationRow, OutboxRow};
use sscard_desk::{
    Counter, DeskError, Done, Ending, Function, InHand, NewPerson, Paper, Reason, Request,
    Standing, Visit,
};
use sscard_host::{Follow, InProcess};
use sscard_terminal::payment::{Outcome, Settings, TestIssuer, pay};

use super::city::{City, visit};
use crate::harness::SELECT_SSSE;

/// The holder comes himself.
pub(crate) const HOLDER: &[Paper] = &[Paper::IdentityCard];
/// An agent with everything.
pub(crate) const AGENT: &[Paper] =
    &[Paper::IdentityCard, Paper::AgentIdentityCard, Paper::AgentPhotocopy];
/// A guardian with everything, without the child.
pub(crate) const GUARDIAN: &[Paper] =
    &[Paper::GuardianIdentityCard, Paper::HouseholdRegister, Paper::GuardianRelation];
/// The same with the child.
pub(crate) const WITH_CHILD: &[Paper] =
    &[Paper::GuardianIdentityCard, Paper::HouseholdRegister, Paper::GuardianRelation, Paper::Child];

/// SELECT of the payment application.
pub(crate) const SELECT_PAYMENT: &str = "00A4040008A000000333010101";

/// What a row says of a card: standing, both functions, medical money, whether it is to be blocked.
pub(crate) type Facts = (Standing, Function, Function, i64, bool);

pub(crate) const fn facts(row: &CardRow) -> Facts {
    (row.standing, row.social, row.financial, row.medical.value(), row.block_due)
}

type Outcomes = Result<Done, DeskError>;

impl City {
    pub(crate) fn activate(&mut self, holder: &str, place: &str, papers: &[Paper]) -> Outcomes {
        let visit = visit(place, papers);
        self.with(holder, |desk, counter| desk.perform(Request::Activate, &visit, None, counter))
    }

    pub(crate) fn change_pin(
        &mut self,
        holder: &str,
        place: &str,
        old: &str,
        new: &str,
    ) -> Outcomes {
        let visit = visit(place, &[]);
        self.with(holder, |desk, counter| {
            desk.perform(Request::ChangePin { old, new }, &visit, None, counter)
        })
    }

    /// Six wrong entries at the pharmacy.
    pub(crate) fn lock(&mut self, holder: &str) {
        for tries in (0..6).rev() {
            match self.change_pin(holder, "pharmacy", "000000", "111111") {
                Err(DeskError::WrongPassword { tries_left }) => assert_eq!(tries_left, tries),
                other => panic!("{other:?}"),
            }
        }
    }

    pub(crate) fn reset_pin(&mut self, holder: &str, place: &str, papers: &[Paper]) -> Outcomes {
        let visit = visit(place, papers);
        self.with(holder, |desk, counter| desk.perform(Request::ResetPin, &visit, None, counter))
    }

    pub(crate) fn change_query_password(
        &mut self,
        holder: &str,
        place: &str,
        papers: &[Paper],
        new: &str,
    ) -> Outcomes {
        let visit = visit(place, papers);
        self.desk.perform(
            Request::ChangeQueryPassword { new },
            &visit,
            Some(holder),
            &mut Counter::empty(),
        )
    }

    pub(crate) fn change_mobile(
        &mut self,
        holder: &str,
        place: &str,
        papers: &[Paper],
        query_password: Option<&str>,
    ) -> Outcomes {
        let visit = visit(place, papers);
        let counter = &mut Counter::empty();
        self.desk.perform(
            Request::ChangeMobile { mobile: "13911112222", query_password },
            &visit,
            Some(holder),
            counter,
        )
    }

    /// Replaces the holder's card; a damaged one lies on the counter.
    pub(crate) fn replace(
        &mut self,
        holder: &str,
        place: &str,
        papers: &[Paper],
        reason: Reason,
    ) -> Outcomes {
        let visit = visit(place, papers);
        let number = self.card_row(holder).number;
        let here = (reason != Reason::Lost).then_some(number.as_str());
        self.issue(here, |desk, counter, deliver| {
            desk.perform(
                Request::Replace { reason, delivery: &mut InHand::new(deliver) },
                &visit,
                Some(holder),
                counter,
            )
        })
    }

    /// Changes the holder's card, which lies on the counter.
    pub(crate) fn change_card(
        &mut self,
        holder: &str,
        place: &str,
        papers: &[Paper],
        reason: Reason,
        person: NewPerson,
    ) -> Outcomes {
        let visit = visit(place, papers);
        let number = self.card_row(holder).number;
        self.issue(Some(&number), |desk, counter, deliver| {
            desk.perform(
                Request::ChangeCard { reason, person, delivery: &mut InHand::new(deliver) },
                &visit,
                Some(holder),
                counter,
            )
        })
    }

    pub(crate) fn cancel(
        &mut self,
        holder: &str,
        place: &str,
        papers: &[Paper],
        reason: Reason,
        ending: Ending,
    ) -> Outcomes {
        let visit = visit(place, papers);
        self.with(holder, |desk, counter| {
            desk.perform(Request::Cancel { reason, ending }, &visit, None, counter)
        })
    }

    pub(crate) fn close(
        &mut self,
        holder: &str,
        place: &str,
        papers: &[Paper],
        reason: Reason,
    ) -> Outcomes {
        let visit = visit(place, papers);
        self.with(holder, |desk, counter| {
            desk.perform(Request::CloseAccount { reason }, &visit, None, counter)
        })
    }

    /// SELECT of the environment and of the payment application; what waits on T=0 counts as 9000.
    pub(crate) fn chip(&mut self, number: &str) -> (String, String) {
        let mut select = |command| {
            let answer = self.answer(number, &[command]);
            if answer.starts_with("61") { "9000".to_owned() } else { answer }
        };
        (select(SELECT_SSSE), select(SELECT_PAYMENT))
    }

    /// What the card says to a transaction password.
    pub(crate) fn verify(&mut self, number: &str, password: &str) -> String {
        self.answer(number, &[SELECT_SSSE, &format!("0020000003{password}")])
    }

    /// How a payment of one yuan ends.
    pub(crate) fn pay(&mut self, number: &str) -> Outcome {
        let card = self.cards.remove(number).expect("a card");
        let mut card = Follow::new(InProcess::power_on(card).expect("power"));
        let settings = Settings { amount: 100, ..Settings::default() };
        let payment = pay(&mut card, &mut TestIssuer::default(), &settings).expect("a payment");
        self.cards.insert(number.to_owned(), card.into_inner().into_card());
        payment.outcome
    }

    /// What the chip's medical purse says, in cents.
    pub(crate) fn purse(&self, number: &str) -> u32 {
        let card = self.cards.get(number).expect("a card");
        card.inspect_purse().expect("a purse").balance
    }

    /// The messages as the register has them.
    pub(crate) fn messages(&self) -> Vec<OutboxRow> {
        let look = self.desk.register().look(|ledger| {
            let rows = ledger.outbox()?;
            Ok(rows)
        });
        look.expect("outbox")
    }

    /// What waits to be finished.
    pub(crate) fn waiting(&self) -> Vec<OperationRow> {
        self.desk.register().look(|ledger| ledger.operations(None)).expect("operations")
    }

    /// The messages as `desk outbox` shows them, then wipes them: the password of each.
    pub(crate) fn outbox(&mut self) -> Vec<Option<String>> {
        let shown = self.desk.outbox().expect("outbox");
        shown.into_iter().map(|(_, body)| body.map(|body| body.to_string())).collect()
    }

    /// The statement of a visit without any card on the counter.
    pub(crate) fn without_card(
        &mut self,
        place: &str,
        papers: &[Paper],
        act: impl FnOnce(&mut sscard_desk::Desk, &Visit, &mut Counter<'_>) -> Outcomes,
    ) -> Outcomes {
        act(&mut self.desk, &visit(place, papers), &mut Counter::empty())
    }
}
