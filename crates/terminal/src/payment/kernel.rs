//! The terminal's state in one transaction, the way its commands go, and what its steps came to.

use std::time::{Duration, Instant};

use sscard_apdu::bcd;
use sscard_apdu::tlv::{Reader, Tag};
use sscard_apdu::{ResponseApdu, StatusWord};
use sscard_commands::Command;
use sscard_elements::{
    ApplicationInterchangeProfile, TerminalCapabilities, TerminalTransactionQualifiers,
    TerminalVerificationResults, TransactionStatusInformation, tag,
};
use sscard_host::{Follow, Transport, TransportError};

use super::{
    DataStore, HolderVerification, OfflineAuthentication, Payment, PaymentError, PaymentExchange,
    PaymentReason, Settings,
};

/// One transaction under way: the card, the terminal, and what both have said.
pub(super) struct Kernel<'k, T> {
    card: &'k mut Follow<T>,
    pub(super) settings: &'k Settings,
    /// Terminal capabilities; a terminal at which no PIN can be entered has no PIN pad.
    pub(super) capabilities: TerminalCapabilities,
    /// Terminal transaction qualifiers, likewise.
    pub(super) qualifiers: TerminalTransactionQualifiers,
    pub(super) data: DataStore,
    pub(super) tvr: TerminalVerificationResults,
    pub(super) tsi: TransactionStatusInformation,
    exchanges: &'k mut Vec<PaymentExchange>,
    /// How long the latest exchange took.
    pub(super) took: Duration,
}

/// What the steps came to, for those that follow.
pub(super) struct Course {
    pub(super) selected: Selected,
    /// What answered the PDOL, for the hash of a combined cryptogram.
    pub(super) pdol_values: Vec<u8>,
    /// Contents of the records that offline data authentication covers.
    pub(super) static_data: Vec<u8>,
    pub(super) authentication: OfflineAuthentication,
    pub(super) holder: HolderVerification,
    pub(super) script_results: Vec<[u8; 5]>,
}

/// The application that was selected.
pub(super) struct Selected {
    pub(super) aid: Vec<u8>,
    /// Whether it is blocked.
    pub(super) blocked: bool,
}

impl Course {
    /// An application was selected, and nothing else.
    pub(super) fn new(selected: Selected) -> Self {
        Self {
            selected,
            pdol_values: Vec::new(),
            static_data: Vec::new(),
            authentication: OfflineAuthentication::default(),
            holder: HolderVerification::default(),
            script_results: Vec::new(),
        }
    }
}

impl<'k, T: Transport> Kernel<'k, T> {
    pub(super) fn new(
        card: &'k mut Follow<T>,
        settings: &'k Settings,
        exchanges: &'k mut Vec<PaymentExchange>,
    ) -> Self {
        let mut data = DataStore::default();
        let terminal_type: u8 = if settings.online { 0x22 } else { 0x23 };
        data.set(tag::AMOUNT_AUTHORISED, bcd::n12(settings.amount));
        data.set(tag::AMOUNT_OTHER, [0; 6]);
        data.set(tag::TERMINAL_COUNTRY, settings.country);
        data.set(tag::TERMINAL_VERIFICATION_RESULTS, [0; 5]);
        data.set(tag::TRANSACTION_CURRENCY, settings.currency);
        data.set(tag::TRANSACTION_DATE, settings.date);
        data.set(tag::TRANSACTION_TIME, settings.time);
        data.set(tag::TRANSACTION_TYPE, [settings.transaction_type]);
        data.set(tag::UNPREDICTABLE_NUMBER, settings.unpredictable);
        let mut capabilities = TerminalCapabilities::new(settings.capabilities);
        let mut qualifiers = TerminalTransactionQualifiers::new(settings.qualifiers);
        if settings.pin.is_none() {
            capabilities.clear(
                TerminalCapabilities::PLAINTEXT_PIN
                    | TerminalCapabilities::ENCIPHERED_PIN
                    | TerminalCapabilities::ONLINE_PIN,
            );
            qualifiers.clear(TerminalTransactionQualifiers::ONLINE_PIN);
        }
        if settings.contactless && settings.amount > settings.contactless_limit {
            qualifiers.set(TerminalTransactionQualifiers::HOLDER_VERIFICATION);
        }
        data.set(tag::TERMINAL_CAPABILITIES, capabilities.bytes());
        data.set(tag::TERMINAL_TYPE, [terminal_type]);
        data.set(tag::TERMINAL_QUALIFIERS, qualifiers.bytes());
        data.set(tag::CASH_SUPPORT_INDICATOR, [u8::from(settings.electronic_cash)]);
        data.set(tag::SM_SUPPORT_INDICATOR, [u8::from(settings.sm)]);
        data.set(tag::MERCHANT_NAME, *b"SSCARD TEST SHOP    ");
        Self {
            card,
            settings,
            capabilities,
            qualifiers,
            data,
            tvr: TerminalVerificationResults::default(),
            tsi: TransactionStatusInformation::default(),
            exchanges,
            took: Duration::ZERO,
        }
    }

