//! What real cards and the programs that meet them decide: one test for each fact, named after it.

mod bank_answers;
mod bank_initiation;
mod classes;
mod generation_1;
mod keys;
mod purse;
mod records;
