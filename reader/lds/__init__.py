"""The logical data structure: the files of the chip as values (ICAO 9303-10), and what a clerk types or scans.

In come bytes as read from a chip, or text; out go frozen values. A parser judges nothing: it says what stands there,
and raises ``DataError`` (an offset, never content) where nothing can be read. Signatures are judged by
``reader.trust``. This floor calls ``reader.iso7816``, ``reader.files`` and ``reader.errors``.

The names below are looked up when they are first used: a window that shows a date must not wait for every parser.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reader.lds.biometric_image import BiometricImage, BiometricImageKind, BiometricPosition
    from reader.lds.card_security import CardSecurity, parse_card_security
    from reader.lds.com import Com, parse_com
    from reader.lds.dg1 import parse_dg1
    from reader.lds.dg2 import Dg2, parse_dg2
    from reader.lds.dg3 import Dg3, parse_dg3
    from reader.lds.dg4 import Dg4, parse_dg4
    from reader.lds.dg5 import Dg5, parse_dg5
    from reader.lds.dg7 import Dg7, parse_dg7
    from reader.lds.dg11 import Dg11, parse_dg11
    from reader.lds.dg12 import Dg12, parse_dg12
    from reader.lds.dg13 import Dg13, FieldDefect, parse_dg13
    from reader.lds.dg15 import Dg15, parse_dg15
    from reader.lds.dg16 import Dg16, PersonToNotify, parse_dg16
    from reader.lds.directory import CardApplication, Directory, parse_directory
    from reader.lds.displayed_image import DisplayedImage
    from reader.lds.face import FaceImage, ImageKind
    from reader.lds.identity import CalendarDate, Identity, Sex
    from reader.lds.identity_of import identity_of
    from reader.lds.key_input import KeyInput, KeyInputKind, mrz_key_of, parse_key_input
    from reader.lds.land_qr import LAND_QR_SCANNED, LandQr, parse_land_qr
    from reader.lds.mrz import CheckDigit, Mrz, MrzField, MrzFormat, MrzKeyFields, check_digit, mrz_key, parse_mrz
    from reader.lds.mrz_names import mrz_name_agrees, mrz_spelling
    from reader.lds.open_group import OpenGroup, parse_open_group
    from reader.lds.other_group import OtherGroup, parse_other_group
    from reader.lds.portrait import Portrait
    from reader.lds.portrait_decoder import decode_portrait
    from reader.lds.qr import CardQr, parse_card_qr
    from reader.lds.safe_text import SafeText, TextFinding, make_safe
    from reader.lds.security_infos import (
        ActiveAuthenticationInfo,
        ChipAuthenticationInfo,
        ChipAuthenticationPublicKey,
        PaceInfo,
        SecurityInfos,
        StructureDefect,
        TerminalAuthenticationInfo,
        parse_dg14,
        parse_security_infos,
    )
    from reader.lds.sod import LdsSecurityObject, cms_of_sod, parse_lds_security_object

__all__ = [
    "LAND_QR_SCANNED",
    "ActiveAuthenticationInfo",
    "BiometricImage",
    "BiometricImageKind",
    "BiometricPosition",
    "CalendarDate",
    "CardApplication",
    "CardQr",
    "CardSecurity",
    "CheckDigit",
    "ChipAuthenticationInfo",
    "ChipAuthenticationPublicKey",
    "Com",
    "Dg2",
    "Dg3",
    "Dg4",
    "Dg5",
    "Dg7",
    "Dg11",
    "Dg12",
    "Dg13",
    "Dg15",
    "Dg16",
    "Directory",
    "DisplayedImage",
    "FaceImage",
    "FieldDefect",
    "Identity",
    "ImageKind",
    "KeyInput",
    "KeyInputKind",
    "LandQr",
    "LdsSecurityObject",
    "Mrz",
    "MrzField",
    "MrzFormat",
    "MrzKeyFields",
    "OpenGroup",
    "OtherGroup",
    "PaceInfo",
    "PersonToNotify",
    "Portrait",
    "SafeText",
    "SecurityInfos",
    "Sex",
    "StructureDefect",
    "TerminalAuthenticationInfo",
    "TextFinding",
    "check_digit",
    "cms_of_sod",
    "decode_portrait",
    "identity_of",
    "make_safe",
    "mrz_key",
    "mrz_key_of",
    "mrz_name_agrees",
    "mrz_spelling",
    "parse_card_qr",
    "parse_card_security",
    "parse_com",
    "parse_dg1",
    "parse_dg2",
    "parse_dg3",
    "parse_dg4",
    "parse_dg5",
    "parse_dg7",
    "parse_dg11",
    "parse_dg12",
    "parse_dg13",
    "parse_dg14",
    "parse_dg15",
    "parse_dg16",
    "parse_directory",
    "parse_key_input",
    "parse_land_qr",
    "parse_lds_security_object",
    "parse_mrz",
    "parse_open_group",
    "parse_other_group",
    "parse_security_infos",
]

_ROOMS = {
    "biometric_image": "BiometricImage BiometricImageKind BiometricPosition",
    "card_security": "CardSecurity parse_card_security",
    "com": "Com parse_com",
    "dg1": "parse_dg1",
    "dg2": "Dg2 parse_dg2",
    "dg3": "Dg3 parse_dg3",
    "dg4": "Dg4 parse_dg4",
    "dg5": "Dg5 parse_dg5",
    "dg7": "Dg7 parse_dg7",
    "dg11": "Dg11 parse_dg11",
    "dg12": "Dg12 parse_dg12",
    "dg13": "Dg13 FieldDefect parse_dg13",
    "dg15": "Dg15 parse_dg15",
    "dg16": "Dg16 PersonToNotify parse_dg16",
    "directory": "CardApplication Directory parse_directory",
    "displayed_image": "DisplayedImage",
    "face": "FaceImage ImageKind",
    "identity": "CalendarDate Identity Sex",
    "identity_of": "identity_of",
    "key_input": "KeyInput KeyInputKind mrz_key_of parse_key_input",
    "land_qr": "LAND_QR_SCANNED LandQr parse_land_qr",
    "mrz": "CheckDigit Mrz MrzField MrzFormat MrzKeyFields check_digit mrz_key parse_mrz",
    "mrz_names": "mrz_name_agrees mrz_spelling",
    "open_group": "OpenGroup parse_open_group",
    "other_group": "OtherGroup parse_other_group",
    "portrait": "Portrait",
    "portrait_decoder": "decode_portrait",
    "qr": "CardQr parse_card_qr",
    "safe_text": "SafeText TextFinding make_safe",
    "security_infos": "ActiveAuthenticationInfo ChipAuthenticationInfo ChipAuthenticationPublicKey PaceInfo"
    " SecurityInfos StructureDefect TerminalAuthenticationInfo parse_dg14 parse_security_infos",
    "sod": "LdsSecurityObject cms_of_sod parse_lds_security_object",
}
_HOMES = {name: room for room, names in _ROOMS.items() for name in names.split()}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found: object = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = found
    return found
