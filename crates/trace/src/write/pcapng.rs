//! pcapng that Wireshark decodes without settings.
//!
//! Link type WIRESHARK_UPPER_PDU (252): tag 12 names the dissector, tag 35 the direction, tag 0 ends
//! the tags. One interface for each reader, nanoseconds, our explanation as each packet's comment.
//! Source: docs/standards/pcsc.md §5.1.

use std::io::{self, Write};
use std::sync::Arc;

use super::super::sessions::Sessions;
use super::{Header, Sink, TraceEvent};
use crate::Exchange;
use crate::ResetKind;
use crate::model::nanoseconds;
use sscard_lexicon::{Annotation, outline, shown};

const UPPER_PDU: u16 = 252;
const SECTION: u32 = 0x0A0D_0D0A;
const INTERFACE: u32 = 1;
const ENHANCED_PACKET: u32 = 6;
const TAG_DISSECTOR: u16 = 12;
const TAG_DIRECTION: u16 = 35;
const OPTION_COMMENT: u16 = 1;
const OPTION_IF_NAME: u16 = 2;
const OPTION_TS_RESOLUTION: u16 = 9;
const OPTION_APPLICATION: u16 = 4;
/// Comments are cut before an option's length ends.
const LONGEST_COMMENT: usize = 0xF000;
/// More readers than this share the last interface.
const INTERFACES: usize = 64;

pub(super) struct Pcapng<W> {
    out: W,
    start_ns: u64,
    header: Header,
    readers: Vec<Option<Arc<str>>>,
    sessions: Sessions,
    block: Vec<u8>,
}

#[derive(Clone, Copy)]
enum Direction {
    Command = 0,
    Response = 1,
}

impl<W: Write> Pcapng<W> {
    pub(super) fn begin(out: W, header: &Header) -> io::Result<Self> {
        let mut writer = Self {
            out,
            start_ns: header.start_ms.unwrap_or(0).saturating_mul(1_000_000),
            header: header.clone(),
            readers: Vec::new(),
            sessions: Sessions::default(),
            block: Vec::new(),
        };
        let body = &mut writer.block;
        body.extend_from_slice(&0x1A2B_3C4D_u32.to_be_bytes());
        body.extend_from_slice(&[0, 1, 0, 0]);
        body.extend_from_slice(&u64::MAX.to_be_bytes());
        let tool = concat!("sscard ", env!("CARGO_PKG_VERSION"));
        option(body, OPTION_APPLICATION, tool.as_bytes());
        end_of_options(body);
        writer.write_block(SECTION)?;
        if !header.atr.is_empty() {
            let interface = writer.interface(None)?;
            let atr = header.atr.clone();
            writer.packet(
                interface,
                0,
                "iso7816.atr",
                Direction::Response,
                &atr,
                "复位应答 ATR",
            )?;
        }
        Ok(writer)
    }

    /// The number of a reader's interface, described first when it is new.
    fn interface(&mut self, reader: Option<&Arc<str>>) -> io::Result<u32> {
        let reader = reader.or(self.header.reader.as_ref()).cloned();
        let known = self.readers.iter().position(|known| *known == reader);
        let at = match known {
            Some(at) => at,
            None if self.readers.len() >= INTERFACES => INTERFACES - 1,
            None => {
                let body = &mut self.block;
                body.extend_from_slice(&UPPER_PDU.to_be_bytes());
                body.extend_from_slice(&[0, 0]);
                body.extend_from_slice(&0_u32.to_be_bytes());
                let name = shown(reader.as_deref().unwrap_or("card"));
                option(body, OPTION_IF_NAME, cut(&name).as_bytes());
                option(body, OPTION_TS_RESOLUTION, &[9]);
                end_of_options(body);
                self.write_block(INTERFACE)?;
                let at = self.readers.len();
                self.readers.push(reader);
                at
            }
        };
        Ok(u32::try_from(at).unwrap_or(0))
    }

