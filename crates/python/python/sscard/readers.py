"""Readers of this process, for pyscard in it and for programs that it starts.

pyscard and other programs find the library ``libsscard_pcsc.so`` in the place of ``libpcsclite.so.1``, and this library
finds the readers by the socket that ``SSCARD_PCSC_SOCKET`` names.
"""

from __future__ import annotations

import atexit
import ctypes
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any, Dict, List, Optional

from sscard._sscard import Readers, Slot
from sscard.exceptions import ReaderUnavailable

__all__ = ["environment", "library", "preload", "pyscard_reader", "slots"]

#: How many readers there are.
SLOTS = 2

_SOCKET = "SSCARD_PCSC_SOCKET"
_PYSCARD = "smartcard.scard._scard"

_readers: Optional[Readers] = None
_folder: Optional[str] = None
_owner: Optional[int] = None
_loaded: Optional[ctypes.CDLL] = None
_too_late = False


def library() -> Path:
    """The library that stands in the place of ``libpcsclite.so.1``: where ``SSCARD_PCSC_LIBRARY`` says, else the package's own."""
    named = os.environ.get("SSCARD_PCSC_LIBRARY")
    path = Path(named) if named else Path(__file__).with_name("libsscard_pcsc.so")
    if path.is_file():
        return path
    where = "where SSCARD_PCSC_LIBRARY says" if named else "in this package: set SSCARD_PCSC_LIBRARY to its path"
    raise ReaderUnavailable(f"{path}: there is no libsscard_pcsc.so {where}")


def preload() -> None:
    """Loads the library, so that pyscard finds it when it is imported, and begins the service. To be called before ``smartcard`` is imported."""
    global _loaded, _too_late
    if _loaded is None:
        _too_late = _PYSCARD in sys.modules
        _loaded = ctypes.CDLL(str(library()), mode=ctypes.RTLD_GLOBAL)
    slots()


def slots() -> List[Slot]:
    """The slots of the readers, which are there from now on until the process ends."""
    global _readers, _folder, _owner
    if _readers is None or _owner != os.getpid():
        # A process that was forked off has readers of its own: threads are not forked.
        _folder = tempfile.mkdtemp(prefix="sscard-")
        _owner = os.getpid()
        _readers = Readers(os.path.join(_folder, "pcsc"), SLOTS)
        os.environ[_SOCKET] = _readers.socket
        atexit.register(_end, _readers, _folder, _owner)
    return _readers.slots


def _end(readers: Readers, folder: str, owner: int) -> None:
    if owner == os.getpid():
        readers.close()
        shutil.rmtree(folder, ignore_errors=True)


def environment() -> Dict[str, str]:
    """Variables for a program that is started: it finds the readers of this process, whatever it is written in."""
    slots()
    assert _readers is not None
    preloaded = [str(library()), *os.environ.get("LD_PRELOAD", "").split()]
    return {**os.environ, _SOCKET: _readers.socket, "LD_PRELOAD": " ".join(dict.fromkeys(preloaded))}


def pyscard_reader(name: str) -> Any:
    """pyscard's own object for the reader of this name."""
    if _loaded is None:
        preload()
    try:
        from smartcard.Exceptions import SmartcardException
        from smartcard.pcsc.PCSCExceptions import BaseSCardException
        from smartcard.System import readers
    except ModuleNotFoundError as error:
        raise ReaderUnavailable("pyscard is not there: pip install pyscard") from error
    try:
        found = {str(reader): reader for reader in readers()}
    except (SmartcardException, BaseSCardException) as error:  # the second is none of the first: no service at all
        found = {}
        seen = str(error)
    else:
        seen = f"it sees {', '.join(found) or 'no reader'}"
    if name in found:
        return found[name]
    why = "smartcard was imported before" if _too_late else "another library of PC/SC was loaded before"
    raise ReaderUnavailable(
        f"pyscard does not see the reader {name!r}: {why} the library was in its place ({seen}): import it later, or run the tests "
        "under `sscard with -- pytest`"
    )
