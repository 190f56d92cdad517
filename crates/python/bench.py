"""How fast the package is: transmits of one card, and exchanges of pyscard with the reader in this process.

    python crates/python/bench.py [SECONDS]

Figures mean something for a wheel of the release or dist profile: crates/python/wheel FOLDER release.
"""

import sys
import time
from typing import Callable

import sscard
from sscard import readers

READ_RECORD = bytes.fromhex("00B2012C12")


def rate(call: Callable[[], object], seconds: float) -> float:
    """Calls a second: the median of five rounds."""
    rounds = []
    for _ in range(5):
        count = 0
        begun = time.perf_counter()
        end = begun + seconds / 5
        while time.perf_counter() < end:
            for _ in range(100):
                call()
            count += 100
        rounds.append(count / (time.perf_counter() - begun))
    return sorted(rounds)[2]


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 2.0
    card = sscard.Card(profile="gen3", seed=1)
    card.power_on()
    card.select("SSSE").check()
    transmit = card.transmit
    assert transmit(READ_RECORD)[-2:] == b"\x90\x00"
    print(f"transmit, READ RECORD      {rate(lambda: transmit(READ_RECORD), seconds):12,.0f}/s")
    print(f"send, READ RECORD          {rate(lambda: card.send(READ_RECORD), seconds):12,.0f}/s")
    before = card.snapshot()
    print(f"restore                    {rate(lambda: card.restore(before), seconds):12,.0f}/s")
    print(f"clone                      {rate(card.clone, seconds):12,.0f}/s")
    print(f"Card()                     {rate(sscard.Card, seconds):12,.0f}/s")
    print(f"inspect                    {rate(card.inspect, seconds):12,.0f}/s")
    readers.preload()
    readers.slots()[0].insert(card)
    connection = readers.pyscard_reader("sscard 00 00").createConnection()
    connection.connect()
    for command in ("00A404000F7378312E73682EC9E7BBE1B1A3D5CF", "00C000001E"):
        connection.transmit(list(bytes.fromhex(command)))
    command = list(READ_RECORD)
    assert connection.transmit(command)[1:] == (0x90, 0x00)
    print(f"pyscard, READ RECORD       {rate(lambda: connection.transmit(command), seconds):12,.0f}/s")
    from smartcard.scard import SCARD_PROTOCOL_T0, SCardTransmit

    handle, protocol = connection.component.hcard, SCARD_PROTOCOL_T0
    raw = rate(lambda: SCardTransmit(handle, protocol, command), seconds)
    print(f"SCardTransmit, READ RECORD {raw:12,.0f}/s")


if __name__ == "__main__":
    main()
