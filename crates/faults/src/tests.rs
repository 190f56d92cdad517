mod actions;
mod specs;
mod structures;
mod table;
