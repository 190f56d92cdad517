//! Commands to the medical purse, written from its live state.

use sscard_commands::{class, ins};

use super::Load;
use super::lasting::Lasting;
use super::plan::Plan;
use crate::card_model::CardModel;
use crate::card_model::channel::{Channel, Next};
use crate::op::OpRecord;

/// A step with the medical purse; it is spoken to on the basic channel.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PurseStep {
    /// Whatever comes next on the way to a whole load or purchase: SELECT, VERIFY, the first command of the pair, the second.
    Onward(Money),
    /// SELECT of the purse's application.
    Select,
    /// VERIFY of the holder's PIN.
    Verify {
        /// Whether it is the right one.
        right: bool,
    },
    /// INITIALIZE LOAD.
    InitializeLoad(Money),
    /// CREDIT LOAD, with the MAC2 of the load that has begun.
    CreditLoad(Money),
    /// INITIALIZE PURCHASE.
    InitializePurchase(Money),
    /// DEBIT, with the MAC1 of the purchase that has begun.
    Debit(Money),
    /// GET BALANCE.
    Balance {
        /// P2.
        which: u8,
    },
    /// GET TRANSACTION PROOF.
    Proof {
        /// Of a load, of a purchase, of neither.
        kind: u8,
        /// How many transactions before the last.
        back: u8,
    },
    /// START DAY.
    StartDay {
        /// The day to set; `None` to read it.
        set: Option<u8>,
    },
    /// GET CHALLENGE.
    Challenge,
    /// EXTERNAL AUTHENTICATE with the key that the start day needs.
    Authenticate {
        /// Whether the answer to the challenge is right.
        right: bool,
    },
}

/// What a transaction is about; each number is read as one of a few cases.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Money {
    /// Of the account: next to nothing, all that is there, a cent more.
    pub amount: u8,
    /// By the holder and by the fund, likewise.
    pub shared: u8,
    /// Date and time: both sides of the year's first day, four years, no date.
    pub moment: u8,
    /// Key index, terminal, its counter.
    pub terminal: u8,
    /// Whether the MAC is right.
    pub right: bool,
}

impl Money {
    fn decode([a, b, c, d, e]: [u8; 5]) -> Self {
        Self { amount: a, shared: b, moment: c, terminal: d, right: e & 3 != 0 }
    }
}

impl PurseStep {
    pub(in crate::card_model) fn decode(record: &OpRecord) -> Self {
        let [_, _, _, which, a, b, c, d, e, ..] = *record;
        let money = Money::decode([a, b, c, d, e]);
        match which & 0x1F {
            0..=15 => Self::Onward(money),
            16 => Self::Select,
            17 => Self::Verify { right: a & 3 != 0 },
            18 => Self::InitializeLoad(money),
            19 => Self::CreditLoad(money),
            20 => Self::InitializePurchase(money),
            21 => Self::Debit(money),
            22 | 23 => Self::Balance { which: if a & 0x1F == 0 { b } else { a % 3 + 1 } },
            24..=26 => Self::Proof { kind: a % 9, back: b % 3 },
            27 => Self::StartDay { set: None },
            28 => Self::StartDay { set: Some(a) },
            29 => Self::Challenge,
            _ => Self::Authenticate { right: a & 3 != 0 },
        }
    }

    pub(in crate::card_model) fn write(&self, model: &CardModel, out: &mut Vec<u8>) {
        let (Some(plan), Some(channel)) = (&model.plan.purse, model.basic()) else {
            // No card with a purse: that there is none is worth a question too.
            out.extend([class::PURSE, ins::GET_BALANCE, 0x00, 0x01, 0x04]);
            return;
        };
        let purse = &model.lasting.purse;
        match self {
            Self::Onward(money) => onward(model, plan, channel, *money, out),
            Self::Select => select(model, plan, out),
            Self::Verify { right } => model.lasting.social.write_verify(0, *right, out),
            Self::InitializeLoad(money) => initialize_load(plan, purse, *money, out),
            Self::CreditLoad(money) => credit(plan, purse, channel, *money, out),
            Self::InitializePurchase(money) => initialize_purchase(plan, purse, *money, out),
            Self::Debit(money) => debit(plan, purse, channel, *money, out),
            Self::Balance { which } => {
                let length = if *which == 1 { 4 } else { 6 };
                out.extend([class::PURSE, ins::GET_BALANCE, 0x00, *which, length]);
            }
            Self::Proof { kind, back } => {
                let (kind, way) = match kind {
                    0..=3 => (plan.load_type, 0),
                    4..=7 => (plan.purchase_type, 1),
                    _ => (0x33, 0),
                };
                let counter = purse.counters[way].wrapping_sub(u16::from(*back) + 1);
                out.extend([class::PURSE, ins::GET_TRANSACTION_PROOF, 0x00, kind, 2]);
                out.extend(counter.to_be_bytes());
                out.push(8);
            }
            Self::StartDay { set: None } => {
                out.extend([class::PURSE, ins::START_DAY, 0x01, 0x00, 2]);
            }
            Self::StartDay { set: Some(day) } => {
                const DAYS: [[u8; 2]; 8] = [
                    [0x07, 0x01],
                    [0x01, 0x01],
                    [0x12, 0x31],
                    [0x02, 0x29],
                    [0x10, 0x10],
                    [0x02, 0x30],
                    [0x00, 0x01],
                    [0x0A, 0x01],
                ];
                out.extend([class::PURSE, ins::START_DAY, 0x00, 0x00, 2]);
                out.extend(DAYS[usize::from(*day) % 8]);
            }
            Self::Challenge => out.extend([0, ins::GET_CHALLENGE, 0, 0, 8]),
            Self::Authenticate { right } => {
                let challenge = channel.challenge.as_deref().unwrap_or_default();
                let key = plan.start_day.as_ref();
                let data = key.and_then(|key| key.authentication(challenge));
                let mut data = data.unwrap_or_default();
                data[7] ^= u8::from(!right);
                out.extend([0, ins::EXTERNAL_AUTHENTICATE, 0, plan.start_day_key.0, 16]);
                out.extend(data);
            }
        }
    }
}

