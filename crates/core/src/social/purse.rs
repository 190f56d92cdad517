//! The medical purse (医疗个人账户电子钱包): money in DF04 that is spent without the network.
//!
//! ```text
//! INIT LOAD ─► MAC1 ─► issuer ─► MAC2 ─► CREDIT LOAD ─► TAC
//! INIT PURCHASE ─► random ─► terminal ─► MAC1 ─► DEBIT ─► TAC, MAC2
//! ```
//!
//! What enters: commands of class B0 in DF04. What leaves: their answers, and money that moves in
//! one transaction together with its counter, its record and its proof. The second command of a pair
//! is taken after the first only; anything on its channel between them ends the pair \[choice\], but for GET
//! RESPONSE, GET BALANCE and GET TRANSACTION PROOF. Class B0 has no channel bits, so the purse is spoken to on the basic
//! channel alone.
//! Invariants owned here: I-11, I-14.
//!
//! # Reference
//! 《社会保障（个人）卡规范》 part 5, part 7 §12. Inputs of the load's MACs and of both TACs, types and
//! access rules are not in the text: see docs/decisions.md.

mod command;
mod load;
mod money;
mod purchase;

use sscard_apdu::StatusWord;
use sscard_commands::ins;
use sscard_crypto::{Algorithm, Key, Suite};

use crate::access::{AccessRule, KeyId};
use crate::applet::{Context, PlainCommand, Reply};
use crate::fs;
use crate::key;
use crate::pin::Pin;
use crate::profile::{KeyPurpose, PurseArea, PursePlan, is_day};

use command::{Balance, Command};
use money::Purse;

/// Class of the purse's commands.
pub(super) const CLASS: u8 = 0xB0;
/// UK1_DF04, which sets the first day of the insurance year on cards from before they had DSK.
const UPDATE_KEY: KeyId = KeyId(0x85);

/// The first half of a transaction.
#[derive(Clone, Hash)]
enum Begun {
    Load(load::Begun),
    Purchase(purchase::Begun),
}

/// Carries out a command of the purse.
///
/// # Status
/// Those of the commands; `6985` another application than the purse's is selected; `6D00`, `6E00`,
/// `6A86`, `6700`.
pub(super) fn process(
    command: &PlainCommand<'_>,
    context: &mut Context<'_>,
    reply: &mut Reply<'_>,
) -> Result<StatusWord, StatusWord> {
    let mut begun = context.left.take();
    if matches!(command.ins, ins::GET_BALANCE | ins::GET_TRANSACTION_PROOF) {
        // They ask, and whatever they are told, the pair goes on.
        context.channel.for_next = begun.take();
    }
    let command = Command::try_from(command)?;
    let purse = Purse::find(context)?;
    match command {
        Command::InitLoad(data) => load::begin(context, &purse, data, reply),
        Command::CreditLoad(data) => match begun.get() {
            Some(Begun::Load(begun)) => load::credit(context, &purse, begun, data, reply),
            _ => Err(StatusWord::COMMAND_NOT_ACCEPTED),
        },
        Command::InitPurchase(data) => purchase::begin(context, &purse, data, reply),
        Command::Debit(data) => match begun.get() {
            Some(Begun::Purchase(begun)) => purchase::debit(context, &purse, begun, data, reply),
            _ => Err(StatusWord::COMMAND_NOT_ACCEPTED),
        },
        Command::GetBalance(which) => balance(context, &purse, which, reply),
        Command::GetProof { kind, counter } => proof(context, &purse, kind, counter, reply),
        Command::UpdateStartDay(day) => update_start_day(context, &purse, day),
        Command::GetStartDay => {
            reply.extend(&context.nvm.array::<2>(purse.place(PurseArea::START_DAY)));
            Ok(StatusWord::SUCCESS)
        }
    }
}

/// GET BALANCE (`B0 26 00 01|02|03`): the account's balance (4 bytes), or a sum of the insurance
/// year and that year (4 + 2): paid by the holder, paid by the pooled fund.
///
/// # Status
/// `9000`; `6982` the holder has a PIN, and it was not verified; `6Cxx`.
///
/// # Reference
/// 《社会保障（个人）卡规范》 part 5.
fn balance(
    context: &Context<'_>,
    purse: &Purse<'_>,
    which: Balance,
    reply: &mut Reply<'_>,
) -> Result<StatusWord, StatusWord> {
    let is_set = Pin::of_card(context.profile).is_set(context.nvm);
    require_pin(context, purse.plan.pin_for_balance && is_set)?;
    let sum = match which {
        Balance::Account => PurseArea::BALANCE,
        Balance::SelfPaid => PurseArea::SELF_PAID,
        Balance::Pooled => PurseArea::POOLED,
    };
    reply.extend(&context.nvm.array::<4>(purse.place(sum)));
    if which != Balance::Account {
        reply.extend(&context.nvm.array::<2>(purse.place(PurseArea::YEAR)));
    }
    Ok(StatusWord::SUCCESS)
}

