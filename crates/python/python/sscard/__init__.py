"""A simulated Chinese social security card (社会保障卡): a card, a reader for pyscard, payments, faults, scripts, traces.

>>> import sscard
>>> card = sscard.Card(profile="gen3", seed=1)
>>> atr = card.power_on()
>>> card.select("SSSE").ok
True
>>> card.verify("111111").tries_left
5
"""

from sscard._sscard import (
    Card,
    Profile,
    Response,
    Snapshot,
    Trace,
    __version__,
    built_in_profiles,
    explain_command,
    explain_status,
    explain_tlv,
    explain_value,
    run_script,
)
from sscard.exceptions import (
    CardInUse,
    CardRemoved,
    CardReset,
    Error,
    InvalidCommand,
    InvalidFault,
    InvalidImage,
    InvalidProfile,
    InvalidScript,
    InvalidTrace,
    Mute,
    NotKept,
    PaymentBroken,
    ProtocolError,
    ReadFailed,
    ReaderUnavailable,
    StatusError,
    TransportError,
    UnknownTag,
)

__all__ = [
    "Card",
    "CardInUse",
    "CardRemoved",
    "CardReset",
    "Error",
    "InvalidCommand",
    "InvalidFault",
    "InvalidImage",
    "InvalidProfile",
    "InvalidScript",
    "InvalidTrace",
    "Mute",
    "NotKept",
    "PaymentBroken",
    "Profile",
    "ProtocolError",
    "ReadFailed",
    "ReaderUnavailable",
    "Response",
    "Snapshot",
    "StatusError",
    "Trace",
    "TransportError",
    "UnknownTag",
    "__version__",
    "built_in_profiles",
    "explain_command",
    "explain_status",
    "explain_tlv",
    "explain_value",
    "run_script",
]
