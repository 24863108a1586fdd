"""Access to the chip: passwords, PACE, BAC and the secure channel they open (ICAO 9303-11 §4, §9.8).

In come a link to a card that was just reset and what the clerk knows of it; out goes a ``Channel`` with the protected
link, and a record of how it was opened. This room calls ``reader.iso7816``, ``reader.crypto``, ``reader.files``,
``reader.lds`` and, for the form of a key, ``reader.trust``; who may be trusted is not its business.
"""

from reader.access.bac import establish_bac
from reader.access.channel import AccessProtocol, Channel, PaceFailure, PaceFailureReason, offered_infos, open_channel
from reader.access.chip_mapping import ChipMapping, mapping_key_of, verify_chip_mapping
from reader.access.compression import compress_public_key
from reader.access.keys import mrz_information
from reader.access.oid import encode_oid
from reader.access.pace import ConfirmTries, PaceResult, establish_pace
from reader.access.pace_group import EllipticGroup, Group, MultiplicativeGroup
from reader.access.pace_protocols import (
    Mapping,
    OfferRefusal,
    PaceOffer,
    are_parameters_ambiguous,
    rank_offers,
    refused_offers,
)
from reader.access.password import Can, MrzKey, Password, Pin, Puk
from reader.access.secure_messaging import SecureMessaging, SessionKeys

__all__ = [
    "AccessProtocol",
    "Can",
    "Channel",
    "ChipMapping",
    "ConfirmTries",
    "EllipticGroup",
    "Group",
    "Mapping",
    "MrzKey",
    "MultiplicativeGroup",
    "OfferRefusal",
    "PaceFailure",
    "PaceFailureReason",
    "PaceOffer",
    "PaceResult",
    "Password",
    "Pin",
    "Puk",
    "SecureMessaging",
    "SessionKeys",
    "are_parameters_ambiguous",
    "compress_public_key",
    "encode_oid",
    "establish_bac",
    "establish_pace",
    "mapping_key_of",
    "mrz_information",
    "offered_infos",
    "open_channel",
    "rank_offers",
    "refused_offers",
    "verify_chip_mapping",
]
