//! D12: the initial transaction password is 123456 and works directly after activation.

use sscard_desk::{DeskError, Rule};

use super::acts::HOLDER;
use super::city::{City, WANG, refused};

#[test]
fn desk_d12_the_initial_password_works_without_a_change() {
    for place in ["bank-branch:BOC", "village", "community", "convenience-center"] {
        let mut city = City::collected();
        city.activate(WANG, place, HOLDER).expect("activated");
        let number = city.card_row(WANG).number;
        assert_eq!(city.verify(&number, "123456"), "9000", "{place}");
        city.change_pin(WANG, "pharmacy", "123456", "654321").expect("changed");
        assert_eq!(city.verify(&number, "654321"), "9000");
    }
}

#[test]
fn desk_d12_another_password_is_not_the_initial_one() {
    let mut city = City::active(WANG);
    let number = city.card_row(WANG).number;
    assert_eq!(city.verify(&number, "654321"), "63C5");
    let outcome = city.change_pin(WANG, "village", "654321", "111111");
    assert!(matches!(outcome, Err(DeskError::WrongPassword { tries_left: 4 })), "{outcome:?}");
    assert_eq!(city.verify(&number, "123456"), "9000");
}

#[test]
fn desk_d12_before_activation_it_works_nowhere() {
    let mut city = City::collected();
    let number = city.card_row(WANG).number;
    assert_eq!(city.verify(&number, "123456"), "6985");
    assert_eq!(refused(city.change_pin(WANG, "village", "123456", "654321")), Rule::D03);
}
