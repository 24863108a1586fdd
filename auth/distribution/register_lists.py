"""The revocation lists of the authorities under which registers' TLS certificates stand, distributed with the trust.

{"format": "motcua-register-lists-1", "register": "population", "lists": [base64 of DER …]}

They count beside those of a desk's settings, the newest of each authority's. Who signed a list is judged when a
connection is made, by the anchors of the register's endpoint, which are not part of the store.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from auth.distribution.canonical import parse_json
from auth.distribution.plain_kinds import MAX_PLAIN, REGISTER_LISTS_FORMAT
from auth.distribution.register_keys import register_name
from auth.wire.endpoint import RegisterEndpoint
from auth.wire.revocation import (
    MAX_LISTS,
    BadRevocationList,
    JoinedLists,
    RevocationSource,
    validity_of,
)
from reader.errors import DataError, MotCuaError

__all__ = ["RegisterLists", "StoreLists", "parse_register_lists", "with_distributed_lists"]


@dataclass(frozen=True, slots=True, repr=False)
class RegisterLists:
    """Hold a register's name and the lists for it, DER."""

    register: str
    lists: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class StoreLists:
    """Give the lists that the store holds for one register now; ``files`` are the store's, by register."""

    register: str
    files: Callable[[], Mapping[str, bytes]] = field(compare=False)

    def lists(self) -> tuple[bytes, ...]:
        """Return them, none where the store holds none; raise BadRevocationList for a store that is not whole."""
        try:
            file = self.files().get(self.register)
            return parse_register_lists(file).lists if file is not None else ()
        except MotCuaError:
            # Whether there is a list is not known, so nobody may be called as if there were none.
            raise BadRevocationList("crl-store-unusable") from None


def parse_register_lists(raw: bytes) -> RegisterLists:
    """Return the lists that a file tells, each of which was read; raise DataError."""
    said = parse_json(raw, MAX_PLAIN)
    if set(said) != {"format", "register", "lists"} or said["format"] != REGISTER_LISTS_FORMAT:
        raise DataError("malformed lists of a register")
    told = said["lists"]
    if not isinstance(told, list) or not 0 < len(told) <= MAX_LISTS:
        raise DataError("malformed lists of a register")
    try:
        lists = tuple(base64.b64decode(text, validate=True) for text in told)
        validity_of(lists)
    except (binascii.Error, TypeError, ValueError, BadRevocationList):
        raise DataError("malformed lists of a register") from None
    return RegisterLists(register_name(said["register"]), lists)


def with_distributed_lists(
    endpoints: Iterable[RegisterEndpoint], files: Callable[[], Mapping[str, bytes]]
) -> tuple[RegisterEndpoint, ...]:
    """Return the endpoints such that the lists of the store count too, as it is at each connection."""
    return tuple(replace(endpoint, tls_revocation=_joined(endpoint, files)) for endpoint in endpoints)


def _joined(endpoint: RegisterEndpoint, files: Callable[[], Mapping[str, bytes]]) -> RevocationSource:
    stored = StoreLists(endpoint.register, files)
    return stored if endpoint.tls_revocation is None else JoinedLists((endpoint.tls_revocation, stored))
