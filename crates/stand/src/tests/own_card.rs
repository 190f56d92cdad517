//! A card of anybody's in a slot.

use sscard_host::{SmartCard, TransportError};

use super::*;

/// Counts its commands while it has power; `FF` takes its power, `FE` is never answered.
#[derive(Default)]
struct Counter {
    count: u8,
}

impl SmartCard for Counter {
    fn power_on(&mut self) -> Result<(), TransportError> {
        self.count = 0;
        Ok(())
    }

    fn power_off(&mut self) {}

    fn atr(&self) -> Vec<u8> {
        vec![0x3B, 0x80, 0x01, 0x81]
    }

    fn transmit(&mut self, command: &[u8], response: &mut Vec<u8>) -> Result<(), TransportError> {
        match command[1] {
            0xFF => return Err(TransportError::Removed),
            0xFE => return Err(TransportError::Timeout { milliseconds: None }),
            _ => {}
        }
        self.count += 1;
        response.extend([self.count, 0x90, 0x00]);
        Ok(())
    }
}

fn with_own_card() -> Served {
    let served = serve(Policy::open());
    let own = SlotContent::own("counter".to_owned(), Box::new(Counter::default()));
    served.stand.slots()[0].insert(own).1.expect("inserted");
    served
}

#[test]
fn it_is_powered_and_answers_as_one_of_ours_is() {
    let served = with_own_card();
    let (_, slots) = served.ask("GET", "/api/v1/slots", "");
    let slot = &slots["slots"][0];
    assert_eq!((slot["card"].as_str(), slot["atr"].as_str()), (Some("counter"), Some("3B800181")));
    assert_eq!(served.transmit("00A40000").1, json!({ "response": "019000" }));
    assert_eq!(served.transmit("00A40000").1, json!({ "response": "029000" }));
    assert_eq!(served.ask("POST", "/api/v1/slots/0/reset", "").0, 200);
    assert_eq!(served.transmit("00A40000").1, json!({ "response": "019000" }));
}

#[test]
fn faults_strike_it() {
    let served = with_own_card();
    let set = r#"{"faults":["sw=6F00@1","cut=0@2"]}"#;
    assert_eq!(served.ask("PUT", "/api/v1/slots/0/faults", set).0, 200);
    assert_eq!(served.transmit("00A40000").1, json!({ "response": "016F00" }));
    assert_eq!(served.transmit("00A40000").0, 409, "its power is cut before the command");
    assert_eq!(served.transmit("00A40000").1, json!({ "response": "019000" }), "powered again");
}

#[test]
fn its_silence_and_the_loss_of_its_power_are_told() {
    let served = with_own_card();
    assert_eq!(served.transmit("00FE0000").0, 408);
    assert_eq!(served.transmit("00FF0000").0, 409);
    assert_eq!(served.transmit("00A40000").1, json!({ "response": "019000" }));
}

#[test]
fn what_only_one_of_ours_has_is_refused() {
    let served = with_own_card();
    for (method, path, body) in [
        ("GET", "/api/v1/slots/0/card", ""),
        ("PATCH", "/api/v1/slots/0/card", "{}"),
        ("PUT", "/api/v1/slots/0/snapshots/a", ""),
    ] {
        let (status, problem) = served.ask(method, path, body);
        assert_eq!(status, 409, "{method} {path}: {problem}");
        assert!(problem.to_string().contains("one of your own"), "{problem}");
    }
}
