//! The rules of the notice as decisions: pure, apart from their execution.
//!
//! ```text
//! operation, service point, papers, State ─► may ─► Plan, or the rule that refuses
//! ```
//!
//! What enters: what is asked for, where, with which papers, and what the register knows. What
//! leaves: a [`Plan`] of steps, or a [`Refusal`] that names the rule, what was missing and who can
//! help. Nothing here reads a card or a register.

mod activation;
mod cards;
mod ending;
mod handing_out;
mod passwords;

use serde::{Deserialize, Serialize};

pub(crate) use handing_out::check_collector;
pub use handing_out::{Collection, may_collect};

use crate::{
    DeskError, Operation, Paper, Papers, PointKind, Refusal, Rule, ServicePoint, capability,
};

/// A refusal as an error.
pub(crate) fn refuse<T>(
    rule: Rule,
    missing: impl Into<String>,
    who_can_help: impl Into<String>,
) -> Result<T, DeskError> {
    let refusal = Refusal { rule, missing: missing.into(), who_can_help: who_can_help.into() };
    Err(DeskError::Refused(Box::new(refusal)))
}

/// A function of a card (功能).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Function {
    /// Not activated yet.
    Inactive,
    /// Works.
    Active,
    /// Ended for good.
    Ended,
}

/// Whose hands a card is in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// At the place it was delivered to.
    Delivered,
    /// With its holder.
    Held,
    /// No longer valid, wherever it is.
    Invalid,
    /// Taken back by the bank.
    Recycled,
}

/// The financial account behind a card.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AccountState {
    /// Opened with the card, and waiting for its activation.
    Dormant,
    /// In use.
    Active,
    /// Closed.
    Closed,
}

/// A printed item of a card (D19).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PrintedItem {
    /// Name.
    Name,
    /// Social security number.
    SocialSecurityNumber,
    /// Photo.
    Photo,
    /// Another printed item.
    Other,
}

/// What somebody comes for, where the operation alone does not say it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Reason {
    /// Nothing said.
    #[default]
    None,
    /// The card is lost.
    Lost,
    /// The card is damaged.
    Damaged,
    /// A printed item changes.
    Changed(PrintedItem),
    /// The printed information is wrong.
    Misprint,
    /// Another bank is selected, by its code.
    NewBank(String),
    /// The holder has died.
    Death,
    /// The holder leaves the country for good.
    Abroad,
}

impl Reason {
    /// The name that programs use.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Lost => "lost",
            Self::Damaged => "damaged",
            Self::Changed(PrintedItem::Name) => "name",
            Self::Changed(PrintedItem::SocialSecurityNumber) => "social-security-number",
            Self::Changed(PrintedItem::Photo) => "photo",
            Self::Changed(PrintedItem::Other) => "printed-item",
            Self::Misprint => "misprint",
            Self::NewBank(_) => "bank",
            Self::Death => "death",
            Self::Abroad => "abroad",
        }
    }

    /// The reason of this name; `bank` is the new bank's code.
    #[must_use]
    pub fn named(name: &str, bank: Option<&str>) -> Option<Self> {
        Some(match name {
            "lost" => Self::Lost,
            "damaged" => Self::Damaged,
            "name" => Self::Changed(PrintedItem::Name),
            "social-security-number" => Self::Changed(PrintedItem::SocialSecurityNumber),
            "photo" => Self::Changed(PrintedItem::Photo),
            "printed-item" => Self::Changed(PrintedItem::Other),
            "misprint" => Self::Misprint,
            "bank" => Self::NewBank(bank?.to_owned()),
            "death" => Self::Death,
            "abroad" => Self::Abroad,
            _ => return None,
        })
    }
}

/// A cooperating bank, as far as rules look at it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BankView {
    /// Its code, such as `ICBC`.
    pub code: String,
    /// Whether it wants to see the child whose card it activates (D08).
    pub child_must_be_present: bool,
}

/// A card, as far as rules look at it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CardView {
    /// Whose hands it is in.
    pub standing: Standing,
    /// Its social security function.
    pub social: Function,
    /// Its financial function.
    pub financial: Function,
    /// Tries left of the transaction password, when the card is in the reader.
    pub tries_left: Option<u8>,
}

/// What the register knows, and what somebody comes for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct State {
    /// What somebody comes for.
    pub reason: Reason,
    /// The selected bank.
    pub bank: BankView,
    /// Whether the holder is a child.
    pub is_child: bool,
    /// The card that it is about.
    pub card: CardView,
    /// Whether that card is there.
    pub card_is_here: bool,
    /// Whether the holder has an older card that is still valid.
    pub has_old_card: bool,
    /// Whether that one is there.
    pub old_card_is_here: bool,
    /// Whether another card that follows this one was made and is not activated yet: one holder, one
    /// card in use \[choice\].
    pub has_successor: bool,
    /// The account.
    pub account: AccountState,
    /// Why the social security function was cancelled, when it was.
    pub cancelled: Option<Reason>,
    /// Benefits that are not paid out yet, in cents.
    pub benefits_due: u64,
    /// Whether the person proved the query password.
    pub query_password_shown: bool,
}

