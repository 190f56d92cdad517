//! The issuing desk: one module a rule, `desk_dNN`; for each the allowed way and forbidden
//! neighbours. Cards are real virtual cards, the register is a real file.

mod city;
mod desk_d04;
mod simulation;
