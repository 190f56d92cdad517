//! Sessions as text, run from Rust.
//!
//! ```
//! use std::path::Path;
//!
//! use sscard_kit::profile::{MasterKeys, built_in, issue, synthetic_holder};
//! use sscard_kit::script::{Options, Program, SourceText, Target, check, run};
//! use sscard_kit::transport::{InProcess, Secrets};
//!
//! let text = "select SSSE\nverify pin=123456\n  expect sw 9000\n";
//! let no_files = |_: &Path| Err("there is no file".to_owned());
//! let program = Program::parse(SourceText::new("hello.apdu", text), &no_files).map_err(|_| "no script")?;
//! let program = check(program, Target::Virtual).map_err(|_| "a wrong script")?;
//!
//! let profile = built_in("gen3").ok_or("no gen3")?;
//! let card = issue(&profile, &synthetic_holder(1), &MasterKeys::test())?;
//! let options = Options::new(Secrets::Redacted, Target::Virtual);
//! let summary = run(&program, InProcess::power_on(card)?, options, &mut ());
//! assert!(summary.passed());
//! assert_eq!((summary.commands, summary.expectations), (2, 1));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub use sscard_script::*;
