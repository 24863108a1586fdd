"""Emulated cards opened by our own reader, and keys for chips that are three lines long."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from mock_cards.build import CardFactory
from reader.access import Can, Channel, open_channel

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@pytest.fixture(scope="session")
def factory() -> CardFactory:
    return CardFactory("genuine")


@pytest.fixture
def open_card(factory: CardFactory) -> Callable[..., Channel]:
    """Return a function that builds a card, powers it and opens it with its CAN."""

    def opened(persona: str = "nguyen-van-mau", *forgeries: str, around: Callable[[Any], Any] | None = None) -> Channel:
        built = factory.build(persona, forgeries)
        built.card.power_on()
        link = around(built.card) if around else built.card
        return open_channel(link, [Can.from_personal_number(built.personal_number)])

    return opened


@pytest.fixture(scope="session")
def pki(terminal_pki: ModuleType) -> ModuleType:
    """Return an issuer of CV certificates and a chip that reads them, neither of them ours."""
    return terminal_pki


@pytest.fixture
def world(terminal_pki: ModuleType, tmp_path: Path) -> Any:
    """Return a State's terminals and what is to be written for them (``tests/peers/terminal_pki.py``)."""
    return terminal_pki.World(tmp_path / "credentials")


@pytest.fixture(scope="session")
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@pytest.fixture(scope="session")
def spki() -> Callable[[Key], bytes]:
    def encoded(key: Key) -> bytes:
        return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    return encoded
