//! E-cash over contacts (电子现金): when it is chosen, and what the first cryptogram takes.

use sscard_elements::CryptogramInformationData as Cid;

use super::Account;

/// Whether the seven conditions of its path hold.
pub(super) fn is_chosen(_account: &Account<'_>) -> bool {
    false
}

/// The kind of the first cryptogram on its path; a TC takes the amount.
pub(super) fn decide(_account: &mut Account<'_>, wish: Cid) -> Cid {
    wish
}
