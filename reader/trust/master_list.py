"""CSCA master lists: the certificates that a State says it trusts, signed by it (ICAO 9303-12 §9).

A list proves who put it together, not that its certificates are right: importing one is an administrator's act, and
afterwards every certificate in it is an anchor like any other. A list that is not signed under a root held here, or is
older than the one held, is refused whole; a certificate in it that cannot be used is refused alone (PA-27).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from reader.errors import DataError
from reader.trust.anchors import AnchorStore
from reader.trust.certificate import MASTER_LIST_SIGNER
from reader.trust.der import children, expect
from reader.trust.signed_list import ListRefused, open_signed_list

__all__ = ["MASTER_LIST", "MasterList", "split_master_list"]

MASTER_LIST = "2.23.136.1.1.2"
MAX_CERTIFICATES = 5_000

_SEQUENCE, _SET = 0x30, 0x31


@dataclass(frozen=True, slots=True, repr=False)
class MasterList:
    """Hold a list that may be believed: which State's it is, when it was signed, its anchors and what was refused."""

    country: str
    signed_at: datetime
    fingerprint: str
    anchors: AnchorStore

    @classmethod
    def read(cls, raw: bytes, roots: AnchorStore, held: datetime | None = None) -> MasterList:
        """Verify and read a list; ``held`` is the signing time of the same State's list that is held already.

        Raise ListRefused where it cannot be believed or is older, DataError where it is malformed.
        """
        opened = open_signed_list(raw, MASTER_LIST, MASTER_LIST_SIGNER, roots)
        if held is not None and opened.signed_at < held:
            raise ListRefused("older-than-held")
        return cls(
            country=opened.anchor.country,
            signed_at=opened.signed_at,
            fingerprint=hashlib.sha256(raw).hexdigest(),
            anchors=AnchorStore.of(split_master_list(opened.content)),
        )

    def __repr__(self) -> str:
        """Show country and size."""
        return f"MasterList({self.country}, {self.anchors})"


def split_master_list(raw: bytes) -> tuple[bytes, ...]:
    """Cut a CscaMasterList into its certificates as they stand; raise DataError where it is malformed.

    Only lengths are followed here: each certificate is scanned when it is read.
    """
    fields = tuple(children(expect(raw, _SEQUENCE).value))
    if len(fields) != 2:
        raise DataError("malformed master list")
    listed = children(expect(fields[1].raw, _SET).value)
    certificates = tuple(found.raw for found in islice(listed, MAX_CERTIFICATES + 1))
    if len(certificates) > MAX_CERTIFICATES:
        raise DataError(f"more than {MAX_CERTIFICATES} certificates")
    return certificates
