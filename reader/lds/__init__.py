"""The logical data structure: the files of the chip as values (ICAO 9303-10), and what a clerk types or scans.

In come bytes as read from a chip, or text; out go frozen values. A parser judges nothing: it says what stands there,
and raises ``DataError`` (an offset, never content) where nothing can be read. Signatures are judged by
``reader.trust``. This floor calls ``reader.iso7816`` and ``reader.errors``, and nothing above.
"""

from reader.lds.identity import CalendarDate, Identity, Sex
from reader.lds.portrait import Portrait
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

__all__ = [
    "ActiveAuthenticationInfo",
    "CalendarDate",
    "ChipAuthenticationInfo",
    "ChipAuthenticationPublicKey",
    "Identity",
    "PaceInfo",
    "Portrait",
    "SecurityInfos",
    "Sex",
    "StructureDefect",
    "TerminalAuthenticationInfo",
    "parse_dg14",
    "parse_security_infos",
]
