"""Whether a register's TLS certificate was revoked: the lists of its private authority (RFC 5280 §5), and their source.

Nobody is asked on the way (OCSP): a register's authority is small, its list is short, and a desk that asked would tell
a third party whom it is about to call. So the lists come as files or with the trust, and where there are any, all of
the chain must be covered by them: a missing, expired or foreign list ends the connection. Otherwise whoever stole a
server's key would only have to keep the newer list away from a desk.
"""

from __future__ import annotations

import base64
import binascii
import re
import ssl
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from auth.wire.validity import Validity
from reader.bounded_file import read_bounded_file
from reader.errors import DataError

# For annotations only: an endpoint without lists does not wait for what reads them.
if TYPE_CHECKING:
    from reader.trust.crl import RevocationList

__all__ = [
    "MAX_LISTS",
    "MAX_LIST_BYTES",
    "BadRevocationList",
    "FileLists",
    "HeldLists",
    "JoinedLists",
    "RevocationSource",
    "check_against",
    "cut_lists",
    "validity_of",
]

MAX_LIST_BYTES = 1 << 20
MAX_LISTS = 20
_MAX_FILE = 4 << 20
_PEM_BLOCK = re.compile(rb"-----BEGIN X509 CRL-----([A-Za-z0-9+/=\s]*)-----END X509 CRL-----")


class BadRevocationList(Exception):
    """Say that a list cannot be used; ``why`` is a stable string."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class RevocationSource(Protocol):
    """Give the lists as they are now: they change every few days, under a desk that stays open."""

    def lists(self) -> tuple[bytes, ...]:
        """Return the lists, DER, none where nothing is to be checked; raise BadRevocationList."""
        ...


@dataclass(frozen=True, slots=True)
class HeldLists:
    """Give lists that are here already."""

    ders: tuple[bytes, ...]

    def lists(self) -> tuple[bytes, ...]:
        """Return them."""
        return self.ders


@dataclass(frozen=True, slots=True)
class FileLists:
    """Read lists out of files, PEM or DER, anew each time, so that whoever fetches them has nothing to restart."""

    files: tuple[Path, ...]

    def lists(self) -> tuple[bytes, ...]:
        """Return the lists of all files; raise BadRevocationList for a file that is missing, too large or none."""
        found: list[bytes] = []
        for file in self.files:
            try:
                found += cut_lists(read_bounded_file(file, _MAX_FILE))
            except DataError:
                raise BadRevocationList("crl-malformed") from None
        return tuple(found)


@dataclass(frozen=True, slots=True)
class JoinedLists:
    """Join the lists of several sources: of one authority's lists the newest counts, wherever it came from."""

    sources: tuple[RevocationSource, ...]

    def lists(self) -> tuple[bytes, ...]:
        """Return all lists; raise BadRevocationList."""
        return tuple(raw for source in self.sources for raw in source.lists())


def cut_lists(raw: bytes) -> tuple[bytes, ...]:
    """Return the lists of a file, DER: those of its PEM blocks, or the whole of it; raise DataError for none."""
    if b"-----BEGIN" not in raw:
        return (raw,)
    try:
        found = tuple(base64.b64decode(b"".join(block.split()), validate=True) for block in _PEM_BLOCK.findall(raw))
    except binascii.Error:
        raise DataError("malformed PEM") from None
    if not 0 < len(found) <= MAX_LISTS:
        raise DataError("no revocation list, or too many")
    return found


def check_against(context: ssl.SSLContext, lists: Sequence[bytes]) -> None:
    """Have ``context`` refuse whatever certificate of a chain is revoked, or not covered by a current list.

    Whether a list was signed by its authority, is in its time and names the certificate is judged by OpenSSL in the
    handshake. Raise BadRevocationList for what is no list, or too large.
    """
    if not lists:
        return
    distinct = tuple(dict.fromkeys(lists))
    if len(distinct) > MAX_LISTS:
        raise BadRevocationList("crl-malformed")
    for raw in distinct:
        _scan(raw)
    try:
        # The ssl module takes lists from PEM files only; this one lives for the one call, and says nothing secret.
        with tempfile.TemporaryDirectory(prefix="motcua-tls-") as folder:
            file = Path(folder) / "lists.pem"
            file.write_bytes(b"".join(map(_pem, distinct)))
            context.load_verify_locations(cafile=file)
    except (ssl.SSLError, OSError):
        raise BadRevocationList("crl-not-loaded") from None
    if context.cert_store_stats()["crl"] != len(distinct):
        raise BadRevocationList("crl-not-loaded")
    # All of the chain: an authority in the middle that was revoked vouches for nobody.
    context.verify_flags |= ssl.VERIFY_CRL_CHECK_CHAIN


def validity_of(lists: Iterable[bytes]) -> Validity | None:
    """Return from when to when the newest lists of all authorities are valid together, None for no list.

    Raise BadRevocationList for what is no list.
    """
    newest = _newest(lists)
    if not newest:
        return None
    begins = max(found.this_update for found in newest)
    return Validity(begins.timestamp(), min(found.next_update for found in newest).timestamp())


def _newest(lists: Iterable[bytes]) -> tuple[RevocationList, ...]:
    """Return the newest list of each authority."""
    newest: dict[bytes, RevocationList] = {}
    for found in map(_scan, lists):
        before = newest.get(found.issuer.folded)
        if before is None or before.this_update < found.this_update:
            newest[found.issuer.folded] = found
    return tuple(newest.values())


def _scan(raw: bytes) -> RevocationList:
    """Read a list by our own bounded parser, before OpenSSL sees it."""
    from reader.trust.crl import RevocationList

    if len(raw) > MAX_LIST_BYTES:
        raise BadRevocationList("crl-too-large")
    try:
        return RevocationList.parse(raw)
    except DataError:
        raise BadRevocationList("crl-malformed") from None


def _pem(der: bytes) -> bytes:
    return b"-----BEGIN X509 CRL-----\n" + base64.encodebytes(der) + b"-----END X509 CRL-----\n"
