//! D15: six wrong entries lock the social security function; the financial one is not touched.

use sscard_desk::{DeskError, Function, Rule};
use sscard_terminal::payment::Outcome;

use super::city::{City, LI, refusal};

#[test]
fn desk_d15_six_wrong_entries_lock_the_social_function_and_the_financial_one_pays() {
    let mut city = City::active(LI);
    let number = city.card_row(LI).number;
    city.lock(LI);
    assert_eq!(city.verify(&number, "123456"), "6983");
    assert_eq!(city.pay(&number), Outcome::Approved);
    assert_eq!(city.chip(&number), ("9000".to_owned(), "9000".to_owned()));
    let card = city.card_row(LI);
    assert_eq!((card.social, card.financial), (Function::Active, Function::Active));
    let refusal = refusal(city.change_pin(LI, "pharmacy", "123456", "654321"));
    assert_eq!(refusal.rule, Rule::D16);
    assert_eq!(
        refusal.missing,
        "the social security function is locked: only a reset of the transaction password opens it"
    );
}

#[test]
fn desk_d15_five_wrong_entries_do_not_lock_and_a_right_one_gives_all_tries_back() {
    let mut city = City::active(LI);
    let number = city.card_row(LI).number;
    for tries_left in (1..6).rev() {
        let outcome = city.change_pin(LI, "pharmacy", "000000", "111111");
        let Err(DeskError::WrongPassword { tries_left: left }) = outcome else {
            panic!("{outcome:?}")
        };
        assert_eq!(left, tries_left);
    }
    city.change_pin(LI, "pharmacy", "123456", "654321").expect("the sixth is right");
    assert_eq!(city.verify(&number, "111111"), "63C5");
}

#[test]
fn desk_d15_entries_at_another_terminal_count_too() {
    let mut city = City::active(LI);
    let number = city.card_row(LI).number;
    for answer in ["63C5", "63C4", "63C3", "63C2", "63C1", "63C0", "6983"] {
        assert_eq!(city.verify(&number, "000000"), answer);
    }
    let outcome = city.change_pin(LI, "bank-branch:ICBC", "123456", "654321");
    assert_eq!(refusal(outcome).rule, Rule::D16);
    assert_eq!(city.pay(&number), Outcome::Approved);
}
