"""A hospital's reader program, as small as it gets: number and name of the card in a reader.

usage: hospital_reader.py READER

It stands for yours: docs/ci.md tests it with cards that misbehave. It never waits longer than PATIENCE, follows 61xx and 6Cxx a
bounded number of times, and takes nothing for an answer that does not fit the question.
"""

import sys
import threading
import time

from smartcard.Exceptions import CardConnectionException, NoCardException
from smartcard.scard import (
    SCARD_S_SUCCESS,
    SCARD_SCOPE_USER,
    SCARD_STATE_PRESENT,
    SCARD_STATE_UNAWARE,
    SCardEstablishContext,
    SCardGetStatusChange,
    SCardReleaseContext,
)
from smartcard.System import readers

# Seconds for one command.
PATIENCE = 1.0
# GET RESPONSE and repetitions for one command.
FOLLOWED = 4

SELECT_SSSE = "00A404000F7378312E73682EC9E7BBE1B1A3D5CF"
SELECT_EF05 = "00A4000002EF05"
SELECT_EF06 = "00A4000002EF06"

class ReaderError(Exception):
    """Nothing of this card may be used."""


class NoAnswer(ReaderError):
    """The card did not answer in time."""


class Removed(ReaderError):
    """The card went, or another program reset it: begin anew."""


class Unusable(ReaderError):
    """The card's answers make no sense."""


def card_is_there(name):
    """Whether PC/SC sees a card in a reader, whether it answers or not."""
    code, context = SCardEstablishContext(SCARD_SCOPE_USER)
    if code != SCARD_S_SUCCESS:
        return False
    _, [(_, state, _)] = SCardGetStatusChange(context, 0, [(name, SCARD_STATE_UNAWARE)])
    SCardReleaseContext(context)
    return bool(state & SCARD_STATE_PRESENT)


class Reader:
    def __init__(self, name):
        self.name = name
        found = [reader for reader in readers() if str(reader) == name]
        if not found:
            raise Removed(f"there is no reader {name}")
        self.connection = found[0].createConnection()
        try:
            self.connection.connect()
        except (NoCardException, CardConnectionException) as error:
            raise Removed(f"no card: {error}") from error

    def close(self):
        # A card that is mute holds up whoever says good-bye, too.
        thread = threading.Thread(target=self.connection.disconnect, daemon=True)
        thread.start()
        thread.join(PATIENCE)

    def _transmit(self, command):
        """One exchange, with an end: SCardTransmit itself has none."""
        outcome = []

        def work():
            try:
                outcome.append(self.connection.transmit(command))
            except Exception as error:  # it is handed on
                outcome.append(error)

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        thread.join(PATIENCE)
        if not outcome:
            raise NoAnswer(f"no answer within {PATIENCE} s")
        (outcome,) = outcome
        if isinstance(outcome, Exception):
            # The codes differ from driver to driver, and from day to day: what counts is whether a card is there.
            end = time.monotonic() + PATIENCE
            while time.monotonic() < end:
                if not card_is_there(self.name):
                    raise Removed(str(outcome)) from outcome
                time.sleep(0.05)
            raise NoAnswer(str(outcome)) from outcome
        data, sw1, sw2 = outcome
        return bytes(data), sw1, sw2

    def send(self, text):
        """The data of an answer that ends in 9000."""
        command = list(bytes.fromhex(text))
        whole = b""
        for _ in range(FOLLOWED):
            data, sw1, sw2 = self._transmit(command)
            whole += data
            if sw1 == 0x61:
                command = [0x00, 0xC0, 0x00, 0x00, sw2]
            elif sw1 == 0x6C:
                command = command[:4] + [sw2]
            elif (sw1, sw2) == (0x90, 0x00):
                return whole
            else:
                raise Unusable(f"{text[:8]}: {sw1:02X}{sw2:02X}")
        raise Unusable(f"{text[:8]}: the card announces more without end")

    def item(self, tag):
        """The value of an item: tag and length have to be the ones that were asked for."""
        answer = self.send(f"00B2{tag:02X}0000")
        if len(answer) < 2 or answer[0] != tag or answer[1] != len(answer) - 2:
            raise Unusable(f"item {tag:02X} is not what was asked for: {answer.hex().upper()}")
        return answer[2:]

    def read(self):
        """Card number and name, or a ReaderError."""
        self.send(SELECT_SSSE)
        self.send(SELECT_EF05)
        number = self.item(0x07)
        if not number.isascii() or not number.decode("ascii").isalnum():
            raise Unusable(f"no card number: {number.hex().upper()}")
        return {"card_number": number.decode("ascii")}


def main():
    reader = None
    try:
        reader = Reader(sys.argv[1])
        print(reader.read()["card_number"])
        return 0
    except ReaderError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    finally:
        if reader is not None:
            reader.close()


if __name__ == "__main__":
    sys.exit(main())
