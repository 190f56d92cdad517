"""Readers of this process, cards of one's own, and cards that are served to pcscd's driver."""

import ctypes
import os
import pathlib
import socket
import subprocess
import sys
import threading
import time

import pytest

import sscard
from sscard import readers

HERE = pathlib.Path(__file__)
# Beside the tests where .ci/python copies both, else in the project.
sys.path += [str(folder / "pytest") for folder in [HERE.parents[1], *(above / "examples" for above in HERE.parents)]]
from driver import ATR, OFF, ON, RESET, Driver  # noqa: E402

CHALLENGE = bytes.fromhex("0084000008")


def connected(reader):
    connection = reader.createConnection()
    connection.connect()
    return connection


class Own:
    """A card of one's own, that does what it is told."""

    def __init__(self):
        self.calls = []
        self.answer = b"\x90\x00"

    def power_on(self):
        self.calls.append("on")

    def power_off(self):
        self.calls.append("off")

    def atr(self):
        return bytearray(b"\x3b\x80\x01\x81")

    def transmit(self, command):
        self.calls.append(command)
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer


def test_the_reader_is_that_of_the_bench(reader, bench, card):
    assert str(reader) == bench.name == bench.slot.name == "sscard 00 00"
    assert bench.card is card and bench.slot.card is card
    assert bytes(connected(reader).getATR()) == card.atr


def test_both_sides_see_one_card(reader, card):
    connection = connected(reader)
    connection.transmit(list(bytes.fromhex("00A40000023F00")))
    card.select("SSSE")
    assert connection.transmit(list(bytes.fromhex("0020000000")))[1:] in [(0x63, 0xC6), (0x67, 0x00)]


def test_a_second_reader(reader, bench):
    from smartcard.System import readers as seen

    assert [str(one) for one in seen()] == ["sscard 00 00", "sscard 01 00"]
    bench.other.insert(sscard.Card("psam-sm4"))
    assert bytes(connected(seen()[1]).getATR()) == sscard.Card("psam-sm4").atr


def test_nothing_is_left_of_another_test(bench):
    assert bench.other.card is None and bench.exchanges == []


def test_what_passes_is_told(reader, bench):
    before = bench.slot.events
    connection = connected(reader)
    connection.transmit(list(bytes.fromhex("0020000003123456")))
    told = bench.exchanges
    assert [event["command"] for event in told] == ["0020000003000000"]
    assert bench.wait_for("exchange", after=before) > before
    assert bench.wait_for("exchange", command="0020", after=before) > before
    kinds = [event["ev"] for event in bench.slot.trace.explain()]
    assert kinds[0] == "power_on" and kinds[-1] == "apdu"


def test_waiting(bench):
    with pytest.raises(sscard.Late, match="exchange: it has not come within 0.2 s") as caught:
        bench.wait_for("exchange", timeout=0.2)
    assert isinstance(caught.value, TimeoutError)
    timer = threading.Timer(0.1, bench.eject)
    timer.start()
    bench.wait_for("removed", timeout=10)
    timer.join()
    before = bench.slot.events
    bench.insert()
    bench.wait_for("inserted", after=before, timeout=10)
    for wrong in ({"what": "nonsense"}, {"what": "power", "timeout": -1}, {"what": "power", "timeout": float("nan")}):
        with pytest.raises(ValueError):
            bench.wait_for(**wrong)


def test_the_slot_itself(bench, card):
    slot = bench.slot
    assert repr(slot) == "<Slot \"sscard 00 00\">"
    slot.eject()
    slot.eject()
    assert slot.card is None and repr(slot) == "<Slot \"sscard 00 00\" empty>"
    assert not card.powered
    slot.insert()
    assert slot.card is card
    for wrong in (5, object(), sscard.Profile("gen1")):
        with pytest.raises(TypeError, match="this object has no power_on"):
            slot.insert(wrong)
    assert slot.card is card


def test_a_fault_that_takes_the_card_away(reader, bench):
    from smartcard.Exceptions import CardConnectionException

    connection = connected(reader)
    bench.set_faults("remove")
    with pytest.raises(CardConnectionException):
        connection.transmit(list(CHALLENGE))
    assert bench.slot.card is None
    bench.set_faults()
    bench.insert()
    assert connected(reader).transmit(list(CHALLENGE))[1:] == (0x90, 0x00)


