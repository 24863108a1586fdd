"""A chip's profile: what it offers, how large its buffers are, and its manners where chips differ.

Profiles are written as TOML files (``mock_cards.chip.profiles``); this is what they become.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from mock_cards.protocols import Domain, Mapping
from mock_cards.speed import ChipSpeed
from reader.crypto import CipherSuite, Curve

__all__ = [
    "ActiveKeySpec",
    "ChipKeySpec",
    "ChipProfile",
    "LongRead",
    "Manners",
    "PaceOption",
    "PastEnd",
    "Tag84",
]


@dataclass(frozen=True, slots=True)
class PaceOption:
    """Offer PACE: object identifier, cipher, standardised domain parameters, mapping (ICAO 9303-11 §9.2.1)."""

    oid: str
    suite: CipherSuite
    domain: Domain
    mapping: Mapping = Mapping.GENERIC


@dataclass(frozen=True, slots=True)
class ChipKeySpec:
    """Ask the issuer for a key of Chip Authentication.

    Without ``with_info`` DG14 tells the key and not the protocol; ``x942`` encodes a DH key against the standard.
    """

    suite: CipherSuite
    domain: Domain
    key_id: int | None = None
    with_info: bool = True
    x942: bool = False


@dataclass(frozen=True, slots=True)
class ActiveKeySpec:
    """Ask the issuer for a key of Active Authentication, and say how the chip signs with it.

    ``kind`` is a curve, or the bits of an RSA modulus. ``explicit_trailer`` takes trailer option 2 for SHA-1 too (33CC
    where BC is right); ``der`` answers an ECDSA signature in DER, which the standard does not have.
    """

    kind: Curve | int
    hash_name: str = "sha256"
    explicit_trailer: bool = False
    der: bool = False


class LongRead(Enum):
    """Say what a chip answers to a READ BINARY of more than its longest."""

    SHORTEN = "shorten"
    WRONG_LENGTH = "6700"
    EXACT_LENGTH = "6Cxx"
    NAKED = "naked-6700"


class PastEnd(Enum):
    """Say what a chip answers to a length beyond the end of the file."""

    WARNING = "6282"
    OK = "9000"
    EXACT_LENGTH = "6Cxx"
    UNPADDED = "6282-unpadded"


class Tag84(Enum):
    """Say how a chip takes object 84 of PACE's MSE:Set AT: as the standard has it, never, or always wanted."""

    IF_AMBIGUOUS = "if-ambiguous"
    REFUSED = "refused"
    REQUIRED = "required"


@dataclass(frozen=True, slots=True)
class Manners:
    """Hold how a chip behaves where chips differ, by fault or by choice; the defaults are the standard's.

    ``longest_read`` is in bytes, 0 for none. A status word of 0 means that nothing is refused.
    """

    sfi: bool = True
    odd_read: bool = True
    longest_read: int = 0
    long_read: LongRead = LongRead.SHORTEN
    past_end: PastEnd = PastEnd.WARNING
    get_response: bool = False
    command_chaining: bool = False
    directory_open: bool = True
    tag_84: Tag84 = Tag84.IF_AMBIGUOUS
    tag_84_missing: int = 0x6A80
    set_kat: bool = True
    set_at_for_3des: bool = True
    chip_authentication_refused: int = 0
    chip_authentication_again: int = 0
    active_authentication_refused: int = 0
    active_answer_cut: bool = False
    active_answer_empty: bool = False


@dataclass(frozen=True, slots=True)
class ChipProfile:
    """Say what a chip offers and how it behaves.

    ``max_command`` and ``max_response`` are bytes of whole APDUs as EF.ATR/INFO states them; without ``extended`` the
    short length fields are all there is. ``applications`` are names of applications beside the eMRTD's that can be
    selected and hold no file. ``speed`` is for whoever times the card: the chip itself answers at once.
    """

    name: str
    about: str
    atr: bytes
    select_mf: bool = False
    extended: bool = False
    max_command: int = 261
    max_response: int = 258
    atr_info: bytes = b""
    directory: bytes = b""
    applications: tuple[bytes, ...] = ()
    emrtd: bool = True
    bac: bool = True
    pace: tuple[PaceOption, ...] = ()
    chip_keys: tuple[ChipKeySpec, ...] = ()
    active_key: ActiveKeySpec | None = None
    terminal_authentication: bool = False
    fingerprints: bool = False
    irises: bool = False
    card_security: bool = False
    pin: str = ""
    puk: str = ""
    can_tries: int = 0
    pin_tries: int = 3
    puk_tries: int = 10
    manners: Manners = Manners()
    speed: ChipSpeed | None = None
