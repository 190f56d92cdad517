//! Recorded sessions: written, read, converted, explained.
//!
//! ```
//! use sscard_kit::lexicon::describe_command;
//! use sscard_kit::trace::{Event, Format, Reader};
//!
//! let recorded = r#"{"ev":"trace","schema":1,"tool":"mine","atr":"3B00"}
//! {"ev":"apdu","t_ns":0,"cmd":"0084000008","rsp":"6D00"}
//! "#;
//! let reader = Reader::open(recorded.as_bytes(), Some(Format::Jsonl))?;
//! assert_eq!(reader.header().tool, "mine");
//! let events = reader.collect::<Result<Vec<Event>, _>>()?;
//! let [Event::Exchange(exchange)] = &events[..] else { return Err("another session".into()) };
//! assert_eq!(describe_command(&exchange.command), "GET CHALLENGE 8 bytes");
//! assert_eq!(exchange.status().map(|status| status.value()), Some(0x6D00));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub use sscard_trace::*;
