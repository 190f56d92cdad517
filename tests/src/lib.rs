//! Conformance tests live in the test target `sscard`.
