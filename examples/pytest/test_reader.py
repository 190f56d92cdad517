"""A reader program's own tests: it speaks PC/SC by pyscard, and finds one of our cards, in this process."""

from typing import Any, List, Tuple

import pytest
from smartcard.CardConnectionDecorator import CardConnectionDecorator
from smartcard.Exceptions import CardConnectionException, NoCardException

import sscard
from sscard.pytest_plugin import Bench

SELECT_SSSE = list(bytes.fromhex("00A404000F7378312E73682EC9E7BBE1B1A3D5CF"))
GET_CHALLENGE = list(bytes.fromhex("0084000008"))


def program(reader: Any) -> Tuple[List[int], str]:
    """The program that is tested: the card's environment, and what it says to a wrong PIN."""
    connection = reader.createConnection()
    connection.connect()
    try:
        answer, sw1, sw2 = connection.transmit(SELECT_SSSE)
        if sw1 == 0x61:
            answer, sw1, sw2 = connection.transmit([0x00, 0xC0, 0x00, 0x00, sw2])
        _, sw1, sw2 = connection.transmit([0x00, 0x20, 0x00, 0x00, 0x03, 0x11, 0x11, 0x11])
        return answer, f"{sw1:02X}{sw2:02X}"
    finally:
        connection.disconnect()


def test_the_program_reads_the_card(reader: Any, card: sscard.Card) -> None:
    answer, status = program(reader)
    assert answer[:2] == [0x6F, 0x1C] and status == "63C5"
    assert card.inspect()["pins"][0]["tries_left"] == 5


@pytest.mark.sscard(profile="gen2", seed=7)
def test_another_card(reader: Any, bench: Bench) -> None:
    assert program(reader)[1] == "63C5"
    assert [event["meaning"] for event in bench.exchanges][-1].startswith("VERIFY")


@pytest.mark.sscard(contactless=True)
def test_a_card_in_the_field(reader: Any) -> None:
    connection = reader.createConnection()
    connection.connect()
    assert connection.getATR() == [0x3B, 0x80, 0x80, 0x01, 0x01]


def test_a_card_that_falls_silent(reader: Any, bench: Bench) -> None:
    bench.set_faults("mute")
    with pytest.raises(CardConnectionException):
        program(reader)


def test_the_card_is_taken_out(reader: Any, bench: Bench) -> None:
    connection = reader.createConnection()
    connection.connect()
    bench.eject()
    with pytest.raises(CardConnectionException):
        connection.transmit(GET_CHALLENGE)
    with pytest.raises(NoCardException):
        reader.createConnection().connect()
    bench.insert()
    again: CardConnectionDecorator = reader.createConnection()
    again.connect()
    assert again.transmit(GET_CHALLENGE)[1:] == (0x90, 0x00)


def test_back_to_a_moment(reader: Any, bench: Bench) -> None:
    bench.snapshot()
    for _ in range(7):
        assert program(reader)[1] == "63C5"
        bench.restore()


class Agreeable:
    """A card of one's own: it says yes."""

    atr = bytes.fromhex("3B00")

    def power_on(self) -> None:
        """Nothing to do."""

    def power_off(self) -> None:
        """Nothing to do."""

    def transmit(self, command: bytes, /) -> bytes:
        return b"\x90\x00"


def test_a_card_of_ones_own(reader: Any, bench: Bench) -> None:
    bench.insert(Agreeable())
    assert program(reader)[1] == "9000"
