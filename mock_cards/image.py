"""What a card holds after personalisation: files as arbitrary bytes, passwords, keys, and the chip's manners."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from mock_cards.keys import EcKey, RsaKey
from mock_cards.speed import ChipSpeed
from reader.crypto import CipherSuite, Curve

__all__ = [
    "ActiveKey",
    "CardImage",
    "ChipKey",
    "ChipProfile",
    "ElementaryFile",
    "PaceOption",
    "Passwords",
    "ReadRule",
    "image_from_files",
]

ActiveKey = EcKey | RsaKey


class ReadRule(Enum):
    """Say when a file may be selected and read."""

    ALWAYS = "always"
    SESSION = "after BAC or PACE"
    TERMINAL = "after Terminal Authentication"


@dataclass(frozen=True, slots=True, repr=False)
class ElementaryFile:
    """Hold one transparent EF."""

    fid: int
    sfi: int
    content: bytes
    rule: ReadRule


@dataclass(frozen=True, slots=True)
class PaceOption:
    """Offer PACE with ECDH and generic mapping: object identifier, cipher, curve (ICAO 9303-11 §9.2.1)."""

    oid: str
    suite: CipherSuite
    curve: Curve


@dataclass(frozen=True, slots=True, repr=False)
class ChipKey:
    """Hold a static key of Chip Authentication and its protocol; ``key_id`` None where there is one key only."""

    oid: str
    suite: CipherSuite
    key: EcKey
    key_id: int | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Passwords:
    """Hold what opens the card: the MRZ information with its check digits, and the CAN ("" where there is none)."""

    mrz_information: bytes
    can: str = ""


@dataclass(frozen=True, slots=True)
class ChipProfile:
    """Say how a chip behaves where the standards leave it a choice.

    ``max_command`` and ``max_response`` are bytes of whole APDUs as EF.ATR/INFO states them; without ``extended`` the
    short length fields are all there is. ``active_key`` is "ecdsa" or "rsa". ``speed`` is for
    whoever times the card: the chip itself answers at once.
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
    bac: bool = True
    pace: bool = True
    active_key: str = "ecdsa"
    speed: ChipSpeed | None = None


@dataclass(frozen=True, slots=True, repr=False)
class CardImage:
    """Hold a whole card."""

    profile: ChipProfile
    passwords: Passwords
    master: tuple[ElementaryFile, ...]
    application: tuple[ElementaryFile, ...]
    pace: tuple[PaceOption, ...] = ()
    chip_keys: tuple[ChipKey, ...] = ()
    active_key: ActiveKey | None = None


_MASTER_FILES: dict[str, tuple[int, int]] = {
    "EF.ATR/INFO": (0x2F01, 0x01),
    "EF.CardAccess": (0x011C, 0x1C),
    "EF.CardSecurity": (0x011D, 0x1D),
    "EF.DIR": (0x2F00, 0x1E),
}
_APPLICATION_FILES: dict[str, tuple[int, int]] = {
    "EF.COM": (0x011E, 0x1E),
    "EF.SOD": (0x011D, 0x1D),
    **{f"DG{number}": (0x0100 | number, number) for number in range(1, 17)},
}
_ALWAYS_READABLE = ("EF.ATR/INFO", "EF.CardAccess", "EF.DIR")
_LOCKED = ("DG3", "DG4")


def image_from_files(
    files: Mapping[str, bytes],
    profile: ChipProfile,
    passwords: Passwords,
    *,
    pace: tuple[PaceOption, ...] = (),
    chip_keys: tuple[ChipKey, ...] = (),
    active_key: ActiveKey | None = None,
) -> CardImage:
    """Put files on a card by their names ("EF.COM", "DG1", "EF.CardAccess"…), whatever bytes they hold.

    EF.ATR/INFO and EF.DIR come from the profile where ``files`` has none. DG3 and DG4 are locked behind Terminal
    Authentication. Raise ValueError for a name that no card has.
    """
    unknown = [name for name in files if name not in _MASTER_FILES and name not in _APPLICATION_FILES]
    if unknown:
        raise ValueError(f"no such file: {unknown[0]}")
    own = {"EF.ATR/INFO": profile.atr_info, "EF.DIR": profile.directory}
    master = {**{name: content for name, content in own.items() if content}, **files}
    return CardImage(
        profile,
        passwords,
        tuple(_file(name, *_MASTER_FILES[name], content) for name, content in master.items() if name in _MASTER_FILES),
        tuple(
            _file(name, *_APPLICATION_FILES[name], content)
            for name, content in files.items()
            if name in _APPLICATION_FILES
        ),
        pace,
        chip_keys,
        active_key,
    )


def _file(name: str, fid: int, sfi: int, content: bytes) -> ElementaryFile:
    if name in _ALWAYS_READABLE:
        return ElementaryFile(fid, sfi, content, ReadRule.ALWAYS)
    return ElementaryFile(fid, sfi, content, ReadRule.TERMINAL if name in _LOCKED else ReadRule.SESSION)
