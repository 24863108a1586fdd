"""The vault: what is sealed for one row opens for no other, tags stay what they were, and a locked key says so."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from auth.device_opener import SoftwareOpener
from auth.outbox import OutboxUnusable
from auth.outbox.sealing import KEY_BYTES, OpenerBox, Vault
from reader.errors import DataError

KEY = bytes(range(KEY_BYTES))


@pytest.fixture
def vault() -> Vault:
    return Vault(KEY, "desk-1", 3)


def test_a_row_opens_in_its_own_place_only(vault: Vault) -> None:
    sealed = vault.seal("item", 7, b"content")
    assert vault.open("item", 7, sealed) == b"content"
    assert vault.seal("item", 7, b"content") != sealed
    for other, table, number in (
        (vault, "item", 8),
        (vault, "answer", 7),
        (Vault(KEY, "desk-2", 3), "item", 7),
        (Vault(KEY, "desk-1", 4), "item", 7),
        (Vault(KEY[::-1], "desk-1", 3), "item", 7),
    ):
        with pytest.raises(DataError, match=f"^outbox: {table} {number} does not open$"):
            other.open(table, number, sealed)


@pytest.mark.parametrize("sealed", [b"", bytes(11), bytes(12), bytes(40)])
def test_what_was_never_sealed_does_not_open(vault: Vault, sealed: bytes) -> None:
    with pytest.raises(DataError):
        vault.open("item", 7, sealed)


def test_a_tag_is_found_again_by_every_version_of_the_program(vault: Vault) -> None:
    tags = hmac.new(KEY, b"motcua-outbox-tags", hashlib.sha256).digest()
    assert vault.tag("dossier", "H-1") == hmac.new(tags, b"dossier H-1", hashlib.sha256).digest()
    assert vault.tag("dossier", "H-2") != vault.tag("dossier", "H-1") != vault.tag("register", "H-1")


@pytest.mark.parametrize("size", [0, KEY_BYTES - 1, KEY_BYTES + 1])
def test_what_is_no_key_is_a_locked_one(size: int) -> None:
    with pytest.raises(OutboxUnusable) as unusable:
        Vault(bytes(size), "desk-1", 3)
    assert unusable.value.why == "key-locked"


def test_a_box_opens_what_was_sealed_before_a_rotation_and_nothing_of_a_stranger() -> None:
    former, present = SoftwareOpener.generate(), SoftwareOpener.generate()
    sealed = OpenerBox(former).seal(b"secret")
    assert OpenerBox(present, (former,)).open(sealed) == b"secret"
    assert OpenerBox(present, (former,)).open(OpenerBox(present).seal(b"new")) == b"new"
    for box, given in ((OpenerBox(present), sealed), (OpenerBox(former), b"no envelope")):
        with pytest.raises(OutboxUnusable) as unusable:
            box.open(given)
        assert unusable.value.why == "key-locked"


def test_a_vault_shows_nothing(vault: Vault) -> None:
    assert repr(vault) == "Vault(…)"
