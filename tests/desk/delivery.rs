//! A new card's place is tried before anything begins, and the card lies there before the old one is
//! given up.

use std::path::{Path, PathBuf};

use sscard_core::Card;
use sscard_desk::register::CardRow;
use sscard_desk::{Delivery, DeskError, Reason, Request, Resumed, Standing};

use super::city::{City, LI, holder_at};

/// A place that notes what it is asked for, and refuses one of it.
#[derive(Default)]
struct Place {
    refuses: &'static str,
    noted: Vec<String>,
    images: Vec<Vec<u8>>,
}

const GOES_TO: &str = "/somewhere/new.img";

impl Place {
    fn note(&mut self, what: &str, more: &str) -> Result<(), DeskError> {
        self.noted.push(format!("{what}{more}"));
        if self.refuses == what { Err(DeskError::Delivery("full".to_owned())) } else { Ok(()) }
    }
}

impl Delivery for Place {
    fn goes_to(&self) -> Option<&Path> {
        Some(Path::new(GOES_TO))
    }

    fn reserve(&mut self, card: &Card) -> Result<(), DeskError> {
        self.images.push(card.image().as_bytes().to_vec());
        self.note("reserve", "")
    }

    fn lay(&mut self, _: &CardRow, card: &Card, to: Option<&Path>) -> Result<(), DeskError> {
        self.images.push(card.image().as_bytes().to_vec());
        let to = to.map_or_else(PathBuf::new, Path::to_owned);
        self.note("lay", &format!(" {}", to.display()))
    }

    fn hand_over(&mut self, row: &CardRow, _: Card) -> Result<(), DeskError> {
        assert_eq!(row.standing, Standing::Invalid, "nobody has it before everything is done");
        self.note("hand over", "")
    }

    fn take_back(&mut self) -> Result<(), DeskError> {
        self.note("take back", "")
    }
}

fn replace(city: &mut City, place: &mut Place) -> Result<String, DeskError> {
    let visit = holder_at("card-outlet:ICBC");
    let done = city.with(LI, |desk, counter| {
        desk.perform(
            Request::Replace { reason: Reason::Damaged, delivery: place },
            &visit,
            None,
            counter,
        )
    });
    done.map(|done| done.new_card.expect("a new card").number)
}

#[test]
fn desk_delivery_tries_the_place_then_lays_the_card_then_gives_the_old_one_up() {
    let mut city = City::active(LI);
    let mut place = Place::default();
    let number = city.card_row(LI).number;
    replace(&mut city, &mut place).expect("replaced");
    assert_eq!(place.noted, ["reserve", "lay /somewhere/new.img", "hand over"]);
    assert!(place.images[0] == place.images[1], "the card that was tried is the one");
    assert_eq!(city.chip(&number).0, "6A81");
}

#[test]
fn desk_delivery_that_fails_before_the_old_card_was_touched_changes_nothing() {
    for (refuses, noted) in [
        ("reserve", &["reserve"][..]),
        ("lay", &["reserve", "lay /somewhere/new.img", "take back"]),
    ] {
        let mut city = City::active(LI);
        let (before, number) = (city.rows(LI), city.card_row(LI).number);
        let mut place = Place { refuses, ..Place::default() };
        let outcome = replace(&mut city, &mut place);
        assert!(matches!(outcome, Err(DeskError::Delivery(_))), "{outcome:?}");
        assert_eq!(place.noted, noted);
        assert_eq!((city.rows(LI), city.waiting().len()), (before, 0));
        assert_eq!(city.chip(&number), ("9000".to_owned(), "9000".to_owned()));
        replace(&mut city, &mut Place::default()).expect("as if nobody had come");
    }
}

#[test]
fn desk_delivery_of_what_broke_off_knows_where_its_card_lies() {
    let mut city = City::active(LI);
    let mut place = Place { refuses: "hand over", ..Place::default() };
    replace(&mut city, &mut place).expect_err("broken off");
    let waiting = city.waiting();
    assert_eq!(waiting[0].pending.goes_to.as_deref(), Some(Path::new(GOES_TO)));
    let mut again = Place::default();
    let resumed = city.with(LI, |desk, counter| desk.resume(counter, &mut again));
    assert!(matches!(resumed.expect("resumed")[..], [Resumed::Done(_)]));
    assert_eq!(again.noted, ["lay /somewhere/new.img", "hand over"]);
    assert!(again.images[0] == place.images[0], "the very card");
    assert!(city.waiting().is_empty());
}

#[test]
fn desk_delivery_of_an_operation_of_before_has_no_place() {
    let mut city = City::active(LI);
    let mut place = Place { refuses: "hand over", ..Place::default() };
    replace(&mut city, &mut place).expect_err("broken off");
    let db = rusqlite::Connection::open(city.desk.register().path()).expect("opened");
    let old = "UPDATE operations SET plan = json_remove(plan, '$.goes_to')";
    assert_eq!(db.execute(old, []).expect("changed"), 1);
    let mut again = Place::default();
    let resumed = city.with(LI, |desk, counter| desk.resume(counter, &mut again));
    assert!(matches!(resumed.expect("resumed")[..], [Resumed::Done(_)]));
    assert_eq!(again.noted, ["lay ", "hand over"]);
}
