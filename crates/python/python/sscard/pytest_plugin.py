"""Fixtures for pytest: ``card``, a fresh powered card for each test."""

from __future__ import annotations

from typing import Any, Dict, List

import pytest

from sscard import Card


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


def _made(wanted: Dict[str, Any]) -> Card:
    """A card without power, as it is wanted."""
    wanted = dict(wanted)
    wanted.pop("contactless", None)
    return Card(**wanted)


@pytest.fixture
def card(request: pytest.FixtureRequest) -> Card:
    """A fresh powered card: gen3 of seed 1, or as ``@pytest.mark.sscard(profile=…, seed=…, contactless=…, faults=[…])`` says."""
    wanted = _wanted(request)
    made = _made(wanted)
    if wanted.get("contactless"):
        made.enter_field()
    else:
        made.power_on()
    return made
