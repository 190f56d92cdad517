"""What can go wrong, each with the library's own words."""

from __future__ import annotations

from typing import Any, Dict, List, Optional

from sscard._sscard import Response

__all__ = [
    "CardInUse",
    "CardRemoved",
    "CardReset",
    "Error",
    "InvalidChange",
    "InvalidCommand",
    "InvalidFault",
    "InvalidImage",
    "InvalidProfile",
    "InvalidScript",
    "InvalidTrace",
    "Late",
    "Mute",
    "NotKept",
    "PaymentBroken",
    "ProtocolError",
    "ReadFailed",
    "ReaderUnavailable",
    "StatusError",
    "TransportError",
    "UnknownTag",
]


class Error(Exception):
    """Whatever this package raises of its own."""

    #: Of a payment that broke off: what was exchanged until then, as ``sscard pay --json`` says it.
    document: Optional[Dict[str, Any]] = None


class TransportError(Error):
    """There was no answer."""


class CardRemoved(TransportError):
    """The card is gone, or has no power."""


class CardReset(TransportError):
    """Somebody reset the card: what it had proved is gone."""


class Mute(TransportError, TimeoutError):
    """No answer in time."""


class ProtocolError(TransportError):
    """What came back is no response."""


class NotKept(TransportError):
    """What the command changed could not be kept in the card's file, so it is not answered."""


class InvalidCommand(Error, ValueError):
    """The command is none, and was not sent."""


class StatusError(Error):
    """The card answered with another status word than 9000."""

    def __init__(self, message: str, response: Response) -> None:
        super().__init__(message, response)
        self.message = message
        #: The answer.
        self.response = response

    def __str__(self) -> str:
        return self.message

    @property
    def sw(self) -> int:
        """The status word."""
        return self.response.sw


class InvalidChange(Error, ValueError):
    """The card has no such field, or it cannot be so; nothing was changed."""


class InvalidProfile(Error, ValueError):
    """There is no such profile, it is not sound, or no card can be made of it."""


class InvalidImage(Error, ValueError):
    """The bytes are no card's image, or a damaged one."""


class CardInUse(Error):
    """Another program, or another card of this one, keeps its card in this file."""


class InvalidFault(Error, ValueError):
    """The text is no fault."""


class InvalidScript(Error, ValueError):
    """The script cannot be used; nothing was sent."""

    def __init__(self, message: str, errors: Optional[List[str]] = None) -> None:
        super().__init__(message, errors or [])
        self.message = message
        #: What is wrong, each with its place: ``FILE:LINE:COLUMN: …``.
        self.errors = errors or []

    def __str__(self) -> str:
        return self.message


class InvalidTrace(Error, ValueError):
    """The file is no trace, or a line of it is wrong."""


class Late(Error, TimeoutError):
    """What was waited for has not come in time."""


class ReadFailed(Error):
    """The card cannot be read: it is blocked, not genuine, or no social security card."""


class PaymentBroken(Error):
    """The payment broke off; ``document`` says what was exchanged until then."""


class UnknownTag(Error, LookupError):
    """No data element has this tag."""


class ReaderUnavailable(Error):
    """There is no reader for pyscard here; the message says what to do."""
