//! `sscard desk show`, `events`, `outbox`: what the register holds.

use std::collections::BTreeMap;
use std::io::Write;

use sscard_desk::register::{
    AccountRow, CardRow, EventRow, HolderRow, Ledger, OperationRow, OutboxRow, Register,
};
use sscard_desk::{DeskError, HolderId, Reason, Shown};
use sscard_lexicon::shown;

use super::report::{account, function, standing};
use super::table;
use crate::args::desk::{LookArgs, RegisterArgs};
use crate::documents::desk::{
    EventsDocument, MedicalBalance, OutboxDocument, PendingOperation, RegisterContentDocument,
    ShownAccount, ShownCard, ShownHolder, ShownMessage, ShownRegisterEvent,
};
use crate::documents::unit::{Day, Fen, Hex};
use crate::documents::{self, SCHEMA};
use crate::failure::Failure;

/// A holder with all that belongs to him.
struct Holding {
    holder: HolderRow,
    cards: Vec<CardRow>,
    account: Option<AccountRow>,
    pending: Vec<OperationRow>,
}

impl Holding {
    fn of(ledger: &Ledger<'_>, holder: HolderRow) -> Result<Self, DeskError> {
        Ok(Self {
            cards: ledger.cards_of(holder.id)?,
            account: ledger.account_of(holder.id)?,
            pending: ledger.operations(Some(holder.id))?,
            holder,
        })
    }
}

/// Holders, cards, accounts, balances.
pub(super) fn show(args: &LookArgs, out: &mut dyn Write) -> Result<(), Failure> {
    let register = Register::open(&args.register.register)?;
    super::tell_exposed(&register);
    let (holdings, issued, held) = register.look(|ledger| {
        let holders = match &args.holder {
            Some(number) => vec![ledger.holder(number)?],
            None => ledger.holders()?,
        };
        let holdings: Vec<_> = holders
            .into_iter()
            .map(|holder| Holding::of(ledger, holder))
            .collect::<Result<_, _>>()?;
        Ok((holdings, ledger.medical_issued()?, ledger.medical_held()?))
    })?;
    if args.register.json {
        let document = RegisterContentDocument {
            schema: SCHEMA,
            holders: holdings.iter().map(holder_document).collect(),
            medical_balance_cents: MedicalBalance { issued: Fen::of(issued), held: Fen::of(held) },
        };
        documents::print(out, &document)?;
        return Ok(());
    }
    let headings = [
        "name",
        "number",
        "mobile",
        "bank",
        "card",
        "standing",
        "social",
        "financial",
        "medical",
        "account",
        "balance",
    ];
    table::print(out, &headings, holdings.iter().flat_map(rows))?;
    for holding in &holdings {
        let Holding { holder, pending, .. } = holding;
        if let Some(reason) = &holder.cancelled {
            let reason = reason_text(reason);
            let (name, reason) = (shown(&holder.person.name), shown(&reason));
            writeln!(out, "{name}: social security function cancelled: {reason}")?;
        }
        for row in pending {
            let (name, operation) = (shown(&holder.person.name), shown(&row.pending.operation));
            writeln!(out, "{name}: {operation} of {} waits to be resumed", row.date)?;
        }
    }
    if args.holder.is_none() {
        writeln!(out, "medical balances: {} issued, {} held", issued, held)?;
    }
    Ok(())
}

/// A row a card, the newest first; the holder stands in the first one.
fn rows(holding: &Holding) -> Vec<Vec<String>> {
    let Holding { holder, cards, account: bank_account, .. } = holding;
    let person = &holder.person;
    let mut person = vec![
        shown(&person.name).into_owned(),
        shown(&person.number).into_owned(),
        shown(&person.mobile).into_owned(),
        shown(&person.bank).into_owned(),
    ];
    let mut money = match bank_account {
        Some(row) => {
            vec![format!("{} at {}", account(row.state), shown(&row.bank)), row.balance.to_string()]
        }
        None => vec![String::new(); 2],
    };
    let card = |card: &CardRow| {
        vec![
            shown(&card.number).into_owned(),
            standing(card.standing).to_owned(),
            function(card.social).to_owned(),
            function(card.financial).to_owned(),
            card.medical.to_string(),
        ]
    };
    let mut of_cards: Vec<_> = cards.iter().map(card).collect();
    if of_cards.is_empty() {
        of_cards.push(vec![String::new(); 5]);
    }
    let mut rows = Vec::new();
    for card in of_cards {
        rows.push([person.clone(), card, money.clone()].concat());
        person.fill(String::new());
        money.fill(String::new());
    }
    rows
}

fn reason_text(reason: &Reason) -> String {
    match reason {
        Reason::NewBank(bank) => format!("change of bank to {bank}"),
        other => other.name().to_owned(),
    }
}

