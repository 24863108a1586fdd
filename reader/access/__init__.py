"""Access to the chip: passwords, PACE, BAC and the secure channel they open (ICAO 9303-11 §4, §9.8).

In come a link to a card that was just reset and what the clerk knows of it; out goes a ``Channel`` with the protected
link, and a record of how it was opened. This room calls ``reader.iso7816``, ``reader.crypto``, ``reader.files`` and
``reader.lds``; who may be trusted is not its business.
"""

from reader.access.bac import establish_bac
from reader.access.channel import AccessProtocol, Channel, PaceFailure, PaceFailureReason, open_channel
from reader.access.keys import mrz_information
from reader.access.oid import encode_oid
from reader.access.pace import PaceResult, establish_pace
from reader.access.pace_protocols import Mapping, PaceOffer, are_parameters_ambiguous, rank_offers
from reader.access.password import Can, MrzKey, Password
from reader.access.secure_messaging import SecureMessaging, SessionKeys

__all__ = [
    "AccessProtocol",
    "Can",
    "Channel",
    "Mapping",
    "MrzKey",
    "PaceFailure",
    "PaceFailureReason",
    "PaceOffer",
    "PaceResult",
    "Password",
    "SecureMessaging",
    "SessionKeys",
    "are_parameters_ambiguous",
    "encode_oid",
    "establish_bac",
    "establish_pace",
    "mrz_information",
    "open_channel",
    "rank_offers",
]
