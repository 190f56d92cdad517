"""A terminal's own tests, each with a fresh card."""

import pytest

import sscard


def test_the_pin_has_six_tries(card: sscard.Card) -> None:
    card.select("SSSE").check()
    assert card.verify("111111").tries_left == 5


@pytest.mark.sscard(profile="gen2", seed=7, name="李测甲")
def test_another_card(card: sscard.Card) -> None:
    assert card.read()["holder"]["name"] == "李测甲"


@pytest.mark.sscard(faults=["mute@2"])
def test_a_card_that_falls_silent(card: sscard.Card) -> None:
    card.transmit(bytes.fromhex("0084000008"))
    with pytest.raises(sscard.Mute):
        card.transmit(bytes.fromhex("0084000008"))


@pytest.mark.sscard(contactless=True)
def test_a_card_in_the_field(card: sscard.Card) -> None:
    payment = card.pay(1234, contactless=True, online=False)
    assert payment["outcome"] == "approved"


@pytest.mark.parametrize("written", range(0, 40, 8))
def test_power_may_fail_at_every_byte(card: sscard.Card, written: int) -> None:
    card.select("SSSE").check()
    card.power_cut(written)
    try:
        card.verify("111111")
    except sscard.CardRemoved:
        card.power_on()
        card.select("SSSE").check()
    assert card.verify().tries_left in (5, 6)