/// One thing that is done to a card or in the register.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Chip: ACTIVATE FILE.
    ActivateSocial,
    /// Chip: APPLICATION UNBLOCK.
    ActivateFinancial,
    /// The old card is invalid from now on; chip: APPLICATION BLOCK of its environment, when it is there.
    InvalidateOld,
    /// The medical balance moves to the new card; chip: CREDIT LOAD where there is a purse.
    MoveMedicalBalance,
    /// A query password goes into the outbox.
    SendQueryPassword,
    /// Chip: CHANGE PIN.
    ChangePin,
    /// Chip: RELOAD PIN.
    ReloadPin,
    /// The query password's hash is set.
    SetQueryPassword,
    /// A new card is made.
    IssueCard,
    /// The old card is invalid; chip: CARD BLOCK.
    Recycle,
    /// The card is invalid in the register; it is not here.
    Invalidate,
    /// The mobile number is set.
    SetMobile,
    /// Chip: APPLICATION BLOCK of the environment.
    CancelSocial,
    /// The medical balance is paid out to the account.
    PayOut,
    /// Chip: APPLICATION BLOCK of the payment application; the account is closed.
    CloseAccount,
}

/// What is to be done, and by which rules.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Plan {
    /// The operation.
    pub operation: Operation,
    /// The rules that lead to it.
    pub rules: Vec<Rule>,
    /// The steps in their order.
    pub steps: Vec<Step>,
}

impl Plan {
    fn new(operation: Operation, rules: &[Rule], steps: &[Step]) -> Self {
        Self { operation, rules: rules.to_vec(), steps: steps.to_vec() }
    }
}

/// Whether an operation is done at a service point, with these papers, in this state.
///
/// # Errors
/// [`DeskError::Refused`] with the rule that refuses.
pub fn may(
    operation: Operation,
    at: &ServicePoint,
    papers: Papers,
    state: &State,
) -> Result<Plan, DeskError> {
    let cell = capability::cell(operation, at.kind());
    if !cell.allowed {
        let rule = ending::rule_of_order(operation, state).or(cell.rules.first().copied());
        let rule =
            rule.ok_or(DeskError::Broken("the table of service points, which names no rule,"))?;
        let places = capability::places(operation);
        return refuse(
            rule,
            format!(
                "{} is not done at a {}, only at {}",
                operation.phrase(),
                at.kind(),
                listed(places)
            ),
            listed(places),
        );
    }
    match operation {
        Operation::ActivateBoth | Operation::ActivateSocial | Operation::ActivateFinancial => {
            activation::may(operation, at, papers, state)
        }
        Operation::PinChange => passwords::may_change(state),
        Operation::PinReset => passwords::may_reset(papers, state),
        Operation::QueryPinChange => passwords::may_change_query_password(papers, state),
        Operation::MobileChange => passwords::may_change_mobile(at, papers, state),
        Operation::Replace => cards::may_replace(at, papers, state),
        Operation::ChangeCard => cards::may_change(at, papers, state),
        Operation::CancelSocial => ending::may_cancel(papers, state),
        Operation::CloseAccount => ending::may_close(at, papers, state),
    }
}

/// Kinds of places in words: `village, community or convenience-center`.
fn listed(places: &[PointKind]) -> String {
    let names: Vec<_> = places.iter().map(|kind| kind.name()).collect();
    match names.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}

/// The papers that prove who somebody is: the holder's identity card; of an agent two cards and a
/// photocopy (D07); of a child's guardian his card and the household register with the relation (D08).
fn check_identity(
    papers: Papers,
    is_child: bool,
    otherwise: Rule,
    place: &str,
) -> Result<(), DeskError> {
    let (rule, wanted): (_, &[Paper]) = if is_child {
        let wanted =
            &[Paper::HouseholdRegister, Paper::GuardianRelation, Paper::GuardianIdentityCard];
        (Rule::D08, wanted)
    } else if papers.has(Paper::AgentIdentityCard) || papers.has(Paper::AgentPhotocopy) {
        let wanted = &[Paper::IdentityCard, Paper::AgentIdentityCard, Paper::AgentPhotocopy];
        (Rule::D07, wanted)
    } else {
        (otherwise, &[Paper::IdentityCard])
    };
    match papers.missing(wanted) {
        None => Ok(()),
        Some(paper) => refuse(rule, format!("{} is missing", paper.phrase()), place),
    }
}

/// A card must be valid to be used: not invalidated, not recycled (D09, D18).
fn check_valid(state: &State) -> Result<(), DeskError> {
    let help = format!("card-outlet:{}", state.bank.code);
    match state.card.standing {
        Standing::Held => Ok(()),
        Standing::Delivered => refuse(
            Rule::D01,
            "the card has not been collected yet",
            "the place that the card was delivered to",
        ),
        Standing::Invalid => {
            refuse(Rule::D09, "the card is no longer valid: it has been replaced", help)
        }
        Standing::Recycled => refuse(Rule::D18, "the card was recycled", help),
    }
}

/// What every use needs: a valid card whose social security function works (D03).
fn check_in_use(state: &State) -> Result<(), DeskError> {
    check_valid(state)?;
    match state.card.social {
        Function::Active => Ok(()),
        Function::Inactive => refuse(
            Rule::D03,
            "the card is not activated",
            format!(
                "bank-branch:{}, or village, community, convenience-center for the social security function",
                state.bank.code
            ),
        ),
        Function::Ended => refuse(
            rule_of_cancellation(state),
            "the social security function is cancelled",
            "hr-outlet",
        ),
    }
}

/// The rule by which the social security function was cancelled.
const fn rule_of_cancellation(state: &State) -> Rule {
    match state.cancelled {
        Some(Reason::NewBank(_)) => Rule::D20,
        _ => Rule::D22,
    }
}
