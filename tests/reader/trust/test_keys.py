"""Keys: a curve is a name in our table, however it is written; nothing else is a curve."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from asn1crypto import core
from hypothesis import given
from hypothesis import strategies as st

from reader.crypto import curve_by_name, modp_group_by_parameter_id
from reader.errors import DataError
from reader.iso7816 import encode
from reader.trust import (
    Certificate,
    EcPublicKey,
    RsaPublicKey,
    UnknownCurve,
    UnsupportedKey,
    parse_spki,
    split_master_list,
    verify_signed_data,
)
from reader.trust.der import SIGNED_LIST, children, expect
from reader.trust.dh_keys import parse_dh_spki


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
    """PA-08."""
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
    content = verify_signed_data(blob, "2.23.136.1.1.2", limits=SIGNED_LIST)
    assert content.fault is None
    certificates = [Certificate.parse(raw) for raw in split_master_list(content.content)]
    keys = [certificate.public_key() for certificate in certificates]
    assert len(keys) == 588
    assert sum(isinstance(key, EcPublicKey) and key.explicit for key in keys) == 160
    vietnam = [certificate for certificate in certificates if certificate.country == "VN"]
    assert [certificate.public_key().name for certificate in vietnam] == ["brainpoolP512r1"]
    assert vietnam[0].fingerprint.startswith("6b5fa6fe45cc4e85")


EC, NUMBERED = "1.2.840.10045.2.1", "0.4.0.127.0.7.1.2"


def spki(kind: str, parameters: bytes, key: bytes) -> bytes:
    return encode(0x30, encode(0x30, core.ObjectIdentifier(kind).dump() + parameters) + encode(3, b"\x00" + key))


def point_of(authority: Any, name: str) -> bytes:
    curve = curve_by_name(name)
    return bytes(authority.key(name).spki)[-1 - 2 * curve.field_length :]


def test_a_chips_key_may_name_its_curve_by_number(authority: Any) -> None:
    """ICAO 9303-11 §9.5.1: the standardised domain parameters 8 to 18."""
    point = point_of(authority, "secp256r1")
    key = parse_spki(spki(NUMBERED, core.Integer(12).dump(), point))
    named = parse_spki(spki(EC, core.ObjectIdentifier("1.2.840.10045.3.1.7").dump(), point))
    assert (key.name, key.fingerprint) == ("secp256r1", named.fingerprint)
    with pytest.raises(UnsupportedKey):
        parse_spki(spki(NUMBERED, core.Integer(2).dump(), point))


@pytest.mark.parametrize(
    ("kind", "parameters", "error"),
    [
        (EC, core.ObjectIdentifier("1.3.132.0.10").dump(), UnknownCurve),
        (EC, b"\x05\x00", UnknownCurve),
        (EC, b"", UnknownCurve),
        (EC, b"\x30\x00", DataError),
        ("1.2.840.10040.4.1", b"", UnsupportedKey),
    ],
)
def test_a_key_that_does_not_say_a_curve_we_know(authority: Any, kind: str, parameters: bytes, error: Any) -> None:
    with pytest.raises(error):
        parse_spki(spki(kind, parameters, point_of(authority, "secp256r1")))


def written_out(authority: Any, change: Any) -> bytes:
    """Write P-256 out with its parts changed, and a key on it."""
    key = authority.key("secp256r1", explicit=True)
    version, field, curve, base, order, cofactor = children(expect(key.parameters, 0x30).value)
    parts = {"version": version.raw, "field": field.raw, "curve": curve.raw, "base": base.raw}
    parts |= {"order": order.raw, "cofactor": cofactor.raw}
    changed = encode(0x30, b"".join((parts | change(parts)).values()))
    return spki(EC, changed, point_of(authority, "secp256r1"))


def compressed(parts: dict[str, bytes], *, wrong: bool = False) -> dict[str, bytes]:
    base = expect(parts["base"], 4).value
    return {"base": encode(4, bytes((2 + (base[-1] & 1 ^ wrong),)) + base[1:33])}


def test_a_curve_may_be_written_without_its_cofactor_and_with_a_short_generator(authority: Any) -> None:
    assert parse_spki(written_out(authority, lambda _: {"cofactor": b""})).name == "secp256r1"
    assert parse_spki(written_out(authority, compressed)).name == "secp256r1"
    with pytest.raises(UnknownCurve):
        parse_spki(written_out(authority, lambda parts: compressed(parts, wrong=True)))


@pytest.mark.parametrize(
    "change",
    [
        lambda parts: {"base": encode(4, b"\x00")},
        lambda parts: {"base": encode(4, b"\x07" + bytes(64))},
        lambda parts: {"base": encode(4, b"\x02" + bytes(31) + b"\x05")},
        lambda parts: {"base": encode(4, b"\x02" + bytes(31) + b"\x04")},
        lambda parts: {"field": encode(0x30, core.ObjectIdentifier("1.2.840.10045.1.2").dump() + b"\x02\x01\x05")},
        lambda parts: {"field": prime(2)},
        lambda parts: {"field": prime(16)},
        lambda parts: {"field": prime(2**1025 + 1)},
        lambda parts: {"field": prime(2**254 + 1), "base": encode(4, b"\x02" + bytes(32))},
        lambda parts: {"field": prime(2**256 + 1), "base": encode(4, b"\x02" + bytes(33))},
    ],
)
def test_a_field_or_a_generator_of_another_kind_is_no_curve(authority: Any, change: Any) -> None:
    with pytest.raises(UnknownCurve):
        parse_spki(written_out(authority, change))


def prime(p: int) -> bytes:
    return encode(0x30, core.ObjectIdentifier("1.2.840.10045.1.1").dump() + core.Integer(p).dump())


def test_an_rsa_key_for_pss_only_says_so(authority: Any) -> None:
    info = parse_spki(authority.rsa_key().spki)
    assert isinstance(info, RsaPublicKey)
    key = encode(0x30, core.Integer(info.modulus).dump() + core.Integer(info.exponent).dump())
    only = parse_spki(spki("1.2.840.113549.1.1.10", b"", key))
    assert isinstance(only, RsaPublicKey)
    assert only.pss_only
    assert only.fingerprint == info.fingerprint


def dh_spki(kind: str, parameters: bytes, value: int) -> bytes:
    return spki(kind, parameters, core.Integer(value).dump())


def test_a_diffie_hellman_key_is_a_value_of_a_known_group() -> None:
    """ICAO 9303-11 §9.5.1, RFC 5114: by number, by PKCS #3, by X9.42; anything else is refused."""
    group = modp_group_by_parameter_id(0)
    value = pow(group.g, 12345, group.p)
    numbered = parse_dh_spki(dh_spki(NUMBERED, core.Integer(0).dump(), value))
    assert (numbered.name, numbered.is_short) == (group.name, group.p.bit_length() < 2048)
    p, g = core.Integer(group.p).dump(), core.Integer(group.g).dump()
    written = parse_dh_spki(dh_spki("1.2.840.113549.1.3.1", encode(0x30, p + g), value))
    assert written.fingerprint == numbered.fingerprint
    assert group.q is not None
    x942 = encode(0x30, p + g + core.Integer(group.q).dump())
    assert parse_dh_spki(dh_spki("1.2.840.10046.2.1", x942, value)).fingerprint == numbered.fingerprint
    with pytest.raises(UnsupportedKey):
        parse_dh_spki(dh_spki("1.2.3", b"", value))
    for wrong in (0, -1, 1, group.p - 1, group.p):
        with pytest.raises(DataError):
            parse_dh_spki(dh_spki(NUMBERED, core.Integer(0).dump(), wrong))
