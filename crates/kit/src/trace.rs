//! Recorded sessions: written, read, converted, explained.
//!
//! A transport that writes its session as it goes:
//!
//! ```
//! use sscard_kit::profile::{MasterKeys, built_in, issue, synthetic_holder};
//! use sscard_kit::trace::{Mode, Tap};
//! use sscard_kit::transport::{InProcess, Secrets, Transport};
//!
//! let card = issue(&built_in("gen3").ok_or("no gen3")?, &synthetic_holder(1), &MasterKeys::test())?;
//! let card = InProcess::power_on(card)?;
//! let mut trace = Vec::new();
//! let mut card = Tap::begin(card, &mut trace, Mode::Raw, Some("my reader"), Secrets::Redacted)?;
//! card.transmit(&[0x00, 0x84, 0x00, 0x00, 0x08], &mut Vec::new())?;
//! card.finish()?;
//! assert!(String::from_utf8(trace)?.contains(r#""cmd":"0084000008""#));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! And read:
//!
//! ```
//! use sscard_kit::lexicon::describe_command;
//! use sscard_kit::trace::{TraceEvent, TraceFormat, TraceReader};
//!
//! let recorded = r#"{"ev":"trace","schema":1,"tool":"mine","atr":"3B00"}
//! {"ev":"apdu","t_ns":0,"cmd":"0084000008","rsp":"6D00"}
//! "#;
//! let reader = TraceReader::open(recorded.as_bytes(), Some(TraceFormat::Jsonl))?;
//! assert_eq!(reader.header().tool, "mine");
//! let events = reader.collect::<Result<Vec<TraceEvent>, _>>()?;
//! let [TraceEvent::Exchange(exchange)] = &events[..] else { return Err("another session".into()) };
//! assert_eq!(describe_command(&exchange.command), "GET CHALLENGE 8 bytes");
//! assert_eq!(exchange.status().map(|status| status.value()), Some(0x6D00));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub use sscard_trace::*;
