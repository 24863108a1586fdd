"""Small builders of the bytes that a chip would hold; the card's own encoder lives elsewhere and is not used here."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from reader.iso7816 import encode


@pytest.fixture(scope="session")
def specimen() -> str:
    """Return the invented Vietnamese TD1 whose check digits all fit."""
    return "IDVNM0900000018099090000001<<49001158M3001156VNM<<<<<<<<<<<2MAU<<VAN<THU<<<<<<<<<<<<<<<<<<"


@pytest.fixture(scope="session")
def field() -> Callable[..., bytes]:
    """Return a builder of one DG13 field: id and the encoded values after it."""

    def build(field_id: int, *values: bytes) -> bytes:
        return encode(0x30, encode(0x02, bytes((field_id,))) + b"".join(values))

    return build


@pytest.fixture(scope="session")
def dg13_of() -> Callable[..., bytes]:
    """Return a builder of DG13 around its fields: ``6D 30 31`` unless told otherwise."""

    def build(*fields: bytes, wrappers: tuple[int, ...] = (0x6D, 0x30, 0x31)) -> bytes:
        content = b"".join(fields)
        for tag in reversed(wrappers):
            content = encode(tag, content)
        return content

    return build
