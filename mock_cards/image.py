"""What a card holds after personalisation: files as arbitrary bytes, passwords, keys, and trust points."""

from __future__ import annotations

from collections.abc import Mapping as Names
from dataclasses import dataclass
from datetime import date
from enum import Enum, IntEnum, IntFlag

from mock_cards.cv_certificate import TrustPoint
from mock_cards.keys import DhKey, EcKey, RsaKey
from mock_cards.profile import ChipProfile, PaceOption
from mock_cards.protocols import Domain
from reader.crypto import CipherSuite

__all__ = [
    "ActiveKey",
    "CardImage",
    "ChipKey",
    "ChipProfile",
    "ElementaryFile",
    "PaceOption",
    "PasswordKind",
    "Passwords",
    "ReadRule",
    "Right",
    "image_from_files",
]

ActiveKey = EcKey | RsaKey


class ReadRule(Enum):
    """Say when a file may be selected and read."""

    ALWAYS = "always"
    SESSION = "after BAC or PACE"
    PACE = "after PACE"
    TERMINAL = "after Terminal Authentication"


class Right(IntFlag):
    """Name the access rights of an inspection system (ICAO 9303-11 table K-1)."""

    NONE = 0
    FINGERPRINTS = 1
    IRISES = 2


class PasswordKind(IntEnum):
    """Number the passwords as object 83 of MSE:Set AT does (ICAO 9303-11 §4.4.4.1, BSI TR-03110-3 B.1)."""

    MRZ = 1
    CAN = 2
    PIN = 3
    PUK = 4


@dataclass(frozen=True, slots=True, repr=False)
class ElementaryFile:
    """Hold one transparent EF; of rule TERMINAL it takes ``right`` to read it, NONE for one that nobody may."""

    fid: int
    sfi: int
    content: bytes
    rule: ReadRule
    right: Right = Right.NONE


@dataclass(frozen=True, slots=True, repr=False)
class ChipKey:
    """Hold a static key of Chip Authentication and its protocol; ``key_id`` None where there is one key only.

    ``with_info`` and ``x942`` are about what DG14 says of it: whether it names the protocol, and how it encodes DH.
    """

    oid: str
    suite: CipherSuite
    key: EcKey | DhKey
    key_id: int | None = None
    with_info: bool = True
    x942: bool = False

    @property
    def domain(self) -> Domain:
        """Return the group of the key."""
        return self.key.curve if isinstance(self.key, EcKey) else self.key.group


@dataclass(frozen=True, slots=True, repr=False)
class Passwords:
    """Hold what opens the card: the MRZ information with its check digits; CAN, PIN and PUK, "" where there is none.

    A number of tries of 0 means that wrong attempts are not counted.
    """

    mrz_information: bytes
    can: str = ""
    pin: str = ""
    puk: str = ""
    can_tries: int = 0
    pin_tries: int = 3
    puk_tries: int = 10

    def tries(self, kind: PasswordKind) -> int:
        """Return how many wrong attempts block a password, 0 where they are not counted."""
        counted = {PasswordKind.CAN: self.can_tries, PasswordKind.PIN: self.pin_tries, PasswordKind.PUK: self.puk_tries}
        return counted.get(kind, 0)


@dataclass(frozen=True, slots=True, repr=False)
class CardImage:
    """Hold a whole card. ``trust_points`` are of Terminal Authentication, ``personalised`` the chip's first date."""

    profile: ChipProfile
    passwords: Passwords
    master: tuple[ElementaryFile, ...]
    application: tuple[ElementaryFile, ...]
    pace: tuple[PaceOption, ...] = ()
    chip_keys: tuple[ChipKey, ...] = ()
    active_key: ActiveKey | None = None
    trust_points: tuple[TrustPoint, ...] = ()
    personalised: date = date(2021, 1, 1)


_MASTER_FILES: dict[str, tuple[int, int]] = {
    "EF.ATR/INFO": (0x2F01, 0x01),
    "EF.CardAccess": (0x011C, 0x1C),
    "EF.CardSecurity": (0x011D, 0x1D),
    "EF.DIR": (0x2F00, 0x1E),
}
_APPLICATION_FILES: dict[str, tuple[int, int]] = {
    "EF.COM": (0x011E, 0x1E),
    "EF.SOD": (0x011D, 0x1D),
    "EF.CVCA": (0x011C, 0x1C),
    **{f"DG{number}": (0x0100 | number, number) for number in range(1, 17)},
}
_ALWAYS_READABLE = ("EF.ATR/INFO", "EF.CardAccess", "EF.DIR")
_LOCKED = {"DG3": Right.FINGERPRINTS, "DG4": Right.IRISES}


def image_from_files(
    files: Names[str, bytes],
    profile: ChipProfile,
    passwords: Passwords,
    *,
    pace: tuple[PaceOption, ...] = (),
    chip_keys: tuple[ChipKey, ...] = (),
    active_key: ActiveKey | None = None,
    trust_points: tuple[TrustPoint, ...] = (),
    personalised: date = date(2021, 1, 1),
) -> CardImage:
    """Put files on a card by their names ("EF.COM", "DG1", "EF.CardAccess"…), whatever bytes they hold.

    EF.ATR/INFO and EF.DIR come from the profile where ``files`` has none; EF.CVCA is the chip's own. DG3 and DG4 are
    locked behind Terminal Authentication. Raise ValueError for a name that no card has.
    """
    unknown = [name for name in files if name not in _MASTER_FILES and name not in _APPLICATION_FILES]
    if unknown:
        raise ValueError(f"no such file: {unknown[0]}")
    own = {"EF.ATR/INFO": profile.atr_info, "EF.DIR": profile.directory}
    master = {**{name: content for name, content in own.items() if content}, **files}
    return CardImage(
        profile,
        passwords,
        tuple(
            _file(name, *_MASTER_FILES[name], content, profile)
            for name, content in master.items()
            if name in _MASTER_FILES
        ),
        tuple(
            _file(name, *_APPLICATION_FILES[name], content, profile)
            for name, content in files.items()
            if name in _APPLICATION_FILES
        ),
        pace,
        chip_keys,
        active_key,
        trust_points,
        personalised,
    )


def _file(name: str, fid: int, sfi: int, content: bytes, profile: ChipProfile) -> ElementaryFile:
    if name in _LOCKED:
        return ElementaryFile(fid, sfi, content, ReadRule.TERMINAL, _LOCKED[name])
    if name == "EF.CardSecurity":
        return ElementaryFile(fid, sfi, content, ReadRule.PACE)
    hidden = name == "EF.DIR" and not profile.manners.directory_open
    always = name in _ALWAYS_READABLE and not hidden
    return ElementaryFile(fid, sfi, content, ReadRule.ALWAYS if always else ReadRule.SESSION)
