//! The module for Python: `sscard._sscard`, which the package `sscard` shows.
//!
//! ```text
//! Card (Python) ─► SharedCard: Held behind a lock ─► Misbehaving ─► InProcess ─► the card, its file
//!                     └─► a server's thread: what Python drives and what a reader program uses is one card
//! JSON documents ─► dict     errors ─► exceptions of sscard.exceptions
//! ```
//!
//! What enters: calls of Python with whatever arguments. What leaves: values, or an exception of the package; a panic becomes one
//! (`PanicException`). The one place with `unsafe` is what the macros of PyO3 write.

mod card;
mod decode;
mod error;
mod held;
mod input;
mod json;
mod profile;
mod read_file;
mod reader;
mod response;
mod script;
mod serve;
mod served;
mod terminal;
mod trace;

use pyo3::prelude::*;

/// What the package is made of.
#[pymodule]
mod _sscard {
    #[pymodule_export]
    use crate::card::{PyCard, PySnapshot};
    #[pymodule_export]
    use crate::decode::{explain_command, explain_status, explain_tlv, explain_value};
    #[pymodule_export]
    use crate::profile::{PyProfile, built_in_profiles};
    #[pymodule_export]
    use crate::reader::{PyReaders, PySlot};
    #[pymodule_export]
    use crate::response::PyResponse;
    #[pymodule_export]
    use crate::script::run_script;
    #[pymodule_export]
    use crate::serve::{PyServer, serve};
    #[pymodule_export]
    use crate::trace::PyTrace;

    /// Version of the library.
    #[pymodule_export]
    #[expect(non_upper_case_globals, reason = "Python's name")]
    const __version__: &str = env!("CARGO_PKG_VERSION");
}