@pytest.mark.sscard(faults=["slow=300ms@1"])
def test_a_slow_card_keeps_no_other_thread_waiting(reader, bench):
    connection = connected(reader)
    seen = []
    waiting = threading.Thread(target=lambda: seen.append(connection.transmit(list(CHALLENGE))[1:]))
    waiting.start()
    turns = 0
    while waiting.is_alive():
        turns += 1
        time.sleep(0.001)
    waiting.join()
    assert seen == [(0x90, 0x00)] and turns > 20


def test_a_reset_behind_the_programs_back(reader, bench, card):
    connection = connected(reader)
    connection.transmit(list(bytes.fromhex("00A404000F7378312E73682EC9E7BBE1B1A3D5CF")))
    bench.reset()
    assert card.powered
    assert connection.transmit(list(CHALLENGE))[1:] == (0x90, 0x00)


def test_another_program_finds_the_reader(bench):
    code = (
        "from smartcard.System import readers;"
        "c = readers()[0].createConnection(); c.connect();"
        "print(bytes(c.transmit([0, 0x84, 0, 0, 8])[0]).hex())"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], env=bench.environment, capture_output=True, text=True, check=True
    )
    assert bench.exchanges[-1]["response"] == ran.stdout.strip().upper() + "9000"


def test_a_card_of_ones_own(reader, bench):
    own = Own()
    bench.insert(own)
    assert isinstance(own, sscard.SmartCard)
    assert bench.slot.card is own
    connection = connected(reader)
    assert connection.getATR() == [0x3B, 0x80, 0x01, 0x81]
    assert connection.transmit([1, 2, 3, 4]) == ([], 0x90, 0x00)
    own.answer = b"abc\x61\x00"
    assert connection.transmit([1, 2, 3, 4, 5]) == ([0x61, 0x62, 0x63], 0x61, 0x00)
    assert own.calls[-2:] == [b"\1\2\3\4", b"\1\2\3\4\5"] and own.calls.count("on") >= 1
    bench.eject()
    assert own.calls[-1] == "off"


@pytest.mark.parametrize("error", [sscard.Mute("x"), TimeoutError("x"), sscard.CardRemoved("x")])
def test_a_card_of_ones_own_may_say_nothing(reader, bench, error):
    from smartcard.Exceptions import CardConnectionException

    own = Own()
    bench.insert(own)
    connection = connected(reader)
    own.answer = error
    with pytest.raises(CardConnectionException):
        connection.transmit([1, 2, 3, 4])


@pytest.mark.parametrize("answer", [ValueError("a bug of mine"), None, 5, "9000"])
def test_what_goes_wrong_in_a_card_of_ones_own_is_told(reader, bench, monkeypatch, answer):
    from smartcard.Exceptions import CardConnectionException

    told = []
    monkeypatch.setattr(sys, "unraisablehook", lambda what: told.append(what.exc_value))
    own = Own()
    bench.insert(own)
    connection = connected(reader)
    own.answer = answer
    with pytest.raises(CardConnectionException):
        connection.transmit([1, 2, 3, 4])
    assert len(told) == 1 and isinstance(told[0], (ValueError, TypeError))


def test_an_answer_that_is_none(reader, bench):
    from smartcard.Exceptions import CardConnectionException

    own = Own()
    bench.insert(own)
    connection = connected(reader)
    for answer in (b"", b"\x90"):
        own.answer = answer
        with pytest.raises(CardConnectionException):
            connection.transmit([1, 2, 3, 4])


def test_readers_of_ones_own(tmp_path):
    own = sscard.Readers(tmp_path / "pcsc", 16)
    assert [slot.name for slot in own.slots] == [f"sscard {number:02X} 00" for number in range(16)]
    assert own.socket == str(tmp_path / "pcsc")
    with pytest.raises(OSError):
        sscard.Readers(tmp_path / "pcsc")
    own.close()
    own.close()
    for wrong in (0, 17):
        with pytest.raises(ValueError):
            sscard.Readers(tmp_path / "other", wrong)
    with pytest.raises(OSError):
        sscard.Readers(tmp_path / ("long" * 50))


