//! Scripts of other programs, run as ours.
//!
//! ```
//! use std::path::Path;
//!
//! use sscard_kit::dialect::{ImportOptions, read};
//! use sscard_kit::profile::{MasterKeys, built_in, issue, synthetic_holder};
//! use sscard_kit::script::{Options, Program, SourceText, Target, check, run};
//! use sscard_kit::transport::{InProcess, Secrets};
//!
//! // As scriptor takes it.
//! let text = "00 A4 04 00 0F 73 78 31 2E 73 68 2E C9 E7 BB E1 B1 A3 D5 CF\n00 84 00 00 08\n";
//! let imported = read("hello.txt", text, &ImportOptions::default())?;
//! let no_files = |_: &Path| Err("there is no file".to_owned());
//! let program = Program::imported(SourceText::new("hello.txt", text), imported.script, &no_files)
//!     .map_err(|_| "no script")?;
//! let program = check(program, Target::Virtual).map_err(|_| "a wrong script")?;
//!
//! let profile = built_in("gen3").ok_or("no gen3")?;
//! let card = issue(&profile, &synthetic_holder(1), &MasterKeys::test())?;
//! let options = Options::new(Secrets::Redacted, Target::Virtual);
//! assert_eq!(run(&program, InProcess::power_on(card)?, options, &mut ()).commands, 2);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub use sscard_dialect::*;
