//! Conformance tests live in the test target `sscard`; the README's program is tested here.
#![cfg_attr(doctest, doc = include_str!("../../README.md"))]
