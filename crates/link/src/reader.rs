//! The reader's end: hears the ATR, agrees on parameters, carries commands over T=0 or T=1, and mends what the standard says
//! can be mended. It is a `Transport`, so whatever talks to a card talks over a line.

mod t0;
mod t1;

use sscard_apdu::Protocol;
use sscard_apdu::atr::{Atr, AtrError, MAX_LENGTH};
use sscard_host::{Disposition, Transport, TransportError};

use self::t1::ReaderT1;
use crate::character::{Character, Etu, TURN_T0, turn};
use crate::line::Line;
use crate::parameters::LineParameters;
use crate::pps::Pps;

/// First character of the ATR: 40,000 clock cycles after RST (§8.1), with 372 to an etu.
const INITIAL_DELAY: Etu = 108;
/// Between two characters of the ATR and of a PPS response (§8.1, §9.1).
const INITIAL_WAITING_TIME: Etu = 9_600;

/// What the reader asks for; more may come: `..ReaderOptions::default()`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ReaderOptions {
    /// Whether it asks by PPS for the rates of TA1.
    pub asks_for_rates: bool,
    /// Its own information field size, which it tells a T=1 card at once; `None`: 32, and nothing is told.
    pub information_field_size: Option<u8>,
}

impl Default for ReaderOptions {
    fn default() -> Self {
        Self { asks_for_rates: true, information_field_size: Some(254) }
    }
}

/// A reader at the end of a line.
pub struct LineReader<T> {
    line: Line<T>,
    options: ReaderOptions,
    atr: Vec<u8>,
    parameters: LineParameters,
    t1: ReaderT1,
}

impl<T: Transport> LineReader<T> {
    /// Hears the ATR and agrees on parameters.
    ///
    /// # Errors
    /// [`TransportError::Timeout`] when the card is silent, [`TransportError::Protocol`] when what it sends is no ATR or no
    /// right PPS response.
    pub fn connect(line: Line<T>, options: ReaderOptions) -> Result<Self, TransportError> {
        let parameters = *line.card().parameters();
        let t1 = ReaderT1::new(&parameters);
        let mut reader = Self { line, options, atr: Vec::new(), parameters, t1 };
        reader.begin()?;
        Ok(reader)
    }

    /// The line.
    pub fn line_mut(&mut self) -> &mut Line<T> {
        &mut self.line
    }

    /// What was agreed upon.
    #[must_use]
    pub fn parameters(&self) -> &LineParameters {
        &self.parameters
    }

    fn begin(&mut self) -> Result<(), TransportError> {
        self.atr = self.hear_atr()?;
        let atr = Atr::parse(&self.atr).map_err(no_atr)?;
        self.parameters = LineParameters::of(&atr);
        let rates = atr.interface_bytes(1).ta.filter(|rates| *rates != 0x11);
        let asks = self.options.asks_for_rates && atr.specific_mode().is_none();
        if let Some(rates) = rates.filter(|_| asks) {
            let protocol = u8::from(self.parameters.protocol == Protocol::T1);
            let rates_in_use = atr.fi().zip(atr.di());
            self.select(Pps { rates: Some(rates), ..Pps::new(protocol) }, rates_in_use)?;
        }
        self.t1 = ReaderT1::new(&self.parameters);
        match (self.parameters.protocol, self.options.information_field_size) {
            (Protocol::T1, Some(size)) => {
                t1::tell_size(&mut self.line, &self.parameters, &mut self.t1, size)
            }
            _ => Ok(()),
        }
    }

    fn hear_atr(&mut self) -> Result<Vec<u8>, TransportError> {
        let mut heard = Vec::new();
        let mut limit = INITIAL_DELAY;
        while heard.len() < MAX_LENGTH {
            let character = self.line.hear(limit).ok_or_else(|| silence(limit))?;
            limit = INITIAL_WAITING_TIME;
            if !character.is_sound {
                // Whether the card takes an error signal is not known before its ATR is; it is begun anew.
                return Err(TransportError::Protocol("a character of the ATR is damaged".into()));
            }
            heard.push(character.byte);
            match Atr::parse(&heard) {
                Ok(_) => return Ok(heard),
                Err(AtrError::TooShort | AtrError::Truncated | AtrError::ChecksumMissing) => {}
                Err(error) => return Err(no_atr(error)),
            }
        }
        Err(no_atr(AtrError::TooLong))
    }

