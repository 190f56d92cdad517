mod actions;
mod specs;
mod structures;
