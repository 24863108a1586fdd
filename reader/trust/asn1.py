"""The border to asn1crypto: whatever it raises on hostile bytes leaves as ``DataError``, and nothing else leaves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from asn1crypto import core

from reader.errors import DataError

__all__ = ["AlgorithmIdentifier", "asn1_border"]


class AlgorithmIdentifier(core.Sequence):  # type: ignore[misc]  # asn1crypto has no types
    """Read an AlgorithmIdentifier without believing its OID (RFC 5280 §4.1.1.2).

    asn1crypto's own classes pick a parameter type by the OID and refuse what real certificates hold there.
    """

    _fields = [("algorithm", core.ObjectIdentifier), ("parameters", core.Any, {"optional": True})]  # noqa: RUF012  # asn1crypto's way of naming fields


@contextmanager
def asn1_border(what: str) -> Iterator[None]:
    """Turn every way in which a parser gives up into ``DataError(what)``; the parser's words may quote content."""
    try:
        yield
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, ArithmeticError, RecursionError):
        raise DataError(what) from None
