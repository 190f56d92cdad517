//! How often things happen: one table.

use super::incident::Incident;

/// How often one thing happens.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    pub(super) incident: Incident,
    /// What it is.
    pub name: &'static str,
    /// Times per 500 residents and 120 days.
    pub times: u32,
    /// Share of the days that pass before it begins, in per cent: cards must be in use first.
    pub after: u32,
}

const fn rate(incident: Incident, name: &'static str, times: u32, after: u32) -> Rate {
    Rate { incident, name, times, after }
}

/// Times per 500 residents and 120 days; with fewer residents or days in proportion, rounded down.
///
/// Beside these everybody collects within 30 days of delivery and activates within 15 days more, half
/// of the adults in one step at a bank, the others at the counter first and at the bank 1 to 20 days
/// later; every card in use is credited once in 30 days.
pub const RATES: &[Rate] = &[
    rate(Incident::ComesTooEarly, "comes before the batch opens", 2, 0),
    rate(Incident::ComesTooLate, "comes after the batch has closed", 1, 60),
    rate(Incident::ComesToTheWrongPlace, "comes where the card was not delivered", 2, 5),
    rate(Incident::HasNoCardYet, "comes before the own card is in a batch", 2, 2),
    rate(Incident::UsesTooEarly, "modifies the password of a card not activated", 2, 8),
    rate(Incident::ForgetsIdentityCard, "activates at the bank without the identity card", 3, 8),
    rate(Incident::WantsBankInVillage, "wants the financial function at a village", 3, 8),
    rate(Incident::GoesToAnotherBank, "activates at another bank", 2, 8),
    rate(Incident::AgentWithoutCopy, "sends an agent without the photocopy", 3, 8),
    rate(Incident::SendsAgent, "sends an agent with all papers", 5, 8),
    rate(Incident::ChildInVillage, "activates a child's card at a village", 1, 8),
    rate(Incident::ChildStaysHome, "activates a child's card at ICBC without the child", 1, 8),
    rate(Incident::UsesOldCard, "uses the old card after the new one's activation", 2, 40),
    rate(Incident::ChangesPin, "modifies the transaction password", 40, 40),
    rate(Incident::ChangesPinAtKiosk, "modifies it at a kiosk", 2, 40),
    rate(Incident::MistypesPin, "mistypes the old password once", 6, 40),
    rate(Incident::LocksCard, "locks the card by six wrong passwords, then has it reset", 4, 40),
    rate(Incident::ForgetsPin, "forgets the password and has it reset", 8, 40),
    rate(Incident::ResetsAtPharmacy, "wants a reset at a pharmacy", 2, 40),
    rate(Incident::ChangesQueryPassword, "modifies the query password", 10, 40),
    rate(Incident::ChangesMobile, "changes the mobile number at a counter", 8, 40),
    rate(Incident::ChangesMobileOnline, "changes it at the website", 4, 40),
    rate(Incident::ChangesMobileAtBank, "changes it at a bank", 2, 40),
    rate(Incident::LosesCard, "loses the card", 6, 40),
    rate(Incident::DamagesCard, "damages the card", 4, 40),
    rate(Incident::ReplacesAtAnotherBank, "wants a replacement from another bank", 2, 40),
    rate(Incident::LeavesDamagedCardAtHome, "has a damaged card replaced without it", 1, 40),
    rate(Incident::ChangesName, "changes a printed item", 4, 40),
    rate(Incident::ChangesWithoutReason, "wants another card for no reason", 1, 40),
    rate(Incident::ChangesBank, "changes bank, in the order of the rule", 3, 40),
    rate(Incident::ChangesBankOutOfOrder, "changes bank out of order", 2, 40),
    rate(Incident::Dies, "dies", 3, 40),
    rate(Incident::LeavesCountry, "leaves the country; benefits are paid out later", 2, 40),
    rate(Incident::ClosesTooEarly, "closes the account before anything is cancelled", 1, 40),
];
