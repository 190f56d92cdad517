//! iReadCardBas, and the failures that every function shares.

use SSCardDriver::interface::{self, ROOM};

use crate::harness::{alone, coded, host, last, plain, raw, with_module};

#[test]
fn the_synthetic_holder_of_each_generation() {
    for profile in ["gen1", "gen2", "gen3"] {
        let _host = with_module(profile, "");
        println!("{:?} {}", plain(interface::iReadCardBas, 1), last());
    }
}