/// GET TRANSACTION PROOF (`B0 2E 00 type 02 counter`): MAC2 (4) and TAC (4) of the last load or
/// purchase, for a terminal that did not see its end.
///
/// # Status
/// `9000`; `9406` the last transaction of that type had another counter, or there was none.
///
/// # Reference
/// 《社会保障（个人）卡规范》 part 5.
fn proof(
    context: &Context<'_>,
    purse: &Purse<'_>,
    kind: u8,
    counter: [u8; 2],
    reply: &mut Reply<'_>,
) -> Result<StatusWord, StatusWord> {
    let place = match kind {
        kind if kind == purse.plan.load_type => PurseArea::LOAD_PROOF,
        kind if kind == purse.plan.purchase_type => PurseArea::PURCHASE_PROOF,
        _ => return Err(StatusWord::INCORRECT_P1_P2),
    };
    let [there, high, low, proof @ ..] = context.nvm.array::<11>(purse.place(place));
    if there != 1 || [high, low] != counter {
        return Err(StatusWord::MAC_NOT_AVAILABLE);
    }
    reply.extend(&proof);
    Ok(StatusWord::SUCCESS)
}

/// UPDATE START DAY (`B0 56 00 00 02 MMDD`).
///
/// # Status
/// `9000`; `6982` not authenticated with DSK; `6A80` no day of the year.
///
/// # Reference
/// 《社会保障（个人）卡规范》 part 5.
fn update_start_day(
    context: &mut Context<'_>,
    purse: &Purse<'_>,
    day: [u8; 2],
) -> Result<StatusWord, StatusWord> {
    let keys = context.profile.df(context.channel.cursor.df).map_or(&[][..], |df| &df.keys);
    let has_its_own = keys.iter().any(|key| key.id == KeyId::DSK);
    let key = if has_its_own { KeyId::DSK } else { UPDATE_KEY };
    fs::require(context, AccessRule::Key(key))?;
    if !is_day(day) {
        return Err(StatusWord::INCORRECT_DATA);
    }
    context.nvm.write(purse.place(PurseArea::START_DAY), &day)?;
    Ok(StatusWord::SUCCESS)
}

fn require_pin(context: &Context<'_>, needed: bool) -> Result<(), StatusWord> {
    fs::require(context, if needed { AccessRule::Pin } else { AccessRule::Free })
}

/// The card's key for a purpose, with its version, how an answer names its algorithm, and the recipes it is used with.
struct PurseKey {
    value: Key,
    version: u8,
    algorithm: u8,
    suite: Suite,
}

/// `9403` when there is no key of this index; `6A81` when the card's algorithm is not available.
fn find_key(
    context: &Context<'_>,
    purpose: KeyPurpose,
    index: Option<u8>,
) -> Result<PurseKey, StatusWord> {
    let df = context.channel.cursor.df;
    let holder = context.profile.df(df).ok_or(StatusWord::KEY_INDEX_NOT_SUPPORTED)?;
    let slot = holder
        .keys
        .iter()
        .find(|slot| slot.purpose == purpose && index.is_none_or(|index| index == slot.version))
        .ok_or(StatusWord::KEY_INDEX_NOT_SUPPORTED)?;
    let found = key::find(context.profile, df, slot.id, Some(slot.version))?;
    let suite = found.suite.ok_or(StatusWord::FUNCTION_NOT_SUPPORTED)?;
    let (value, version) = (found.value(context.nvm), slot.version);
    let algorithm = context.profile.blueprint().key_algorithm(holder.fid, slot.id, version);
    Ok(PurseKey { value, version, algorithm: algorithm_byte(algorithm), suite })
}

/// How the purse names the algorithm of a key in its answers; 01 is single DES. That of SM4 is by analogy \[choice\].
const fn algorithm_byte(algorithm: Algorithm) -> u8 {
    match algorithm {
        Algorithm::TripleDes => 0x00,
        Algorithm::Ssf33 => 0x02,
        Algorithm::Sm4 => 0x03,
    }
}

/// The TAC of a transaction: a MAC under DTK itself.
fn certificate(context: &Context<'_>, parts: &[&[u8]]) -> Result<[u8; 4], StatusWord> {
    let key = find_key(context, KeyPurpose::TransactionCertificate, None)?;
    Ok(key.suite.certificate_key(&key.value).mac_parts(parts))
}

/// Plan of the purse whose application is selected.
fn plan<'p>(context: &Context<'p>) -> Result<(&'p PursePlan, usize), StatusWord> {
    let refused = StatusWord::CONDITIONS_OF_USE_NOT_SATISFIED;
    let plan = context.profile.blueprint().purse.as_ref().ok_or(refused)?;
    let current = context.profile.df(context.channel.cursor.df).ok_or(refused)?;
    if current.fid != plan.application {
        return Err(refused);
    }
    Ok((plan, context.profile.layout().purse().ok_or(refused)?))
}
