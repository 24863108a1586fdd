"""Revocation lists for registers' servers, as they come with the trust."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping

import pytest

from auth.distribution.offered import offered_files
from auth.distribution.register_lists import StoreLists, parse_register_lists, with_distributed_lists
from auth.wire.endpoint import RegisterEndpoint
from auth.wire.revocation import MAX_LIST_BYTES, BadRevocationList, HeldLists
from mock_registers.authority import TestAuthority
from reader.errors import DataError, MotCuaError


def written(*lists: bytes, **changes: object) -> bytes:
    told = {
        "format": "motcua-register-lists-1",
        "register": "land",
        "lists": [base64.b64encode(one).decode() for one in lists],
    }
    return json.dumps({**told, **changes}).encode()


@pytest.fixture(scope="module")
def lists() -> tuple[bytes, bytes]:
    return TestAuthority("one").revocation_list(), TestAuthority("two").revocation_list([7])


def test_a_file_names_a_register_and_its_lists(lists: tuple[bytes, bytes]) -> None:
    read = parse_register_lists(written(*lists))
    assert (read.register, read.lists) == ("land", lists)
    (offered,), refused = offered_files("land.json", written(*lists))
    assert (offered.kind, refused) == ("register-lists", ())


@pytest.mark.parametrize(
    "changes",
    [
        {"register": "Moon/1"},
        {"register": 7},
        {"lists": []},
        {"lists": "MFkw"},
        {"lists": ["MFkw"]},
        {"lists": ["*"]},
        {"lists": [None]},
        {"format": "motcua-register-keys-1"},
        {"more": 1},
    ],
    ids=["name", "number", "none", "text", "no-list", "no-base64", "null", "format", "more"],
)
def test_what_is_not_whole_is_refused(lists: tuple[bytes, bytes], changes: dict[str, object]) -> None:
    with pytest.raises(DataError):
        parse_register_lists(written(*lists, **changes))


def test_one_that_is_too_large_or_of_too_many_lists_is_refused(lists: tuple[bytes, bytes]) -> None:
    with pytest.raises(DataError):
        parse_register_lists(written(bytes(MAX_LIST_BYTES)))
    with pytest.raises(DataError):
        parse_register_lists(written(*([lists[0]] * 21)))


def test_the_stores_lists_count_beside_those_of_the_settings(lists: tuple[bytes, bytes]) -> None:
    held: dict[str, bytes] = {}
    there = [
        RegisterEndpoint(name, "https://127.0.0.1", (), (), tls_revocation=given)
        for name, given in (("land", HeldLists(lists[:1])), ("population", None))
    ]
    land, population = with_distributed_lists(there, lambda: held)
    assert land.tls_revocation is not None
    assert population.tls_revocation is not None
    assert (land.tls_revocation.lists(), population.tls_revocation.lists()) == (lists[:1], ())
    held["land"] = written(lists[1])
    assert (land.tls_revocation.lists(), population.tls_revocation.lists()) == (lists, ())


def test_a_store_that_is_not_whole_is_no_store_without_lists() -> None:
    def damaged() -> Mapping[str, bytes]:
        raise MotCuaError("damaged")

    for files in (damaged, lambda: {"land": b"{"}):
        with pytest.raises(BadRevocationList, match="crl-store-unusable"):
            StoreLists("land", files).lists()
