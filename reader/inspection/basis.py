"""On what each check rests when somebody looks at it later, who was not there."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from reader.inspection.checks import CheckId

__all__ = ["BASIS", "Basis"]


class Basis(StrEnum):
    """Tell what a check rests on.

    FILES can be computed anew from the files, TRUST from the files and one's own trust material. TRANSFERABLE is a
    signature of the chip; INSPECTOR what both ends of a channel could have made up (CH-18).
    """

    FILES = "files"
    TRUST = "files-and-trust"
    TRANSFERABLE = "transferable-proof"
    INSPECTOR = "inspectors-word"


BASIS: Mapping[CheckId, Basis] = {
    CheckId.PACE: Basis.INSPECTOR,
    CheckId.BAC: Basis.INSPECTOR,
    CheckId.CARD_ACCESS: Basis.FILES,
    CheckId.SECURE_MESSAGING: Basis.INSPECTOR,
    CheckId.SOD_SIGNATURE: Basis.FILES,
    CheckId.CHAIN: Basis.TRUST,
    CheckId.HASHES: Basis.FILES,
    CheckId.REVOCATION: Basis.TRUST,
    CheckId.CARD_SECURITY: Basis.TRUST,
    CheckId.CHIP_AUTHENTICATION: Basis.INSPECTOR,
    CheckId.ACTIVE_AUTHENTICATION: Basis.TRANSFERABLE,
    CheckId.CHIP_MAPPING: Basis.INSPECTOR,
    CheckId.TERMINAL_AUTHENTICATION: Basis.INSPECTOR,
    CheckId.COM_SOD: Basis.FILES,
    CheckId.STRUCTURE: Basis.FILES,
    CheckId.MRZ_CHECK_DIGITS: Basis.FILES,
    CheckId.KEY_MATCHES_CHIP: Basis.INSPECTOR,
    CheckId.DG1_DG13: Basis.FILES,
    CheckId.ISSUING_STATE: Basis.FILES,
    CheckId.EXPIRY: Basis.FILES,
}
