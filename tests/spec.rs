//! What the norm of the social security application says, clause by clause: one module for each part of
//! it, each test named after its clause. The clauses are those of docs/standards/social-security.md.

mod iso_chaining;
mod pin_digits;
mod s1_access;
mod s1_files;
mod s2_13_purse;
mod s2_16_refusals;
mod s2_2_record_limits;
mod s2_3_binary;
mod s2_9_pin_limits;
mod s2_commands;
mod s2_crypto;
mod s2_pin;
mod s2_protected;
mod s3_atr;
mod s8_13_wrong_le;
