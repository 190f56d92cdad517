//! Cross-crate and conformance tests.
