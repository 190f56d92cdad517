"""Plays pcscd's virtual reader (vpcd): a program that speaks to a card of `sscard serve --port`, or of `sscard.serve`, without a daemon.

A message is its length in two bytes and a body. One byte is control: 0 power off, 1 power on, 2 reset, 4 the answer to reset is
wanted, which is the one control message that is answered. Anything longer is a command, and is answered.
"""

from __future__ import annotations

import socket
import struct

OFF, ON, RESET, ATR = b"\x00", b"\x01", b"\x02", b"\x04"


class Driver:
    """Listens where a driver would, and speaks to the card that connects."""

    def __init__(self, port: int = 0) -> None:
        self.listener = socket.create_server(("127.0.0.1", port))
        self.port: int = self.listener.getsockname()[1]

    def accept(self, timeout: float = 10.0) -> None:
        """Waits for the card."""
        self.listener.settimeout(timeout)
        self.card, _ = self.listener.accept()
        self.card.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.stream = self.card.makefile("rb")

    def tell(self, body: bytes) -> None:
        """Sends a message."""
        self.card.sendall(struct.pack(">H", len(body)) + body)

    def ask(self, body: bytes) -> bytes:
        """Sends a message, and takes its answer."""
        self.tell(body)
        (length,) = struct.unpack(">H", self.stream.read(2))
        return self.stream.read(length)

    def close(self) -> None:
        """Takes the reader away: the card's program ends."""
        self.stream.close()
        self.card.close()
        self.listener.close()
