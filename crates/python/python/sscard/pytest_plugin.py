"""Fixtures for pytest.

``card``: a fresh powered card for each test. ``reader``: pyscard's reader with that card in it, in this process. ``bench``:
the reader's slot, for tests of programs that read cards.
"""

from __future__ import annotations

import importlib.util
from typing import Any, Dict, Iterator, List

import pytest

from sscard import Card, readers
from sscard._sscard import Slot, Snapshot
from sscard.exceptions import ReaderUnavailable

__all__ = ["Bench", "bench", "card", "reader"]

_SWITCH = "sscard_readers"


def pytest_addoption(parser: pytest.Parser) -> None:
    """A setting for who wants the machine's own readers."""
    parser.addini(
        _SWITCH,
        "whether pyscard in the tests finds sscard's readers, and not those of the machine",
        type="bool",
        default=True,
    )


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Puts the library in its place before anything of the tests is imported."""
    if early_config.getini(_SWITCH) and importlib.util.find_spec("smartcard") is not None:
        try:
            readers.preload()
        except ReaderUnavailable:
            # Said by the fixture that wants a reader.
            pass


def pytest_configure(config: pytest.Config) -> None:
    """Says what the marker is."""
    config.addinivalue_line(
        "markers",
        "sscard(profile, seed, state, contactless, faults, **items): the card of the fixtures card, reader and bench",
    )


def _wanted(request: pytest.FixtureRequest) -> Dict[str, Any]:
    """What the markers of a test say, the nearest one last."""
    wanted: Dict[str, Any] = {}
    for marker in reversed(list(request.node.iter_markers("sscard"))):
        if marker.args:
            raise pytest.UsageError("the marker sscard takes keywords alone, such as profile='gen2'")
        wanted.update(marker.kwargs)
    return wanted


@pytest.fixture
def card(request: pytest.FixtureRequest) -> Card:
    """A fresh powered card: gen3 of seed 1, or as ``@pytest.mark.sscard(profile=…, seed=…, contactless=…, faults=[…])`` says."""
    wanted = _wanted(request)
    contactless = wanted.pop("contactless", False)
    made = Card(**wanted)
    if contactless:
        made.enter_field()
    else:
        made.power_on()
    return made


class Bench:
    """A reader's slot with a card, and what a test does with it while a program reads the card."""

    def __init__(self, slot: Slot, card: Card, contactless: bool) -> None:
        self._slot = slot
        self._snapshots: Dict[str, Snapshot] = {}
        self._contactless = contactless
        #: The card, in the slot or beside it: snapshots, faults and state are its own.
        self.card = card

    @property
    def name(self) -> str:
        """The reader's name, as programs find it."""
        return self._slot.name

    @property
    def slot(self) -> Slot:
        """The slot itself."""
        return self._slot

    @property
    def other(self) -> Slot:
        """A second reader, which is empty unless the test puts a card in."""
        return readers.slots()[1]

    @property
    def environment(self) -> Dict[str, str]:
        """Variables for a program that the test starts: it finds this reader."""
        return readers.environment()

    def insert(self, card: Any = None) -> None:
        """Puts a card in: this one, an own one (``sscard.SmartCard``), or the one that was taken out."""
        if isinstance(card, Card):
            self.card = card
        self._slot.insert(card, contactless=self._contactless)

    def eject(self) -> None:
        """Takes the card out."""
        self._slot.eject()

    def reset(self) -> None:
        """Resets the card behind the program's back."""
        self.card.reset()

    def set_faults(self, *faults: str) -> None:
        """These faults in the place of those that are set; none: the card behaves."""
        self.card.clear_faults()
        for fault in faults:
            self.card.set_fault(fault)

    def snapshot(self, name: str = "") -> None:
        """Remembers the card as it is."""
        self._snapshots[name] = self.card.snapshot()

    def restore(self, name: str = "") -> None:
        """Goes back to what was remembered; the reader does not notice."""
        self.card.restore(self._snapshots[name])

    @property
    def exchanges(self) -> List[Dict[str, Any]]:
        """What passed between program and card, as ``sscard trace show --json`` says it; PINs and keys are hidden."""
        return [event for event in self._slot.trace.explain() if event["ev"] == "apdu"]

    def wait_for(self, what: str, **more: Any) -> int:
        """Waits for an ``exchange``, ``power``, ``inserted`` or ``removed``: see ``Slot.wait_for``."""
        return self._slot.wait_for(what, **more)


@pytest.fixture
def bench(request: pytest.FixtureRequest, card: Card) -> Iterator[Bench]:
    """The slot of the first reader, with the card of the fixture ``card`` in it."""
    own, other = readers.slots()[:2]
    contactless = card.interface == "contactless"
    own.clear()
    own.insert(card, contactless=contactless)
    yield Bench(own, card, contactless)
    own.eject()
    other.eject()


@pytest.fixture
def reader(request: pytest.FixtureRequest, bench: Bench) -> Any:
    """pyscard's reader, ``smartcard.pcsc.PCSCReader.PCSCReader``, with the card of the fixture ``card`` in it."""
    if not request.config.getini(_SWITCH):
        raise ReaderUnavailable(f"{_SWITCH} is off: pyscard finds the machine's own readers")
    return readers.pyscard_reader(bench.name)
