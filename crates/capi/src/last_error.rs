//! What the last failing call of a thread came to.
//!
//! What enters: the body of a call. What leaves: what it gave, or its code; the text stands until the thread's next failing call.
//! A panic ends here. A success leaves code and text as they are.

use std::cell::RefCell;
use std::ffi::{CStr, CString, c_char, c_int};
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::refusal::{Refusal, sscard_error};

/// The code and the text of a thread.
struct Last {
    code: sscard_error,
    text: Option<CString>,
}

thread_local! {
    static LAST: RefCell<Last> = const { RefCell::new(Last { code: sscard_error::SSCARD_OK, text: None }) };
}

/// Carries a call out whose result is a code.
#[inline]
pub(crate) fn code_of(call: impl FnOnce() -> Result<(), Refusal>) -> c_int {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(Ok(())) => sscard_error::SSCARD_OK.code(),
        Ok(Err(refusal)) => keep(refusal).code(),
        Err(_) => keep(Refusal::internal("it panicked; what it wrote to stderr says where")).code(),
    }
}

/// Carries a call out that gives something; `none` is what it gives when it fails.
pub(crate) fn value_of<T>(none: T, call: impl FnOnce() -> Result<T, Refusal>) -> T {
    let mut given = none;
    code_of(|| {
        given = call()?;
        Ok(())
    });
    given
}

/// Keeps what a call came to.
#[cold]
fn keep(refusal: Refusal) -> sscard_error {
    let (code, text) = refusal.parts();
    let mut text = text.into_owned().into_bytes();
    text.retain(|byte| *byte != 0);
    let text = CString::new(text).ok();
    // A thread that ends has no last error any more.
    let _ = LAST.try_with(|last| {
        if let Ok(mut last) = last.try_borrow_mut() {
            *last = Last { code, text };
        }
    });
    code
}

/// The code of the thread's last failing call.
pub(crate) fn code() -> sscard_error {
    let code = LAST.try_with(|last| last.try_borrow().map(|last| last.code));
    code.ok().and_then(Result::ok).unwrap_or(sscard_error::SSCARD_OK)
}

/// The text of the thread's last failing call; empty before the first.
pub(crate) fn text() -> *const c_char {
    const EMPTY: &CStr = c"";
    let text = LAST.try_with(|last| {
        let last = last.try_borrow().ok()?;
        last.text.as_ref().map(|text| text.as_ptr())
    });
    text.ok().flatten().unwrap_or(EMPTY.as_ptr())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_a_code_and_a_text() {
        assert_eq!(code_of(|| panic!("on purpose")), sscard_error::SSCARD_E_INTERNAL.code());
        assert_eq!(code(), sscard_error::SSCARD_E_INTERNAL);
        assert_eq!(value_of(7, || Ok(8)), 8);
        assert_eq!(value_of(7, || Err(Refusal::null("x"))), 7);
        assert_eq!(code(), sscard_error::SSCARD_E_NULL);
        assert_eq!(code_of(|| Ok(())), 0);
        assert_eq!(code(), sscard_error::SSCARD_E_NULL, "a success leaves it");
    }
}
