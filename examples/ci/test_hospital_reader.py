"""A hospital's reader program and five cards that misbehave, in pcscd's virtual reader (docs/ci.md).

    SSCARD=target/release/sscard python3 -m pytest --junitxml=report.xml examples/ci
"""

import time

import pytest
from bench import READER, Bench
from hospital_reader import PATIENCE, NoAnswer, Reader, Removed, Unusable, card_is_there
from smartcard.System import readers

# READ RECORD.
READ = "ins=B2"


@pytest.fixture(scope="module")
def served():
    with Bench() as bench:
        yield bench


@pytest.fixture
def bench(served):
    """The bench with a right card in its reader, before each test and after it."""
    served.clear()
    right_again(served)
    yield served
    served.clear()
    right_again(served)


def right_again(bench):
    """The card in the reader as it should be; pcscd has seen it go and come."""
    bench.eject()
    until(lambda: not card_is_there(READER))
    time.sleep(0.5)
    bench.insert()
    until(lambda: card_is_there(READER))


def until(there):
    end = time.monotonic() + 20
    while not there():
        assert time.monotonic() < end, "pcscd does not see it"
        time.sleep(0.05)


def read():
    reader = Reader(READER)
    try:
        return reader.read()["card_number"]
    finally:
        reader.close()


def test_the_reader_is_there():
    assert READER in map(str, readers())


def test_a_right_card_is_read(bench):
    number = read()
    assert number[0] == "T" and len(number) == 9
    assert bench.commands()[-1].startswith("00B20700")


def test_a_slow_card_is_given_up_in_time(bench):
    bench.faults(f"slow=3s@{READ},nth=1")
    begun = time.monotonic()
    with pytest.raises(NoAnswer):
        read()
    assert PATIENCE <= time.monotonic() - begun < 2.5 * PATIENCE
    time.sleep(3)
    # Late is not lost: the program goes on with the next patient.
    assert read()


def test_a_mute_card_is_given_up_and_the_next_one_is_read(bench):
    bench.faults(f"mute@{READ},nth=1")
    begun = time.monotonic()
    with pytest.raises(NoAnswer):
        read()
    assert time.monotonic() - begun < 2.5 * PATIENCE
    # Somebody takes the card out: that frees the driver.
    bench.clear()
    right_again(bench)
    assert read()


def test_a_card_that_goes_in_the_middle_is_told_from_a_bad_one(bench):
    bench.faults(f"remove@{READ},nth=1")
    with pytest.raises(Removed):
        read()
    assert bench.ask("GET", "")["card"] is None
    bench.clear()
    right_again(bench)
    assert read()


@pytest.mark.parametrize("garbage", ["flip=1", "data=FFFFFFFF", "truncate=4", "answer=9000", "stale", "tlv=length"])
def test_garbage_is_no_card_number(bench, garbage):
    right = read()
    bench.faults(f"{garbage}@{READ}")
    with pytest.raises(Unusable):
        read()
    assert bench.ask("GET", "/faults")["fired"], "the fault has struck"
    bench.clear()
    assert read() == right


def test_6100_ends_and_is_not_followed_for_ever(bench):
    before = len(bench.commands())
    bench.faults(f"sw=6100@{READ}")
    with pytest.raises(Unusable):
        read()
    sent = bench.commands()[before:]
    # 6100 announces 256 bytes or more: one GET RESPONSE asks for them, and the card has none.
    assert "00C0000000" in sent
    assert len(sent) <= 8, sent