fn onward(model: &CardModel, plan: &Plan, channel: &Channel, money: Money, out: &mut Vec<u8>) {
    let purse = &model.lasting.purse;
    if model.plan.social.purse_df() != Some(channel.social.df()) || !channel.is_among_files() {
        return select(model, plan, out);
    }
    match &channel.next {
        Some(Next::Load(_)) => credit(plan, purse, channel, money, out),
        Some(Next::Purchase(_)) => debit(plan, purse, channel, money, out),
        _ if !channel.social.is_pin_verified() => model.lasting.social.write_verify(0, true, out),
        _ if money.terminal & 0x80 == 0 => initialize_load(plan, purse, money, out),
        _ => initialize_purchase(plan, purse, money, out),
    }
}

fn select(model: &CardModel, plan: &Plan, out: &mut Vec<u8>) {
    let name = &model.plan.blueprint.dfs[usize::from(plan.log.0)].name;
    out.extend([0, ins::SELECT, 0x04, 0x00, u8::try_from(name.len()).unwrap_or(0)]);
    out.extend(name);
    out.push(0);
}

/// An amount: small, or at the edge of what fits into `room`.
fn amount(case: u8, room: u32) -> [u8; 4] {
    let amount = match case & 0x0F {
        0 => 0,
        1 => room,
        2 => room.saturating_add(1),
        3 => u32::MAX,
        4 => room / 2,
        _ => u32::from(case) * 7,
    };
    amount.to_be_bytes()
}

fn key_index(case: u8) -> u8 {
    match case & 0x0F {
        0 => 0,
        1 => 4,
        small => small % 3 + 1,
    }
}

fn terminal(case: u8) -> [u8; 6] {
    [0x99, 0x99, 0x00, 0x00, 0x00, case & 3]
}

fn moment(case: u8) -> [u8; 7] {
    const DAYS: [[u8; 2]; 8] = [
        [0x06, 0x30],
        [0x07, 0x01],
        [0x01, 0x01],
        [0x12, 0x31],
        [0x02, 0x29],
        [0x11, 0x24],
        [0x03, 0x15],
        [0x08, 0x31],
    ];
    let [month, day] = DAYS[usize::from(case & 7)];
    let mut time = [0x20, 0x24 + (case >> 3 & 3), month, day, 0x23, 0x59, 0x59];
    // One of eight is none: a byte too large.
    if case >> 5 == 0 {
        const WRONG: [u8; 7] = [0xA0, 0x2A, 0x13, 0x32, 0x24, 0x60, 0x6A];
        let place = usize::from(case) % 7;
        time[place] = WRONG[place];
    }
    time
}

fn initialize_load(plan: &Plan, purse: &Lasting, money: Money, out: &mut Vec<u8>) {
    out.extend([class::PURSE, ins::INITIALIZE, 0x00, 0x01, 11, key_index(money.terminal)]);
    out.extend(amount(money.amount, plan.balance_limit.saturating_sub(purse.balance)));
    out.extend(terminal(money.terminal));
    out.push(0x10);
}

fn initialize_purchase(_: &Plan, purse: &Lasting, money: Money, out: &mut Vec<u8>) {
    out.extend([class::PURSE, ins::INITIALIZE, 0x01, 0x01, 19, key_index(money.terminal)]);
    out.extend(amount(money.amount, purse.balance));
    out.extend(amount(money.shared, u32::MAX - purse.sums[0]));
    out.extend(amount(money.shared.rotate_left(4), u32::MAX - purse.sums[1]));
    out.extend(terminal(money.terminal));
    out.push(0x16);
}

/// The MAC, or one with a bit turned round.
fn spoilt(mac: Option<[u8; 4]>, right: bool) -> [u8; 4] {
    let mut mac = mac.unwrap_or([0x5A; 4]);
    mac[3] ^= u8::from(!right);
    mac
}

fn credit(plan: &Plan, _: &Lasting, channel: &Channel, money: Money, out: &mut Vec<u8>) {
    let time = moment(money.moment);
    let begun: Option<&Load> = match &channel.next {
        Some(Next::Load(load)) => Some(load),
        _ => None,
    };
    out.extend([class::PURSE, ins::CREDIT_LOAD, 0x00, 0x00, 11]);
    out.extend(time);
    out.extend(spoilt(begun.and_then(|load| load.mac2(plan, time)), money.right));
    out.push(4);
}

fn debit(plan: &Plan, _: &Lasting, channel: &Channel, money: Money, out: &mut Vec<u8>) {
    let time = moment(money.moment);
    let sequence = [0, 0, money.terminal, money.moment];
    let mac = match &channel.next {
        Some(Next::Purchase(purchase)) => purchase.mac1(plan, sequence, time),
        _ => None,
    };
    out.extend([class::PURSE, ins::DEBIT, 0x01, 0x00, 15]);
    out.extend(sequence);
    out.extend(time);
    out.extend(spoilt(mac, money.right));
    out.push(8);
}
