//! What real cards and the programs that meet them decide: one test for each fact, named after it.

mod bank_initiation;
