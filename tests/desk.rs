//! The issuing desk: one module a rule, `desk_dNN`; for each the allowed way and forbidden
//! neighbours. Cards are real virtual cards, the register is a real file.

mod acts;
mod capability;
mod city;
mod delivery;
mod desk_d01;
mod desk_d02;
mod desk_d03;
mod desk_d04;
mod desk_d05;
mod desk_d06;
mod desk_d07;
mod desk_d08;
mod desk_d09;
mod desk_d10;
mod desk_d11;
mod desk_d12;
mod desk_d13;
mod desk_d14;
mod desk_d15;
mod desk_d16;
mod desk_d17;
mod desk_d18;
mod desk_d19;
mod desk_d20;
mod desk_d21;
mod desk_d22;
mod i_21_cuts;
mod lost_midway;
mod register;
mod secrets;
mod simulation;
