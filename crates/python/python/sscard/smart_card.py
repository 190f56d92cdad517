"""What a card of one's own has to be, to be served as one of ours."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

__all__ = ["SmartCard"]


@runtime_checkable
class SmartCard(Protocol):
    """Whatever takes power and commands as a card does.

    An object with these methods can be put into a reader (:meth:`Slot.insert`) or into pcscd's virtual one
    (:func:`sscard.serve`). ``reset`` may be left out: then the power goes and comes. ``transmit`` raises
    :class:`sscard.CardRemoved` for a card without power, or :class:`sscard.Mute` for one that says nothing; any other
    exception is told to ``sys.unraisablehook``, and the reader gets no answer.
    """

    @property
    def atr(self) -> bytes:
        """The answer to reset, 2 to 33 bytes, whether the card has power or not."""
        ...

    def power_on(self) -> Any:
        """Powers the card."""
        ...

    def power_off(self) -> None:
        """Takes the power away: all that is volatile is gone."""
        ...

    def transmit(self, command: bytes, /) -> bytes:
        """Carries a command out, and gives data and status word."""
        ...
