"""Where the files of an eMRTD lie: file identifier, short identifier, tag, application (ICAO 9303-10 §3.11, §4.6)."""

from __future__ import annotations

from enum import Enum

__all__ = ["EMRTD_AID", "Application", "FileId"]

EMRTD_AID = bytes.fromhex("A0000002471001")


class Application(Enum):
    """Name the two places files lie in: the master file, and the eMRTD application with the LDS."""

    MASTER_FILE = "mf"
    EMRTD = "emrtd"


_MF = Application.MASTER_FILE
_LDS = Application.EMRTD


class FileId(Enum):
    """Name one elementary file; each value is (name, file identifier, short identifier, tag, application)."""

    CARD_ACCESS = ("EF.CardAccess", 0x011C, 0x1C, 0x31, _MF)
    CARD_SECURITY = ("EF.CardSecurity", 0x011D, 0x1D, 0x30, _MF)
    ATR_INFO = ("EF.ATR/INFO", 0x2F01, 0x01, None, _MF)
    DIR = ("EF.DIR", 0x2F00, 0x1E, None, _MF)
    COM = ("EF.COM", 0x011E, 0x1E, 0x60, _LDS)
    SOD = ("EF.SOD", 0x011D, 0x1D, 0x77, _LDS)
    DG1 = ("EF.DG1", 0x0101, 0x01, 0x61, _LDS)
    DG2 = ("EF.DG2", 0x0102, 0x02, 0x75, _LDS)
    DG3 = ("EF.DG3", 0x0103, 0x03, 0x63, _LDS)
    DG4 = ("EF.DG4", 0x0104, 0x04, 0x76, _LDS)
    DG5 = ("EF.DG5", 0x0105, 0x05, 0x65, _LDS)
    DG6 = ("EF.DG6", 0x0106, 0x06, 0x66, _LDS)
    DG7 = ("EF.DG7", 0x0107, 0x07, 0x67, _LDS)
    DG8 = ("EF.DG8", 0x0108, 0x08, 0x68, _LDS)
    DG9 = ("EF.DG9", 0x0109, 0x09, 0x69, _LDS)
    DG10 = ("EF.DG10", 0x010A, 0x0A, 0x6A, _LDS)
    DG11 = ("EF.DG11", 0x010B, 0x0B, 0x6B, _LDS)
    DG12 = ("EF.DG12", 0x010C, 0x0C, 0x6C, _LDS)
    DG13 = ("EF.DG13", 0x010D, 0x0D, 0x6D, _LDS)
    DG14 = ("EF.DG14", 0x010E, 0x0E, 0x6E, _LDS)
    DG15 = ("EF.DG15", 0x010F, 0x0F, 0x6F, _LDS)
    DG16 = ("EF.DG16", 0x0110, 0x10, 0x70, _LDS)

    def __init__(self, label: str, fid: int, sfi: int, tag: int | None, application: Application) -> None:
        """Name the fields of a row; ``tag`` is None where a file is several data objects without one around them."""
        self.label = label
        self.fid = fid.to_bytes(2, "big")
        self.sfi = sfi
        self.tag = tag
        self.application = application

    @property
    def data_group(self) -> int | None:
        """Return 1..16 for a data group, None for another file."""
        return self.sfi if self.name.startswith("DG") else None

    @classmethod
    def of_data_group(cls, number: int) -> FileId:
        """Return the file of data group 1..16; raise ValueError for another number."""
        if not 1 <= number <= 16:
            raise ValueError("data groups are 1..16")
        return cls[f"DG{number}"]

    @classmethod
    def of_tag(cls, tag: int) -> FileId | None:
        """Return the LDS file whose data object has ``tag``, as EF.COM lists data groups; None where there is none."""
        return next((file for file in cls if file.tag == tag and file.application is _LDS), None)
