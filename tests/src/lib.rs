//! Conformance tests live in the test target `sscard`; the README's program is tested here.
#![doc = include_str!("../../README.md")]
