//! The financial application: whole transactions, each rule of JR/T 0025, the matrix.

mod flows;