    fn select(&mut self, request: Pps, rates: Option<(u16, u8)>) -> Result<(), TransportError> {
        self.line.send(turn(&request.to_bytes(), TURN_T0, self.parameters.guard_time()));
        let mut heard = Vec::new();
        loop {
            let limit = INITIAL_WAITING_TIME;
            let character = self.line.hear(limit).ok_or_else(|| silence(limit))?;
            heard.push(character);
            let length = heard.get(1).map(|pps0: &Character| Pps::length(pps0.byte));
            if length.is_some_and(|length| heard.len() >= length) {
                break;
            }
        }
        let bytes: Vec<u8> = heard.iter().map(|character| character.byte).collect();
        let answer = Pps::parse(&bytes).filter(|_| heard.iter().all(|one| one.is_sound));
        match answer {
            Some(answer) if answer == request => {
                if let Some((fi, di)) = rates {
                    (self.parameters.fi, self.parameters.di) = (fi, di);
                }
                Ok(())
            }
            // It keeps its protocol and declines the rates.
            Some(answer) if answer == Pps::new(request.protocol) => Ok(()),
            _ => Err(TransportError::Protocol("the PPS response does not fit the request".into())),
        }
    }
}

impl<T: Transport> Transport for LineReader<T> {
    fn atr(&self) -> &[u8] {
        &self.atr
    }

    fn protocol(&self) -> Protocol {
        self.parameters.protocol
    }

    fn exchange(&mut self, command: &[u8], response: &mut Vec<u8>) -> Result<(), TransportError> {
        response.clear();
        let outcome = match self.parameters.protocol {
            Protocol::T0 => t0::exchange(&mut self.line, &self.parameters, command),
            Protocol::T1 => t1::exchange(&mut self.line, &self.parameters, &mut self.t1, command),
        };
        // The card behind the line knows better why it is silent.
        let known = self.line.card().failure().cloned();
        *response = outcome.map_err(|error| known.unwrap_or(error))?;
        Ok(())
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        self.line.reset()?;
        self.begin()
    }

    fn close(self: Box<Self>, _: Disposition) -> Result<(), TransportError> {
        Ok(())
    }
}

impl<T: Transport> LineReader<T> {
    /// S(ABORT request): the chain that goes on, in whichever direction, is given up (T=1 only).
    ///
    /// # Errors
    /// The card does not respond, or the protocol is T=0.
    pub fn abort(&mut self) -> Result<(), TransportError> {
        match self.parameters.protocol {
            Protocol::T1 => t1::abort(&mut self.line, &self.parameters, &mut self.t1),
            Protocol::T0 => Err(TransportError::Protocol("T=0 has no ABORT".into())),
        }
    }

    /// S(RESYNCH request): both ends begin again with sequence number 0 (T=1 only).
    ///
    /// # Errors
    /// The card does not respond, or the protocol is T=0.
    pub fn resynchronise(&mut self) -> Result<(), TransportError> {
        match self.parameters.protocol {
            Protocol::T1 => t1::resynchronise(&mut self.line, &self.parameters, &mut self.t1),
            Protocol::T0 => Err(TransportError::Protocol("T=0 has no RESYNCH".into())),
        }
    }
}

fn no_atr(error: AtrError) -> TransportError {
    TransportError::Protocol(format!("the card's answer to reset is none: {error}"))
}

/// Silence for so many etu; at 372 clock cycles and 3.72 MHz one is a tenth of a millisecond.
pub(crate) fn silence(lasting: Etu) -> TransportError {
    TransportError::Timeout { milliseconds: Some(lasting.div_ceil(10)) }
}