fn holder_document(holding: &Holding) -> ShownHolder {
    let Holding { holder, cards, account: bank_account, pending } = holding;
    let person = &holder.person;
    let new_bank = match &holder.cancelled {
        Some(Reason::NewBank(bank)) => Some(bank.clone()),
        _ => None,
    };
    let pending = pending.iter().map(|row| PendingOperation {
        operation: row.pending.operation.to_string(),
        date: Day::of(row.date),
    });
    ShownHolder {
        number: person.number.clone(),
        name: person.name.clone(),
        mobile: person.mobile.clone(),
        photo: person.photo.clone().unwrap_or_default(),
        is_child: person.is_child,
        guardian: person.guardian.clone().unwrap_or_default(),
        bank: person.bank.clone(),
        cancelled: holder.cancelled.as_ref().map(Reason::name),
        new_bank,
        has_query_password: holder.query_hash.is_some(),
        cards: cards.iter().map(card_document).collect(),
        account: bank_account.as_ref().map(|row| ShownAccount {
            bank: row.bank.clone(),
            state: account(row.state),
            balance_cents: Fen::of(row.balance),
            paid_out_cents: Fen::of(row.paid_out),
        }),
        pending: pending.collect(),
    }
}

fn card_document(card: &CardRow) -> ShownCard {
    ShownCard {
        number: card.number.clone(),
        serial: Hex::of(card.serial),
        account_number: card.pan.clone().unwrap_or_default(),
        bank: card.bank.clone().unwrap_or_default(),
        delivered_to: card.delivered_to.clone().unwrap_or_default(),
        standing: standing(card.standing),
        social: function(card.social),
        financial: function(card.financial),
        medical_cents: Fen::of(card.medical),
        purse_cents: Fen::of(card.purse),
        block_due: card.block_due,
    }
}

/// The journal.
pub(super) fn events(args: &LookArgs, out: &mut dyn Write) -> Result<(), Failure> {
    let register = Register::open(&args.register.register)?;
    super::tell_exposed(&register);
    let events = register.look(|ledger| {
        let holder = args.holder.as_ref().map(|number| ledger.holder(number)).transpose()?;
        ledger.events(holder.map(|holder| holder.id))
    })?;
    if args.register.json {
        let events = events.iter().map(event_document).collect();
        documents::print(out, &EventsDocument { schema: SCHEMA, events })?;
        return Ok(());
    }
    let rows = events.iter().map(|event| {
        let after = shown(&event.after).replace("; ", "\n");
        let change = match &*shown(&event.before) {
            "" => after,
            before => format!("was {before}\nis {after}"),
        };
        [
            event.id.to_string(),
            event.date.to_string(),
            shown(&event.what).into_owned(),
            shown(&event.place).into_owned(),
            shown(event.holder.as_deref().unwrap_or_default()).into_owned(),
            shown(event.card.as_deref().unwrap_or_default()).into_owned(),
            shown(&event.rules).replace(',', " "),
            shown(&event.papers).replace(',', "\n"),
            change,
        ]
    });
    let headings =
        ["", "date", "what", "where", "holder", "card", "rules", "papers", "before and after"];
    table::print(out, &headings, rows)?;
    Ok(())
}

fn event_document(event: &EventRow) -> ShownRegisterEvent {
    let list = |text: &str| {
        text.split(',').filter(|word| !word.is_empty()).map(str::to_owned).collect::<Vec<_>>()
    };
    ShownRegisterEvent {
        id: event.id,
        date: Day::of(event.date),
        what: event.what.clone(),
        place: event.place.clone(),
        holder: event.holder.clone(),
        card: event.card.clone(),
        rules: list(&event.rules),
        papers: list(&event.papers),
        before: event.before.clone(),
        after: event.after.clone(),
    }
}

/// The messages; a body is shown this once, and wiped when it was shown.
pub(super) fn outbox(args: &RegisterArgs, out: &mut dyn Write) -> Result<(), Failure> {
    let mut desk = super::open(&args.register)?;
    let mut numbers = BTreeMap::new();
    desk.register().look(|ledger| {
        for holder in ledger.holders()? {
            numbers.insert(holder.id, holder.person.number);
        }
        Ok(())
    })?;
    let mut closed = None;
    desk.show_outbox(|messages| {
        let is_closed = |(row, body): &&Shown| body.is_none() && row.sealed.is_some();
        closed = messages.iter().find(is_closed).map(|(row, _)| row.clone());
        print_messages(&messages, &numbers, args.json, out)
    })?;
    // The others are shown: what cannot be opened is told beside them.
    closed.map_or(Ok(()), |row| Err(desk.sealed_otherwise(&row).into()))
}

fn print_messages(
    messages: &[Shown],
    numbers: &BTreeMap<HolderId, String>,
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let number = |row: &OutboxRow| numbers.get(&row.holder).map_or("", String::as_str);
    if json {
        let messages = messages.iter().map(|(row, body)| ShownMessage {
            id: row.id,
            date: Day::of(row.date),
            holder: number(row).to_owned(),
            mobile: row.mobile.clone(),
            kind: row.kind.clone(),
            body: body.as_ref().map(|body| body.as_str().to_owned()),
        });
        let messages = messages.collect();
        documents::print(out, &OutboxDocument { schema: SCHEMA, messages })?;
    } else {
        let rows = messages.iter().map(|(row, body)| {
            let body = match (body, &row.sealed) {
                (Some(body), _) => body.as_str(),
                (None, Some(_)) => "(sealed with another key)",
                (None, None) => "(shown already)",
            };
            [
                row.id.to_string(),
                row.date.to_string(),
                shown(&row.mobile).into_owned(),
                shown(number(row)).into_owned(),
                shown(&row.kind).into_owned(),
                shown(body).into_owned(),
            ]
        });
        let headings = ["", "date", "to", "holder", "kind", "message"];
        table::print(out, &headings, rows)?;
    }
    // What nobody saw is not wiped.
    Ok(out.flush()?)
}