    /// One exchange; the data and the status word. `name` is how errors call the command.
    pub(super) fn send(
        &mut self,
        name: &'static str,
        command: Command<'_>,
    ) -> Result<(Vec<u8>, StatusWord), PaymentError> {
        let apdu = command.apdu();
        let mut bytes = Vec::with_capacity(apdu.data.len().saturating_add(6));
        let too_long = |_| TransportError::Protocol(format!("{name} is too long for a short APDU"));
        apdu.emit(&mut bytes).map_err(too_long)?;
        self.send_bytes(bytes)
    }

    /// One exchange with a command as bytes.
    pub(super) fn send_bytes(
        &mut self,
        command: Vec<u8>,
    ) -> Result<(Vec<u8>, StatusWord), PaymentError> {
        let mut response = Vec::new();
        let started = Instant::now();
        self.card.transmit(&command, &mut response)?;
        self.took = started.elapsed();
        let answer = ResponseApdu::parse(&response).map_err(|_| {
            TransportError::Protocol("the response has fewer than two bytes".to_owned())
        })?;
        let (data, status) = (answer.data.to_vec(), answer.status);
        self.exchanges.push(PaymentExchange { command, response });
        Ok((data, status))
    }

    /// One exchange that must end in 9000.
    pub(super) fn demand(
        &mut self,
        name: &'static str,
        command: Command<'_>,
    ) -> Result<Vec<u8>, PaymentError> {
        match self.send(name, command)? {
            (data, StatusWord::SUCCESS) => Ok(data),
            (_, status) => Err(PaymentError::Refused { command: name, status }),
        }
    }

    /// GET DATA; the value, when the card gives it.
    pub(super) fn get_data(&mut self, tag: Tag) -> Result<Option<Vec<u8>>, PaymentError> {
        match self.send("GET DATA", Command::GetData { tag, ne: 256 })? {
            (data, StatusWord::SUCCESS) => {
                let value = template("GET DATA", &data, tag)?.to_vec();
                self.data.set(tag, value.clone());
                Ok(Some(value))
            }
            _ => Ok(None),
        }
    }

    /// Application interchange profile; its second byte is reserved.
    pub(super) fn profile(&self) -> ApplicationInterchangeProfile {
        let first = self.data.value(tag::INTERCHANGE_PROFILE).and_then(<[u8]>::first).copied();
        ApplicationInterchangeProfile::new([first.unwrap_or(0), 0])
    }

    /// The PIN that goes to the issuer, when that is how the holder is verified.
    pub(super) fn online_pin(&self, holder: HolderVerification) -> Option<&'k str> {
        let is_online = holder == HolderVerification::OnlinePin;
        self.settings.pin.as_deref().filter(|_| is_online)
    }

    /// The transaction as it stands.
    pub(super) fn finish(
        self,
        course: Course,
        outcome: super::Outcome,
        reason: Option<PaymentReason>,
    ) -> Payment {
        let Self { mut data, tvr, tsi, exchanges, .. } = self;
        let Course { selected, authentication, holder, script_results, .. } = course;
        data.set(tag::TERMINAL_VERIFICATION_RESULTS, tvr.bytes());
        data.set(tag::TRANSACTION_STATUS_INFORMATION, tsi.bytes());
        if !script_results.is_empty() {
            data.set(tag::ISSUER_SCRIPT_RESULTS, script_results.concat());
        }
        Payment {
            outcome,
            reason,
            aid: selected.aid,
            blocked: selected.blocked,
            electronic_cash: false,
            authentication,
            holder,
            tvr,
            tsi,
            first: None,
            issuer: None,
            second: None,
            scripts: Vec::new(),
            issuer_script_results: script_results,
            data,
            exchanges: std::mem::take(exchanges),
        }
    }
}

/// The value of the one template that an answer consists of.
pub(super) fn template<'a>(
    command: &'static str,
    answer: &'a [u8],
    tag: Tag,
) -> Result<&'a [u8], PaymentError> {
    let malformed = |reason| PaymentError::Malformed { command, tag, reason };
    let mut objects = Reader::new(answer);
    match (objects.next(), objects.next()) {
        (Some(Ok(object)), None) if object.tag == tag => Ok(object.value),
        (Some(Ok(_)), None) => Err(malformed("is not the template that comes")),
        (Some(Ok(_)), Some(_)) => Err(malformed("is followed by other bytes")),
        _ => Err(malformed("is not a BER-TLV object")),
    }
}

/// What answers a list has room in a command: at most 255 bytes with `around` them.
pub(super) fn has_room(
    command: &'static str,
    list: Tag,
    values: &[u8],
    around: usize,
) -> Result<(), PaymentError> {
    if values.len().saturating_add(around) <= usize::from(u8::MAX) {
        return Ok(());
    }
    let reason = "asks for more bytes than a command has room for";
    Err(PaymentError::Malformed { command, tag: list, reason })
}

/// A data element that must be there.
pub(super) fn need<'d>(
    data: &'d DataStore,
    command: &'static str,
    tag: Tag,
) -> Result<&'d [u8], PaymentError> {
    data.value(tag).ok_or(PaymentError::Malformed { command, tag, reason: "is missing" })
}