def test_the_library_is_found(monkeypatch, tmp_path):
    assert readers.library().name == "libsscard_pcsc.so"
    monkeypatch.setenv("SSCARD_PCSC_LIBRARY", str(tmp_path / "none.so"))
    with pytest.raises(sscard.ReaderUnavailable, match="where SSCARD_PCSC_LIBRARY says"):
        readers.library()
    other = tmp_path / "other.so"
    other.touch()
    monkeypatch.setenv("SSCARD_PCSC_LIBRARY", str(other))
    assert readers.library() == other


def test_the_service_is_private():
    folder = pathlib.Path(os.environ["SSCARD_PCSC_SOCKET"]).parent
    assert folder.stat().st_mode & 0o077 == 0


def test_pyscard_that_was_imported_too_early():
    code = (
        "import smartcard.scard\n"
        "import sscard.readers as r, sscard\n"
        "r.preload()\n"
        "try: r.pyscard_reader('sscard 00 00')\n"
        "except sscard.ReaderUnavailable as error: print(error)\n"
    )
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("LD_", "SSCARD_PCSC_S"))}
    # Beside a service of the machine, if there is one, and where there is surely none.
    for where in [plain, {**plain, "PCSCLITE_CSOCK_NAME": str(pathlib.Path(os.devnull) / "pcscd.comm")}]:
        ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=where)
        assert "smartcard was imported before the library was in its place" in ran.stdout, ran.stderr


@pytest.fixture
def driver():
    driver = Driver()
    yield driver
    driver.listener.close()


def test_a_card_is_served_to_a_driver(driver):
    card = sscard.Card()
    with sscard.serve(card, port=driver.port) as server:
        driver.accept()
        assert driver.ask(ATR) == card.atr
        driver.tell(ON)
        assert driver.ask(CHALLENGE) == bytes.fromhex("64BB1220ABCC6B519000")
        driver.tell(RESET)
        assert driver.ask(CHALLENGE)[-2:] == b"\x90\x00"
        driver.tell(OFF)
        driver.tell(ON)
        assert driver.ask(b"\0\1") == b"\x67\x00", "what is too short"
        assert server.running
    assert not server.running
    server.stop()


def test_a_card_of_ones_own_is_served(driver):
    own = Own()
    with sscard.serve(own, "127.0.0.1", driver.port):
        driver.accept()
        assert driver.ask(ATR) == b"\x3b\x80\x01\x81"
        driver.tell(ON)
        own.answer = b"yes\x90\x00"
        assert driver.ask(b"\1\2\3\4") == b"yes\x90\x00"
        driver.tell(RESET)
        driver.ask(ATR)
        assert own.calls == ["on", b"\1\2\3\4", "off", "on"]


def test_a_driver_that_goes_ends_the_service(driver):
    server = sscard.serve(sscard.Card(), port=driver.port)
    driver.accept()
    driver.close()
    for _ in range(100):
        if not server.running:
            break
        time.sleep(0.05)
    assert not server.running
    server.stop()


def test_a_card_that_falls_silent_goes_and_comes(driver):
    card = sscard.Card(faults=["mute@1"])
    with sscard.serve(card, port=driver.port):
        driver.accept()
        driver.tell(ON)
        driver.tell(CHALLENGE)
        assert driver.stream.read(2) == b"", "the card has gone"
        driver.accept()
        driver.tell(ON)
        assert driver.ask(CHALLENGE)[-2:] == b"\x90\x00"


def test_nobody_is_there():
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    with pytest.raises(sscard.TransportError, match="no virtual reader"):
        sscard.serve(sscard.Card(), port=port)
    with pytest.raises(TypeError, match="has no power_on"):
        sscard.serve(object())
    with pytest.raises(OverflowError):
        sscard.serve(sscard.Card(), port=70000)


def test_the_library_is_one_for_the_whole_process():
    by_name = ctypes.CDLL("libpcsclite.so.1")
    assert by_name.SCardEstablishContext
