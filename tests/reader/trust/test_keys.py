"""Keys: a curve is a name in our table, however it is written; nothing else is a curve."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from asn1crypto import core
from hypothesis import given
from hypothesis import strategies as st

from reader.errors import DataError
from reader.iso7816 import encode
from reader.trust import Certificate, DerLimits, EcPublicKey, RsaPublicKey, UnknownCurve, parse_spki, verify_signed_data


def test_named_and_explicit_parameters_are_the_same_key(authority: Any) -> None:
    named = authority.key("brainpoolP384r1")
    explicit = type(named)(named.private, named.curve, authority.key("brainpoolP384r1", explicit=True).parameters)
    first, second = parse_spki(named.spki), parse_spki(explicit.spki)
    assert isinstance(first, EcPublicKey)
    assert isinstance(second, EcPublicKey)
    assert not first.explicit
    assert second.explicit
    assert first.fingerprint == second.fingerprint
    assert second.name == "brainpoolP384r1"


@pytest.mark.parametrize("name", ["p", "a", "b", "gx", "gy", "n", "h"])
def test_one_altered_number_makes_an_unknown_curve(authority: Any, name: str) -> None:
    key = authority.key("secp256r1")
    value = getattr(key.curve, name)
    forged = authority.key("secp256r1", **{name: value - 2 if name == "p" else value + 1})
    with pytest.raises(UnknownCurve):
        parse_spki(forged.spki)


def test_the_generator_of_cve_2020_0601_is_refused(authority: Any) -> None:
    key = authority.key("secp256r1")
    numbers = key.private.public_key().public_numbers()
    forged = authority.key("secp256r1", gx=numbers.x, gy=numbers.y)
    with pytest.raises(UnknownCurve):
        parse_spki(forged.spki)


def test_a_point_off_the_curve_is_refused(authority: Any) -> None:
    spki = bytearray(authority.key("secp256r1").spki)
    spki[-1] ^= 1
    with pytest.raises(DataError):
        parse_spki(bytes(spki))


def test_an_rsa_key_is_read(authority: Any) -> None:
    key = parse_spki(authority.rsa_key().spki)
    assert isinstance(key, RsaPublicKey)
    assert (key.name, key.exponent, key.is_short) == ("RSA-2048", 65537, False)


@pytest.mark.parametrize(("bits", "exponent"), [(512, 65537), (9000, 65537), (2048, 1), (2048, 4), (2048, 2**80 + 1)])
def test_rsa_numbers_that_nobody_issues_are_refused(bits: int, exponent: int) -> None:
    key = encode(0x30, core.Integer(2 ** (bits - 1) + 1).dump() + core.Integer(exponent).dump())
    algorithm = encode(0x30, core.ObjectIdentifier("1.2.840.113549.1.1.1").dump() + b"\x05\x00")
    with pytest.raises(DataError):
        parse_spki(encode(0x30, algorithm + encode(3, b"\x00" + key)))


def test_trailing_bytes_are_refused(authority: Any) -> None:
    with pytest.raises(DataError):
        parse_spki(authority.key().spki + b"\x00")


@given(place=st.integers(0, 400), value=st.integers(0, 255))
def test_a_damaged_key_is_a_key_or_a_data_error(authority: Any, place: int, value: int) -> None:
    spki = bytearray(authority.key("brainpoolP256r1", explicit=True).spki)
    spki[place % len(spki)] = value
    try:
        key = parse_spki(bytes(spki))
    except DataError:
        return
    assert isinstance(key, EcPublicKey)
    assert key.name == "brainpoolP256r1"


def test_the_german_list_verifies_and_every_key_in_it_can_be_used(shared: Path) -> None:
    """588 certificates of 112 states, 160 of them with explicit parameters (BSI, 28 May 2026)."""
    blob = (shared / "data" / "de-master-list-2026-05-28.ml").read_bytes()
    limits = DerLimits(size=8 << 20, depth=24, elements=20_000, indefinite=True)
    content = verify_signed_data(blob, "2.23.136.1.1.2", limits=limits)
    assert content.fault is None
    certificates = [Certificate.parse(raw) for raw in split_master_list(content.content)]
    keys = [certificate.public_key() for certificate in certificates]
    assert len(keys) == 588
    assert sum(isinstance(key, EcPublicKey) and key.explicit for key in keys) == 160
    vietnam = [certificate for certificate in certificates if certificate.country == "VN"]
    assert [certificate.public_key().name for certificate in vietnam] == ["brainpoolP512r1"]
    assert vietnam[0].fingerprint.startswith("6b5fa6fe45cc4e85")


def split_master_list(raw: bytes) -> list[bytes]:
    """Cut CscaMasterList into its certificates; the real reader of lists comes with the trust store's import."""

    class Certificates(core.SetOf):  # type: ignore[misc]  # asn1crypto has no types
        _child_spec = core.Any

    class MasterList(core.Sequence):  # type: ignore[misc]  # asn1crypto has no types
        _fields = [("version", core.Integer), ("certificates", Certificates)]  # noqa: RUF012  # asn1crypto's way

    return [entry.dump() for entry in MasterList.load(raw)["certificates"]]
