//! D02: who has no card in this batch is told "next batch".

use jiff::civil::date;
use sscard_desk::register::CardRow;
use sscard_desk::{
    Batch, Counter, DeskError, Request, Rule, Standing, TextEncoding, read_residents,
};

use super::acts::HOLDER;
use super::city::{City, LI, TODAY, at, holder_at, refusal, refused, visit};

const NEW: &str = "999901199001010010";

fn newcomer(city: &mut City) {
    let body = &NEW[..17];
    let digits = body.as_bytes().try_into().expect("17 digits");
    let check = sscard_core::identifiers::social_security_number_check(digits).expect("digits");
    assert_eq!(NEW.as_bytes()[17], check);
    let rows = format!("name,number,mobile,bank\n孙测戊,{NEW},13800000005,CCB\n");
    let residents = read_residents(rows.as_bytes(), TextEncoding::Utf8).expect("residents");
    let mut nothing = |_: &CardRow, _| Err(DeskError::Delivery("no old card".to_owned()));
    city.desk.import(&residents, TODAY, &mut nothing).expect("imported");
}

#[test]
fn desk_d02_a_resident_without_a_card_waits_for_the_next_batch_and_gets_it_there() {
    let mut city = City::delivered();
    newcomer(&mut city);
    let refusal = refusal(city.desk.perform(
        Request::Collect,
        &holder_at("village"),
        Some(NEW),
        &mut Counter::empty(),
    ));
    assert_eq!(refusal.rule, Rule::D02);
    assert_eq!(refusal.missing, "there is no card for this resident in this batch: next batch");
    let batch = Batch {
        name: "2027-1",
        opens: date(2027, 1, 10),
        closes: date(2027, 1, 20),
        to: &at("community:甲"),
    };
    let mut made = Vec::new();
    let mut deliver = |row: &CardRow, _| {
        made.push(row.holder);
        Ok(())
    };
    assert_eq!(city.desk.batch(&batch, TODAY, &mut deliver).expect("batch"), 1);
    assert_eq!(made.len(), 1, "nobody gets a second card");
    let mut visit = visit("community:乙", HOLDER);
    visit.today = date(2027, 1, 20);
    assert_eq!(
        refused(city.desk.perform(Request::Collect, &visit, Some(NEW), &mut Counter::empty())),
        Rule::D01,
        "another community"
    );
    visit.at = at("community:甲");
    let card = city
        .desk
        .perform(Request::Collect, &visit, Some(NEW), &mut Counter::empty())
        .expect("collected")
        .card;
    assert_eq!((card.standing, card.bank.as_deref()), (Standing::Held, Some("CCB")));
}

#[test]
fn desk_d02_a_card_is_collected_once() {
    let mut city = City::collected();
    let before = city.rows(LI);
    assert_eq!(
        refused(city.desk.perform(
            Request::Collect,
            &holder_at("village"),
            Some(LI),
            &mut Counter::empty()
        )),
        Rule::D02
    );
    assert_eq!(city.rows(LI), before);
}
