//! The financial application: whole transactions, each rule of JR/T 0025, the matrix.

mod bank;
mod certificates;
mod d1_risk;
mod d4_quick;
mod d5_cash_and_logs;
mod d6_scripts;
mod flows;
mod matrix;
mod pool;
mod tear;