    fn packet(
        &mut self,
        interface: u32,
        t_ns: u64,
        dissector: &str,
        direction: Direction,
        bytes: &[u8],
        comment: &str,
    ) -> io::Result<()> {
        let mut data = Vec::with_capacity(bytes.len().saturating_add(32));
        // The name is filled with 00 to a multiple of four, and so is its length.
        let padded = dissector.len().next_multiple_of(4);
        data.extend_from_slice(&TAG_DISSECTOR.to_be_bytes());
        data.extend_from_slice(&length16(padded).to_be_bytes());
        data.extend_from_slice(dissector.as_bytes());
        data.resize(padded.saturating_add(4), 0);
        data.extend_from_slice(&TAG_DIRECTION.to_be_bytes());
        data.extend_from_slice(&4_u16.to_be_bytes());
        data.extend_from_slice(&(direction as u32).to_be_bytes());
        data.extend_from_slice(&[0; 4]);
        data.extend_from_slice(bytes);

        let t_ns = self.start_ns.saturating_add(t_ns);
        let body = &mut self.block;
        body.extend_from_slice(&interface.to_be_bytes());
        body.extend_from_slice(&t_ns.to_be_bytes());
        let length = u32::try_from(data.len()).unwrap_or(u32::MAX);
        body.extend_from_slice(&length.to_be_bytes());
        body.extend_from_slice(&length.to_be_bytes());
        body.extend_from_slice(&data);
        pad(body);
        if !comment.is_empty() {
            option(body, OPTION_COMMENT, cut(comment).as_bytes());
            end_of_options(body);
        }
        self.write_block(ENHANCED_PACKET)
    }

    /// The collected body as a block of this type.
    fn write_block(&mut self, kind: u32) -> io::Result<()> {
        let total =
            u32::try_from(self.block.len().saturating_add(12)).unwrap_or(u32::MAX).to_be_bytes();
        self.out.write_all(&kind.to_be_bytes())?;
        self.out.write_all(&total)?;
        self.out.write_all(&self.block)?;
        self.out.write_all(&total)?;
        self.block.clear();
        Ok(())
    }
}

impl<W: Write> Sink for Pcapng<W> {
    fn event(&mut self, event: &TraceEvent) -> io::Result<()> {
        let interface = self.interface(event.reader())?;
        let exchange = match event {
            TraceEvent::Exchange(exchange) => exchange,
            TraceEvent::Reset(reset) => {
                self.sessions.note(event);
                if reset.atr.is_empty() {
                    return Ok(());
                }
                let comment = match reset.kind {
                    ResetKind::PowerOn => "上电 power on",
                    _ => "复位 reset",
                };
                return self.packet(
                    interface,
                    reset.t_ns,
                    "iso7816.atr",
                    Direction::Response,
                    &reset.atr,
                    comment,
                );
            }
        };
        let annotation = self.sessions.annotate(exchange);
        let (command, response) = comments(exchange, &annotation);
        let t_ns = exchange.t_ns;
        self.packet(interface, t_ns, "iso7816", Direction::Command, &exchange.command, &command)?;
        if let Ok(bytes) = &exchange.response {
            let t_ns = t_ns.saturating_add(nanoseconds(exchange.duration));
            self.packet(interface, t_ns, "iso7816", Direction::Response, bytes, &response)?;
        }
        Ok(())
    }

    fn finish(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

fn comments(exchange: &Exchange, annotation: &Annotation<'_>) -> (String, String) {
    let mut command = annotation.command.clone();
    if let Some(name) = annotation.place.as_ref().and_then(|place| place.name.as_ref()) {
        command.push_str(&format!("; {name}"));
    }
    if exchange.redacted.is_some() {
        command.push_str("; redacted (已隐去)");
    }
    if let Err(error) = &exchange.response {
        command.push_str(&format!("; no response (无响应): {}", shown(&error.to_string())));
    }
    if let Some(note) = &exchange.note {
        command.push_str(&format!("; {}", shown(note)));
    }
    for line in outline(&annotation.asked, false) {
        command.push_str(&format!("\n{line}"));
    }
    let mut response = match &annotation.status {
        Some((status, meaning)) => format!("{status} {meaning}"),
        None => String::new(),
    };
    if exchange.redacted_response.is_some() {
        response.push_str("; redacted (已隐去)");
    }
    for line in outline(&annotation.answer, false) {
        response.push_str(&format!("\n{line}"));
    }
    (command, response)
}

fn option(body: &mut Vec<u8>, code: u16, value: &[u8]) {
    body.extend_from_slice(&code.to_be_bytes());
    body.extend_from_slice(&length16(value.len()).to_be_bytes());
    body.extend_from_slice(value);
    pad(body);
}

fn end_of_options(body: &mut Vec<u8>) {
    body.extend_from_slice(&[0; 4]);
}

fn pad(body: &mut Vec<u8>) {
    body.resize(body.len().next_multiple_of(4), 0);
}

fn length16(length: usize) -> u16 {
    u16::try_from(length).unwrap_or(u16::MAX)
}

/// At most so many bytes of a text, whole characters.
fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(LONGEST_COMMENT)]
}
