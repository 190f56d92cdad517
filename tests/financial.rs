//! The financial application: whole transactions, each rule of JR/T 0025, the matrix.

pub(crate) mod bank;
mod certificates;
mod d1_counters;
mod d1_cvr;
mod d1_default_action;
mod d1_risk;
mod d1_second;
mod d4_answers;
mod d4_bits;
pub(crate) mod d4_qpboc;
mod d5_cash_and_logs;
mod d6_scripts;
mod d7_status;
mod d_found_card;
mod flows;
mod i_20_order;
mod limits;
mod matrix;
mod own_bank;
mod own_chain;
mod own_examples;
mod own_scheme;
mod pool;
mod tear;
mod terminal;
