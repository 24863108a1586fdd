"""What is in a master list and in a deviation list, before it is signed (ICAO 9303-12 §9; 9303-3 §7)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mock_cards import der
from reader.iso7816 import encode

__all__ = [
    "DEVIATION_LIST",
    "DEVIATION_LIST_SIGNER_USE",
    "MASTER_LIST",
    "MASTER_LIST_SIGNER_USE",
    "Deviation",
    "make_deviation_list",
    "make_master_list",
]

MASTER_LIST = "2.23.136.1.1.2"
MASTER_LIST_SIGNER_USE = "2.23.136.1.1.3"
DEVIATION_LIST = "2.23.136.1.1.7"
DEVIATION_LIST_SIGNER_USE = "2.23.136.1.1.8"


@dataclass(frozen=True, slots=True)
class Deviation:
    """Say of which documents what is known to be wrong.

    The documents are named by their signer's key identifier. ``kind`` is the last arcs of the deviation's type
    ("2.1": a malformed data group), ``parameter`` an encoded value of the type that ``kind`` wants.
    """

    document_type: str
    signer_key_id: bytes
    kind: str
    text: str
    parameter: bytes = b""

    def encoded(self) -> bytes:
        """Encode one Deviation; the module has implicit tags."""
        documents = der.sequence(
            der.implicit(0, self.document_type.encode("ascii")) if self.document_type else b"",
            der.implicit(2, self.signer_key_id),
        )
        description = der.sequence(
            der.printable(self.text),
            der.object_identifier(f"{DEVIATION_LIST}.{self.kind}"),
            der.explicit(0, self.parameter) if self.parameter else b"",
        )
        return der.sequence(documents, der.set_of(description))


def make_master_list(certificates: Iterable[bytes]) -> bytes:
    """Encode CscaMasterList version 0 (ICAO 9303-12 §9.2)."""
    return der.sequence(der.integer(0), encode(0x31, b"".join(sorted(certificates))))


def make_deviation_list(deviations: Iterable[Deviation]) -> bytes:
    """Encode DeviationList version 0 (ICAO 9303-3 §7.3)."""
    return der.sequence(der.integer(0), der.set_of(*(deviation.encoded() for deviation in deviations)))
