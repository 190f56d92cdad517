//! What Python hands over: bytes, digits, paths, dates.

use jiff::civil::Date;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyMemoryView, PyString};
use sscard_apdu::bcd;

/// The bytes of whatever has a buffer: `bytes`, `bytearray`, `memoryview`, an array.
pub(crate) fn with_bytes<R>(
    object: &Bound<'_, PyAny>,
    using: impl FnOnce(&[u8]) -> PyResult<R>,
) -> PyResult<R> {
    if let Ok(bytes) = object.cast::<PyBytes>() {
        return using(bytes.as_bytes());
    }
    let view = PyMemoryView::from(object).map_err(|_| {
        let kind =
            object.get_type().name().map_or_else(|_| "this".to_owned(), |name| name.to_string());
        PyTypeError::new_err(format!("bytes are wanted, not {kind}"))
    })?;
    let copy = view.call_method0("tobytes")?;
    using(copy.cast::<PyBytes>()?.as_bytes())
}

/// Bytes, or hexadecimal digits with or without spaces.
pub(crate) fn bytes_or_hex(object: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    let Ok(text) = object.cast::<PyString>() else {
        return with_bytes(object, |bytes| Ok(bytes.to_vec()));
    };
    let text: String = text.to_string().split_whitespace().collect();
    sscard_apdu::hex::decode(&text)
        .map_err(|error| PyValueError::new_err(format!("no hexadecimal digits: {error}")))
}

/// Digits as BCD, an odd number of them filled with F.
pub(crate) fn pin_bytes(digits: &str) -> PyResult<Vec<u8>> {
    let usable = (4..=16).contains(&digits.len());
    let packed = if usable { bcd::packed(digits).ok() } else { None };
    // Not which digits were given: an exception's text is written down.
    packed.ok_or_else(|| PyValueError::new_err("a PIN is 4 to 16 digits"))
}

/// A day: `datetime.date`, text `YYYY-MM-DD`, or today by the local clock.
pub(crate) fn day(object: Option<&Bound<'_, PyAny>>) -> PyResult<Date> {
    let Some(object) = object else { return Ok(jiff::ZonedDateTime::now().date()) };
    let text = match object.cast::<PyString>() {
        Ok(text) => text.to_string(),
        Err(_) => object.call_method0("isoformat")?.extract::<String>()?,
    };
    let day = text.get(..10).unwrap_or(&text);
    day.parse().map_err(|_| PyValueError::new_err(format!("{text}: a date is YYYY-MM-DD")))
}
