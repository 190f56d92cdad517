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
    Readers,
    Response,
    Server,
    Slot,
    Snapshot,
    Trace,
    __version__,
    built_in_profiles,
    explain_command,
    explain_status,
    explain_tlv,
    explain_value,
    run_script,
    serve,
)
from sscard.exceptions import (
    CardInUse,
    CardRemoved,
    CardReset,
    Error,
    InvalidChange,
    InvalidCommand,
    InvalidFault,
    InvalidImage,
    InvalidProfile,
    InvalidScript,
    InvalidTrace,
    Late,
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
from sscard.smart_card import SmartCard

__all__ = [
    "Card",
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
    "Profile",
    "ProtocolError",
    "ReadFailed",
    "ReaderUnavailable",
    "Readers",
    "Response",
    "Server",
    "Slot",
    "SmartCard",
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
    "serve",
]
